"""What a multi-leg order has brought: it owns what it opened, until later trades close that."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums, kinds
from quantumcore.server.core.account_views import LegProfitView
from quantumcore.server.core.events import OrderEvent, decode
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LOT, A, B, enter, listed
from tests.server.core.venue import BUY, SELL, Venue

TICK = 10
MAKER, TRADER = 3, 1
GTC = enums.TIME_IN_FORCE_GTC


@pytest.fixture
def venue() -> Venue:
    return listed()


def offer(venue: Venue, instrument: int, side: int, lots: int, price: int) -> None:
    """Let the maker stand ready."""
    name = f"maker {venue.now}"
    terms: dict[str, Any] = {"account_id": MAKER, "instrument_id": instrument}
    venue.order(name, side, lots * LOT, price, **terms)


def single(venue: Venue, instrument: int, side: int, lots: int, price: int) -> int:
    """Let the trader trade with the maker; return the trade's id."""
    offer(venue, instrument, 3 - side, lots, price)
    name = f"single {venue.now}"
    terms: dict[str, Any] = {"account_id": TRADER, "instrument_id": instrument}
    venue.order(name, side, lots * LOT, price, **terms)
    assert venue.find(name).status == enums.ORDER_STATUS_FILLED
    return fills_of(venue.blocks[-1][1])[-1].trade_id


def fills_of(turn: bytes) -> list[OrderEvent]:
    """Return the fills of a turn that are an order's or a leg's."""
    return [
        event
        for event in decode(memoryview(turn))
        if isinstance(event, OrderEvent)
        and event.kind == kinds.ORDER_FILLED
        and (event.leg_number or not event.multi_leg_order_id)
    ]


def pair(venue: Venue, side: int, units: int, first: int, second: int) -> int:
    """Let the trader trade A against B with the maker; return the order's id."""
    offer(venue, A, 3 - side, units, first)
    offer(venue, B, side, units, second)
    name = f"pair {venue.now}"
    enter(venue, name, legs=(Leg(A, side, LOT), Leg(B, 3 - side, LOT)), units=units)
    found = venue.exchange.find_order(TRADER, name)
    view = venue.exchange.package(found)
    assert view is not None
    assert view.order.status == enums.ORDER_STATUS_FILLED
    return int(found)


def legs(venue: Venue, order_id: int) -> list[LegProfitView]:
    view = venue.exchange.strategy_profit(order_id, venue.now)
    assert view is not None
    assert view.account_id == TRADER
    return view.legs


def told(venue: Venue, order_id: int) -> list[tuple[int, int]]:
    """Return of each leg the lots that are open and what was realised, in ticks x lots."""
    return [(leg.net_quantity // LOT, leg.realised) for leg in legs(venue, order_id)]


def test_later_trades_close_what_an_order_opened_the_oldest_first(venue: Venue) -> None:
    one = pair(venue, BUY, 4, 100, 90)
    other = pair(venue, BUY, 2, 120, 90)
    single(venue, A, SELL, 5, 150)
    assert told(venue, one) == [(0, 4 * 5), (-4, 0)]
    assert told(venue, other) == [(1, 3), (-2, 0)]


def test_lots_of_single_orders_keep_their_turn(venue: Venue) -> None:
    single(venue, A, BUY, 3, 100)
    order = pair(venue, BUY, 2, 100, 90)
    single(venue, A, BUY, 4, 100)
    single(venue, A, SELL, 4, 110)
    assert told(venue, order)[0] == (1, 1)
    single(venue, A, SELL, 4, 120)
    assert told(venue, order)[0] == (0, 3)


def test_an_order_that_closes_what_another_opened_owns_nothing(venue: Venue) -> None:
    one = pair(venue, BUY, 3, 100, 90)
    back = pair(venue, SELL, 5, 130, 80)
    assert told(venue, one) == [(0, 9), (0, 3)]
    assert told(venue, back) == [(-2, 0), (2, 0)]


def test_what_is_open_is_valued_at_the_mark_and_all_that_was_paid_is_told(venue: Venue) -> None:
    order = pair(venue, BUY, 4, 100, 90)
    single(venue, A, SELL, 1, 150)
    venue.reference(A, bid=160, ask=160)
    first, second = legs(venue, order)
    assert (first.realised, first.unrealised, first.paid) == (5, 3 * 6, 4 * 10)
    assert (second.net_quantity, second.paid) == (-4 * LOT, -4 * 9)


def test_a_bust_of_what_closed_it_opens_it_again(venue: Venue) -> None:
    one, other = pair(venue, BUY, 2, 100, 90), pair(venue, BUY, 2, 120, 90)
    trade = single(venue, A, SELL, 3, 150)
    assert (told(venue, one)[0], told(venue, other)[0]) == ((0, 10), (1, 3))
    venue.brief(admin_commands.bust_trade, trade_id=trade)
    assert (told(venue, one)[0], told(venue, other)[0]) == ((2, 0), (2, 0))
    single(venue, A, SELL, 3, 150)
    assert (told(venue, one)[0], told(venue, other)[0]) == ((0, 10), (1, 3))


def test_a_correction_of_what_closed_it_changes_what_it_realised(venue: Venue) -> None:
    order = pair(venue, BUY, 2, 100, 90)
    trade = single(venue, A, SELL, 2, 150)
    venue.brief(admin_commands.correct_trade, trade_id=trade, price=130)
    assert told(venue, order)[0] == (0, 6)
    venue.brief(admin_commands.correct_trade, trade_id=trade, quantity=LOT)
    assert told(venue, order)[0] == (1, 3)
    venue.brief(admin_commands.bust_trade, trade_id=trade)
    assert told(venue, order)[0] == (2, 0)


def test_a_bust_of_a_single_order_leaves_lots_of_a_multi_leg_order(venue: Venue) -> None:
    order = pair(venue, BUY, 2, 100, 90)
    trade = single(venue, A, BUY, 3, 100)
    venue.brief(admin_commands.bust_trade, trade_id=trade)
    assert told(venue, order)[0] == (2, 0)


def test_a_bust_takes_no_lots_of_others_for_those_it_has_just_closed(venue: Venue) -> None:
    orders = [pair(venue, side, units, 100, 90) for side, units in ((SELL, 2), (BUY, 1), (SELL, 2))]
    venue.brief(admin_commands.bust_trade, trade_id=2)
    held = venue.exchange.position(TRADER, A) // LOT
    owned = [told(venue, order)[0][0] for order in orders]
    assert all(lots <= 0 for lots in owned)
    assert held <= sum(owned)


def test_it_is_known_when_the_order_is_not_any_more() -> None:
    small = {"order_capacity": 64, "live_order_capacity": 32}
    venue = listed(**small)
    order = pair(venue, BUY, 2, 100, 90)
    for _ in range(50):
        single(venue, A, BUY, 1, 100)
    assert venue.exchange.package(order) is None
    single(venue, A, SELL, 1, 130)
    assert told(venue, order) == [(1, 3), (-2, 0)]


def test_the_oldest_order_is_forgotten_for_a_new_one_and_its_lots_are_nobodys() -> None:
    venue = listed(order_capacity=256, live_order_capacity=32)  # room for 4 multi-leg orders
    first, *others = [pair(venue, BUY, 1, 100, 90) for _ in range(5)]
    assert venue.exchange.strategy_profit(first, venue.now) is None
    single(venue, A, SELL, 2, 150)
    assert told(venue, others[0])[0] == (0, 5)
    assert told(venue, others[1])[0] == (1, 0)


def test_of_an_order_of_which_nothing_traded_nothing_is_told_but_its_legs(venue: Venue) -> None:
    enter(venue, "waits", net_price=-50, time_in_force=enums.TIME_IN_FORCE_GTC)
    order = venue.exchange.find_order(TRADER, "waits")
    assert [leg[:3] for leg in legs(venue, order)] == [(1, A, 0), (2, B, 0)]
