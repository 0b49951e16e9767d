"""Keep what was said of groups of accounts: limits over all members, and kill switches."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import tables
else:
    from quantumcore.server.core import tables

MAX_GROUPS = 4096


@cython.final
@cython.cclass
class Groups:
    """One place each, from 1 on, for groups of which something was said; kept for ever.

    Place 0 is that of all other accounts: it limits and stops nothing. `turn` says at which member
    the margin was computed anew last.
    """

    count: cython.int
    number: cython.longlong[::1]
    killed: cython.int[::1]
    turn: cython.int[::1]
    limits: cython.longlong[::1]
    places: dict[int, int]
    members: list[list[int]]

    def __init__(self) -> None:
        self.count = 0
        self.number, self.killed = int64_column(MAX_GROUPS + 1), int32_column(MAX_GROUPS + 1)
        self.turn = int32_column(MAX_GROUPS + 1)
        self.limits = int64_column((MAX_GROUPS + 1) * tables.GROUP_LIMIT_WORDS)
        self.places, self.members = {}, [[]]

    def find(self, group: int) -> int:
        """Return the place of a group; 0: nothing was ever said of it."""
        return self.places.get(group, 0)

    def add(self, group: int, members: list[int]) -> int:
        """Keep one more group from now on; return its place, 0 where there is no room."""
        if self.count == MAX_GROUPS:
            return 0
        self.count += 1
        self.number[self.count], self.places[group] = group, self.count
        self.members.append(members)
        return self.count

    def move(self, account: int, before: int, group: int) -> int:
        """Let an account be a member of a group (0: none); return the place that it has then."""
        place = self.find(group)
        if place == before:
            return place
        if before:
            self.members[before].remove(account)
        if place:
            self.members[place] = sorted([*self.members[place], account])
        return place

    def set_limits(self, place: int, values: list[int]) -> None:
        """Write the words tables.GROUP_* of a group."""
        for word, value in enumerate(values):
            self.limits[place * tables.GROUP_LIMIT_WORDS + word] = value

    def read(self, place: int) -> list[int]:
        """Return the words tables.GROUP_* of a group."""
        first = place * tables.GROUP_LIMIT_WORDS
        return memoryview(self.limits)[first : first + tables.GROUP_LIMIT_WORDS].tolist()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def limit(self, place: cython.int, word: cython.int) -> cython.longlong:
        """Return a limit of a group; 0: there is none."""
        return self.limits[place * tables.GROUP_LIMIT_WORDS + word]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def has_limits(self, place: cython.int) -> cython.bint:
        """Whether a group has any limit."""
        word: cython.int
        for word in range(tables.GROUP_LIMIT_WORDS):
            if self.limit(place, word) != 0:
                return True
        return False

    def counters(self) -> list[object]:
        """Return all that the columns do not hold."""
        return [self.count, self.members]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        places = self.count + 1
        words = memoryview(self.limits)[: places * tables.GROUP_LIMIT_WORDS]
        narrow = [memoryview(self.killed)[:places], memoryview(self.turn)[:places]]
        return [memoryview(self.number)[:places], *narrow, words]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
