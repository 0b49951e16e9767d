from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import pytest

from quantumcore.client.convert import read
from quantumcore.client.enums import RejectReason
from quantumcore.client.errors import Reject
from quantumcore.client.multi_leg import (
    MaxDeviation,
    MaxSpread,
    MultiLegOrder,
    MultiLegOrderAcknowledgement,
    RatioBand,
    average_net_price,
)
from quantumcore.client.requests import execution
from quantumcore.client.values import Instrument
from quantumcore.v1 import execution_pb2, instrument_pb2, leg_pb2
from quantumcore.v1 import multi_leg_order_pb2 as contract
from quantumcore.v1 import order_service_pb2 as service

NANOS = 10**9
REFUSED: dict[str, Any] = {"reject_reason": 53, "reject_limit": NANOS}
CREATE = service.CreateMultiLegOrderRequest.DESCRIPTOR


def test_constraints_are_read_as_what_they_are_and_those_of_a_newer_venue_left_out() -> None:
    band = contract.PriceConstraint(
        ratio_band=contract.RatioBand(leg_a=1, leg_b=2, min_ratio=900_000_000, max_ratio=2 * NANOS)
    )
    near = contract.PriceConstraint(
        max_deviation=contract.MaxDeviation(leg_a=2, leg_b=1, max_deviation_basis_points=50)
    )
    wide = contract.PriceConstraint(
        max_spread=contract.MaxSpread(leg_a=1, leg_b=2, max_spread=2_500_000_000)
    )
    newer = contract.PriceConstraint.FromString(b"\x2a\x00")
    message = contract.MultiLegOrder(price_constraints=[band, near, wide, newer])
    assert read(MultiLegOrder, message).price_constraints == (
        RatioBand(leg_a=1, leg_b=2, min_ratio=Decimal("0.9"), max_ratio=Decimal(2)),
        MaxDeviation(leg_a=2, leg_b=1, max_deviation_basis_points=50),
        MaxSpread(leg_a=1, leg_b=2, max_spread=Decimal("2.5")),
    )


@pytest.mark.parametrize(
    ("fields", "reject"),
    [
        (
            {"reject_reason": 53, "reject_field": 4, "reject_leg_number": 2,
             "reject_limit": 10_000_000, "reject_value": 5_005_000_000},
            Reject(reason=RejectReason.PRICE_OFF_TICK, field="legs", leg_number=2,
                   limit=Decimal("0.01"), value=Decimal("5.005")),
        ),
        (
            {"reject_reason": 62, "reject_field": 4, "reject_leg_number": 1,
             "reject_value": -NANOS},
            Reject(reason=RejectReason.LEG_RATIO, field="legs", leg_number=1,
                   limit=Decimal(0), value=Decimal(-1)),
        ),
        (
            {"reject_reason": 52, "reject_field": 5, "reject_limit": 200, "reject_value": 201},
            Reject(reason=RejectReason.QUANTITY_TOO_LARGE, field="units", limit=200, value=201),
        ),
        (
            {"reject_reason": 34, "reject_field": 6, "reject_limit": 1, "reject_value": 2},
            Reject(reason=RejectReason.VALUE_OUT_OF_RANGE, field="min_units", limit=1, value=2),
        ),
        (
            {"reject_reason": 66, "reject_field": 5, "reject_limit": 1 << 61},
            Reject(reason=RejectReason.NOTIONAL_OVERFLOW, field="units", limit=1 << 61, value=0),
        ),
    ],
)  # fmt: skip
def test_a_refusal_names_field_and_leg_in_the_unit_of_the_field(
    fields: dict[str, Any], reject: Reject
) -> None:
    message = contract.MultiLegOrderAcknowledgement(**fields)
    assert read(MultiLegOrderAcknowledgement, message, CREATE).reject == reject


def test_a_refusal_reads_as_a_sentence() -> None:
    message = contract.MultiLegOrderAcknowledgement(
        reject_reason=53,  # type: ignore[arg-type]
        reject_field=4,
        reject_leg_number=2,
        reject_limit=10_000_000,
        reject_value=5_005_000_000,
    )
    reject = read(MultiLegOrderAcknowledgement, message, CREATE).reject
    assert str(reject) == "price off tick, field legs, leg 2, value 5.005, limit 0.01"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"type": 2, "reject_field": 4, "reject_leg_number": 2},
         "price off tick, field legs, leg 2, limit 1"),
        ({"type": 11, "order_id": 9, "reject_field": 3},
         "price off tick, field multi_leg_order_id, limit 1"),
        ({"type": 12, "order_id": 9, "reject_field": 8},
         "price off tick, field leg_prices, limit 1"),
        ({"type": 12, "reject_field": 8}, "price off tick, field stop_price, limit 1"),
        ({"type": 12, "reject_field": 8, "multi_leg_order_id": 77, "reject_leg_number": 1},
         "price off tick, field leg_prices, leg 1, limit 1"),
        ({"type": 2, "side": 1, "instrument_id": 3, "reject_field": 4},
         "price off tick, field client_order_id, limit 1"),
    ],
)  # fmt: skip
def test_refusals_of_a_whole_package_are_told_from_those_of_single_orders(
    fields: dict[str, Any], says: str
) -> None:
    message = execution_pb2.Execution(**(REFUSED | fields))
    assert str(execution(message).reject) == says


def instrument(instrument_id: int, tick: int, multiplier: int) -> Instrument:
    message = instrument_pb2.Instrument(
        instrument_id=instrument_id, tick_size=tick, lot_size=NANOS, multiplier=multiplier * NANOS
    )
    return read(Instrument, message)


def traded(units: int, *legs: tuple[int, int, int, int]) -> MultiLegOrderAcknowledgement:
    """Make the answer after fills: instrument, side, quantity and ticks times lots of each leg."""
    message = contract.MultiLegOrderAcknowledgement(
        filled_units=units,
        legs=[
            leg_pb2.Leg(
                instrument_id=instrument_id,
                side=cast("Any", side),
                cumulative_quantity=quantity * NANOS,
                cumulative_tick_lots=tick_lots,
            )
            for instrument_id, side, quantity, tick_lots in legs
        ],
    )
    return read(MultiLegOrderAcknowledgement, message)


def test_the_average_net_price_weighs_legs_by_their_multipliers() -> None:
    listed = {5: instrument(5, NANOS // 100, 100), 2: instrument(2, NANOS // 4, 1)}
    vertical = traded(2, (5, 1, 2, 1620), (5, 2, 2, 1001))
    assert average_net_price(vertical, listed) == Decimal("3.095")
    covered = traded(1, (2, 1, 100, 40_000), (5, 2, 1, 500))
    assert average_net_price(covered, listed) == 10_000 - 5 * 100
    assert average_net_price(traded(0, (5, 1, 0, 0)), listed) is None
