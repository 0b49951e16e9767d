"""No order takes more than its account has, however books move between its entry and its trade."""

import pytest

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.admin_commands import Terms
from tests.server.core.risk_venue import ACCEPTED, Refused, RiskVenue, cash, cash_venue
from tests.server.core.venue import BUY, LISTING, SELL

MARKET, STOP = enums.ORDER_TYPE_MARKET, enums.ORDER_TYPE_STOP
BALANCE = enums.REJECT_REASON_INSUFFICIENT_BALANCE
VALUE = enums.REJECT_REASON_ORDER_VALUE_LIMIT
PROTECTED = enums.CANCEL_REASON_MARKET_PROTECTION


def stop(venue: RiskVenue, side: int = BUY, quantity: int = 25, price: int = 100) -> None:
    assert venue.ask("stop", side, quantity, order_type=STOP, stop_price=price) == ACCEPTED


def narrow(venue: RiskVenue) -> None:
    """Let instrument 1 have a lower highest price and a higher lowest price from now on."""
    bounds = LISTING | {"min_price": 500, "max_price": 1_000}
    venue.do(admin_commands.create_instrument, **bounds, instrument_id=1)


def test_stop_trades_no_further_than_its_account_can_pay_where_the_book_has_a_gap() -> None:
    venue = cash_venue(100)
    stop(venue)
    venue.order("far", SELL, 25, 5_000, account_id=2)
    venue.trade(100)
    view = venue.find("stop")
    assert (view.cumulative_quantity, view.cancel_reason) == (0, PROTECTED)
    assert cash(venue) == 100
    assert venue.reserved("stop") == (0, 0)


def test_stop_trades_over_a_gap_where_its_account_can_pay() -> None:
    venue = cash_venue(5 * 500 + 5 * 3)
    stop(venue)
    assert venue.reserved("stop") == (5 * 13, 5 * 13)
    venue.order("far", SELL, 20, 5_000, account_id=2)
    venue.order("maker", SELL, 5, 100, account_id=2)
    venue.order("taker", BUY, 5, 100, account_id=3)
    triggered = venue.events_of("stop")[0]
    assert (triggered.reserved, triggered.account_reserved) == (5 * 503, 5 * 503)
    assert venue.find("stop").cumulative_quantity == 20
    assert cash(venue) == 500 + 5 * 3
    assert venue.reserved("stop") == (0, 0)


def test_stop_takes_what_its_account_can_pay_and_leaves_what_lies_beyond() -> None:
    venue = cash_venue(70)
    stop(venue)
    venue.order("near", SELL, 10, 120, account_id=2)
    venue.order("far", SELL, 15, 140, account_id=2)
    venue.trade(100)
    view = venue.find("stop")
    assert (view.cumulative_quantity, view.cancel_reason) == (10, PROTECTED)
    assert cash(venue) == 70 - 2 * 12


def test_money_of_other_orders_is_not_taken_by_a_stop() -> None:
    venue = cash_venue(500)
    stop(venue)
    assert venue.ask("other", BUY, 25, 80) == ACCEPTED
    venue.order("far", SELL, 25, 1_000, account_id=2)
    venue.trade(100)
    assert venue.find("stop").cancel_reason == PROTECTED
    assert venue.reserved("stop") == (0, 40)


def test_stop_that_sells_what_is_held_sells_however_far_the_book_has_fallen() -> None:
    venue = cash_venue(1_000)
    venue.order("ask", SELL, 25, 1_000, account_id=2)
    venue.order("held", BUY, 25, 1_000)
    stop(venue, SELL, 25, 900)
    venue.order("low", BUY, 50, 10, account_id=2)
    venue.order("hit", SELL, 5, 10, account_id=3)
    assert venue.find("stop").status == enums.ORDER_STATUS_FILLED
    assert cash(venue) == 1_000 - 5 * 100 + 5


def test_stop_that_sells_pays_no_more_than_there_is_at_a_negative_price() -> None:
    venue = cash_venue(500)
    venue.order("ask", SELL, 25, 100, account_id=2)
    venue.order("held", BUY, 25, 100)
    stop(venue, SELL, 25, 50)
    venue.order("low", BUY, 50, -1_000, account_id=2)
    venue.order("hit", SELL, 5, -1_000, account_id=3)
    assert venue.find("stop").cancel_reason == PROTECTED
    assert cash(venue) == 450


def test_fee_of_a_stop_is_looked_at_again_too() -> None:
    venue = RiskVenue()
    dear = venue.instrument(terms=Terms(taker_fee=100_000))
    venue.cash_account(53 * 5 + 5)
    terms = {"instrument_id": dear, "order_type": STOP, "stop_price": 100}
    assert venue.ask("stop", BUY, 25, **terms) == ACCEPTED
    venue.order("far", SELL, 25, 500, account_id=2, instrument_id=dear)
    venue.trade(100, instrument_id=dear)
    assert venue.find("stop").cumulative_quantity == 0
    assert cash(venue) == 53 * 5 + 5


def test_stop_of_an_account_without_money_goes_as_far_as_a_market_order() -> None:
    venue = RiskVenue()
    venue.limit(order_value=1_000)
    stop(venue)
    venue.order("far", SELL, 25, 5_000, account_id=2)
    venue.trade(100)
    assert venue.find("stop").status == enums.ORDER_STATUS_FILLED


def test_market_order_is_valued_at_what_rests_beyond_narrower_bounds() -> None:
    venue = cash_venue(100)
    venue.order("far", SELL, 5, 9_000, account_id=2)
    narrow(venue)
    refused = Refused(BALANCE, 8, 100, 903)
    assert venue.ask("m", BUY, 5, order_type=MARKET) == refused
    assert venue.pay(803) == ACCEPTED
    assert venue.ask("n", BUY, 5, order_type=MARKET) == ACCEPTED
    assert cash(venue) == 3


def test_sale_at_market_is_valued_at_what_rests_beyond_narrower_bounds() -> None:
    venue = RiskVenue()
    venue.order("far", BUY, 5, -500, account_id=2)
    narrow(venue)
    venue.limit(order_value=50)
    assert venue.ask("m", SELL, 5, order_type=MARKET) == Refused(VALUE, 8, 50, 53)


@pytest.mark.parametrize("time_in_force", [enums.TIME_IN_FORCE_DAY, enums.TIME_IN_FORCE_AT_CLOSE])
def test_order_for_an_auction_is_valued_at_what_may_rest_beyond_narrower_bounds(
    time_in_force: int,
) -> None:
    venue = cash_venue(999)
    venue.order("far", SELL, 5, 9_000, account_id=2)
    narrow(venue)
    venue.set_phase(enums.TRADING_PHASE_VOLATILITY_AUCTION)
    terms = {"order_type": MARKET, "time_in_force": time_in_force}
    assert venue.ask("m", BUY, 5, **terms) == Refused(BALANCE, 8, 999, 1_000)
    assert venue.pay(1) == ACCEPTED
    assert venue.ask("n", BUY, 5, **terms) == ACCEPTED


def test_peg_is_valued_within_the_bounds_of_now_which_it_keeps_to() -> None:
    venue = cash_venue(100)
    narrow(venue)
    peg = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_PRIMARY}
    assert venue.ask("peg", BUY, 5, **peg) == ACCEPTED
    assert venue.reserved("peg") == (100, 100)
