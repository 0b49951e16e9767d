"""Show a book by order: each order in its place in the queue."""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from quantumcore.client.market import BookByOrder, BookOrder


def show_orders(books: Iterator[BookByOrder], title: str, once: bool, as_json: bool) -> None:
    """Show a book after each of its changes, or once: JSON, a live table, or a line each."""
    from quantumcore.client.cli.output import console, print_json

    if not (once or as_json) and sys.stdout.isatty():
        _show_live(books, title)
        return
    for book in islice(books, 1 if once else None):
        if as_json:
            print_json(book)
        elif once:
            console().print(queue_table(book, title))
        else:
            print(front_line(book), flush=True)


def queue_table(book: BookByOrder, title: str) -> Table:
    """Draw every order, best first, the next to trade at the top of its side."""
    from rich.table import Table

    table = Table(title=f"{title}  {book.phase.name}  sequence {book.sequence}", box=None)
    for name, style in (("SIDE", ""), ("PRICE", "bold"), ("QUANTITY", ""), ("ORDER", "")):
        table.add_column(name, justify="right", style=style)
    for name, side, style in (("BUY", book.bids, "green"), ("SELL", book.asks, "red")):
        for order in side:
            cells = (f"{order.price:f}", f"{order.quantity:f}", str(order.order_id))
            table.add_row(name, *cells, style=style)
    return table


def front_line(book: BookByOrder) -> str:
    """Write the order at the front of each side, and how many stand there, on one line."""

    def front(orders: tuple[BookOrder, ...]) -> str:
        if not orders:
            return "—"
        first = orders[0]
        name = f"order {first.order_id}, {len(orders)} in all"
        return f"{first.quantity:f} @ {first.price:f} ({name})"

    return f"{book.sequence}  bid {front(book.bids)}  ask {front(book.asks)}"


def _show_live(books: Iterator[BookByOrder], title: str) -> None:
    from rich.live import Live

    from quantumcore.client.cli.output import console

    with Live(console=console(), auto_refresh=False) as live:
        for book in books:
            live.update(queue_table(book, title), refresh=True)
