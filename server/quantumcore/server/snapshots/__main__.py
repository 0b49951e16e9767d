"""Take snapshots beside a venue, list and verify them.

python -m quantumcore.server.snapshots follow | take | list
"""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from quantumcore.server.core.errors import ReplayDiverged, StateUnfit
from quantumcore.server.journal.errors import JournalError
from quantumcore.server.snapshots.directory import SnapshotDirectory
from quantumcore.server.snapshots.errors import SnapshotUnfit
from quantumcore.server.snapshots.follower import (
    EXIT_DIVERGED,
    GREATEST,
    TAKE_SIGNAL,
    Follower,
    FollowerSettings,
    lock_snapshots,
    lower_priority,
    take_now,
)
from quantumcore.server.snapshots.listing import described
from quantumcore.server.store.errors import StoreError
from quantumcore.server.store.opening import STORE_VARIABLE, open_store

EXIT_FAILED = 5

log = structlog.get_logger("quantumcore.snapshots")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; return the exit code.

    0: done, or told to stop. 2: wrong arguments. 5: journal or snapshots cannot be used, as
    logged. 6: the commands of the journal do not give its events.
    """
    given = _parser().parse_args(arguments)
    _log_to_standard_error()
    command: Callable[[argparse.Namespace], int] = given.command
    try:
        return command(given)
    except ReplayDiverged as error:
        log.critical(
            "no more snapshots: the journal is not what its commands give", error=str(error)
        )
        return EXIT_DIVERGED
    except (JournalError, SnapshotUnfit, StateUnfit, OSError) as error:
        log.critical("cannot go on", error=str(error))
        return EXIT_FAILED


def _follow(given: argparse.Namespace) -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lower_priority()

    def wait(seconds: float) -> bool:
        return stop.wait(seconds) or (given.parent != 0 and os.getppid() != given.parent)

    lock = lock_snapshots(given.data)
    follower = Follower(
        given.data,
        FollowerSettings(
            interval_events=given.interval_events,
            keep=given.keep,
            removes_segments=given.remove_segments,
        ),
        fed=_fed(given.event_store or os.environ.get(STORE_VARIABLE, "")),
    )
    signal.signal(TAKE_SIGNAL, lambda *_: follower.ask())
    try:
        follower.run(wait)
    finally:
        log.info("stopped", sequence=follower.sequence)
        follower.close()
        os.close(lock)
    return 0


def _fed(url: str) -> Callable[[], int]:
    """Return what tells up to which sequence the feeder of a store can do without the journal."""
    if not url:
        return lambda: GREATEST

    def fed() -> int:
        store = open_store(url)
        try:
            checkpoint = store.checkpoint()
        except StoreError as problem:
            log.warning("no segment is removed: the store does not answer", error=str(problem))
            return 0
        finally:
            store.close()
        return checkpoint.position.sequence if checkpoint is not None else 0

    return fed


def _take(given: argparse.Namespace) -> int:
    take_now(given.data, keep=given.keep)
    return 0


def _list(given: argparse.Namespace) -> int:
    rows = described(SnapshotDirectory(given.data))
    for row in rows:
        sys.stdout.write(json.dumps(row) + "\n")
    return EXIT_FAILED if any(row["unfit"] for row in rows) else 0


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
    parser = argparse.ArgumentParser(
        prog="python -m quantumcore.server.snapshots", description=__doc__
    )
    commands = parser.add_subparsers(required=True)
    follow = commands.add_parser("follow", help="take snapshots until told to stop")
    follow.set_defaults(command=_follow)
    follow.add_argument("--interval-events", type=int, default=1000, help="events between two")
    follow.add_argument(
        "--remove-segments", action="store_true", help="remove what of the journal nobody needs"
    )
    follow.add_argument(
        "--event-store",
        default="",
        help=f"URL of a store that is fed beside (default: ${STORE_VARIABLE}); a password in it can"
        " be read by everybody on the machine",
    )
    follow.add_argument("--parent", type=int, default=0, help="end when this process has ended")
    take = commands.add_parser("take", help="take one of all that the journal holds now")
    take.set_defaults(command=_take)
    listing = commands.add_parser("list", help="verify all, and print a line of JSON for each")
    listing.set_defaults(command=_list)
    for one in (follow, take):
        one.add_argument("--keep", type=int, default=3, help="how many of the newest are kept")
    for one in (follow, take, listing):
        one.add_argument("--data", type=Path, default=Path("data"), help="the venue's directory")
    return parser


if __name__ == "__main__":
    sys.exit(main())
