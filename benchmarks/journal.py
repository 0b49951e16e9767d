"""Measure what the journal adds to an order, and what it carries.

Run `make bench-journal`, or `python -m benchmarks.journal [--smoke] [--directory DIR]`.

Latency: one order per block, paced arrivals, with and without the journal in alternating slices
of the same run, so that a disturbance of the machine meets both; the added latency is the
difference at the same percentile. Throughput: blocks of 100 orders, 250
bytes of command and event each, against one write and one fdatasync per block. Dual: see
journal_dual.
"""

import argparse
import os
import tempfile
import threading
from array import array
from collections.abc import Callable
from pathlib import Path
from time import perf_counter_ns

from benchmarks.journal_dual import dual_latency
from benchmarks.pacing import Latencies, open_loop
from benchmarks.report import Report
from quantumcore.server.journal import Durability, Journal, JournalSettings

ORDER_BYTES = 250
BATCH_ORDERS = 100
EVENTS_PER_ORDER = 1
ORDER = os.urandom(ORDER_BYTES)
BATCH = os.urandom(ORDER_BYTES * BATCH_ORDERS)
RATES = {"5k": 5_000, "20k": 20_000}
SLICES = 10
WAIT_S = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="one or two seconds in all")
    parser.add_argument("--directory", type=Path, help="where the journals are written")
    arguments = parser.parse_args()
    duration_s = 0.2 if arguments.smoke else 5.0
    report = Report("journal")
    with tempfile.TemporaryDirectory(dir=arguments.directory, prefix="bench-journal-") as made:
        scratch = Path(made)
        for name, rate_per_s in RATES.items():
            added_latency(report, scratch, name, rate_per_s, duration_s)
        durable_latency(report, scratch, duration_s)
        dual_latency(report, scratch, duration_s)
        throughput(report, scratch, duration_s)
    report.write()


def added_latency(
    report: Report, scratch: Path, name: str, rate_per_s: int, duration_s: float
) -> None:
    bare, journaled = array("q"), array("q")
    with Journal.open(scratch / f"added-{name}") as journal:
        append = appender(journal, ORDER, orders=1)
        for _ in range(SLICES):
            slice_s = duration_s / SLICES
            bare += open_loop(rate_per_s, slice_s, lambda _: None).samples_ns
            journaled += open_loop(rate_per_s, slice_s, lambda _: append()).samples_ns
    without, with_journal = Latencies(bare).summary_us(), Latencies(journaled).summary_us()
    for percentile, value_us in with_journal.items():
        report.figure(f"added_{percentile}_us_{name}", value_us - without[percentile])
        report.figure(f"with_journal_{percentile}_us_{name}", value_us)
        report.baseline(f"no_journal_{percentile}_us_{name}", without[percentile])
    report.ratio(f"journal_vs_none_p99_{name}", with_journal["p99"], without["p99"])


def durable_latency(report: Report, scratch: Path, duration_s: float) -> None:
    """Measure from the intended arrival until the order is known to be on the device."""
    acks = DurableAcks(int(RATES["5k"] * duration_s))
    settings = JournalSettings(durability=Durability.DISK)
    with Journal.open(
        scratch / "durable", settings=settings, on_durable=acks.on_durable
    ) as journal:
        append = appender(journal, ORDER, orders=1)

        def arrive(arrival_ns: int) -> None:
            acks.arrivals_ns.append(arrival_ns)
            append()

        open_loop(RATES["5k"], duration_s, arrive)
        if not acks.complete.wait(WAIT_S):
            raise TimeoutError("the journal did not become durable")
    durable_us = acks.latencies().summary_us()
    for percentile, value_us in durable_us.items():
        report.figure(f"durable_ack_{percentile}_us_5k", value_us)
    lone_us = lone_sync(scratch, ORDER, duration_s)
    report.baseline("lone_fdatasync_p99_us", lone_us.percentile_us(99))
    report.ratio("durable_vs_lone_p99", durable_us["p99"], lone_us.percentile_us(99))


class DurableAcks:
    """Note for every order when the durable watermark passed it."""

    def __init__(self, expected: int) -> None:
        self.arrivals_ns = array("q")
        self.complete = threading.Event()
        self._expected = expected
        self._samples_ns = array("q")

    def on_durable(self, sequence: int) -> None:
        now_ns = perf_counter_ns()
        for index in range(len(self._samples_ns), sequence):
            self._samples_ns.append(now_ns - self.arrivals_ns[index])
        if sequence == self._expected:
            self.complete.set()

    def latencies(self) -> Latencies:
        return Latencies(self._samples_ns)


def throughput(report: Report, scratch: Path, duration_s: float) -> None:
    """Append batches as fast as they go; the final sync is part of the time."""
    events = BATCH_ORDERS * EVENTS_PER_ORDER
    lone_us = lone_sync(scratch, BATCH, duration_s)
    lone_events_per_s = events * 1e6 / lone_us.mean_us()
    report.baseline("append_fdatasync_events_per_s", lone_events_per_s)
    for durability in Durability:
        settings = JournalSettings(durability=durability)
        journal = Journal.open(scratch / f"throughput-{durability}", settings=settings)
        append = appender(journal, BATCH, orders=BATCH_ORDERS)
        start_ns = perf_counter_ns()
        while perf_counter_ns() - start_ns < duration_s * 1e9:
            append()
        accepted_ns = perf_counter_ns() - start_ns
        journal.close()
        durable_ns = perf_counter_ns() - start_ns
        elapsed_ns = durable_ns if durability is Durability.DISK else accepted_ns
        events_per_s = journal.accepted_sequence * 1e9 / elapsed_ns
        report.figure(f"{durability}_events_per_s", events_per_s)
        report.ratio(f"{durability}_vs_append_fdatasync", events_per_s, lone_events_per_s)


def appender(journal: Journal, payload: bytes, *, orders: int) -> Callable[[], None]:
    def append() -> None:
        first = journal.accepted_sequence + 1
        journal.append(
            payload,
            first_sequence=first,
            last_sequence=first + orders * EVENTS_PER_ORDER - 1,
            command_count=orders,
            time_ns=first,
        )

    return append


def lone_sync(scratch: Path, payload: bytes, duration_s: float) -> Latencies:
    """Time one write and one fdatasync per block, back to back, without any journal."""
    samples_ns = array("q")
    descriptor = os.open(scratch / "lone", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    end_ns = perf_counter_ns() + int(duration_s * 1e9)
    while (start_ns := perf_counter_ns()) < end_ns:
        os.write(descriptor, payload)
        os.fdatasync(descriptor)
        samples_ns.append(perf_counter_ns() - start_ns)
    os.close(descriptor)
    return Latencies(samples_ns)


if __name__ == "__main__":
    main()
