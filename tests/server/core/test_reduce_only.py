"""Reduce-only orders: what lets them in, and how they are cut when they would trade."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums
from tests.server.core.venue import BUY, SELL, Venue

FOK = enums.TIME_IN_FORCE_FOK
VOLATILITY, CONTINUOUS = (
    enums.TRADING_PHASE_VOLATILITY_AUCTION,
    enums.TRADING_PHASE_CONTINUOUS,
)
ICEBERG = {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": 10}


@pytest.fixture
def venue() -> Venue:
    """Account 3 has bought 50 from account 2."""
    venue = Venue()
    venue.trade(100, 50)
    return venue


def reduce(
    venue: Venue, name: str, quantity: int, price: int | None = 110, **more: Any
) -> list[str]:
    terms = {"account_id": 3, "reduce_only": True} | more
    return venue.order(name, SELL, quantity, price, **terms)


def test_reduce_only_order_may_close_the_position(venue: Venue) -> None:
    assert reduce(venue, "r", 50) == ["accepted r new 0+50/50@110"]
    assert venue.find("r", 3).reduce_only
    assert venue.order("b", BUY, 50, 110)[1:] == [
        "filled r filled 50+0/50@110 maker 50@110 trade 2",
        "filled b filled 50+0/50@110 taker 50@110 trade 2",
    ]
    assert venue.exchange.position(3, 1) == 0


@pytest.mark.parametrize(
    ("side", "account_id", "quantity", "limit"),
    [(SELL, 3, 55, 50), (BUY, 3, 5, 0), (BUY, 2, 55, 50), (SELL, 2, 5, 0), (SELL, 1, 5, 0)],
)
def test_order_that_would_open_or_turn_a_position_is_refused(
    venue: Venue, side: int, account_id: int, quantity: int, limit: int
) -> None:
    terms = {"account_id": account_id, "reduce_only": True}
    assert venue.order("r", side, quantity, 110, **terms) == [
        f"rejected r rejected reason 79 field 16 {quantity} for {limit}"
    ]


def test_short_position_is_reduced_by_a_purchase(venue: Venue) -> None:
    assert venue.order("r", BUY, 50, 90, account_id=2, reduce_only=True) == [
        "accepted r new 0+50/50@90"
    ]


def test_working_reduce_only_orders_count_together(venue: Venue) -> None:
    reduce(venue, "a", 30)
    assert reduce(venue, "b", 25) == ["rejected b rejected reason 79 field 16 25 for 20"]
    reduce(venue, "b2", 20)
    assert reduce(venue, "c", 5) == ["rejected c rejected reason 79 field 16 5 for 0"]
    assert venue.cancel("a", 3) == ["ended a cancelled 0+0/30@110 reason 1"]
    assert reduce(venue, "d", 30) == ["accepted d new 0+30/30@110"]


def test_orders_that_are_not_reduce_only_do_not_count(venue: Venue) -> None:
    venue.order("plain", SELL, 50, 120, account_id=3)
    assert reduce(venue, "r", 50) == ["accepted r new 0+50/50@110"]


def test_position_of_another_instrument_does_not_count(venue: Venue) -> None:
    assert reduce(venue, "r", 5, instrument_id=2) == [
        "rejected r rejected reason 79 field 16 5 for 0"
    ]


@pytest.mark.parametrize(("quantity", "refused"), [(50, False), (55, True), (20, False)])
def test_replacement_is_held_to_the_position(venue: Venue, quantity: int, refused: bool) -> None:
    reduce(venue, "r", 30)
    events = venue.replace("r", 3, quantity=quantity)
    expected = f"replaced r new 0+{quantity}/{quantity}@110 was r"
    if refused:
        expected = "replace refused r new reason 79 field 6 55 for 50"
    assert events == [expected]
    left = 50 - venue.find("r", 3).quantity
    assert reduce(venue, "s", left + 5)[0].endswith(f"{left + 5} for {left}")


def test_resting_order_is_cut_to_the_position_at_the_moment_it_would_trade(venue: Venue) -> None:
    reduce(venue, "r", 50)
    venue.order("b", BUY, 30, 100, account_id=2)
    venue.order("s", SELL, 30, 100, account_id=3)
    venue.order("behind", SELL, 50, 110, account_id=1)
    assert venue.queue()[1] == ["r 50@110", "behind 50@110"]
    assert venue.order("t", BUY, 40, 110, account_id=2) == [
        "accepted t new 0+40/40@110",
        "restated r new 0+20/20@110 reduced shows 20",
        "filled r filled 20+0/20@110 maker 20@110 trade 3",
        "filled t partial 20+20/40@110 taker 20@110 trade 3",
        "filled behind partial 20+30/50@110 maker 20@110 trade 4",
        "filled t filled 40+0/40@110 taker 20@110 trade 4",
    ]
    assert venue.exchange.position(3, 1) == 0


def test_resting_order_ends_where_the_position_is_gone(venue: Venue) -> None:
    reduce(venue, "r", 50)
    venue.order("b", BUY, 70, 100, account_id=2)
    venue.order("s", SELL, 70, 100, account_id=3)
    assert venue.order("t", BUY, 40, 110, account_id=2) == [
        "accepted t new 0+40/40@110",
        "ended r cancelled 0+0/50@110 reason 13",
    ]
    assert venue.book() == ([(110, 40, 1)], [])
    assert venue.exchange.position(3, 1) == -20


def test_part_of_a_resting_order_trades_and_the_rest_keeps_its_place(venue: Venue) -> None:
    reduce(venue, "r", 50)
    venue.order("behind", SELL, 50, 110)
    venue.order("t", BUY, 20, 110, account_id=2)
    assert venue.queue()[1] == ["r 30@110", "behind 50@110"]
    assert reduce(venue, "s", 5) == ["rejected s rejected reason 79 field 16 5 for 0"]


def test_incoming_stop_is_cut_when_it_becomes_active(venue: Venue) -> None:
    reduce(venue, "r", 50, None, order_type=enums.ORDER_TYPE_STOP, stop_price=90)
    venue.order("b", BUY, 30, 100, account_id=2)
    venue.order("s", SELL, 30, 100, account_id=3)
    venue.order("c", BUY, 5, 90, account_id=1)
    venue.order("d", BUY, 50, 90, account_id=1)
    assert venue.order("t", SELL, 5, 90, account_id=2) == [
        "accepted t new 0+5/5@90",
        "filled c filled 5+0/5@90 maker 5@90 trade 3",
        "filled t filled 5+0/5@90 taker 5@90 trade 3",
        "triggered r new 0+50/50@0",
        "restated r new 0+20/20@0 reduced shows 0",
        "filled d partial 20+30/50@90 maker 20@90 trade 4",
        "filled r filled 20+0/20@0 taker 20@90 trade 4",
    ]
    assert venue.exchange.position(3, 1) == 0


def test_iceberg_is_not_reduce_only(venue: Venue) -> None:
    assert reduce(venue, "r", 50, **ICEBERG) == ["rejected r rejected reason 28 field 16 1 for 0"]


def test_fill_or_kill_does_not_count_reduce_only_quantity(venue: Venue) -> None:
    reduce(venue, "r", 50)
    assert venue.order("t", BUY, 5, 110, time_in_force=FOK) == [
        "accepted t new 0+5/5@110",
        "ended t cancelled 0+0/5@110 reason 4",
    ]
    venue.order("a", SELL, 5, 110)
    assert venue.order("u", BUY, 5, 110, time_in_force=FOK, account_id=2)[-1] == (
        "filled u filled 5+0/5@110 taker 5@110 trade 2"
    )


def test_order_in_an_auction_is_cut_before_it_trades(venue: Venue) -> None:
    reduce(venue, "r", 50)
    reduce_more = {"order_type": enums.ORDER_TYPE_MARKET}
    venue.order(
        "s", SELL, 30, account_id=3, time_in_force=enums.TIME_IN_FORCE_AT_CLOSE, **reduce_more
    )
    venue.order("b", BUY, 90, 120, account_id=2, time_in_force=enums.TIME_IN_FORCE_AT_CLOSE)
    venue.set_phase(enums.TRADING_PHASE_CLOSING_AUCTION)
    assert venue.set_phase(enums.TRADING_PHASE_CLOSED)[1:] == [
        "filled b partial 30+60/90@120 auction 30@120 trade 2",
        "filled s filled 30+0/30@0 auction 30@120 trade 2",
        "restated r new 0+20/20@110 reduced shows 20",
        "filled b partial 50+40/90@120 auction 20@120 trade 3",
        "filled r filled 20+0/20@110 auction 20@120 trade 3",
        "ended b cancelled 50+0/90@120 reason 15",
        "auction 1 closing ended: 50@120, 40 left to buyers",
    ]


def test_thousands_of_orders_without_a_position_end_in_one_auction() -> None:
    venue = Venue(max_quantity=10_000)
    venue.trade(100, 7_000)
    for number in range(1_400):
        reduce(venue, f"r{number}", 5)
    venue.do(admin_commands.bust_trade, trade_id=1)
    venue.set_phase(VOLATILITY)
    venue.order("b", BUY, 10, 110, account_id=2)
    events = venue.set_phase(CONTINUOUS)
    assert events[1:-1] == [f"ended r{at} cancelled 0+0/5@110 reason 13" for at in range(1_400)]
    assert events[-1].startswith("auction 1 volatility ended: no price")
    assert venue.book() == ([(110, 10, 1)], [])
