from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from quantumcore.client.enums import SelfTradePrevention, Side, TimeInForce
from quantumcore.client.multi_leg import (
    MaxDeviation,
    MaxSpread,
    RatioBand,
    SequentialTerms,
)
from quantumcore.client.multi_leg_commands import (
    CancelMultiLegOrder,
    CreateMultiLegOrder,
    LegTerms,
    ReplaceMultiLegOrder,
)
from quantumcore.client.multi_leg_enums import ExecutionMode, UnwindPolicy
from quantumcore.client.multi_leg_requests import multi_leg_request
from quantumcore.v1 import leg_pb2
from quantumcore.v1 import multi_leg_order_pb2 as contract
from quantumcore.v1 import order_service_pb2 as service

NANOS = 10**9
IDS = {"AAPL-190C": 5, "AAPL-200C": 7}
VERTICAL: tuple[Any, ...] = (("AAPL-190C", "buy", 1), ("AAPL-200C", "sell", "1", "5.10"))
BAND = RatioBand(leg_a=1, leg_b=2, min_ratio="0.9", max_ratio=2)
DEVIATION = MaxDeviation(leg_a=2, leg_b=1, max_deviation_basis_points=50)
SPREAD = MaxSpread(leg_a=1, leg_b=2, max_spread=Decimal("2.50"))


def create(**terms: Any) -> service.CreateMultiLegOrderRequest:
    named: dict[str, Any] = {"account": 1, "legs": VERTICAL}
    command = CreateMultiLegOrder(**(named | terms))
    request = multi_leg_request(command, account=int, instrument=lambda name: IDS[str(name)])
    assert isinstance(request, service.CreateMultiLegOrderRequest)
    return request


def constraints() -> list[contract.PriceConstraint]:
    return [
        contract.PriceConstraint(
            ratio_band=contract.RatioBand(
                leg_a=1, leg_b=2, min_ratio=900_000_000, max_ratio=2 * NANOS
            )
        ),
        contract.PriceConstraint(
            max_deviation=contract.MaxDeviation(leg_a=2, leg_b=1, max_deviation_basis_points=50)
        ),
        contract.PriceConstraint(
            max_spread=contract.MaxSpread(leg_a=1, leg_b=2, max_spread=2_500_000_000)
        ),
    ]


def test_every_term_goes_out() -> None:
    request = create(
        units=3,
        min_units=2,
        net_price="-3.10",
        price_constraints=[BAND, DEVIATION, SPREAD],
        execution_mode=ExecutionMode.SEQUENTIAL,
        time_in_force=TimeInForce.DAY,
        client_order_id="mine",
        expire_time_ns=99,
        sequential_terms=SequentialTerms(unwind_policy=UnwindPolicy.HOLD, leg_deadline_ms=250),
        self_trade_prevention=SelfTradePrevention.CANCEL_OLDEST,
        request_id=7,
    )
    assert request == service.CreateMultiLegOrderRequest(
        request_id=7,
        account_id=1,
        client_order_id="mine",
        legs=[
            leg_pb2.LegTerms(instrument_id=5, side=1, ratio=NANOS),  # type: ignore[arg-type]
            leg_pb2.LegTerms(instrument_id=7, side=2, ratio=NANOS, price=5_100_000_000),  # type: ignore[arg-type]
        ],
        units=3,
        min_units=2,
        net_price=-3_100_000_000,
        price_constraints=constraints(),
        execution_mode=2,  # type: ignore[arg-type]
        time_in_force=1,  # type: ignore[arg-type]
        expire_time_ns=99,
        sequential_terms=contract.SequentialTerms(unwind_policy=2, leg_deadline_ms=250),  # type: ignore[arg-type]
        self_trade_prevention=3,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("terms", "time_in_force"),
    [
        ({}, TimeInForce.GTC),
        ({"expire_time_ns": 9}, TimeInForce.GTD),
        ({"expire_time_ns": 9, "time_in_force": TimeInForce.IOC}, TimeInForce.IOC),
    ],
)
def test_the_expiry_tells_the_time_in_force_unless_it_is_named(
    terms: dict[str, Any], time_in_force: TimeInForce
) -> None:
    request = create(**terms)
    assert TimeInForce(request.time_in_force) is time_in_force
    assert ExecutionMode(request.execution_mode) is ExecutionMode.SIMULTANEOUS
    assert not request.HasField("net_price")
    assert not request.HasField("sequential_terms")


def test_a_leg_in_short_is_the_typed_leg() -> None:
    typed = (
        LegTerms(instrument="AAPL-190C", side=Side.BUY, ratio=Decimal(1)),
        LegTerms(instrument="AAPL-200C", side="SELL", price="5.10"),
    )
    assert create(legs=typed).legs == create().legs


@pytest.mark.parametrize(
    ("command", "request_class"),
    [
        (CreateMultiLegOrder, service.CreateMultiLegOrderRequest),
        (ReplaceMultiLegOrder, service.ReplaceMultiLegOrderRequest),
        (CancelMultiLegOrder, service.CancelMultiLegOrderRequest),
        (LegTerms, leg_pb2.LegTerms),
    ],
)
def test_a_command_has_every_field_of_its_request(command: Any, request_class: Any) -> None:
    renamed = {"account": "account_id", "instrument": "instrument_id"}
    sent = {renamed.get(name, name) for name in command.__dataclass_fields__}
    assert sent == {field.name for field in request_class.DESCRIPTOR.fields}


@pytest.mark.parametrize(
    ("terms", "error", "says"),
    [
        ({"legs": [VERTICAL[0], ("AAPL-200C", "sell", 1.5)]}, TypeError, "leg 2: ratio: use Dec"),
        ({"legs": [("AAPL-190C", "hold", 1)]}, ValueError, "leg 1: side: use 'buy', 'sell' or Si"),
        ({"legs": [("AAPL-190C", "buy", 1, "x")]}, ValueError, "leg 1: price: 'x' is not a number"),
        ({"legs": [VERTICAL[0], ("AAPL-200C", "sell")]}, TypeError, "leg 2: use LegTerms, "),
        ({"legs": ["AAPL-190C"]}, TypeError, "leg 1: use LegTerms, "),
        ({"net_price": 3.1}, TypeError, "net_price: use Decimal, int or str, not float"),
        ({"units": "2"}, TypeError, "units"),
        ({"price_constraints": [BAND, MaxSpread(leg_a=1, leg_b=2, max_spread="a")]}, ValueError,
         "price constraint 2: max_spread: 'a' is not a number"),
        ({"price_constraints": [RatioBand(leg_a=-1, leg_b=2, min_ratio=1, max_ratio=1)]},
         ValueError, "price constraint 1: leg_a"),
        ({"price_constraints": ["1/2:50bp"]}, TypeError, "price constraint 1: use RatioBand"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_leg_and_field(
    terms: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        create(**terms)


def test_a_replacement_tells_no_limit_from_no_change() -> None:
    command = ReplaceMultiLegOrder(
        account=1, client_order_id="mine", units=4, leg_prices={1: None, 2: "5.05"}, request_id=8
    )
    assert multi_leg_request(command, account=int, instrument=int) == (
        service.ReplaceMultiLegOrderRequest(
            request_id=8,
            account_id=1,
            client_order_id="mine",
            units=4,
            leg_prices=[
                leg_pb2.LegPrice(leg_number=1),
                leg_pb2.LegPrice(leg_number=2, price=5_050_000_000),
            ],
        )
    )
    wrong = ReplaceMultiLegOrder(account=1, leg_prices={3: "x"})
    with pytest.raises(ValueError, match="leg 3: price: 'x' is not a number"):
        multi_leg_request(wrong, account=int, instrument=int)
