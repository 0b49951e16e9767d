"""Feed an event store beside a venue, project it, make its tables.

python -m quantumcore.server.store migrate | feed | project | rebuild | move
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

import structlog

from quantumcore.server.journal.errors import JournalError
from quantumcore.server.store.errors import StoreError
from quantumcore.server.store.feeder import Feeder
from quantumcore.server.store.migration import commands as migration
from quantumcore.server.store.migration.watching import WatchedStore
from quantumcore.server.store.opening import STORE_VARIABLE, is_legacy, named, open_store
from quantumcore.server.store.port import EventStore
from quantumcore.server.store.progress import ProgressBar
from quantumcore.server.store.projections.projector import ALL, Progress, Projector, Report
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.roles import grant_feeding
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore

EXIT_FAILED = 5
REPORT_INTERVAL_S = 10.0

log = structlog.get_logger("quantumcore.store")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; return the exit code.

    0: done, or told to stop. 2: wrong arguments. 5: journal or store cannot be used, as logged.
    """
    given = _parser().parse_args(arguments)
    _log_to_standard_error()
    os.nice(getattr(given, "nice", 0))
    beside = f"sqlite:///{given.data / 'events.db'}"
    url = given.store or os.environ.get(STORE_VARIABLE) or beside
    unknown = set(getattr(given, "names", ())) - {projection.name for projection in ALL}
    if unknown:
        _parser().error(f"there is no projection {', '.join(sorted(unknown))}")
    try:
        command: Callable[[argparse.Namespace, str], None] = given.command
        command(given, url)
    except (StoreError, JournalError, ValueError) as error:
        log.critical("cannot go on", error=str(error), store=named(url))
        return EXIT_FAILED
    return 0


def _feed(given: argparse.Namespace, url: str) -> None:
    stop = _stop_on_signal()
    with migration.watching(given) as watch:
        store: EventStore = watch(open_store(url, make_tables=given.migrate))
        feeder = Feeder(given.data / "journal", store)
        log.info("feeding", store=named(url))
        try:
            if given.once:
                feeder.catch_up()
            else:
                feeder.run(_attended(_reporting(stop, feeder), feeder, store, given.parent))
        finally:
            log.info("stopped", **feeder.lag()._asdict())
            feeder.close()
            store.close()


def _attended(
    wait: Callable[[float], bool], feeder: Feeder, store: EventStore, parent: int
) -> Callable[[float], bool]:
    """Say that a fault is over once there is nothing to catch up with; end with the parent."""

    def attend(seconds: float) -> bool:
        lag = feeder.lag()
        if isinstance(store, WatchedStore) and not lag.unavailable_s and not lag.seconds:
            store.repaired()
        return wait(seconds) or migration.is_orphan(parent)

    return attend


def _project(given: argparse.Namespace, url: str) -> None:
    stop = _stop_on_signal()
    engine = open_engine(url)
    store = SqlEventStore(engine)
    projector = Projector(engine, store)
    report = _rarely(lambda progress: log.info("projecting", **progress._asdict()))
    try:
        for name in given.rebuild:
            projector.rebuild(projector.projection(name), report)
        if given.once:
            projector.catch_up(report)
        else:
            projector.run(stop.wait, report)
    finally:
        log.info("stopped", **projector.checkpoints())
        store.close()


def _move(given: argparse.Namespace, url: str) -> None:
    stop = _stop_on_signal()
    migration.move(given, url, stop.wait)


def _rebuild(given: argparse.Namespace, url: str) -> None:
    engine = open_engine(url)
    store = SqlEventStore(engine)
    projector = Projector(engine, store)
    bar = ProgressBar(sys.stderr, log)
    try:
        for name in given.names or [projection.name for projection in ALL]:
            projector.rebuild(projector.projection(name), bar.show)
            log.info("made anew", projection=name)
    finally:
        store.close()


def _stop_on_signal() -> threading.Event:
    """Return what is set when the process is told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _rarely(say: Report) -> Report:
    """Say how far a projection is at its end, and every few seconds on the way."""
    next_report_s = 0.0

    def report(progress: Progress) -> None:
        nonlocal next_report_s
        if monotonic() >= next_report_s or progress.sequence == progress.last_sequence:
            next_report_s = monotonic() + REPORT_INTERVAL_S
            say(progress)

    return report


def _reporting(stop: threading.Event, feeder: Feeder) -> Callable[[float], bool]:
    """Return what waits for the feeder, and says how far it is every few seconds."""
    next_report_s = monotonic()

    def wait(seconds: float) -> bool:
        nonlocal next_report_s
        if monotonic() >= next_report_s:
            next_report_s = monotonic() + REPORT_INTERVAL_S
            log.info("position", **feeder.lag()._asdict())
        return stop.wait(seconds)

    return wait


def _migrate(given: argparse.Namespace, url: str) -> None:
    if is_legacy(url):
        open_store(url, make_tables=True).close()
        return
    engine = open_engine(url)
    migrate(engine)
    if given.grant:
        with engine.begin() as connection:
            grant_feeding(connection, given.grant)
    engine.dispose()
    log.info("the tables are up to date", store=named(url))


def _log_to_standard_error() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m quantumcore.server.store", description=__doc__)
    commands = parser.add_subparsers(required=True)
    feed = commands.add_parser("feed", help="feed a store from the journal until told to stop")
    feed.set_defaults(command=_feed)
    feed.add_argument("--migrate", action="store_true", help="make or update the tables first")
    feed.add_argument("--once", action="store_true", help="end when the store has all there is")
    migration.add_feeding(feed)
    move = migration.add_command(commands)
    move.set_defaults(command=_move)
    project = commands.add_parser("project", help="keep orders, positions and days up to date")
    project.set_defaults(command=_project)
    project.add_argument("--once", action="store_true", help="end when all events are in")
    names = [projection.name for projection in ALL]
    project.add_argument(
        "--rebuild", action="append", default=[], choices=names, help="make one anew first"
    )
    rebuild = commands.add_parser("rebuild", help="make projections anew beside what is read")
    rebuild.set_defaults(command=_rebuild)
    rebuild.add_argument("names", nargs="*", help=f"of {', '.join(names)}; none: all of them")
    tables = commands.add_parser("migrate", help="make the tables, or bring them up to date")
    tables.set_defaults(command=_migrate)
    tables.add_argument("--grant", help="PostgreSQL role to give the rights of feeding to")
    for one in (feed, project, rebuild, tables, move):
        one.add_argument("--data", type=Path, default=Path("data"), help="the venue's directory")
        one.add_argument(
            "--store",
            help=f"URL of the store (default: ${STORE_VARIABLE}, or events.db in the directory); a"
            " password in it can be read by everybody on the machine",
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
