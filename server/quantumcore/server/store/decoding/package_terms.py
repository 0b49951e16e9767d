"""Multi-leg orders as their commands asked for them."""

from quantumcore.server.api.strategy_shapes import shape_of
from quantumcore.server.core import enums, kinds
from quantumcore.server.store.decoding.order_record import OrderRecord
from quantumcore.server.store.decoding.order_terms import enum_at, prevention_in_force
from quantumcore.server.store.decoding.telling import Telling
from quantumcore.v1.leg_pb2 import Leg
from quantumcore.v1.multi_leg_order_pb2 import (
    MaxDeviation,
    MaxSpread,
    MultiLegOrder,
    MultiLegOrderStatus,
    PriceConstraint,
    RatioBand,
    SequentialTerms,
)
from quantumcore.v1.types_pb2 import OrderStatus

BYTE = 0xFF


def package_of(record: OrderRecord, telling: Telling) -> MultiLegOrder:
    """Return the order that a CREATE_PACKAGE asked for, as the record of its first event has it."""
    command = telling.command
    terms = command[kinds.PACKAGE_TERMS]
    asked = enum_at(terms, kinds.PACKAGE_TERM_SELF_TRADE_PREVENTION)
    units = command[kinds.PACKAGE_UNITS]
    message = MultiLegOrder(
        multi_leg_order_id=record.order_id,
        client_order_id=record.client_order_id,
        account_id=record.account_id,
        status=(
            MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_PENDING
            if record.order_id
            else MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_REJECTED
        ),
        legs=_legs(command),
        units=units,
        leaves_units=units if record.order_id else 0,
        min_units=_min_units(command, record.order_id),
        price_constraints=_constraints(command),
        execution_mode=enum_at(terms, kinds.PACKAGE_TERM_MODE),  # type: ignore[arg-type]
        time_in_force=enum_at(terms, kinds.PACKAGE_TERM_TIME_IN_FORCE),  # type: ignore[arg-type]
        expire_time_ns=command[kinds.PACKAGE_EXPIRE_TIME_NS],
        self_trade_prevention=prevention_in_force(  # type: ignore[arg-type]
            telling, record.account_id, asked
        ),
    )
    _add_shape(message, telling)
    if terms >> kinds.PACKAGE_TERM_FLAGS & kinds.FLAG_HAS_PRICE:
        message.net_price = command[kinds.PACKAGE_NET_PRICE]
    if terms >> kinds.PACKAGE_TERM_FLAGS & kinds.FLAG_SEQUENTIAL:
        message.sequential_terms.CopyFrom(_sequential(command))
    return message


def _min_units(command: list[int], order_id: int) -> int:
    """Return the fewest units of a fill: of an order that says none all, of a sequential one 1."""
    asked = command[kinds.PACKAGE_MIN_UNITS]
    if order_id == 0:
        return asked
    terms, units = command[kinds.PACKAGE_TERMS], command[kinds.PACKAGE_UNITS]
    if terms >> kinds.PACKAGE_TERM_MODE & BYTE == enums.EXECUTION_MODE_SEQUENTIAL:
        return 1
    if terms >> kinds.PACKAGE_TERM_TIME_IN_FORCE & BYTE == enums.TIME_IN_FORCE_FOK:
        return units
    return asked or units


def _add_shape(message: MultiLegOrder, telling: Telling) -> None:
    instruments = {number: terms.definition for number, terms in telling.state.terms.items()}
    message.shape = shape_of(
        [(leg.instrument_id, leg.side, leg.ratio) for leg in message.legs], instruments
    )


def _sequential(command: list[int]) -> SequentialTerms:
    packed = command[kinds.PACKAGE_SEQUENTIAL]
    policy = enum_at(command[kinds.PACKAGE_TERMS], kinds.PACKAGE_TERM_UNWIND_POLICY)
    return SequentialTerms(
        unwind_policy=policy,  # type: ignore[arg-type]
        leg_deadline_ms=packed & kinds.LOW_HALF,
        max_slippage_basis_points=packed >> 32 & kinds.LOW_HALF,
    )


def _legs(command: list[int]) -> list[Leg]:
    count = command[kinds.PACKAGE_TERMS] >> kinds.PACKAGE_TERM_LEGS & BYTE
    return [_leg(command, number) for number in range(min(count, kinds.MAX_LEGS))]


def _leg(command: list[int], number: int) -> Leg:
    at = kinds.PACKAGE_LEGS + number * kinds.LEG_WORDS
    terms, ratio, price = command[at : at + kinds.LEG_WORDS]
    leg = Leg(
        leg_number=number + 1,
        instrument_id=terms & kinds.LOW_HALF,
        side=enum_at(terms, kinds.LEG_TERM_SIDE),  # type: ignore[arg-type]
        ratio=ratio,
    )
    if terms >> kinds.LEG_TERM_FLAGS & kinds.FLAG_HAS_PRICE:
        leg.price = price
    return leg


def _constraints(command: list[int]) -> list[PriceConstraint]:
    count = command[kinds.PACKAGE_TERMS] >> kinds.PACKAGE_TERM_CONSTRAINTS & BYTE
    width = kinds.CONSTRAINT_WORDS
    starts = range(kinds.PACKAGE_CONSTRAINTS, kinds.PACKAGE_TEXT_LENGTH, width)
    rows = [command[at : at + width] for at in starts[:count]]
    return [_constraint(terms, first, second) for terms, first, second in rows]


def _constraint(terms: int, first: int, second: int) -> PriceConstraint:
    a, b = terms >> kinds.CONSTRAINT_TERM_LEG_A & BYTE, terms >> kinds.CONSTRAINT_TERM_LEG_B & BYTE
    match terms & BYTE:
        case kinds.CONSTRAINT_RATIO_BAND:
            band = RatioBand(leg_a=a, leg_b=b, min_ratio=first, max_ratio=second)
            return PriceConstraint(ratio_band=band)
        case kinds.CONSTRAINT_MAX_DEVIATION:
            share = first & kinds.LOW_HALF
            near = MaxDeviation(leg_a=a, leg_b=b, max_deviation_basis_points=share)
            return PriceConstraint(max_deviation=near)
        case kinds.CONSTRAINT_MAX_SPREAD:
            wide = MaxSpread(leg_a=a, leg_b=b, max_spread=first)
            return PriceConstraint(max_spread=wide)
    return PriceConstraint()


def take_leg(message: MultiLegOrder, record: OrderRecord) -> None:
    """Let a leg stand as the record of its own order has it."""
    if not 1 <= record.leg_number <= len(message.legs):
        return
    leg, words = message.legs[record.leg_number - 1], record.words
    leg.order_id = record.order_id
    leg.status = OrderStatus.ValueType(record.status)
    leg.quantity = words[kinds.EVENT_QUANTITY]
    leg.cumulative_quantity = words[kinds.EVENT_CUMULATIVE_QUANTITY]
    leg.leaves_quantity = words[kinds.EVENT_LEAVES_QUANTITY]
    leg.cumulative_tick_lots = words[kinds.EVENT_CUMULATIVE_TICK_LOTS]
    leg.ClearField("price")
    if record.price is not None:
        leg.price = record.price
    if (
        message.execution_mode == enums.EXECUTION_MODE_SEQUENTIAL
        and record.kind not in _WITHOUT_EXCESS
    ):
        leg.residual_quantity = words[kinds.EVENT_EXCESS_QUANTITY]


_WITHOUT_EXCESS = frozenset(
    {
        kinds.ORDER_RESTATED,
        kinds.CANCEL_REJECTED,
        kinds.REPLACE_REJECTED,
    }
)
