"""Requests on margin terms and groups, and what both clients make of the answers."""

from __future__ import annotations

from typing import Any

import pytest

from quantumcore.client import GroupLimits, RejectReason, ScenarioSet
from quantumcore.client.aio_risk_terms_calls import AsyncRiskTerms
from quantumcore.client.convert import reason_scale
from quantumcore.client.risk_terms_calls import RiskTerms
from quantumcore.v1 import margin_pb2, risk_pb2, risk_service_pb2

from .conftest import FakeVenue
from .test_administration import without_id

CREDIT = margin_pb2.SpreadCredit(
    priority=1, instrument_a_id=3, instrument_b_id=5, lots_a=2, lots_b=1, credit_basis_points=55
)


def result(call: Any) -> Any:
    return call.result(timeout=20)


def test_credit_is_asked_for_and_read(venue: FakeVenue) -> None:
    client = venue.client()
    call = venue.run(client.set_spread_credit, 1, 3, 5, credit_basis_points=55, lots_a=2)
    response = risk_service_pb2.SetSpreadCreditResponse(credit=CREDIT, sequence=9)
    request = without_id(venue.answer("SetSpreadCredit", response))
    assert request == risk_service_pb2.SetSpreadCreditRequest(credit=CREDIT)
    changed = result(call)
    assert (changed.credit.credit_basis_points, changed.sequence) == (55, 9)


def test_scan_is_asked_for_with_what_was_named_alone(venue: FakeVenue) -> None:
    call = venue.run(
        venue.client().set_scan_range,
        3,
        price_range_basis_points=500,
        scenarios=ScenarioSet.TEN_POINTS,
        request_id=4,
    )
    answer = risk_service_pb2.SetScanRangeResponse(sequence=2)
    answer.scan_range.scenarios = margin_pb2.ScenarioSet.SCENARIO_SET_SPAN_16
    request = venue.answer("SetScanRange", answer)
    assert (request.request_id, request.scan_range.price_range_basis_points) == (4, 500)
    assert not request.scan_range.HasField("volatility_range_ppm")
    assert request.scan_range.scenarios == margin_pb2.ScenarioSet.SCENARIO_SET_TEN_POINTS
    assert result(call).scan_range.scenarios is ScenarioSet.SPAN_16


def test_group_is_bounded_and_read(venue: FakeVenue) -> None:
    limits = GroupLimits(max_position_quantity="2.5", max_margin_minor_units=7)
    call = venue.run(venue.client().set_group_limits, 7, limits)
    sent = risk_pb2.GroupLimits(max_position_quantity=2_500_000_000, max_margin_minor_units=7)
    response = risk_service_pb2.SetGroupLimitsResponse(limits=sent, sequence=3)
    request = without_id(venue.answer("SetGroupLimits", response))
    assert request == risk_service_pb2.SetGroupLimitsRequest(group=7, limits=sent)
    assert result(call).limits.max_margin_minor_units == 7
    call = venue.run(venue.client().group, 7)
    group = risk_pb2.AccountGroup(group=7, account_ids=[1, 2], limits=sent)
    venue.answer("GetGroup", risk_service_pb2.GetGroupResponse(group=group))
    found = result(call)
    assert (found.account_ids, found.kill_switch, found.usage) == ((1, 2), False, ())


@pytest.mark.parametrize(
    ("reason", "scale"),
    [
        (RejectReason.GROUP_POSITION_LIMIT, 9),
        (RejectReason.GROUP_OPEN_ORDER_LIMIT, None),
        (RejectReason.GROUP_MARGIN_LIMIT, None),
    ],
)
def test_refusals_by_groups_are_in_the_right_unit(reason: RejectReason, scale: int | None) -> None:
    assert reason_scale(reason, None) == scale


def test_both_clients_ask_alike() -> None:
    names = [name for name in vars(RiskTerms) if not name.startswith("_")]
    assert names == [name for name in vars(AsyncRiskTerms) if not name.startswith("_")]
    assert len(names) == 6
