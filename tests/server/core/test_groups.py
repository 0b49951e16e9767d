"""Groups of accounts: limits on the sum over members, one kill switch for all of them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import admin_commands, enums, kinds, risk_records
from quantumcore.server.core.events import Notice
from quantumcore.server.core.risk_commands import GroupLimits, set_group_limits
from tests.server.core.margin_venue import CENT, ONE, OTHER, SHARE, STRATEGY, MarginVenue
from tests.server.core.risk_venue import ACCEPTED, Refused
from tests.server.core.venue import BUY

GROUP = 70
QUANTITY, LEGS, UNITS = (
    enums.CREATE_FIELD_QUANTITY,
    enums.PACKAGE_FIELD_LEGS,
    enums.PACKAGE_FIELD_UNITS,
)
POSITION = enums.REJECT_REASON_GROUP_POSITION_LIMIT
OPEN_ORDER = enums.REJECT_REASON_GROUP_OPEN_ORDER_LIMIT
MARGIN = enums.REJECT_REASON_GROUP_MARGIN_LIMIT
KILLED = enums.REJECT_REASON_KILL_SWITCH
OLD_MS = 86_400_000


def venue_of(**limits: int) -> MarginVenue:
    """Return a venue whose accounts 1 and 3 are one group; 2 makes markets alone."""
    venue = MarginVenue(0, 0)
    for account_id in (1, 3):
        venue.account(account_id, self_trade_group=GROUP)
    for one in (SHARE, OTHER):
        venue.mark(one, 5_000)
    if limits:
        assert limit(venue, **limits) == ACCEPTED
    return venue


def limit(venue: MarginVenue, group: int = GROUP, **limits: int) -> Refused:
    venue.do(set_group_limits, group=group, limits=GroupLimits(**limits))
    return venue.refused


def kill(venue: MarginVenue, enabled: bool, group: int = GROUP) -> list[Any]:
    return venue.do(admin_commands.set_kill_switch, enabled=enabled, group=group)


def test_position_of_all_members_is_limited_each_way() -> None:
    venue = venue_of(position_quantity=100 * ONE)
    assert venue.trade_with(SHARE, 60, 5_000, 1) == ACCEPTED
    assert venue.rest(SHARE, 30, 4_900, 3) == ACCEPTED
    refused = Refused(POSITION, QUANTITY, 100 * ONE, 101 * ONE)
    assert venue.rest(SHARE, 11, 4_900, 1) == refused
    assert venue.rest(SHARE, 11, 4_900, 3) == refused
    assert venue.rest(OTHER, 11, 4_900, 3) == ACCEPTED, "of one instrument"
    assert venue.rest(SHARE, 10, 4_900, 3) == ACCEPTED
    # 60 are held: 160 may be sold until 100 are short.
    assert venue.rest(SHARE, -161, 5_100, 3) == Refused(POSITION, QUANTITY, 100 * ONE, 101 * ONE)
    assert venue.rest(SHARE, -160, 5_100, 3) == ACCEPTED
    assert venue.rest(SHARE, 999, 4_900, 2) == ACCEPTED, "no member"


def test_value_of_all_members_orders_is_limited() -> None:
    venue = venue_of(open_order_value=100_000)
    assert venue.rest(SHARE, 10, 4_000, 1) == ACCEPTED
    assert venue.rest(OTHER, 10, 4_000, 3) == ACCEPTED
    refused = venue.rest(SHARE, 10, 2_001, 3)
    assert refused == Refused(OPEN_ORDER, QUANTITY, 100_000, 100_010)
    assert venue.rest(SHARE, 10, 2_000, 1) == ACCEPTED
    view = venue.exchange.group(GROUP)
    assert view.usage == [(0, 100_000, 0)]
    venue.cancel_all(1)
    assert venue.rest(SHARE, 10, 2_001, 3) == ACCEPTED


def test_number_of_all_members_orders_is_limited() -> None:
    venue = venue_of(working_orders=2)
    assert venue.rest(SHARE, 1, 4_000, 1) == ACCEPTED
    assert venue.rest(SHARE, 1, 4_000, 3) == ACCEPTED
    assert venue.rest(SHARE, 1, 4_000, 1) == Refused(OPEN_ORDER, 0, 2, 3)
    assert venue.exchange.group(GROUP).working_orders == 2
    venue.cancel_all(3)
    assert venue.package((SHARE, 1, 4_000), (OTHER, 1, 4_000)) == ACCEPTED
    assert venue.package((SHARE, 1, 4_000), (OTHER, 1, 4_000)) == Refused(OPEN_ORDER, 0, 2, 3)


def test_margin_of_all_members_is_limited() -> None:
    venue = venue_of()
    for account_id in (1, 3):
        terms = {"self_trade_group": GROUP, "margin_model": STRATEGY}
        assert venue.account(account_id, **terms) == ACCEPTED
        venue.limit(account_id, reference_age_ms=OLD_MS)
        venue.pay(10_000_000, account_id)
    assert limit(venue, margin=1_000_000) == ACCEPTED
    assert venue.trade_with(SHARE, -100, 5_000, 1) == ACCEPTED
    assert venue.exchange.group(GROUP).usage == [(0, 0, 750_000)]
    # Selling brings 500,000 of the 750,000 that will be held: only the rest is reserved.
    refused = venue.rest(SHARE, -34, 5_000, 3)
    assert refused == Refused(MARGIN, QUANTITY, 1_000_000, 1_005_000)
    assert venue.rest(SHARE, -33, 5_000, 3) == ACCEPTED
    assert venue.money(3).reserved == 33 * 2_500
    assert venue.exchange.group(GROUP).usage == [(0, 165_000, 997_500)]
    refused = venue.rest(OTHER, -1, 5_000, 1)
    assert refused == Refused(MARGIN, QUANTITY, 1_000_000, 1_005_000)
    assert venue.rest(SHARE, 100, 4_999, 1) == ACCEPTED, "what needs nothing passes"
    venue.cancel_all(1)
    refused = venue.change("order 3", account_id=3, quantity=34 * ONE)
    assert refused == Refused(MARGIN, enums.REPLACE_FIELD_QUANTITY, 1_000_000, 1_005_000)
    assert venue.change("order 3", account_id=3, price=5_001 * CENT) == ACCEPTED
    venue.order("hit", BUY, 33 * ONE, account_id=2, instrument_id=SHARE, price=5_001 * CENT)
    assert venue.exchange.group(GROUP).usage == [(0, 0, 997_500)], "as before it traded"


def test_own_reasons_go_before_those_of_the_group() -> None:
    venue = venue_of(position_quantity=ONE, open_order_value=1, working_orders=1, margin=1)
    venue.rest(OTHER, 1, 0, 3)
    cash_only = {"self_trade_group": GROUP, "margin_model": enums.MARGIN_MODEL_NONE}
    assert venue.account(1, **cash_only) == ACCEPTED
    venue.limit(1, position_quantity=2 * ONE)
    assert venue.rest(SHARE, 3, 5_000).reason == enums.REJECT_REASON_POSITION_LIMIT
    assert venue.rest(SHARE, 2, 5_000).reason == enums.REJECT_REASON_INSUFFICIENT_BALANCE
    venue.pay(1_000_000)
    assert venue.rest(SHARE, 2, 5_000).reason == POSITION
    assert venue.rest(SHARE, 1, 5_000).reason == OPEN_ORDER
    limit(venue, margin=4_999)
    assert venue.rest(SHARE, 1, 5_000) == Refused(MARGIN, QUANTITY, 4_999, 5_000)
    limit(venue, margin=5_000)
    assert venue.rest(SHARE, 1, 5_000) == ACCEPTED


def test_package_is_held_to_the_group_leg_by_leg_and_as_a_whole() -> None:
    venue = venue_of(position_quantity=10 * ONE, open_order_value=100_000)
    assert venue.rest(OTHER, 8, 100, 3) == ACCEPTED
    refused = venue.package((SHARE, 1, 1_000), (OTHER, 3, 1_000))
    assert refused == Refused(POSITION, LEGS, 10 * ONE, 11 * ONE)
    assert venue.result.reject_leg_number == 2
    assert venue.package((SHARE, 5, 20_000), (OTHER, 2, 100)) == Refused(
        OPEN_ORDER, UNITS, 100_000, 100_000 + 200 + 800
    )
    assert venue.package((SHARE, 4, 20_000), (OTHER, 2, 100)) == ACCEPTED


def test_replacement_counts_for_what_it_adds() -> None:
    venue = venue_of(position_quantity=10 * ONE, open_order_value=10_000)
    venue.ask("a", 1, 8 * ONE, 10**10, instrument_id=SHARE)
    assert venue.change("a", quantity=11 * ONE) == Refused(
        POSITION, enums.REPLACE_FIELD_QUANTITY, 10 * ONE, 11 * ONE
    )
    assert venue.change("a", quantity=10 * ONE) == ACCEPTED
    assert venue.change("a", price=2 * 10**10).reason == OPEN_ORDER


def test_kill_switch_stops_all_members_and_cancels_what_works() -> None:
    venue = venue_of()
    venue.rest(SHARE, 1, 4_000, 1)
    venue.rest(SHARE, 1, 4_000, 3)
    venue.rest(SHARE, 1, 4_000, 2)
    told = kill(venue, enabled=True)
    assert venue.result.affected == 2
    last = told[-1]
    assert isinstance(last, Notice)
    assert (last.kind, last.subject, last.value) == (kinds.GROUP_KILL_SWITCH_SET, GROUP, 1)
    assert venue.exchange.working_orders == 1
    for account_id in (1, 3):
        refused = venue.rest(SHARE, 1, 4_000, account_id)
        assert refused == Refused(KILLED, enums.CREATE_FIELD_ACCOUNT_ID, 0, -GROUP)
    assert venue.rest(SHARE, 1, 4_000, 2) == ACCEPTED
    venue.account(3, self_trade_group=0)
    assert venue.rest(SHARE, 1, 4_000, 3) == ACCEPTED, "no member any more"
    venue.account(2, self_trade_group=GROUP)
    assert venue.rest(SHARE, 1, 4_000, 2).value == -GROUP, "a member from now on"
    assert venue.exchange.group(GROUP).is_killed
    kill(venue, enabled=False)
    assert venue.rest(SHARE, 1, 4_000, 1) == ACCEPTED
    venue.kill(1)
    assert venue.rest(SHARE, 1, 4_000, 1).value == 1


def test_who_joins_is_counted_with_what_works_and_who_leaves_is_not() -> None:
    venue = venue_of(open_order_value=50_000)
    assert venue.rest(SHARE, 10, 4_000, 2) == ACCEPTED
    venue.account(2, self_trade_group=GROUP)
    assert venue.exchange.group(GROUP).members == [1, 2, 3]
    assert venue.rest(SHARE, 1, 10_001, 1) == Refused(OPEN_ORDER, QUANTITY, 50_000, 50_001)
    venue.account(2, self_trade_group=9)
    assert venue.rest(SHARE, 1, 10_001, 1) == ACCEPTED
    assert venue.exchange.group(9).members == [2]


def test_group_without_limits_checks_nothing() -> None:
    venue = venue_of(working_orders=1)
    assert limit(venue) == ACCEPTED
    for _ in range(3):
        assert venue.rest(SHARE, 1, 4_000, 1) == ACCEPTED
    assert venue.exchange.group(99).members == []


def test_groups_of_which_something_is_said_are_bounded() -> None:
    venue = MarginVenue(0, 0)
    for group in range(1, 4_097):
        assert limit(venue, group) == ACCEPTED
    full = Refused(
        enums.REJECT_REASON_CAPACITY_EXHAUSTED, risk_records.GROUP_FIELD_GROUP, 4_096, 4_097
    )
    assert limit(venue, 4_097, working_orders=1) == full
    assert limit(venue, 4_096, working_orders=1) == ACCEPTED


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["rest", "rest", "rest", "cancel", "limit", "kill", "join", "leave", "package"]
        ),
        st.sampled_from([1, 2, 3]),
        st.sampled_from([SHARE, OTHER]),
        st.integers(-5, 5).filter(bool),
    ),
    max_size=20,
)


@settings(max_examples=40, deadline=None)
@given(ACTS)
def test_sums_stay_within_the_limits_and_replay_the_same(
    acts: list[tuple[str, int, int, int]],
) -> None:
    """Who was let in within a limit keeps the group within it, while the limits stay."""
    venue, most = venue_of(), 0
    for what, account_id, one, lots in acts:
        if what == "limit":
            most = abs(lots) * 2
            limit(venue, position_quantity=most * ONE)
        elif what == "rest" and account_id in venue.exchange.group(GROUP).members:
            before = could(venue, one, lots > 0)
            refused = venue.rest(one, lots, 1 if lots > 0 else 9_999, account_id)
            assert refused.reason != POSITION or before + abs(lots) > most > 0
            assert refused.reason or not most or could(venue, one, lots > 0) <= most
        else:
            administer(venue, what, account_id, one, lots)
    assert venue.replayed().state_hash() == venue.exchange.state_hash()
    for account_id in (1, 2, 3):
        venue.cancel_all(account_id)
    assert venue.exchange.group(GROUP).working_orders == 0
    assert all(opened == 0 for _, opened, _ in venue.exchange.group(GROUP).usage)


def administer(venue: MarginVenue, what: str, account_id: int, one: int, lots: int) -> None:
    """Do what is not held to the limit of positions, or to it among others."""
    if what == "kill":
        kill(venue, enabled=lots > 0)
    elif what in {"join", "leave"}:
        venue.account(account_id, self_trade_group=GROUP if what == "join" else 0)
    elif what == "cancel":
        venue.cancel_all(account_id)
    elif what == "package":
        other = OTHER if one == SHARE else SHARE
        venue.package((one, lots, 5_000), (other, -1, 5_000), account_id=account_id)


def could(venue: MarginVenue, instrument_id: int, buys: bool) -> int:
    """Return the lots that members could come to hold, or owe, by fills of all that works."""
    total = 0
    for account_id in venue.exchange.group(GROUP).members:
        view = venue.exchange.position_view(account_id, instrument_id, venue.now)
        if view is not None:
            total += view.lots + view.buying_lots if buys else view.selling_lots - view.lots
    return total


@pytest.mark.parametrize("group", [1, 2**29 - 1])
def test_limits_are_an_event_and_set_once_by_request_id(group: int) -> None:
    venue = MarginVenue(0, 0)
    terms: dict[str, Any] = {"group": group, "limits": GroupLimits(margin=7), "request_id": 5}
    (told,) = venue.do(set_group_limits, **terms)
    assert isinstance(told, Notice)
    assert (told.kind, told.subject) == (kinds.GROUP_LIMITS_SET, group)
    assert venue.exchange.group(group).limits == [0, 0, 0, 7]
    (again,) = venue.do(set_group_limits, **terms)
    assert again.kind == kinds.REQUEST_REPEATED
