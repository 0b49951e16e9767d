"""`quantumcore demo`: real order flow at full speed, a crash, and proof that nothing is lost."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quantumcore.client.cli.exit_codes import LogCorrupt
from quantumcore.client.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from quantumcore.client.client import Client
    from quantumcore.client.flow.comparison import Comparison
    from quantumcore.client.flow.replay import Progress
    from quantumcore.client.local import LocalVenue
    from quantumcore.client.market import Book, BookLevel
    from quantumcore.client.values import Order

SYMBOL = "DEMO"
EXPRESS_SYMBOL = "EXPRESS"
ACCOUNT = "demo"
EXPRESS_BATCH = 1000
FULL_DEPTH = 1000
PICTURE_INTERVAL_S = 0.1
LINE_INTERVAL_S = 1.0
NS_PER_S = 1_000_000_000
LOBSTER_FILES = (
    "lobster_amzn_2012-06-21_message_1.csv.xz",
    "lobster_amzn_2012-06-21_orderbook_1.csv.xz",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that can be seen of a venue from outside, at one moment.

    The books' epoch is left out: it counts the starts of the server.
    """

    sequence: int
    state_hash: bytes
    books: tuple[Book, ...]
    orders: tuple[Order, ...]


def demo(
    *,
    data_files: Annotated[
        Path, typer.Option(help="Directory with recordings; without any: generated flow.")
    ] = Path("../shared/data"),
    length: Annotated[int, typer.Option(min=1000, help="Commands of generated flow.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Seed of generated flow.")] = 1,
    as_json: Json = False,
) -> None:
    """Replay order flow at full speed, kill the server with -9, show that nothing is lost."""
    from quantumcore.client.cli.output import print_json

    with tempfile.TemporaryDirectory(prefix="quantumcore-demo-") as directory, ExitStack() as stack:
        say = _Speaker(quiet=as_json)
        comparison, source = _flow(data_files, seed, length)
        venue = stack.enter_context(_venue(Path(directory)))
        say(f"a venue serves on {venue.address}; the flow: {source}")
        figures = _play(venue, comparison, as_json)
        say("every comparison of the book on the way is done; once more, as fast as it goes")
        figures |= _express(venue, _flow(data_files, seed, length)[0])
        before = _look(venue)
        venue.kill()
        say("killed the server with SIGKILL: no warning, no shutdown, no last write")
        began_s = time.monotonic()
        venue.start().wait_until_ready()
        recovered_ms = int((time.monotonic() - began_s) * 1000)
        after = _look(venue)
        figures |= _compare(before, after) | {"restart_ms": recovered_ms}
        if as_json:
            print_json(figures)
        else:
            _print_figures(figures)
        if before != after:
            raise LogCorrupt("what the restarted venue holds is not what it held before")
        say("the restarted venue holds the same books, orders and state, to the last bit")


def _flow(directory: Path, seed: int, length: int) -> tuple[Comparison, str]:
    from quantumcore.client.flow.comparison import LobsterComparison, SyntheticComparison
    from quantumcore.client.flow.lobster import parse_messages, parse_touches
    from quantumcore.client.flow.recording import open_recording
    from quantumcore.client.flow.synthetic import SyntheticFlow

    messages, touches = (directory / name for name in LOBSTER_FILES)
    if messages.is_file() and touches.is_file():
        with open_recording(messages) as lines, open_recording(touches) as book_lines:
            real = LobsterComparison(parse_messages(lines), parse_touches(book_lines), every=500)
        return real, "a day of NASDAQ: AMZN, 2012-06-21"
    generated = SyntheticComparison(SyntheticFlow(seed), length=length)
    return generated, f"{length:,} generated commands, seed {seed} (no recordings in {directory})"


def _venue(directory: Path) -> LocalVenue:
    from quantumcore.client.local import LocalSettings, LocalVenue, free_address, new_token

    return LocalVenue(
        LocalSettings(
            data=directory / "data",
            address=free_address(),
            token=new_token(),
            log=directory / "server.log",
        )
    )


def _play(venue: LocalVenue, comparison: Comparison, as_json: bool) -> dict[str, Any]:
    from quantumcore.client.cli.replay import prepare, summary

    with _connect(venue) as client:
        replay = prepare(client, comparison, SYMBOL, ACCOUNT, rate=0, batch=500)
        with ExitStack() as stack:
            replay.run(_picture(client, stack, quiet=as_json))
        return summary(replay)


def _express(venue: LocalVenue, comparison: Comparison) -> dict[str, Any]:
    """Send the same flow again, made ready beforehand, so that only trading takes time."""
    from quantumcore.client.cli.replay import find_account, find_instrument
    from quantumcore.client.flow.replayer import Checkpoint
    from quantumcore.client.flow.wire import Route

    with _connect(venue) as client:
        route = Route(
            account_id=find_account(client, ACCOUNT),
            instrument_id=find_instrument(client, EXPRESS_SYMBOL, comparison),
            prefix="express-",
        )
        messages = [
            route.command(item) for item in comparison.items() if not isinstance(item, Checkpoint)
        ]
        parts = range(0, len(messages), EXPRESS_BATCH)
        began_ns = time.monotonic_ns()
        with client.trade() as session:
            batches = [
                session.submit_messages(messages[part : part + EXPRESS_BATCH]) for part in parts
            ]
            answers = [answer for batch in batches for answer in batch.messages()]
        elapsed_ns = time.monotonic_ns() - began_ns
    return {
        "express_commands": len(answers),
        "express_rejected": sum(1 for answer in answers if answer.reject_reason),
        "express_commands_per_s": len(answers) * NS_PER_S // elapsed_ns,
    }


def _connect(venue: LocalVenue) -> Client:
    from quantumcore.client.client import Client

    return Client(venue.address, token=venue.settings.token)


def _look(venue: LocalVenue) -> State:
    with _connect(venue) as client:
        status = client.status(include_state_hash=True)
        books = [client.book(name, depth=FULL_DEPTH) for name in (SYMBOL, EXPRESS_SYMBOL)]
        return State(
            sequence=status.accepted_sequence,
            state_hash=status.state_hash,
            books=tuple(replace(book, epoch=0) for book in books),
            orders=tuple(client.orders(account=ACCOUNT)),
        )


def _compare(before: State, after: State) -> dict[str, Any]:
    return {
        "sequence_before": before.sequence,
        "sequence_after": after.sequence,
        "state_hash_before": before.state_hash.hex(),
        "state_hash_after": after.state_hash.hex(),
        "book_levels": sum(len(book.bids) + len(book.asks) for book in before.books),
        "both_passes_give_one_book": _levels(before.books[0]) == _levels(before.books[1]),
        "books_identical": before.books == after.books,
        "orders": len(before.orders),
        "orders_identical": before.orders == after.orders,
        "identical": before == after,
    }


def _levels(book: Book) -> tuple[tuple[BookLevel, ...], tuple[BookLevel, ...]]:
    return book.bids, book.asks


def _picture(client: Client, stack: ExitStack, *, quiet: bool) -> Callable[[Progress], None] | None:
    if quiet:
        return None
    if not sys.stdout.isatty():
        return _every(LINE_INTERVAL_S, lambda progress: print(_line(progress), flush=True))
    from rich.live import Live

    from quantumcore.client.cli.output import console

    live = stack.enter_context(Live(console=console(), auto_refresh=False, transient=True))

    def draw(progress: Progress) -> None:
        live.update(_ladder(client, progress), refresh=True)

    return _every(PICTURE_INTERVAL_S, draw)


def _ladder(client: Client, progress: Progress) -> RenderableType:
    from rich.console import Group

    from quantumcore.client.cli.book import ladder

    return Group(ladder(client.book(SYMBOL), SYMBOL), _line(progress))


def _every(interval_s: float, show: Callable[[Progress], None]) -> Callable[[Progress], None]:
    next_s = 0.0

    def maybe(progress: Progress) -> None:
        nonlocal next_s
        now_s = time.monotonic()
        if now_s >= next_s:
            next_s = now_s + interval_s
            show(progress)

    return maybe


def _line(progress: Progress) -> str:
    rate = progress.acknowledged * NS_PER_S // max(1, progress.elapsed_ns)
    return (
        f"{progress.acknowledged:>9,} commands acknowledged  {rate:>8,}/s  "
        f"{progress.trades:>7,} trades  {progress.rejected:>4,} rejected  "
        f"{progress.comparisons:>5,} book comparisons"
    )


def _print_figures(figures: dict[str, Any]) -> None:
    from quantumcore.client.cli.output import print_fields

    print_fields(
        (name.replace("_", " "), value)
        for name, value in figures.items()
        if name not in {"deviations", "failures"}
    )


class _Speaker:
    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def __call__(self, sentence: str) -> None:
        if not self._quiet:
            print(sentence, flush=True)
