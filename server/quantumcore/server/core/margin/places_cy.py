"""Bound how many lots of each option go where, and place them within the bounds."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.options_cy import Options
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.options_cy import Options


@cython.final
@cython.cclass
class Places:
    """Least and most lots for every option and place, a stack of such bounds, and one placing.

    Whole placings obey three rules: the lots of an option add up; the calls of a layer are not
    short on balance; shares cover no more than there are of them.
    """

    options: Options
    low: cython.longlong[::1]
    high: cython.longlong[::1]
    placed: cython.longlong[::1]
    sum: cython.longlong[::1]
    stack: cython.longlong[::1]
    depth: cython.Py_ssize_t
    steps: cython.longlong
    changed: cython.bint

    def __init__(self, options: Options) -> None:
        room = rows.MAX_HOLDINGS * rows.MAX_PLACES
        self.options = options
        self.low, self.high = int64_column(room), int64_column(room)
        self.placed, self.sum = int64_column(room), int64_column(room)
        self.stack = int64_column(rows.STACK_WORDS)
        self.depth = self.steps = 0
        self.changed = False

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def open(self) -> cython.void:
        """Bound lots by nothing but where they may go."""
        at: cython.int
        place: cython.int
        cell: cython.int
        self.depth = 0
        for at in range(self.options.count):
            for place in range(self.options.places):
                cell = at * self.options.places + place
                self.low[cell] = 0
                self.high[cell] = self.options.lots[at] if self.options.may_go(at, place) else 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def push(self) -> cython.bint:
        """Put the bounds on the stack; false where it is full."""
        cells: cython.Py_ssize_t = self.options.count * self.options.places
        first: cython.Py_ssize_t = self.depth * 2 * cells
        cell: cython.Py_ssize_t
        if first + 2 * cells > rows.STACK_WORDS:
            return False
        for cell in range(cells):
            self.stack[first + cell] = self.low[cell]
            self.stack[first + cells + cell] = self.high[cell]
        self.depth += 1
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def pop(self) -> cython.void:
        """Take the bounds that were put on the stack last."""
        cells: cython.Py_ssize_t = self.options.count * self.options.places
        cell: cython.Py_ssize_t
        self.depth -= 1
        first: cython.Py_ssize_t = self.depth * 2 * cells
        for cell in range(cells):
            self.low[cell] = self.stack[first + cell]
            self.high[cell] = self.stack[first + cells + cell]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def settle(self) -> cython.bint:
        """Narrow the bounds by the three rules; false where nothing is left.

        It stops after a few passes, with bounds that are wider than need be. Lots of every option
        fit between them then, which placing relies on.
        """
        place: cython.int
        passes: cython.int = 0
        self.changed = True
        while self.changed and passes < 4:
            self.changed = False
            passes += 1
            if not self._add_up():
                return False
            if not self._cover(1, self.options.call_cover):
                return False
            if not self._cover(0, self.options.put_cover):
                return False
            for place in range(rows.FIRST_LAYER, self.options.places):
                if not self._balance_calls(place):
                    return False
        return not self.changed or self._has_room()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _has_room(self) -> cython.bint:
        """Whether the lots of each option fit between its bounds."""
        cell: cython.int = 0
        at: cython.int
        least: cython.longlong
        most: cython.longlong
        for at in range(self.options.count):
            least = most = 0
            for _ in range(self.options.places):
                if self.low[cell] > self.high[cell]:
                    return False
                least += self.low[cell]
                most += self.high[cell]
                cell += 1
            if least > self.options.lots[at] or most < self.options.lots[at]:
                return False
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _narrow(self, cell: cython.int, low: cython.longlong, high: cython.longlong) -> cython.void:
        if low > self.low[cell]:
            self.low[cell], self.changed = low, True
        if high < self.high[cell]:
            self.high[cell], self.changed = high, True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_up(self) -> cython.bint:
        at: cython.int
        place: cython.int
        cell: cython.int
        lots: cython.longlong
        least: cython.longlong
        most: cython.longlong
        for at in range(self.options.count):
            lots, least, most = self.options.lots[at], 0, 0
            for place in range(self.options.places):
                cell = at * self.options.places + place
                least += self.low[cell]
                most += self.high[cell]
            if least > lots or most < lots:
                return False
            for place in range(self.options.places):
                cell = at * self.options.places + place
                self._narrow(cell, lots - (most - self.high[cell]), lots - (least - self.low[cell]))
                if self.low[cell] > self.high[cell]:
                    return False
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _cover(self, calls: cython.longlong, room: cython.longlong) -> cython.bint:
        at: cython.int
        cell: cython.int
        if room == 0:
            return True
        for at in range(self.options.count):
            if self.options.is_short[at] and self.options.is_call[at] == calls:
                cell = at * self.options.places + rows.COVERED
                room -= self.low[cell] * self.options.weight[at]
        if room < 0:
            return False
        for at in range(self.options.count):
            if self.options.is_short[at] and self.options.is_call[at] == calls:
                cell = at * self.options.places + rows.COVERED
                self._narrow(cell, 0, self.low[cell] + room // self.options.weight[at])
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _balance_calls(self, place: cython.int) -> cython.bint:
        at: cython.int
        cell: cython.int
        room: cython.longlong = 0
        for at in range(self.options.count):
            cell = at * self.options.places + place
            if self.options.is_call[at] and self.options.is_short[at]:
                room -= self.low[cell] * self.options.weight[at]
            elif self.options.is_call[at]:
                room += self.high[cell] * self.options.weight[at]
        if room < 0:
            return False
        for at in range(self.options.count):
            cell = at * self.options.places + place
            if self.options.is_call[at] and self.options.is_short[at]:
                self._narrow(cell, 0, self.low[cell] + room // self.options.weight[at])
            elif self.options.is_call[at]:
                self._narrow(
                    cell, self.high[cell] - room // self.options.weight[at], rows.UNBOUNDED
                )
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def place_cheapest(self, cost: cython.longlong[::1]) -> cython.longlong:
        """Place all lots where they cost least within bounds; return the cost."""
        at: cython.int
        total: cython.longlong = 0
        for at in range(self.options.count):
            total += self._place(at, cost)
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _place(self, at: cython.int, cost: cython.longlong[::1]) -> cython.longlong:
        """Place the lots of an option: the least everywhere, the rest where it costs least."""
        first: cython.int = at * self.options.places
        cell: cython.int
        best: cython.int
        more: cython.longlong
        rest: cython.longlong = self.options.lots[at]
        total: cython.longlong = 0
        for cell in range(first, first + self.options.places):
            more = self.low[cell]
            self.placed[cell] = more
            rest -= more
            total += more * cost[cell]
        while rest > 0:
            best = -1
            for cell in range(first, first + self.options.places):
                if self.placed[cell] < self.high[cell]:
                    if best < 0 or cost[cell] < cost[best]:
                        best = cell
            more = min(rest, self.high[best] - self.placed[best])
            self.placed[best] += more
            rest -= more
            total += more * cost[best]
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def clear_sum(self) -> cython.void:
        """Forget the placings that `add_placed` adds up."""
        cell: cython.int
        for cell in range(self.options.count * self.options.places):
            self.sum[cell] = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def add_placed(self, weight: cython.longlong) -> cython.void:
        """Add the placing, so many times, to `sum`."""
        cell: cython.int
        for cell in range(self.options.count * self.options.places):
            self.sum[cell] += weight * self.placed[cell]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def place_mean(self, count: cython.longlong) -> cython.void:
        """Place the mean of `count` placings that were added up, in whole lots."""
        at: cython.int
        place: cython.int
        most: cython.int
        first: cython.int
        rest: cython.longlong
        for at in range(self.options.count):
            first = at * self.options.places
            rest, most = self.options.lots[at], 0
            for place in range(self.options.places):
                self.placed[first + place] = self.sum[first + place] // count
                rest -= self.placed[first + place]
                if self.sum[first + place] > self.sum[first + most]:
                    most = place
            self.placed[first + most] += rest

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def repair(self) -> cython.void:
        """Make the placing obey the rules of cover and of calls: what breaks one is left alone.

        `steps` tells what it took.
        """
        place: cython.int
        self.steps = 3 * self.options.count * self.options.places
        self._uncover(1, self.options.call_cover)
        self._uncover(0, self.options.put_cover)
        for place in range(rows.FIRST_LAYER, self.options.places):
            self._take_calls(place)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _uncover(self, calls: cython.longlong, room: cython.longlong) -> cython.void:
        at: cython.int
        cell: cython.int
        for at in range(self.options.count):
            if self.options.is_short[at] and self.options.is_call[at] == calls:
                cell = at * self.options.places + rows.COVERED
                room -= self.placed[cell] * self.options.weight[at]
        self._leave_alone(rows.COVERED, calls, -room)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _take_calls(self, place: cython.int) -> cython.void:
        at: cython.int
        short: cython.longlong = 0
        weight: cython.longlong
        for at in range(self.options.count):
            if self.options.is_call[at]:
                weight = self.options.weight[at] * self.placed[at * self.options.places + place]
                short += weight if self.options.is_short[at] else -weight
        self._leave_alone(place, 1, short)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _leave_alone(
        self, place: cython.int, calls: cython.longlong, weight: cython.longlong
    ) -> cython.void:
        """Take short options of at least so much weight from a place, the cheapest alone first."""
        at: cython.int
        best: cython.int
        first: cython.int
        lots: cython.longlong
        while weight > 0:
            self.steps += self.options.count
            best = -1
            for at in range(self.options.count):
                if not self.options.is_short[at] or self.options.is_call[at] != calls:
                    continue
                if self.placed[at * self.options.places + place] > 0:
                    if best < 0 or self.options.own[at] < self.options.own[best]:
                        best = at
            first = best * self.options.places
            lots = (weight + self.options.weight[best] - 1) // self.options.weight[best]
            lots = min(lots, self.placed[first + place])
            self.placed[first + place] -= lots
            self.placed[first + rows.ALONE] += lots
            weight -= lots * self.options.weight[best]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
