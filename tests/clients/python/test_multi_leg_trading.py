from __future__ import annotations

from typing import Any

import grpc
import pytest

from quantumcore.client import errors
from quantumcore.client.enums import TimeInForce
from quantumcore.client.multi_leg import MultiLegOrderAcknowledgement
from quantumcore.client.multi_leg_commands import CreateMultiLegOrder
from quantumcore.client.multi_leg_enums import MultiLegOrderStatus
from quantumcore.v1 import multi_leg_order_pb2
from quantumcore.v1 import order_service_pb2 as service

from .conftest import ANSWER_TIMEOUT_S, FakeVenue

NANOS = 10**9
LEGS = ((3, "buy", 1), (4, "sell", 2))


def acknowledgement(**fields: Any) -> multi_leg_order_pb2.MultiLegOrderAcknowledgement:
    named: dict[str, Any] = {"multi_leg_order_id": 9, "client_order_id": "mine", "sequence": 40}
    return multi_leg_order_pb2.MultiLegOrderAcknowledgement(**(named | fields))


ENTERED = service.CreateMultiLegOrderResponse(acknowledgement=acknowledgement(status=2))


def test_a_spread_goes_out_with_ids_of_its_own(venue: FakeVenue) -> None:
    call = venue.run(venue.client().spread, *LEGS, units=2, net_price="3.10", account=1)
    request = venue.answer("CreateMultiLegOrder", ENTERED)
    answer = call.result(ANSWER_TIMEOUT_S)
    assert request.request_id != 0
    assert request.client_order_id.startswith("qc-")
    assert [(leg.instrument_id, leg.side, leg.ratio) for leg in request.legs] == [
        (3, 1, NANOS),
        (4, 2, 2 * NANOS),
    ]
    assert (request.units, request.net_price) == (2, 3_100_000_000)
    assert isinstance(answer, MultiLegOrderAcknowledgement)
    assert (answer.multi_leg_order_id, answer.status) == (9, MultiLegOrderStatus.WORKING)
    assert answer.raise_for_reject() is answer


def test_a_spread_that_met_nobody_is_sent_again_with_the_same_ids(venue: FakeVenue) -> None:
    call = venue.run(
        venue.client().create_multi_leg_order,
        account=1,
        legs=LEGS,
        time_in_force=TimeInForce.DAY,
    )
    first = venue.fail("CreateMultiLegOrder", grpc.StatusCode.UNAVAILABLE)
    venue.clock.sleep_for(1)
    again = venue.answer("CreateMultiLegOrder", ENTERED)
    assert again == first
    assert call.result(ANSWER_TIMEOUT_S).sequence == 40


def test_the_same_command_can_be_submitted_again(venue: FakeVenue) -> None:
    client, command = venue.client(), CreateMultiLegOrder(account=1, legs=LEGS)
    first = venue.run(client.submit_multi_leg, command)
    late = venue.fail("CreateMultiLegOrder", grpc.StatusCode.DEADLINE_EXCEEDED)
    with pytest.raises(errors.DeadlineExceeded):
        first.result(ANSWER_TIMEOUT_S)
    second = venue.run(client.submit_multi_leg, command)
    assert venue.answer("CreateMultiLegOrder", ENTERED) == late
    assert second.result(ANSWER_TIMEOUT_S).multi_leg_order_id == 9


def test_a_refused_spread_is_an_answer_that_can_be_raised(venue: FakeVenue) -> None:
    refused = acknowledgement(
        multi_leg_order_id=0, status=8, reject_reason=53, reject_field=4, reject_leg_number=2
    )
    call = venue.run(venue.client().spread, *LEGS, account=1)
    venue.answer(
        "CreateMultiLegOrder", service.CreateMultiLegOrderResponse(acknowledgement=refused)
    )
    answer = call.result(ANSWER_TIMEOUT_S)
    assert answer.status is MultiLegOrderStatus.REJECTED
    with pytest.raises(errors.Rejected, match="order mine was rejected: price off tick, field le"):
        answer.raise_for_reject()


def test_a_spread_is_changed_and_cancelled_by_either_id(venue: FakeVenue) -> None:
    client = venue.client()
    call = venue.run(
        client.replace_multi_leg_order,
        account=1,
        multi_leg_order_id=9,
        units=3,
        net_price=-1,
        leg_prices={2: None},
        new_client_order_id="other",
    )
    changed = service.ReplaceMultiLegOrderResponse(acknowledgement=acknowledgement())
    request = venue.answer("ReplaceMultiLegOrder", changed)
    assert call.result(ANSWER_TIMEOUT_S).client_order_id == "mine"
    assert (request.multi_leg_order_id, request.units, request.net_price) == (9, 3, -NANOS)
    assert request.new_client_order_id == "other"
    assert [(leg.leg_number, leg.HasField("price")) for leg in request.leg_prices] == [(2, False)]
    call = venue.run(client.cancel_multi_leg_order, account=1, client_order_id="other")
    ended = service.CancelMultiLegOrderResponse(acknowledgement=acknowledgement(status=7))
    request = venue.answer("CancelMultiLegOrder", ended)
    assert (request.account_id, request.client_order_id) == (1, "other")
    assert call.result(ANSWER_TIMEOUT_S).status is MultiLegOrderStatus.CANCELLED


def test_spreads_are_read_alone_and_page_by_page(venue: FakeVenue) -> None:
    client = venue.client()
    orders = [multi_leg_order_pb2.MultiLegOrder(multi_leg_order_id=number) for number in (8, 9)]
    call = venue.run(client.get_multi_leg_order, multi_leg_order_id=8, min_sequence=40)
    found = service.GetMultiLegOrderResponse(multi_leg_order=orders[0])
    request = venue.answer("GetMultiLegOrder", found)
    assert (request.multi_leg_order_id, request.min_sequence) == (8, 40)
    assert call.result(ANSWER_TIMEOUT_S).multi_leg_order_id == 8
    listing = venue.run(
        lambda: [
            order.multi_leg_order_id
            for order in client.multi_leg_orders(account=1, instrument=3, working_only=True)
        ]
    )
    for order, token in zip(orders, ("next", ""), strict=True):
        page = service.ListMultiLegOrdersResponse(multi_leg_orders=[order], next_page_token=token)
        request = venue.answer("ListMultiLegOrders", page)
        assert (request.account_id, request.instrument_id, request.working_only) == (1, 3, True)
    assert request.page_token == "next"
    assert listing.result(ANSWER_TIMEOUT_S) == [8, 9]
