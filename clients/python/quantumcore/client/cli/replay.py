"""`quantumcore replay`: send recorded or generated order flow through the `Trade` stream."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.exit_codes import ExitCode
from quantumcore.client.cli.options import Address, Authorities, Json, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quantumcore.client.client import Client
    from quantumcore.client.flow.comparison import Comparison
    from quantumcore.client.flow.pace import Pace
    from quantumcore.client.flow.replay import Progress, Replay

app = typer.Typer(help="Send recorded or generated order flow.", no_args_is_help=True)

Account = Annotated[str, typer.Option("--account", "-a", help="Account; created if missing.")]
Symbol = Annotated[str | None, typer.Option("--instrument", help="Instrument; created if missing.")]
Rate = Annotated[int, typer.Option(min=0, help="Commands a second; 0: as fast as it goes.")]
BatchSize = Annotated[int, typer.Option("--batch", min=1, max=10_000, help="Commands a message.")]
Every = Annotated[int, typer.Option(min=1, help="Compare the book after so many messages.")]


@app.command()
def lobster(
    messages: Annotated[Path, typer.Argument(help="LOBSTER message file (.csv, .xz, .gz).")],
    order_book: Annotated[Path, typer.Argument(help="The order book file of the same day.")],
    *,
    every: Every = 100,
    account: Account = "replay",
    symbol: Symbol = None,
    rate: Rate = 0,
    batch: BatchSize = 500,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Replay a LOBSTER day and hold the touch against its order book file."""
    from quantumcore.client.flow.comparison import LobsterComparison
    from quantumcore.client.flow.lobster import parse_messages, parse_touches
    from quantumcore.client.flow.recording import open_recording

    with open_recording(messages) as lines, open_recording(order_book) as touches:
        comparison = LobsterComparison(parse_messages(lines), parse_touches(touches), every=every)
    with options.connection(address, token, authorities) as client:
        replay = prepare(client, comparison, symbol or "LOBSTER", account, rate, batch)
        run(replay, as_json)


@app.command()
def bitstamp(
    log: Annotated[Path, typer.Argument(help="Raw Bitstamp log (.log, .xz, .gz).")],
    *,
    account: Account = "replay",
    symbol: Symbol = None,
    rate: Rate = 0,
    batch: BatchSize = 500,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Replay a Bitstamp capture and hold the book against the snapshots in it."""
    from quantumcore.client.flow.bitstamp import parse_raw_log
    from quantumcore.client.flow.comparison import BitstampComparison
    from quantumcore.client.flow.recording import open_recording

    with open_recording(log) as lines:
        comparison = BitstampComparison(parse_raw_log(lines))
    with options.connection(address, token, authorities) as client:
        replay = prepare(client, comparison, symbol or "BITSTAMP", account, rate, batch)
        run(replay, as_json)


@app.command()
def synthetic(
    *,
    seed: Annotated[int, typer.Option(help="The same seed gives the same flow.")] = 1,
    length: Annotated[int, typer.Option(min=1, help="How many commands.")] = 100_000,
    every: Every = 10_000,
    account: Account = "replay",
    symbol: Symbol = None,
    rate: Rate = 0,
    batch: BatchSize = 500,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Replay generated flow and hold the book against price-time priority."""
    from quantumcore.client.flow.comparison import SyntheticComparison
    from quantumcore.client.flow.synthetic import SyntheticFlow

    comparison = SyntheticComparison(SyntheticFlow(seed), length=length, every=every)
    with options.connection(address, token, authorities) as client:
        replay = prepare(client, comparison, symbol or "SYNTHETIC", account, rate, batch)
        run(replay, as_json)


def prepare(
    client: Client, comparison: Comparison, symbol: str, account: str, rate: int, batch: int
) -> Replay:
    """Find or list what the flow trades, and make the replay."""
    import secrets

    from quantumcore.client.flow.replay import Replay, ReplayOptions
    from quantumcore.client.flow.wire import Route

    route = Route(
        account_id=find_account(client, account),
        instrument_id=find_instrument(client, symbol, comparison),
        prefix=f"r{secrets.token_hex(4)}-",
    )
    sending = ReplayOptions(batch_size=batch, pace=_pace(rate))
    return Replay(client, comparison, route, options=sending)


def find_account(client: Client, account: str) -> int:
    """Find an account; create it where there is none of that name."""
    from quantumcore.client.errors import NotFound

    try:
        return client.account_id(options.reference(account))
    except NotFound:
        return client.create_account(name=account).account_id


def find_instrument(client: Client, symbol: str, comparison: Comparison) -> int:
    """Find an instrument; list and open one that fits the flow where there is none."""
    from quantumcore.client.enums import InstrumentKind, TradingPhase
    from quantumcore.client.errors import NotFound
    from quantumcore.client.fixed import from_fixed

    try:
        return client.instrument_id(options.reference(symbol))
    except NotFound:
        terms = comparison.terms
    created = client.create_instrument(
        symbol=symbol,
        kind=InstrumentKind.EQUITY,
        currency="USD",
        tick_size=from_fixed(terms.tick_nanos, scale=9),
        lot_size=from_fixed(terms.lot_nanos, scale=9),
        multiplier=terms.multiplier,
        min_price=0,
        max_price=from_fixed(terms.max_price_nanos, scale=9),
        max_quantity=from_fixed(terms.max_quantity_nanos, scale=9),
        protection_band=from_fixed(terms.tick_nanos * 1000, scale=9),
    )
    client.set_trading_phase(created.instrument_id, TradingPhase.CONTINUOUS)
    return created.instrument_id


def run(replay: Replay, as_json: bool) -> None:
    """Play to the end with a progress line, and print what came of it."""
    with _progress(quiet=as_json) as on_progress:
        replay.run(on_progress)
    report(replay, as_json)


def report(replay: Replay, as_json: bool) -> None:
    """Print the figures; end with CORRUPT where the book differs without an explanation."""
    from quantumcore.client.cli.output import print_fields, print_json

    found = summary(replay)
    if as_json:
        print_json(found)
    else:
        print_fields((name, value) for name, value in found.items() if name != "failures")
    failures = replay.comparison.failures()
    if failures:
        print(f"quantumcore: the book differs: {failures[0]}", file=sys.stderr)
        raise typer.Exit(ExitCode.CORRUPT)


def summary(replay: Replay) -> dict[str, Any]:
    """Collect rates, outcomes and what the comparison found."""
    replayer = replay.replayer
    return {
        "commands": replayer.acknowledged,
        "commands_per_s": replay.actions_per_s,
        "elapsed_ms": replay.elapsed_ns // 1_000_000,
        "comparing_ms": replay.comparing_ns // 1_000_000,
        **{f"sent_{kind}": count for kind, count in sorted(replayer.sent.items())},
        **{f"rejected_{name}": count for name, count in sorted(replayer.rejected.items())},
        "trades": replayer.trades,
        "surprising_answers": replayer.surprising,
        **{f"book_{name}": count for name, count in replay.comparison.figures().items()},
        "deviations": replay.comparison.deviations.as_dict(),
        "failures": replay.comparison.failures(),
    }


def _pace(rate: int) -> Pace | None:
    from quantumcore.client.flow.pace import ConstantRate

    return ConstantRate(rate) if rate else None


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting")

        def show(progress: Progress) -> None:
            rate = progress.acknowledged * 1_000_000_000 // max(1, progress.elapsed_ns)
            bar.update(
                task,
                description=f"{progress.acknowledged:,} answered, {rate:,}/s, "
                f"{progress.trades:,} trades, {progress.rejected:,} rejected",
            )

        yield show
