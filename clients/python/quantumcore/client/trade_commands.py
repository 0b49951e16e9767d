"""Put commands on orders of either sort into the form of the `Trade` stream."""

from __future__ import annotations

from typing import assert_never

from quantumcore.client.commands import (
    CancelOrder,
    CancelOrders,
    Command,
    CreateOrder,
    ReplaceOrder,
    Resolve,
    cancel_request,
    create_request,
    mass_cancel_request,
    replace_request,
)
from quantumcore.client.multi_leg_commands import (
    CancelMultiLegOrder,
    CreateMultiLegOrder,
    MultiLegCommand,
    ReplaceMultiLegOrder,
)
from quantumcore.client.multi_leg_requests import (
    MultiLegRequest,
    instruments_of,
    multi_leg_request,
)
from quantumcore.v1 import order_service_pb2 as service

AnyCommand = Command | MultiLegCommand
SingleRequest = (
    service.CreateOrderRequest
    | service.ReplaceOrderRequest
    | service.CancelOrderRequest
    | service.CancelOrdersRequest
)
_MULTI_LEG = {"create_multi_leg_order", "replace_multi_leg_order", "cancel_multi_leg_order"}


def instruments_named(command: AnyCommand) -> list[int | str]:
    """List the instruments that a command names."""
    match command:
        case CreateMultiLegOrder() | ReplaceMultiLegOrder() | CancelMultiLegOrder():
            return instruments_of(command)
        case CreateOrder():
            return [command.instrument]
        case CancelOrders():
            return [] if command.instrument is None else [command.instrument]
        case ReplaceOrder() | CancelOrder():
            return []
        case _:
            assert_never(command)


def trade_command(
    command: AnyCommand, *, account: Resolve, instrument: Resolve
) -> service.TradeCommand:
    """Put any command into the form of the `Trade` stream."""
    match command:
        case CreateOrder():
            create = create_request(command, account=account, instrument=instrument)
            return service.TradeCommand(create_order=create)
        case ReplaceOrder():
            return service.TradeCommand(replace_order=replace_request(command, account=account))
        case CancelOrder():
            return service.TradeCommand(cancel_order=cancel_request(command, account=account))
        case CancelOrders():
            cancel = mass_cancel_request(command, account=account, instrument=instrument)
            return service.TradeCommand(cancel_orders=cancel)
        case CreateMultiLegOrder() | ReplaceMultiLegOrder() | CancelMultiLegOrder():
            return _wrapped(multi_leg_request(command, account=account, instrument=instrument))
        case _:
            assert_never(command)


def _wrapped(request: MultiLegRequest) -> service.TradeCommand:
    match request:
        case service.CreateMultiLegOrderRequest():
            return service.TradeCommand(create_multi_leg_order=request)
        case service.ReplaceMultiLegOrderRequest():
            return service.TradeCommand(replace_multi_leg_order=request)
        case service.CancelMultiLegOrderRequest():
            return service.TradeCommand(cancel_multi_leg_order=request)
        case _:
            assert_never(request)


def is_multi_leg(command: service.TradeCommand) -> bool:
    """Tell whether a command is answered as one on a multi-leg order."""
    return command.WhichOneof("command") in _MULTI_LEG


def request_of(command: service.TradeCommand) -> SingleRequest | MultiLegRequest:
    """Take the request out of a command of the `Trade` stream. Raises ValueError: it is empty."""
    name = command.WhichOneof("command")
    if name is None:
        raise ValueError("the command is empty")
    request: SingleRequest | MultiLegRequest = getattr(command, name)
    return request
