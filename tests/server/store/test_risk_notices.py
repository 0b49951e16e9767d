"""What operators said of margin and of groups is told as the exchange holds it."""

from typing import Any

import pytest

from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import AggregateType, Event
from quantumcore.v1.margin_pb2 import ScanRange, ScenarioSet, SpreadCredit
from quantumcore.v1.venue_event_pb2 import GroupKillSwitchSet
from tests.server.store.histories import History, desk
from tests.server.store.risk_histories import GROUP

TEN_POINTS = ScenarioSet.SCENARIO_SET_TEN_POINTS


@pytest.fixture(scope="module")
def history() -> History:
    return desk(21, 2_000)


@pytest.fixture(scope="module")
def events(history: History) -> list[Event]:
    return [event_of(stored, Upcasting()) for stored in history.events()]


def told(events: list[Event], name: str) -> list[Any]:
    found = [event for event in events if event.WhichOneof("payload") == name]
    assert found
    for event in found:
        assert event.aggregate_type == AggregateType.AGGREGATE_TYPE_VENUE
        assert event.aggregate_id == 1
    return [getattr(event, name) for event in found]


def test_credits_told_last_are_those_in_force(history: History, events: list[Event]) -> None:
    exchange = history.exchange
    last: dict[int, SpreadCredit] = {}
    for payload in told(events, "spread_credit_set"):
        last[payload.credit.priority] = payload.credit
    held = {priority: (words, sequence) for priority, words, sequence in exchange.credits()}
    in_force = {priority for priority, credit in last.items() if credit.credit_basis_points}
    assert in_force == set(held)
    for priority in in_force:
        credit = last[priority]
        groups = [
            exchange.group_of(one) for one in (credit.instrument_a_id, credit.instrument_b_id)
        ]
        words = [*groups, credit.lots_a, credit.lots_b, credit.credit_basis_points]
        assert (words, credit.sequence) == held[priority]


def test_scans_told_last_are_those_in_force(history: History, events: list[Event]) -> None:
    exchange = history.exchange
    last = {
        exchange.group_of(payload.scan_range.instrument_id): payload.scan_range
        for payload in told(events, "scan_range_set")
    }
    assert [words_of(exchange, last[words[0]]) for words, _ in exchange.scans()] == [
        list(words) for words, _ in exchange.scans()
    ]
    assert {scan.sequence for scan in last.values()} == {one for _, one in exchange.scans()}


def words_of(exchange: Exchange, scan: ScanRange) -> list[int]:
    return [
        exchange.group_of(scan.instrument_id),
        scan.price_range_basis_points,
        scan.volatility_ppm,
        scan.volatility_range_ppm,
        scan.short_option_minimum_minor_units,
        scan.calendar_charge_minor_units,
        scan.scenarios == TEN_POINTS,
    ]


def test_scans_are_found_by_their_instrument(history: History) -> None:
    stored = [
        event
        for event in history.events()
        if event_of(event, Upcasting()).HasField("scan_range_set")
    ]
    for event in stored:
        payload = event_of(event, Upcasting()).scan_range_set
        assert event.instrument_id == payload.scan_range.instrument_id > 0


def test_limits_of_a_group_told_last_are_those_in_force(
    history: History, events: list[Event]
) -> None:
    payload = told(events, "group_limits_set")[-1]
    limits = payload.limits
    assert payload.group == GROUP
    assert history.exchange.group(GROUP).limits == [
        limits.max_position_quantity,
        limits.max_open_order_value_minor_units,
        limits.max_working_orders,
        limits.max_margin_minor_units,
    ]


def test_each_turn_of_a_groups_kill_switch_is_told(events: list[Event]) -> None:
    switches = told(events, "group_kill_switch_set")
    assert switches[:2] == [
        GroupKillSwitchSet(group=GROUP, enabled=True, text="drill"),
        GroupKillSwitchSet(group=GROUP, text="drill"),
    ]
    on = next(event for event in events if event.HasField("group_kill_switch_set"))
    cancelled = [one for one in events if one.command_id == on.command_id and one is not on]
    assert all(one.sequence < on.sequence for one in cancelled)
