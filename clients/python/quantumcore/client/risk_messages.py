"""Make the requests about money, limits and holdings, and read what comes back.

Money comes in minor units; what a currency's are is told by `digits`, by its code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from quantumcore.client.commands import CreateOrder, Resolve, create_request, new_request_id
from quantumcore.client.convert import build, read, reason_scale
from quantumcore.client.enums import MarginModel, RejectReason
from quantumcore.client.fixed import Number, decimal_of, from_fixed, from_minor_units, to_fixed
from quantumcore.client.multi_leg_commands import CreateMultiLegOrder
from quantumcore.client.multi_leg_requests import multi_leg_request
from quantumcore.client.risk import (
    AccountDetails,
    Balance,
    CashMovement,
    InstrumentLimits,
    LegProfit,
    MarginComponent,
    MarginHolding,
    MarginReport,
    Money,
    OrderCheck,
    Position,
    RiskCheck,
    RiskLimits,
    StrategyProfit,
)
from quantumcore.client.risk_enums import MarginRule
from quantumcore.client.values import Account
from quantumcore.v1 import (
    account_pb2,
    admin_service_pb2,
    margin_pb2,
    position_pb2,
    risk_pb2,
    risk_service_pb2,
    types_pb2,
)

Digits = Mapping[str, int]

_IN_BALANCE = (
    "cash",
    "reserved",
    "margin",
    "available",
    "realised_profit",
    "unrealised_profit",
    "fees",
)
_IN_POSITION = (
    "net_quantity",
    "bought_quantity",
    "sold_quantity",
    "working_buy_quantity",
    "working_sell_quantity",
)
NANO_SCALE = 9


def move_cash(
    account_id: int, amount: Number, *, currency: str, digits: int, text: str, request_id: int
) -> admin_service_pb2.MoveCashRequest:
    """Ask for a payment; a positive amount goes into the account."""
    minor_units = to_fixed(amount, scale=digits, name="amount")
    return build(
        admin_service_pb2.MoveCashRequest,
        request_id=request_id or new_request_id(),
        account_id=account_id,
        amount=types_pb2.Money(currency=currency, minor_units=minor_units),
        text=text,
    )


def positive(amount: Number) -> Decimal:
    """Take an amount whose direction its method names. Raises TypeError, ValueError."""
    exact = decimal_of(amount, "amount")
    if not exact.is_finite() or exact <= 0:
        raise ValueError(f"amount: {amount} is not positive")
    return exact


def set_limits(
    account_id: int, limits: RiskLimits, *, instrument_id: int | None, request_id: int
) -> risk_service_pb2.SetLimitsRequest:
    """Ask for limits, of the account or of it for one instrument."""
    values = {name: getattr(limits, name) for name in RiskLimits.__dataclass_fields__}
    return build(
        risk_service_pb2.SetLimitsRequest,
        request_id=request_id or new_request_id(),
        account_id=account_id,
        instrument_id=instrument_id,
        limits=build(risk_pb2.RiskLimits, **values),
    )


def get_account(
    account_id: int, instrument_id: int, min_sequence: int
) -> risk_service_pb2.GetAccountRequest:
    """Ask for an account with its balances and limits, those for one instrument too."""
    return build(
        risk_service_pb2.GetAccountRequest,
        account_id=account_id,
        instrument_id=instrument_id,
        min_sequence=min_sequence,
    )


def list_positions(
    account_id: int, *, include_flat: bool, min_sequence: int
) -> risk_service_pb2.ListPositionsRequest:
    """Ask for the first page of an account's positions."""
    return build(
        risk_service_pb2.ListPositionsRequest,
        account_id=account_id,
        include_flat=include_flat,
        page_size=1000,
        min_sequence=min_sequence,
    )


def get_margin(
    account_id: int, model: MarginModel | None, min_sequence: int
) -> risk_service_pb2.GetMarginRequest:
    """Ask for an account's margin, by its own model where none is named."""
    return build(
        risk_service_pb2.GetMarginRequest,
        account_id=account_id,
        model=model,
        min_sequence=min_sequence,
    )


def check_order(
    order: CreateOrder | CreateMultiLegOrder,
    *,
    account: Resolve,
    instrument: Resolve,
    min_sequence: int,
) -> risk_service_pb2.CheckOrderRequest:
    """Ask what would become of an order; `account` and `instrument` find ids."""
    named: dict[str, Any]
    if isinstance(order, CreateOrder):
        named = {"create_order": create_request(order, account=account, instrument=instrument)}
    else:
        request = multi_leg_request(order, account=account, instrument=instrument)
        named = {"create_multi_leg_order": request}
    return build(risk_service_pb2.CheckOrderRequest, min_sequence=min_sequence, **named)


def currencies(messages: Iterable[Any]) -> set[str]:
    """Find the currencies that balances, positions or margin reports are in."""
    return {
        message.realised_profit.currency
        if isinstance(message, position_pb2.Position | position_pb2.StrategyProfit)
        else message.currency
        for message in messages
    }


def account_details(message: risk_service_pb2.GetAccountResponse, digits: Digits) -> AccountDetails:
    """Read an account with its balances and limits."""
    return AccountDetails(
        account=read(Account, message.account),
        balances=tuple(balance(one, digits) for one in message.balances),
        limits=read(RiskLimits, message.limits),
        instrument_limits=(
            read(InstrumentLimits, message.instrument_limits)
            if message.HasField("instrument_limits")
            else None
        ),
        sequence=message.sequence,
    )


def balance(message: account_pb2.Balance, digits: Digits) -> Balance:
    """Read the money of an account in one currency."""
    scale = digits[message.currency]
    amounts = {
        name: from_minor_units(getattr(message, f"{name}_minor_units"), digits=scale)
        for name in _IN_BALANCE
    }
    return Balance(currency=message.currency, **amounts)


def cash_movement(message: admin_service_pb2.MoveCashResponse, digits: Digits) -> CashMovement:
    """Read the answer to a payment."""
    return CashMovement(
        balance=balance(message.balance, digits),
        sequence=message.sequence,
        repeated_request=message.repeated_request,
    )


def position(message: position_pb2.Position, digits: Digits) -> Position:
    """Read what an account holds of one instrument."""
    has_mark = message.HasField("mark_price")
    amounts = {name: _decimal(getattr(message, name)) for name in _IN_POSITION}
    return Position(
        account_id=message.account_id,
        instrument_id=message.instrument_id,
        open_tick_lots=message.open_tick_lots,
        mark_price=_decimal(message.mark_price) if has_mark else None,
        mark_time_ns=message.mark_time_ns,
        realised_profit=_money(message.realised_profit, digits),
        unrealised_profit=_unrealised(message, digits),
        fees=_money(message.fees, digits),
        updated_time_ns=message.updated_time_ns,
        sequence=message.sequence,
        **amounts,
    )


def _decimal(nanos: int) -> Decimal:
    return from_fixed(nanos, scale=NANO_SCALE)


def _money(message: types_pb2.Money, digits: Digits) -> Money:
    amount = from_minor_units(message.minor_units, digits=digits[message.currency])
    return Money(currency=message.currency, amount=amount)


def margin_report(message: margin_pb2.MarginReport, digits: Digits) -> MarginReport:
    """Read a margin with all that it is made of."""
    scale = digits[message.currency]
    return MarginReport(
        account_id=message.account_id,
        currency=message.currency,
        model=MarginModel(message.model),
        position_margin=from_minor_units(message.position_margin_minor_units, digits=scale),
        order_margin=from_minor_units(message.order_margin_minor_units, digits=scale),
        available=from_minor_units(message.available_minor_units, digits=scale),
        components=tuple(_component(one, scale) for one in message.components),
        pairing_is_optimal=message.pairing_is_optimal,
        oldest_mark_age_ns=message.oldest_mark_age_ns,
    )


def _component(message: margin_pb2.MarginComponent, digits: int) -> MarginComponent:
    return MarginComponent(
        rule=MarginRule(message.rule),
        holdings=tuple(read(MarginHolding, one) for one in message.holdings),
        units=message.units,
        requirement=from_minor_units(message.requirement_minor_units, digits=digits),
        separate=from_minor_units(message.separate_minor_units, digits=digits),
        explanation=message.explanation,
    )


def margins(message: risk_service_pb2.CheckOrderResponse) -> list[margin_pb2.MarginReport]:
    """List the margins that a check tells."""
    found = [message.margin_before] if message.HasField("margin_before") else []
    return [*found, message.margin_after] if message.HasField("margin_after") else found


def order_check(message: risk_service_pb2.CheckOrderResponse, digits: Digits) -> OrderCheck:
    """Read what would become of an order."""
    has_before, has_after = message.HasField("margin_before"), message.HasField("margin_after")
    return OrderCheck(
        accepted=message.accepted,
        checks=tuple(_check(one) for one in message.checks),
        margin_before=margin_report(message.margin_before, digits) if has_before else None,
        margin_after=margin_report(message.margin_after, digits) if has_after else None,
        sequence=message.sequence,
    )


def _check(message: risk_pb2.RiskCheck) -> RiskCheck:
    rule = RejectReason(message.rule)
    scale = reason_scale(rule, None)
    limit, value = (
        number if scale is None else from_fixed(number, scale=scale)
        for number in (message.limit, message.value)
    )
    return RiskCheck(
        rule=rule,
        passed=message.passed,
        limit=limit,
        value=value,
        leg_number=message.leg_number,
    )


def strategy_profit(message: position_pb2.StrategyProfit, digits: Digits) -> StrategyProfit:
    """Read the profit and loss of a multi-leg order."""
    return StrategyProfit(
        multi_leg_order_id=message.multi_leg_order_id,
        legs=tuple(_leg_profit(one, digits) for one in message.legs),
        realised_profit=_money(message.realised_profit, digits),
        unrealised_profit=_unrealised(message, digits),
        fees=_money(message.fees, digits),
        net_paid=_money(message.net_paid, digits),
    )


def _leg_profit(message: position_pb2.LegProfit, digits: Digits) -> LegProfit:
    return LegProfit(
        leg_number=message.leg_number,
        instrument_id=message.instrument_id,
        net_quantity=_decimal(message.net_quantity),
        realised_profit=_money(message.realised_profit, digits),
        unrealised_profit=_unrealised(message, digits),
        fees=_money(message.fees, digits),
        untold_quantity=_decimal(message.untold_quantity),
    )


def _unrealised(
    message: position_pb2.Position | position_pb2.LegProfit | position_pb2.StrategyProfit,
    digits: Digits,
) -> Money | None:
    has_mark = message.HasField("unrealised_profit")
    return _money(message.unrealised_profit, digits) if has_mark else None
