"""What the store's command does in a move: feed one of its sides, and do the mover's work."""

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import time_ns
from typing import Any

import structlog

from quantumcore.server.journal.errors import JournalError
from quantumcore.server.store.errors import StoreError
from quantumcore.server.store.migration.ledger import Ledger
from quantumcore.server.store.migration.mover import Mover, Wait
from quantumcore.server.store.migration.phases import Side
from quantumcore.server.store.migration.watching import WatchedStore
from quantumcore.server.store.opening import TARGET_VARIABLE, named, open_store
from quantumcore.server.store.port import EventStore
from quantumcore.server.store.sql.store import SqlEventStore

SIDES = {side.name.lower(): side for side in Side}
Watch = Callable[[EventStore], EventStore]

log = structlog.get_logger("quantumcore.migration")


def add_feeding(feed: argparse.ArgumentParser) -> None:
    """Add what feeding has in a move."""
    feed.add_argument("--side", choices=SIDES, help="record faults of this side of the move")
    _add_parent(feed)


def add_command(commands: Any) -> argparse.ArgumentParser:
    """Add the mover's command; `--store` names the old store."""
    move: argparse.ArgumentParser = commands.add_parser(
        "move", help="copy history, compare and repair, as the phase of the move says"
    )
    move.add_argument("--target", help=f"URL of the new store (default: ${TARGET_VARIABLE})")
    _add_parent(move)
    return move


def _add_parent(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--parent", type=int, default=0, help="end when this process has ended")
    parser.add_argument(
        "--nice", type=int, default=0, help="leave the processor to others, 0 to 19"
    )


def is_orphan(parent: int) -> bool:
    """Tell whether the process that began this one has ended, where it is to be looked at."""
    return parent != 0 and os.getppid() != parent


@contextmanager
def watching(given: argparse.Namespace) -> Iterator[Watch]:
    """Return what wraps a store so that faults are recorded; nothing where no side is named."""
    if given.side is None:
        yield lambda store: store
        return
    side, ledger = SIDES[given.side], Ledger(given.data)
    try:
        yield lambda store: WatchedStore(store, side, ledger)
    except (StoreError, JournalError) as failure:
        ledger.note_fault(side, 0, str(failure), time_ns())
        raise
    finally:
        ledger.close()


def move(given: argparse.Namespace, source_url: str, wait: Wait) -> None:
    """Do the mover's work until told to stop."""
    target_url = given.target or os.environ.get(TARGET_VARIABLE)
    if not target_url:
        raise ValueError(f"name the new store: --target or ${TARGET_VARIABLE}")
    ledger = Ledger(given.data)
    source, target = open_store(source_url), open_store(target_url)
    if not isinstance(target, SqlEventStore):
        raise ValueError("a move leads to an event store")
    log.info("moving", source=named(source_url), target=named(target_url))
    try:
        mover = Mover(ledger, source, target, given.data / "journal")
        mover.run(lambda seconds: wait(seconds) or is_orphan(given.parent))
    finally:
        for one in (source, target, ledger):
            one.close()
