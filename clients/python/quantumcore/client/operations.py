"""Make the requests of operators: what is listed, who may trade, what went wrong."""

from __future__ import annotations

from typing import NotRequired, Required, TypedDict

from quantumcore.client.commands import new_request_id
from quantumcore.client.convert import build
from quantumcore.client.enums import (
    AccountStatus,
    ExerciseStyle,
    InstrumentKind,
    MarginModel,
    OptionRight,
    SelfTradePrevention,
    TradingPhase,
)
from quantumcore.client.fixed import Number
from quantumcore.v1 import (
    admin_service_pb2,
    instrument_pb2,
    instrument_service_pb2,
    risk_service_pb2,
)


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
    maker_fee_millionths: int
    taker_fee_millionths: int


class InstrumentBounds(TypedDict, total=False):
    """What of an instrument can be changed; what is left out stays as it is."""

    min_price: Number
    max_price: Number
    max_quantity: Number
    protection_band: Number
    description: str
    price_band: Number
    auction_duration_ns: int
    maker_fee_millionths: int
    taker_fee_millionths: int


class InstrumentChanges(InstrumentBounds, total=False):
    """What can be changed, that of futures too."""

    outright_margin_minor_units: int


class OptionSpecification(TypedDict):
    """Terms of an option."""

    underlying: int | str
    right: OptionRight
    exercise_style: ExerciseStyle
    strike_price: Number
    broad_index: NotRequired[bool]


class FutureSpecification(TypedDict):
    """Terms of a future; `underlying` is None where it is not listed."""

    underlying: int | str | None
    product: str
    outright_margin_minor_units: NotRequired[int]


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
        broad_index=terms.get("broad_index"),
    )


def future_terms(
    terms: FutureSpecification, underlying_id: int | None
) -> instrument_pb2.FutureTerms:
    """Put the terms of a future into the contract's form."""
    return build(
        instrument_pb2.FutureTerms,
        underlying_instrument_id=underlying_id,
        product=terms["product"],
        outright_margin_minor_units=terms.get("outright_margin_minor_units"),
    )


def update_instrument(
    instrument_id: int, changes: InstrumentChanges
) -> instrument_service_pb2.UpdateInstrumentRequest:
    """Ask for new bounds of an instrument."""
    return build(
        instrument_service_pb2.UpdateInstrumentRequest,
        request_id=new_request_id(),
        instrument_id=instrument_id,
        **changes,
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
    margin_model: MarginModel | None,
) -> admin_service_pb2.UpdateAccountRequest:
    """Ask for a change of an account."""
    return build(
        admin_service_pb2.UpdateAccountRequest,
        request_id=new_request_id(),
        account_id=account_id,
        status=status,
        self_trade_group=self_trade_group,
        self_trade_prevention=self_trade_prevention,
        margin_model=margin_model,
    )


def check_kill_switch_scope(account: int | str | None, *, venue: bool, group: int | None) -> None:
    """Refuse to guess what a kill switch is for. Raises ValueError."""
    named = (account is not None) + venue + (group is not None)
    if named != 1:
        raise ValueError(
            f"a kill switch is for one account, for a group or for the venue: {named} are named"
        )


def kill_switch(
    *, account_id: int | None, group: int | None, enabled: bool, text: str
) -> risk_service_pb2.SetKillSwitchRequest:
    """Ask for a kill switch to be turned, of an account, a group, or with neither the venue."""
    return build(
        risk_service_pb2.SetKillSwitchRequest,
        request_id=new_request_id(),
        account_id=account_id,
        group=group,
        venue=True if account_id is None and group is None else None,
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
