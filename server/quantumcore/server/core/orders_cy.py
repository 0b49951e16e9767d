"""Keep every working order and the newest ended ones, row by row."""

from functools import partial

import cython

from quantumcore.server.core.memory import first_rows, int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.client_ids_cy import ClientIds
    from cython.cimports.quantumcore.server.core.deadlines_cy import Deadlines
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.client_ids_cy import ClientIds
    from quantumcore.server.core.deadlines_cy import Deadlines

# An account's row in `account_ends`: first and last order, first and last working order.
ENDS = 4
ROW_BITS = 28


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def link(
    ends: cython.longlong[::1],
    at: cython.Py_ssize_t,
    following: cython.int[::1],
    previous: cython.int[::1],
    row: cython.int,
) -> cython.void:
    """Append a row to the list whose first and last row stand at `ends[at]`."""
    last: cython.int = cython.cast(cython.int, ends[at + 1])
    previous[row] = last
    following[row] = kinds.NO_SLOT
    if last == kinds.NO_SLOT:
        ends[at] = row
    else:
        following[last] = row
    ends[at + 1] = row


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unlink(
    ends: cython.longlong[::1],
    at: cython.Py_ssize_t,
    following: cython.int[::1],
    previous: cython.int[::1],
    row: cython.int,
) -> cython.void:
    """Take a row out of the list whose first and last row stand at `ends[at]`."""
    before: cython.int = previous[row]
    behind: cython.int = following[row]
    if before == kinds.NO_SLOT:
        ends[at] = behind
    else:
        following[before] = behind
    if behind == kinds.NO_SLOT:
        ends[at + 1] = before
    else:
        previous[behind] = before


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
    something only where the order's type or traits say so.
    """

    ids: ClientIds
    deadlines: Deadlines
    capacity: cython.Py_ssize_t
    working: cython.longlong
    fresh: cython.int
    oldest_ended: cython.int
    newest_ended: cython.int
    free: cython.int
    order_id: cython.longlong[::1]
    terms: cython.longlong[::1]
    price: cython.longlong[::1]
    quantity: cython.longlong[::1]
    cumulative: cython.longlong[::1]
    tick_lots: cython.longlong[::1]
    created_ns: cython.longlong[::1]
    updated_ns: cython.longlong[::1]
    sequence: cython.longlong[::1]
    entered: cython.longlong[::1]
    stop_price: cython.longlong[::1]
    display: cython.longlong[::1]
    peg_offset: cython.longlong[::1]
    min_quantity: cython.longlong[::1]
    expire_ns: cython.longlong[::1]
    slot: cython.int[::1]
    instrument: cython.int[::1]
    account: cython.int[::1]
    traits: cython.int[::1]
    place: cython.int[::1]
    position: cython.int[::1]
    status: cython.int[::1]
    version: cython.int[::1]
    session: cython.int[::1]
    entry: cython.int[::1]
    cancel_reason: cython.int[::1]
    next_of_account: cython.int[::1]
    previous_of_account: cython.int[::1]
    next_working: cython.int[::1]
    previous_working: cython.int[::1]
    next_ended: cython.int[::1]
    account_ends: cython.longlong[::1]

    def __init__(
        self, capacity: int, live: int, accounts: int, hash_key: int, prefault: bool
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
        self.free = kinds.NO_SLOT
        self.working = 0
        self.fresh, self.oldest_ended, self.newest_ended = 0, kinds.NO_SLOT, kinds.NO_SLOT
        wide = partial(int64_column, capacity, prefault)
        narrow = partial(int32_column, capacity, prefault)
        self.order_id, self.terms, self.price, self.quantity = wide(), wide(), wide(), wide()
        self.cumulative, self.tick_lots, self.sequence = wide(), wide(), wide()
        self.created_ns, self.updated_ns, self.entered = wide(), wide(), wide()
        self.stop_price, self.display, self.peg_offset = (
            int64_column(capacity),
            int64_column(capacity),
            int64_column(capacity),
        )
        self.min_quantity, self.expire_ns = int64_column(capacity), int64_column(capacity)
        self.slot, self.instrument, self.account, self.session = (
            narrow(),
            narrow(),
            narrow(),
            narrow(),
        )
        self.traits, self.status, self.version = narrow(), narrow(), narrow()
        self.place, self.position = narrow(), narrow()
        self.entry, self.cancel_reason = narrow(), narrow()
        self.next_of_account, self.previous_of_account = narrow(), narrow()
        self.next_working, self.previous_working, self.next_ended = narrow(), narrow(), narrow()
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
        link(self.account_ends, ends, self.next_of_account, self.previous_of_account, row)
        link(self.account_ends, ends + 2, self.next_working, self.previous_working, row)
        self.working += 1
        return row

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
        unlink(self.account_ends, ends + 2, self.next_working, self.previous_working, row)
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
        self.ids.drop(self.entry[row])
        ends: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, self.account[row]) * 4
        unlink(self.account_ends, ends, self.next_of_account, self.previous_of_account, row)

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
