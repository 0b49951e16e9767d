"""Hold what the venue says: orders, executions, instruments, accounts, its own status.

Fields bear the contract's names and mean what the contract says; prices and quantities are
exact decimals, times are nanoseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, Self

from quantumcore.client.enums import (
    AccountStatus,
    CancelReason,
    DurabilityMode,
    ExecutionType,
    ExerciseStyle,
    InstrumentKind,
    Liquidity,
    MarginModel,
    OptionRight,
    OrderStatus,
    OrderType,
    PegReference,
    RestatementReason,
    SelfTradePrevention,
    SessionProtocol,
    Side,
    StopTrigger,
    TimeInForce,
    TradingPhase,
    VenueState,
)
from quantumcore.client.errors import Reject, Rejected


class Held(Protocol):
    """What is held of one instrument."""

    @property
    def net_quantity(self) -> Decimal:
        """Tell how much is held, negative where it was sold."""

    @property
    def open_tick_lots(self) -> int:
        """Tell its exact cost, in ticks times lots, signed as the quantity."""


class Filled(Protocol):
    """What has traded of an order in one instrument, or of one leg."""

    @property
    def cumulative_quantity(self) -> Decimal:
        """Tell how much has traded."""

    @property
    def cumulative_tick_lots(self) -> int:
        """Tell the exact sum of price times quantity, in ticks times lots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """The answer to one order command; `reject` is None when it was carried out."""

    request_id: int
    order_id: int
    client_order_id: str
    status: OrderStatus
    reject: Reject | None
    cumulative_quantity: Decimal
    leaves_quantity: Decimal
    cumulative_tick_lots: int
    sequence: int
    time_ns: int
    repeated_request: bool
    affected_orders: int

    def raise_for_reject(self) -> Self:
        """Raise Rejected if the command was refused; return the acknowledgement otherwise."""
        if self.reject is not None:
            raise Rejected(self.reject, self.client_order_id)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A single order as it stands."""

    order_id: int
    client_order_id: str
    account_id: int
    instrument_id: int
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    status: OrderStatus
    price: Decimal | None
    quantity: Decimal
    cumulative_quantity: Decimal
    leaves_quantity: Decimal
    cumulative_tick_lots: int
    stop_price: Decimal | None
    stop_trigger: StopTrigger
    display_quantity: Decimal
    peg_reference: PegReference
    peg_offset: Decimal
    post_only: bool
    reduce_only: bool
    min_quantity: Decimal
    expire_time_ns: int
    self_trade_prevention: SelfTradePrevention
    created_time_ns: int
    updated_time_ns: int
    sequence: int
    version: int
    cancel_reason: CancelReason
    multi_leg_order_id: int
    leg_number: int
    shown_quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One thing that happened to one order, as of just after it happened."""

    sequence: int
    time_ns: int
    type: ExecutionType
    status: OrderStatus
    order_id: int
    client_order_id: str
    original_client_order_id: str
    account_id: int
    instrument_id: int
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    price: Decimal | None
    quantity: Decimal
    cumulative_quantity: Decimal
    leaves_quantity: Decimal
    last_price: Decimal | None
    last_quantity: Decimal
    trade_id: int
    liquidity: Liquidity
    request_id: int
    reject: Reject | None
    cancel_reason: CancelReason
    cumulative_tick_lots: int
    multi_leg_order_id: int
    leg_number: int
    package_execution_id: int
    reference_sequence: int
    restatement_reason: RestatementReason
    shown_quantity: Decimal
    excess_quantity: Decimal
    unwind: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionTerms:
    """Terms of an option."""

    underlying_instrument_id: int
    right: OptionRight
    exercise_style: ExerciseStyle
    strike_price: Decimal
    broad_index: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureTerms:
    """Terms of a future; `underlying_instrument_id` is 0 where that is not listed."""

    underlying_instrument_id: int
    product: str
    outright_margin_minor_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """Something that is listed, with all that orders are checked against."""

    instrument_id: int
    symbol: str
    kind: InstrumentKind
    currency: str
    tick_size: Decimal
    lot_size: Decimal
    multiplier: Decimal
    min_price: Decimal
    max_price: Decimal
    max_quantity: Decimal
    protection_band: Decimal
    tick_value: int
    expiry_time_ns: int
    option: OptionTerms | None
    future: FutureTerms | None
    phase: TradingPhase
    description: str
    sequence: int
    price_band: Decimal
    auction_duration_ns: int
    maker_fee_millionths: int
    taker_fee_millionths: int

    def average_price(self, filled: Filled) -> Decimal | None:
        """Tell the average price of what has traded, to 28 digits; None where nothing has."""
        if not filled.cumulative_quantity:
            return None
        notional = filled.cumulative_tick_lots * self.tick_size * self.lot_size
        return notional / filled.cumulative_quantity

    def average_cost(self, held: Held) -> Decimal | None:
        """Tell the average price of what is held, to 28 digits; None where nothing is."""
        if not held.net_quantity:
            return None
        return held.open_tick_lots * self.tick_size * self.lot_size / held.net_quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentStatus:
    """How an instrument stands."""

    instrument_id: int
    previous_sequence: int
    sequence: int
    time_ns: int
    phase: TradingPhase
    delisted: bool
    text: str
    instrument: Instrument | None
    price_band_breached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """Something that instruments settle in."""

    code: str
    minor_digits: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who owns orders, positions and money."""

    account_id: int
    name: str
    status: AccountStatus
    self_trade_group: int
    self_trade_prevention: SelfTradePrevention
    margin_model: MarginModel
    kill_switch: bool
    created_time_ns: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KillSwitchChange:
    """What turning a kill switch did."""

    affected_orders: int
    sequence: int
    repeated_request: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionStatus:
    """How far something that follows the journal has come; `error` is empty while it runs."""

    name: str
    sequence: int
    lag_events: int
    lag_ns: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One connection that somebody has open now, through which orders may come."""

    session_id: int
    principal_id: int
    protocol: SessionProtocol
    peer_address: str
    started_time_ns: int
    last_received_time_ns: int
    command_count: int
    cancel_on_disconnect: bool
    outbound_queue_messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStatus:
    """The clock that the venue stamps events with; `offset_ns` is None where unmeasured."""

    source: str
    granularity_ns: int
    offset_ns: int | None
    offset_time_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueStatus:
    """How the venue stands."""

    version: str
    compiled: bool
    state: VenueState
    epoch: int
    accepted_sequence: int
    durable_sequence: int
    durability_mode: DurabilityMode
    time_ns: int
    started_time_ns: int
    uptime_ns: int
    clock: ClockStatus | None
    instrument_count: int
    account_count: int
    working_order_count: int
    working_order_capacity: int
    command_count: int
    trade_count: int
    journal_bytes: int
    session_count: int
    kill_switch: bool
    chain_head: bytes
    state_hash: bytes
    projections: tuple[ProjectionStatus, ...]
    forgotten_multi_leg_order_count: int
