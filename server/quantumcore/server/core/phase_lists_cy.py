"""List what a move of phase is to find without a search."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds
    from cython.cimports.quantumcore.server.core.lists_cy import link, unlink
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
else:
    from quantumcore.server.core import enums, kinds
    from quantumcore.server.core.lists_cy import link, unlink
    from quantumcore.server.core.orders_cy import Orders

OF_SEQUENTIAL: int = 0  # stands for the time in force in the list of legs of sequential orders


@cython.final
@cython.cclass
class PhaseLists:
    """Of each instrument, in order of entry: its DAY, its AT_OPEN and its AT_CLOSE orders.

    Legs of sequential orders, however long they are good, are in a list of their own. Other legs
    are in none: they are found in the queues in which they wait.
    """

    orders: Orders
    ends: cython.longlong[::1]
    following: cython.int[::1]
    previous: cython.int[::1]

    def __init__(self, orders: Orders, instruments: int) -> None:
        self.orders = orders
        self.following = int32_column(orders.capacity)
        self.previous = int32_column(orders.capacity)
        size = 16 * (instruments + 1)
        self.ends = int64_column(size)
        memoryview(self.ends)[:] = memoryview(b"\xff" * (8 * size)).cast("q")

    @cython.cfunc
    @cython.exceptval(check=False)
    def add(self, row: cython.int) -> cython.void:
        """List a new order, if a move of phase is to find it."""
        at: cython.Py_ssize_t = self._list_of(row)
        if at >= 0:
            link(self.ends, at, self.following, self.previous, row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def drop(self, row: cython.int) -> cython.void:
        """Take an order that ends out of its list, if it is in one."""
        at: cython.Py_ssize_t = self._list_of(row)
        if at >= 0:
            unlink(self.ends, at, self.following, self.previous, row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _list_of(self, row: cython.int) -> cython.Py_ssize_t:
        """Return where the list that an order belongs to has its ends, or -1."""
        orders: Orders = self.orders
        time_in_force: cython.int = orders.time_in_force(row)
        if orders.is_leg(row):
            if not orders.is_sequential(row):
                return -1
            time_in_force = OF_SEQUENTIAL
        elif time_in_force != enums.TIME_IN_FORCE_DAY and (
            time_in_force < enums.TIME_IN_FORCE_AT_OPEN
        ):
            return -1
        return self._at(orders.instrument[row], time_in_force)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _at(self, instrument: cython.int, time_in_force: cython.int) -> cython.Py_ssize_t:
        return cython.cast(cython.Py_ssize_t, instrument) * 16 + 2 * time_in_force

    def rows(self, instrument: int, time_in_force: int) -> list[int]:
        """Return the single orders of an instrument that are DAY, AT_OPEN or AT_CLOSE."""
        found: list[int] = []
        row: cython.int = cython.cast(cython.int, self.ends[self._at(instrument, time_in_force)])
        while row != kinds.NO_SLOT:
            found.append(row)
            row = self.following[row]
        return found

    def sequential_legs(self, instrument: int) -> list[int]:
        """Return the legs of sequential orders in an instrument."""
        return self.rows(instrument, OF_SEQUENTIAL)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
