"""Read what a CREATE_PACKAGE record says, and write it to the table of packages."""

import cython

from quantumcore.server.core.money_cy import bounded_cost, least_money

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.words_cy import Words, stored_bytes


@cython.final
@cython.cclass
class PackageTerms:
    """The record that was read last; more legs or constraints than fit are not in it."""

    instruments: Instruments
    packages: Packages
    turn: Words
    record: cython.Py_ssize_t
    terms: cython.longlong
    leg_count: cython.int

    def __init__(self, turn: Words, instruments: Instruments, packages: Packages) -> None:
        self.turn, self.instruments, self.packages = turn, instruments, packages
        self.record = 0
        self.terms = 0
        self.leg_count = 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def read(self, record: cython.Py_ssize_t) -> cython.void:
        """Look at the record that begins at a word of the turn."""
        self.record = record
        self.terms = self.word(kinds.PACKAGE_TERMS)
        self.leg_count = cython.cast(
            cython.int, min(kinds.MAX_LEGS, self.part(kinds.PACKAGE_TERM_LEGS))
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def part(self, shift: cython.int) -> cython.longlong:
        """Return a byte of the terms (kinds.PACKAGE_TERM_*)."""
        return (self.terms >> shift) & 0xFF

    @cython.cfunc
    @cython.exceptval(check=False)
    def word(self, column: cython.Py_ssize_t) -> cython.longlong:
        """Return a word of the record (kinds.PACKAGE_*)."""
        return self.turn.words[self.record + column]

    @cython.cfunc
    @cython.exceptval(check=False)
    def leg(self, number: cython.int, word: cython.int) -> cython.longlong:
        """Return a word (kinds.LEG_*) of a leg, counted from 0."""
        return self.word(kinds.PACKAGE_LEGS + number * kinds.LEG_WORDS + word)

    @cython.cfunc
    @cython.exceptval(check=False)
    def instrument(self, number: cython.int) -> cython.longlong:
        """Return the instrument of a leg, counted from 0."""
        return self.leg(number, kinds.LEG_TERMS) & kinds.LOW_HALF

    @cython.cfunc
    @cython.exceptval(check=False)
    def side(self, number: cython.int) -> cython.int:
        """Return the side of a leg, counted from 0."""
        return cython.cast(cython.int, (self.leg(number, kinds.LEG_TERMS) >> 32) & 0xFF)

    @cython.cfunc
    @cython.exceptval(check=False)
    def has_price(self, number: cython.int) -> cython.bint:
        """Whether a leg, counted from 0, has a limit of its own."""
        return (self.leg(number, kinds.LEG_TERMS) >> 40) & kinds.FLAG_HAS_PRICE != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def sent(self) -> cython.longlong:
        """Return the first value that its byte could not hold."""
        text: cython.Py_ssize_t = self.record + kinds.PACKAGE_TEXT
        text += (stored_bytes(self.word(kinds.PACKAGE_TEXT_LENGTH)) + 7) >> 3
        return self.turn.sent(self.record, text)

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_immediate(self) -> cython.bint:
        """Whether it must not rest."""
        time_in_force: cython.longlong = self.part(kinds.PACKAGE_TERM_TIME_IN_FORCE)
        return time_in_force == enums.TIME_IN_FORCE_IOC or time_in_force == enums.TIME_IN_FORCE_FOK

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_sequential(self) -> cython.bint:
        """Whether its legs are worked in order."""
        return self.part(kinds.PACKAGE_TERM_MODE) == enums.EXECUTION_MODE_SEQUENTIAL

    @cython.cfunc
    @cython.exceptval(check=False)
    def constraint_count(self) -> cython.int:
        """Return how many constraints the record holds."""
        return cython.cast(
            cython.int, min(kinds.MAX_CONSTRAINTS, self.part(kinds.PACKAGE_TERM_CONSTRAINTS))
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def constraint(self, number: cython.int, word: cython.int) -> cython.longlong:
        """Return a word (kinds.CONSTRAINT_*) of a constraint, counted from 0."""
        return self.word(kinds.PACKAGE_CONSTRAINTS + number * kinds.CONSTRAINT_WORDS + word)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def write(self, package: cython.int) -> cython.int:
        """Write the terms of a record that was let in to a row of the table."""
        at: cython.Py_ssize_t = self.packages.at(package)
        words: cython.longlong[::1] = self.packages.words
        number: cython.int
        i: cython.Py_ssize_t
        units: cython.longlong = self.word(kinds.PACKAGE_UNITS)
        least: cython.longlong = self.word(kinds.PACKAGE_MIN_UNITS)
        if self.part(kinds.PACKAGE_TERM_TIME_IN_FORCE) == enums.TIME_IN_FORCE_FOK:
            least = units
        words[at + tables.PACKAGE_ROW_MODE] = self.part(kinds.PACKAGE_TERM_MODE)
        words[at + tables.PACKAGE_ROW_MIN_UNITS] = least if least > 0 else units
        words[at + tables.PACKAGE_ROW_MOST_COST] = self._most_cost()
        words[at + tables.PACKAGE_ROW_SEQUENTIAL] = self.word(kinds.PACKAGE_SEQUENTIAL)
        words[at + tables.PACKAGE_ROW_LEG_COUNT] = self.leg_count
        words[at + tables.PACKAGE_ROW_CONSTRAINT_COUNT] = self.constraint_count()
        words[at + tables.PACKAGE_ROW_PREVENTION] = self.part(
            kinds.PACKAGE_TERM_SELF_TRADE_PREVENTION
        )
        if self.is_sequential():
            words[at + tables.PACKAGE_ROW_MIN_UNITS] = 1
            words[at + tables.PACKAGE_ROW_POLICY] = self.part(kinds.PACKAGE_TERM_UNWIND_POLICY)
        for number in range(self.leg_count):
            self._write_leg(at, number)
        for i in range(kinds.MAX_CONSTRAINTS * kinds.CONSTRAINT_WORDS):
            words[at + tables.PACKAGE_ROW_CONSTRAINTS + i] = self.word(
                kinds.PACKAGE_CONSTRAINTS + i
            )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _write_leg(self, at: cython.Py_ssize_t, number: cython.int) -> cython.void:
        words: cython.longlong[::1] = self.packages.words
        instrument: cython.int = cython.cast(cython.int, self.instrument(number))
        words[at + tables.PACKAGE_ROW_RATIOS + number] = self.leg(
            number, kinds.LEG_RATIO
        ) // self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        words[at + tables.PACKAGE_ROW_LIMITS + number] = tables.NO_LIMIT
        if self.has_price(number):
            words[at + tables.PACKAGE_ROW_LIMITS + number] = self.leg(
                number, kinds.LEG_PRICE
            ) // self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)

    def constraints_can_hold(self) -> bool:
        """Whether the ratio bands of each pair of legs leave a ratio, and no bound is negative."""
        bands: dict[tuple[int, int], tuple[int, int]] = {}
        for number in range(self.constraint_count()):
            terms = int(self.constraint(number, kinds.CONSTRAINT_TERMS))
            low = int(self.constraint(number, kinds.CONSTRAINT_FIRST))
            high = int(self.constraint(number, kinds.CONSTRAINT_SECOND))
            if terms & 0xFF != kinds.CONSTRAINT_RATIO_BAND:
                if low < 0:
                    return False
                continue
            pair = (terms >> 8 & 0xFF, terms >> 16 & 0xFF)
            lowest, highest = bands.get(pair, (low, high))
            bands[pair] = (max(lowest, low), min(highest, high))
        return all(low <= high for low, high in bands.values())

    def _most_cost(self) -> int:
        """Return the most that one unit may cost, minor units, rounded down; NO_LIMIT: anything.

        A net price is in units of the smallest multiplier among the legs.
        """
        if not self.part(kinds.PACKAGE_TERM_FLAGS) & kinds.FLAG_HAS_PRICE:
            return bounded_cost(1 << 63)
        instruments = [int(self.instrument(number)) for number in range(self.leg_count)]
        money, per = least_money(self.instruments, instruments)
        return bounded_cost(int(self.word(kinds.PACKAGE_NET_PRICE)) * money // per)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
