"""Keep the combined commodities of a scenario model: what is scanned together, and how far."""

import cython

from quantumcore.server.core.margin.columns import int64_columns

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
else:
    from quantumcore.server.core.margin import rows


@cython.final
@cython.cclass
class CommodityTable:
    """Groups, each of one commodity, and what each commodity is scanned by.

    A table is written once from a configuration, or anew for each portfolio from the terms of its
    holdings. `bucket` 0 lets a price count as the nearest multiple of `step_of`.
    """

    group: cython.longlong[::1]
    place: cython.longlong[::1]
    identity: cython.longlong[::1]
    range: cython.longlong[::1]
    volatility: cython.longlong[::1]
    delta_weight: cython.longlong[::1]
    bucket: cython.longlong[::1]
    minimum: cython.longlong[::1]
    charge: cython.longlong[::1]
    group_count: cython.int
    count: cython.int

    def __init__(self) -> None:
        columns = iter(int64_columns(9, rows.MAX_HOLDINGS))
        self.group, self.place, self.identity = (next(columns) for _ in range(3))
        self.range, self.volatility, self.delta_weight = (next(columns) for _ in range(3))
        self.bucket, self.minimum, self.charge = (next(columns) for _ in range(3))
        self.group_count = self.count = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def forget(self) -> cython.void:
        """Know no commodity."""
        self.group_count = self.count = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find(self, group: cython.longlong) -> cython.int:
        """Return the place of the commodity that a group is of; -1 where it is of none."""
        number: cython.int
        for number in range(self.group_count):
            if self.group[number] == group:
                return cython.cast(cython.int, self.place[number])
        return -1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def open(self, group: cython.longlong, identity: cython.longlong) -> cython.int:
        """Let a group be of a commodity, a new and empty one where there is none; return its place.

        A group that is known stays where it is. There are no more groups than holdings.
        """
        at: cython.int = self.find(group)
        if at >= 0:
            return at
        at = 0
        while at < self.count and self.identity[at] != identity:
            at += 1
        if at == self.count:
            self.identity[at] = identity
            self.range[at] = self.volatility[at] = self.bucket[at] = 0
            self.delta_weight[at], self.minimum[at], self.charge[at] = 1, 0, 0
            self.count += 1
        self.group[self.group_count], self.place[self.group_count] = group, at
        self.group_count += 1
        return at

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def counted(self, at: cython.int, ticks: cython.longlong) -> cython.longlong:
        """Return the price that stands for all of its bucket."""
        bucket: cython.longlong = self.bucket[at]
        if bucket == 0:
            bucket = step_of(ticks)
            return (ticks + bucket // 2) // bucket * bucket
        return ticks // bucket * bucket + bucket // 2


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def step_of(ticks: cython.longlong) -> cython.longlong:
    """Return the greatest 1, 2 or 5 times a power of ten that is 1 % of a price or less; least 1.

    Prices from 0 on; within 2**62 nothing wraps.
    """
    step: cython.longlong = 1
    most: cython.longlong = ticks // 100
    while step <= most // 10:
        step *= 10
    if 5 * step <= most:
        return 5 * step
    if 2 * step <= most:
        return 2 * step
    return step


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
