"""Bring an exchange to rest: what is due, what its trades set off, what follows prices."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.packaging_cy import Packaging
    from cython.cimports.quantumcore.server.core.pegs_cy import Pegs
    from cython.cimports.quantumcore.server.core.phases_cy import Phases
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.sequencing_cy import Sequencing
    from cython.cimports.quantumcore.server.core.stops_cy import Stops
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.packaging_cy import Packaging
    from quantumcore.server.core.pegs_cy import Pegs
    from quantumcore.server.core.phases_cy import Phases
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.sequencing_cy import Sequencing
    from quantumcore.server.core.stops_cy import Stops


@cython.final
@cython.cclass
class Settling:
    """What happens around a command: expiries before it, stops and pegs after it.

    At most ACTIVATIONS_PER_COMMAND stops become active for one command; what is left goes on
    with the next. One whose account's funds are looked at again counts as
    SHARE_OF_FUNDS. Nothing is scanned: instruments that were touched wait in a queue.
    """

    instruments: Instruments
    matching: Matching
    orders: Orders
    packaging: Packaging
    pegs: Pegs
    phases: Phases
    placing: Placing
    sequencing: Sequencing
    stops: Stops

    def __init__(self, matching: Matching, packaging: Packaging) -> None:
        self.packaging = packaging
        self.sequencing = Sequencing(matching, packaging.trading)
        self.matching, self.placing = matching, matching.placing
        self.instruments, self.orders = matching.instruments, matching.orders
        self.stops = Stops(matching, packaging.admission.admission.pretrade)
        self.pegs, self.phases = Pegs(matching), Phases(matching)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def expire(self, now_ns: cython.longlong) -> cython.int:
        """End all whose time has come: orders, instruments, timed auctions."""
        row: cython.int = self.orders.deadlines.due(now_ns)
        while row != kinds.NO_SLOT:
            if self.orders.is_leg(row):
                self.sequencing.expire_leg(row)
            else:
                self.placing.remove(row, kinds.ORDER_EXPIRED, enums.CANCEL_REASON_EXPIRE_TIME)
            row = self.orders.deadlines.due(now_ns)
        instrument: cython.int = self.phases.expiries.due(now_ns)
        while instrument != kinds.NO_SLOT:
            self.phases.expire(instrument)
            instrument = self.phases.expiries.due(now_ns)
        instrument = self.phases.auction_ends.due(now_ns)
        while instrument != kinds.NO_SLOT:
            self.phases.end_auction(instrument)
            instrument = self.phases.auction_ends.due(now_ns)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def next_due_ns(self) -> cython.longlong:
        """Return when the next order, auction or instrument ends; 0: none does."""
        soonest: cython.longlong = self.orders.deadlines.next_ns()
        soonest = self._sooner(soonest, self.phases.auction_ends.next_ns())
        return self._sooner(soonest, self.phases.expiries.next_ns())

    @cython.cfunc
    @cython.exceptval(check=False)
    def _sooner(self, one: cython.longlong, other: cython.longlong) -> cython.longlong:
        if one == 0 or other == 0:
            return one + other
        return min(one, other)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def settle(self) -> cython.int:
        """Set off stops, move pegs and let packages try, until all is quiet.

        Sequential orders come first, and before everything that is set off.
        """
        left: cython.int = kinds.ACTIVATIONS_PER_COMMAND
        share: cython.int
        self.sequencing.settle()
        while left > 0 and self.instruments.touched_count > 0:
            share = self._step(self.instruments.first())
            left -= share
            if share == 0:
                self.instruments.settle_first()
            self.sequencing.settle()
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_restless(self) -> cython.bint:
        """Whether there is something to settle."""
        return (
            self.instruments.touched_count > 0
            or self.placing.packages.first_stirred != kinds.NO_SLOT
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _step(self, instrument: cython.int) -> cython.int:
        """Do the next thing an instrument asks for; return its share of a command, 0: none."""
        if (
            self.instruments.get(instrument, tables.INSTRUMENT_PHASE)
            != enums.TRADING_PHASE_CONTINUOUS
        ):
            return 0
        row: cython.int = self.stops.next_reached(instrument)
        if row != kinds.NO_SLOT:
            self.stops.set_off(row)
            self.phases.interrupt()
            return tables.SHARE_OF_FUNDS if self.stops.looked_at_funds else 1
        if self.pegs.has_moved(instrument):
            self.pegs.follow(instrument)
            self.phases.interrupt()
            return 1
        if self.instruments.get(instrument, tables.INSTRUMENT_PACKAGES) != 0:
            if self._try_packages(instrument, enums.SIDE_BUY, tables.HAS_BETTER_BID):
                return 1
            if self._try_packages(instrument, enums.SIDE_SELL, tables.HAS_BETTER_ASK):
                return 1
        self.instruments.mark(instrument, tables.HAS_RANGE, False)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _try_packages(
        self, instrument: cython.int, side: cython.int, bit: cython.longlong
    ) -> cython.int:
        """Let packages that wait for a side of a book try again, where it has got better."""
        packages: Packages = self.placing.packages
        leg: cython.int
        behind: cython.int
        if not self.instruments.has(instrument, bit):
            return 0
        self.instruments.mark(instrument, bit, False)
        leg = cython.cast(cython.int, packages.ends[packages.queue(instrument, side)])
        while leg != kinds.NO_SLOT:
            behind = packages.next_leg[leg]
            if self.orders.is_sequential(leg):
                self.sequencing.note_better(leg)
            else:
                self.packaging.try_again(self.orders.row_of(self.orders.package_id(leg)))
            leg = behind
        return 1


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
