"""Profit by multi-leg order in little memory: what is forgotten, and how that is told."""

from tests.server.core.packages import LOT, A, B, enter, listed
from tests.server.core.test_strategy_profit import GTC, TRADER, legs, offer, pair, single, told
from tests.server.core.venue import BUY, SELL, Venue

SHARES = 32  # eight for each of the four multi-leg orders that there is room for


def small(orders: int = 1_024) -> Venue:
    return listed(order_capacity=orders, live_order_capacity=32)


def working(venue: Venue, units: int) -> int:
    """Let an order wait that buys A at up to 110 where B brings 90, for so many units."""
    offer(venue, B, BUY, units, 90)
    enter(venue, "works", units=units, min_units=1, net_price=20, time_in_force=GTC)
    return int(venue.exchange.find_order(TRADER, "works"))


def test_an_order_that_works_is_not_forgotten_for_newer_ones() -> None:
    venue = small()
    order = working(venue, 3)
    offer(venue, A, SELL, 1, 100)
    single(venue, A, SELL, 1, 130)
    assert told(venue, order) == [(0, 3), (-1, 0)]
    ended = [pair(venue, BUY, 1, 150, 50) for _ in range(6)]
    assert told(venue, order) == [(0, 3), (-1, 0)]
    offer(venue, B, BUY, 1, 90)
    offer(venue, A, SELL, 1, 100)
    assert told(venue, order) == [(1, 3), (-2, 0)]
    known = [one for one in ended if venue.exchange.strategy_profit(one, venue.now) is not None]
    assert known == ended[-3:]


def test_how_many_were_forgotten_with_lots_open_is_counted() -> None:
    venue = small()
    for _ in range(5):
        pair(venue, BUY, 1, 100, 90)
        pair(venue, SELL, 1, 110, 80)
    assert venue.exchange.forgotten_packages == 0
    for _ in range(6):
        pair(venue, BUY, 1, 100, 90)
    assert venue.exchange.forgotten_packages == 2


def test_lots_of_orders_that_are_forgotten_make_room_for_new_ones() -> None:
    venue = small()
    orders = [pair(venue, BUY, 1, 100, 90) for _ in range(2 * SHARES)]
    assert [told(venue, order) for order in orders[-4:]] == [[(1, 0), (-1, 0)]] * 4
    assert venue.exchange.position(TRADER, A) == 2 * SHARES * LOT
    single(venue, A, SELL, 2 * SHARES - 2, 120)
    assert [told(venue, order)[0] for order in orders[-4:]] == [(0, 2), (0, 2), (1, 0), (1, 0)]
    assert all(leg.untold_quantity == 0 for order in orders[-4:] for leg in legs(venue, order))


def test_what_there_is_no_room_for_is_told_as_such() -> None:
    venue = small(orders=4_096)
    order = working(venue, 50)
    for _ in range(SHARES + 8):
        offer(venue, A, SELL, 1, 100)
        single(venue, A, BUY, 1, 150)
    first, second = legs(venue, order)
    assert (first.net_quantity // LOT, first.untold_quantity // LOT) == (SHARES - 1, 9)
    assert (second.net_quantity // LOT, second.untold_quantity) == (-SHARES - 8, 0)
    single(venue, A, SELL, 20, 110)
    offer(venue, A, SELL, 1, 100)
    first, second = legs(venue, order)
    assert (first.net_quantity // LOT, first.untold_quantity // LOT) == (SHARES - 1 - 9, 9)
