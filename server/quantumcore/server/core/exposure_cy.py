"""Count what working orders of watched accounts could still do to positions and funds."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.positions_cy import Positions


@cython.final
@cython.cclass
class Exposure:
    """The one place where lots begin and cease to work.

    What a lot counts for is fixed when its order enters, so that all that was added is taken
    away again to the last minor unit: an account without working orders has nothing reserved.
    """

    accounts: Accounts
    balances: Balances
    instruments: Instruments
    orders: Orders
    positions: Positions

    def __init__(
        self, accounts: Accounts, instruments: Instruments, orders: Orders, positions: Positions
    ) -> None:
        self.accounts, self.instruments = accounts, instruments
        self.orders, self.positions = orders, positions
        self.balances = positions.balances

    @cython.cfunc
    @cython.exceptval(check=False)
    def change(self, row: cython.int, lots: cython.longlong) -> cython.void:
        """Count lots (negative: fewer) that work of an order; of a package, units."""
        if self.orders.is_reduce_only(row):
            self.positions.reduce_only[self.orders.position[row]] += lots
        if self.accounts.watched[self.orders.account[row]] != 0:
            self._count(row, lots)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count(self, row: cython.int, lots: cython.longlong) -> cython.void:
        entry: cython.int = self.orders.position[row]
        balance: cython.int = self.positions.balance[entry]
        unit: cython.longlong
        self.balances.reserved[balance] += lots * self.orders.reserve[row]
        if self.orders.is_package(row):
            return
        side: cython.int = self.orders.side(row)
        if (self.orders.terms[row] >> kinds.STATE_UNWIND) & 1:
            side = 3 - side  # a leg that is being reversed; what it counts for is its own side's
        if side == enums.SIDE_BUY:
            self.positions.buying[entry] += lots
        else:
            self.positions.selling[entry] += lots
        unit = abs(self.orders.risk_ticks[row]) * self.instruments.get(
            self.orders.instrument[row], tables.INSTRUMENT_TICK_VALUE
        )
        self.positions.open_value.add_product(entry, lots, unit)
        self.balances.open_value.add_product(balance, lots, unit)

    @cython.cfunc
    @cython.exceptval(check=False)
    def open(
        self,
        row: cython.int,
        lots: cython.longlong,
        risk_ticks: cython.longlong,
        reserve: cython.longlong,
    ) -> cython.void:
        """Count a new order, or unit of a package: all its lots, and what each counts for."""
        if self.accounts.watched[self.orders.account[row]] != 0:
            self.orders.risk_ticks[row], self.orders.reserve[row] = risk_ticks, reserve
            self._count_order(row, 1)
        self.change(row, lots)

    @cython.cfunc
    @cython.exceptval(check=False)
    def close(self, row: cython.int, lots: cython.longlong) -> cython.void:
        """Count an order no more that ends with so many lots unfilled."""
        if self.accounts.watched[self.orders.account[row]] != 0:
            self._count_order(row, -1)
        self.change(row, -lots)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count_order(self, row: cython.int, by: cython.int) -> cython.void:
        """Count an order that works: of its account a package is one, of an instrument a leg."""
        if not self.orders.is_leg(row):
            self.accounts.working[self.orders.account[row]] += by
        if not self.orders.is_package(row):
            self.positions.working[self.orders.position[row]] += by

    @cython.cfunc
    @cython.exceptval(check=False)
    def revalue(
        self,
        row: cython.int,
        lots: cython.longlong,
        risk_ticks: cython.longlong,
        reserve: cython.longlong,
    ) -> cython.void:
        """Let the lots of an order count for something else from now on."""
        if self.accounts.watched[self.orders.account[row]] != 0:
            self._count(row, -lots)
            self.orders.risk_ticks[row], self.orders.reserve[row] = risk_ticks, reserve
            self._count(row, lots)

    @cython.cfunc
    @cython.exceptval(check=False)
    def reserved(self, row: cython.int) -> cython.longlong:
        """Return what is reserved for an order of a watched account."""
        if not self.orders.is_working(row):
            return 0
        return self.orders.reserve[row] * self.lots(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def lots(self, row: cython.int) -> cython.longlong:
        """Return the lots that still work; of a package, units."""
        leaves: cython.longlong = self.orders.leaves(row)
        if self.orders.is_package(row):
            return leaves // kinds.UNIT
        return leaves // self.instruments.get(
            self.orders.instrument[row], tables.INSTRUMENT_LOT_SIZE
        )


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
