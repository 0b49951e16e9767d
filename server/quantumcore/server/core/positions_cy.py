"""Keep the position of every account in every instrument that it trades."""

from typing import Any

import cython

from quantumcore.server.core.memory import first_rows, int64_column, row_columns
from quantumcore.server.core.wide_cy import long_cost_of_part

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.index_cy import HashIndex, fetch, mix
    from cython.cimports.quantumcore.server.core.kinds import NO_SLOT
    from cython.cimports.quantumcore.server.core.wide_cy import WideSums, cost_of_part
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.index_cy import HashIndex, mix
    from quantumcore.server.core.kinds import NO_SLOT
    from quantumcore.server.core.wide_cy import WideSums, cost_of_part


@cython.final
@cython.cclass
class Positions:
    """Entries by account and instrument, made by the first order and kept for ever.

    `lots` is what was bought less what was sold, `open` its exact cost in ticks x lots, signed
    alike; `realised` is what closing brought, at average cost: so `open - realised` is the sum of
    all that was paid. `reduce_only` is what working reduce-only orders would still trade;
    `buying`, `selling`, `open_value` and `working` are of all working orders, and counted for
    watched accounts alone (see Exposure). Entries of one balance form a list. Where what a trade
    realised may be beyond one word (`is_long`), `long_realised` has it. `newest_note` is of Notes.
    """

    index: HashIndex
    balances: Balances
    capacity: cython.int
    count: cython.int
    lent: cython.int
    account: cython.int[:]
    instrument: cython.int[:]
    balance: cython.int[:]
    limits: cython.int[:]
    lots: cython.longlong[:]
    bought: cython.longlong[:]
    buying: cython.longlong[:]
    selling: cython.longlong[:]
    open: WideSums
    realised: WideSums
    fees: WideSums
    reduce_only: cython.longlong[:]
    open_value: WideSums
    updated_ns: cython.longlong[:]
    sequence: cython.longlong[:]
    next_of_balance: cython.int[:]
    newest_note: cython.longlong[:]
    working: cython.int[:]
    is_long: cython.bint
    long_realised: Any

    def __init__(
        self, balances: Balances, capacity: int, hash_key: int, prefault: bool = False
    ) -> None:
        self.index, self.balances = HashIndex(capacity, hash_key, prefault), balances
        self.capacity, self.count, self.lent = capacity, 0, 0
        rows = capacity + kinds.MAX_LEGS
        columns = row_columns(rows, "qqqqqqiiii", prefault)
        self.lots, opened, realised, self.bought, self.buying, self.selling = columns[:6]
        self.account, self.instrument, self.balance, self.limits = columns[6:]
        self.open, self.realised = WideSums(opened, rows), WideSums(realised, rows)
        columns = row_columns(rows, "qqqqqii", prefault)
        self.reduce_only, open_value, self.updated_ns, self.sequence = columns[:4]
        self.newest_note, self.next_of_balance, self.working = columns[4:]
        self.open_value = WideSums(open_value, rows)
        self.is_long, self.long_realised = False, 0
        self.fees = WideSums(int64_column(rows), rows)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _hash(self, account: cython.int, instrument: cython.int) -> cython.longlong:
        return mix(mix(self.index.key, account), instrument)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def expect(self, account: cython.int, instrument: cython.int) -> cython.void:
        """Have the processor fetch what `find` will look at."""
        if cython.compiled:
            at: cython.Py_ssize_t = self.index.start(self._hash(account, instrument))
            fetch(cython.address(self.index.table[at]))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find(self, account: cython.int, instrument: cython.int) -> cython.int:
        """Return the entry, or NO_SLOT."""
        at: cython.Py_ssize_t = self.index.start(self._hash(account, instrument))
        entry: cython.int = self.index.at(at)
        while entry != NO_SLOT:
            if self.account[entry] == account and self.instrument[entry] == instrument:
                return entry
            at = self.index.step(at)
            entry = self.index.at(at)
        return NO_SLOT

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find_or_add(
        self,
        account: cython.int,
        instrument: cython.int,
        currency: cython.int,
        is_derivative: cython.bint,
    ) -> cython.int:
        """Return the entry, made flat where there was none; NO_SLOT where none can be made."""
        entry: cython.int = self.find(account, instrument)
        if entry != NO_SLOT or self.count == self.capacity:
            return entry
        balance: cython.int = self.balances.find_or_add(account, currency)
        if balance == NO_SLOT:
            return NO_SLOT
        entry = self.count
        self.count += 1
        self.account[entry], self.instrument[entry] = account, instrument
        self.balance[entry], self.limits[entry] = balance, 0
        self.next_of_balance[entry] = self.balances.first_position[balance]
        self.balances.first_position[balance] = entry
        self.balances.derivatives[balance] += is_derivative
        self.index.add(entry, self._hash(account, instrument))
        return entry

    @cython.cfunc
    @cython.exceptval(check=False)
    def lend(self, account: cython.int, instrument: cython.int, currency: cython.int) -> cython.int:
        """Return the entry, or a flat one behind all others for as long as a check takes.

        `lent` is set to 0 before the check; a package can need one for each leg.
        """
        entry: cython.int = self.find(account, instrument)
        number: cython.int
        if entry != NO_SLOT:
            return entry
        for number in range(self.lent):
            if self.instrument[self.capacity + number] == instrument:
                return self.capacity + number
        entry = self.capacity + self.lent
        self.lent += 1
        self.account[entry], self.instrument[entry] = account, instrument
        self.balance[entry], self.limits[entry] = self.balances.lend(account, currency), 0
        return entry

    @cython.cfunc
    @cython.exceptval(check=False)
    def trade(
        self, entry: cython.int, ticks: cython.longlong, lots: cython.longlong
    ) -> cython.longlong:
        """Add lots (signed: sold are negative) at a price; return what that realised, tick lots.

        What closes is valued at the average cost, cut towards zero; the rest stays in `open`.
        """
        held: cython.longlong = self.lots[entry]
        closing: cython.longlong
        cost: cython.longlong
        realised: cython.longlong
        self.lots[entry] = held + lots
        self.is_long = False
        if held == 0 or (held > 0) == (lots > 0):
            self.open.add(entry, ticks * lots)
            return 0
        closing = min(abs(held), abs(lots))
        if self.open.high[entry] != 0:
            return self._close_long(entry, held, lots, ticks)
        cost = cost_of_part(self.open.low[entry], abs(held), closing)
        if lots < 0:
            closing = -closing
        realised = -closing * ticks - cost
        self.realised.add(entry, realised)
        self.open.add(entry, -cost)
        self.open.add(entry, (lots - closing) * ticks)
        return realised

    def _close_long(self, entry: int, held: int, lots: int, ticks: int) -> int:
        """Close what cost more than one word holds; return what that realised, bounded."""
        closing = min(abs(held), abs(lots))
        cost = long_cost_of_part(self.open.read(entry), abs(held), closing)
        if lots < 0:
            closing = -closing
        realised = -closing * ticks - cost
        self.realised.increase(entry, realised)
        self.open.increase(entry, (lots - closing) * ticks - cost)
        self.is_long, self.long_realised = True, realised
        most: cython.longlong = kinds.MONEY_LIMIT
        return max(-most, min(most, realised))

    def whole(self, realised: int) -> int:
        """Return all that the last trade realised, of which `trade` returned this."""
        exact: int = self.long_realised
        return exact if self.is_long else realised

    def of_balance(self, balance: int) -> list[int]:
        """Return the entries of one account in one currency, ascending by instrument."""
        found, entry = list[int](), int(self.balances.first_position[balance])
        while entry != NO_SLOT:
            found.append(entry)
            entry = int(self.next_of_balance[entry])
        return sorted(found, key=lambda entry: int(self.instrument[entry]))

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.count]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        narrow = [self.account, self.instrument, self.balance, self.limits, self.next_of_balance]
        narrow.append(self.working)
        wide = [self.lots, self.bought, self.buying, self.selling, self.reduce_only]
        wide += [self.updated_ns, self.sequence, self.newest_note]
        return [
            *first_rows(narrow, self.count),
            *first_rows(wide, self.count),
            *self.open.columns(self.count),
            *self.realised.columns(self.count),
            *self.fees.columns(self.count),
            *self.open_value.columns(self.count),
        ]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
