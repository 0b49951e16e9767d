"""Measure how fast SQL follows the journal.

Run `make bench-projection`, or `python -m benchmarks.projection [--smoke] [--commands N]
[--postgresql URL]`.

A journal of limit orders, cancels and replacements is written first. Then its blocks are decoded
alone, and fed to an empty store on SQLite and on PostgreSQL, as a feeder does that has fallen
behind; then all projections are made. PostgreSQL is a server of the benchmark's own where it is
installed, as it comes and with its disk synced, or the empty database of a URL. Each figure stands
against executemany of the same rows in batches of the same size, decoded beforehand. Events are
those of the contract: a fill is an event of its order, its position and its account.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.exchange_flows import LIMITED, OPENED_NS, PLAIN, Trader
from benchmarks.report import Report
from quantumcore.server.bench.exchange_drive_cy import ExchangeDrive
from quantumcore.server.core.admin_commands import configure
from quantumcore.server.core.exchange_cy import Exchange, is_compiled
from quantumcore.server.journal import Journal, JournalReader
from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.feeder import Feeder, FeederSettings
from quantumcore.server.store.projections.projector import Projector
from quantumcore.server.store.row_digest import row_digest
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.sql.tables import EVENT_TABLES
from tests.server.store.databases import BINARIES, postgresql

TURN = 20  # commands: about what a turn has under load
RESTING = 5_000
SEED = 1


def write_journal(directory: Path, commands: int) -> None:
    """Write a journal as the venue would, without its front door."""
    flow = Trader(SEED, instruments=10, accounts=100, mix=PLAIN, risk=LIMITED).commands(
        RESTING, commands
    )
    exchange = Exchange()
    drive = ExchangeDrive(exchange)
    with Journal.open(directory) as journal:
        exchange.begin_turn(OPENED_NS)
        configure(exchange)
        _append(journal, exchange, 1)
        for words in (flow.opening, flow.filling, flow.measured):
            for number, turn in enumerate(_turns(words)):
                count = drive.run(turn, OPENED_NS + number * TURN, TURN)
                _append(journal, exchange, count)


def _turns(words: memoryview) -> list[memoryview]:
    """Cut records into turns."""
    cuts, at, number = [0], 0, 0
    while at < len(words):
        at += words[at] >> 16 & 0xFFFF
        number += 1
        if number % TURN == 0 or at == len(words):
            cuts.append(at)
    return [words[first:last] for first, last in pairwise(cuts)]


def _append(journal: Journal, exchange: Exchange, commands: int) -> None:
    journal.append(
        exchange.turn.view(),
        first_sequence=journal.accepted_sequence + 1,
        last_sequence=exchange.sequence,
        command_count=commands,
        time_ns=exchange.time_ns,
    )


def decode(directory: Path) -> int:
    """Decode a journal; return how many events it has."""
    decoder = Decoder()
    return sum(len(decoder.decode(block)) for block in JournalReader(directory).blocks())


def feed(directory: Path, url: str) -> int:
    """Feed an empty store; return how many events it has then."""
    engine = open_engine(url)
    store = SqlEventStore(engine)
    feeder = Feeder(directory, store)
    feeder.catch_up()
    feeder.close()
    store.close()
    return feeder.position.event_count


def executemany(directory: Path, url: str) -> float:
    """Store the same rows without COPY, position or checks; return events a second."""
    decoder, size = Decoder(), FeederSettings().batch_events
    events = [one for block in JournalReader(directory).blocks() for one in decoder.decode(block)]
    engine = open_engine(url)
    began_s = perf_counter()
    for start in range(0, len(events), size):
        rows: dict[int, list[tuple[object, ...]]] = {}
        for event in events[start : start + size]:
            row = (*event[1:], row_digest(event))
            rows.setdefault(event.aggregate_type, []).append(row)
        with engine.begin() as connection:
            mark = "?" if connection.dialect.name == "sqlite" else "%s"
            for kind, of_kind in rows.items():
                marks = ", ".join([mark] * len(EVENT_TABLES[kind].columns))
                statement = f"INSERT INTO {EVENT_TABLES[kind].name} VALUES ({marks})"
                connection.exec_driver_sql(statement, of_kind)
    seconds = perf_counter() - began_s
    engine.dispose()
    return len(events) / seconds


def project(url: str) -> int:
    """Make all projections of a fed store; return how many events it has."""
    engine = open_engine(url)
    store = SqlEventStore(engine)
    Projector(engine, store).catch_up()
    count = store.position().event_count
    store.close()
    return count


def prepare(url: str) -> None:
    """Make the tables of an empty database."""
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()


def measured(report: Report, name: str, action: Callable[[], int]) -> None:
    """Record events a second, by the clock and by the processor time of this process.

    The second says what is left of the first where other work shares the processor.
    """
    began_s, began_cpu_s = perf_counter(), process_time()
    count = action()
    report.figure(f"{name}_events_per_s", count / (perf_counter() - began_s))
    report.figure(f"{name}_events_per_cpu_s", count / (process_time() - began_cpu_s))


def measure(options: argparse.Namespace, directory: Path) -> Report:
    """Write a journal and measure what reads it."""
    journal = directory / "journal"
    write_journal(journal, options.commands)
    report = Report("projection", build={"compiled": str(is_compiled())})
    report.figure("events", decode(journal))
    measured(report, "decode", lambda: decode(journal))
    files = [f"sqlite:///{directory / name}.db" for name in ("plain", "events")]
    measure_database(report, "sqlite", journal, *files)
    with databases(options.postgresql) as urls:
        if urls:
            measure_database(report, "postgresql", journal, *urls)
        else:
            print("PostgreSQL is not installed here, and no --postgresql names one")
    return report


def measure_database(report: Report, name: str, journal: Path, plain: str, url: str) -> None:
    """Measure the baseline on one empty database, feeding and projecting on another."""
    prepare(plain)
    baseline = executemany(journal, plain)
    report.baseline(f"{name}_executemany_events_per_s", baseline)
    prepare(url)
    measured(report, name, lambda: feed(journal, url))
    fed_per_s = report.figures[f"{name}_events_per_s"]
    report.ratio(f"{name}_vs_executemany", fed_per_s, baseline)
    measured(report, f"{name}_projected", lambda: project(url))


@contextmanager
def databases(url: str | None) -> Iterator[tuple[str, str] | None]:
    """Yield two empty schemas of a PostgreSQL server, None where there is none."""
    if url:
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE SCHEMA plain")
        engine.dispose()
        joint = "&" if "?" in url else "?"
        yield f"{url}{joint}options=-csearch_path%3Dplain", url
    elif BINARIES:
        with postgresql(durable=True) as cluster:
            yield cluster.url(cluster.new_schema()), cluster.url(cluster.new_schema())
    else:
        yield None


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Measure how fast SQL follows the journal.")
    parser.add_argument("--smoke", action="store_true", help="a short journal only")
    parser.add_argument("--commands", type=int, default=200_000)
    parser.add_argument("--postgresql", help="URL of an empty database, in place of an own server")
    options = parser.parse_args()
    if options.smoke:
        options.commands = 2_000
    with tempfile.TemporaryDirectory() as directory:
        measure(options, Path(directory)).write()


if __name__ == "__main__":
    main()
