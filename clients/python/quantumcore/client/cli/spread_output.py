"""Show multi-leg orders to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from quantumcore.client.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from quantumcore.client.client import Client
    from quantumcore.client.multi_leg import (
        Leg,
        MultiLegOrder,
        MultiLegOrderAcknowledgement,
        PriceConstraint,
    )
    from quantumcore.client.values import Instrument


def report(client: Client, answer: MultiLegOrderAcknowledgement, as_json: bool) -> None:
    """Print an acknowledgement, its legs where they traded; a refusal ends with REJECTED."""
    from quantumcore.client.cli.output import print_json, text
    from quantumcore.client.multi_leg import average_net_price

    if as_json:
        print_json(answer)
        if answer.reject is not None:
            raise typer.Exit(ExitCode.REJECTED)
        return
    answer.raise_for_reject()
    instruments = _instruments(client, answer.legs)
    price = average_net_price(answer, instruments)
    net = "" if price is None else f" at {text(price)} net"
    repeated = ", answered before" if answer.repeated_request else ""
    print(
        f"spread {answer.multi_leg_order_id} {answer.client_order_id}: {text(answer.status)}, "
        f"units traded {answer.filled_units}{net}, working {answer.leaves_units}, "
        f"sequence {answer.sequence}{repeated}"
    )
    for leg in answer.legs:
        if leg.cumulative_quantity:
            print(leg_line(leg, instruments[leg.instrument_id]))


def leg_line(leg: Leg, instrument: Instrument) -> str:
    """Write what has traded of a leg, and at what average price."""
    from quantumcore.client.cli.output import text

    reversed_ = f", reversed {text(leg.unwound_quantity)}" if leg.unwound_quantity else ""
    excess = f", excess {text(leg.residual_quantity)}" if leg.residual_quantity else ""
    return (
        f"  leg {leg.leg_number}  {leg.side.name} {text(leg.quantity)} {instrument.symbol}  "
        f"traded {text(leg.cumulative_quantity)} at {text(instrument.average_price(leg))}"
        f"{reversed_}{excess}"
    )


def show_list(client: Client, orders: Iterable[MultiLegOrder]) -> None:
    """Print a table of multi-leg orders, a row for each."""
    from quantumcore.client.cli.output import print_table

    print_table(
        orders,
        [
            ("SPREAD", lambda one: one.multi_leg_order_id),
            ("CLIENT ID", lambda one: one.client_order_id),
            ("SHAPE", lambda one: one.shape),
            ("LEGS OF A UNIT", lambda one: _legs(client, one)),
            ("NET PRICE", lambda one: one.net_price),
            ("UNITS", lambda one: one.units),
            ("TRADED", lambda one: one.filled_units),
            ("WORKING", lambda one: one.leaves_units),
            ("TIF", lambda one: one.time_in_force),
            ("STATUS", lambda one: one.status),
        ],
    )


def show_one(client: Client, order: MultiLegOrder) -> None:
    """Print a multi-leg order, then a table of its legs."""
    from quantumcore.client.cli.output import clock_time, print_fields, print_table
    from quantumcore.client.multi_leg import average_net_price

    instruments = _instruments(client, order.legs)
    print_fields(
        [
            ("spread", order.multi_leg_order_id),
            ("client order id", order.client_order_id),
            ("account", order.account_id),
            ("time in force", order.time_in_force),
            ("status", order.status),
            ("net price", order.net_price),
            ("units", order.units),
            ("traded", order.filled_units),
            ("average net price", average_net_price(order, instruments)),
            ("working", order.leaves_units),
            ("at once at least", order.min_units),
            *((name, value) for name, value in _terms(order) if value),
            ("accepted", clock_time(order.created_time_ns)),
            ("last change", clock_time(order.updated_time_ns)),
            ("sequence", order.sequence),
        ]
    )
    print_table(
        order.legs,
        [
            ("LEG", lambda leg: leg.leg_number),
            ("ORDER", lambda leg: leg.order_id),
            ("SIDE", lambda leg: leg.side),
            ("RATIO", lambda leg: leg.ratio),
            ("INSTRUMENT", lambda leg: instruments[leg.instrument_id].symbol),
            ("LIMIT", lambda leg: leg.price),
            ("QUANTITY", lambda leg: leg.quantity),
            ("TRADED", lambda leg: leg.cumulative_quantity),
            ("AVERAGE", lambda leg: instruments[leg.instrument_id].average_price(leg)),
            *_SEQUENTIAL_COLUMNS[: 2 if order.sequential_terms else 0],
            ("STATUS", lambda leg: leg.status),
        ],
    )


_SEQUENTIAL_COLUMNS: list[tuple[str, Callable[[Leg], object]]] = [
    ("REVERSED", lambda leg: leg.unwound_quantity),
    ("EXCESS", lambda leg: leg.residual_quantity),
]


def constraint_text(constraint: PriceConstraint) -> str:
    """Write a condition on prices as it is typed."""
    from quantumcore.client.cli.output import text
    from quantumcore.client.multi_leg import MaxDeviation, RatioBand

    legs = f"{constraint.leg_a}/{constraint.leg_b}"
    match constraint:
        case RatioBand():
            band = f"{text(constraint.min_ratio)}..{text(constraint.max_ratio)}"
            return f"ratio-band {legs}:{band}"
        case MaxDeviation():
            return f"max-deviation {legs}:{constraint.max_deviation_basis_points}bp"
        case _:
            return f"max-spread {legs}:{text(constraint.max_spread)}"


def _terms(order: MultiLegOrder) -> list[tuple[str, object]]:
    """List the terms that few multi-leg orders have."""
    from quantumcore.client.cli.output import clock_time
    from quantumcore.client.enums import SelfTradePrevention

    prevented = order.self_trade_prevention is not SelfTradePrevention.NONE
    return [
        ("shape", order.shape),
        ("sequential", _sequential(order)),
        *(("condition", constraint_text(one)) for one in order.price_constraints),
        ("expires", clock_time(order.expire_time_ns) if order.expire_time_ns else None),
        ("self-trade prevention", order.self_trade_prevention if prevented else None),
        ("ended because", order.cancel_reason),
    ]


def _sequential(order: MultiLegOrder) -> str:
    """Write how the legs of a sequential order are worked; nothing for others."""
    terms = order.sequential_terms
    if terms is None:
        return ""
    policy = terms.unwind_policy.name.replace("_", "-").lower()
    slippage = f", slippage {terms.max_slippage_basis_points} bp"
    return f"{policy}, legs within {terms.leg_deadline_ms} ms" + (
        slippage if terms.unwind_policy.name == "UNWIND" else ""
    )


def _legs(client: Client, order: MultiLegOrder) -> str:
    from quantumcore.client.cli.output import text

    return ", ".join(
        f"{leg.side.name} {text(leg.ratio)} {client.symbol(leg.instrument_id)}"
        for leg in order.legs
    )


def _instruments(client: Client, legs: Iterable[Leg]) -> Mapping[int, Instrument]:
    return {leg.instrument_id: client.instrument(leg.instrument_id) for leg in legs}
