"""Make the requests that both clients send, and read what comes back."""

from __future__ import annotations

from typing import Required, TypedDict

from google.protobuf.descriptor import Descriptor

from quantumcore.client.commands import CreateOrder
from quantumcore.client.convert import build, read
from quantumcore.client.enums import (
    BookMode,
    OrderType,
    PegReference,
    SelfTradePrevention,
    Side,
    StopTrigger,
    TimeInForce,
)
from quantumcore.client.fixed import Number
from quantumcore.client.values import Acknowledgement, Execution
from quantumcore.v1 import (
    execution_pb2,
    matching_service_pb2,
    order_pb2,
    order_service_pb2,
)

_REQUEST_OF_REJECTION: dict[int, Descriptor] = {
    execution_pb2.EXECUTION_TYPE_REJECTED: order_service_pb2.CreateOrderRequest.DESCRIPTOR,
    execution_pb2.EXECUTION_TYPE_CANCEL_REJECTED: order_service_pb2.CancelOrderRequest.DESCRIPTOR,
    execution_pb2.EXECUTION_TYPE_REPLACE_REJECTED: order_service_pb2.ReplaceOrderRequest.DESCRIPTOR,
}
_OF_PACKAGE: dict[int, Descriptor] = {
    execution_pb2.EXECUTION_TYPE_REJECTED: order_service_pb2.CreateMultiLegOrderRequest.DESCRIPTOR,
    execution_pb2.EXECUTION_TYPE_CANCEL_REJECTED: (
        order_service_pb2.CancelMultiLegOrderRequest.DESCRIPTOR
    ),
    execution_pb2.EXECUTION_TYPE_REPLACE_REJECTED: (
        order_service_pb2.ReplaceMultiLegOrderRequest.DESCRIPTOR
    ),
}


class PricedTerms(TypedDict, total=False):
    """Terms of an order whose instrument, side and quantity are named apart."""

    account: Required[int | str]
    order_type: OrderType
    time_in_force: TimeInForce
    client_order_id: str
    stop_price: Number
    stop_trigger: StopTrigger
    display_quantity: Number
    peg_reference: PegReference
    peg_offset: Number
    post_only: bool
    reduce_only: bool
    min_quantity: Number
    expire_time_ns: int
    self_trade_prevention: SelfTradePrevention
    request_id: int


class OrderTerms(PricedTerms, total=False):
    """All terms of an order; the same as the fields of `CreateOrder`."""

    instrument: Required[int | str]
    side: Required[Side]
    quantity: Required[Number]
    price: Number | None


def order_of(terms: PricedTerms, **named: object) -> CreateOrder:
    """Make the command of an order."""
    return CreateOrder(**{**terms, **named})  # type: ignore[arg-type]


def acknowledgement(
    message: order_pb2.OrderAcknowledgement, request: Descriptor
) -> Acknowledgement:
    """Read the answer to a kind of request."""
    return read(Acknowledgement, message, request)


def execution(message: execution_pb2.Execution) -> Execution:
    """Read an execution; only one of a multi-leg order as a whole has neither side nor instrument.

    A refused cancel or change of an order that the venue does not know has neither too: it is of
    a multi-leg order where it names one, and read as one of a single order where it names none.
    """
    named = message.order_id or message.multi_leg_order_id
    known = named or message.type == execution_pb2.EXECUTION_TYPE_REJECTED
    whole = known and not message.side and not message.instrument_id
    requests = _OF_PACKAGE if whole else _REQUEST_OF_REJECTION
    return read(Execution, message, requests.get(message.type))


def list_orders(
    *, account_id: int, instrument_id: int | None, side: Side | None, working_only: bool
) -> order_service_pb2.ListOrdersRequest:
    """Ask for the first page of an account's orders."""
    return build(
        order_service_pb2.ListOrdersRequest,
        account_id=account_id,
        instrument_id=instrument_id,
        side=side,
        working_only=working_only,
        page_size=1000,
    )


def stream_book(
    instrument_ids: list[int], *, depth: int, mode: BookMode, max_rate_hz: int
) -> matching_service_pb2.StreamBookRequest:
    """Ask for snapshots and all that follows."""
    return build(
        matching_service_pb2.StreamBookRequest,
        instrument_ids=instrument_ids,
        depth=depth,
        mode=mode,
        max_rate_hz=max_rate_hz,
    )
