"""Keep the packages that wait at a net price by what they trade: opposites find each other."""

from bisect import bisect_left, insort

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, tables
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
else:
    from quantumcore.server.core import enums, tables
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages

Leg = tuple[int, int, int]  # instrument, side, lots in one unit
Strategy = tuple[Leg, ...]  # ascending by instrument, each once, the first bought
Entry = tuple[int, int, int]  # what a unit gives at least, minor units; number of arrival; row
Queue = list[Entry]


@cython.final
@cython.cclass
class StrategyBooks:
    """A queue for each strategy and side: who pays most, or asks least, comes first, then time."""

    orders: Orders
    packages: Packages
    queues: dict[Strategy, tuple[Queue, Queue]]
    entries: dict[int, tuple[Strategy, Queue, Queue, Entry]]
    arrivals: int
    count: cython.Py_ssize_t

    def __init__(self, orders: Orders) -> None:
        self.orders, self.packages = orders, orders.packages
        self.queues, self.entries, self.arrivals = {}, {}, 0
        self.count = 0

    def legs_of(self, row: int) -> list[Leg]:
        """Return the legs of a package, in its own order."""
        at = self.packages.at(self.orders.package(row))
        words = self.packages.words
        legs: list[Leg] = []
        for number in range(words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            lots = int(words[at + tables.PACKAGE_ROW_RATIOS + number])
            legs.append((int(self.orders.instrument[leg]), int(self.orders.side(leg)), lots))
        return legs

    def add(self, row: int) -> None:
        """Let a package wait for its opposite, if it has a net price and its legs are distinct."""
        at = self.packages.at(self.orders.package(row))
        most = int(self.packages.words[at + tables.PACKAGE_ROW_MOST_COST])
        strategy, side = strategy_of(self.legs_of(row))
        limit: cython.longlong = tables.NO_LIMIT
        if not strategy or most >= limit:
            return
        self.arrivals += 1
        self.count += 1
        entry = (-most, self.arrivals, row)
        queues = self.queues.setdefault(strategy, ([], []))
        insort(queues[side], entry)
        self.entries[row] = (strategy, queues[side], queues[1 - side], entry)

    def remove(self, row: int) -> None:
        """Let a package wait no longer; one that did not wait here is passed over."""
        found = self.entries.pop(row, None)
        if found is None:
            return
        strategy, queue, opposite, entry = found
        self.count -= 1
        del queue[bisect_left(queue, entry)]
        if not queue and not opposite:
            del self.queues[strategy]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def has_opposite(self, row: cython.int) -> cython.int:
        """Whether something waits that a package might trade with."""
        if self.count == 0:
            return 0
        found = self.entries.get(row)
        if found is not None:
            return 1 if found[2] else 0
        return 1 if self.opposites(self.legs_of(row)) else 0

    def opposites(self, legs: list[Leg]) -> Queue:
        """Return those that wait for these legs, best first."""
        strategy, side = strategy_of(legs)
        queues = self.queues.get(strategy)
        return [] if queues is None else queues[1 - side]

    def derive(self) -> None:
        """Note again where each package waits, from the queues."""
        self.entries.clear()
        for strategy, queues in self.queues.items():
            for side, queue in enumerate(queues):
                for entry in queue:
                    self.entries[entry[2]] = (strategy, queue, queues[1 - side], entry)

    def counters(self) -> list[object]:
        """Return all that the columns do not hold."""
        return [sorted(self.queues.items())]

    def columns(self) -> list[memoryview]:
        """Return no columns: all is in the queues."""
        return []


def strategy_of(legs: list[Leg]) -> tuple[Strategy, int]:
    """Return what legs trade, whatever their order, and whether as it is (0) or sold (1).

    It is nothing where two legs share an instrument.
    """
    if len({instrument for instrument, _side, _lots in legs}) < len(legs):
        return (), 0
    ordered = tuple(sorted(legs))
    if ordered[0][1] == enums.SIDE_BUY:
        return ordered, 0
    return tuple((instrument, 3 - side, lots) for instrument, side, lots in ordered), 1


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
