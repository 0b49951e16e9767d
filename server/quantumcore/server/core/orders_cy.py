"""Keep every working order and the newest ended ones, row by row."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.client_ids_cy import ClientIds
    from cython.cimports.quantumcore.server.core.deadlines_cy import Deadlines
    from cython.cimports.quantumcore.server.core.order_rows_cy import OrderRows
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.client_ids_cy import ClientIds
    from quantumcore.server.core.deadlines_cy import Deadlines
    from quantumcore.server.core.order_rows_cy import OrderRows
    from quantumcore.server.core.packages_cy import Packages

# An account's row in `account_ends`: first and last order, first and last working order.
ENDS = 4


@cython.final
@cython.cclass
class Orders(OrderRows):
    """A fixed table of orders. An order id is `generation << 28 | row`.

    A row is taken anew only when its order has ended and no unused row is left; the order that
    ended first goes first, also where client order ids run out. The generation makes the id of
    the earlier order unknown then.
    Each account's orders form two lists in order of creation: all of them, and the working ones.
    """

    ids: ClientIds
    deadlines: Deadlines
    working: cython.longlong
    oldest_ended: cython.int
    newest_ended: cython.int
    free: cython.int
    account_ends: cython.longlong[::1]

    def __init__(
        self,
        capacity: int,
        live: int,
        accounts: int,
        hash_key: int,
        prefault: bool,
        packages: Packages,
    ) -> None:
        super().__init__(capacity, prefault, packages)
        # So many that working orders alone can never use them up: see IDS_OF_AN_ORDER.
        ids = max(2 * capacity, kinds.IDS_OF_AN_ORDER * min(live, capacity) + 1)
        self.ids = ClientIds(ids, hash_key, prefault)
        self.deadlines = Deadlines(capacity)
        self.free = kinds.NO_SLOT
        self.working = 0
        self.oldest_ended = self.newest_ended = kinds.NO_SLOT
        self.account_ends = int64_column(ENDS * (accounts + 1), prefault)
        memoryview(self.account_ends)[:] = memoryview(b"\xff" * (8 * ENDS * (accounts + 1))).cast(
            "q"
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def has_room(self) -> cython.bint:
        """Whether one more order and its client order id fit."""
        return (
            self.free != kinds.NO_SLOT
            or self.fresh < self.capacity
            or self.oldest_ended != kinds.NO_SLOT
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def make_room_for_id(self) -> cython.void:
        """Forget orders, the one that ended first before others, until an id is free."""
        row: cython.int
        while self.ids.live >= self.ids.capacity and self.oldest_ended != kinds.NO_SLOT:
            row = self.oldest_ended
            self._evict(row)
            self.entry[row] = kinds.NO_SLOT
            self.next_ended[row] = self.free
            self.free = row

    @cython.cfunc
    @cython.exceptval(check=False)
    def take(self, account: cython.int) -> cython.int:
        """Take a row for a new working order of an account; there must be room."""
        row: cython.int = self.free
        if row != kinds.NO_SLOT:
            self.free = self.next_ended[row]
        elif self.fresh < self.capacity:
            row = self.fresh
            self.fresh += 1
        else:
            row = self.oldest_ended
            self._evict(row)
        generation: cython.longlong = (self.order_id[row] >> 28) + 1
        self.order_id[row] = (generation << 28) | row
        self.account[row] = account
        self.version[row] = 0
        self.cumulative[row] = self.tick_lots[row] = 0
        self.cancel_reason[row] = 0
        self.slot[row] = kinds.NO_SLOT
        self.place[row] = tables.PLACE_NOWHERE
        self.status[row] = enums.ORDER_STATUS_NEW
        ends: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, account) * 4
        self._link(row, ends)
        self.working += 1
        return row

    # To pass the columns to link and unlink would copy their descriptions and count references.
    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _link(self, row: cython.int, ends: cython.Py_ssize_t) -> cython.void:
        """Append a row to both lists of its account."""
        last: cython.int = cython.cast(cython.int, self.account_ends[ends + 1])
        self.previous_of_account[row] = last
        self.next_of_account[row] = kinds.NO_SLOT
        self.account_ends[ends + 1] = row
        if last == kinds.NO_SLOT:
            self.account_ends[ends] = row
        else:
            self.next_of_account[last] = row
        last = cython.cast(cython.int, self.account_ends[ends + 3])
        self.previous_working[row] = last
        self.next_working[row] = kinds.NO_SLOT
        self.account_ends[ends + 3] = row
        if last == kinds.NO_SLOT:
            self.account_ends[ends + 2] = row
        else:
            self.next_working[last] = row

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _unlink_working(self, row: cython.int, ends: cython.Py_ssize_t) -> cython.void:
        """Take a row out of its account's working orders."""
        before: cython.int = self.previous_working[row]
        behind: cython.int = self.next_working[row]
        if before == kinds.NO_SLOT:
            self.account_ends[ends + 2] = behind
        else:
            self.next_working[before] = behind
        if behind == kinds.NO_SLOT:
            self.account_ends[ends + 3] = before
        else:
            self.previous_working[behind] = before

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _unlink_ended(self, row: cython.int, ends: cython.Py_ssize_t) -> cython.void:
        """Take a row that leaves out of all its account's orders."""
        before: cython.int = self.previous_of_account[row]
        behind: cython.int = self.next_of_account[row]
        if before == kinds.NO_SLOT:
            self.account_ends[ends] = behind
        else:
            self.next_of_account[before] = behind
        if behind == kinds.NO_SLOT:
            self.account_ends[ends + 1] = before
        else:
            self.previous_of_account[behind] = before

    @cython.cfunc
    @cython.exceptval(check=False)
    def end(self, row: cython.int, status: cython.int, cancel_reason: cython.int) -> cython.void:
        """Let a working order end; it stays readable until its row is needed."""
        self.status[row] = status
        self.cancel_reason[row] = cancel_reason
        self.slot[row] = kinds.NO_SLOT
        self.place[row] = tables.PLACE_NOWHERE
        if self.deadlines.count > 0:
            self.deadlines.drop(row)
        ends: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, self.account[row]) * 4
        self._unlink_working(row, ends)
        self.next_ended[row] = kinds.NO_SLOT
        if self.newest_ended == kinds.NO_SLOT:
            self.oldest_ended = row
        else:
            self.next_ended[self.newest_ended] = row
        self.newest_ended = row
        self.working -= 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _evict(self, row: cython.int) -> cython.void:
        """Forget the order that ended first, with its client order ids."""
        self.oldest_ended = self.next_ended[row]
        if self.oldest_ended == kinds.NO_SLOT:
            self.newest_ended = kinds.NO_SLOT
        if not self.is_leg(row):
            self.ids.drop(self.entry[row])
        ends: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, self.account[row]) * 4
        self._unlink_ended(row, ends)

    @cython.cfunc
    @cython.exceptval(check=False)
    def first_working(self, account: cython.int) -> cython.int:
        """Return the row of the account's oldest working order, or NO_SLOT."""
        return cython.cast(
            cython.int, self.account_ends[cython.cast(cython.Py_ssize_t, account) * 4 + 2]
        )

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [
            self.working,
            self.fresh,
            self.oldest_ended,
            self.newest_ended,
            self.free,
            self.deadlines.count,
        ]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        return [*super().columns(), memoryview(self.account_ends)]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
