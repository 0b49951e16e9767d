"""`quantumcore watch`: follow executions or trades as they happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.options import AccountName, Address, Authorities, Json, Token

if TYPE_CHECKING:
    from quantumcore.client.client import Client
    from quantumcore.client.market import Trade
    from quantumcore.client.values import Execution

app = typer.Typer(help="Follow executions or trades; Ctrl-C ends.", no_args_is_help=True)

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

    with options.connection(address, token, authorities) as client:
        stream = client.stream_executions(
            accounts=[options.reference(account)], from_sequence=from_sequence
        )
        for number, item in enumerate(stream, start=1):
            print_json(item) if as_json else print(_execution_line(client, item), flush=True)
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
    """Follow the tape."""
    from quantumcore.client.cli.output import print_json

    with options.connection(address, token, authorities) as client:
        stream = client.stream_trades(
            *map(options.reference, symbols or ()), from_sequence=from_sequence
        )
        for number, item in enumerate(stream, start=1):
            print_json(item) if as_json else print(_trade_line(client, item), flush=True)
            if number == count:
                return


def _execution_line(client: Client, item: Execution) -> str:
    from quantumcore.client.cli.output import clock_time, text

    words = [
        f"{item.sequence}",
        clock_time(item.time_ns),
        item.type.name,
        f"{item.side.name} {text(item.quantity)} {client.symbol(item.instrument_id)}",
    ]
    if item.price is not None:
        words.append(f"@ {text(item.price)}")
    words.append(f"order {item.order_id} {item.client_order_id}")
    if item.last_price is not None:
        words.append(f"filled {text(item.last_quantity)} @ {text(item.last_price)}")
    if item.reject is not None:
        words.append(f"because {item.reject}")
    if item.cancel_reason:
        words.append(f"because {item.cancel_reason.name.replace('_', ' ').lower()}")
    words.append(f"→ {item.status.name}, working {text(item.leaves_quantity)}")
    return "  ".join(words)


def _trade_line(client: Client, item: Trade) -> str:
    from quantumcore.client.cli.output import clock_time, text

    return "  ".join(
        [
            f"{item.sequence}",
            clock_time(item.time_ns),
            client.symbol(item.instrument_id),
            f"{text(item.quantity)} @ {text(item.price)}",
            f"aggressor {item.aggressor_side.name}",
            f"trade {item.trade_id}",
        ]
    )
