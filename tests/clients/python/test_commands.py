from __future__ import annotations

from typing import Any

import pytest

from quantumcore.client.commands import CreateOrder, ReplaceOrder
from quantumcore.client.enums import (
    OrderType,
    PegReference,
    SelfTradePrevention,
    Side,
    StopTrigger,
    TimeInForce,
)
from quantumcore.client.trade_commands import trade_command
from quantumcore.v1 import order_service_pb2


def create(**terms: Any) -> order_service_pb2.CreateOrderRequest:
    named: dict[str, Any] = {"account": 1, "instrument": 2, "side": Side.BUY, "quantity": 10}
    command = CreateOrder(**(named | terms))
    message = trade_command(command, account=int, instrument=lambda _: 2)
    return message.create_order


@pytest.mark.parametrize(
    ("terms", "order_type", "time_in_force"),
    [
        ({}, OrderType.MARKET, TimeInForce.IOC),
        ({"price": 5}, OrderType.LIMIT, TimeInForce.GTC),
        ({"stop_price": 5}, OrderType.STOP, TimeInForce.GTC),
        ({"stop_price": 5, "price": 6}, OrderType.STOP_LIMIT, TimeInForce.GTC),
        ({"display_quantity": 5, "price": 6}, OrderType.ICEBERG, TimeInForce.GTC),
        ({"peg_reference": PegReference.PRIMARY}, OrderType.PEGGED, TimeInForce.GTC),
        ({"peg_reference": PegReference.MARKET, "price": 6}, OrderType.PEGGED, TimeInForce.GTC),
        ({"price": 5, "expire_time_ns": 9}, OrderType.LIMIT, TimeInForce.GTD),
        ({"expire_time_ns": 9}, OrderType.MARKET, TimeInForce.GTD),
        ({"order_type": OrderType.MARKET, "time_in_force": TimeInForce.DAY},
         OrderType.MARKET, TimeInForce.DAY),
        ({"order_type": OrderType.LIMIT, "display_quantity": 5, "price": 6},
         OrderType.LIMIT, TimeInForce.GTC),
    ],
)  # fmt: skip
def test_the_terms_tell_type_and_time_in_force_unless_they_are_named(
    terms: dict[str, Any], order_type: OrderType, time_in_force: TimeInForce
) -> None:
    request = create(**terms)
    assert OrderType(request.order_type) is order_type
    assert TimeInForce(request.time_in_force) is time_in_force


def test_every_term_goes_out() -> None:
    request = create(
        client_order_id="mine",
        request_id=7,
        order_type=OrderType.PEGGED,
        time_in_force=TimeInForce.GTD,
        price="1.5",
        stop_price="2.5",
        stop_trigger=StopTrigger.REFERENCE,
        display_quantity=3,
        peg_reference=PegReference.MIDPOINT,
        peg_offset="-0.25",
        post_only=True,
        reduce_only=True,
        min_quantity=4,
        expire_time_ns=99,
        self_trade_prevention=SelfTradePrevention.CANCEL_BOTH,
    )
    assert request == order_service_pb2.CreateOrderRequest(
        request_id=7,
        account_id=1,
        instrument_id=2,
        client_order_id="mine",
        side=1,  # type: ignore[arg-type]
        order_type=6,  # type: ignore[arg-type]
        time_in_force=3,  # type: ignore[arg-type]
        quantity=10_000_000_000,
        price=1_500_000_000,
        stop_price=2_500_000_000,
        stop_trigger=3,  # type: ignore[arg-type]
        display_quantity=3_000_000_000,
        peg_reference=3,  # type: ignore[arg-type]
        peg_offset=-250_000_000,
        post_only=True,
        reduce_only=True,
        min_quantity=4_000_000_000,
        expire_time_ns=99,
        self_trade_prevention=4,  # type: ignore[arg-type]
    )


def test_the_form_of_an_order_has_every_field_of_the_request() -> None:
    contract = {field.name for field in order_service_pb2.CreateOrderRequest.DESCRIPTOR.fields}
    sent = set(CreateOrder.__dataclass_fields__)
    assert contract == {
        {"account": "account_id", "instrument": "instrument_id"}.get(name, name) for name in sent
    }


def test_a_replacement_carries_a_stop_price() -> None:
    command = ReplaceOrder(account=1, order_id=5, stop_price="97.5")
    request = trade_command(command, account=lambda _: 1, instrument=lambda _: 2).replace_order
    assert request.stop_price == 97_500_000_000
    assert not request.HasField("price")
    assert not request.HasField("quantity")


@pytest.mark.parametrize(
    "terms",
    [{"stop_price": 1.5}, {"display_quantity": 1.5}, {"peg_offset": 0.1}, {"min_quantity": 1.5}],
)
def test_floats_are_refused_by_name_in_every_term(terms: dict[str, Any]) -> None:
    (name,) = terms
    with pytest.raises(TypeError, match=f"{name}: use Decimal, int or str, not float"):
        create(**terms)
