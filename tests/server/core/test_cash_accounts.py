"""Cash accounts pay in full for what they buy and hold what they sell; what is left is free."""

from collections.abc import Callable
from typing import Any

import pytest

from quantumcore.server.core import enums
from quantumcore.server.core.admin_commands import Terms
from tests.server.core.risk_venue import ACCEPTED, FUTURE, NONE, Booked, Refused, RiskVenue
from tests.server.core.venue import BUY, SELL

BALANCE, MARGIN = (
    enums.REJECT_REASON_INSUFFICIENT_BALANCE,
    enums.REJECT_REASON_INSUFFICIENT_MARGIN,
)
NOT_FLAT, SUSPENDED = enums.REJECT_REASON_ACCOUNT_NOT_FLAT, enums.REJECT_REASON_ACCOUNT_SUSPENDED
MARKET, STOP, PEGGED = enums.ORDER_TYPE_MARKET, enums.ORDER_TYPE_STOP, enums.ORDER_TYPE_PEGGED
IOC, GTD = enums.TIME_IN_FORCE_IOC, enums.TIME_IN_FORCE_GTD
AUCTION, CONTINUOUS = (
    enums.TRADING_PHASE_VOLATILITY_AUCTION,
    enums.TRADING_PHASE_CONTINUOUS,
)
FEES = Terms(maker_fee=2_000, taker_fee=10_000)


def close_instrument(venue: RiskVenue) -> object:
    return venue.set_phase(enums.TRADING_PHASE_CLOSED)


def cash_venue(amount: int = 1_000) -> RiskVenue:
    """Return a venue whose account 1 has an amount, and no credit."""
    venue = RiskVenue()
    venue.cash_account(amount)
    return venue


def test_purchase_is_paid_in_full_when_it_is_entered() -> None:
    venue = cash_venue()
    assert venue.ask("a", BUY, 50, 100) == ACCEPTED
    assert venue.reserved("a") == (100, 100)
    assert venue.ask("b", BUY, 455, 100) == Refused(BALANCE, 8, 900, 910)
    assert venue.ask("b", BUY, 450, 100) == ACCEPTED
    assert venue.reserved("b") == (900, 1_000)
    assert venue.ask("c", BUY, 5, 10) == Refused(BALANCE, 8, 0, 1)
    assert venue.ask("d", BUY, 5, 0) == ACCEPTED


def test_account_without_a_model_reserves_nothing_and_is_told_nothing_of_it() -> None:
    venue = RiskVenue()
    assert venue.ask("a", BUY, 50, 100) == ACCEPTED
    assert venue.reserved("a") == (None, None)


def test_fills_release_what_was_reserved_for_them_and_pay_their_price() -> None:
    venue = cash_venue()
    venue.order("cheap", SELL, 20, 90, account_id=2)
    assert venue.ask("a", BUY, 50, 100) == ACCEPTED
    assert venue.reserved("a") == (60, 60)
    assert venue.booked("a") == [Booked(4, 36, 0, 964)]
    venue.order("hit", SELL, 15, 100, account_id=2)
    assert venue.reserved("a") == (30, 30)
    assert venue.booked("a") == [Booked(7, 66, 0, 934)]
    venue.order("rest", SELL, 15, 100, account_id=2)
    assert venue.reserved("a") == (0, 0)
    assert venue.booked("a") == [Booked(10, 96, 0, 904)]


@pytest.mark.parametrize(
    ("price", "more"),
    [
        pytest.param(100, {"time_in_force": IOC}, id="the rest of an IOC"),
        pytest.param(None, {"order_type": MARKET}, id="the rest of a market order"),
        pytest.param(100, {"time_in_force": enums.TIME_IN_FORCE_FOK}, id="FOK"),
        pytest.param(100, {"min_quantity": 25}, id="minimum quantity"),
    ],
)
def test_what_does_not_rest_is_released_at_once(price: int | None, more: dict[str, Any]) -> None:
    venue = cash_venue()
    venue.order("ask", SELL, 20, 100, account_id=2)
    assert venue.ask("a", BUY, 50, price, **more) == ACCEPTED
    assert venue.reserved("a") == (0, 0)
    assert not venue.find("a").leaves_quantity


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda venue: venue.cancel("a"), id="cancelled"),
        pytest.param(lambda venue: venue.cancel_all(), id="cancelled with all"),
        pytest.param(lambda venue: venue.kill(1), id="killed"),
        pytest.param(lambda venue: venue.advance(2_000), id="expired"),
        pytest.param(close_instrument, id="at the end of the day"),
    ],
)
def test_every_end_releases_what_was_reserved(end: Callable[[RiskVenue], object]) -> None:
    venue = cash_venue()
    dated = {"time_in_force": GTD, "expire_time_ns": 2_000}
    venue.order("b", BUY, 5, 100, time_in_force=GTD, expire_time_ns=5_000)
    good = {"time_in_force": enums.TIME_IN_FORCE_DAY} if end is close_instrument else dated
    assert venue.ask("a", BUY, 50, 100, **good) == ACCEPTED
    assert venue.reserved("a") == (100, 110)
    end(venue)
    assert venue.reserved("a")[0] == 0
    assert not venue.find("a").leaves_quantity


def test_self_trade_prevention_releases_what_it_takes_away() -> None:
    venue = cash_venue()
    venue.order("s", SELL, 20, 100, account_id=2)
    venue.order("held", BUY, 20, 100)
    venue.order("a", BUY, 50, 100)
    mode = {"self_trade_prevention": enums.SELF_TRADE_PREVENTION_DECREMENT_AND_CANCEL}
    assert venue.ask("b", SELL, 20, 100, **mode) == ACCEPTED
    assert venue.reserved("a") == (60, 60)


def test_only_what_is_held_is_sold() -> None:
    venue = cash_venue()
    assert venue.ask("a", SELL, 5, 100) == Refused(BALANCE, 8, 0, 10)
    venue.order("ask", SELL, 20, 100, account_id=2)
    venue.order("held", BUY, 20, 100)
    assert venue.ask("b", SELL, 25, 200) == Refused(BALANCE, 8, 80, 100)
    assert venue.ask("c", SELL, 15, 200) == ACCEPTED
    assert venue.reserved("c") == (0, 0)
    assert venue.ask("d", SELL, 10, 200) == Refused(BALANCE, 8, 20, 40)
    assert venue.change("c", quantity=25) == Refused(BALANCE, 6, 80, 100)
    assert venue.change("c", quantity=20) == ACCEPTED
    venue.order("hit", BUY, 20, 200, account_id=2)
    assert venue.booked("c") == [Booked(0, 0, 40, 1_040)]
    assert venue.ask("e", SELL, 5, 200) == Refused(BALANCE, 8, 0, 20)


def test_what_is_bought_is_not_sold_before_it_is_held() -> None:
    venue = cash_venue()
    assert venue.ask("a", BUY, 20, 100) == ACCEPTED
    assert venue.ask("b", SELL, 20, 200) == Refused(BALANCE, 8, 0, 80)


def test_sale_at_a_negative_price_is_paid_for_and_such_a_purchase_is_not() -> None:
    venue = cash_venue(30)
    assert venue.ask("a", BUY, 50, -100) == ACCEPTED
    assert venue.reserved("a") == (0, 0)
    venue.order("hit", SELL, 50, -100, account_id=2)
    assert venue.booked("a") == [Booked(10, -100, 0, 130)]
    assert venue.ask("b", SELL, 50, -140) == Refused(BALANCE, 8, 130, 140)
    assert venue.ask("c", SELL, 50, -130) == ACCEPTED
    assert venue.reserved("c") == (130, 130)
    venue.order("take", BUY, 50, -130, account_id=2)
    assert venue.booked("c") == [Booked(0, 0, -30, 0)]


@pytest.mark.parametrize(
    ("order", "reserved"),
    [
        pytest.param({"price": 100}, 10, id="limit"),
        pytest.param(
            {"price": 100, "order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": 5},
            10,
            id="iceberg, with all that is hidden",
        ),
        pytest.param(
            {"price": 150, "stop_price": 120, "order_type": enums.ORDER_TYPE_STOP_LIMIT},
            15,
            id="stop limit",
        ),
        pytest.param({"stop_price": 120, "order_type": STOP}, 12 + 3, id="stop"),
        pytest.param({"order_type": PEGGED, "peg_reference": 1}, 1_000, id="peg: the bound"),
        pytest.param(
            {"price": 140, "order_type": PEGGED, "peg_reference": 2}, 14, id="peg with a limit"
        ),
    ],
)
def test_each_type_reserves_the_worst_that_a_lot_may_cost(
    order: dict[str, Any], reserved: int
) -> None:
    venue = cash_venue(2_000)
    assert venue.ask("a", BUY, 10, **order) == ACCEPTED
    assert venue.reserved("a") == (2 * reserved, 2 * reserved)


def test_market_order_must_afford_as_far_as_the_protection_band() -> None:
    venue = cash_venue(130)
    venue.order("ask", SELL, 5, 100, account_id=2)
    venue.order("higher", SELL, 45, 130, account_id=2)
    assert venue.ask("a", BUY, 55, order_type=MARKET) == Refused(BALANCE, 8, 130, 143)
    assert venue.ask("b", BUY, 50, order_type=MARKET) == ACCEPTED
    assert venue.booked("b")[-1] == Booked(10, 10 + 9 * 13, 0, 130 - 127)


def test_market_order_in_an_auction_must_afford_the_highest_price() -> None:
    venue = cash_venue(1_000)
    venue.set_phase(AUCTION)
    assert venue.ask("a", BUY, 10, order_type=MARKET) == Refused(BALANCE, 8, 1_000, 2_000)
    assert venue.ask("b", BUY, 5, order_type=MARKET) == ACCEPTED
    assert venue.reserved("b") == (1_000, 1_000)
    venue.order("s", SELL, 5, 100, account_id=2)
    venue.set_phase(CONTINUOUS)
    assert venue.reserved("b") == (0, 0)
    assert venue.booked("b") == [Booked(1, 10, 0, 990)]


def test_replacement_upwards_reserves_more_or_is_refused() -> None:
    venue = cash_venue()
    venue.order("a", BUY, 50, 100)
    venue.order("b", BUY, 50, 500)
    assert venue.change("a", price=510) == Refused(BALANCE, 6, 500, 510)
    assert venue.change("a", price=500) == ACCEPTED
    assert venue.reserved("a") == (500, 1_000)
    assert venue.change("b", quantity=55) == Refused(BALANCE, 6, 500, 550)
    refused = venue.events_of("b")[-1]
    assert (refused.reserved, refused.account_reserved) == (500, 1_000)


def test_replacement_downwards_releases() -> None:
    venue = cash_venue()
    venue.order("a", BUY, 50, 500)
    assert venue.change("a", quantity=30) == ACCEPTED
    assert venue.reserved("a") == (300, 300)
    assert venue.change("a", price=100) == ACCEPTED
    assert venue.reserved("a") == (60, 60)
    assert venue.change("a", new_client_order_id="c") == ACCEPTED
    assert venue.reserved("c") == (60, 60)


def test_replacement_of_a_partly_filled_order_reserves_for_what_is_left() -> None:
    venue = cash_venue(100)
    venue.order("ask", SELL, 20, 100, account_id=2)
    venue.order("a", BUY, 50, 100)
    assert venue.reserved("a") == (60, 60)
    assert venue.change("a", quantity=55) == Refused(BALANCE, 6, 60, 70)
    assert venue.change("a", price=90, quantity=50) == ACCEPTED
    assert venue.reserved("a") == (54, 54)
    assert venue.change("a", quantity=20) == ACCEPTED
    assert venue.reserved("a") == (0, 0)
    assert venue.find("a").status == enums.ORDER_STATUS_FILLED


def test_fees_are_reserved_by_the_lot_rounded_up() -> None:
    venue = cash_venue()
    listed = venue.instrument(terms=FEES)
    parties = {"instrument_id": listed}
    assert venue.ask("a", BUY, 50, 500, **parties) == ACCEPTED
    assert venue.reserved("a") == (510, 510)
    assert venue.ask("b", BUY, 50, 490, **parties) == Refused(BALANCE, 8, 490, 500)
    venue.cancel("a")
    venue.order("ask", SELL, 50, 500, account_id=2, **parties)
    venue.order("c", BUY, 50, 500, **parties)
    assert venue.booked("c") == [Booked(10, 500, 0, 1_000 - 500 - 5)]
    assert venue.ask("d", SELL, 50, 500, **parties) == ACCEPTED
    assert venue.reserved("d") == (10, 10)


def test_fee_of_a_sale_must_be_affordable_before_its_proceeds_come() -> None:
    venue = cash_venue(101)
    listed = venue.instrument(terms=FEES)
    venue.order("ask", SELL, 5, 1_000, account_id=2, instrument_id=listed)
    venue.order("a", BUY, 5, 1_000, instrument_id=listed)
    assert venue.booked("a") == [Booked(1, 100, 0, 0)]
    assert venue.ask("b", SELL, 5, 1_000, instrument_id=listed) == Refused(BALANCE, 8, 0, 1)
    assert venue.ask("c", SELL, 5, 0, instrument_id=listed) == ACCEPTED


def test_rebate_is_not_counted_on() -> None:
    venue = cash_venue(100)
    listed = venue.instrument(terms=Terms(maker_fee=-100_000))
    assert venue.ask("a", BUY, 55, 100, instrument_id=listed) == Refused(BALANCE, 8, 100, 110)
    assert venue.ask("b", BUY, 50, 100, instrument_id=listed) == ACCEPTED
    venue.order("hit", SELL, 50, 100, account_id=2, instrument_id=listed)
    assert venue.booked("b") == [Booked(10, 100, 0, 10)]


def test_each_currency_pays_for_its_own_instruments() -> None:
    venue = cash_venue()
    foreign = venue.instrument(currency=1)
    assert venue.ask("a", BUY, 5, 100, instrument_id=foreign) == Refused(BALANCE, 8, 0, 10)
    assert venue.pay(10, currency=1) == ACCEPTED
    assert venue.ask("b", BUY, 5, 100, instrument_id=foreign) == ACCEPTED
    assert venue.reserved("b") == (10, 10)
    assert venue.ask("c", BUY, 500, 100) == ACCEPTED


def test_futures_are_closed_but_not_opened() -> None:
    venue = RiskVenue()
    future = venue.instrument(terms=FUTURE)
    parties = {"instrument_id": future}
    venue.order("s", SELL, 20, 100, account_id=2, **parties)
    venue.order("long", BUY, 20, 100, **parties)
    assert venue.booked("long") == [Booked(4, 40, 0, 0)]
    venue.account(margin_model=NONE)
    assert venue.ask("a", BUY, 5, 100, **parties) == Refused(MARGIN, 8, 0, 10)
    assert venue.ask("b", SELL, 25, 100, **parties) == Refused(MARGIN, 8, 40, 50)
    assert venue.ask("c", SELL, 20, 120, **parties) == ACCEPTED
    assert venue.ask("d", SELL, 5, 120, **parties) == Refused(MARGIN, 8, 0, 12)
    venue.order("hit", BUY, 20, 120, account_id=2, **parties)
    assert venue.booked("c") == [Booked(0, 0, 8, 8)]


def test_short_position_from_before_is_bought_back() -> None:
    venue = RiskVenue()
    venue.order("short", SELL, 20, 100)
    venue.order("hit", BUY, 20, 100, account_id=2)
    venue.account(margin_model=NONE)
    assert venue.ask("a", SELL, 5, 100) == Refused(BALANCE, 8, 0, 10)
    # The 40 that it was sold for are there to buy it back with, and for nothing else.
    assert venue.ask("b", BUY, 25, 100) == Refused(BALANCE, 8, 40, 50)
    assert venue.ask("c", BUY, 20, 100) == ACCEPTED


def test_no_more_is_paid_out_than_is_free() -> None:
    venue = cash_venue()
    venue.order("a", BUY, 50, 500)
    assert venue.pay(-501) == Refused(BALANCE, 3, 500, 501)
    assert not venue.told
    assert venue.pay(-500) == ACCEPTED
    assert [event[2:] for event in venue.told] == [(1, 500)]
    assert venue.pay(-1) == Refused(BALANCE, 3, 0, 1)
    assert venue.pay(-1, currency=3) == Refused(BALANCE, 3, 0, 1)
    venue.cancel("a")
    assert venue.pay(-500) == ACCEPTED
    assert venue.pay(7, currency=3) == ACCEPTED
    assert [event[2:] for event in venue.told] == [(1 | 3 << 32, 7)]
    assert venue.pay(-1, account_id=2) == Refused(BALANCE, 3, 0, 1)
    unknown = enums.REJECT_REASON_UNKNOWN_ACCOUNT
    assert venue.pay(1, account_id=9) == Refused(unknown, 2, 0, 9)


def test_more_is_paid_in_than_a_word_holds() -> None:
    venue = cash_venue((1 << 63) - 1)
    venue.pay((1 << 63) - 1)
    money = venue.exchange.balance(1, 0, venue.now)
    assert money is not None
    assert money.cash == 2 * ((1 << 63) - 1)
    assert [event[3] for event in venue.told] == [1 << 62]
    assert venue.pay(-(1 << 62)) == ACCEPTED
    greatest = (1 << 63) - 1
    assert venue.pay(-greatest) == Refused(BALANCE, 3, 1 << 62, greatest)


def test_margin_model_changes_without_working_orders() -> None:
    venue = cash_venue()
    for name in ("a", "b"):
        venue.order(name, BUY, 5, 100)
    assert venue.account(margin_model=0) == Refused(NOT_FLAT, 6, 0, 2)
    assert venue.account(margin_model=NONE, self_trade_group=3) == ACCEPTED
    venue.cancel_all()
    assert venue.account(margin_model=0) == ACCEPTED
    assert venue.ask("c", SELL, 500, 100) == ACCEPTED


def test_suspended_account_cancels_and_does_nothing_else() -> None:
    venue = cash_venue()
    for name in ("a", "b"):
        venue.order(name, BUY, 5, 100)
    status = enums.ACCOUNT_STATUS_SUSPENDED
    assert venue.account(margin_model=NONE, status=status) == ACCEPTED
    assert venue.ask("c", BUY, 5, 100) == Refused(SUSPENDED, 2, 0, status)
    assert venue.ask("d", BUY, 5, 100, instrument_id=9) == Refused(SUSPENDED, 2, 0, status)
    refused = venue.change("a", price=110)
    assert (refused.reason, refused.value) == (SUSPENDED, status)
    assert "ended a cancelled" in venue.cancel("a")[0]
    assert venue.cancel_all()[-1] == "orders cancelled 1 1"
    assert venue.pay(-1_000) == ACCEPTED
    assert venue.account(margin_model=NONE, status=enums.ACCOUNT_STATUS_ACTIVE) == ACCEPTED
    venue.pay(10)
    assert venue.ask("e", BUY, 5, 100) == ACCEPTED


def test_orders_of_a_suspended_account_still_trade() -> None:
    venue = cash_venue()
    venue.order("a", BUY, 5, 100)
    venue.account(margin_model=NONE, status=enums.ACCOUNT_STATUS_SUSPENDED)
    venue.order("hit", SELL, 5, 100, account_id=2)
    assert venue.booked("a") == [Booked(1, 10, 0, 990)]


def test_account_is_closed_when_it_is_empty_and_for_ever() -> None:
    venue = cash_venue()
    closed = enums.ACCOUNT_STATUS_CLOSED
    foreign = venue.instrument(currency=1)
    for name, instrument_id in (("x", 1), ("y", foreign)):
        venue.order(name, SELL, 5, 100, account_id=2, instrument_id=instrument_id)
    venue.pay(20, currency=1)
    for name, instrument_id in (("x", 1), ("y", foreign)):
        venue.order(name, BUY, 5, 100, instrument_id=instrument_id)
    venue.order("z", BUY, 5, 100)
    assert venue.account(margin_model=NONE, status=closed) == Refused(NOT_FLAT, 3, 0, 5)
    venue.cancel("z")
    for instrument_id in (1, foreign):
        venue.order(f"s{instrument_id}", SELL, 5, 100, instrument_id=instrument_id)
        venue.order(f"b{instrument_id}", BUY, 5, 100, account_id=2, instrument_id=instrument_id)
    assert venue.account(margin_model=NONE, status=closed) == Refused(NOT_FLAT, 3, 0, 2)
    venue.pay(-1_000)
    venue.pay(-20, currency=1)
    assert venue.account(margin_model=NONE, status=closed) == ACCEPTED
    refused = Refused(SUSPENDED, 2, 0, closed)
    assert venue.ask("late", BUY, 5, 0) == refused
    assert venue.account(status=enums.ACCOUNT_STATUS_ACTIVE) == refused
    assert venue.pay(5) == refused
    assert venue.limit(order_value=5) == refused
