"""`quantumcore book`: show a book, once or live, by level or by order."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.book_orders import show_orders
from quantumcore.client.cli.options import Address, Authorities, Json, Token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.table import Table

    from quantumcore.client.market import Book, BookLevel

BAR_WIDTH = 24
LIVE_RATE_HZ = 10


def book(
    symbol: Annotated[str, typer.Argument(help="Symbol or id of the instrument.")],
    *,
    depth: Annotated[int, typer.Option(min=1, max=1000, help="Levels of each side.")] = 10,
    orders: Annotated[
        bool, typer.Option("--orders", help="Show every order in its place, whatever the depth.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Show it once and end.")] = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Show the book of an instrument, live in the terminal; Ctrl-C ends."""
    from quantumcore.client.cli.output import console, print_json
    from quantumcore.client.enums import BookMode

    with options.connection(address, token, authorities) as client:
        instrument = options.reference(symbol)
        if orders:
            show_orders(client.stream_book_by_order(instrument), symbol, once, as_json)
            return
        if once:
            found = client.book(instrument, depth=depth)
            print_json(found) if as_json else console().print(ladder(found, symbol))
            return
        if as_json or not sys.stdout.isatty():
            for found in client.stream_book(instrument, depth=depth):
                print_json(found) if as_json else print(touch_line(found))
            return
        books = client.stream_book(
            instrument, depth=depth, mode=BookMode.CONFLATED, max_rate_hz=LIVE_RATE_HZ
        )
        _show_live(books, symbol)


def ladder(book: Book, title: str) -> Table:
    """Draw a book: asks above, bids below, the spread between them."""
    from rich.table import Table

    table = Table(
        title=f"{title}  {book.phase.name}  sequence {book.sequence}", box=None, min_width=60
    )
    for name, style in (("", "green"), ("BID", "green"), ("PRICE", "bold"), ("ASK", "red")):
        table.add_column(name, justify="right", style=style)
    table.add_column("", justify="left", style="red")
    largest = max((level.quantity for level in (*book.bids, *book.asks)), default=Decimal(1))
    for level in reversed(book.asks):
        table.add_row("", "", f"{level.price:f}", f"{level.quantity:f}", _bar(level, largest))
    if book.bids and book.asks:
        spread = book.asks[0].price - book.bids[0].price
        table.add_row("", "", f"[dim]spread {spread:f}[/dim]", "", "")
    for level in book.bids:
        table.add_row(_bar(level, largest), f"{level.quantity:f}", f"{level.price:f}", "", "")
    return table


def touch_line(book: Book) -> str:
    """Write best bid and best ask on one line."""

    def best(levels: tuple[BookLevel, ...]) -> str:
        return f"{levels[0].quantity:f} @ {levels[0].price:f}" if levels else "—"

    return f"{book.sequence}  bid {best(book.bids)}  ask {best(book.asks)}"


def _bar(level: BookLevel, largest: Decimal) -> str:
    return "▇" * max(1, int(BAR_WIDTH * level.quantity / largest))


def _show_live(books: Iterable[Book], title: str) -> None:
    from rich.live import Live

    from quantumcore.client.cli.output import console

    with Live(console=console(), auto_refresh=False) as live:
        for found in books:
            live.update(ladder(found, title), refresh=True)
