"""What the exchange once did otherwise than its rules say, found by a model of it."""

import pytest

from quantumcore.server.core import admin_commands, enums, order_commands
from tests.server.core.floor import (
    BUY,
    CLOSED,
    CLOSING_AUCTION,
    CONTINUOUS,
    HALTED,
    LISTING,
    PRE_OPEN,
    SELL,
    Floor,
)

PEGGED = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_PRIMARY}


def test_stop_is_not_set_off_by_trades_before_the_last_one_when_it_is_entered() -> None:
    floor = Floor()
    floor.trade(120)
    floor.trade(100)
    assert floor.stop("s", BUY, 5, 110) == ["s accepted: 5, leaves 5"]


def test_stop_entered_in_an_auction_is_not_set_off_by_what_traded_before_it() -> None:
    floor = Floor(price_band=20)
    floor.trade(100)
    for price in (100, 110, 120, 130):
        floor.order(f"ask {price}", SELL, 5, price)
    assert floor.order("up", BUY, 20, 130, account=2)[-1] == (
        "instrument 1 goes from continuous to volatility_auction by the price band"
    )
    floor.stop("s", SELL, 5, 110)
    assert not [line for line in floor.go(CONTINUOUS) if "triggered" in line]


def test_stop_that_was_reached_before_another_came_stays_reached() -> None:
    floor = Floor(price_band=20)
    floor.trade(120)
    floor.order("bid", BUY, 5, 10, account=2)
    floor.stop("early", SELL, 5, 100)
    for price in (100, 110, 120, 130, 140, 150):
        floor.order(f"ask {price}", SELL, 5, price)
    floor.order("up", BUY, 30, 150, account=2)
    floor.stop("late", SELL, 5, 110)
    told = floor.go(CONTINUOUS)
    assert "early triggered: 5, leaves 5" in told
    assert "late triggered: 5, leaves 5" not in told


def test_stop_that_the_closing_auction_reached_becomes_active_the_next_day() -> None:
    floor = Floor()
    floor.trade(100)
    floor.order("bid", BUY, 5, 20, account=2)
    floor.stop("s", SELL, 5, 80)
    floor.go(CLOSING_AUCTION)
    floor.order("low bid", BUY, 5, 60, account=2)
    floor.order("low ask", SELL, 5, 60)
    floor.go(CLOSED)
    floor.go(PRE_OPEN)
    floor.order("high bid", BUY, 5, 100, account=2)
    floor.order("high ask", SELL, 5, 100)
    assert floor.go(CONTINUOUS)[-3:] == [
        "s triggered: 5, leaves 5",
        "bid trades 5 @ 20 as maker, leaves 0",
        "s trades 5 @ 20 as taker, leaves 0",
    ]


def test_price_band_of_a_cascade_is_about_the_last_trade_before_the_command() -> None:
    floor = Floor(price_band=20)
    floor.trade(100)
    for price in (110, 120, 130):
        floor.order(f"ask {price}", SELL, 5, price)
    floor.stop("one", BUY, 5, 110)
    floor.stop("two", BUY, 5, 120)
    assert floor.order("up", BUY, 5, 110, account=2)[3:] == [
        "one triggered: 5, leaves 5",
        "ask 120 trades 5 @ 120 as maker, leaves 0",
        "one trades 5 @ 120 as taker, leaves 0",
        "two triggered: 5, leaves 5",
        "two ends: market_protection",
        "instrument 1 goes from continuous to volatility_auction by the price band",
    ]


def test_price_band_behind_an_auction_is_about_its_price() -> None:
    floor = Floor(price_band=20)
    floor.trade(100)
    floor.go(CLOSING_AUCTION)
    floor.go(HALTED)
    floor.go(PRE_OPEN)
    floor.order("bid", BUY, 5, 200, account=2)
    floor.order("ask", SELL, 5, 200)
    floor.order("next", SELL, 5, 220)
    floor.stop("s", BUY, 5, 150)
    assert floor.go(CONTINUOUS)[-3:] == [
        "s triggered: 5, leaves 5",
        "next trades 5 @ 220 as maker, leaves 0",
        "s trades 5 @ 220 as taker, leaves 0",
    ]


def test_reduce_only_order_that_the_band_keeps_from_trading_is_not_cut() -> None:
    floor = Floor(price_band=20)
    floor.order("bought", BUY, 10, 100)
    floor.order("sold", SELL, 10, 100, account=2)
    floor.order("reducing", SELL, 10, 150, reduce_only=True)
    floor.order("bid", BUY, 5, 100, account=2)
    floor.order("out", SELL, 5, 100)
    floor.order("far", BUY, 10, 70, account=2)
    told = floor.do(
        order_commands.replace_order, account_id=1, client_order_id="reducing", price=70
    )
    assert told == [
        "reducing replaced: 10 @ 70, leaves 10",
        "instrument 1 goes from continuous to volatility_auction by the price band",
    ]


def reducing_without_position(floor: Floor, quantity: int, price: int, orders: int = 1) -> None:
    """Let account 1 have reduce-only sells, the position for which it has closed since."""
    lots = quantity * orders
    floor.order("bought", BUY, lots, 500)
    floor.order("sold", SELL, lots, 500, account=2)
    for number in range(orders):
        floor.order(f"r{number}", SELL, quantity, price, reduce_only=True)
    floor.order("back", BUY, lots, 500, account=2)
    floor.order("closed", SELL, lots, 500)


def test_auction_leaves_no_crossed_book_where_reduce_only_orders_fall_away() -> None:
    floor = Floor()
    reducing_without_position(floor, 100, 600)
    floor.go(HALTED)
    floor.go(PRE_OPEN)
    floor.do(order_commands.replace_order, account_id=1, client_order_id="r0", price=100)
    floor.order("bid", BUY, 50, 150, account=3)
    floor.order("ask", SELL, 50, 130, account=4)
    assert floor.go(CONTINUOUS) == [
        "instrument 1 goes from pre_open to continuous",
        "r0 ends: reduce_only",
        "bid trades 50 @ 150 as auction, leaves 0",
        "ask trades 50 @ 150 as auction, leaves 0",
        "auction of 1 ends: 50 @ 150, nobody left",
    ]


def test_auction_cuts_no_reduce_only_order_that_nobody_is_left_to_meet() -> None:
    floor = Floor()
    floor.order("ask", SELL, 5, 600, account=3)
    reducing_without_position(floor, 10, 600)
    floor.go(HALTED)
    floor.go(PRE_OPEN)
    floor.order("bid", BUY, 5, 600, account=4)
    assert floor.go(CONTINUOUS)[1:] == [
        "bid trades 5 @ 600 as auction, leaves 0",
        "ask trades 5 @ 600 as auction, leaves 0",
        "auction of 1 ends: 5 @ 600, sell left with 10",
    ]
    assert floor.exchange.depth(1)[1] == [(600, 10, 1)]


def test_auction_tells_what_is_left_behind_orders_that_were_cut() -> None:
    floor = Floor()
    reducing_without_position(floor, 100, 600)
    floor.go(HALTED)
    floor.go(PRE_OPEN)
    floor.order("ask", SELL, 5, 600, account=3)
    floor.order("bid", BUY, 50, 600, account=4)
    assert floor.go(CONTINUOUS)[-1] == "auction of 1 ends: 5 @ 600, buy left with 45"


def test_auction_passes_any_number_of_reduce_only_orders_that_fall_away() -> None:
    floor = Floor()
    reducing_without_position(floor, 5, 600, orders=1_500)
    floor.go(HALTED)
    floor.go(PRE_OPEN)
    floor.order("bid", BUY, 5, 600, account=4)
    told = floor.go(CONTINUOUS)
    assert told[1:] == [f"r{number} ends: reduce_only" for number in range(1_500)]
    assert floor.exchange.depth(1) == ([(600, 5, 1)], [])


@pytest.mark.parametrize("group", [0, 7])
def test_orders_know_the_owner_of_an_account_whose_group_changes(group: int) -> None:
    floor = Floor()
    floor.do(admin_commands.create_account, account_id=1, self_trade_group=7 - group)
    floor.order("ask", SELL, 5, 100)
    floor.do(admin_commands.create_account, account_id=1, self_trade_group=group)
    newest = enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST
    told = floor.order("bid", BUY, 5, 100, self_trade_prevention=newest)
    assert told[1:] == ["bid ends: self_trade_prevention"]


def test_peg_leaves_the_book_where_an_auction_leaves_nothing_to_follow() -> None:
    floor = Floor()
    floor.order("bid", BUY, 5, 100)
    floor.order("peg", BUY, 5, account=3, **PEGGED)
    floor.go(HALTED)
    floor.do(order_commands.cancel_order, account_id=1, client_order_id="bid")
    assert floor.go(CONTINUOUS)[1:] == ["peg restated: peg_moved, leaves 5, shows 0"]
    assert floor.exchange.depth(1) == ([], [])


def test_instrument_that_expires_does_not_trade_in_an_auction_that_is_due_at_once() -> None:
    floor = Floor(price_band=20, auction_duration_ns=100, expiry_time_ns=1_500)
    floor.trade(100)
    floor.order("ask", SELL, 5, 200)
    floor.order("bid", BUY, 5, 200, account=2)
    floor.now = 5_000
    assert floor.do(admin_commands.advance_time) == [
        "bid ends: instrument_status",
        "ask ends: instrument_status",
        "instrument 1 goes from volatility_auction to closed",
    ]


def test_replacement_beyond_the_position_names_its_own_field() -> None:
    floor = Floor()
    floor.order("bought", BUY, 10, 100)
    floor.order("sold", SELL, 10, 100, account=2)
    floor.order("r", SELL, 10, 150, reduce_only=True)
    told = floor.do(order_commands.replace_order, account_id=1, client_order_id="r", quantity=15)
    assert told == ["r replace_rejected: reduce_only, field 6, 15 for 10"]


def test_day_whose_trades_are_all_busted_begins_anew() -> None:
    floor = Floor()
    floor.trade(100)
    floor.do(admin_commands.bust_trade, trade_id=1)
    floor.trade(50)
    numbers = floor.exchange.statistics(1)
    assert (numbers.open, numbers.high, numbers.low, numbers.volume) == (50, 50, 50, 5)


@pytest.mark.parametrize("offset", [11_010, -11_010, (1 << 63) - 8, -(1 << 63) + 8])
def test_peg_offset_is_no_further_than_the_bounds_are_apart(offset: int) -> None:
    floor = Floor()
    floor.order("bid", BUY, 5, 100)
    told = floor.order("peg", BUY, 5, account=3, peg_offset=offset, **PEGGED)
    assert told == [f"peg order_rejected: price_out_of_range, field 14, {offset} for 11000"]


def test_closing_orders_wait_again_where_trading_resumes_from_a_halted_closing_auction() -> None:
    floor = Floor()
    closing = enums.TIME_IN_FORCE_AT_CLOSE
    market = {"order_type": enums.ORDER_TYPE_MARKET, "time_in_force": closing, "account": 2}
    floor.order("limit", BUY, 5, 100, time_in_force=closing)
    floor.order("market", SELL, 5, **market)
    floor.go(CLOSING_AUCTION)
    floor.go(HALTED)
    assert floor.go(CONTINUOUS) == ["instrument 1 goes from halted to continuous"]
    assert floor.exchange.depth(1) == ([], [])
    floor.go(CLOSING_AUCTION)
    assert floor.go(CLOSED)[1:] == [
        "limit trades 5 @ 100 as auction, leaves 0",
        "market trades 5 @ 100 as auction, leaves 0",
        "auction of 1 ends: 5 @ 100, nobody left",
    ]


def test_answer_to_a_change_names_what_was_changed() -> None:
    floor = Floor()
    floor.do(admin_commands.create_instrument, **LISTING)
    floor.do(admin_commands.create_instrument, **LISTING, instrument_id=1)
    assert floor.result.affected == 1
    floor.do(admin_commands.create_instrument, **LISTING, instrument_id=9)
    assert floor.result.affected == 0
    floor.do(admin_commands.create_account, account_id=2)
    assert floor.result.affected == 2


@pytest.mark.parametrize(
    "time_in_force", [enums.TIME_IN_FORCE_AT_OPEN, enums.TIME_IN_FORCE_AT_CLOSE]
)
def test_order_for_an_auction_has_no_minimum_to_trade_at_once(time_in_force: int) -> None:
    told = Floor().order("o", BUY, 10, 100, time_in_force=time_in_force, min_quantity=5)
    assert told == ["o order_rejected: field_not_allowed, field 17, 5 for 0"]
