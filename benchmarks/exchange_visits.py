"""Measure what it costs to jump between instruments: the same commands in two orders.

Commands that name orders by client order id may come in any order that keeps the order within
each instrument: books, trades and events are the same. In runs, all commands of one instrument
come one after the other; what differs is only where in memory each one has to look.
"""

from array import array
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks.exchange_flows import OPENED_NS, PLAIN, Commands, Trader
from quantumcore.server.bench.exchange_drive_cy import ExchangeDrive
from quantumcore.server.core import order_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.views import StatisticsView

TURN = 100  # commands

Rate = Callable[[Commands], float]


class NamingTrader(Trader):
    """Names orders by client order id; `visited` has the instrument of each command."""

    def __init__(self, seed: int, *, instruments: int, accounts: int) -> None:
        super().__init__(seed, instruments=instruments, accounts=accounts, mix=PLAIN)
        self.visited: list[int] = []

    def _create(self, *, passive: bool = False, time_in_force: int = 0) -> None:
        super()._create(passive=passive, time_in_force=time_in_force)
        self.visited.append(self.entered)

    def _cancel(self) -> None:
        order, account, name = self._pick()
        self.visited.append(self.instrument_of(order))
        order_commands.cancel_order(
            self.exchange,
            account_id=account,
            client_order_id=name,
            request_id=self._number(account),
        )

    def _named(self, order: int, _name: str) -> dict[str, Any]:
        self.visited.append(self.instrument_of(order))
        return {"client_order_id": _name}


class Visits(NamedTuple):
    """The same commands as they come, and in runs."""

    mixed: Commands
    in_runs: Commands


def visits(seed: int, *, instruments: int, accounts: int, resting: int, commands: int) -> Visits:
    """Return a flow over so many instruments in both orders."""
    trader = NamingTrader(seed, instruments=instruments, accounts=accounts)
    mixed = trader.commands(resting, commands)
    visited = trader.visited[resting:]
    by_instrument = sorted(range(commands), key=visited.__getitem__)
    cut = list(records(mixed.measured))
    measured = array("q")
    for number in by_instrument:
        measured.extend(cut[number])
    return Visits(mixed, mixed._replace(measured=memoryview(measured)))


def records(commands: memoryview) -> Iterator[list[int]]:
    """Give records one by one."""
    at = 0
    while at < len(commands):
        length = commands[at] >> 16 & 0xFFFF
        yield commands[at : at + length].tolist()
        at += length


def outcome(flow: Commands) -> tuple[int, list[StatisticsView]]:
    """Return how many events a flow makes, and the day's numbers of each instrument after it."""
    exchange = Exchange()
    drive = ExchangeDrive(exchange)
    for part in (flow.opening, flow.filling, flow.measured):
        drive.run(part, OPENED_NS, TURN)
    listed = range(1, exchange.instrument_count + 1)
    return exchange.sequence, [exchange.statistics(number) for number in listed]


def figures(seed: int, instruments: int, shape: dict[str, int], rate: Rate) -> dict[str, float]:
    """Return commands a second in both orders, and on one instrument; `shape` is of `visits`."""
    found: dict[str, float] = {}
    for count in (1, instruments):
        both = visits(seed, instruments=count, **shape)
        assert outcome(both.mixed) == outcome(both.in_runs), "the orders do the same work"
        found[f"{count}_instruments_named_commands_per_s"] = rate(both.mixed)
        if count > 1:
            found[f"{count}_instruments_in_runs_commands_per_s"] = rate(both.in_runs)
    return found
