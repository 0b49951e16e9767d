"""`quantumcore trade`: undo or correct a trade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.exit_codes import UsageError
from quantumcore.client.cli.options import Address, Authorities, Json, Token

if TYPE_CHECKING:
    from quantumcore.client.client import Client
    from quantumcore.client.market import Trade

app = typer.Typer(help="Undo or correct a trade.", no_args_is_help=True)

TradeId = Annotated[int, typer.Argument(min=1, help="Id of the trade, as the tape shows it.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit trail: 1 to 128 bytes.")]


@app.command()
def bust(
    trade: TradeId,
    *,
    reason: Reason,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Undo a trade: both sides' fills, and positions; the orders do not come back."""
    from quantumcore.client.cli.output import print_json

    with options.connection(address, token, authorities) as client:
        busted = client.bust_trade(trade, text=reason)
        if as_json:
            print_json(list(busted))
            return
        for one in busted:
            print(_line(client, one))


@app.command()
def correct(
    trade: TradeId,
    *,
    reason: Reason,
    price: Annotated[str | None, typer.Option(help="The right price: whole ticks.")] = None,
    quantity: Annotated[
        str | None, typer.Option(help="The right quantity, lower than it was: whole lots.")
    ] = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Change the price, or lower the quantity, of a trade that stands."""
    from quantumcore.client.cli.output import print_json

    if price is None and quantity is None:
        raise UsageError("name the right --price, the right --quantity, or both")
    with options.connection(address, token, authorities) as client:
        corrected = client.correct_trade(trade, price=price, quantity=quantity, text=reason)
        print_json(corrected) if as_json else print(_line(client, corrected))


def _line(client: Client, trade: Trade) -> str:
    from quantumcore.client.cli.output import text

    return (
        f"trade {trade.trade_id} {text(trade.action)}: {client.symbol(trade.instrument_id)} "
        f"{text(trade.quantity)} @ {text(trade.price)}, sequence {trade.sequence}"
    )
