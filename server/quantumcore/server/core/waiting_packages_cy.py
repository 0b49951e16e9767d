"""Let multi-leg orders wait: each leg in the queue for the side that it would trade with."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import tables
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.lists_cy import link, unlink
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.strategy_books_cy import StrategyBooks
else:
    from quantumcore.server.core import tables
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.lists_cy import link, unlink
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.strategy_books_cy import StrategyBooks


@cython.final
@cython.cclass
class WaitingPackages:
    """The queues stand in the table of packages; a package waits in those of all its legs.

    Legs of sequential orders wait each alone.
    """

    instruments: Instruments
    orders: Orders
    packages: Packages
    strategies: StrategyBooks

    def __init__(self, instruments: Instruments, orders: Orders) -> None:
        self.instruments, self.orders = instruments, orders
        self.packages, self.strategies = orders.packages, StrategyBooks(orders)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def hold(self, row: cython.int) -> cython.int:
        """Let a package wait until the books of its legs change."""
        number: cython.int
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        self.orders.place[row] = tables.PLACE_PACKAGES
        for number in range(self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            self.hold_leg(self.orders.leg_row(row, number))
        self.strategies.add(row)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def hold_leg(self, leg: cython.int) -> cython.int:
        """Let a leg wait, behind those that wait for the same side of its book."""
        self.orders.place[leg] = tables.PLACE_PACKAGES
        link(
            self.packages.ends,
            self.packages.queue(self.orders.instrument[leg], 3 - self.orders.side(leg)),
            self.packages.next_leg,
            self.packages.previous_leg,
            leg,
        )
        self.instruments.increase(self.orders.instrument[leg], tables.INSTRUMENT_PACKAGES, 1)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def leave(self, row: cython.int) -> cython.int:
        """Take a package and its legs out of the queues."""
        number: cython.int
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        for number in range(self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            self.leave_leg(self.orders.leg_row(row, number))
        self.strategies.remove(row)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def leave_leg(self, leg: cython.int) -> cython.int:
        """Take a leg out of its queue."""
        self.orders.place[leg] = tables.PLACE_NOWHERE
        unlink(
            self.packages.ends,
            self.packages.queue(self.orders.instrument[leg], 3 - self.orders.side(leg)),
            self.packages.next_leg,
            self.packages.previous_leg,
            leg,
        )
        self.instruments.increase(self.orders.instrument[leg], tables.INSTRUMENT_PACKAGES, -1)
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
