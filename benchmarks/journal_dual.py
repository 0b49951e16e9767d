"""What an order feels of two stores that are written behind the journal, and of their comparing.

One order per block, paced arrivals, into one journal that three processes follow as in a move: a
feeder of a legacy store, a feeder of an event store, and the mover. In alternating slices they run
and are stopped (SIGSTOP), so that a disturbance of the machine meets both. The latency is by the
clock: where cores are fewer than processes it holds what they take from each other. The processor
time of the appending thread says what an order itself has to do more.
"""

import os
import signal
import subprocess
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep, thread_time_ns

from benchmarks.exchange_flows import LIMITED, OPENED_NS, PLAIN, Trader
from benchmarks.pacing import Latencies, open_loop
from benchmarks.report import Report
from quantumcore.server.bench.exchange_drive_cy import ExchangeDrive
from quantumcore.server.core.admin_commands import configure
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.journal import Journal
from quantumcore.server.moves import NICE
from quantumcore.server.store.errors import StoreError
from quantumcore.server.store.migration.moving import Moving, StepRefused
from quantumcore.server.store.migration.phases import VERIFY
from quantumcore.server.store.opening import open_store

RATE_PER_S = 5_000
SLICES = 10
RESTING = 500
SEED = 1
WAIT_S = 0.05


class Orders:
    """Blocks of one order each, made by an exchange beforehand, appended one by one."""

    def __init__(self, journal: Journal, count: int) -> None:
        self._journal = journal
        self.spent_ns = 0
        self._exchange = Exchange()
        flow = Trader(SEED, instruments=10, accounts=100, mix=PLAIN, risk=LIMITED).commands(
            RESTING, count
        )
        self._drive = ExchangeDrive(self._exchange)
        self._exchange.begin_turn(OPENED_NS)
        configure(self._exchange)
        self._made: list[tuple[bytes, int, int]] = []
        self._keep(1)
        self.append()
        for words in (flow.opening, flow.filling):
            for turn in _turns(words):
                self._make(turn)
                self.append()
        for turn in _turns(flow.measured):
            self._make(turn)
        self._made.reverse()

    def append(self) -> None:
        """Write the next block as the venue does."""
        payload, last, time_ns = self._made.pop()
        began_ns = thread_time_ns()
        self._journal.append(
            payload,
            first_sequence=self._journal.accepted_sequence + 1,
            last_sequence=last,
            command_count=1,
            time_ns=time_ns,
        )
        self.spent_ns += thread_time_ns() - began_ns

    def _make(self, turn: memoryview) -> None:
        self._keep(self._drive.run(turn, self._exchange.time_ns + 1, 1))

    def _keep(self, commands: int) -> None:
        assert commands == 1, "a block of this benchmark is one order"
        exchange = self._exchange
        self._made.append((bytes(exchange.turn.view()), exchange.sequence, exchange.time_ns))


def dual_latency(report: Report, scratch: Path, duration_s: float) -> None:
    """Record the latency of an append with and without the processes of a move."""
    directory = scratch / "dual"
    alone, dual = array("q"), array("q")
    spent_ns = {signal.SIGSTOP: 0, signal.SIGCONT: 0}
    with Journal.open(directory / "journal") as journal:
        orders = Orders(journal, int(2 * RATE_PER_S * duration_s) + 4 * SLICES)
        with moving(directory) as processes:
            for _ in range(SLICES):
                slice_s = duration_s / SLICES
                for samples, number in ((alone, signal.SIGSTOP), (dual, signal.SIGCONT)):
                    _signal(processes, number)
                    before_ns = orders.spent_ns
                    measured = open_loop(RATE_PER_S, slice_s, lambda _: orders.append())
                    samples.extend(measured.samples_ns)
                    spent_ns[number] += orders.spent_ns - before_ns
    without, with_both = Latencies(alone).summary_us(), Latencies(dual).summary_us()
    for percentile, value_us in with_both.items():
        report.figure(f"dual_{percentile}_us_5k", value_us)
        report.figure(f"dual_added_{percentile}_us_5k", value_us - without[percentile])
        report.baseline(f"no_store_{percentile}_us_5k", without[percentile])
    report.ratio("dual_vs_no_store_p99_5k", with_both["p99"], without["p99"])
    report.figure("dual_processor_us_per_order", spent_ns[signal.SIGCONT] / len(dual) / 1e3)
    report.baseline("no_store_processor_us_per_order", spent_ns[signal.SIGSTOP] / len(alone) / 1e3)


@contextmanager
def moving(directory: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Run the processes of a move that compares its stores."""
    source = f"legacy+sqlite:///{directory / 'legacy.db'}"
    target = f"sqlite:///{directory / 'events.db'}"
    open_store(source, make_tables=True).close()
    processes = [_started(directory, "feed", "--store", source, "--side", "source")]
    move = Moving(directory, source, target)
    try:
        _advance(move)
        processes.append(_started(directory, "feed", "--store", target, "--side", "target"))
        processes.append(_started(directory, "move", "--store", source, "--target", target))
        while move.phase < VERIFY:
            _advance(move)
        yield processes
    finally:
        _signal(processes, signal.SIGCONT)
        _signal(processes, signal.SIGTERM)
        for process in processes:
            process.wait()
        move.close()


def _advance(move: Moving) -> None:
    """Take a step as soon as it can be taken."""
    phase = move.phase
    while True:
        try:
            move.advance(phase, phase + 1, sequence=0, principal_id=0, request_id=0)
        except (StepRefused, StoreError):
            sleep(WAIT_S)
        else:
            return


def _started(directory: Path, *words: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "quantumcore.server.store", *words]
    command += ["--data", str(directory), "--nice", str(NICE)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def _signal(processes: list["subprocess.Popen[bytes]"], number: signal.Signals) -> None:
    for process in processes:
        os.kill(process.pid, number)


def _turns(words: memoryview) -> Iterator[memoryview]:
    """Cut records into turns of one command."""
    at = 0
    while at < len(words):
        end = at + (words[at] >> 16 & 0xFFFF)
        yield words[at:end]
        at = end
