"""Value what accounts that pay for all they buy are short of, which only a bust can leave them."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.exposure_cy import Exposure
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.marks_cy import Marks
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.exposure_cy import Exposure
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.marks_cy import Marks
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.positions_cy import Positions


@cython.final
@cython.cclass
class Debts:
    """What was sold and is not there: at what it was sold for, or what it costs by now, if more.

    So much of the money is not the account's to spend, but for buying it back. The mark may be of
    any age: without one, the sale alone counts. Few accounts are ever short, so sums are whole
    numbers without bounds.
    """

    balances: Balances
    instruments: Instruments
    marks: Marks
    positions: Positions

    def __init__(self, positions: Positions, instruments: Instruments, marks: Marks) -> None:
        self.positions, self.balances = positions, positions.balances
        self.instruments, self.marks = instruments, marks

    def total(self, balance: int, now_ns: int) -> int:
        """Return what an account owes in one currency, minor units, at most 2**61."""
        owed = 0
        entry: cython.int = self.balances.first_position[balance]
        while entry != kinds.NO_SLOT:
            owed += self.part(entry, max(0, -self.positions.lots[entry]), now_ns)
            entry = self.positions.next_of_balance[entry]
        return bounded(owed)

    def covered(self, balance: int, exposure: Exposure, without: int, now_ns: int) -> int:
        """Return what of `total` is bound already, by working orders that buy back, but for one.

        Of each order no more than it binds, and than its lots are owed: the oldest come first.
        """
        orders: Orders = exposure.orders
        left: dict[int, int] = {}
        covered = 0
        row: cython.int = orders.first_working(self.balances.account[balance])
        while row != kinds.NO_SLOT:
            if row != without and not orders.is_leg(row):
                covered += self._covered_by(row, balance, exposure, left, now_ns)
            row = orders.next_working[row]
        return bounded(covered)

    def _covered_by(
        self, row: int, balance: int, exposure: Exposure, left: dict[int, int], now_ns: int
    ) -> int:
        orders: Orders = exposure.orders
        number: cython.int
        leg: cython.int
        at: cython.Py_ssize_t
        buyers = [row]
        if orders.is_package(row):
            at = orders.packages.at(orders.package(row))
            buyers = []
            for number in range(orders.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
                buyers.append(orders.leg_row(row, number))
        owed = 0
        for leg in buyers:
            entry = int(orders.position[leg])
            if orders.side(leg) != enums.SIDE_BUY or self.positions.balance[entry] != balance:
                continue
            room = left.get(entry, max(0, -int(self.positions.lots[entry])))
            lots = min(room, int(exposure.lots(leg)))
            left[entry] = room - lots
            owed += self.part(entry, lots, now_ns)
        return min(owed, int(exposure.reserved(row)))

    def part(self, entry: int, lots: int, now_ns: int) -> int:
        """Return what so many of the lots that a position is short of count for, rounded down."""
        instrument: cython.int = self.positions.instrument[entry]
        short = -int(self.positions.lots[entry])
        if lots <= 0 or short <= 0 or self.instruments.has(instrument, tables.HAS_FUTURE_STYLE):
            return 0
        owed = -int(self.positions.open.read(entry))
        self.marks.find(instrument, now_ns, 0)
        none: cython.longlong = tables.NO_LIMIT
        if self.marks.age_ns != none:
            owed = max(owed, int(self.marks.ticks) * short)
        money = int(self.instruments.get(instrument, tables.INSTRUMENT_TICK_VALUE))
        return bounded(max(0, owed) * money * int(lots) // short)


def bounded(owed: int) -> int:
    """Return what of a debt of any size one word has room for, beside cash and reservations."""
    most: cython.longlong = kinds.MONEY_LIMIT
    return min(owed, int(most) >> 1)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
