"""Measure how long a venue takes to come back: by its whole journal, and from a snapshot.

    python -m benchmarks.recovery [--smoke] [--plot] [--commands N]

Journals of growing length are written, of limit orders, cancels and replacements. Each is recovered
from: by replaying all of it with every event compared, and from a snapshot that lacks the last
1,000 events. What replaying costs is held against reading and verifying the same bytes alone.
Events are those of the journal: a trade is two.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

from benchmarks.plots import figure, panel, save
from benchmarks.projection import write_journal
from benchmarks.report import Report
from quantumcore.server.core.exchange_cy import is_compiled
from quantumcore.server.core.state import Image
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.mark import Mark
from quantumcore.server.journal.reader import JournalReader
from quantumcore.server.journal.recovery import recover
from quantumcore.server.recovery import Recovery
from quantumcore.server.snapshots.directory import SnapshotDirectory
from quantumcore.server.snapshots.snapshot import read_snapshot
from quantumcore.server.snapshots.writer import SnapshotWriter

INTERVAL = 1_000  # events
SHARES = (100, 30, 10, 3, 1)  # of the longest journal


class Times(NamedTuple):
    """What recovering from one journal took; seconds, and of the processor."""

    events: int
    scan_s: float
    replay_s: float
    replay_cpu_s: float
    snapshot_s: float
    snapshot_cpu_s: float
    complete_s: float
    complete_bytes: int
    changes_s: float
    changes_bytes: int


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Return how long an action took, by the clock and by the processor."""
    began_s, began_cpu_s = perf_counter(), process_time()
    action()
    return perf_counter() - began_s, process_time() - began_cpu_s


def take_snapshots(data: Path, last: int) -> tuple[float, int, float, int]:
    """Take a complete snapshot and, some events on, one upon it; return times and sizes."""
    directory = SnapshotDirectory(data)
    recovery, writer = Recovery(), SnapshotWriter(directory)
    due = [last - 2 * INTERVAL, last - INTERVAL]
    figures = list[float]()
    for block in JournalReader(directory.journal).blocks():
        recovery.visit(block)
        if due and block.last_sequence >= due[0]:
            del due[0]
            mark, kept = Mark.of(block), recovery.configuration
            began_s = perf_counter()
            header = writer.write(recovery.exchange, recovery.save(), kept, mark)
            figures.append(perf_counter() - began_s)
            name = f"{header.sequence:020d}.qcs"
            figures.append(read_snapshot(directory.files, directory.path, name).size_bytes)
    complete_s, complete_bytes, changes_s, changes_bytes = figures
    return complete_s, int(complete_bytes), changes_s, int(changes_bytes)


def begin_with_snapshot(data: Path) -> Recovery:
    """Recover as a venue does."""
    recovery = Recovery()
    recovery.begin(SnapshotDirectory(data))
    recover(Files(), data / "journal", recovery.visit, recovery.mark)
    return recovery


def measure(data: Path, commands: int) -> Times:
    """Write a journal and recover from it in both ways; both have to give the same state."""
    write_journal(data / "journal", commands)
    scan_s, _ = timed(lambda: recover(Files(), data / "journal", None))
    whole = Recovery()
    replay_s, replay_cpu_s = timed(lambda: recover(Files(), data / "journal", whole.visit))
    events = whole.exchange.sequence
    snapshots = take_snapshots(data, events)
    begun = list[Recovery]()
    snapshot_s, cpu_s = timed(lambda: begun.append(begin_with_snapshot(data)))
    if not begun[0].snapshot_sequence:
        raise AssertionError("no snapshot was used")
    if Image(begun[0].exchange).digest() != Image(whole.exchange).digest():
        raise AssertionError("the snapshot gives another state than the journal")
    return Times(events, scan_s, replay_s, replay_cpu_s, snapshot_s, cpu_s, *snapshots)


def reported(rows: list[Times]) -> Report:
    """Return the figures of the longest journal, and the times of all."""
    report, longest = Report("recovery", build={"compiled": str(is_compiled())}), rows[-1]
    rate, scan = longest.events / longest.replay_s, longest.events / longest.scan_s
    report.figure("events_per_s", rate).baseline("events_per_s", scan)
    report.ratio("events_per_s", rate, scan)
    report.figure("events_per_cpu_s", longest.events / longest.replay_cpu_s)
    report.figure("snapshot_recovery_s", longest.snapshot_s)
    report.baseline("snapshot_recovery_s", longest.replay_s)
    report.ratio("snapshot_recovery_s", longest.snapshot_s, longest.replay_s)
    report.figure("snapshot_recovery_cpu_s", longest.snapshot_cpu_s)
    report.baseline("snapshot_recovery_cpu_s", longest.replay_cpu_s)
    report.ratio("snapshot_recovery_cpu_s", longest.snapshot_cpu_s, longest.replay_cpu_s)
    report.figure("snapshot_complete_s", longest.complete_s)
    report.figure("snapshot_complete_bytes", longest.complete_bytes)
    report.figure("snapshot_changes_s", longest.changes_s)
    report.figure("snapshot_changes_bytes", longest.changes_bytes)
    for row in rows:
        report.figure(f"replay_s_at_{row.events}_events", row.replay_s)
        report.figure(f"replay_cpu_s_at_{row.events}_events", row.replay_cpu_s)
        report.figure(f"from_snapshot_s_at_{row.events}_events", row.snapshot_s)
        report.figure(f"from_snapshot_cpu_s_at_{row.events}_events", row.snapshot_cpu_s)
    return report


def plot(rows: list[Times]) -> Path:
    """Write docs/performance/recovery.png: time of the processor, whatever else it does."""
    drawn, axes = figure(1)
    events = [row.events for row in rows]
    lines = {
        "whole journal": (events, [row.replay_cpu_s for row in rows]),
        "snapshot and the last 1,000 events": (events, [row.snapshot_cpu_s for row in rows]),
    }
    panel(axes, "Time to recover", "events in the journal", "processor seconds", lines)
    return save(drawn, "recovery")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Measure how long recovery takes.")
    parser.add_argument("--smoke", action="store_true", help="short journals only")
    parser.add_argument("--plot", action="store_true", help="draw docs/performance/recovery.png")
    parser.add_argument("--commands", type=int, default=1_000_000, help="of the longest journal")
    options = parser.parse_args()
    shares = SHARES[:2] if options.smoke else SHARES
    if options.smoke:
        options.commands = 40_000
    rows = list[Times]()
    for share in shares:
        with tempfile.TemporaryDirectory() as directory:
            rows.append(measure(Path(directory), max(4_000, options.commands // share)))
    reported(rows).write()
    if options.plot:
        plot(rows)


if __name__ == "__main__":
    main()
