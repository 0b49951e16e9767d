"""Measure the whole exchange in process: admission, matching, order state, events, answers.

    python -m benchmarks.exchange [--smoke] [--commands N] [--seed N]

Turns of commands are worked out first; what is timed is `Exchange.replay` on a fresh exchange,
which executes the commands in compiled code and compares every event with the first run's. The
journal, the wire and risk checks are not included.
"""

import argparse
import random
import time
from collections.abc import Callable

from benchmarks.report import Report
from quantumcore.server.core import commands, kinds
from quantumcore.server.core.exchange_cy import Exchange, is_compiled

TICK, LOT = 1_000_000, 1_000_000
TURN = 100  # commands
Turns = list[tuple[int, bytes]]


class Trader:
    """Sends new orders, changes and cancels around a price that wanders."""

    def __init__(self, seed: int, instruments: int) -> None:
        self.random = random.Random(seed)
        self.exchange = Exchange()
        self.names: list[str] = []
        self.middle = [10_000] * (instruments + 1)
        self.number = 0
        self.turns: Turns = []
        self._turn([self._account] + [self._instrument] * instruments)

    def run(self, count: int) -> Turns:
        """Return turns of `count` commands and the events they caused."""
        self.turns.clear()
        for _ in range(count // TURN):
            self._turn([self._command] * TURN)
        return self.turns

    def _turn(self, steps: list[Callable[[], None]]) -> None:
        self.exchange.begin_turn(len(self.turns) + self.number + 1)
        for step in steps:
            step()
        self.turns.append((self.exchange.time_ns, bytes(self.exchange.turn.view())))

    def _account(self) -> None:
        commands.create_account(self.exchange)

    def _instrument(self) -> None:
        commands.create_instrument(
            self.exchange,
            tick_size=TICK,
            lot_size=LOT,
            min_price=TICK,
            max_price=100_000 * TICK,
            max_quantity=100_000 * LOT,
            protection_band=100 * TICK,
            tick_value=1,
        )

    def _command(self) -> None:
        what = self.random.random()
        if what < 0.55 or len(self.names) < 100:
            self._create()
        elif what < 0.9:
            name = self.names.pop(self.random.randrange(len(self.names)))
            commands.cancel_order(
                self.exchange, account_id=1, client_order_id=name, request_id=self._next()
            )
        else:
            name = self.random.choice(self.names)
            quantity = self.random.randint(1, 50) * LOT
            commands.replace_order(
                self.exchange,
                account_id=1,
                client_order_id=name,
                quantity=quantity,
                request_id=self._next(),
            )

    def _create(self) -> None:
        instrument = self.random.randrange(1, len(self.middle))
        self.middle[instrument] += self.random.choice((-1, 0, 0, 0, 1))
        side = self.random.choice((kinds.SIDE_BUY, kinds.SIDE_SELL))
        away = int(self.random.expovariate(0.1)) - 1
        price = self.middle[instrument] + (-away if side == kinds.SIDE_BUY else away)
        name = f"order-{self._next()}"
        self.names.append(name)
        commands.create_order(
            self.exchange,
            account_id=1,
            instrument_id=instrument,
            client_order_id=name,
            side=side,
            quantity=self.random.randint(1, 50) * LOT,
            price=price * TICK,
            request_id=self.number,
        )

    def _next(self) -> int:
        self.number += 1
        return self.number


def measure(report: Report, seed: int, instruments: int, count: int) -> float:
    """Return commands a second on so many instruments, and report the rest."""
    trader = Trader(seed, instruments)
    opening = trader.turns.copy()
    turns = trader.run(count)
    exchange = Exchange()
    for time_ns, payload in opening:
        exchange.replay(memoryview(payload), time_ns)
    elapsed: list[float] = []
    first = exchange.sequence
    for time_ns, payload in turns:
        begin = time.perf_counter()
        exchange.replay(memoryview(payload), time_ns)
        elapsed.append(time.perf_counter() - begin)
    total = sum(elapsed)
    key = f"{instruments}_instruments"
    report.figure(f"{key}_commands_per_s", len(turns) * TURN / total)
    report.figure(f"{key}_events_per_s", (exchange.sequence - first) / total)
    # A turn of a hundred commands is the shortest that the clock does not distort.
    report.figure(f"{key}_command_p99_us", sorted(elapsed)[int(0.99 * len(elapsed))] / TURN * 1e6)
    return len(turns) * TURN / total


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a hundredth of the work")
    parser.add_argument("--commands", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    count = 2_000 if options.smoke else options.commands
    report = Report("exchange", build={"core": "compiled" if is_compiled() else "python"})
    rate = measure(report, options.seed, 1, count)
    report.figure("commands_per_s", rate)
    report.figure("command_p99_us", report.figures["1_instruments_command_p99_us"])
    many = measure(report, options.seed, 100 if options.smoke else 1_000, count)
    report.ratio("thousand_instruments_to_one", many, rate)
    report.write()


if __name__ == "__main__":
    main()
