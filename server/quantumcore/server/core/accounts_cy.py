"""Keep what orders need to know of the accounts that own them."""

import cython

from quantumcore.server.core.memory import first_rows, int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums
    from cython.cimports.quantumcore.server.core.groups_cy import Groups
else:
    from quantumcore.server.core import enums
    from quantumcore.server.core.groups_cy import Groups


@cython.final
@cython.cclass
class Accounts:
    """One row each; ids are 1, 2, 3 … in order of opening.

    `owner` is what self-trade prevention compares: the same for accounts of one group. `group` is
    its place in `groups`, 0: nothing was ever said of it, or there is none.
    `watched` accounts have limits or a margin model, and their working orders are counted;
    `limits` is their row in the table of limits. `next_command_ns` bounds the rate of commands.
    Sessions through which orders come have the numbers 1 to `session_count`.
    """

    capacity: cython.int
    count: cython.int
    groups: Groups
    venue_killed: cython.bint
    session_count: cython.int
    owner: cython.longlong[::1]
    self_trade_prevention: cython.int[::1]
    killed: cython.int[::1]
    group: cython.int[::1]
    watched: cython.int[::1]
    limits: cython.int[::1]
    margin_model: cython.int[::1]
    status: cython.int[::1]
    working: cython.int[::1]
    next_command_ns: cython.longlong[::1]
    definitions: list[bytes]

    def __init__(self, capacity: int) -> None:
        self.capacity, self.count, self.venue_killed = capacity, 0, False
        self.session_count = 0
        self.owner = int64_column(capacity + 1)
        self.self_trade_prevention = int32_column(capacity + 1)
        self.killed = int32_column(capacity + 1)
        self.group, self.groups = int32_column(capacity + 1), Groups()
        self.watched = int32_column(capacity + 1)
        self.limits = int32_column(capacity + 1)
        self.margin_model = int32_column(capacity + 1)
        self.status = int32_column(capacity + 1)
        self.working = int32_column(capacity + 1)
        self.next_command_ns = int64_column(capacity + 1)
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
        self.group[account] = self.groups.move(account, self.group[account], group)

    def group_number(self, account: int) -> int:
        """Return the group of an account; 0: none."""
        return self.owner[account] >> 1 if self.owner[account] & 1 else 0

    def members(self, group: int) -> list[int]:
        """Return the accounts of a group, ascending."""
        owner = group << 1 | 1
        return [account for account in range(1, self.count + 1) if self.owner[account] == owner]

    def place_of(self, group: int) -> int:
        """Return the place of a group of which something is to be said; 0: there is no room."""
        known: int = self.groups.find(group)
        if known:
            return known
        members = self.members(group)
        place: int = self.groups.add(group, members)
        if place:
            for account in members:
                self.group[account] = place
        return place

    def set_risk(self, account: int, margin_model: int, status: int) -> None:
        """Say how its funds are checked, and whether it may trade; AccountStatus 0: ACTIVE."""
        self.margin_model[account] = margin_model
        self.status[account] = status or enums.ACCOUNT_STATUS_ACTIVE

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def is_killed(self, account: cython.int) -> cython.bint:
        """Whether a kill switch stops its new orders."""
        if self.venue_killed or self.killed[account] != 0:
            return True
        return self.groups.killed[self.group[account]] != 0

    def counters(self) -> list[object]:
        """Return all that the columns do not hold."""
        counts = [self.count, bool(self.venue_killed), self.session_count, self.definitions]
        return [*counts, *self.groups.counters()]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        rows = self.count + 1
        return [
            *first_rows([self.owner, self.next_command_ns], rows),
            *first_rows([self.self_trade_prevention, self.killed, self.watched], rows),
            *first_rows([self.limits, self.margin_model, self.status, self.working], rows),
            *first_rows([self.group], rows),
            *self.groups.columns(),
        ]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
