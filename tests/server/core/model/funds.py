"""What an order would bind of a cash account's money: all is paid, all that is sold is held."""

from collections.abc import Iterator

from quantumcore.server.core import enums
from tests.server.core.model.admission import Refusal, first_refusal
from tests.server.core.model.holdings import MILLION
from tests.server.core.model.limits import Check
from tests.server.core.model.order import Order
from tests.server.core.model.valuing import Asked, mark, value
from tests.server.core.model.world import World


def free(world: World, account_id: int, currency: int) -> int:
    """Return what new orders, or its owner, can use."""
    return unbound(world, account_id, currency) - owed(world, account_id, currency, None)


def unbound(world: World, account_id: int, currency: int) -> int:
    """Return the cash that no working order binds."""
    return world.wallets[account_id, currency].cash - world.reserved(account_id, currency)


def owed(world: World, account_id: int, currency: int, without: Order | None) -> int:
    """Return what a cash account has of money for what it is short of, bound by no other order."""
    if world.accounts[account_id].margin_model == enums.MARGIN_MODEL_UNSPECIFIED:
        return 0
    all_owed = 0
    for (owner, instrument_id), position in list(world.positions.items()):
        if owner == account_id and world.instruments[instrument_id].currency == currency:
            all_owed += owed_for(world, owner, instrument_id, -position.lots)
            all_owed -= covered(world, owner, instrument_id, without)
    return max(0, all_owed)


def covered(world: World, account_id: int, instrument_id: int, without: Order | None) -> int:
    """Return what of it working orders bind that buy back, the oldest first."""
    room, found = max(0, -world.positions[account_id, instrument_id].lots), 0
    for order in world.working_of(account_id):
        if order is without or order.instrument_id != instrument_id or not order.buys:
            continue
        lots = min(room, world.lots(order))
        room -= lots
        part = owed_for(world, account_id, instrument_id, lots)
        found += min(part, world.lots(order) * order.reserve)
    return found


def owed_for(world: World, account_id: int, instrument_id: int, lots: int) -> int:
    """Return what of that so many lots count for: the sale, or what they cost by now, if more."""
    position = world.positions[account_id, instrument_id]
    instrument = world.instruments[instrument_id]
    if position.lots >= 0 or lots <= 0 or instrument.is_future:
        return 0
    price = mark(world, instrument, 0)
    sold = max(0, -position.cost, price.ticks * -position.lots if price else 0)
    return sold * instrument.tick_value * lots // -position.lots


def closing(check: Check) -> int:
    """Return how many of its lots close what is there, and what no other order closes."""
    held = check.world.position(check.order).lots
    room = (-held if check.order.buys else held) - check.alike()
    return max(0, min(check.lots, room))


def needed(check: Check) -> int:
    """Return what an order must have: what it pays at worst, and its greatest fees."""
    instrument, lots = check.instrument, check.lots
    pays = lots * check.ticks * instrument.tick_value * (1 if check.order.buys else -1)
    if instrument.is_future:
        pays = 0
    rate = max(0, instrument.terms.maker_fee, instrument.terms.taker_fee)
    fee_of_a_lot = -(-value(instrument, 1, check.ticks) * rate // MILLION)
    return max(0, pays) + lots * fee_of_a_lot


def reserve(check: Check) -> int:
    """Return what each of its lots binds from now on."""
    if check.account.margin_model == enums.MARGIN_MODEL_UNSPECIFIED:
        return 0
    return -(-needed(check) // check.lots)


def against_funds(check: Check) -> Iterator[Refusal]:
    """Tell whether a cash account sells what it does not hold, or cannot pay."""
    if check.account.margin_model == enums.MARGIN_MODEL_UNSPECIFIED:
        return
    world, order, instrument, field = check.world, check.order, check.instrument, check.fields[0]
    if closing(check) < check.lots and (instrument.is_future or not order.buys):
        reason = enums.REJECT_REASON_INSUFFICIENT_BALANCE
        if instrument.is_future:
            reason = enums.REJECT_REASON_INSUFFICIENT_MARGIN
        limit = value(instrument, closing(check), check.ticks)
        yield Refusal(reason, field, limit, check.value)
    own = world.lots(order) * order.reserve if not check.is_new else 0
    money = unbound(world, order.account_id, instrument.currency) + own
    others = None if check.is_new else order
    available = money - owed(world, order.account_id, instrument.currency, others)
    if order.buys:
        released = owed_for(world, order.account_id, order.instrument_id, closing(check))
        if released > 0:
            available = min(money, released + max(0, available))
    if 0 < needed(check) > available:
        reason = enums.REJECT_REASON_INSUFFICIENT_BALANCE
        yield Refusal(reason, field, available, needed(check))


def reserve_again(world: World, stop: Order) -> bool:
    """Bind what a stop that becomes active may cost by the book of now, if there is as much.

    Return whether that is more than was bound, so that the money had to be looked at.
    """
    instrument = world.instrument(stop)
    pays = world.accounts[stop.account_id].margin_model != enums.MARGIN_MODEL_UNSPECIFIED
    if not (pays and stop.is_market) or instrument.best(stop.opposite) is None:
        return False
    asked = Asked(stop, None, None, is_active=True)
    check = Check(world, asked, stop.leaves, (0, 0), new=False)
    if stop.better_of(check.ticks, stop.risk_ticks) == check.ticks:
        return False
    if first_refusal(against_funds(check)) is None:
        stop.risk_ticks, stop.reserve = check.ticks, reserve(check)
    return True
