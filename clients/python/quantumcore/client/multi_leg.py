"""Hold multi-leg orders: their legs, what they cost, and the conditions on their prices.

Fields bear the contract's names and mean what the contract says; prices and quantities are
exact decimals, times are nanoseconds since the Unix epoch, UTC, units are whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from quantumcore.client.enums import (
    CancelReason,
    OrderStatus,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from quantumcore.client.errors import Reject, Rejected
from quantumcore.client.fixed import Number
from quantumcore.client.multi_leg_enums import (
    ExecutionMode,
    MultiLegOrderStatus,
    StrategyShape,
    UnwindPolicy,
)
from quantumcore.client.values import Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioBand:
    """Price of leg A ÷ price of leg B stays within bounds; legs are numbered from 1."""

    leg_a: int
    leg_b: int
    min_ratio: Number
    max_ratio: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxDeviation:
    """Prices of legs A and B differ by at most so many basis points (1/10,000) of B's."""

    leg_a: int
    leg_b: int
    max_deviation_basis_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxSpread:
    """Prices of legs A and B differ by at most this."""

    leg_a: int
    leg_b: int
    max_spread: Number


PriceConstraint = RatioBand | MaxDeviation | MaxSpread
"""A condition on the prices at which the legs of a unit would trade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialTerms:
    """How a sequential order works its legs."""

    unwind_policy: UnwindPolicy
    leg_deadline_ms: int
    max_slippage_basis_points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One leg of a multi-leg order as it stands."""

    leg_number: int
    instrument_id: int
    side: Side
    ratio: Decimal
    price: Decimal | None
    order_id: int
    status: OrderStatus
    quantity: Decimal
    cumulative_quantity: Decimal
    leaves_quantity: Decimal
    cumulative_tick_lots: int
    unwound_quantity: Decimal
    unwound_tick_lots: int
    residual_quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiLegOrderAcknowledgement:
    """The answer to one command on a multi-leg order; `reject` is None when it was carried out."""

    request_id: int
    multi_leg_order_id: int
    client_order_id: str
    status: MultiLegOrderStatus
    legs: tuple[Leg, ...]
    filled_units: int
    leaves_units: int
    reject: Reject | None
    sequence: int
    time_ns: int
    repeated_request: bool

    def raise_for_reject(self) -> Self:
        """Raise Rejected if the command was refused; return the acknowledgement otherwise."""
        if self.reject is not None:
            raise Rejected(self.reject, self.client_order_id)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiLegOrder:
    """A multi-leg order as it stands."""

    multi_leg_order_id: int
    client_order_id: str
    account_id: int
    status: MultiLegOrderStatus
    legs: tuple[Leg, ...]
    shape: StrategyShape
    units: int
    filled_units: int
    leaves_units: int
    min_units: int
    net_price: Decimal | None
    price_constraints: tuple[PriceConstraint, ...]
    execution_mode: ExecutionMode
    time_in_force: TimeInForce
    expire_time_ns: int
    sequential_terms: SequentialTerms | None
    self_trade_prevention: SelfTradePrevention
    created_time_ns: int
    updated_time_ns: int
    sequence: int
    version: int
    cancel_reason: CancelReason


def average_net_price(
    traded: MultiLegOrder | MultiLegOrderAcknowledgement, instruments: Mapping[int, Instrument]
) -> Decimal | None:
    """Tell the average net price of the units that have traded, to 28 digits; None: none has.

    It is in units of the smallest multiplier among the legs: positive was paid, negative
    received. `instruments` are those of the legs, by id. Where legs have traded beyond whole
    units, their average prices count.
    """
    if not traded.filled_units:
        return None
    smallest = min(instruments[leg.instrument_id].multiplier for leg in traded.legs)
    net = Decimal(0)
    for leg in traded.legs:
        instrument = instruments[leg.instrument_id]
        notional = leg.cumulative_tick_lots * instrument.tick_size * instrument.lot_size
        money = notional * instrument.multiplier
        beyond = leg.residual_quantity + leg.unwound_quantity
        if beyond:
            money = money * (leg.cumulative_quantity - beyond) / leg.cumulative_quantity
        net += money if leg.side is Side.BUY else -money
    return net / (smallest * traded.filled_units)
