"""Let packages trade with one another: opposite legs, at the net price of the one that waited."""

from math import gcd
from typing import NamedTuple

import cython

from quantumcore.server.core.package_leg_prices import PricedLeg, Unassignable, assigned
from quantumcore.server.core.strategy_books_cy import Entry, Leg

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.package_trading_cy import PackageTrading
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.strategy_books_cy import StrategyBooks
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.package_trading_cy import PackageTrading
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.strategy_books_cy import StrategyBooks

CANDIDATES: int = 8  # how many that wait a package is held against before it goes to the books


class Deal(NamedTuple):
    """Units that two packages can trade, the price of each leg, and what a unit costs the taker."""

    row: int
    units: int
    ticks: list[int]
    unit_cost: int


@cython.final
@cython.cclass
class StrategyTrading:
    """A package trades with its exact opposite before it goes to the books of its legs.

    No leg trades outside its own book's best bid and ask, its price band and either package's
    limit; both packages' constraints hold. So the deal is no worse for either than the books.
    Packages of one owner pass one another over.
    """

    books: StrategyBooks
    instruments: Instruments
    matching: Matching
    orders: Orders
    packages: Packages
    placing: Placing
    trading: PackageTrading

    def __init__(self, trading: PackageTrading) -> None:
        self.trading, self.matching, self.placing = trading, trading.matching, trading.placing
        self.instruments, self.orders = trading.instruments, trading.orders
        self.packages = trading.packages
        self.books = trading.placing.waiting_packages.strategies

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def meet(self, row: cython.int) -> cython.int:
        """Let a package trade with the opposites that wait, best first, as far as it goes."""
        if not self.books.has_opposite(row):
            return 0
        legs = self.books.legs_of(row)
        package = int(self.orders.package(row))
        account = int(self.orders.account[row])
        while self.orders.is_working(row):
            deal = self.deal(package, account, legs, self.orders.leaves(row) // kinds.UNIT)
            if deal is None:
                return 0
            self._carry_out(row, legs, deal)
        return 0

    def deal(self, package: int, account: int, legs: list[Leg], leaves: int) -> Deal | None:
        """Find the first that a row of the table of packages can trade with, changing nothing."""
        none: cython.longlong = tables.NO_LIMIT
        if self.packages.words[self.packages.at(package) + tables.PACKAGE_ROW_MOST_COST] >= none:
            return None
        entries = self.books.opposites(legs)
        if not entries:
            return None
        for instrument, _side, _lots in legs:
            if not self.instruments.is_continuous(instrument):
                return None
        for entry in entries[:CANDIDATES]:
            deal = self._deal_with(entry, package, account, legs, leaves)
            if deal is not None:
                return deal
        return None

    def _deal_with(
        self, entry: Entry, package: int, account: int, legs: list[Leg], leaves: int
    ) -> Deal | None:
        waiting = entry[2]
        row: cython.int = waiting
        owner: cython.longlong = self.placing.accounts.owner[account]
        units = min(leaves, self.orders.leaves(row) // kinds.UNIT)
        if self.placing.accounts.owner[self.orders.account[row]] == owner:
            return None
        if units < self._least(package, leaves):
            return None
        if units < self._least(self.orders.package(row), self.orders.leaves(row) // kinds.UNIT):
            return None
        ticks, unit_cost = self._prices(entry, package, legs)
        if ticks is None or not self._constraints_hold(package, waiting, legs, ticks):
            return None
        return Deal(waiting, units, ticks, unit_cost)

    def _least(self, package: int, leaves: int) -> int:
        """Return the fewest units of a package that may trade at once."""
        at = self.packages.at(package)
        return min(int(self.packages.words[at + tables.PACKAGE_ROW_MIN_UNITS]), leaves)

    def _prices(self, entry: Entry, package: int, legs: list[Leg]) -> tuple[list[int] | None, int]:
        """Return the price of each leg, None where there is none, and what a unit costs.

        The one that waited gives its net price, or what whole ticks leave of it.
        """
        least, _arrival, waiting = entry
        theirs = self._limits_of(waiting)
        at = self.packages.at(package)
        priced = [self._priced(leg, number, at, theirs[leg[0]]) for number, leg in enumerate(legs)]
        whole = _step(priced)
        unit_cost = -(-least // whole) * whole
        if unit_cost > self.packages.words[at + tables.PACKAGE_ROW_MOST_COST]:
            return None, unit_cost
        if any(leg.lowest_ticks > leg.highest_ticks for leg in priced):
            return None, unit_cost
        found = assigned(priced, unit_cost)
        return (None if isinstance(found, Unassignable) else found), unit_cost

    def _limits_of(self, waiting: int) -> dict[int, int]:
        """Return the limits of a package's legs by instrument."""
        at = self.packages.at(self.orders.package(waiting)) + tables.PACKAGE_ROW_LIMITS
        legs = self.books.legs_of(waiting)
        return {leg[0]: int(self.packages.words[at + number]) for number, leg in enumerate(legs)}

    def _priced(self, leg: Leg, number: int, at: int, their_limit: int) -> PricedLeg:
        """Return between which prices a leg may trade, and around which."""
        instrument, side, lots = leg
        read = self.instruments.read
        none: cython.longlong = tables.NO_LIMIT
        tick = read(instrument, tables.INSTRUMENT_TICK_SIZE)
        low = -(-read(instrument, tables.INSTRUMENT_MIN_PRICE) // tick)
        high = read(instrument, tables.INSTRUMENT_MAX_PRICE) // tick
        own_limit = int(self.packages.words[at + tables.PACKAGE_ROW_LIMITS + number])
        bought, sold = (
            (own_limit, their_limit) if side == enums.SIDE_BUY else (their_limit, own_limit)
        )
        high = high if bought == none else min(high, bought)
        low = low if sold == none else max(low, sold)
        high = int(self.matching._in_band(instrument, enums.SIDE_BUY, high))
        low = int(self.matching._in_band(instrument, enums.SIDE_SELL, low))
        bid, ask = self._best(instrument, enums.SIDE_BUY), self._best(instrument, enums.SIDE_SELL)
        high = high if ask is None else min(high, ask)
        low = low if bid is None else max(low, bid)
        money = lots * read(instrument, tables.INSTRUMENT_TICK_VALUE)
        reference = self._reference(instrument, bid, ask)
        return PricedLeg(money if side == enums.SIDE_BUY else -money, reference, low, high)

    def _best(self, instrument: int, side: int) -> int | None:
        """Return the best price of a side of a book, ticks."""
        book: Book = self.instruments.book(instrument)
        level: cython.int = book._side(side).best()
        return None if level == kinds.NO_SLOT else int(book._price(side, level))

    def _reference(self, instrument: int, bid: int | None, ask: int | None) -> int:
        """Return around which price a leg is to trade: the middle, else what there is, ticks."""
        if bid is not None and ask is not None:
            return (bid + ask) // 2
        if self.instruments.has(instrument, tables.HAS_LAST):
            return self.instruments.read(instrument, tables.INSTRUMENT_LAST_TICKS)
        if self.instruments.has(instrument, tables.HAS_REFERENCE):
            tick = self.instruments.read(instrument, tables.INSTRUMENT_TICK_SIZE)
            return self.instruments.read(instrument, tables.INSTRUMENT_REFERENCE_PRICE) // tick
        return next((price for price in (bid, ask) if price is not None), 0)

    def _constraints_hold(
        self, package: int, waiting: int, legs: list[Leg], ticks: list[int]
    ) -> bool:
        """Whether the price constraints of both packages hold at these prices."""
        prices = {leg[0]: price for leg, price in zip(legs, ticks, strict=True)}
        theirs = self.books.legs_of(waiting)
        plan = self.trading.plan
        return plan.holds_at(package, legs, ticks) and plan.holds_at(
            int(self.orders.package(waiting)), theirs, [prices[leg[0]] for leg in theirs]
        )

    def _carry_out(self, row: int, legs: list[Leg], deal: Deal) -> None:
        """Trade all legs of both, then both as a whole."""
        orders: Orders = self.orders
        for whole in (deal.row, row):
            if orders.leaves(whole) == deal.units * kinds.UNIT:
                self.placing.leave(whole)
        first: cython.longlong = self.matching.fills.trades.last_id + 1
        self.packages.last_execution += 1
        for whole in (deal.row, row):
            at = self.packages.at(orders.package(whole))
            self.packages.words[at + tables.PACKAGE_ROW_EXECUTION] = self.packages.last_execution
        theirs = {leg[0]: number for number, leg in enumerate(self.books.legs_of(deal.row))}
        for number, (instrument, _side, lots) in enumerate(legs):
            maker: cython.int = orders.leg_row(deal.row, theirs[instrument])
            taker: cython.int = orders.leg_row(row, number)
            self.matching.fills.record(maker, taker, deal.ticks[number], deal.units * lots, False)
            self.instruments.touch(instrument)
        cost = deal.units * deal.unit_cost
        self.trading.fill(deal.row, deal.units, -cost, enums.LIQUIDITY_MAKER)
        sequence = self.trading.report.sequence
        self.trading.fill(row, deal.units, cost, enums.LIQUIDITY_TAKER)
        self.trading.note(first, deal.units, cost, row, deal.row, sequence)


def _step(legs: list[PricedLeg]) -> int:
    """Return in which steps whole ticks of all legs change what a unit costs."""
    return gcd(*(leg.money_per_tick for leg in legs))


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
