"""Keep what is known of each order in columns, and read a row."""

from itertools import islice

import cython

from quantumcore.server.core.memory import first_rows, int64_column, row_columns

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.index_cy import fetch
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.packages_cy import Packages

ROW_BITS = 28
# Two cache lines that every command on an order touches; apart from them what is written once,
# and what only some orders have, so that the others commit no memory for it.
LAYOUT, WRITTEN_ONCE, OF_SOME, OF_WATCHED = "q" * 8 + "i" * 16, "qq", "q" * 5, "qq"


@cython.cclass
class OrderRows:
    """The columns of the table of orders; see Orders, which takes rows and gives them back.

    `traits` holds the flags POST_ONLY, REDUCE_ONLY, HAS_STOP_PRICE, then a byte each of
    self-trade prevention, stop trigger and peg reference; the columns behind `entered` mean
    something only where the order's type or traits say so. Of packages and their legs `display` is
    the row in the table of packages. Of orders of watched accounts `risk_ticks` is the price that
    they are valued at, and `reserve` what is reserved for each lot, or unit of a package; where the
    account has a margin model, `foreseen` is what its margin may grow by beyond (see Exposure).
    """

    packages: Packages
    capacity: cython.Py_ssize_t
    fresh: cython.int
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
    risk_ticks: cython.longlong[:]
    reserve: cython.longlong[:]
    foreseen: cython.longlong[::1]
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

    def __init__(self, capacity: int, prefault: bool, packages: Packages) -> None:
        if not 1 <= capacity < 1 << ROW_BITS:
            raise ValueError(
                f"order_capacity must be between 1 and {(1 << ROW_BITS) - 1}, not {capacity}"
            )
        self.capacity, self.packages = capacity, packages
        self.fresh = 0
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
        self.min_quantity, self.expire_ns = columns
        self.risk_ticks, self.reserve = row_columns(capacity, OF_WATCHED)
        self.foreseen = int64_column(capacity)

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def row_of(self, order_id: cython.longlong) -> cython.int:
        """Return the row of an order id, or NO_SLOT where it is not known (any more)."""
        row: cython.longlong = order_id & ((1 << 28) - 1)
        if order_id <= 0 or row >= self.fresh or self.order_id[row] != order_id:
            return kinds.NO_SLOT
        return row if self.entry[row] != kinds.NO_SLOT else kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def expect(self, order_id: cython.longlong) -> cython.void:
        """Have the processor fetch the row of an order that a command names."""
        if cython.compiled:
            row: cython.longlong = order_id & ((1 << 28) - 1)
            if row < self.fresh:
                fetch(cython.address(self.order_id[row]))
                fetch(cython.address(self.slot[row]))

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def is_working(self, row: cython.int) -> cython.bint:
        return (
            self.status[row] == enums.ORDER_STATUS_NEW
            or self.status[row] == enums.ORDER_STATUS_PARTIALLY_FILLED
            or self.status[row] == enums.ORDER_STATUS_PENDING_TRIGGER
            or self.status[row] == enums.ORDER_STATUS_UNWINDING
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def leaves(self, row: cython.int) -> cython.longlong:
        """Return the quantity that still works."""
        return self.quantity[row] - self.cumulative[row] if self.is_working(row) else 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def side(self, row: cython.int) -> cython.int:
        return cython.cast(cython.int, (self.terms[row] >> kinds.STATE_SIDE) & 0xFF)

    @cython.final
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
    def is_sequential(self, row: cython.int) -> cython.bint:
        """Whether it is a sequential order, or a leg of one."""
        return self.traits[row] & kinds.TRAIT_SEQUENTIAL != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def leg_index(self, row: cython.int) -> cython.int:
        """Return which leg it is, counted from 0."""
        return cython.cast(
            cython.int, ((self.terms[row] >> kinds.STATE_LEG) & kinds.LEG_NUMBER) - 1
        )

    @cython.final
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
        return self.packages.words[at + tables.PACKAGE_ROW_ORDER]

    @cython.cfunc
    @cython.exceptval(check=False)
    def leg_row(self, row: cython.int, number: cython.int) -> cython.int:
        """Return the row of a package's leg, counted from 0."""
        at: cython.Py_ssize_t = self.packages.at(self.package(row))
        return self.row_of(self.packages.words[at + tables.PACKAGE_ROW_LEGS + number])

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_stop(self, row: cython.int) -> cython.bint:
        """Whether it waits, or once waited, for a trigger."""
        kind: cython.int = self.order_type(row)
        return kind == enums.ORDER_TYPE_STOP or kind == enums.ORDER_TYPE_STOP_LIMIT

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_market(self, row: cython.int) -> cython.bint:
        """Whether it has no limit price, once it is active."""
        kind: cython.int = self.order_type(row)
        return kind == enums.ORDER_TYPE_MARKET or kind == enums.ORDER_TYPE_STOP

    @cython.cfunc
    @cython.exceptval(check=False)
    def valued_terms(self, row: cython.int) -> cython.longlong:
        """Return the terms by which an order is valued: a peg has a price if it has a limit."""
        bit: cython.longlong = kinds.FLAG_HAS_PRICE
        bit = bit << kinds.STATE_FLAGS
        if self.order_type(row) != enums.ORDER_TYPE_PEGGED:
            return self.terms[row]
        if self.traits[row] & kinds.TRAIT_PEG_LIMIT:
            return self.terms[row] | bit
        return self.terms[row] & ~bit

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_reduce_only(self, row: cython.int) -> cython.bint:
        return self.traits[row] & kinds.FLAG_REDUCE_ONLY != 0

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
            self.risk_ticks,
            self.reserve,
            self.foreseen,
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
        return [*first_rows(wide, self.fresh), *first_rows(narrow, self.fresh)]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
