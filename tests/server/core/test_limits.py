"""Limits of accounts: each is held to, tells what broke it, and goes before the next."""

from typing import Any

import pytest

from quantumcore.server.core import enums
from tests.server.core.risk_venue import ACCEPTED, NONE, Refused, RiskVenue
from tests.server.core.venue import BUY, SELL

MS = 1_000_000
NEVER = 1 << 62
RATE = enums.REJECT_REASON_RATE_LIMITED
OVERFLOW = enums.REJECT_REASON_NOTIONAL_OVERFLOW
QUANTITY, VALUE = enums.REJECT_REASON_ORDER_QUANTITY_LIMIT, enums.REJECT_REASON_ORDER_VALUE_LIMIT
COLLAR, STALE = enums.REJECT_REASON_PRICE_COLLAR, enums.REJECT_REASON_REFERENCE_PRICE_STALE
POSITION, OPEN = enums.REJECT_REASON_POSITION_LIMIT, enums.REJECT_REASON_OPEN_ORDER_LIMIT
USE_OLD = enums.STALE_REFERENCE_POLICY_USE_WITH_HAIRCUT
MARKET, STOP = enums.ORDER_TYPE_MARKET, enums.ORDER_TYPE_STOP


def limited(instrument_id: int = 0, **limits: int) -> RiskVenue:
    """Return a venue whose account 1 has limits."""
    venue = RiskVenue()
    assert venue.limit(1, instrument_id, **limits) == ACCEPTED
    return venue


@pytest.mark.parametrize("instrument_id", [0, 1])
def test_order_quantity_is_limited(instrument_id: int) -> None:
    venue = limited(instrument_id, order_quantity=52)
    assert venue.ask("a", BUY, 50, 100) == ACCEPTED
    assert venue.ask("b", SELL, 55, 200) == Refused(QUANTITY, 8, 52, 55)
    assert venue.change("a", quantity=55) == Refused(QUANTITY, 6, 52, 55)
    other = venue.ask("c", BUY, 55, 100, instrument_id=2)
    assert (other == ACCEPTED) is (instrument_id == 1)


@pytest.mark.parametrize("instrument_id", [0, 1])
def test_order_value_is_limited(instrument_id: int) -> None:
    venue = limited(instrument_id, order_value=100)
    assert venue.ask("a", BUY, 50, 100) == ACCEPTED
    assert venue.ask("b", BUY, 50, 110) == Refused(VALUE, 8, 100, 110)
    assert venue.ask("c", SELL, 50, -110) == Refused(VALUE, 8, 100, 110)
    assert venue.change("a", price=110) == Refused(VALUE, 6, 100, 110)


def test_whole_quantity_of_a_replaced_order_is_limited() -> None:
    venue = limited(order_quantity=50)
    venue.order("a", BUY, 50, 100)
    venue.order("hit", SELL, 45, 100, account_id=2)
    assert venue.change("a", quantity=95) == Refused(QUANTITY, 6, 50, 95)
    assert venue.change("a", quantity=50, price=90) == ACCEPTED


def test_whole_value_of_a_replaced_order_is_limited() -> None:
    venue = limited(order_value=100)
    venue.order("a", BUY, 50, 100)
    venue.order("hit", SELL, 45, 100, account_id=2)
    assert venue.change("a", quantity=55) == Refused(VALUE, 6, 100, 110)
    assert venue.change("a", price=110) == Refused(VALUE, 6, 100, 110)
    assert venue.change("a", price=90) == ACCEPTED


def test_order_without_a_price_is_valued_at_the_worst_that_it_may_take() -> None:
    venue = limited(order_value=100)
    venue.order("ask", SELL, 5, 200, account_id=2)
    assert venue.ask("m", BUY, 25, order_type=MARKET) == Refused(VALUE, 8, 100, 5 * (20 + 3))
    stop = {"order_type": STOP, "stop_price": 200}
    assert venue.ask("s", BUY, 25, **stop) == Refused(VALUE, 8, 100, 5 * (20 + 3))
    peg = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_PRIMARY}
    assert venue.ask("p", BUY, 5, **peg) == Refused(VALUE, 8, 100, 1_000)
    assert venue.ask("q", BUY, 5, 1_000, **peg) == ACCEPTED
    venue.set_phase(enums.TRADING_PHASE_VOLATILITY_AUCTION)
    assert venue.ask("a", BUY, 5, order_type=MARKET) == Refused(VALUE, 8, 100, 1_000)
    assert venue.ask("b", SELL, 10, order_type=MARKET) == Refused(VALUE, 8, 100, 200)


def test_market_order_that_meets_nobody_is_worth_nothing() -> None:
    venue = limited(order_value=1)
    assert venue.ask("m", BUY, 500, order_type=MARKET) == ACCEPTED
    assert venue.find("m").cancel_reason == enums.CANCEL_REASON_MARKET_PROTECTION


@pytest.mark.parametrize("instrument_id", [0, 1])
def test_position_is_limited_by_what_working_orders_could_make_of_it(instrument_id: int) -> None:
    venue = limited(instrument_id, position_quantity=50)
    assert venue.ask("a", BUY, 30, 100) == ACCEPTED
    assert venue.ask("b", BUY, 25, 100) == Refused(POSITION, 8, 50, 55)
    assert venue.ask("c", SELL, 50, 200) == ACCEPTED
    assert venue.ask("d", SELL, 5, 200) == Refused(POSITION, 8, 50, 55)
    assert venue.change("a", quantity=50) == ACCEPTED
    assert venue.change("a", quantity=55) == Refused(POSITION, 6, 50, 55)


def test_position_beyond_its_limit_may_be_reduced() -> None:
    venue = RiskVenue()
    venue.order("ask", SELL, 80, 100, account_id=2)
    venue.order("long", BUY, 80, 100)
    venue.limit(position_quantity=50)
    assert venue.ask("more", BUY, 5, 100) == Refused(POSITION, 8, 50, 85)
    assert venue.ask("less", SELL, 130, 200) == ACCEPTED
    assert venue.ask("short", SELL, 5, 200) == Refused(POSITION, 8, 50, 55)


def test_value_of_working_orders_is_limited_over_all_instruments_of_a_currency() -> None:
    venue = limited(open_order_value=100)
    dear = venue.instrument(currency=1)
    assert venue.ask("a", BUY, 25, 100) == ACCEPTED
    assert venue.ask("b", SELL, 30, 100, instrument_id=2) == Refused(OPEN, 8, 100, 110)
    assert venue.ask("c", SELL, 25, 100, instrument_id=2) == ACCEPTED
    assert venue.ask("d", BUY, 5, 10) == Refused(OPEN, 8, 100, 101)
    assert venue.ask("e", BUY, 50, 100, instrument_id=dear) == ACCEPTED
    venue.cancel("c")
    assert venue.ask("f", BUY, 5, 10) == ACCEPTED


def test_value_of_working_orders_is_limited_in_one_instrument() -> None:
    venue = limited(1, open_order_value=100)
    assert venue.ask("a", BUY, 25, 100) == ACCEPTED
    assert venue.ask("b", SELL, 500, 100, instrument_id=2) == ACCEPTED
    assert venue.ask("c", SELL, 30, 100) == Refused(OPEN, 8, 100, 110)
    venue.order("hit", SELL, 20, 100, account_id=2)
    assert venue.ask("d", BUY, 45, 100) == ACCEPTED
    assert venue.ask("e", BUY, 5, 50) == Refused(OPEN, 8, 100, 105)


def test_replaced_order_is_not_counted_twice() -> None:
    venue = limited(open_order_value=100)
    assert venue.ask("a", BUY, 50, 100) == ACCEPTED
    assert venue.change("a", price=90) == ACCEPTED
    assert venue.change("a", price=100) == ACCEPTED
    assert venue.change("a", quantity=55) == Refused(OPEN, 6, 100, 110)
    assert venue.change("a", quantity=45) == ACCEPTED
    assert venue.ask("b", BUY, 5, 100) == ACCEPTED
    assert venue.ask("c", BUY, 5, 10) == Refused(OPEN, 8, 100, 101)


def test_number_of_working_orders_is_limited() -> None:
    venue = limited(working_orders=2)
    assert venue.ask("a", BUY, 5, 100) == ACCEPTED
    assert venue.ask("b", BUY, 5, 100, instrument_id=2) == ACCEPTED
    assert venue.ask("c", BUY, 5, 100) == Refused(OPEN, 0, 2, 3)
    assert venue.change("a", quantity=10) == ACCEPTED
    venue.order("hit", SELL, 10, 100, account_id=2)
    assert venue.ask("c", BUY, 5, 100) == ACCEPTED


def test_number_of_working_orders_is_limited_in_one_instrument() -> None:
    venue = limited(1, working_orders=1)
    assert venue.ask("a", BUY, 5, 100) == ACCEPTED
    assert venue.ask("b", BUY, 5, 100) == Refused(OPEN, 0, 1, 2)
    assert venue.ask("b", BUY, 5, 100, instrument_id=2) == ACCEPTED
    assert venue.change("a", quantity=10) == ACCEPTED
    venue.cancel("a")
    assert venue.ask("b2", BUY, 5, 100) == ACCEPTED


def test_orders_of_an_instrument_that_work_already_are_counted_when_limits_come() -> None:
    venue = RiskVenue()
    for name in ("a", "b"):
        venue.order(name, BUY, 5, 100)
    venue.order("elsewhere", BUY, 5, 100, instrument_id=2)
    venue.limit(1, 1, working_orders=2)
    assert venue.ask("c", SELL, 5, 200) == Refused(OPEN, 0, 2, 3)
    venue.order("hit", SELL, 5, 100, account_id=2)
    assert venue.ask("c", SELL, 5, 200) == ACCEPTED


def test_orders_that_work_already_are_counted_when_limits_come() -> None:
    venue = RiskVenue()
    for name in ("a", "b"):
        venue.order(name, BUY, 25, 100)
    venue.limit(open_order_value=100, working_orders=2, position_quantity=50)
    assert venue.ask("c", SELL, 5, 100) == Refused(OPEN, 0, 2, 3)
    venue.limit(open_order_value=100, position_quantity=50)
    assert venue.ask("c", SELL, 5, 100) == Refused(OPEN, 8, 100, 110)
    venue.limit(position_quantity=50)
    assert venue.ask("c", BUY, 5, 100) == Refused(POSITION, 8, 50, 55)
    venue.cancel_all()
    venue.limit(open_order_value=100, position_quantity=50, working_orders=1)
    assert venue.ask("d", BUY, 50, 100) == ACCEPTED


def test_rate_of_commands_is_limited_and_comes_back_with_time() -> None:
    venue = limited(command_rate_hz=2)
    assert venue.ask("a", BUY, 5, 100) == ACCEPTED
    assert venue.change("a", quantity=10) == ACCEPTED
    assert venue.ask("b", BUY, 5, 100) == Refused(RATE, 2, 2, 3)
    assert venue.change("a", quantity=15).reason == RATE
    assert "ended a cancelled" in venue.cancel("a")[0]
    assert venue.ask("other", BUY, 5, 100, account_id=2) == ACCEPTED
    venue.now += 500 * MS
    assert venue.ask("c", BUY, 5, 100) == ACCEPTED
    assert venue.ask("d", BUY, 5, 100).reason == RATE
    venue.now += 5_000 * MS
    names = ("e", "f", "g")
    reasons = [venue.ask(name, BUY, 5, 100).reason for name in names]
    assert reasons == [0, 0, RATE]


def test_replacements_of_nothing_count_against_the_rate() -> None:
    venue = limited(command_rate_hz=1)
    assert venue.change("none", quantity=15).reason == enums.REJECT_REASON_UNKNOWN_ORDER
    assert venue.change("none", quantity=15) == Refused(RATE, 2, 1, 2)
    venue.now += 1_000 * MS
    assert venue.ask("a", BUY, 5, 100) == ACCEPTED
    assert venue.change("none", quantity=15).reason == RATE
    assert venue.ask("b", BUY, 5, 100).reason == RATE


def test_replacement_that_was_not_let_in_does_not_count_against_the_rate() -> None:
    venue = limited(command_rate_hz=1)
    denied = {"door_reason": enums.REJECT_REASON_NOT_PERMITTED}
    assert venue.change("none", quantity=15, **denied).reason == denied["door_reason"]
    assert venue.ask("a", BUY, 5, 100) == ACCEPTED


def test_refused_command_counts_against_the_rate() -> None:
    venue = limited(command_rate_hz=1)
    assert venue.ask("a", BUY, 0, 100).reason == enums.REJECT_REASON_QUANTITY_NOT_POSITIVE
    assert venue.ask("b", BUY, 5, 100) == Refused(RATE, 2, 1, 2)


def test_limit_price_keeps_near_the_reference() -> None:
    venue = limited(collar_basis_points=1_000)
    venue.reference(last=1_000)
    assert venue.ask("a", BUY, 5, 1_100) == ACCEPTED
    assert venue.ask("b", BUY, 5, 1_110) == Refused(COLLAR, 9, 1_100, 1_110)
    assert venue.ask("c", SELL, 5, 890) == Refused(COLLAR, 9, 900, 890)
    assert venue.ask("d", BUY, 5, 10) == ACCEPTED
    assert venue.ask("e", SELL, 5, 9_000) == ACCEPTED
    assert venue.ask("f", SELL, 5, order_type=MARKET) == ACCEPTED
    assert venue.change("d", price=1_110) == Refused(COLLAR, 7, 1_100, 1_110)


def test_collar_is_rounded_towards_the_reference() -> None:
    venue = limited(1, collar_basis_points=500)
    venue.reference(last=100)
    assert venue.ask("a", BUY, 5, 100) == ACCEPTED
    assert venue.ask("b", BUY, 5, 110) == Refused(COLLAR, 9, 100, 110)
    venue.reference(last=-400)
    assert venue.ask("c", BUY, 5, -380) == ACCEPTED
    assert venue.ask("d", BUY, 5, -370) == Refused(COLLAR, 9, -380, -370)


def test_quote_off_tick_is_rounded_down() -> None:
    venue = limited(collar_basis_points=1)
    venue.reference(last=-101)
    assert venue.ask("a", BUY, 5, -110) == ACCEPTED
    assert venue.ask("b", BUY, 5, -100) == Refused(COLLAR, 9, -110, -100)


def test_without_any_price_the_collar_has_nothing_to_go_by() -> None:
    venue = limited(collar_basis_points=1_000, stale_policy=USE_OLD)
    assert venue.ask("a", BUY, 5, 100) == Refused(STALE, 9, 100 * MS, NEVER)
    assert venue.ask("b", BUY, 5, order_type=MARKET) == ACCEPTED


def test_old_reference_is_refused_or_used_with_a_haircut() -> None:
    venue = limited(collar_basis_points=1_000, reference_age_ms=2)
    venue.reference(last=1_000)
    told = venue.now
    venue.now += 2 * MS - 1
    assert venue.ask("a", BUY, 5, 1_100) == ACCEPTED
    venue.cancel("a")
    age_ns = venue.now + 1 - told
    assert venue.ask("b", BUY, 5, 1_100) == Refused(STALE, 9, 2 * MS, age_ns)
    venue.limit(
        collar_basis_points=1_000,
        reference_age_ms=2,
        stale_policy=USE_OLD,
        haircut_basis_points=600,
    )
    assert venue.ask("c", BUY, 5, 1_040) == ACCEPTED
    assert venue.ask("d", BUY, 5, 1_050) == Refused(COLLAR, 9, 1_040, 1_050)


def test_middle_of_the_book_goes_before_an_old_quote_and_a_young_one_before_it() -> None:
    venue = limited(collar_basis_points=1)
    venue.reference(last=1_000)
    venue.order("bid", BUY, 5, 200, account_id=2)
    venue.order("ask", SELL, 5, 230, account_id=2)
    assert venue.ask("a", BUY, 5, 1_010) == Refused(COLLAR, 9, 1_000, 1_010)
    venue.now += 101 * MS
    assert venue.ask("b", BUY, 5, 220) == Refused(COLLAR, 9, 210, 220)


def test_younger_of_quote_and_last_trade_is_used_where_both_are_old() -> None:
    venue = limited(collar_basis_points=1, stale_policy=USE_OLD)
    venue.reference(last=1_000)
    venue.trade(300)
    venue.now += 101 * MS
    assert venue.ask("a", BUY, 5, 310) == Refused(COLLAR, 9, 300, 310)
    venue.reference(last=1_000)
    venue.now += 101 * MS
    assert venue.ask("b", BUY, 5, 1_010) == Refused(COLLAR, 9, 1_000, 1_010)


def test_limits_over_all_hold_beside_those_for_an_instrument() -> None:
    venue = limited(order_quantity=50)
    venue.limit(1, 1, order_quantity=500, order_value=20)
    assert venue.ask("a", BUY, 55, 10) == Refused(QUANTITY, 8, 50, 55)
    assert venue.ask("b", BUY, 50, 30) == Refused(VALUE, 8, 20, 30)
    venue.limit(1, 1)
    assert venue.ask("c", BUY, 50, 30) == ACCEPTED


def test_reasons_go_before_one_another_as_the_contract_lists_them() -> None:
    """One order breaks them all; each that is lifted lets the next be told."""
    venue = RiskVenue()
    venue.order("ask", SELL, 5, 500, account_id=2)
    venue.account(margin_model=NONE)
    venue.reference(last=400)
    everything = {
        "order_quantity": 5, "order_value": 5, "collar_basis_points": 10,
        "position_quantity": 5, "open_order_value": 5,
    }  # fmt: skip
    order: dict[str, Any] = {"reduce_only": True, "post_only": True}
    venue.kill(1)
    venue.limit(**everything)
    expected = [
        enums.REJECT_REASON_KILL_SWITCH,
        QUANTITY,
        VALUE,
        COLLAR,
        POSITION,
        OPEN,
        enums.REJECT_REASON_INSUFFICIENT_BALANCE,
        enums.REJECT_REASON_REDUCE_ONLY,
        enums.REJECT_REASON_POST_ONLY_WOULD_TRADE,
    ]
    found = [venue.ask("a", BUY, 10, 500, **order).reason]
    venue.kill(1, enabled=False)
    for name in everything:
        found.append(venue.ask("a", BUY, 10, 500, **order).reason)
        everything[name] = 0
        venue.limit(**everything)
    found.append(venue.ask("a", BUY, 10, 500, **order).reason)
    venue.pay(1_000)
    found.append(venue.ask("a", BUY, 10, 500, **order).reason)
    found.append(venue.ask("a", BUY, 10, 500, post_only=True).reason)
    assert found == expected


def test_rate_goes_before_what_is_wrong_with_the_order() -> None:
    venue = limited(command_rate_hz=1)
    venue.order("a", BUY, 5, 100)
    assert venue.ask("b", BUY, 5, 100, instrument_id=9) == Refused(RATE, 2, 1, 2)


def test_values_together_fit_the_venue_s_arithmetic() -> None:
    venue = RiskVenue()
    listed = venue.instrument(
        tick_size=1, lot_size=1, min_price=0, max_price=1, max_quantity=(1 << 62) - 1
    )
    venue.limit(order_quantity=(1 << 62) - 1)
    most = (1 << 62) - 1
    assert venue.ask("a", BUY, most - 10, 1, instrument_id=listed) == ACCEPTED
    assert venue.ask("b", SELL, 10, 1, instrument_id=listed, account_id=2) == ACCEPTED
    assert venue.ask("c", SELL, 21, 1, instrument_id=listed) == Refused(OVERFLOW, 8, most, 21)


def test_limits_are_set_for_what_there_is() -> None:
    venue = RiskVenue()
    unknown = enums.REJECT_REASON_UNKNOWN_ACCOUNT
    assert venue.limit(9, order_value=1) == Refused(unknown, 2, 0, 9)
    unknown = enums.REJECT_REASON_UNKNOWN_INSTRUMENT
    assert venue.limit(1, 9, order_value=1) == Refused(unknown, 3, 0, 9)
    assert not venue.told
    assert venue.limit(1, 2, order_value=1) == ACCEPTED
    assert [event[2:] for event in venue.told] == [(1, 2)]
