"""Write commands on multi-leg orders the plain way: for tests and slow paths.

Each function appends one record to the exchange's turn, applies it, and returns the
index of its row in `exchange.results`. `begin_turn` comes first.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.command_record import (
    Taker,
    apply_command,
    given,
    id_text,
    packed,
    rows_of,
    signed,
    unpacked,
)


class Leg(NamedTuple):
    """A leg of a multi-leg order; ratio and price in 1e-9."""

    instrument_id: int
    side: int
    ratio: int
    price: int | None = None

    def words(self) -> tuple[int, ...]:
        """Return the words of a command that say it."""
        has_price = kinds.FLAG_HAS_PRICE if self.price is not None else 0
        side, _ = packed({32: self.side})
        terms = self.instrument_id | side | has_price << 40
        return terms, self.ratio, self.price or 0


def create_package(
    exchange: Taker,
    *,
    account_id: int,
    client_order_id: str,
    legs: Sequence[Leg],
    units: int,
    min_units: int = 0,
    net_price: int | None = None,
    constraints: Sequence[tuple[int, int, int, int, int]] = (),
    mode: int = enums.EXECUTION_MODE_SIMULTANEOUS,
    time_in_force: int = enums.TIME_IN_FORCE_GTC,
    expire_time_ns: int = 0,
    sequential: tuple[int, int, int] | None = None,
    self_trade_prevention: int = 0,
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Enter a multi-leg order.

    A constraint is kind (CONSTRAINT_*), leg, leg, and two bounds; sequential terms are unwind
    policy, deadline in ms and slippage in basis points.
    """
    policy, deadline_ms, slippage = sequential or (0, 0, 0)
    flags = given(net_price) | (kinds.FLAG_SEQUENTIAL if sequential else 0)
    counts = min(len(legs), 0xFF) << kinds.PACKAGE_TERM_LEGS
    counts |= min(len(constraints), 0xFF) << kinds.PACKAGE_TERM_CONSTRAINTS
    choices, behind = packed(
        {
            kinds.PACKAGE_TERM_MODE: mode,
            kinds.PACKAGE_TERM_TIME_IN_FORCE: time_in_force,
            kinds.PACKAGE_TERM_SELF_TRADE_PREVENTION: self_trade_prevention,
        }
    )
    policy, _ = packed({kinds.PACKAGE_TERM_UNWIND_POLICY: policy})
    terms = choices | policy | flags << kinds.PACKAGE_TERM_FLAGS | counts
    behind = unpacked(leg.side for leg in legs[: kinds.MAX_LEGS]) or behind
    text, stated = id_text(client_order_id)
    words = [terms, units, min_units, net_price or 0, expire_time_ns, deadline_ms | slippage << 32]
    words += rows_of([leg.words() for leg in legs], kinds.MAX_LEGS, kinds.LEG_WORDS)
    rows = [(kind | a << 8 | b << 16, first, second) for kind, a, b, first, second in constraints]
    words += rows_of(rows, kinds.MAX_CONSTRAINTS, kinds.CONSTRAINT_WORDS)
    words.append(stated)
    return apply_command(
        exchange,
        kinds.CREATE_PACKAGE,
        request_id,
        account_id,
        0,
        actor,
        words,
        text,
        behind=behind,
    )


def replace_package(
    exchange: Taker,
    *,
    account_id: int,
    order_id: int = 0,
    client_order_id: str = "",
    new_client_order_id: str = "",
    units: int | None = None,
    net_price: int | None = None,
    leg_prices: Mapping[int, int | None] | Sequence[tuple[int, int | None]] = (),
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Change a multi-leg order; `leg_prices` are by leg number, None takes a leg's limit away.

    As pairs, `leg_prices` may name a leg twice, which the exchange refuses.
    """
    flags = given(net_price, quantity=units)
    prices, other = [0] * kinds.MAX_LEGS, 0
    pairs = leg_prices.items() if isinstance(leg_prices, Mapping) else leg_prices
    for number, price in pairs:
        if not 1 <= number <= kinds.MAX_LEGS:
            flags |= kinds.AMEND_OTHER_LEG
            other = other or min(max(number, 0), kinds.LOW_HALF >> 1)
            continue
        if flags >> (kinds.AMEND_LEG + number - 1) & 1:
            flags |= 1 << (kinds.AMEND_LEG_TWICE + number - 1)
            continue
        flags |= 1 << (kinds.AMEND_LEG + number - 1)
        flags |= (price is not None) << (kinds.AMEND_LEG_PRICE + number - 1)
        prices[number - 1] = price or 0
    old, old_stated = id_text(client_order_id)
    new, new_stated = id_text(new_client_order_id)
    words = [signed(order_id), flags | other << 32, units or 0, net_price or 0, *prices]
    words.append(old_stated | new_stated << 32)
    return apply_command(
        exchange, kinds.REPLACE_PACKAGE, request_id, account_id, 0, actor, words, old + new
    )


def cancel_package(
    exchange: Taker,
    *,
    account_id: int,
    order_id: int = 0,
    client_order_id: str = "",
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Cancel a multi-leg order named by venue id, or by client order id where that is 0."""
    text, stated = id_text(client_order_id)
    words = [signed(order_id), stated]
    return apply_command(
        exchange, kinds.CANCEL_PACKAGE, request_id, account_id, 0, actor, words, text
    )
