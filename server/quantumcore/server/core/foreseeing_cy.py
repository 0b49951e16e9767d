"""Foresee again what orders of a group's members may come to bind, when a trade has changed it."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.funds_cy import Funds
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.package_pretrade_cy import PackagePreTrade
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.pretrade_cy import PreTrade
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.risk_cy import Risk
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.funds_cy import Funds
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.package_pretrade_cy import PackagePreTrade
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.pretrade_cy import PreTrade
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.risk_cy import Risk

MOST_ORDERS: int = 16


@cython.final
@cython.cclass
class Foreseeing:
    """What an order may come to bind follows from what its account holds, and what else works.

    When another order has sold what it leaned on, that one has bound nothing, and this one will. So
    after a trade of a member of a group whose margin is limited, the oldest MOST_ORDERS orders of
    it are looked at again, each as if it came anew behind those before it: what two of them would
    bind together counts once. What later ones have foreseen stays. Nothing is reserved anew.
    """

    accounts: Accounts
    funds: Funds
    orders: Orders
    packages: PackagePreTrade
    positions: Positions
    refusal: Refusal
    risk: Risk

    def __init__(self, pretrade: PreTrade) -> None:
        self.risk, self.funds, self.refusal = pretrade.risk, pretrade.funds, pretrade.refusal
        self.accounts, self.orders = pretrade.risk.accounts, pretrade.risk.orders
        self.packages, self.positions = PackagePreTrade(pretrade), pretrade.risk.positions

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def follow(self, account: cython.int) -> cython.int:
        """Look at the working orders of an account again that has just traded."""
        left: cython.int = MOST_ORDERS
        row: cython.int
        if self.accounts.groups.limit(self.accounts.group[account], tables.GROUP_MARGIN) == 0:
            return 0
        row = self.orders.first_working(account)
        if row == kinds.NO_SLOT:
            return 0
        working = self._set_aside(account)
        while row != kinds.NO_SLOT and left > 0:
            if not self.orders.is_leg(row):
                left -= 1
                self.refusal.clear()
                self._count(row)
                self._look_again(row)
            row = self.orders.next_working[row]
        self._put_back(working)
        self.refusal.clear()
        return 0

    def _set_aside(self, account: int) -> list[tuple[int, int, int]]:
        """Let nothing of an account count as working; return what does, by position."""
        positions: Positions = self.positions
        working = [
            (entry, int(positions.buying[entry]), int(positions.selling[entry]))
            for balance in positions.balances.of_account(account)
            for entry in positions.of_balance(balance)
        ]
        self._put_back([(entry, 0, 0) for entry, _buying, _selling in working])
        return working

    def _put_back(self, working: list[tuple[int, int, int]]) -> None:
        positions: Positions = self.positions
        for entry, buying, selling in working:
            positions.buying[entry], positions.selling[entry] = buying, selling

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count(self, row: cython.int) -> cython.void:
        """Let an order count as working again; of a package, its legs and what they may reverse."""
        orders: Orders = self.orders
        number: cython.int
        leg: cython.int
        at: cython.Py_ssize_t
        if not orders.is_package(row):
            self._count_lots(row, orders.side(row), self.risk.exposure.lots(row))
            return
        at = orders.packages.at(orders.package(row))
        for number in range(orders.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            leg = orders.leg_row(row, number)
            side: cython.int = orders.side(leg)
            if (orders.terms[leg] >> kinds.STATE_UNWIND) & 1:
                side = 3 - side  # a leg that is being reversed counts for its own side
            self._count_lots(leg, side, self.risk.exposure.lots(leg))
            self._count_lots(
                leg, 3 - side, orders.packages.words[at + tables.PACKAGE_ROW_REVERSIBLE + number]
            )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count_lots(self, row: cython.int, side: cython.int, lots: cython.longlong) -> cython.void:
        if side == enums.SIDE_BUY:
            self.positions.buying[self.orders.position[row]] += lots
        else:
            self.positions.selling[self.orders.position[row]] += lots

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _look_again(self, row: cython.int) -> cython.int:
        if not self.orders.is_package(row):
            return self._single(row)
        if self.orders.status[row] == enums.ORDER_STATUS_UNWINDING:
            return 0
        self.packages.foresee_again(row)
        self.funds.of_package = False
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _single(self, row: cython.int) -> cython.int:
        risk: Risk = self.risk
        funds: Funds = self.funds
        orders: Orders = self.orders
        lots: cython.longlong = risk.exposure.lots(row)
        account: cython.int = orders.account[row]
        each: cython.longlong
        if lots == 0:
            return 0
        risk.look_at(
            account,
            orders.instrument[row],
            orders.position[row],
            orders.side(row),
            lots,
            orders.risk_ticks[row],
            row,
        )
        funds.of_package = False
        funds.begin_sum(account)
        if funds.add(0) != 0 or funds.weigh(funds.paid(), funds.fees(), lots, row, 0) != 0:
            return 0
        each = (max(0, funds.growth) + lots - 1) // lots
        risk.exposure.foresee(row, lots, max(0, each - orders.reserve[row]))
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
