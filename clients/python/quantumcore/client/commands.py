"""Say what to do with single orders: typed commands, and their form in the contract.

A command bears its ids from the moment it is made, so that sending it again can never do
it twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from quantumcore.client.convert import build
from quantumcore.client.enums import (
    OrderType,
    PegReference,
    SelfTradePrevention,
    Side,
    StopTrigger,
    TimeInForce,
)
from quantumcore.client.fixed import Number
from quantumcore.v1 import order_service_pb2 as service

Resolve = Callable[[int | str], int]


def new_request_id() -> int:
    """Draw an id that no other request has: 64 random bits, never 0."""
    return secrets.randbits(64) or 1


def new_client_order_id() -> str:
    """Draw a client order id that no other order has."""
    return f"qc-{secrets.token_hex(12)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrder:
    """A new single order.

    `account` and `instrument` are names or ids. Without `order_type` the other terms tell it:
    PEGGED with a `peg_reference`, ICEBERG with a `display_quantity`, STOP_LIMIT or STOP with
    a `stop_price`, LIMIT with a `price`, else MARKET. Without `time_in_force` it is GTD with
    an `expire_time_ns`, IOC on a market order, else GTC.
    """

    account: int | str
    instrument: int | str
    side: Side
    quantity: Number
    price: Number | None = None
    order_type: OrderType | None = None
    time_in_force: TimeInForce | None = None
    client_order_id: str = field(default_factory=new_client_order_id)
    stop_price: Number | None = None
    stop_trigger: StopTrigger | None = None
    display_quantity: Number | None = None
    peg_reference: PegReference | None = None
    peg_offset: Number | None = None
    post_only: bool = False
    reduce_only: bool = False
    min_quantity: Number | None = None
    expire_time_ns: int = 0
    self_trade_prevention: SelfTradePrevention | None = None
    request_id: int = field(default_factory=new_request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceOrder:
    """A change of a working order; what is None stays as it is."""

    account: int | str
    order_id: int = 0
    client_order_id: str = ""
    new_client_order_id: str = ""
    quantity: Number | None = None
    price: Number | None = None
    stop_price: Number | None = None
    request_id: int = field(default_factory=new_request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """A cancel of one order, named by `order_id`, else by `client_order_id`."""

    account: int | str
    order_id: int = 0
    client_order_id: str = ""
    request_id: int = field(default_factory=new_request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrders:
    """A cancel of all working orders of an account, of one instrument, side or session if given."""

    account: int | str
    instrument: int | str | None = None
    side: Side | None = None
    session_id: int = 0
    request_id: int = field(default_factory=new_request_id)


Command = CreateOrder | ReplaceOrder | CancelOrder | CancelOrders


def create_request(
    command: CreateOrder, *, account: Resolve, instrument: Resolve
) -> service.CreateOrderRequest:
    """Put a new order into the contract's form; `account` and `instrument` find ids."""
    order_type = command.order_type or _order_type(command)
    return build(
        service.CreateOrderRequest,
        request_id=command.request_id,
        account_id=account(command.account),
        instrument_id=instrument(command.instrument),
        client_order_id=command.client_order_id,
        side=command.side,
        order_type=order_type,
        time_in_force=command.time_in_force or _time_in_force(command, order_type),
        quantity=command.quantity,
        price=command.price,
        stop_price=command.stop_price,
        stop_trigger=command.stop_trigger,
        display_quantity=command.display_quantity,
        peg_reference=command.peg_reference,
        peg_offset=command.peg_offset,
        post_only=command.post_only,
        reduce_only=command.reduce_only,
        min_quantity=command.min_quantity,
        expire_time_ns=command.expire_time_ns,
        self_trade_prevention=command.self_trade_prevention,
    )


def _order_type(command: CreateOrder) -> OrderType:
    priced = command.price is not None
    if command.peg_reference is not None:
        return OrderType.PEGGED
    if command.display_quantity is not None:
        return OrderType.ICEBERG
    if command.stop_price is not None:
        return OrderType.STOP_LIMIT if priced else OrderType.STOP
    return OrderType.LIMIT if priced else OrderType.MARKET


def _time_in_force(command: CreateOrder, order_type: OrderType) -> TimeInForce:
    if command.expire_time_ns:
        return TimeInForce.GTD
    return TimeInForce.IOC if order_type is OrderType.MARKET else TimeInForce.GTC


def replace_request(command: ReplaceOrder, *, account: Resolve) -> service.ReplaceOrderRequest:
    """Put a replacement into the contract's form."""
    return build(
        service.ReplaceOrderRequest,
        request_id=command.request_id,
        account_id=account(command.account),
        order_id=command.order_id,
        client_order_id=command.client_order_id,
        new_client_order_id=command.new_client_order_id,
        quantity=command.quantity,
        price=command.price,
        stop_price=command.stop_price,
    )


def cancel_request(command: CancelOrder, *, account: Resolve) -> service.CancelOrderRequest:
    """Put a cancel into the contract's form."""
    return build(
        service.CancelOrderRequest,
        request_id=command.request_id,
        account_id=account(command.account),
        order_id=command.order_id,
        client_order_id=command.client_order_id,
    )


def mass_cancel_request(
    command: CancelOrders, *, account: Resolve, instrument: Resolve
) -> service.CancelOrdersRequest:
    """Put a mass cancel into the contract's form."""
    return build(
        service.CancelOrdersRequest,
        request_id=command.request_id,
        account_id=account(command.account),
        instrument_id=None if command.instrument is None else instrument(command.instrument),
        side=command.side,
        session_id=command.session_id,
    )
