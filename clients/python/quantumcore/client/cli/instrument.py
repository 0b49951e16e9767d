"""`quantumcore instrument`: list and show instruments, move them between phases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import listing, options
from quantumcore.client.cli.choices import PhaseName
from quantumcore.client.cli.options import Address, Authorities, Json, Token

if TYPE_CHECKING:
    from quantumcore.client.values import Instrument

app = typer.Typer(help="List, create, change and open instruments.", no_args_is_help=True)
app.command("create")(listing.create)
app.command("update")(listing.update)

Symbol = Annotated[str, typer.Argument(help="Symbol or id of the instrument.")]


@app.command("list")
def list_instruments(
    prefix: Annotated[str, typer.Argument(help="Only symbols that start with this.")] = "",
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """List instruments, ascending by id."""
    from quantumcore.client.cli.output import print_json, print_table

    with options.connection(address, token, authorities) as client:
        found = client.instruments(symbol_prefix=prefix)
        if as_json:
            print_json(list(found))
            return
        print_table(
            found,
            [
                ("ID", lambda one: one.instrument_id),
                ("SYMBOL", lambda one: one.symbol),
                ("KIND", lambda one: one.kind),
                ("CURRENCY", lambda one: one.currency),
                ("TICK", lambda one: one.tick_size),
                ("LOT", lambda one: one.lot_size),
                ("LOWEST", lambda one: one.min_price),
                ("HIGHEST", lambda one: one.max_price),
                ("LARGEST ORDER", lambda one: one.max_quantity),
                ("PHASE", lambda one: one.phase),
                ("DESCRIPTION", lambda one: one.description),
            ],
        )


@app.command()
def phase(
    symbol: Symbol,
    phase: Annotated[PhaseName, typer.Argument(help="The phase from now on.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")] = "",
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Move an instrument to another trading phase; an auction that ends trades."""
    from quantumcore.client.cli.output import print_json, text
    from quantumcore.client.enums import TradingPhase

    with options.connection(address, token, authorities) as client:
        status = client.set_trading_phase(
            options.reference(symbol), TradingPhase[phase.name], text=reason
        )
        if as_json:
            print_json(status)
        else:
            print(f"{symbol}: {text(status.phase)}, sequence {status.sequence}")


@app.command()
def status(
    symbol: Symbol,
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Show an instrument: its phase, and the bounds that orders are checked against."""
    from quantumcore.client.cli.output import clock_time, duration, print_fields, print_json

    with options.connection(address, token, authorities) as client:
        found = client.instrument(options.reference(symbol))
    length = found.auction_duration_ns or None
    if as_json:
        print_json(found)
        return
    print_fields(
        [
            ("instrument", found.instrument_id),
            ("symbol", found.symbol),
            ("kind", found.kind),
            ("phase", found.phase),
            ("currency", found.currency),
            ("tick size", found.tick_size),
            ("lot size", found.lot_size),
            ("multiplier", found.multiplier),
            ("lowest price", found.min_price),
            ("highest price", found.max_price),
            ("largest order", found.max_quantity),
            ("protection band", found.protection_band),
            ("price band", found.price_band or None),
            ("auction duration", length and duration(length)),
            *_terms(found),
            *_fees(found),
            ("expires", clock_time(found.expiry_time_ns) if found.expiry_time_ns else None),
            ("sequence", found.sequence),
        ]
    )


@app.command()
def statistics(
    symbol: Symbol,
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Show the numbers of the trading day, busts and corrections in them."""
    from quantumcore.client.cli.output import print_fields, print_json

    with options.connection(address, token, authorities) as client:
        found = client.statistics(options.reference(symbol))
    if as_json:
        print_json(found)
        return
    print_fields(
        [
            ("open", found.open_price),
            ("high", found.high_price),
            ("low", found.low_price),
            ("last", found.last_price),
            ("volume", found.volume),
            ("average price", found.average_price),
            ("trades", found.trade_count),
        ]
    )


@app.command()
def auction(
    symbol: Symbol,
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Show what the running auction would give if it ended now."""
    from quantumcore.client.cli.output import clock_time, print_fields, print_json

    with options.connection(address, token, authorities) as client:
        found = client.auction(options.reference(symbol))
    if as_json:
        print_json(found)
        return
    print_fields(
        [
            ("phase", found.phase),
            ("indicative price", found.indicative_price),
            ("indicative quantity", found.indicative_quantity),
            ("imbalance", found.imbalance_quantity),
            ("imbalance side", found.imbalance_side or None),
            ("reference price", found.reference_price),
            ("ends", clock_time(found.end_time_ns) if found.end_time_ns else "by an operator"),
            ("sequence", found.sequence),
        ]
    )


def _terms(found: Instrument) -> list[tuple[str, object]]:
    """Name the terms of an option or of a future."""
    if found.option is not None:
        return [
            ("underlying", found.option.underlying_instrument_id),
            ("right", found.option.right),
            ("exercise", found.option.exercise_style),
            ("strike price", found.option.strike_price),
            ("broad index", found.option.broad_index),
        ]
    if found.future is not None:
        return [
            ("underlying", found.future.underlying_instrument_id or None),
            ("product", found.future.product),
            ("outright margin, minor units", found.future.outright_margin_minor_units),
        ]
    return []


def _fees(found: Instrument) -> list[tuple[str, object]]:
    """Name the fees where there are any."""
    fees = (("maker", found.maker_fee_millionths), ("taker", found.taker_fee_millionths))
    return [(f"{side} fee, millionths", fee) for side, fee in fees if fee]
