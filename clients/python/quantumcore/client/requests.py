"""Make the requests that both clients send, and read what comes back."""

from __future__ import annotations

from typing import Required, TypedDict

from google.protobuf.descriptor import Descriptor

from quantumcore.client.commands import CreateOrder, new_request_id
from quantumcore.client.convert import build, read
from quantumcore.client.enums import (
    AccountStatus,
    BookMode,
    ExerciseStyle,
    InstrumentKind,
    MarginModel,
    OptionRight,
    OrderType,
    PegReference,
    SelfTradePrevention,
    Side,
    StopTrigger,
    TimeInForce,
    TradingPhase,
)
from quantumcore.client.fixed import Number
from quantumcore.client.values import Acknowledgement, Execution
from quantumcore.v1 import (
    admin_service_pb2,
    execution_pb2,
    instrument_pb2,
    instrument_service_pb2,
    matching_service_pb2,
    order_pb2,
    order_service_pb2,
    risk_service_pb2,
)

_REQUEST_OF_REJECTION: dict[int, Descriptor] = {
    execution_pb2.EXECUTION_TYPE_REJECTED: order_service_pb2.CreateOrderRequest.DESCRIPTOR,
    execution_pb2.EXECUTION_TYPE_CANCEL_REJECTED: order_service_pb2.CancelOrderRequest.DESCRIPTOR,
    execution_pb2.EXECUTION_TYPE_REPLACE_REJECTED: order_service_pb2.ReplaceOrderRequest.DESCRIPTOR,
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


class InstrumentTerms(TypedDict, total=False):
    """Terms of a new instrument; `underlying` is its symbol or id."""

    symbol: Required[str]
    kind: Required[InstrumentKind]
    currency: Required[str]
    tick_size: Required[Number]
    lot_size: Required[Number]
    max_price: Required[Number]
    max_quantity: Required[Number]
    protection_band: Required[Number]
    min_price: Number
    multiplier: Number
    expiry_time_ns: int
    description: str
    price_band: Number
    auction_duration_ns: int


class InstrumentBounds(TypedDict, total=False):
    """What of an instrument can be changed; what is left out stays as it is."""

    min_price: Number
    max_price: Number
    max_quantity: Number
    protection_band: Number
    description: str
    price_band: Number
    auction_duration_ns: int


class OptionSpecification(TypedDict):
    """Terms of an option."""

    underlying: int | str
    right: OptionRight
    exercise_style: ExerciseStyle
    strike_price: Number


class FutureSpecification(TypedDict):
    """Terms of a future; `underlying` is None where it is not listed."""

    underlying: int | str | None
    product: str


def order_of(terms: PricedTerms, **named: object) -> CreateOrder:
    """Make the command of an order."""
    return CreateOrder(**{**terms, **named})  # type: ignore[arg-type]


def acknowledgement(
    message: order_pb2.OrderAcknowledgement, request: Descriptor
) -> Acknowledgement:
    """Read the answer to a kind of request."""
    return read(Acknowledgement, message, request)


def execution(message: execution_pb2.Execution) -> Execution:
    """Read an execution."""
    return read(Execution, message, _REQUEST_OF_REJECTION.get(message.type))


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


def create_instrument(
    terms: InstrumentTerms,
    *,
    option: instrument_pb2.OptionTerms | None = None,
    future: instrument_pb2.FutureTerms | None = None,
) -> instrument_service_pb2.CreateInstrumentRequest:
    """Ask for a new instrument."""
    return build(
        instrument_service_pb2.CreateInstrumentRequest,
        request_id=new_request_id(),
        option=option,
        future=future,
        **terms,
    )


def option_terms(terms: OptionSpecification, underlying_id: int) -> instrument_pb2.OptionTerms:
    """Put the terms of an option into the contract's form."""
    return build(
        instrument_pb2.OptionTerms,
        underlying_instrument_id=underlying_id,
        right=terms["right"],
        exercise_style=terms["exercise_style"],
        strike_price=terms["strike_price"],
    )


def update_instrument(
    instrument_id: int, bounds: InstrumentBounds
) -> instrument_service_pb2.UpdateInstrumentRequest:
    """Ask for new bounds of an instrument."""
    return build(
        instrument_service_pb2.UpdateInstrumentRequest,
        request_id=new_request_id(),
        instrument_id=instrument_id,
        **bounds,
    )


def trading_phase(
    instrument_id: int, phase: TradingPhase, text: str
) -> instrument_service_pb2.SetTradingPhaseRequest:
    """Ask for another phase of an instrument."""
    return build(
        instrument_service_pb2.SetTradingPhaseRequest,
        request_id=new_request_id(),
        instrument_id=instrument_id,
        phase=phase,
        text=text,
    )


def create_account(
    *,
    name: str,
    self_trade_group: int,
    self_trade_prevention: SelfTradePrevention | None,
    margin_model: MarginModel | None,
) -> admin_service_pb2.CreateAccountRequest:
    """Ask for a new account."""
    return build(
        admin_service_pb2.CreateAccountRequest,
        request_id=new_request_id(),
        name=name,
        self_trade_group=self_trade_group,
        self_trade_prevention=self_trade_prevention,
        margin_model=margin_model,
    )


def update_account(
    account_id: int,
    *,
    status: AccountStatus | None,
    self_trade_group: int | None,
    self_trade_prevention: SelfTradePrevention | None,
) -> admin_service_pb2.UpdateAccountRequest:
    """Ask for a change of an account."""
    return build(
        admin_service_pb2.UpdateAccountRequest,
        request_id=new_request_id(),
        account_id=account_id,
        status=status,
        self_trade_group=self_trade_group,
        self_trade_prevention=self_trade_prevention,
    )


def check_kill_switch_scope(account: int | str | None, *, venue: bool) -> None:
    """Refuse to guess what a kill switch is for. Raises ValueError."""
    if (account is None) == (not venue):
        both = "both an account and the venue" if venue else "neither an account nor the venue"
        raise ValueError(f"a kill switch is for one account or for the venue: {both} is named")


def kill_switch(
    *, account_id: int | None, enabled: bool, text: str
) -> risk_service_pb2.SetKillSwitchRequest:
    """Ask for a kill switch to be turned, of an account, or of the venue where that is None."""
    return build(
        risk_service_pb2.SetKillSwitchRequest,
        request_id=new_request_id(),
        account_id=account_id,
        venue=True if account_id is None else None,
        enabled=enabled,
        text=text,
    )


def bust_trade(trade_id: int, text: str) -> admin_service_pb2.BustTradeRequest:
    """Ask for a trade to be undone."""
    return build(
        admin_service_pb2.BustTradeRequest,
        request_id=new_request_id(),
        trade_id=trade_id,
        text=text,
    )


def correct_trade(
    trade_id: int, *, price: Number | None, quantity: Number | None, text: str
) -> admin_service_pb2.CorrectTradeRequest:
    """Ask for a trade to be corrected."""
    return build(
        admin_service_pb2.CorrectTradeRequest,
        request_id=new_request_id(),
        trade_id=trade_id,
        price=price,
        quantity=quantity,
        text=text,
    )
