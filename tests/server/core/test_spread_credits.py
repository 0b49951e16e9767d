"""Spread and hedge credits as operators set them: what they save, of whom, and what is refused."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import enums, kinds, order_commands, risk_records
from quantumcore.server.core.events import Notice
from quantumcore.server.core.margin import rows
from quantumcore.server.core.risk_commands import ScanRange, set_scan_range, set_spread_credit
from tests.server.core.margin_venue import (
    CENT,
    ONE,
    OTHER,
    SCENARIO,
    SHARE,
    STRATEGY,
    MarginVenue,
)
from tests.server.core.risk_venue import ACCEPTED, Refused

OLD_MS = 86_400_000
MARGIN = enums.REJECT_REASON_INSUFFICIENT_MARGIN
CORN, SOYBEANS = 21, 22


def venue_of(cash: int, model: int = STRATEGY) -> MarginVenue:
    venue = MarginVenue(model, cash)
    venue.limit(1, reference_age_ms=OLD_MS)
    for one in (SHARE, OTHER):
        venue.mark(one, 5_000)
    return venue


def credit(venue: MarginVenue, priority: int, a: int, b: int, share: int, **more: Any) -> Refused:
    venue.do(
        set_spread_credit, priority=priority, instruments=(a, b), credit_basis_points=share, **more
    )
    return venue.refused


def scan(venue: MarginVenue, instrument_id: int, **values: Any) -> Refused:
    venue.do(set_scan_range, instrument_id=instrument_id, scan=ScanRange(**values))
    return venue.refused


def grains(venue: MarginVenue) -> tuple[int, int]:
    """List corn at 1,750 dollars a lot and soybeans at 2,500, with ticks of 12.50."""
    corn = venue.future(CORN, 175_000, tick_value=1_250)
    soybeans = venue.future(SOYBEANS, 250_000, tick_value=1_250)
    for one in (corn, soybeans):
        venue.mark(one, 2_000)
    return corn, soybeans


@pytest.mark.parametrize("model", [STRATEGY, SCENARIO])
def test_corn_against_soybeans(model: int) -> None:
    """CME Group, Spread Calculations: 2 corn at 1,750 against soybeans at 2,500, credit 55 %."""
    venue = venue_of(10_000_000, model)
    corn, soybeans = grains(venue)
    assert credit(venue, 1, corn, soybeans, 5_500, lots=(2, 1)) == ACCEPTED
    assert venue.trade_with(corn, 2, 2_000) == ACCEPTED
    assert venue.money().margin == 350_000
    assert venue.trade_with(soybeans, -1, 2_000) == ACCEPTED
    assert venue.money().margin == 270_000
    report = venue.margin()
    saved = sum(
        part.separate_minor_units - part.requirement_minor_units for part in report.components
    )
    assert saved == 600_000 - 270_000
    if model == STRATEGY:
        (part,) = report.components
        assert part.rule == rows.MARGIN_RULE_FUTURE_SPREAD
    else:
        assert "spreads against other commodities save" in report.components[0].explanation


def test_month_against_month_by_strategies() -> None:
    """CME Group, Spread Calculations: month 2 against month 3, both at 500, together 200."""
    venue = venue_of(1_000_000)
    near, far = venue.future(9, 50_000), venue.future(9, 50_000, days=180)
    for one in (near, far):
        venue.mark(one, 2_000)
    assert credit(venue, 1, near, far, 8_000) == ACCEPTED
    assert venue.trade_with(near, 1, 2_000) == ACCEPTED
    assert venue.trade_with(far, -1, 2_000) == ACCEPTED
    assert venue.money().margin == 20_000


def test_month_against_month_by_scenarios() -> None:
    """CME Group, Spread Calculations: month 2 against month 3, both at 500, charge 200: 200."""
    venue = venue_of(1_000_000, SCENARIO)
    near, far = venue.future(9, 50_000), venue.future(9, 50_000, days=180)
    for one in (near, far):
        venue.mark(one, 2_000)
    assert scan(venue, far, calendar_charge=20_000) == ACCEPTED
    assert venue.trade_with(near, 1, 2_000) == ACCEPTED
    assert venue.money().margin == 50_000
    assert venue.trade_with(far, -1, 2_000) == ACCEPTED
    assert venue.money().margin == 20_001, "thirds of a scan are rounded against both sides"


def test_pair_of_shares_earns_a_hedge_credit_and_losing_the_hedge_costs_it() -> None:
    """Outright 100 % and 150 % of 5,000 dollars; 20 % of both is what selling gives back."""
    venue = venue_of(900_000)
    assert credit(venue, 1, SHARE, OTHER, 2_000) == ACCEPTED
    assert venue.trade_with(SHARE, 100, 5_000) == ACCEPTED
    assert venue.trade_with(OTHER, -100, 5_000) == ACCEPTED
    report = venue.margin()
    (part,) = report.components
    assert part.rule == rows.MARGIN_RULE_HEDGE_CREDIT
    assert (part.separate_minor_units, part.requirement_minor_units) == (1_250_000, 1_000_000)
    assert report.position_margin == 500_000, "of it 500,000 was paid"
    assert venue.money().available == 900_000 - 500_000
    venue.do(_pay_out, account_id=1, amount=-400_000)
    # Selling the hedge brings 5,000 dollars, and 2,500 more are held.
    assert venue.rest(SHARE, -100, 2_499) == Refused(MARGIN, enums.CREATE_FIELD_QUANTITY, 0, 100)
    assert venue.rest(SHARE, -100, 2_500) == ACCEPTED


def _pay_out(exchange: Any, **terms: Any) -> int:
    from quantumcore.server.core import admin_commands

    return admin_commands.move_cash(exchange, **terms)


def test_index_arbitrage_is_a_share_against_a_future() -> None:
    venue = venue_of(10_000_000)
    future = venue.future(9, 250_000)
    venue.mark(future, 2_000)
    assert credit(venue, 3, SHARE, future, 5_500, lots=(100, 1)) == ACCEPTED
    assert venue.trade_with(SHARE, 200, 5_000) == ACCEPTED
    assert venue.trade_with(future, -2, 2_000) == ACCEPTED
    (part,) = venue.margin().components
    assert part.rule == rows.MARGIN_RULE_HEDGE_CREDIT
    assert part.units == 2
    assert part.requirement_minor_units == (1_000_000 + 500_000) * 45 // 100


def test_order_is_held_to_what_a_credit_leaves_of_its_margin() -> None:
    venue = venue_of(500_000)
    corn, soybeans = grains(venue)
    assert venue.trade_with(corn, 2, 2_000) == ACCEPTED
    refused = venue.rest(soybeans, -1, 2_000)
    assert refused == Refused(MARGIN, enums.CREATE_FIELD_QUANTITY, 150_000, 250_000)
    credit(venue, 7, corn, soybeans, 5_500, lots=(2, 1))
    assert venue.rest(soybeans, -1, 2_000) == ACCEPTED
    assert venue.money().reserved == 0, "it takes 330,000 off what corn requires and adds 250,000"
    venue.cancel_all()
    assert venue.trade_with(corn, -2, 2_000) == ACCEPTED


def test_credits_form_in_order_of_priority_and_one_can_end() -> None:
    venue = venue_of(10_000_000)
    corn, soybeans = grains(venue)
    credit(venue, 5, corn, soybeans, 5_500, lots=(2, 1))
    credit(venue, 2, corn, soybeans, 1_000, lots=(2, 1))
    venue.trade_with(corn, 2, 2_000)
    venue.trade_with(soybeans, -1, 2_000)
    assert venue.money().margin == 540_000
    assert [(one, words[-1]) for one, words, _ in venue.exchange.credits()] == [
        (2, 1_000),
        (5, 5_500),
    ]
    assert credit(venue, 2, corn, soybeans, 0) == ACCEPTED
    assert venue.money().margin == 270_000
    credit(venue, 5, corn, soybeans, 0)
    assert venue.exchange.credits() == []
    assert venue.money().margin == 600_000


def test_change_is_an_event_with_a_sequence_and_happens_once() -> None:
    venue = venue_of(0)
    corn, soybeans = grains(venue)
    terms: dict[str, Any] = {
        "priority": 4,
        "instruments": (corn, soybeans),
        "credit_basis_points": 100,
    }
    (told,) = venue.do(set_spread_credit, request_id=8, **terms)
    assert isinstance(told, Notice)
    assert (told.kind, told.subject, told.value) == (kinds.SPREAD_CREDIT_SET, 4, 100)
    ((priority, words, sequence),) = venue.exchange.credits()
    assert (priority, words) == (4, [-CORN, -SOYBEANS, 1, 1, 100])
    assert sequence == told.sequence == venue.exchange.sequence
    (again,) = venue.do(set_spread_credit, request_id=8, **terms)
    assert again.kind == kinds.REQUEST_REPEATED
    assert venue.exchange.credits() == [(priority, words, sequence)]
    (reused,) = [venue.do(set_spread_credit, request_id=8, **terms | {"priority": 5})]
    assert reused == []
    assert venue.result.reject_reason == enums.REJECT_REASON_REQUEST_ID_REUSED


def test_refusals_name_field_limit_and_value() -> None:
    venue = venue_of(0)
    option = venue.option(50)
    euros = venue.instrument(
        tick_size=CENT, lot_size=ONE, min_price=0, max_price=10**12, max_quantity=ONE,
        protection_band=CENT, tick_value=1, currency=1,
    )  # fmt: skip
    a, b = risk_records.CREDIT_FIELD_INSTRUMENT_A, risk_records.CREDIT_FIELD_INSTRUMENT_B
    unknown, terms = enums.REJECT_REASON_UNKNOWN_INSTRUMENT, enums.REJECT_REASON_INVALID_TERMS
    assert credit(venue, 1, 99, SHARE, 1) == Refused(unknown, a, 0, 99)
    assert credit(venue, 1, SHARE, 98, 1) == Refused(unknown, b, 0, 98)
    assert credit(venue, 1, option, SHARE, 1) == Refused(terms, a, 0, option)
    assert credit(venue, 1, SHARE, SHARE, 1) == Refused(terms, b, SHARE, SHARE)
    currency = enums.REJECT_REASON_LEG_CURRENCY
    assert credit(venue, 1, SHARE, euros, 1) == Refused(currency, b, SHARE, euros)
    assert venue.exchange.credits() == []
    field = risk_records.SCAN_FIELD_INSTRUMENT
    assert scan(venue, option) == Refused(terms, field, 0, option)
    assert scan(venue, 99) == Refused(unknown, field, 0, 99)


def test_scans_are_bounded_in_number() -> None:
    venue = MarginVenue(SCENARIO, 0)
    listed = [venue.future(product, 1) for product in range(1, 258)]
    for one in listed[:256]:
        assert scan(venue, one, price_range_basis_points=100) == ACCEPTED
    full = Refused(
        enums.REJECT_REASON_CAPACITY_EXHAUSTED, risk_records.SCAN_FIELD_INSTRUMENT, 256, 257
    )
    assert scan(venue, listed[256]) == full
    assert scan(venue, listed[3], price_range_basis_points=200) == ACCEPTED
    assert len(venue.exchange.scans()) == 256
    assert venue.exchange.scans()[3][0][:2] == [-4, 200]


def test_scan_says_how_far_and_by_which_scenarios() -> None:
    venue = venue_of(2_000_000, SCENARIO)
    assert venue.trade_with(SHARE, -100, 5_000) == ACCEPTED
    assert venue.money().margin == 575_000
    assert scan(venue, SHARE, price_range_basis_points=1_000, ten_points=True) == ACCEPTED
    assert venue.money().margin == 550_000
    (part,) = venue.margin().components
    assert part.explanation.startswith("Scenario 10 loses most, 50,000;")


def test_state_is_recovered_with_credits_and_scans() -> None:
    venue = venue_of(10_000_000)
    corn, soybeans = grains(venue)
    credit(venue, 5, corn, soybeans, 5_500, lots=(2, 1))
    scan(venue, corn, price_range_basis_points=500, volatility_ppm=1)
    state = venue.exchange.state_hash()
    assert venue.replayed().state_hash() == state
    credit(venue, 5, corn, soybeans, 5_501, lots=(2, 1))
    assert venue.exchange.state_hash() != state


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 6), st.integers(0, 4), st.integers(0, 4), st.integers(0, 10_000),
            st.integers(1, 3), st.integers(1, 3),
        ),
        max_size=5,
    ),
    st.lists(st.tuples(st.integers(0, 4), st.integers(-4, 4).filter(bool)), max_size=6),
    st.sampled_from([STRATEGY, SCENARIO]),
)  # fmt: skip
def test_credits_save_and_never_cost_and_replay_the_same(
    stated: list[tuple[int, int, int, int, int, int]], trades: list[tuple[int, int]], model: int
) -> None:
    venue = venue_of(10**9, model)
    corn, soybeans = grains(venue)
    traded = [SHARE, OTHER, corn, soybeans, venue.future(CORN, 180_000, days=180, tick_value=1_250)]
    prices = (5_000, 5_000, 2_000, 2_000, 2_000)
    venue.mark(traded[4], 2_000)
    for which, lots in trades:
        assert venue.trade_with(traded[which], lots, prices[which]) == ACCEPTED
    plain = venue.money()
    for priority, a, b, share, lots_a, lots_b in stated:
        credit(venue, priority, traded[a], traded[b], share, lots=(lots_a, lots_b))
    credited = venue.money()
    assert 0 <= credited.margin <= plain.margin
    assert credited.cash == plain.cash
    report = venue.margin()
    assert report.position_margin == credited.margin
    assert sum(part.requirement_minor_units for part in report.components) >= credited.margin
    assert venue.replayed().state_hash() == venue.exchange.state_hash()


def test_check_order_uses_the_credits_of_now() -> None:
    venue = venue_of(10_000_000)
    corn, soybeans = grains(venue)
    credit(venue, 1, corn, soybeans, 5_500, lots=(2, 1))
    venue.trade_with(corn, 2, 2_000)
    checking = venue.exchange.checking
    checking.begin(venue.now)
    order_commands.create_order(
        checking,
        account_id=1,
        instrument_id=soybeans,
        client_order_id="-",
        side=enums.SIDE_SELL,
        quantity=ONE,
        price=2_000 * CENT,
    )
    after = checking.view().after
    assert after is not None
    assert after.position_margin == 270_000
