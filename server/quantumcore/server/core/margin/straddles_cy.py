"""Pair short calls with short puts so that the pairs save the most."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
else:
    from quantumcore.server.core.margin import rows


@cython.final
@cython.cclass
class Straddles:
    """A short straddle or strangle requires what its greater side does, and the other's value.

    So it saves what the lesser side requires beyond its own value (FINRA rule 4210(f)(2);
    where both sides are equal the call counts as the greater). Choosing pairs is a
    transportation problem: pairs are added along the path that saves the most until no path
    saves anything, which gives the greatest saving, exactly, in whole lots.
    """

    calls: cython.int
    puts: cython.int
    dropped: cython.bint
    steps: cython.longlong
    limit: cython.longlong
    call: cython.longlong[::1]
    put: cython.longlong[::1]
    call_lots: cython.longlong[::1]
    put_lots: cython.longlong[::1]
    saving: cython.longlong[::1]
    pairs: cython.longlong[::1]
    call_gain: cython.longlong[::1]
    put_gain: cython.longlong[::1]
    call_from: cython.longlong[::1]
    put_from: cython.longlong[::1]

    def __init__(self) -> None:
        self.call, self.put = int64_column(rows.STRADDLE_SIDES), int64_column(rows.STRADDLE_SIDES)
        self.call_lots, self.put_lots = (
            int64_column(rows.STRADDLE_SIDES),
            int64_column(rows.STRADDLE_SIDES),
        )
        self.saving, self.pairs = (
            int64_column(rows.STRADDLE_SIDES * rows.STRADDLE_SIDES),
            int64_column(rows.STRADDLE_SIDES * rows.STRADDLE_SIDES),
        )
        self.call_gain, self.put_gain = (
            int64_column(rows.STRADDLE_SIDES),
            int64_column(rows.STRADDLE_SIDES),
        )
        self.call_from, self.put_from = (
            int64_column(rows.STRADDLE_SIDES),
            int64_column(rows.STRADDLE_SIDES),
        )
        self.limit = rows.UNBOUNDED
        self.clear()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def clear(self) -> cython.void:
        """Forget all sides; `limit` stays."""
        self.calls = self.puts = 0
        self.steps = 0
        self.dropped = False

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def add(self, is_call: cython.bint, index: cython.int, lots: cython.longlong) -> cython.void:
        """Add a side under the caller's index; those beyond 16 of a kind stay unpaired."""
        if (self.calls if is_call else self.puts) == rows.STRADDLE_SIDES:
            self.dropped = True
        elif is_call:
            self.call[self.calls], self.call_lots[self.calls] = index, lots
            self.calls += 1
        else:
            self.put[self.puts], self.put_lots[self.puts] = index, lots
            self.puts += 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def solve(
        self,
        own: cython.longlong[::1],
        beyond: cython.longlong[::1],
        weight: cython.longlong[::1],
    ) -> cython.longlong:
        """Pair the sides and return what all pairs save, minor units.

        The columns hold, by the caller's index, what a lot requires alone, what of it goes
        beyond its value, and its weight: only sides of equal weight are paired. After `limit`
        steps what is left is paired as it comes, which `dropped` tells.
        """
        total: cython.longlong = 0
        end: cython.int
        if self.calls == 0 or self.puts == 0:
            return 0
        self._save(own, beyond, weight)
        while True:
            self._search()
            end = self._best_end()
            if end == rows.NO_SIDE:
                return total
            if self.steps > self.limit:
                self.dropped = True
                return total + self._pair_rest()
            total += self.put_gain[end] * self._pair(end)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _save(
        self,
        own: cython.longlong[::1],
        beyond: cython.longlong[::1],
        weight: cython.longlong[::1],
    ) -> cython.void:
        first: cython.int
        second: cython.int
        call: cython.longlong
        put: cython.longlong
        for first in range(self.calls):
            for second in range(self.puts):
                call, put = self.call[first], self.put[second]
                self.pairs[first * rows.STRADDLE_SIDES + second] = 0
                if weight[call] != weight[put]:
                    self.saving[first * rows.STRADDLE_SIDES + second] = 0
                elif own[call] >= own[put]:
                    self.saving[first * rows.STRADDLE_SIDES + second] = beyond[put]
                else:
                    self.saving[first * rows.STRADDLE_SIDES + second] = beyond[call]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _search(self) -> cython.void:
        """Find, for every put, the path from a free call that saves the most."""
        first: cython.int
        second: cython.int
        gain: cython.longlong
        changed: cython.bint = True
        for first in range(self.calls):
            self.call_gain[first] = 0 if self.call_lots[first] > 0 else rows.NEVER
            self.call_from[first] = rows.NO_SIDE
        for second in range(self.puts):
            self.put_gain[second] = rows.NEVER
        while changed:
            changed = False
            self.steps += 2 * self.calls * self.puts
            for first in range(self.calls):
                if self.call_gain[first] == rows.NEVER:
                    continue
                for second in range(self.puts):
                    gain = self.saving[first * rows.STRADDLE_SIDES + second]
                    if gain > 0 and self.call_gain[first] + gain > self.put_gain[second]:
                        self.put_gain[second] = self.call_gain[first] + gain
                        self.put_from[second] = first
                        changed = True
            if self._give_back():
                changed = True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _give_back(self) -> cython.bint:
        """Let paths pass through pairs that exist, undoing them."""
        first: cython.int
        second: cython.int
        gain: cython.longlong
        changed: cython.bint = False
        for second in range(self.puts):
            if self.put_gain[second] == rows.NEVER:
                continue
            for first in range(self.calls):
                if self.pairs[first * rows.STRADDLE_SIDES + second] > 0:
                    gain = self.put_gain[second] - self.saving[first * rows.STRADDLE_SIDES + second]
                    if gain > self.call_gain[first]:
                        self.call_gain[first] = gain
                        self.call_from[first] = second
                        changed = True
        return changed

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _best_end(self) -> cython.int:
        """Return the free put whose path saves the most, or rows.NO_SIDE where none saves."""
        best: cython.int = rows.NO_SIDE
        gain: cython.longlong = 0
        second: cython.int
        for second in range(self.puts):
            if self.put_lots[second] > 0 and self.put_gain[second] > gain:
                best, gain = second, self.put_gain[second]
        return best

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _pair(self, end: cython.int) -> cython.longlong:
        """Pair as many lots along the path to `end` as it can carry; return them."""
        lots: cython.longlong = self.put_lots[end]
        second: cython.int = end
        first: cython.int
        while True:
            first = cython.cast(cython.int, self.put_from[second])
            if self.call_from[first] == rows.NO_SIDE:
                break
            second = cython.cast(cython.int, self.call_from[first])
            lots = min(lots, self.pairs[first * rows.STRADDLE_SIDES + second])
        lots = min(lots, self.call_lots[first])
        self.put_lots[end] -= lots
        second = end
        while True:
            first = cython.cast(cython.int, self.put_from[second])
            self.pairs[first * rows.STRADDLE_SIDES + second] += lots
            if self.call_from[first] == rows.NO_SIDE:
                break
            second = cython.cast(cython.int, self.call_from[first])
            self.pairs[first * rows.STRADDLE_SIDES + second] -= lots
        self.call_lots[first] -= lots
        return lots

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _pair_rest(self) -> cython.longlong:
        """Pair the free lots of each call in turn with the put that saves the most."""
        first: cython.int
        total: cython.longlong = 0
        lots: cython.longlong
        put: cython.int
        for first in range(self.calls):
            while self.call_lots[first] > 0:
                put = self._best_put(first)
                if put == rows.NO_SIDE:
                    break
                lots = min(self.call_lots[first], self.put_lots[put])
                self.call_lots[first] -= lots
                self.put_lots[put] -= lots
                self.pairs[first * rows.STRADDLE_SIDES + put] += lots
                total += lots * self.saving[first * rows.STRADDLE_SIDES + put]
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _best_put(self, first: cython.int) -> cython.int:
        second: cython.int
        best: cython.int = rows.NO_SIDE
        saving: cython.longlong = 0
        self.steps += self.puts
        for second in range(self.puts):
            if self.put_lots[second] > 0:
                if self.saving[first * rows.STRADDLE_SIDES + second] > saving:
                    best, saving = second, self.saving[first * rows.STRADDLE_SIDES + second]
        return best

    def found(self) -> list[tuple[int, int, int]]:
        """Return the pairs as (index of the call, index of the put, lots)."""
        return [
            (self.call[first], self.put[second], self.pairs[first * rows.STRADDLE_SIDES + second])
            for first in range(self.calls)
            for second in range(self.puts)
            if self.puts and self.pairs[first * rows.STRADDLE_SIDES + second] > 0
        ]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
