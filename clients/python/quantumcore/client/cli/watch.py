"""`quantumcore watch`: follow executions, trades, positions or phases as they happen."""

from __future__ import annotations

from typing import Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.options import AccountName, Address, Authorities, Json, Token

app = typer.Typer(
    help="Follow executions, trades, positions or phases; Ctrl-C ends.", no_args_is_help=True
)

FromSequence = Annotated[
    int,
    typer.Option("--from-sequence", min=0, help="History from here first; 0: only what comes."),
]
Count = Annotated[int, typer.Option("--count", min=0, help="End after this many; 0: never.")]


@app.command()
def executions(
    *,
    account: AccountName,
    from_sequence: FromSequence = 0,
    count: Count = 0,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Follow what happens to the orders of an account, without gap, through lost connections."""
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.cli.watch_lines import execution_line

    with options.connection(address, token, authorities) as client:
        stream = client.stream_executions(
            accounts=[options.reference(account)], from_sequence=from_sequence
        )
        for number, item in enumerate(stream, start=1):
            print_json(item) if as_json else print(execution_line(client, item), flush=True)
            if number == count:
                return


@app.command()
def positions(
    *,
    account: AccountName,
    rate: Annotated[
        int, typer.Option(min=0, help="Changes of marks too, at most so often a second; 0: none.")
    ] = 0,
    count: Count = 0,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Follow what an account holds: how it stands, then every change."""
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.cli.watch_lines import position_line

    with options.connection(address, token, authorities) as client:
        stream = client.stream_positions(accounts=[options.reference(account)], max_rate_hz=rate)
        for number, item in enumerate(stream, start=1):
            print_json(item) if as_json else print(position_line(client, item), flush=True)
            if number == count:
                return


@app.command()
def trades(
    symbols: Annotated[
        list[str] | None, typer.Argument(help="Symbols or ids; without any: all instruments.")
    ] = None,
    *,
    from_sequence: FromSequence = 0,
    count: Count = 0,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Follow the tape: trades, and their busts and corrections."""
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.cli.watch_lines import trade_line

    with options.connection(address, token, authorities) as client:
        stream = client.stream_trades(
            *map(options.reference, symbols or ()), from_sequence=from_sequence
        )
        for number, item in enumerate(stream, start=1):
            print_json(item) if as_json else print(trade_line(client, item), flush=True)
            if number == count:
                return


@app.command()
def status(
    symbols: Annotated[
        list[str] | None, typer.Argument(help="Symbols or ids; without any: all instruments.")
    ] = None,
    *,
    count: Count = 0,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Follow the phases of instruments: how each stands now, then every change."""
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.cli.watch_lines import status_line

    with options.connection(address, token, authorities) as client:
        stream = client.stream_instrument_status(*map(options.reference, symbols or ()))
        for number, item in enumerate(stream, start=1):
            print_json(item) if as_json else print(status_line(client, item), flush=True)
            if number == count:
                return
