"""Measure the whole exchange in process: what a command costs from its record to its answer.

    python -m benchmarks.exchange [--smoke] [--plot] [--commands N] [--seed N]

Commands are records, as the door leaves them: nothing is decoded. Each passes every admission
check, the indexes of client order ids and request ids, matching with self-trade prevention,
order state, positions at their cost, cash, exposure and the memory of trades; its events, answer
and level changes are written. Accounts have every limit (rate, quantity and value of an order,
collar around the mark, position, value and number of open orders), none so narrow that it bites.
The wire and the journal are not included.
"""

import argparse
import gc
from array import array
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

from benchmarks import exchange_plots, exchange_visits, exchange_waiting
from benchmarks.exchange_flows import (
    EVERY_TYPE,
    FUNDED,
    LIMITED,
    OPENED_NS,
    PLAIN,
    UNCHECKED,
    Commands,
    Mix,
    Trader,
)
from benchmarks.pacing import Latencies
from benchmarks.report import Report
from benchmarks.stretches import best_ns
from quantumcore.server.bench.exchange_drive_cy import ExchangeDrive
from quantumcore.server.core.exchange_cy import Exchange, is_compiled

TURN = 100  # commands
STRETCH = 1_000  # commands: see stretches.py
ACCOUNTS = 100
INSTRUMENTS = (1, 10, 100, 1_000, 10_000)
WAITING = (1_000, 10_000, 100_000)
PACES = (200_000, 500_000)


def flow(
    options: argparse.Namespace, instruments: int, mix: Mix = PLAIN, risk: str = LIMITED
) -> Commands:
    """Return the commands for so many instruments, with the same resting orders in all."""
    trader = Trader(options.seed, instruments=instruments, accounts=ACCOUNTS, mix=mix, risk=risk)
    return trader.commands(options.resting, options.commands)


def filled(flow: Commands, *, prefault: bool = True) -> Exchange:
    """Return an exchange that is about to be given the measured commands."""
    exchange = Exchange(prefault=prefault)
    drive = ExchangeDrive(exchange)
    drive.run(flow.opening, OPENED_NS, TURN)
    drive.run(flow.filling, OPENED_NS, TURN)
    gc.collect()
    return exchange


def stretches(flow: Commands) -> list[memoryview]:
    """Return the measured commands, so many at a time."""
    cuts, at = [0], 0
    for number in range(1, flow.size + 1):
        at += flow.measured[at] >> 16 & 0xFFFF
        if number % STRETCH == 0 or number == flow.size:
            cuts.append(at)
    return [flow.measured[first:last] for first, last in pairwise(cuts)]


def rate(flow: Commands, rounds: int, *, prefault: bool = True) -> tuple[float, float]:
    """Return commands and events a second, each stretch at the best of the rounds."""
    pieces, events = stretches(flow), 0

    def each_round() -> Iterator[list[Callable[[], int]]]:
        nonlocal events
        for _ in range(rounds):
            exchange = filled(flow, prefault=prefault)
            first, run = exchange.sequence, ExchangeDrive(exchange).run
            yield [partial(run, piece, OPENED_NS, TURN) for piece in pieces]
            events = exchange.sequence - first

    seconds = best_ns(each_round()) / 1e9
    return flow.size / seconds, events / seconds


def latencies(flow: Commands, rounds: int, commands_per_s: int = 0) -> Latencies:
    """Return the time of each command of the round with the lowest 99th percentile.

    With a pace, commands arrive at that rate, and what is timed begins with the arrival.
    """
    found: list[Latencies] = []
    for _ in range(rounds):
        drive = ExchangeDrive(filled(flow))
        elapsed = memoryview(array("q", bytes(8 * flow.size)))
        if commands_per_s:
            apart = 1_000_000_000 // commands_per_s
            drive.run_paced(flow.measured, OPENED_NS, TURN, elapsed, apart)
        else:
            drive.run_timed(flow.measured, OPENED_NS, TURN, elapsed)
        found.append(Latencies(array("q", elapsed)))
    return min(found, key=lambda each: each.percentile_us(99))


def per_call(flow: Commands, rounds: int) -> float:
    """Return commands a second when Python appends and applies each record by a call."""
    sent = list(exchange_visits.records(flow.measured))

    def call(exchange: Exchange, first: int) -> None:
        for number, record in enumerate(sent[first : first + STRETCH]):
            if number % TURN == 0:
                exchange.begin_turn(OPENED_NS + first + number)
            start = exchange.turn.end
            exchange.turn.append(*record)
            exchange.apply(start)

    each_round = (
        [partial(call, exchange, first) for first in range(0, flow.size, STRETCH)]
        for exchange in (filled(flow) for _ in range(rounds))
    )
    return flow.size / (best_ns(each_round) / 1e9)


def over_instruments(report: Report, options: argparse.Namespace, counts: list[int]) -> None:
    """Report rate and latency for each number of instruments."""
    for instruments in counts:
        sent = flow(options, instruments)
        key = f"{instruments}_instruments"
        commands_per_s, events_per_s = rate(sent, options.rounds)
        report.figure(f"{key}_commands_per_s", commands_per_s)
        report.figure(f"{key}_events_per_s", events_per_s)
        measured = latencies(sent, options.rounds)
        for name, percent in (("p50", 50), ("p99", 99), ("p999", 99.9)):
            report.figure(f"{key}_command_{name}_us", measured.percentile_us(percent))
        if instruments == 1:
            headline(report, sent, options)


def headline(report: Report, sent: Commands, options: argparse.Namespace) -> None:
    """Report what is looked at first, and what it stands against, on one instrument."""
    report.figure("commands_per_s", report.figures["1_instruments_commands_per_s"])
    report.figure("command_p99_us", report.figures["1_instruments_command_p99_us"])
    untouched, _ = rate(sent, options.rounds, prefault=False)
    report.figure("untouched_memory_commands_per_s", untouched)
    for pace in PACES:
        paced = latencies(sent, options.rounds, pace)
        for name, percent in (("p50", 50), ("p99", 99), ("p999", 99.9)):
            report.figure(f"paced_{pace // 1000}k_command_{name}_us", paced.percentile_us(percent))
    called = per_call(sent, options.rounds)
    report.baseline("per_call_commands_per_s", called)
    report.ratio("native_to_per_call", report.figures["commands_per_s"], called)


def jumping(report: Report, options: argparse.Namespace, instruments: int) -> None:
    """Report the same commands as they come and instrument by instrument; see exchange_visits."""
    shape = {"accounts": ACCOUNTS, "resting": options.resting, "commands": options.commands}
    found = exchange_visits.figures(
        options.seed, instruments, shape, lambda sent: rate(sent, options.rounds)[0]
    )
    report.figures |= found
    mixed, in_runs = (
        found[f"{instruments}_instruments_{order}_commands_per_s"] for order in ("named", "in_runs")
    )
    report.ratio(f"{instruments}_instruments_in_runs_to_mixed", in_runs, mixed)
    one = found["1_instruments_named_commands_per_s"]
    report.ratio(f"{instruments}_instruments_in_runs_to_one", in_runs, one)


def by_risk(report: Report, options: argparse.Namespace) -> None:
    """Report what the checks of limits and of funds cost, on one instrument."""
    limited = report.figures["commands_per_s"]
    for risk in (UNCHECKED, FUNDED):
        found, _ = rate(flow(options, 1, risk=risk), options.rounds)
        report.figure(f"{risk}_commands_per_s", found)
        report.ratio(f"limited_to_{risk}", limited, found)


def every_type(report: Report, options: argparse.Namespace) -> None:
    """Report a flow in which three in ten new orders are not plain limit orders."""
    found, _ = rate(flow(options, 100, EVERY_TYPE), options.rounds)
    report.figure("every_order_type_commands_per_s", found)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a hundredth of the work")
    parser.add_argument("--plot", action="store_true", help="draw the plots in docs/performance")
    parser.add_argument("--commands", type=int, default=100_000)
    parser.add_argument("--resting", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.smoke:
        options.commands, options.resting, options.rounds = 2_000, 500, 1
    report = Report("exchange", build={"core": "compiled" if is_compiled() else "python"})
    counts = list(INSTRUMENTS[:3] if options.smoke else INSTRUMENTS)
    over_instruments(report, options, counts)
    one, many = (report.figures[f"{n}_instruments_commands_per_s"] for n in (1, counts[-1]))
    report.ratio(f"{counts[-1]}_instruments_to_one", many, one)
    jumping(report, options, counts[-1])
    by_risk(report, options)
    every_type(report, options)
    for waiting in WAITING[:1] if options.smoke else WAITING:
        report.figures |= exchange_waiting.figures(waiting, options.rounds)
    report.write()
    if options.plot:
        exchange_plots.draw(report.figures, counts, list(WAITING))


if __name__ == "__main__":
    main()
