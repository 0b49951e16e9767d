"""Put commands on multi-leg orders into the contract's form, and read what comes back."""

from __future__ import annotations

from typing import assert_never

from quantumcore.client.commands import Resolve
from quantumcore.client.convert import build
from quantumcore.client.enums import Side, TimeInForce
from quantumcore.client.fixed import Number
from quantumcore.client.multi_leg import (
    MaxDeviation,
    MaxSpread,
    PriceConstraint,
    RatioBand,
    SequentialTerms,
)
from quantumcore.client.multi_leg_commands import (
    CancelMultiLegOrder,
    CreateMultiLegOrder,
    LegLike,
    LegTerms,
    MultiLegCommand,
    ReplaceMultiLegOrder,
    SpreadTerms,
)
from quantumcore.v1 import leg_pb2
from quantumcore.v1 import multi_leg_order_pb2 as contract
from quantumcore.v1 import order_service_pb2 as service

MultiLegRequest = (
    service.CreateMultiLegOrderRequest
    | service.ReplaceMultiLegOrderRequest
    | service.CancelMultiLegOrderRequest
)
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_FORMS = "(instrument, side, ratio) or (instrument, side, ratio, price)"


def spread_of(terms: SpreadTerms, **named: object) -> CreateMultiLegOrder:
    """Make the command of a multi-leg order."""
    return CreateMultiLegOrder(**{**terms, **named})  # type: ignore[arg-type]


def list_multi_leg_orders(
    *, account_id: int, instrument_id: int | None, working_only: bool
) -> service.ListMultiLegOrdersRequest:
    """Ask for the first page of an account's multi-leg orders."""
    return build(
        service.ListMultiLegOrdersRequest,
        account_id=account_id,
        instrument_id=instrument_id,
        working_only=working_only,
        page_size=1000,
    )


def leg_terms(leg: LegLike, number: int) -> LegTerms:
    """Read a leg as it was given. Raises TypeError naming it by its number."""
    if isinstance(leg, LegTerms):
        return leg
    match leg:
        case (instrument, side, ratio):
            return LegTerms(instrument=instrument, side=side, ratio=ratio)
        case (instrument, side, ratio, price):
            return LegTerms(instrument=instrument, side=side, ratio=ratio, price=price)
    raise TypeError(f"leg {number}: use LegTerms, {_FORMS}, not {leg!r}")


def instruments_of(command: MultiLegCommand) -> list[int | str]:
    """List the instruments that a command names."""
    if not isinstance(command, CreateMultiLegOrder):
        return []
    legs = enumerate(command.legs, start=1)
    return [leg_terms(leg, number).instrument for number, leg in legs]


def multi_leg_request(
    command: MultiLegCommand, *, account: Resolve, instrument: Resolve
) -> MultiLegRequest:
    """Put a command into the contract's form; `account` and `instrument` find ids.

    Raises TypeError and ValueError naming the leg or constraint, and the field.
    """
    match command:
        case CreateMultiLegOrder():
            return _create(command, account(command.account), instrument)
        case ReplaceMultiLegOrder():
            return _replace(command, account(command.account))
        case CancelMultiLegOrder():
            return build(
                service.CancelMultiLegOrderRequest,
                request_id=command.request_id,
                account_id=account(command.account),
                multi_leg_order_id=command.multi_leg_order_id,
                client_order_id=command.client_order_id,
            )
        case _:
            assert_never(command)


def _create(
    command: CreateMultiLegOrder, account_id: int, instrument: Resolve
) -> service.CreateMultiLegOrderRequest:
    dated = TimeInForce.GTD if command.expire_time_ns else TimeInForce.GTC
    return build(
        service.CreateMultiLegOrderRequest,
        request_id=command.request_id,
        account_id=account_id,
        client_order_id=command.client_order_id,
        legs=[_leg(leg, number, instrument) for number, leg in enumerate(command.legs, start=1)],
        units=command.units,
        min_units=command.min_units,
        net_price=command.net_price,
        price_constraints=[
            _constraint(one, number) for number, one in enumerate(command.price_constraints, 1)
        ],
        execution_mode=command.execution_mode,
        time_in_force=command.time_in_force or dated,
        expire_time_ns=command.expire_time_ns,
        sequential_terms=_sequential(command.sequential_terms),
        self_trade_prevention=command.self_trade_prevention,
    )


def _leg(given: LegLike, number: int, instrument: Resolve) -> leg_pb2.LegTerms:
    leg = leg_terms(given, number)
    instrument_id = instrument(leg.instrument)
    try:
        return build(
            leg_pb2.LegTerms,
            instrument_id=instrument_id,
            side=_side(leg.side),
            ratio=leg.ratio,
            price=leg.price,
        )
    except (TypeError, ValueError) as error:
        raise type(error)(f"leg {number}: {error}") from None


def _side(side: Side | str) -> Side:
    if isinstance(side, Side):
        return side
    found = _SIDES.get(str(side).lower())
    if found is None:
        raise ValueError(f"side: use 'buy', 'sell' or Side, not {side!r}")
    return found


def _constraint(constraint: PriceConstraint, number: int) -> contract.PriceConstraint:
    try:
        return _constraint_message(constraint)
    except (TypeError, ValueError) as error:
        raise type(error)(f"price constraint {number}: {error}") from None


def _constraint_message(constraint: PriceConstraint) -> contract.PriceConstraint:
    match constraint:
        case RatioBand(leg_a=a, leg_b=b, min_ratio=low, max_ratio=high):
            band = build(contract.RatioBand, leg_a=a, leg_b=b, min_ratio=low, max_ratio=high)
            return contract.PriceConstraint(ratio_band=band)
        case MaxDeviation(leg_a=a, leg_b=b, max_deviation_basis_points=most):
            near = build(contract.MaxDeviation, leg_a=a, leg_b=b, max_deviation_basis_points=most)
            return contract.PriceConstraint(max_deviation=near)
        case MaxSpread(leg_a=a, leg_b=b, max_spread=widest):
            wide = build(contract.MaxSpread, leg_a=a, leg_b=b, max_spread=widest)
            return contract.PriceConstraint(max_spread=wide)
        case _:
            raise TypeError(f"use RatioBand, MaxDeviation or MaxSpread, not {constraint!r}")


def _sequential(terms: SequentialTerms | None) -> contract.SequentialTerms | None:
    if terms is None:
        return None
    return build(
        contract.SequentialTerms,
        unwind_policy=terms.unwind_policy,
        leg_deadline_ms=terms.leg_deadline_ms,
        max_slippage_basis_points=terms.max_slippage_basis_points,
    )


def _replace(command: ReplaceMultiLegOrder, account_id: int) -> service.ReplaceMultiLegOrderRequest:
    return build(
        service.ReplaceMultiLegOrderRequest,
        request_id=command.request_id,
        account_id=account_id,
        multi_leg_order_id=command.multi_leg_order_id,
        client_order_id=command.client_order_id,
        new_client_order_id=command.new_client_order_id,
        units=command.units,
        net_price=command.net_price,
        leg_prices=[_leg_price(*pair) for pair in (command.leg_prices or {}).items()],
    )


def _leg_price(number: int, price: Number | None) -> leg_pb2.LegPrice:
    try:
        return build(leg_pb2.LegPrice, leg_number=number, price=price)
    except (TypeError, ValueError) as error:
        raise type(error)(f"leg {number}: {error}") from None
