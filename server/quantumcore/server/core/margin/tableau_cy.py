"""Minimise a linear function of bounded variables by the dual simplex method, in fixed point."""

import cython

from quantumcore.server.core.margin.columns import int64_columns
from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import fixed, rows
    from cython.cimports.quantumcore.server.core.margin.fixed import inverse, is_below, scaled
else:
    from quantumcore.server.core.margin import fixed, rows
    from quantumcore.server.core.margin.fixed import inverse, is_below, scaled


@cython.final
@cython.cclass
class Tableau:
    """Basic variables, one a row, as linear functions of the others, one a column.

    The column behind the last holds constants, the row behind the last the function to minimise.
    All numbers count 2**-36. They are rounded, so no answer may rest on them alone; what they are
    good for is to name multipliers whose bound is then computed exactly.

    Bounds of variables may change between any two calls of `solve`: whatever they are, a variable
    that is not basic stands at the bound that its reduced cost asks for, so one basis after
    another serves all nodes of a search.
    """

    height: cython.int
    width: cython.int
    stride: cython.int
    count: cython.int
    cell: cython.longlong[::1]
    basic: cython.longlong[::1]
    outside: cython.longlong[::1]
    low: cython.longlong[::1]
    high: cython.longlong[::1]
    value: cython.longlong[::1]
    fill: cython.longlong[::1]
    filled: cython.int
    total: cython.longlong
    steps: cython.longlong
    overflow: cython.longlong

    def __init__(self) -> None:
        columns = iter(int64_columns(6, rows.TABLEAU_HEIGHT + rows.TABLEAU_WIDTH))
        self.basic, self.outside, self.low = (next(columns) for _ in range(3))
        self.high, self.value, self.fill = (next(columns) for _ in range(3))
        self.cell = int64_column((rows.TABLEAU_HEIGHT + 1) * (rows.TABLEAU_WIDTH + 1))
        self.height = self.width = self.count = self.filled = 0
        self.stride = 1
        self.total = self.steps = self.overflow = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def clear(self) -> cython.void:
        """Begin anew: all columns are added before the first row."""
        self.height = self.width = self.count = 0
        self.stride = 1
        self.overflow = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def add_column(self) -> cython.int:
        """Add a variable of 0 or more that is not basic; return its number, also the column's."""
        self.outside[self.width] = self.count
        self.width += 1
        self.stride = self.width + 1
        return self._add()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def clear_row(self, row: cython.int) -> cython.void:
        """Make a row 0 throughout."""
        at: cython.int
        for at in range(row * self.stride, (row + 1) * self.stride):
            self.cell[at] = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def add_row(self) -> cython.int:
        """Add a basic variable of 0 or more, its row 0 throughout; return the row's number."""
        self.clear_row(self.height)
        self.basic[self.height] = self._add()
        self.height += 1
        return self.height - 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add(self) -> cython.int:
        self.low[self.count] = 0
        self.high[self.count] = rows.UNBOUNDED
        self.count += 1
        return self.count - 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def solve(self, enough: cython.longlong) -> cython.int:
        """Go on until the least total is found or known to exceed `enough`.

        Return SOLVED, or STOPPED where it can go no further: nothing is within all bounds, or
        numbers became too large. `steps` tells how many cells it took.
        """
        row: cython.int
        column: cython.int
        self.steps = 0
        self._place()
        for _ in range(rows.MAX_PIVOTS):
            if self.overflow >= fixed.MOST:
                return rows.STOPPED
            if self.total > enough:
                return rows.SOLVED
            row = self._leaving()
            if row < 0:
                return rows.SOLVED
            column = self._entering(row)
            if column < 0:
                return rows.STOPPED
            self._pivot(row, column)
        return rows.STOPPED

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _place(self) -> cython.void:
        """Put each variable that is not basic to a bound, and compute all others."""
        row: cython.int
        column: cython.int
        variable: cython.longlong
        costs: cython.int = self.height * self.stride
        self.filled = 0
        for column in range(self.width):
            variable = self.outside[column]
            if self.cell[costs + column] < 0 and self.high[variable] != rows.UNBOUNDED:
                self.value[variable] = self.high[variable]
            else:
                self.value[variable] = self.low[variable]
            if self.value[variable]:
                self.fill[self.filled] = column
                self.filled += 1
        for row in range(self.height):
            self.value[self.basic[row]] = self._sum(row)
        self.total = self._sum(self.height)
        self.steps += (self.height + 1) * (self.filled + 1)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _sum(self, row: cython.int) -> cython.longlong:
        """Return what a row is worth with all columns at their values."""
        first: cython.int = row * self.stride
        at: cython.int
        column: cython.int
        total: cython.longlong = self.cell[first + self.stride - 1]
        for at in range(self.filled):
            column = cython.cast(cython.int, self.fill[at])
            total += scaled(self.cell[first + column], self.value[self.outside[column]])
            self.overflow = max(self.overflow, abs(total))
            if self.overflow >= fixed.MOST:
                break
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _leaving(self) -> cython.int:
        """Return the row that is farthest outside its bounds for its factors; -1: none."""
        row: cython.int
        best: cython.int = -1
        far: cython.longlong = 0
        size: cython.longlong = 1
        value: cython.longlong
        most: cython.longlong
        variable: cython.longlong
        for row in range(self.height):
            variable = self.basic[row]
            value = self.value[variable]
            value = max(self.low[variable] - value, value - self.high[variable])
            if value > rows.TOLERANCE:
                most = self._greatest(row)
                if best < 0 or is_below(far, most, value, size):
                    best, far, size = row, value, most
        return best

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _greatest(self, row: cython.int) -> cython.longlong:
        """Return the greatest factor of a row, of either sign, at least one."""
        at: cython.int
        most: cython.longlong = 1
        for at in range(row * self.stride, row * self.stride + self.width):
            most = max(most, abs(self.cell[at]))
        return most

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _entering(self, row: cython.int) -> cython.int:
        """Return the column that brings a row towards its bounds at the least cost; -1: none."""
        first: cython.int = row * self.stride
        costs: cython.int = self.height * self.stride
        column: cython.int
        best: cython.int = -1
        variable: cython.longlong = self.basic[row]
        rises: cython.bint = self.value[variable] < self.low[variable]
        pace: cython.longlong
        cost: cython.longlong
        best_pace: cython.longlong = 0
        best_cost: cython.longlong = 0
        for column in range(self.width):
            pace = self.cell[first + column]
            variable = self.outside[column]
            if pace == 0 or self.low[variable] == self.high[variable]:
                continue
            cost = self.cell[costs + column]
            if not rises:
                pace = -pace
            if self.value[variable] == self.high[variable]:
                pace, cost = -pace, -cost
            if pace < rows.LEAST_PIVOT:
                continue
            cost = max(cost, 0)
            if best >= 0 and is_below(best_cost, pace, cost, best_pace):
                continue
            if best < 0 or pace > best_pace or is_below(cost, best_pace, best_cost, pace):
                best, best_pace, best_cost = column, pace, cost
        return best

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _pivot(self, row: cython.int, column: cython.int) -> cython.void:
        """Let the variable of a column take the place of a row's, which goes to its bound."""
        other: cython.int
        first: cython.int = row * self.stride
        leaving: cython.longlong = self.basic[row]
        entering: cython.longlong = self.outside[column]
        bound: cython.longlong = self.low[leaving]
        share: cython.longlong = inverse(self.cell[first + column])
        move: cython.longlong
        if self.value[leaving] > self.high[leaving]:
            bound = self.high[leaving]
        move = scaled(bound - self.value[leaving], share)
        self.overflow = max(self.overflow, abs(move))
        if self.overflow >= fixed.MOST:
            return
        self.value[leaving] = bound
        self.value[entering] += move
        self.filled = 0
        self.cell[first + column] = -fixed.ONE
        for other in range(self.width):
            self._divide(first, other, share)
        self._divide(first, self.stride - 1, share)
        if self.overflow >= fixed.MOST:
            return
        self.basic[row], self.outside[column] = entering, leaving
        self.steps += self.filled
        for other in range(self.height + 1):
            if other != row:
                self._replace(other, first, column, move)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _divide(self, first: cython.int, column: cython.int, share: cython.longlong) -> cython.void:
        """Divide a cell of the row that leaves, and note it where it is not 0."""
        value: cython.longlong = self.cell[first + column]
        if value:
            value = -scaled(value, share)
            self.cell[first + column] = value
            self.overflow = max(self.overflow, abs(value))
            self.fill[self.filled] = column
            self.filled += 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _replace(
        self, row: cython.int, pivot: cython.int, column: cython.int, move: cython.longlong
    ) -> cython.void:
        """Write a row in terms of the variable that left, whose row begins at `pivot`."""
        first: cython.int = row * self.stride
        factor: cython.longlong = self.cell[first + column]
        value: cython.longlong
        seen: cython.longlong
        if factor == 0:
            return
        self.cell[first + column] = 0
        seen = add_row(self.cell, first, pivot, factor, self.fill, self.filled)
        self.steps += self.filled
        value = scaled(factor, move)
        if row == self.height:
            self.total += value
            value = self.total
        else:
            self.value[self.basic[row]] += value
            value = self.value[self.basic[row]]
        self.overflow = max(self.overflow, seen | (value ^ (value >> 63)))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def drop_fixed(self) -> cython.void:
        """Take out for good the variables, not basic, whose bounds leave no choice."""
        row: cython.int
        first: cython.int
        column: cython.int = 0
        variable: cython.longlong
        while column < self.width:
            variable = self.outside[column]
            if self.low[variable] != self.high[variable]:
                column += 1
                continue
            self.width -= 1
            self.value[variable] = self.low[variable]
            self.outside[column] = self.outside[self.width]
            for row in range(self.height + 1):
                first = row * self.stride
                self.cell[first + self.stride - 1] += scaled(
                    self.cell[first + column], self.low[variable]
                )
                self.cell[first + column] = self.cell[first + self.width]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def add_row(
    cell: cython.longlong[::1],
    first: cython.int,
    other: cython.int,
    factor: cython.longlong,
    fill: cython.longlong[::1],
    filled: cython.int,
) -> cython.longlong:
    """Add a row so many times to another, in the columns named; return what bits were seen."""
    at: cython.int
    column: cython.longlong
    value: cython.longlong
    seen: cython.longlong = 0
    for at in range(filled):
        column = fill[at]
        value = cell[first + column] + scaled(factor, cell[other + column])
        cell[first + column] = value
        seen |= value ^ (value >> 63)
    return seen


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
