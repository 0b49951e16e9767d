"""Move instruments through their trading phases, with all that this ends and begins."""

import cython

from quantumcore.server.core.views import GREATEST

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.auction_cy import Auction
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.deadlines_cy import Deadlines
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.auction_cy import Auction
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.deadlines_cy import Deadlines
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.reporter_cy import Reporter

# For each phase, the phases that may follow: a bit each. HALTED and CLOSED may follow any.
FOLLOWING: tuple[int, ...] = (
    0,
    1 << enums.TRADING_PHASE_OPENING_AUCTION | 1 << enums.TRADING_PHASE_CONTINUOUS,
    1 << enums.TRADING_PHASE_CONTINUOUS,
    1 << enums.TRADING_PHASE_VOLATILITY_AUCTION | 1 << enums.TRADING_PHASE_CLOSING_AUCTION,
    1 << enums.TRADING_PHASE_CONTINUOUS | 1 << enums.TRADING_PHASE_CLOSING_AUCTION,
    254,
    0,
    1 << enums.TRADING_PHASE_PRE_OPEN
    | 1 << enums.TRADING_PHASE_OPENING_AUCTION
    | 1 << enums.TRADING_PHASE_CONTINUOUS,
)

AUCTIONS: tuple[int, ...] = (
    enums.TRADING_PHASE_OPENING_AUCTION,
    enums.TRADING_PHASE_VOLATILITY_AUCTION,
    enums.TRADING_PHASE_CLOSING_AUCTION,
)

AROUND_THE_CLOSE: tuple[int, ...] = (
    enums.TRADING_PHASE_CLOSING_AUCTION,
    enums.TRADING_PHASE_CLOSED,
)


@cython.final
@cython.cclass
class Phases:
    """The phase of each instrument, the end of its timed auction, and its expiry."""

    auction: Auction
    auction_ends: Deadlines
    expiries: Deadlines
    instruments: Instruments
    matching: Matching
    orders: Orders
    placing: Placing
    report: Reporter

    def __init__(self, matching: Matching) -> None:
        self.matching, self.placing = matching, matching.placing
        self.instruments, self.orders = matching.instruments, matching.orders
        self.report = matching.report
        self.auction = Auction(matching)
        self.auction_ends = Deadlines(self.instruments.capacity + 1)
        self.expiries = Deadlines(self.instruments.capacity + 1)

    def may_follow(self, instrument: int, phase: int) -> bool:
        """Whether an instrument may move to a phase now."""
        before = self.instruments.get(instrument, tables.INSTRUMENT_PHASE)
        anytime = phase in (enums.TRADING_PHASE_HALTED, enums.TRADING_PHASE_CLOSED)
        return anytime or bool(FOLLOWING[before] >> phase & 1)

    def watch_expiry(self, instrument: int) -> None:
        """Look out for the expiry of an instrument as it is listed now."""
        expiry = self.instruments.get(instrument, tables.INSTRUMENT_EXPIRY_TIME_NS)
        if expiry:
            self.expiries.set(instrument, expiry, instrument)
        else:
            self.expiries.drop(instrument)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def interrupt(self) -> cython.int:
        """Begin the volatility auction that a breach of a price band asks for, if one does."""
        instrument: cython.int = self.matching.breached
        if instrument == 0:
            return 0
        self.matching.breached = 0
        self.move(instrument, enums.TRADING_PHASE_VOLATILITY_AUCTION, True)
        return 0

    def move(self, instrument: int, phase: int, breached: bool) -> None:
        """Move an instrument to another phase."""
        before = self.instruments.get(instrument, tables.INSTRUMENT_PHASE)
        if before == enums.TRADING_PHASE_HALTED and phase not in AROUND_THE_CLOSE:
            self._wait_for_close_again(instrument)
        self.instruments.set(instrument, tables.INSTRUMENT_PHASE, phase)
        value = phase | before << 8 | int(breached) << 16
        self.report.notice(kinds.PHASE_CHANGED, instrument, value)
        self._time_auction(instrument, phase)
        crossing = phase == enums.TRADING_PHASE_CONTINUOUS or (
            phase == enums.TRADING_PHASE_CLOSED and before == enums.TRADING_PHASE_CLOSING_AUCTION
        )
        if before == enums.TRADING_PHASE_CLOSED:
            self._begin_day(instrument)
        if crossing:
            self.auction.uncross(instrument)
        self._end_auction_orders(instrument, phase)
        if phase == enums.TRADING_PHASE_CLOSED:
            self._end_day(instrument)
        if crossing and (self.auction.traded or before in AUCTIONS):
            self._tell_auction(instrument, before)
        if phase == enums.TRADING_PHASE_CONTINUOUS:
            for bit in (tables.HAS_PEGS_STOOD, tables.HAS_BETTER_BID, tables.HAS_BETTER_ASK):
                self.instruments.mark(instrument, bit, True)
            self._look_at_last_trade(instrument)
            self.instruments.touch(instrument)
        self._stir_packages(instrument)

    def _stir_packages(self, instrument: int) -> None:
        """Have sequential orders with a leg in an instrument look at its new phase."""
        for leg in self.placing.phase_lists.sequential_legs(instrument):
            self.placing.packages.stir(self.orders.package(leg))

    def _look_at_last_trade(self, instrument: int) -> None:
        """Let stops that came while nothing traded look at the last trade, as new ones do."""
        has = self.instruments.has
        if has(instrument, tables.HAS_LAST) and not has(instrument, tables.HAS_RANGE):
            last = self.instruments.get(instrument, tables.INSTRUMENT_LAST_TICKS)
            self.instruments.set(instrument, tables.INSTRUMENT_HIGH_TICKS, last)
            self.instruments.set(instrument, tables.INSTRUMENT_LOW_TICKS, last)
            self.instruments.mark(instrument, tables.HAS_RANGE, True)

    def _time_auction(self, instrument: int, phase: int) -> None:
        duration = self.instruments.get(instrument, tables.INSTRUMENT_AUCTION_DURATION_NS)
        end = 0
        if phase == enums.TRADING_PHASE_VOLATILITY_AUCTION and duration:
            end = self.report.time_ns + duration
            self.auction_ends.set(instrument, end, instrument)
        else:
            self.auction_ends.drop(instrument)
        self.instruments.set(instrument, tables.INSTRUMENT_AUCTION_END_NS, end)

    def _begin_day(self, instrument: int) -> None:
        for column in range(tables.INSTRUMENT_DAY_FIRST_TRADE, tables.INSTRUMENT_DAY_TRADES + 1):
            self.instruments.set(instrument, column, 0)
        self.instruments.set(instrument, tables.INSTRUMENT_DAY_TICK_LOTS_HIGH, 0)

    def _end_auction_orders(self, instrument: int, phase: int) -> None:
        """End the orders that were for one auction, or let them join the closing auction."""
        closing = phase == enums.TRADING_PHASE_CLOSING_AUCTION
        closed = phase == enums.TRADING_PHASE_CLOSED
        volatile = phase == enums.TRADING_PHASE_VOLATILITY_AUCTION
        if not closing and not closed and not volatile and phase != enums.TRADING_PHASE_CONTINUOUS:
            return
        if not closing and not volatile:
            self._cancel_all(self._queued(instrument, tables.BOOK_OF_MARKET_ORDERS))
        self._cancel_all(self._rows_of(instrument, enums.TIME_IN_FORCE_AT_OPEN))
        if closed:
            self._cancel_all(self._rows_of(instrument, enums.TIME_IN_FORCE_AT_CLOSE))
        if closing:
            for row in self._queued(instrument, tables.BOOK_OF_CLOSING_ORDERS):
                self.join(row)

    def _wait_for_close_again(self, instrument: int) -> None:
        """Take what had joined a closing auction, which was halted, out of the book again."""
        joined = [
            row
            for row in self._rows_of(instrument, enums.TIME_IN_FORCE_AT_CLOSE)
            if self.orders.place[row] != tables.PLACE_WAITING
        ]
        for row in sorted(joined, key=self._entered):
            self.placing.leave(row)
            self.placing.hold(row, tables.BOOK_OF_CLOSING_ORDERS, tables.PLACE_WAITING)

    def join(self, row: int) -> None:
        """Let an order that waited take part in the closing auction."""
        self.placing.leave(row)
        if self.orders.is_market(row) or self.placing.fits(row):
            self.matching.collect(row)
        else:
            reason = enums.CANCEL_REASON_CAPACITY_EXHAUSTED
            self.placing.end(row, kinds.ORDER_CANCELLED, reason, 0)

    def _cancel_all(self, rows: list[int]) -> None:
        for row in sorted(rows, key=self._entered):
            self.placing.remove(row, kinds.ORDER_CANCELLED, enums.CANCEL_REASON_AUCTION_ENDED)

    def _entered(self, row: int) -> int:
        return self.orders.entered[row]

    def _queued(self, instrument: int, which: int) -> list[int]:
        """Return the orders of a queue in order of entry."""
        book: Book = self.instruments.other(instrument, which)
        queue = book.queue(enums.SIDE_BUY) + book.queue(enums.SIDE_SELL)
        return sorted((tag & tables.TAG_NAME for tag, _, _ in queue), key=self._entered)

    def _rows(self, instrument: int) -> list[int]:
        """Return all working orders: bids, asks by priority, then the others by entry."""
        book: Book = self.instruments.book(instrument)
        queue = book.queue(enums.SIDE_BUY) + book.queue(enums.SIDE_SELL)
        found = [tag & tables.TAG_NAME for tag, _, _ in queue]
        found = [row for row in found if not self.orders.is_leg(row)]
        others: list[int] = []
        for which in range(tables.BOOKS_ELSEWHERE):
            others += self._queued(instrument, which)
        row: cython.int = self.placing.peg_ends[2 * instrument]
        while row != kinds.NO_SLOT:
            if self.orders.place[row] == tables.PLACE_NOWHERE:
                others.append(row)
            row = self.placing.next_peg[row]
        return found + sorted(others + self._packages(instrument), key=self._entered)

    def _rows_of(self, instrument: int, time_in_force: int) -> list[int]:
        """Return the working orders that are good so long, in order of entry."""
        rows = self.placing.phase_lists.rows(instrument, time_in_force)
        rows += [
            row
            for row in self._packages(instrument)
            if self.orders.time_in_force(row) == time_in_force
        ]
        return sorted(rows, key=self._entered)

    def _packages(self, instrument: int) -> list[int]:
        """Return the packages that work with a leg in an instrument."""
        packages: Packages = self.placing.packages
        found: list[int] = []
        for one in self.placing.phase_lists.sequential_legs(instrument):
            row = self.orders.row_of(self.orders.package_id(one))
            if row not in found:
                found.append(row)
        for side in (enums.SIDE_BUY, enums.SIDE_SELL):
            leg: cython.int = packages.ends[packages.queue(instrument, side)]
            while leg != kinds.NO_SLOT:
                row = self.orders.row_of(self.orders.package_id(leg))
                if row not in found:
                    found.append(row)
                leg = packages.next_leg[leg]
        return found

    def _end_day(self, instrument: int) -> None:
        for row in self._rows_of(instrument, enums.TIME_IN_FORCE_DAY):
            self.placing.remove(row, kinds.ORDER_EXPIRED, enums.CANCEL_REASON_END_OF_DAY)

    def _tell_auction(self, instrument: int, before: int) -> None:
        """Tell how the auction ended: what traded in it, and what was left over at its price."""
        auction: Auction = self.auction
        lots = auction.traded
        side = 0
        if auction.imbalance:
            side = enums.SIDE_BUY if auction.imbalance > 0 else enums.SIDE_SELL
        tick = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        lot = self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        self.report.auction_notice(
            instrument,
            before | side << 8 | int(lots > 0) << 16,
            auction.ticks * tick if lots else 0,
            min(lots * lot, GREATEST),
            min(abs(auction.imbalance) * lot, GREATEST),
        )

    def end_auction(self, instrument: int) -> None:
        """End a volatility auction whose time is up."""
        self.move(instrument, enums.TRADING_PHASE_CONTINUOUS, False)

    def expire(self, instrument: int) -> None:
        """End all orders of an instrument that has expired, and close it."""
        self.expiries.drop(instrument)
        self.auction_ends.drop(instrument)
        for row in self._rows(instrument):
            self.placing.remove(row, kinds.ORDER_EXPIRED, enums.CANCEL_REASON_INSTRUMENT_STATUS)
        before = self.instruments.get(instrument, tables.INSTRUMENT_PHASE)
        self.instruments.set(instrument, tables.INSTRUMENT_AUCTION_END_NS, 0)
        if before != enums.TRADING_PHASE_CLOSED:
            self.instruments.set(instrument, tables.INSTRUMENT_PHASE, enums.TRADING_PHASE_CLOSED)
            value = enums.TRADING_PHASE_CLOSED | before << 8
            self.report.notice(kinds.PHASE_CHANGED, instrument, value)
            self._stir_packages(instrument)

    def cancel_account(self, account: int) -> int:
        """Cancel all working orders of an account whose kill switch is on; return how many."""
        cancelled = 0
        row: cython.int = self.orders.first_working(account)
        while row != kinds.NO_SLOT:
            behind: cython.int = self.orders.next_working[row]
            # A leg has ended with its package, or is about to.
            if self.orders.is_working(row) and not self.placing.is_ending(row):
                self.placing.remove(row, kinds.ORDER_CANCELLED, enums.CANCEL_REASON_KILL_SWITCH)
                cancelled += 1
            row = behind
        return cancelled


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
