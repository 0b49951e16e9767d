"""Multi-leg orders between the contract's messages and the core's commands and views."""

from collections.abc import Mapping
from typing import Any

from quantumcore.server.api.strategy_shapes import shape_of
from quantumcore.server.api.turn import ResultRow
from quantumcore.server.core import enums, kinds
from quantumcore.server.core.package_commands import Leg as LegCommand
from quantumcore.server.core.views import OrderView, PackageView
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.leg_pb2 import Leg
from quantumcore.v1.multi_leg_order_pb2 import (
    ExecutionMode,
    MaxDeviation,
    MaxSpread,
    MultiLegOrder,
    MultiLegOrderAcknowledgement,
    MultiLegOrderStatus,
    PriceConstraint,
    RatioBand,
    SequentialTerms,
    UnwindPolicy,
)
from quantumcore.v1.order_service_pb2 import (
    CreateMultiLegOrderRequest,
    ReplaceMultiLegOrderRequest,
)
from quantumcore.v1.reject_pb2 import CancelReason, RejectReason
from quantumcore.v1.types_pb2 import OrderStatus, SelfTradePrevention, Side, TimeInForce

BYTE = 255
# By the core's status of its order.
STATUSES = {
    enums.ORDER_STATUS_NEW: MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_WORKING,
    enums.ORDER_STATUS_PARTIALLY_FILLED: (
        MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_PARTIALLY_FILLED
    ),
    enums.ORDER_STATUS_FILLED: MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_FILLED,
    enums.ORDER_STATUS_CANCELLED: MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_CANCELLED,
    enums.ORDER_STATUS_REJECTED: MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_REJECTED,
    enums.ORDER_STATUS_EXPIRED: MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_EXPIRED,
    enums.ORDER_STATUS_UNWINDING: MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_UNWINDING,
    enums.ORDER_STATUS_UNWOUND: MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_UNWOUND,
}
Constraint = tuple[int, int, int, int, int]


def terms_of(request: CreateMultiLegOrderRequest) -> dict[str, Any]:
    """Return the arguments of `create_package` that a request asks for."""
    sequential = request.sequential_terms
    return {
        "account_id": request.account_id,
        "client_order_id": request.client_order_id,
        "legs": [
            LegCommand(
                leg.instrument_id,
                leg.side,
                leg.ratio,
                leg.price if leg.HasField("price") else None,
            )
            for leg in request.legs
        ],
        "units": request.units,
        "min_units": request.min_units,
        "net_price": request.net_price if request.HasField("net_price") else None,
        "constraints": [_constraint(one) for one in request.price_constraints],
        "mode": request.execution_mode,
        "time_in_force": request.time_in_force,
        "expire_time_ns": request.expire_time_ns,
        "sequential": (
            (
                sequential.unwind_policy,
                min(sequential.leg_deadline_ms, 0x7FFFFFFF),
                min(sequential.max_slippage_basis_points, 0x7FFFFFFF),
            )
            if request.HasField("sequential_terms")
            else None
        ),
        "self_trade_prevention": request.self_trade_prevention,
        "request_id": request.request_id,
    }


def changes_of(request: ReplaceMultiLegOrderRequest) -> dict[str, Any]:
    """Return the arguments of `replace_package` that a request asks for."""
    return {
        "account_id": request.account_id,
        "order_id": request.multi_leg_order_id,
        "client_order_id": request.client_order_id,
        "new_client_order_id": request.new_client_order_id,
        "units": request.units if request.HasField("units") else None,
        "net_price": request.net_price if request.HasField("net_price") else None,
        "leg_prices": [
            (leg.leg_number, leg.price if leg.HasField("price") else None)
            for leg in request.leg_prices
        ],
        "request_id": request.request_id,
    }


def _byte(value: int) -> int:
    """Return a leg's number, or 255 where it is none that a record can hold."""
    return value if 0 <= value < BYTE else BYTE


def _constraint(constraint: PriceConstraint) -> Constraint:
    match constraint.WhichOneof("constraint"):
        case "ratio_band":
            band = constraint.ratio_band
            bounds = band.min_ratio, band.max_ratio
            return (
                kinds.CONSTRAINT_RATIO_BAND,
                _byte(band.leg_a),
                _byte(band.leg_b),
                *bounds,
            )
        case "max_deviation":
            near = constraint.max_deviation
            share = near.max_deviation_basis_points
            return (
                kinds.CONSTRAINT_MAX_DEVIATION,
                _byte(near.leg_a),
                _byte(near.leg_b),
                share,
                0,
            )
        case "max_spread":
            wide = constraint.max_spread
            most = wide.max_spread
            return (
                kinds.CONSTRAINT_MAX_SPREAD,
                _byte(wide.leg_a),
                _byte(wide.leg_b),
                most,
                0,
            )
    return 0, 0, 0, 0, 0


def multi_leg_order(
    view: PackageView, instruments: Mapping[int, Instrument], prevention: int
) -> MultiLegOrder:
    """Build the contract's message of a multi-leg order as it stands.

    `prevention` is its account's self-trade prevention, in force unless the order has its own.
    """
    order = view.order
    return MultiLegOrder(
        multi_leg_order_id=order.order_id,
        client_order_id=order.client_order_id,
        account_id=order.account_id,
        status=_status(view),
        legs=legs_of(view),
        shape=shape_of(
            [(leg.instrument_id, Side.ValueType(leg.side), leg.quantity) for leg in view.legs],
            instruments,
        ),
        units=order.quantity // kinds.UNIT,
        filled_units=order.cumulative_quantity // kinds.UNIT,
        leaves_units=order.leaves_quantity // kinds.UNIT,
        min_units=view.min_units,
        net_price=order.price if order.has_price else None,
        price_constraints=_constraints(view.constraints),
        execution_mode=ExecutionMode.ValueType(view.mode),
        time_in_force=TimeInForce.ValueType(order.time_in_force),
        expire_time_ns=order.expire_time_ns,
        sequential_terms=_sequential(view),
        self_trade_prevention=SelfTradePrevention.ValueType(
            view.self_trade_prevention or prevention
        ),
        created_time_ns=order.created_time_ns,
        updated_time_ns=order.updated_time_ns,
        sequence=order.sequence,
        version=order.version,
        cancel_reason=CancelReason.ValueType(order.cancel_reason),
    )


def _status(view: PackageView) -> MultiLegOrderStatus.ValueType:
    if not view.is_tried and view.order.status == enums.ORDER_STATUS_NEW:
        return MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_PENDING
    return STATUSES[view.order.status]


def _sequential(view: PackageView) -> SequentialTerms | None:
    if view.mode != enums.EXECUTION_MODE_SEQUENTIAL:
        return None
    return SequentialTerms(
        unwind_policy=UnwindPolicy.ValueType(view.policy),
        leg_deadline_ms=view.sequential & kinds.LOW_HALF,
        max_slippage_basis_points=view.sequential >> 32,
    )


def legs_of(view: PackageView) -> list[Leg]:
    """Build the legs of a multi-leg order, ascending by number."""
    legs = [_leg(leg, view.order.quantity // kinds.UNIT) for leg in view.legs]
    for leg, left, reversed_, tick_lots in zip(
        legs, view.excess, view.unwound, view.unwound_tick_lots, strict=False
    ):
        leg.residual_quantity = left
        leg.unwound_quantity = reversed_
        leg.unwound_tick_lots = tick_lots
    return legs


def _leg(leg: OrderView, units: int) -> Leg:
    return Leg(
        leg_number=leg.leg_number,
        instrument_id=leg.instrument_id,
        side=Side.ValueType(leg.side),
        ratio=leg.quantity // units,
        price=leg.price if leg.has_price else None,
        order_id=leg.order_id,
        status=OrderStatus.ValueType(leg.status),
        quantity=leg.quantity,
        cumulative_quantity=leg.cumulative_quantity,
        leaves_quantity=leg.leaves_quantity,
        cumulative_tick_lots=leg.cumulative_tick_lots,
    )


def _constraints(words: list[int]) -> list[PriceConstraint]:
    width = kinds.CONSTRAINT_WORDS
    return [_message(*words[at : at + width]) for at in range(0, len(words), width)]


def _message(terms: int, first: int, second: int) -> PriceConstraint:
    a, b = terms >> 8 & BYTE, terms >> 16 & BYTE
    match terms & BYTE:
        case kinds.CONSTRAINT_RATIO_BAND:
            band = RatioBand(leg_a=a, leg_b=b, min_ratio=first, max_ratio=second)
            return PriceConstraint(ratio_band=band)
        case kinds.CONSTRAINT_MAX_DEVIATION:
            near = MaxDeviation(leg_a=a, leg_b=b, max_deviation_basis_points=first)
            return PriceConstraint(max_deviation=near)
    return PriceConstraint(max_spread=MaxSpread(leg_a=a, leg_b=b, max_spread=first))


def acknowledgement(
    row: ResultRow, view: PackageView | None, *, request_id: int, client_order_id: str
) -> MultiLegOrderAcknowledgement:
    """Build the answer to a command; `view` is the order right after it, where there is one."""
    answer = MultiLegOrderAcknowledgement(
        request_id=request_id,
        multi_leg_order_id=row.order_id,
        client_order_id=client_order_id,
        status=STATUSES.get(row.status, MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_UNSPECIFIED),
        reject_reason=RejectReason.ValueType(row.reject_reason),
        reject_limit=row.limit,
        reject_value=row.value,
        reject_field=row.reject_field,
        reject_leg_number=row.reject_leg_number,
        sequence=row.sequence,
        time_ns=row.time_ns,
        repeated_request=row.repeated,
    )
    if view is not None:
        if row.status == enums.ORDER_STATUS_NEW:
            answer.status = _status(view)
        answer.client_order_id = client_order_id or view.order.client_order_id
        answer.legs.extend(legs_of(view))
        answer.filled_units = view.order.cumulative_quantity // kinds.UNIT
        answer.leaves_units = view.order.leaves_quantity // kinds.UNIT
    return answer
