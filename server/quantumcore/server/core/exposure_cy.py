"""Count what working orders of watched accounts could still do to positions and funds."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.positions_cy import Positions


@cython.final
@cython.cclass
class Exposure:
    """The one place where lots begin and cease to work.

    What a lot counts for is fixed when its order enters, so that all that was added is taken
    away again to the last minor unit: an account without working orders has nothing reserved.

    What an order reserves is less than the margin of what it does, where it brings money: the rest
    is foreseen. It binds nothing of the account, but with it a group knows what trades may yet
    bring it to.
    """

    accounts: Accounts
    balances: Balances
    instruments: Instruments
    orders: Orders
    packages: Packages
    positions: Positions

    def __init__(
        self, accounts: Accounts, instruments: Instruments, orders: Orders, positions: Positions
    ) -> None:
        self.accounts, self.instruments = accounts, instruments
        self.orders, self.positions = orders, positions
        self.packages = orders.packages
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
        few: cython.longlong = 1 << 31
        side: cython.int = self.orders.side(row)
        self.balances.reserved[balance] += lots * self.orders.reserve[row]
        if self._has_margin(row):
            self.balances.foreseen[balance] += lots * self.orders.foreseen[row]
        if self.orders.terms[row] >> kinds.STATE_LEG != 0:
            if self.orders.is_package(row):
                return
            if (self.orders.terms[row] >> kinds.STATE_UNWIND) & 1:
                side = 3 - side  # a leg that is being reversed counts for its own side
        if side == enums.SIDE_BUY:
            self.positions.buying[entry] += lots
        else:
            self.positions.selling[entry] += lots
        unit = abs(self.orders.risk_ticks[row]) * self.instruments.get(
            self.orders.instrument[row], tables.INSTRUMENT_TICK_VALUE
        )
        if -few < lots < few and unit < few:
            self.positions.open_value.add(entry, lots * unit)
            self.balances.open_value.add(balance, lots * unit)
        else:
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
        foreseen: cython.longlong,
    ) -> cython.void:
        """Count a new order, or unit of a package: all its lots, and what each counts for."""
        if self.accounts.watched[self.orders.account[row]] != 0:
            self.orders.risk_ticks[row], self.orders.reserve[row] = risk_ticks, reserve
            if self._has_margin(row):
                self.orders.foreseen[row] = foreseen
            self._count_order(row, 1)
        self.change(row, lots)
        if self.orders.is_package(row):
            self.follow(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def close(self, row: cython.int, lots: cython.longlong) -> cython.void:
        """Count an order no more that ends with so many lots unfilled."""
        if self.accounts.watched[self.orders.account[row]] != 0:
            self._count_order(row, -1)
            if self.orders.is_package(row):
                self._let_go(row)
        self.change(row, -lots)

    @cython.cfunc
    @cython.exceptval(check=False)
    def follow(self, row: cython.int) -> cython.void:
        """Count what the legs of a sequential package have traded, and what it leaves to be done.

        Money that one leg brought and another is to pay stays bound in between. What an UNWIND
        would reverse counts as working on the other side: nobody else may take the room for it.
        """
        package: cython.int = self.orders.package(row)
        at: cython.Py_ssize_t = self.packages.at(package)
        words: cython.longlong[::1] = self.packages.words
        number: cython.int
        if not self.orders.is_sequential(row) or (
            self.accounts.watched[self.orders.account[row]] == 0
        ):
            return
        self._count_bound(
            row, self.bound(row, self.orders.reserve[row], words, at + tables.PACKAGE_ROW_NEEDS)
        )
        if self._has_margin(row):
            self._count_foreseen(
                row,
                self.bound(row, self.orders.foreseen[row], words, at + tables.PACKAGE_ROW_FORESEEN),
            )
        if words[at + tables.PACKAGE_ROW_POLICY] == enums.UNWIND_POLICY_UNWIND:
            for number in range(words[at + tables.PACKAGE_ROW_LEG_COUNT]):
                self._count_reversal(row, number, self.packages.excess(package, number))

    @cython.cfunc
    @cython.exceptval(check=False)
    def bound(
        self,
        row: cython.int,
        reserve: cython.longlong,
        needs: cython.longlong[::1],
        first: cython.Py_ssize_t,
    ) -> cython.longlong:
        """Return what units that have begun bind beyond `reserve`, which each unit does untouched.

        (Or have foreseen.) From `first` stands what a unit binds once each of its legs has traded.
        Of a unit that a leg is within, each lot its part, rounded up; in all no more than the unit.
        """
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.packages.words
        bound: cython.longlong = 0
        ratio: cython.longlong
        begun: cython.longlong
        before: cython.longlong = 0
        step: cython.longlong
        number: cython.int
        for number in range(words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            ratio = words[at + tables.PACKAGE_ROW_RATIOS + number]
            begun = words[at + tables.PACKAGE_ROW_TRADED + number]
            begun -= ratio * words[at + tables.PACKAGE_ROW_FILLED]
            if number > 0:
                # At market a leg may run ahead of the one before it, which is still to pay.
                begun = min(
                    begun, before * ratio // words[at + tables.PACKAGE_ROW_RATIOS + number - 1]
                )
            before = begun
            step = needs[first + number] - reserve
            reserve += step
            bound += step * (begun // ratio)
            if step > 0:
                bound += min(step, (step + ratio - 1) // ratio * (begun % ratio))
            else:
                bound -= -step // ratio * (begun % ratio)
        return bound

    @cython.cfunc
    @cython.exceptval(check=False)
    def _let_go(self, row: cython.int) -> cython.void:
        """Count nothing more of what the legs of a package that ends have traded."""
        number: cython.int
        self._count_bound(row, 0)
        self._count_foreseen(row, 0)
        for number in range(kinds.MAX_LEGS):
            self._count_reversal(row, number, 0)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count_bound(self, row: cython.int, bound: cython.longlong) -> cython.void:
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.packages.words
        balance: cython.int = self.positions.balance[self.orders.position[row]]
        self.balances.reserved[balance] += bound - words[at + tables.PACKAGE_ROW_BOUND]
        words[at + tables.PACKAGE_ROW_BOUND] = bound

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count_foreseen(self, row: cython.int, bound: cython.longlong) -> cython.void:
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.packages.words
        balance: cython.int = self.positions.balance[self.orders.position[row]]
        self.balances.foreseen[balance] += bound - words[at + tables.PACKAGE_ROW_FORESEEN_BOUND]
        words[at + tables.PACKAGE_ROW_FORESEEN_BOUND] = bound

    @cython.cfunc
    @cython.exceptval(check=False)
    def _has_margin(self, row: cython.int) -> cython.bint:
        return self.accounts.margin_model[self.orders.account[row]] > enums.MARGIN_MODEL_NONE

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count_reversal(
        self, row: cython.int, number: cython.int, lots: cython.longlong
    ) -> cython.void:
        """Let so many lots of a leg, counted from 0, count as working to be reversed."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row)) + number
        words: cython.longlong[::1] = self.packages.words
        more: cython.longlong = lots - words[at + tables.PACKAGE_ROW_REVERSIBLE]
        if more == 0:
            return
        words[at + tables.PACKAGE_ROW_REVERSIBLE] = lots
        leg: cython.int = self.orders.leg_row(row, number)
        # A leg that is being reversed stands turned round.
        turned: cython.bint = (self.orders.terms[leg] >> kinds.STATE_UNWIND) & 1 != 0
        if (self.orders.side(leg) == enums.SIDE_BUY) != turned:
            self.positions.selling[self.orders.position[leg]] += more
        else:
            self.positions.buying[self.orders.position[leg]] += more

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count_order(self, row: cython.int, by: cython.int) -> cython.void:
        """Count an order that works: of its account a package is one, of an instrument a leg."""
        has_legs: cython.bint = self.orders.terms[row] >> kinds.STATE_LEG != 0
        if not has_legs or not self.orders.is_leg(row):
            self.accounts.working[self.orders.account[row]] += by
        if not has_legs or not self.orders.is_package(row):
            self.positions.working[self.orders.position[row]] += by

    @cython.cfunc
    @cython.exceptval(check=False)
    def revalue(
        self,
        row: cython.int,
        lots: cython.longlong,
        risk_ticks: cython.longlong,
        reserve: cython.longlong,
        foreseen: cython.longlong,
    ) -> cython.void:
        """Let the lots of an order count for something else from now on."""
        if self.accounts.watched[self.orders.account[row]] != 0:
            self._count(row, -lots)
            self.orders.risk_ticks[row], self.orders.reserve[row] = risk_ticks, reserve
            if self._has_margin(row):
                self.orders.foreseen[row] = foreseen
            self._count(row, lots)

    @cython.cfunc
    @cython.exceptval(check=False)
    def foresee(
        self, row: cython.int, lots: cython.longlong, foreseen: cython.longlong
    ) -> cython.void:
        """Let each of the lots that work of an order have foreseen something else from now on."""
        balance: cython.int = self.positions.balance[self.orders.position[row]]
        self.balances.foreseen[balance] += lots * (foreseen - self.orders.foreseen[row])
        self.orders.foreseen[row] = foreseen
        if self.orders.is_package(row):
            self.follow(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def reserved(self, row: cython.int) -> cython.longlong:
        """Return what is reserved for an order of a watched account."""
        if not self.orders.is_working(row):
            return 0
        reserved: cython.longlong = self.orders.reserve[row] * self.lots(row)
        if self.orders.is_package(row):
            at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
            reserved += self.packages.words[at + tables.PACKAGE_ROW_BOUND]
        return reserved

    @cython.cfunc
    @cython.exceptval(check=False)
    def counted(self, row: cython.int) -> cython.longlong:
        """Return what is reserved and foreseen for an order of a watched account."""
        if not self.orders.is_working(row):
            return 0
        counted: cython.longlong = self.reserved(row)
        if self._has_margin(row):
            counted += self.orders.foreseen[row] * self.lots(row)
            if self.orders.is_package(row):
                at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
                counted += self.packages.words[at + tables.PACKAGE_ROW_FORESEEN_BOUND]
        return counted

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
