"""Trades that are undone or corrected: both orders, positions, the day's numbers."""

import random
from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.views import StatisticsView
from tests.server.core.venue import BUY, SELL, Venue


@pytest.fixture
def venue() -> Venue:
    """`maker` sold 50 at 100, 20 of them to `taker` of account 2, in trade 1."""
    venue = Venue()
    venue.order("maker", SELL, 50, 100)
    venue.order("taker", BUY, 20, 100, account_id=2)
    return venue


def bust(venue: Venue, trade_id: int, **more: Any) -> list[str]:
    return venue.brief(admin_commands.bust_trade, trade_id=trade_id, **more)


def correct(venue: Venue, trade_id: int, **more: Any) -> list[str]:
    return venue.brief(admin_commands.correct_trade, trade_id=trade_id, **more)


def fills(venue: Venue) -> tuple[int, int]:
    """Return the sequences of the last two events of a sweep: of maker and taker."""
    return venue.exchange.sequence - 1, venue.exchange.sequence


def test_bust_of_a_working_and_of_a_filled_order(venue: Venue) -> None:
    maker, taker = fills(venue)
    assert bust(venue, 1) == [
        f"busted maker new 0+30/30@100 20@100 trade 1 of {maker}",
        f"busted taker cancelled 0+0/20@100 20@100 trade 1 of {taker}",
    ]
    assert venue.book() == ([], [(100, 30, 1)])
    assert (venue.exchange.position(1, 1), venue.exchange.position(2, 1)) == (0, 0)
    view = venue.find("taker", 2)
    assert (view.cancel_reason, view.cumulative_tick_lots) == (17, 0)


def test_bust_of_a_cancelled_order_leaves_it_cancelled(venue: Venue) -> None:
    maker, taker = fills(venue)
    venue.cancel("maker")
    assert bust(venue, 1) == [
        f"busted maker cancelled 0+0/50@100 20@100 trade 1 of {maker}",
        f"busted taker cancelled 0+0/20@100 20@100 trade 1 of {taker}",
    ]
    assert venue.find("maker").cancel_reason == 1


def test_bust_of_one_of_several_fills_leaves_the_others(venue: Venue) -> None:
    maker, taker = fills(venue)
    venue.order("second", BUY, 25, 100, account_id=3)
    assert bust(venue, 1) == [
        f"busted maker partial 25+5/30@100 20@100 trade 1 of {maker}",
        f"busted taker cancelled 0+0/20@100 20@100 trade 1 of {taker}",
    ]
    view = venue.find("maker")
    assert (view.cumulative_tick_lots, view.leaves_quantity) == (5 * 10, 5)
    assert venue.exchange.position(1, 1) == -25
    events = venue.order("rest", BUY, 50, 100, account_id=3)
    assert events[1] == "filled maker filled 30+0/30@100 maker 5@100 trade 3"


def test_busted_order_can_still_be_cancelled_and_replaced(venue: Venue) -> None:
    bust(venue, 1)
    assert venue.replace("maker", quantity=40) == ["replaced maker new 0+40/40@100 was maker"]
    assert venue.cancel("maker") == ["ended maker cancelled 0+0/40@100 reason 1"]
    order_id = venue.find("taker", 2).order_id
    assert venue.cancel("taker", 2) == [
        f"cancel refused taker cancelled reason 26 field 3 {order_id} for 0"
    ]


@pytest.mark.parametrize("trade_id", [0, -1, 2, 1 << 40])
def test_trade_that_does_not_exist_is_refused(venue: Venue, trade_id: int) -> None:
    assert bust(venue, trade_id) == []
    assert (venue.result.reject_reason, venue.result.value) == (33, trade_id)
    assert correct(venue, trade_id, price=110) == []
    assert (venue.result.reject_reason, venue.result.reject_field) == (33, 2)


def test_trade_is_busted_once(venue: Venue) -> None:
    bust(venue, 1)
    assert bust(venue, 1) == []
    assert venue.result.reject_reason == 33
    assert correct(venue, 1, price=110) == []
    assert venue.result.reject_reason == 33


def test_correction_of_the_price_changes_no_quantity(venue: Venue) -> None:
    maker, taker = fills(venue)
    assert correct(venue, 1, price=110) == [
        f"corrected maker partial 20+30/50@100 20@110 trade 1 of {maker}",
        f"corrected taker filled 20+0/20@100 20@110 trade 1 of {taker}",
    ]
    assert venue.find("maker").cumulative_tick_lots == 4 * 11
    assert venue.exchange.position(2, 1) == 20


def test_correction_may_be_repeated_and_refers_to_the_one_before(venue: Venue) -> None:
    correct(venue, 1, price=110)
    maker, taker = fills(venue)
    assert correct(venue, 1, price=90, quantity=5) == [
        f"corrected maker partial 5+30/35@100 5@90 trade 1 of {maker}",
        f"corrected taker cancelled 5+0/20@100 5@90 trade 1 of {taker}",
    ]
    maker, taker = fills(venue)
    assert bust(venue, 1) == [
        f"busted maker new 0+30/30@100 5@90 trade 1 of {maker}",
        f"busted taker cancelled 0+0/20@100 5@90 trade 1 of {taker}",
    ]
    assert (venue.exchange.position(1, 1), venue.exchange.position(2, 1)) == (0, 0)
    assert venue.find("taker", 2).cumulative_tick_lots == 0


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, (56, 0, 0, 0)),
        ({"price": 100, "quantity": 20}, (56, 0, 0, 0)),
        ({"quantity": 25}, (52, 4, 20, 25)),
        ({"quantity": 0}, (50, 4, 0, 0)),
        ({"quantity": -5}, (50, 4, 0, -5)),
        ({"quantity": 7}, (51, 4, 5, 7)),
        ({"price": 105}, (53, 3, 10, 105)),
        ({"price": 20_000}, (54, 3, 10_000, 20_000)),
        ({"price": 105, "quantity": 25}, (52, 4, 20, 25)),
    ],
)
def test_correction_that_is_none_is_refused(
    venue: Venue, change: dict[str, int], refusal: tuple[int, ...]
) -> None:
    before = venue.find("maker")
    assert correct(venue, 1, **change) == []
    result = venue.result
    found = (result.reject_reason, result.reject_field, result.limit, result.value)
    assert (found, venue.find("maker")) == (refusal, before)


def test_numbers_of_the_day_follow_busts_and_corrections() -> None:
    venue = Venue()
    for price in (100, 150, 50):
        venue.trade(price)
    assert venue.exchange.statistics(1) == StatisticsView(100, 150, 50, 50, 15, 30, 3)
    bust(venue, 2)
    assert venue.exchange.statistics(1) == StatisticsView(100, 100, 50, 50, 10, 15, 2)
    correct(venue, 3, price=80)
    assert venue.exchange.statistics(1) == StatisticsView(100, 100, 80, 50, 10, 18, 2)


def test_trade_after_all_of_the_day_were_busted_opens_it_again() -> None:
    venue = Venue()
    venue.trade(100)
    bust(venue, 1)
    assert venue.exchange.statistics(1) == StatisticsView(None, None, None, 100, 0, 0, 0)
    venue.trade(300)
    assert venue.exchange.statistics(1) == StatisticsView(300, 300, 300, 300, 5, 30, 1)
    venue.trade(-20)
    assert venue.exchange.statistics(1) == StatisticsView(300, 300, -20, -20, 10, 28, 2)


def test_bust_of_an_earlier_day_leaves_the_numbers_of_this_one() -> None:
    venue = Venue()
    venue.trade(500)
    venue.set_phase(enums.TRADING_PHASE_CLOSED)
    venue.set_phase(enums.TRADING_PHASE_CONTINUOUS)
    venue.trade(100)
    before = venue.exchange.statistics(1)
    assert len(bust(venue, 1)) == 2
    assert venue.exchange.statistics(1) == before
    assert venue.exchange.position(3, 1) == 5


def test_high_and_low_stand_where_trades_of_the_day_are_forgotten() -> None:
    venue = Venue(trade_capacity=2)
    for price in (100, 150, 50):
        venue.trade(price)
    bust(venue, 3)
    assert venue.exchange.statistics(1) == StatisticsView(100, 150, 50, 50, 10, 25, 2)
    assert bust(venue, 1) == []
    assert venue.result.reject_reason == 33


@pytest.mark.parametrize("seed", range(8))
def test_high_and_low_follow_every_bust_and_correction(seed: int) -> None:
    choose, venue = random.Random(seed), Venue(trade_capacity=64)
    prices: dict[int, tuple[int, int]] = {}
    for trade_id in range(1, 61):
        instrument_id, price = choose.choice((1, 1, 2)), 10 * choose.randint(1, 12)
        venue.trade(price, instrument_id=instrument_id)
        prices[trade_id] = (instrument_id, price)
    while prices:
        trade_id = choose.choice(list(prices))
        instrument_id, price = prices[trade_id]
        if choose.random() < 0.3:
            other = choose.choice([new for new in range(10, 130, 10) if new != price])
            correct(venue, trade_id, price=other)
            prices[trade_id] = (instrument_id, other)
        else:
            bust(venue, trade_id)
            del prices[trade_id]
        standing = [price for listed, price in prices.values() if listed == instrument_id]
        day = venue.exchange.statistics(instrument_id)
        expected = (max(standing), min(standing)) if standing else (None, None)
        assert (day.high, day.low) == expected


def test_trades_of_the_day_are_found_where_older_ones_are_forgotten() -> None:
    venue = Venue(trade_capacity=4)
    for price in (500, 600):
        venue.trade(price)
    venue.set_phase(enums.TRADING_PHASE_CLOSED)
    venue.set_phase(enums.TRADING_PHASE_CONTINUOUS)
    for price, instrument_id in ((100, 1), (900, 2), (150, 1), (50, 1)):
        venue.trade(price, instrument_id=instrument_id)
    bust(venue, 5)
    assert venue.exchange.statistics(1) == StatisticsView(100, 100, 50, 50, 10, 15, 2)


def test_trade_is_forgotten_with_either_order() -> None:
    venue = Venue(order_capacity=3)
    venue.trade(100)
    for name in "ab":
        venue.order(name, BUY, 5, 90)
    assert bust(venue, 1) == []
    assert venue.result.reject_reason == 33


def test_stops_that_a_busted_trade_set_off_stay_active() -> None:
    venue = Venue()
    terms = {"order_type": enums.ORDER_TYPE_STOP_LIMIT, "stop_price": 100}
    venue.order("stop", BUY, 5, 90, **terms)
    venue.trade(100)
    assert len(bust(venue, 1)) == 2
    assert venue.find("stop").status == enums.ORDER_STATUS_NEW
    assert venue.book() == ([(90, 5, 1)], [])


def test_bust_of_an_auction_trade_and_of_an_icebergs_part() -> None:
    venue = Venue(phase=enums.TRADING_PHASE_OPENING_AUCTION)
    iceberg = {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": 10}
    venue.order("i", SELL, 50, 100, **iceberg)
    venue.order("b", BUY, 15, 100, account_id=2)
    events = venue.set_phase(enums.TRADING_PHASE_CONTINUOUS)
    first = venue.exchange.sequence - len(events) + 2
    assert bust(venue, 1) == [
        f"busted b cancelled 0+0/15@100 15@100 trade 1 of {first}",
        f"busted i new 0+35/35@100 15@100 trade 1 of {first + 1}",
    ]
    assert venue.book() == ([], [(100, 10, 1)])


def test_reduce_only_orders_follow_the_position_after_a_bust() -> None:
    venue = Venue()
    venue.trade(100, 50)
    venue.order("r", SELL, 50, 110, account_id=3, reduce_only=True)
    bust(venue, 1)
    assert venue.order("s", SELL, 5, 110, account_id=3, reduce_only=True) == [
        "rejected s rejected reason 79 field 16 5 for 0"
    ]
    assert venue.order("b", BUY, 5, 110) == [
        "accepted b new 0+5/5@110",
        "ended r cancelled 0+0/50@110 reason 13",
    ]


@pytest.mark.parametrize("command", [admin_commands.bust_trade, admin_commands.correct_trade])
def test_repeated_request_mends_nothing_again(venue: Venue, command: Any) -> None:
    change = {"quantity": 10} if command is admin_commands.correct_trade else {}
    venue.brief(command, trade_id=1, request_id=9, **change)
    first, hash_before = venue.result, venue.find("maker")
    assert venue.brief(command, trade_id=1, request_id=9, **change) == ["repeated 0 9"]
    assert (venue.result, venue.find("maker")) == (first._replace(repeated=True), hash_before)
    assert venue.brief(command, trade_id=1, request_id=9, text=b"other", **change) == []
    assert venue.result.reject_reason == enums.REJECT_REASON_REQUEST_ID_REUSED
