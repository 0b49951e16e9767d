"""`quantumcore instrument`: list instruments, create them, move them between phases."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.options import Address, Authorities, Json, Token

app = typer.Typer(help="List, create and open instruments.", no_args_is_help=True)


class KindName(StrEnum):
    """What kind of thing an instrument is, as typed. Options and futures: by program."""

    EQUITY = "equity"
    SPOT_PAIR = "spot-pair"


class PhaseName(StrEnum):
    """A trading phase, as typed."""

    CONTINUOUS = "continuous"
    HALTED = "halted"
    CLOSED = "closed"
    PRE_OPEN = "pre-open"
    OPENING_AUCTION = "opening-auction"
    CLOSING_AUCTION = "closing-auction"


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
def create(
    symbol: Annotated[str, typer.Argument(help="Symbol: A-Z, 0-9, '.', '-', '/', '_'.")],
    *,
    kind: Annotated[KindName, typer.Option(help="What kind of thing it is.")] = KindName.EQUITY,
    currency: Annotated[str, typer.Option(help="Currency that it settles in.")] = "USD",
    tick: Annotated[str, typer.Option(help="Smallest price step.")] = "0.01",
    lot: Annotated[str, typer.Option(help="Smallest quantity step.")] = "1",
    min_price: Annotated[
        str | None, typer.Option(help="Lowest price of an order; default: one tick.")
    ] = None,
    max_price: Annotated[str, typer.Option(help="Highest price of an order.")] = "100000",
    max_quantity: Annotated[str, typer.Option(help="Largest quantity of one order.")] = "1000000",
    band: Annotated[
        str, typer.Option("--protection-band", help="How far a market order sweeps.")
    ] = "10",
    description: Annotated[str, typer.Option(help="A readable name.")] = "",
    is_open: Annotated[
        bool, typer.Option("--open", help="Begin continuous trading at once.")
    ] = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Create an instrument; it is closed unless --open is given."""
    from quantumcore.client.cli.output import print_json, text
    from quantumcore.client.enums import InstrumentKind, TradingPhase

    with options.connection(address, token, authorities) as client:
        created = client.create_instrument(
            symbol=symbol,
            kind=InstrumentKind[kind.name],
            currency=currency,
            tick_size=tick,
            lot_size=lot,
            min_price=min_price or tick,
            max_price=max_price,
            max_quantity=max_quantity,
            protection_band=band,
            description=description,
        )
        if is_open:
            client.set_trading_phase(created.instrument_id, TradingPhase.CONTINUOUS)
            created = client.instrument(created.instrument_id)
        if as_json:
            print_json(created)
        else:
            print(f"instrument {created.instrument_id} {created.symbol}: {text(created.phase)}")


@app.command()
def phase(
    symbol: Annotated[str, typer.Argument(help="Symbol or id of the instrument.")],
    phase: Annotated[PhaseName, typer.Argument(help="The phase from now on.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")] = "",
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Move an instrument to another trading phase."""
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
