"""Value what an account holds, and what it would hold, by its margin model."""

import cython

from quantumcore.server.core.margin.explanation import Report, explain
from quantumcore.server.core.margin.scenario_explanation import explain_scenarios
from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.portfolio_cy import Portfolio
    from cython.cimports.quantumcore.server.core.margin.requirement_memo_cy import RequirementMemo
    from cython.cimports.quantumcore.server.core.margin.strategy_cy import StrategyModel
    from cython.cimports.quantumcore.server.core.marks_cy import Marks
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.scanning_cy import Scanning
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.portfolio_cy import Portfolio
    from quantumcore.server.core.margin.requirement_memo_cy import RequirementMemo
    from quantumcore.server.core.margin.strategy_cy import StrategyModel
    from quantumcore.server.core.marks_cy import Marks
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.scanning_cy import Scanning


@cython.final
@cython.cclass
class Margining:
    """Build the portfolio of one account in one currency and ask a margin model about it.

    `refused` says what does not fit the engine (rows.*, 0: all does), `oldest_ns` the age of the
    oldest mark that mattered, `variation` what open futures have gained at the marks. Changes that
    an order would bring stand in `added_*`, of which the first `whole` count; what has traded of
    them already, `begun`, is looked at as not held while it is set aside.
    """

    balances: Balances
    instruments: Instruments
    marks: Marks
    positions: Positions
    model: StrategyModel
    memo: RequirementMemo
    scanning: Scanning
    by_scenarios: cython.bint
    portfolio: Portfolio
    terms: cython.longlong[::1]
    now_ns: cython.longlong
    most_age_ns: cython.longlong
    haircut: cython.longlong
    refused: cython.int
    oldest_ns: cython.longlong
    stalest: cython.int
    variation: cython.longlong
    added: cython.int
    sets_aside: cython.bint
    whole: cython.int
    begun: cython.longlong[::1]
    added_entry: cython.int[::1]
    added_lots: cython.longlong[::1]
    own_buying: cython.longlong[::1]
    own_selling: cython.longlong[::1]

    def __init__(self, positions: Positions, instruments: Instruments) -> None:
        self.positions, self.balances = positions, positions.balances
        self.instruments, self.marks = instruments, Marks(instruments)
        self.model, self.portfolio = StrategyModel(), Portfolio()
        self.memo = RequirementMemo()
        self.model.spreads = instruments.margin_terms.credits
        self.scanning, self.by_scenarios = Scanning(instruments), False
        self.terms = int64_column(rows.STATED_WORDS)
        self.now_ns = self.most_age_ns = self.haircut = 0
        self.refused = self.stalest = self.added = self.whole = 0
        self.sets_aside = False
        self.oldest_ns = self.variation = 0
        self.added_entry = memoryview(bytearray(4 * kinds.MAX_LEGS)).cast("i")
        self.added_lots = int64_column(kinds.MAX_LEGS)
        self.begun = int64_column(kinds.MAX_LEGS)
        self.own_buying, self.own_selling = (
            int64_column(kinds.MAX_LEGS),
            int64_column(kinds.MAX_LEGS),
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def begin(
        self,
        now_ns: cython.longlong,
        most_age_ns: cython.longlong,
        haircut: cython.longlong,
        model: cython.longlong,
    ) -> cython.void:
        """Begin to value at a time, by a MarginModel that requires any.

        `haircut` (basis points) moves marks that are too old.
        """
        self.by_scenarios = model == enums.MARGIN_MODEL_SCENARIO
        self.model.spread_count = self.instruments.margin_terms.credit_count
        self.now_ns, self.most_age_ns, self.haircut = now_ns, most_age_ns, haircut
        self.oldest_ns, self.refused = 0, 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def forget(self) -> cython.void:
        """Forget what an order would change."""
        self.added = self.whole = 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def add(
        self,
        entry: cython.int,
        lots: cython.longlong,
        own_buying: cython.longlong,
        own_selling: cython.longlong,
        begun: cython.longlong,
    ) -> cython.void:
        """Note what an order would change; what works of it already counts for nothing else.

        Lots are signed, and those that have traded of the order are added as if they had not.
        """
        self.added_entry[self.added] = entry
        self.added_lots[self.added], self.begun[self.added] = lots + begun, begun
        self.own_buying[self.added], self.own_selling[self.added] = own_buying, own_selling
        self.added += 1
        self.whole = self.added

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def margin(
        self, balance: cython.int, state: cython.int, with_added: cython.bint
    ) -> cython.longlong:
        """Return what positions require beyond what was paid for them, minor units.

        Where marks are too old, the greater of what they give moved up and down by the haircut.
        """
        one: cython.longlong = self._margin(balance, state, with_added, 0)
        if self.haircut == 0 or self.oldest_ns <= self.most_age_ns or self.refused:
            return one
        one = self._margin(balance, state, with_added, self.haircut)
        return max(one, self._margin(balance, state, with_added, -self.haircut))

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _margin(
        self,
        balance: cython.int,
        state: cython.int,
        with_added: cython.bint,
        move: cython.longlong,
    ) -> cython.longlong:
        total: cython.longlong
        self.build(balance, state, with_added, move)
        if self.refused or self.portfolio.count == 0:
            return 0
        # Negative at most by rounding; -1 would tell of an error.
        if not self.by_scenarios:
            return self._by_strategies()
        total = self.scanning.requirement(self.portfolio)
        if total < 0:
            self.refused = rows.REFUSED_VALUE
            return 0
        return max(0, total - self.scanning.debit_minor_units)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _by_strategies(self) -> cython.longlong:
        changes: cython.longlong = self.instruments.margin_terms.changes
        found: cython.longlong = self.memo.find(self.portfolio, changes)
        if found < 0:
            found = self.model._requirement(self.portfolio) - self.model.debit_minor_units
            found = max(0, found)
            self.memo.keep(self.portfolio, found)
        return found

    def explained(self, balance: int, with_added: bool) -> Report:
        """Take apart what positions require, with `added` too; nothing where they do not fit."""
        self.build(balance, tables.FILLED_NONE, with_added, 0)
        if self.refused:
            self.portfolio.clear()
        if self.by_scenarios:
            return explain_scenarios(self.scanning.scenarios, self.portfolio)
        return explain(self.model, self.portfolio)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def build(
        self,
        balance: cython.int,
        state: cython.int,
        with_added: cython.bint,
        move: cython.longlong,
    ) -> cython.int:
        """Fill the portfolio with what is held in a state of the working orders."""
        entry: cython.int = self.balances.first_position[balance]
        lots: cython.longlong
        self.portfolio.clear()
        self.scanning.begin(self.now_ns)
        self.variation = 0
        while entry != kinds.NO_SLOT and not self.refused:
            lots = self.positions.lots[entry] + self._change(entry, state, with_added)
            self._put(entry, lots, move)
            entry = self.positions.next_of_balance[entry]
        if with_added:
            self._put_lent(move)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _put_lent(self, move: cython.longlong) -> cython.int:
        """Put what would be added to positions that the account has not got, see Positions.lend."""
        at: cython.int
        for at in range(self.whole):
            if self.added_entry[at] >= self.positions.capacity and not self.refused:
                self._put(self.added_entry[at], self.added_lots[at], move)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _change(
        self, entry: cython.int, state: cython.int, with_added: cython.bint
    ) -> cython.longlong:
        """Return the lots by which a position would differ from what is held."""
        change: cython.longlong = 0
        at: cython.int
        if state == tables.FILLED_BUYS:
            change = self.positions.buying[entry]
        elif state == tables.FILLED_SELLS:
            change = -self.positions.selling[entry]
        for at in range(self.added):
            if self.added_entry[at] == entry:
                if state == tables.FILLED_BUYS:
                    change -= self.own_buying[at]
                elif state == tables.FILLED_SELLS:
                    change += self.own_selling[at]
                if self.sets_aside:
                    change -= self.begun[at]
                if with_added and at < self.whole:
                    change += self.added_lots[at]
        return change

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _put(self, entry: cython.int, lots: cython.longlong, move: cython.longlong) -> cython.int:
        """Put lots of the instrument of a position into the portfolio, at their mark."""
        instrument: cython.int = self.positions.instrument[entry]
        if lots == 0 and self.positions.lots[entry] == 0:
            return 0
        # Whatever it is worth, what was paid for in full is held against nothing.
        matters: cython.bint = lots < 0
        if self.instruments.has(instrument, tables.HAS_FUTURE_STYLE):
            matters = self.positions.lots[entry] != 0
        self._state(instrument, matters or self._is_scanned(instrument, lots), move)
        if self.terms[rows.KIND] == rows.KIND_FUTURE:
            self._add_variation(entry, instrument)
        if lots != 0:
            self.refused = self.portfolio._put(self.terms, 0, lots, False)
            if self.by_scenarios and not self.refused:
                self.scanning.state(instrument, self.terms)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_scanned(self, instrument: cython.int, lots: cython.longlong) -> cython.bint:
        """Whether what is held is scanned from its own mark: how far, follows from that."""
        return self.by_scenarios and lots != 0 and self.scanning.needs_price(instrument)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _add_variation(self, entry: cython.int, instrument: cython.int) -> cython.int:
        self.variation += (
            self.terms[rows.MARK_TICKS] * self.positions.lots[entry]
            - self.positions.open.clipped(entry)
        ) * self.instruments.get(instrument, tables.INSTRUMENT_TICK_VALUE)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _state(
        self, instrument: cython.int, matters: cython.bint, move: cython.longlong
    ) -> cython.int:
        """State the terms of an instrument as the engine reads them; `matters`: its mark does."""
        get: Instruments = self.instruments
        kind: cython.longlong = get.get(instrument, tables.INSTRUMENT_KIND)
        money: cython.longlong = get.get(instrument, tables.INSTRUMENT_TICK_VALUE)
        word: cython.int
        for word in range(rows.STATED_WORDS):
            self.terms[word] = 0
        self.terms[rows.INSTRUMENT] = self.terms[rows.GROUP] = instrument
        self.terms[rows.WEIGHT] = money
        self.terms[rows.KIND] = rows.KIND_EQUITY
        if kind == enums.INSTRUMENT_KIND_OPTION:
            self._state_option(instrument, move)
        elif kind == enums.INSTRUMENT_KIND_FUTURE:
            self.terms[rows.KIND] = rows.KIND_FUTURE
            self.terms[rows.GROUP] = -get.get(instrument, tables.INSTRUMENT_PRODUCT)
            self.terms[rows.EXPIRY] = get.get(instrument, tables.INSTRUMENT_EXPIRY_TIME_NS)
            self.terms[rows.OUTRIGHT] = get.get(instrument, tables.INSTRUMENT_OUTRIGHT)
        elif kind == enums.INSTRUMENT_KIND_SPOT_PAIR:
            self.terms[rows.KIND] = rows.KIND_SPOT
        self.terms[rows.MARK_TICKS] = self._mark(instrument, move, matters)
        self.terms[rows.MARK_VALUE] = self.terms[rows.MARK_TICKS] * money
        if kind != enums.INSTRUMENT_KIND_OPTION:
            self.terms[rows.UNDERLYING_TICKS] = self.terms[rows.MARK_TICKS]
        if kind == enums.INSTRUMENT_KIND_FUTURE:
            self.terms[rows.UNDERLYING_TICKS] = 0
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _state_option(self, instrument: cython.int, move: cython.longlong) -> cython.int:
        get: Instruments = self.instruments
        traits: cython.longlong = get.get(instrument, tables.INSTRUMENT_TRAITS)
        self.terms[rows.KIND] = rows.KIND_CALL
        if traits & tables.INSTRUMENT_IS_PUT:
            self.terms[rows.KIND] = rows.KIND_PUT
        if traits & tables.INSTRUMENT_IS_BROAD_INDEX:
            self.terms[rows.FLAGS] = rows.FLAG_BROAD_INDEX
        underlying: cython.int = cython.cast(
            cython.int, get.get(instrument, tables.INSTRUMENT_UNDERLYING)
        )
        self.terms[rows.GROUP] = underlying
        self.terms[rows.EXPIRY] = get.get(instrument, tables.INSTRUMENT_EXPIRY_TIME_NS)
        self.terms[rows.STRIKE_TICKS] = get.get(instrument, tables.INSTRUMENT_STRIKE)
        self.terms[rows.WEIGHT] = get.get(instrument, tables.INSTRUMENT_WEIGHT)
        self.terms[rows.UNDERLYING_TICKS] = self._mark(underlying, move, True)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _mark(
        self, instrument: cython.int, move: cython.longlong, matters: cython.bint
    ) -> cython.longlong:
        """Return the mark in ticks, moved if it is too old; 0 where there is none."""
        marks: Marks = self.marks
        ticks: cython.longlong
        part: cython.longlong
        whole: cython.longlong = tables.BASIS_POINTS
        young: cython.bint = marks.find(instrument, self.now_ns, self.most_age_ns)
        if matters and marks.age_ns > self.oldest_ns:
            self.oldest_ns, self.stalest = marks.age_ns, instrument
        if marks.age_ns == tables.NO_LIMIT:
            return 0
        ticks = marks.ticks
        if not young and move != 0:
            # The bound of 64 bits is far: ticks are within 2**61, and moved by their parts.
            part = abs(ticks) // whole * abs(move) + abs(ticks) % whole * abs(move) // whole
            ticks += part if move > 0 else -part
        return ticks


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
