"""Keep the money of every account in every currency that it uses."""

import cython

from quantumcore.server.core.memory import first_rows, int32_column, row_columns

if cython.compiled:
    from cython.cimports.quantumcore.server.core.index_cy import HashIndex, mix
    from cython.cimports.quantumcore.server.core.kinds import NO_SLOT
    from cython.cimports.quantumcore.server.core.wide_cy import WideSums
else:
    from quantumcore.server.core.index_cy import HashIndex, mix
    from quantumcore.server.core.kinds import NO_SLOT
    from quantumcore.server.core.wide_cy import WideSums


@cython.final
@cython.cclass
class Balances:
    """Entries by account and currency, made by the first order or payment and kept for ever.

    All amounts are minor units. `reserved`, `foreseen` and `open_value` are of working orders, and
    counted for watched accounts alone (see Exposure); `margin` is that of positions as last told,
    `margined` counts the positions that need any, `derivatives` the options and futures among the
    positions, flat ones too; `queued` says whether margin is to be told again.
    """

    index: HashIndex
    capacity: cython.int
    count: cython.int
    account: cython.int[:]
    currency: cython.int[:]
    first_position: cython.int[:]
    next_of_account: cython.int[:]
    cash: WideSums
    fees: WideSums
    reserved: cython.longlong[:]
    foreseen: cython.longlong[:]
    open_value: WideSums
    margin: cython.longlong[:]
    margined: cython.int[:]
    queued: cython.int[:]
    derivatives: cython.int[:]
    first_of_account: cython.int[::1]
    queue: cython.int[::1]
    queue_count: cython.int

    def __init__(self, capacity: int, accounts: int, hash_key: int, prefault: bool = False) -> None:
        self.index = HashIndex(capacity, hash_key, prefault)
        self.capacity, self.count = capacity, 0
        columns = row_columns(capacity + 1, "qqqqqqiiiiiiii", prefault)
        cash, fees, self.reserved, open_value, self.margin = columns[:5]
        self.foreseen = columns[5]
        self.account, self.currency, self.first_position, self.next_of_account = columns[6:10]
        self.margined, self.queued, self.derivatives = columns[10:13]
        self.cash, self.fees = WideSums(cash, capacity + 1), WideSums(fees, capacity + 1)
        self.open_value = WideSums(open_value, capacity + 1)
        self.queue, self.queue_count = int32_column(capacity), 0
        self.first_of_account = int32_column(accounts + 1)
        memoryview(self.first_of_account)[:] = memoryview(b"\xff" * (4 * (accounts + 1))).cast("i")

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find(self, account: cython.int, currency: cython.int) -> cython.int:
        """Return the entry, or NO_SLOT."""
        at: cython.Py_ssize_t = self.index.start(mix(mix(self.index.key, account), currency))
        entry: cython.int = self.index.at(at)
        while entry != NO_SLOT:
            if self.account[entry] == account and self.currency[entry] == currency:
                return entry
            at = self.index.step(at)
            entry = self.index.at(at)
        return NO_SLOT

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find_or_add(self, account: cython.int, currency: cython.int) -> cython.int:
        """Return the entry, made where there was none; NO_SLOT where none can be made."""
        entry: cython.int = self.find(account, currency)
        if entry != NO_SLOT or self.count == self.capacity:
            return entry
        entry = self.count
        self.count += 1
        self.account[entry], self.currency[entry] = account, currency
        self.first_position[entry] = NO_SLOT
        self.next_of_account[entry] = self.first_of_account[account]
        self.first_of_account[account] = entry
        self.index.add(entry, mix(mix(self.index.key, account), currency))
        return entry

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def lend(self, account: cython.int, currency: cython.int) -> cython.int:
        """Return the entry, or an empty one behind all others for as long as a check takes."""
        entry: cython.int = self.find(account, currency)
        if entry != NO_SLOT:
            return entry
        entry = self.capacity
        self.account[entry], self.currency[entry] = account, currency
        self.first_position[entry] = NO_SLOT
        return entry

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def note_margin(self, entry: cython.int) -> cython.void:
        """Note that the margin of a balance's positions is to be told again."""
        if self.queued[entry] == 0:
            self.queued[entry] = 1
            self.queue[self.queue_count] = entry
            self.queue_count += 1

    def of_account(self, account: int) -> list[int]:
        """Return the entries of an account, ascending by currency."""
        found, entry = list[int](), int(self.first_of_account[account])
        while entry != NO_SLOT:
            found.append(entry)
            entry = int(self.next_of_account[entry])
        return sorted(found, key=lambda entry: int(self.currency[entry]))

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.count]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        narrow = [self.account, self.currency, self.first_position, self.next_of_account]
        narrow += [self.margined, self.queued, self.derivatives]
        return [
            *self.cash.columns(self.count),
            *self.fees.columns(self.count),
            *self.open_value.columns(self.count),
            *first_rows([self.reserved, self.foreseen, self.margin], self.count),
            *first_rows(narrow, self.count),
        ]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
