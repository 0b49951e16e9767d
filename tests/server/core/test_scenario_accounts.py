"""Accounts whose margin is the worst of scenarios: orders, packages, fills, marks that move."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import admin_commands, enums, order_commands, tables
from quantumcore.server.core.admin_commands import Limits
from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.risk_arrays import SPAN_16, Scan, option_losses
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
from tests.server.core.venue import BUY, SELL

MARGIN = enums.REJECT_REASON_INSUFFICIENT_MARGIN
QUANTITY, STOP = enums.CREATE_FIELD_QUANTITY, enums.ORDER_TYPE_STOP
OLD_MS = 86_400_000  # marks of these tests do not grow old


def venue_of(cash: int, model: int = SCENARIO) -> MarginVenue:
    """Return a venue with a share at 50.00, whose account 1 has so many cents."""
    venue = MarginVenue(model, cash)
    venue.limit(1, reference_age_ms=OLD_MS)
    venue.mark(SHARE, 5_000)
    return venue


def short_losses(strike: int, *, put: bool, days: int = 90, price: int = 5_000) -> list[int]:
    """Return what a short lot of an option on the share loses in each of the 16 scenarios."""
    losses = option_losses(
        Scan(
            scenarios=SPAN_16,
            price_range_ticks=price * 15 // 100,
            volatility_range_ppm=tables.DEFAULT_VOLATILITY_RANGE,
        ),
        put=put,
        underlying_ticks=price,
        strike_ticks=100 * strike,
        seconds=days * 86_400,
        volatility_ppm=tables.DEFAULT_VOLATILITY,
        underlying_tick_value_minor_units=100,
        short=True,
    )
    return [-loss for loss in losses]


def test_short_share_holds_its_value_and_fifteen_percent() -> None:
    """Cboe rule 10.4 and FINRA 4210(g): a share is scanned 15 % either way."""
    venue = venue_of(200_000)
    assert venue.trade_with(SHARE, -100, 5_000) == ACCEPTED
    report = venue.margin()
    assert report.position_margin == 100 * 5_000 + 100 * 750
    (part,) = report.components
    assert part.rule == rows.MARGIN_RULE_SCENARIO
    assert part.explanation == (
        "Scenario 11 loses most, 75,000; what was sold is worth 500,000; together 575,000."
    )
    assert venue.money().available == 200_000 + 500_000 - 575_000


def test_order_is_held_to_the_margin_of_the_portfolio_that_would_be() -> None:
    venue = venue_of(74_999)
    refused = venue.rest(SHARE, -100, 5_000)
    assert refused == Refused(MARGIN, QUANTITY, 74_999, 75_000)
    venue.pay(1)
    assert venue.rest(SHARE, -100, 5_000) == ACCEPTED
    assert (venue.money().reserved, venue.money().available) == (75_000, 0)
    venue.cancel_all()
    assert (venue.money().reserved, venue.money().available) == (0, 75_000)


@pytest.mark.parametrize(("cash", "sold"), [(284_999, 0), (285_000, 100)])
def test_stop_is_held_to_the_worst_scenario_again_where_the_book_has_a_gap(
    cash: int, sold: int
) -> None:
    venue = venue_of(cash)
    terms = {"instrument_id": SHARE, "order_type": STOP, "stop_price": 5_000 * CENT}
    assert venue.ask("stop", SELL, 100 * ONE, **terms) == ACCEPTED
    # Sold a dollar below its mark, and short: 10,000 and 75,000.
    assert venue.money().reserved == 85_000
    venue.order("far", BUY, 100 * ONE, 3_000 * CENT, account_id=2, instrument_id=SHARE)
    venue.trade(5_000 * CENT, ONE, SHARE)
    view = venue.find("stop")
    assert view.cumulative_quantity == sold * ONE
    assert view.cancel_reason == (0 if sold else enums.CANCEL_REASON_MARKET_PROTECTION)
    assert venue.money().reserved == 0
    assert venue.money().available == (10_000 if sold else cash)


def test_hedge_in_one_commodity_is_seen_whole() -> None:
    """A long share and a short call are one commodity: what one loses the other gains."""
    venue = venue_of(1_000_000)
    call = venue.option(55)
    venue.mark(call, 120)
    assert venue.trade_with(SHARE, 100, 5_000) == ACCEPTED
    assert venue.margin().position_margin == 0, "what was paid in full stands for it"
    alone = 120 * 100 + max(short_losses(55, put=False))
    assert venue.margin(1, STRATEGY).position_margin == 0
    assert venue.trade_with(call, -1, 120) == ACCEPTED
    assert venue.margin().position_margin == 0, "the share is worth more than all could lose"
    assert venue.trade_with(SHARE, -100, 5_000) == ACCEPTED
    assert venue.margin().position_margin == alone


def test_package_is_held_to_its_worst_scenario_not_to_the_sum_of_its_legs() -> None:
    venue = venue_of(10_000_000)
    call, put = venue.option(50), venue.option(50, put=True)
    venue.mark(call, 300)
    venue.mark(put, 300)
    each = [short_losses(50, put=False), short_losses(50, put=True)]
    straddle = max(map(sum, zip(*each, strict=True)))
    assert straddle < sum(map(max, each))
    assert venue.package((call, -1), (put, -1), net=-600) == ACCEPTED
    assert venue.money().reserved == straddle
    venue.cancel_all()
    assert venue.money().reserved == 0
    for one in (call, put):
        assert venue.rest(one, -1, 300) == ACCEPTED
    assert venue.money().reserved == sum(map(max, each))


def test_sequential_package_reserves_for_the_worst_of_its_states() -> None:
    """The short leg alone requires more than both: it is checked, and reserved."""
    venue = venue_of(10_000_000)
    low, high = venue.option(50), venue.option(52)
    venue.mark(low, 300)
    venue.mark(high, 210)
    terms: dict[str, Any] = {
        "mode": enums.EXECUTION_MODE_SEQUENTIAL,
        "sequential": (enums.UNWIND_POLICY_HOLD, 1_000, 0),
    }
    legs = ((low, -1, 300), (high, 1, 210))
    alone = max(short_losses(50, put=False))
    assert venue.package(*legs, **terms) == ACCEPTED
    assert venue.money().reserved == alone
    venue.cancel_all()
    assert venue.package(*legs) == ACCEPTED
    assert venue.money().reserved < alone // 2


def test_marks_that_move_change_what_is_available_and_what_is_told() -> None:
    venue = venue_of(700_000)
    assert venue.trade_with(SHARE, -100, 5_000) == ACCEPTED
    told = [event for event in venue.told if getattr(event, "kind", 0) == 92]
    assert len(told) <= 1
    assert venue.money().margin == 575_000
    venue.mark(SHARE, 6_000)
    assert venue.money().margin == 600_000 + 90_000
    assert venue.money().available == 1_200_000 - 690_000
    # Prices count as the nearest whole step of 1 % or less: 60.49 as 60.50.
    venue.mark(SHARE, 6_049)
    assert venue.money().margin == 604_900 + 100 * 908


def test_future_is_scanned_by_its_outright_margin_and_months_offset() -> None:
    venue = venue_of(1_000_000)
    near, far = venue.future(7, 120_000), venue.future(7, 120_000, days=180)
    for one in (near, far):
        venue.mark(one, 2_000)
    assert venue.trade_with(near, 2, 2_000) == ACCEPTED
    assert venue.money().margin == 240_000
    assert venue.trade_with(far, -2, 2_000) == ACCEPTED
    assert venue.money().margin == 0
    (part,) = venue.margin().components
    assert {one.instrument_id: one.lots for one in part.holdings} == {near: 2, far: -2}


def test_model_is_chosen_for_each_account() -> None:
    venue = venue_of(1_000_000)
    venue.account(3, margin_model=STRATEGY)
    venue.limit(3, reference_age_ms=OLD_MS)
    venue.pay(1_000_000, 3)
    for account_id in (1, 3):
        assert venue.trade_with(SHARE, -100, 5_000, account_id) == ACCEPTED
    assert (venue.money(1).margin, venue.money(3).margin) == (575_000, 750_000)
    asked = venue.margin(3, SCENARIO)
    assert asked.position_margin == 575_000
    assert venue.account(3, margin_model=SCENARIO) == ACCEPTED
    assert venue.money(3).margin == 575_000


def test_old_price_refuses_or_is_moved_by_the_haircut() -> None:
    venue = MarginVenue(SCENARIO, 10_000_000)
    venue.mark(SHARE, 5_000)
    venue.now += 200_000_000
    stale = venue.rest(SHARE, -100, 5_000)
    assert stale.reason == enums.REJECT_REASON_REFERENCE_PRICE_STALE
    venue.limit(
        1,
        stale_policy=enums.STALE_REFERENCE_POLICY_USE_WITH_HAIRCUT,
        haircut_basis_points=2_000,
    )
    assert venue.rest(SHARE, -100, 5_000) == ACCEPTED
    # The price counts as 60.00: its value and 15 % of it, less the 50.00 that the sale brings.
    assert venue.money().reserved == 100 * (6_000 + 900 - 5_000)


def test_prices_beyond_what_can_be_valued_are_refused_and_never_raise() -> None:
    venue = venue_of(10**15)
    wide = venue.instrument(
        tick_size=1, lot_size=ONE, min_price=0, max_price=1 << 45, max_quantity=10 * ONE,
        protection_band=1, tick_value=1,
    )  # fmt: skip
    venue.reference(wide, last=1 << 43)
    refused = venue.ask("wide", 2, ONE, 1 << 43, instrument_id=wide)
    assert refused.reason == enums.REJECT_REASON_NOTIONAL_OVERFLOW
    venue.reference(wide, last=1 << 40)
    assert venue.ask("less", 2, ONE, 1 << 40, instrument_id=wide) == ACCEPTED


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell", "rest buy", "rest sell", "mark", "package", "cancel"]),
        st.integers(0, 4),
        st.integers(1, 3),
        st.integers(-8, 8),
    ),
    min_size=5,
    max_size=14,
)


def played(steps: list[tuple[str, int, int, int]]) -> MarginVenue:
    """Let account 1 trade a share, three options and a future as the steps say."""
    venue = venue_of(3_000_000)
    calls = [venue.option(strike) for strike in (50, 52)]
    traded = [SHARE, *calls, venue.option(48, put=True), venue.future(9, 60_000)]
    prices = dict(zip(traded, (5_000, 300, 210, 190, 2_000), strict=True))
    for one, price in prices.items():
        venue.mark(one, price)
    for what, which, lots, move in steps:
        one = traded[which]
        price = prices[one] + move
        sign = 1 if "buy" in what else -1
        if what == "mark":
            prices[one] += 20 * move if one == SHARE else move
            venue.mark(one, prices[one])
        elif what == "cancel":
            venue.cancel_all()
        elif what == "package":
            venue.package((calls[0], -lots), (calls[1], lots), net=-(90 + move) * lots)
        elif what.startswith("rest"):
            venue.rest(one, sign * lots, price - 40 * sign)
        else:
            venue.trade_with(one, sign * lots, price)
    return venue


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_random_steps_replay_the_same_and_leave_nothing_reserved(
    steps: list[tuple[str, int, int, int]],
) -> None:
    venue = played(steps)
    other = venue.replayed()
    assert other.state_hash() == venue.exchange.state_hash()
    money = venue.money()
    assert other.balance(1, 0, venue.now) == money
    assert money.reserved >= 0
    assert money.margin >= 0
    report = venue.margin()
    assert report.position_margin == money.margin
    assert report.order_margin == money.reserved
    venue.cancel_all()
    assert venue.money().reserved == 0
    flat = [view for view in venue.exchange.positions_of(1, venue.now) if view.lots]
    venue.account(1, margin_model=SCENARIO)
    for view in flat:
        mark = view.mark_ticks
        assert mark is not None
        closing = venue.trade_with(view.instrument_id, -view.lots, mark)
        assert closing.reason in {0, MARGIN, enums.REJECT_REASON_PRICE_OUT_OF_RANGE}
    if not any(view.lots for view in venue.exchange.positions_of(1, venue.now)):
        assert (venue.money().reserved, venue.money().margin) == (0, 0)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(-3, 3).filter(bool)),
        min_size=2,
        max_size=4,
        unique_by=lambda leg: leg[0],
    )
)
def test_package_needs_no_more_margin_than_its_legs_one_by_one(
    legs: list[tuple[int, int]],
) -> None:
    venue = venue_of(10**9)
    traded = [venue.option(48), venue.option(50), venue.option(50, put=True), SHARE]
    prices = dict(zip(traded, (390, 300, 290, 5_000), strict=True))
    for one, price in prices.items():
        venue.mark(one, price)
    stated = [(traded[which], ratio, prices[traded[which]]) for which, ratio in legs]
    apart = 0
    for leg in stated:
        assert venue.rest(*leg) == ACCEPTED
        apart += venue.money().reserved
        venue.cancel_all()
    assert venue.package(*stated) == ACCEPTED
    assert venue.money().reserved <= apart
    venue.cancel_all()
    assert venue.money().reserved == 0


def test_check_order_answers_with_the_scenario_and_changes_nothing() -> None:
    venue = venue_of(75_000)
    state = venue.exchange.state_hash()
    checking = venue.exchange.checking
    checking.begin(venue.now)
    order_commands.create_order(
        checking,
        account_id=1,
        instrument_id=SHARE,
        client_order_id="-",
        side=enums.SIDE_SELL,
        quantity=100 * ONE,
        price=5_000 * CENT,
    )
    view = checking.view()
    assert view.reason == 0
    assert view.compared[enums.REJECT_REASON_INSUFFICIENT_MARGIN] == (75_000, 75_000, 0)
    assert view.after is not None
    assert view.after.position_margin == 575_000
    (part,) = view.after.components
    assert part.explanation.startswith("Scenario 11 loses most, 75,000")
    assert venue.exchange.state_hash() == state
    assert venue.trade_with(OTHER, 1, 1) == ACCEPTED


def test_limits_are_looked_at_before_the_scenarios() -> None:
    venue = venue_of(1)
    venue.do(admin_commands.set_limits, account_id=1, limits=Limits(order_quantity=ONE))
    refused = venue.ask("a", BUY, 2 * ONE, 5_000 * CENT, instrument_id=SHARE)
    assert refused.reason == enums.REJECT_REASON_ORDER_QUANTITY_LIMIT


@pytest.mark.parametrize("put", [False, True])
def test_long_option_requires_nothing_beyond_its_price(put: bool) -> None:
    venue = venue_of(100_000)
    one = venue.option(50, put=put)
    venue.mark(one, 300)
    assert venue.trade_with(one, 1, 300) == ACCEPTED
    assert venue.margin().position_margin == 0
    assert venue.money().available == 70_000
