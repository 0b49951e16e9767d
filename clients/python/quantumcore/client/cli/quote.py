"""`quantumcore quote`: publish a quote from outside the venue, show the newest."""

from __future__ import annotations

from typing import Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.exit_codes import ExitCode, UsageError
from quantumcore.client.cli.options import Address, Authorities, Json, Token

app = typer.Typer(help="Publish quotes from outside, show the newest.", no_args_is_help=True)

Symbol = Annotated[str, typer.Argument(help="Symbol or id of the instrument.")]
PriceOption = Annotated[str | None, typer.Option(help="Price, an exact decimal.")]
QuantityOption = Annotated[str, typer.Option(help="Quantity at it; 0: not known.")]


@app.command()
def publish(
    symbol: Symbol,
    *,
    source: Annotated[str, typer.Option(help="Where it comes from: 1 to 32 characters.")] = "cli",
    bid: PriceOption = None,
    bid_quantity: QuantityOption = "0",
    ask: PriceOption = None,
    ask_quantity: QuantityOption = "0",
    last: PriceOption = None,
    last_quantity: QuantityOption = "0",
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Publish one quote: best bid, best ask, last trade, or some of them."""
    import time

    from quantumcore.client.cli.output import print_json
    from quantumcore.client.quotes import NewQuote

    if bid is None and ask is None and last is None:
        raise UsageError("name at least one of --bid, --ask and --last")
    quote = NewQuote(
        instrument=options.reference(symbol),
        bid_price=bid,
        bid_quantity=bid_quantity,
        ask_price=ask,
        ask_quantity=ask_quantity,
        last_price=last,
        last_quantity=last_quantity,
        source_time_ns=time.time_ns(),
    )
    with options.connection(address, token, authorities) as client:
        outcome = client.publish_quotes([quote], source=source)
    if as_json:
        print_json(outcome)
    elif outcome.refused_count:
        print(f"{symbol}: the quote was refused")
    else:
        print(f"{symbol}: quote {outcome.quote_sequence} taken")
    if outcome.refused_count:
        raise typer.Exit(ExitCode.REJECTED)


@app.command()
def show(
    symbol: Symbol,
    *,
    source: Annotated[str, typer.Option(help="Of this source; default: the newest of any.")] = "",
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Show the newest quote of an instrument."""
    from quantumcore.client.cli.output import clock_time, duration, print_fields, print_json

    with options.connection(address, token, authorities) as client:
        found = client.quote(options.reference(symbol), source=source)
    if as_json:
        print_json(found)
        return
    quote = found.quote
    print_fields(
        [
            ("source", quote.source),
            ("bid", quote.bid_price),
            ("bid quantity", quote.bid_quantity or None),
            ("ask", quote.ask_price),
            ("ask quantity", quote.ask_quantity or None),
            ("last", quote.last_price),
            ("last quantity", quote.last_quantity or None),
            ("received", clock_time(quote.received_time_ns)),
            ("age", duration(found.age_ns)),
        ]
    )
