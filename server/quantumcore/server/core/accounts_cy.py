"""Keep what orders need to know of the accounts that own them."""

import cython

from quantumcore.server.core.memory import first_rows, int32_column, int64_column


@cython.final
@cython.cclass
class Accounts:
    """One row each; ids are 1, 2, 3 … in order of opening.

    `owner` is what self-trade prevention compares: the same for accounts of one group.
    Sessions through which orders come have the numbers 1 to `session_count`.
    """

    capacity: cython.int
    count: cython.int
    venue_killed: cython.bint
    session_count: cython.int
    owner: cython.longlong[::1]
    self_trade_prevention: cython.int[::1]
    killed: cython.int[::1]
    definitions: list[bytes]

    def __init__(self, capacity: int) -> None:
        self.capacity, self.count, self.venue_killed = capacity, 0, False
        self.session_count = 0
        self.owner = int64_column(capacity + 1)
        self.self_trade_prevention = int32_column(capacity + 1)
        self.killed = int32_column(capacity + 1)
        self.definitions = [b""]

    def add(self, definition: bytes) -> int:
        """Open an account; return its id."""
        self.count += 1
        self.definitions.append(definition)
        return self.count

    def set_self_trade(self, account: int, group: int, prevention: int) -> None:
        """Say with whom an account is one owner, and what becomes of orders that would meet."""
        self.owner[account] = group << 1 | 1 if group else account << 1
        self.self_trade_prevention[account] = prevention

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def is_killed(self, account: cython.int) -> cython.bint:
        """Whether a kill switch stops its new orders."""
        return self.venue_killed or self.killed[account] != 0

    def counters(self) -> list[object]:
        """Return all that the columns do not hold."""
        return [self.count, bool(self.venue_killed), self.session_count, self.definitions]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        rows = self.count + 1
        return [
            *first_rows([self.owner], rows),
            *first_rows([self.self_trade_prevention, self.killed], rows),
        ]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
