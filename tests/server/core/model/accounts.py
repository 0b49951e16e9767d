"""Why changes of accounts, payments and limits are refused."""

from collections.abc import Iterator

from quantumcore.server.core import enums
from tests.server.core.model.admission import Refusal
from tests.server.core.model.funds import free
from tests.server.core.model.world import World

CLOSED = enums.ACCOUNT_STATUS_CLOSED


def against_unknown(world: World, account_id: int) -> Iterator[Refusal]:
    if account_id not in world.accounts:
        yield Refusal(enums.REJECT_REASON_UNKNOWN_ACCOUNT, 2, 0, account_id)


def against_open(world: World, account_id: int) -> Iterator[Refusal]:
    """Tell whether there is no such account, or it is closed for ever."""
    yield from against_unknown(world, account_id)
    if account_id in world.accounts and world.accounts[account_id].status == CLOSED:
        yield Refusal(enums.REJECT_REASON_ACCOUNT_SUSPENDED, 2, 0, CLOSED)


def against_account(
    world: World, account_id: int, margin_model: int, status: int
) -> Iterator[Refusal]:
    """Tell why an account may not be so: its model changes without orders, it closes empty."""
    left = left_of(world, account_id)
    if status == CLOSED or not left:
        yield from against_open(world, account_id)
    if account_id not in world.accounts:
        return
    working = len(world.working_of(account_id))
    reason = enums.REJECT_REASON_ACCOUNT_NOT_FLAT
    if working and margin_model != world.accounts[account_id].margin_model:
        yield Refusal(reason, 6, 0, working)
    elif status == CLOSED and working + left:
        yield Refusal(reason, 3, 0, working + left)


def left_of(world: World, account_id: int) -> int:
    """Return of how many instruments and currencies an account has any."""
    held = [one for (owner, _), one in world.positions.items() if owner == account_id]
    money = [one for (owner, _), one in world.wallets.items() if owner == account_id]
    return sum(one.lots != 0 for one in held) + sum(one.cash != 0 for one in money)


def against_payment(world: World, account_id: int, currency: int, amount: int) -> Iterator[Refusal]:
    """Tell whether more is to be paid out than new orders could use.

    Of a closed account what a bust has left is paid out, or in.
    """
    cash = (
        world.wallets[account_id, currency].cash if (account_id, currency) in world.wallets else 0
    )
    if not (amount < 0 < cash or 0 < amount <= -cash):
        yield from against_open(world, account_id)
    if account_id in world.accounts:
        used = (account_id, currency) in world.wallets
        most = free(world, account_id, currency) if used else 0
        if amount < 0 and -amount > most:
            yield Refusal(enums.REJECT_REASON_INSUFFICIENT_BALANCE, 3, most, -amount)


def against_limits(world: World, account_id: int, instrument_id: int) -> Iterator[Refusal]:
    yield from against_open(world, account_id)
    if instrument_id and instrument_id not in world.instruments:
        yield Refusal(enums.REJECT_REASON_UNKNOWN_INSTRUMENT, 3, 0, instrument_id)
