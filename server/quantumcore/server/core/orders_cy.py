"""Keep every working order and the newest ended ones, row by row."""

from itertools import islice

import cython

from quantumcore.server.core.memory import first_rows, int64_column, row_columns

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.client_ids_cy import ClientIds
    from cython.cimports.quantumcore.server.core.deadlines_cy import Deadlines
    from cython.cimports.quantumcore.server.core.index_cy import fetch
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.client_ids_cy import ClientIds
    from quantumcore.server.core.deadlines_cy import Deadlines
    from quantumcore.server.core.packages_cy import Packages

# An account's row in `account_ends`: first and last order, first and last working order.
ENDS = 4
ROW_BITS = 28
# Two cache lines that every command on an order touches; apart from them what is written once,
# and what only some orders have, so that the others commit no memory for it.
LAYOUT, WRITTEN_ONCE, OF_SOME = "q" * 8 + "i" * 16, "qq", "q" * 5


@cython.final
@cython.cclass
class Orders:
    """A fixed table of orders. An order id is `generation << 28 | row`.

    A row is taken anew only when its order has ended and no unused row is left; the order that
    ended first goes first, also where client order ids run out. The generation makes the id of
    the earlier order unknown then.
    Each account's orders form two lists in order of creation: all of them, and the working ones.
    `traits` holds the flags POST_ONLY, REDUCE_ONLY, HAS_STOP_PRICE, then a byte each of
    self-trade prevention, stop trigger and peg reference; the columns behind `entered` mean
    something only where the order's type or traits say so. Of packages and their legs `display` is
    the row in the table of packages.
    """

    ids: ClientIds
    deadlines: Deadlines
    packages: Packages
    capacity: cython.Py_ssize_t
    working: cython.longlong
    fresh: cython.int
    oldest_ended: cython.int
    newest_ended: cython.int
    free: cython.int
    order_id: cython.longlong[:]
    terms: cython.longlong[:]
    price: cython.longlong[:]
    quantity: cython.longlong[:]
    cumulative: cython.longlong[:]
    tick_lots: cython.longlong[:]
    created_ns: cython.longlong[:]
    updated_ns: cython.longlong[:]
    sequence: cython.longlong[:]
    entered: cython.longlong[:]
    stop_price: cython.longlong[:]
    display: cython.longlong[:]
    peg_offset: cython.longlong[:]
    min_quantity: cython.longlong[:]
    expire_ns: cython.longlong[:]
    slot: cython.int[:]
    instrument: cython.int[:]
    account: cython.int[:]
    traits: cython.int[:]
    place: cython.int[:]
    position: cython.int[:]
    status: cython.int[:]
    version: cython.int[:]
    session: cython.int[:]
    entry: cython.int[:]
    cancel_reason: cython.int[:]
    next_of_account: cython.int[:]
    previous_of_account: cython.int[:]
    next_working: cython.int[:]
    previous_working: cython.int[:]
    next_ended: cython.int[:]
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
        if not 1 <= capacity < 1 << ROW_BITS:
            raise ValueError(
                f"order_capacity must be between 1 and {(1 << ROW_BITS) - 1}, not {capacity}"
            )
        self.capacity = capacity
        # So many that working orders alone can never use them up: see IDS_OF_AN_ORDER.
        ids = max(2 * capacity, kinds.IDS_OF_AN_ORDER * min(live, capacity) + 1)
        self.ids = ClientIds(ids, hash_key, prefault)
        self.deadlines = Deadlines(capacity)
        self.packages = packages
        self.free = kinds.NO_SLOT
        self.working = 0
        self.fresh, self.oldest_ended, self.newest_ended = 0, kinds.NO_SLOT, kinds.NO_SLOT
        columns = iter(row_columns(capacity, LAYOUT, prefault))
        self.order_id, self.terms, self.price = islice(columns, 3)
        self.quantity, self.cumulative, self.tick_lots = islice(columns, 3)
        self.sequence, self.updated_ns = islice(columns, 2)
        self.slot, self.instrument, self.account, self.traits = islice(columns, 4)
        self.place, self.position, self.status, self.version = islice(columns, 4)
        self.session, self.entry, self.cancel_reason, self.next_ended = islice(columns, 4)
        self.next_of_account, self.previous_of_account = islice(columns, 2)
        self.next_working, self.previous_working = islice(columns, 2)
        self.created_ns, self.entered = row_columns(capacity, WRITTEN_ONCE, prefault)
        columns = iter(row_columns(capacity, OF_SOME))
        self.stop_price, self.display, self.peg_offset = islice(columns, 3)
        self.min_quantity, self.expire_ns = islice(columns, 2)
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
        self.place[row] = kinds.PLACE_NOWHERE
        self.status[row] = kinds.ORDER_STATUS_NEW
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
        self.place[row] = kinds.PLACE_NOWHERE
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
    def is_working(self, row: cython.int) -> cython.bint:
        return (
            self.status[row] == kinds.ORDER_STATUS_NEW
            or self.status[row] == kinds.ORDER_STATUS_PARTIALLY_FILLED
            or self.status[row] == kinds.ORDER_STATUS_PENDING_TRIGGER
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def first_working(self, account: cython.int) -> cython.int:
        """Return the row of the account's oldest working order, or NO_SLOT."""
        return cython.cast(
            cython.int, self.account_ends[cython.cast(cython.Py_ssize_t, account) * 4 + 2]
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def side(self, row: cython.int) -> cython.int:
        return cython.cast(cython.int, (self.terms[row] >> kinds.STATE_SIDE) & 0xFF)

    @cython.cfunc
    @cython.exceptval(check=False)
    def order_type(self, row: cython.int) -> cython.int:
        return cython.cast(cython.int, (self.terms[row] >> kinds.STATE_ORDER_TYPE) & 0xFF)

    @cython.cfunc
    @cython.exceptval(check=False)
    def time_in_force(self, row: cython.int) -> cython.int:
        return cython.cast(cython.int, (self.terms[row] >> kinds.STATE_TIME_IN_FORCE) & 0xFF)

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_package(self, row: cython.int) -> cython.bint:
        """Whether it is a multi-leg order as a whole."""
        return (self.terms[row] >> kinds.STATE_PACKAGE) & 1 != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_leg(self, row: cython.int) -> cython.bint:
        """Whether it is a leg of a multi-leg order; it shares the order's client order id."""
        return (self.terms[row] >> kinds.STATE_LEG) & kinds.LEG_NUMBER != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def package(self, row: cython.int) -> cython.int:
        """Return the row that a package, or the package of a leg, has in their table."""
        return cython.cast(cython.int, self.display[row])

    @cython.cfunc
    @cython.exceptval(check=False)
    def package_id(self, row: cython.int) -> cython.longlong:
        """Return the order id of a package, or of the package of a leg."""
        at: cython.Py_ssize_t = self.packages.at(self.package(row))
        return self.packages.words[at + kinds.PACKAGE_ROW_ORDER]

    @cython.cfunc
    @cython.exceptval(check=False)
    def leg_row(self, row: cython.int, number: cython.int) -> cython.int:
        """Return the row of a package's leg, counted from 0."""
        at: cython.Py_ssize_t = self.packages.at(self.package(row))
        return self.row_of(self.packages.words[at + kinds.PACKAGE_ROW_LEGS + number])

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_stop(self, row: cython.int) -> cython.bint:
        """Whether it waits, or once waited, for a trigger."""
        kind: cython.int = self.order_type(row)
        return kind == kinds.ORDER_TYPE_STOP or kind == kinds.ORDER_TYPE_STOP_LIMIT

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_market(self, row: cython.int) -> cython.bint:
        """Whether it has no limit price, once it is active."""
        kind: cython.int = self.order_type(row)
        return kind == kinds.ORDER_TYPE_MARKET or kind == kinds.ORDER_TYPE_STOP

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_reduce_only(self, row: cython.int) -> cython.bint:
        return self.traits[row] & kinds.FLAG_REDUCE_ONLY != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def leaves(self, row: cython.int) -> cython.longlong:
        """Return the quantity that still works."""
        return self.quantity[row] - self.cumulative[row] if self.is_working(row) else 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def expect(self, order_id: cython.longlong) -> cython.void:
        """Have the processor fetch the row of an order that a command names."""
        if cython.compiled:
            row: cython.longlong = order_id & ((1 << 28) - 1)
            if row < self.fresh:
                fetch(cython.address(self.order_id[row]))
                fetch(cython.address(self.slot[row]))

    @cython.cfunc
    @cython.exceptval(check=False)
    def row_of(self, order_id: cython.longlong) -> cython.int:
        """Return the row of an order id, or NO_SLOT where it is not known (any more)."""
        row: cython.longlong = order_id & ((1 << 28) - 1)
        if order_id <= 0 or row >= self.fresh or self.order_id[row] != order_id:
            return kinds.NO_SLOT
        return row if self.entry[row] != kinds.NO_SLOT else kinds.NO_SLOT

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
        wide = [
            self.order_id,
            self.terms,
            self.price,
            self.quantity,
            self.cumulative,
            self.tick_lots,
            self.created_ns,
            self.updated_ns,
            self.sequence,
            self.entered,
            self.stop_price,
            self.display,
            self.peg_offset,
            self.min_quantity,
            self.expire_ns,
        ]
        narrow = [
            self.slot,
            self.instrument,
            self.account,
            self.traits,
            self.place,
            self.position,
            self.status,
            self.version,
            self.session,
            self.entry,
            self.cancel_reason,
            self.next_of_account,
            self.previous_of_account,
            self.next_working,
            self.previous_working,
            self.next_ended,
        ]
        return [
            *first_rows(wide, self.fresh),
            *first_rows(narrow, self.fresh),
            memoryview(self.account_ends),
        ]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
