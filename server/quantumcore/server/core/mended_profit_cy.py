"""Let profit by multi-leg order follow fills that are undone or corrected."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds, tables
    from cython.cimports.quantumcore.server.core.attribution_cy import Attribution
    from cython.cimports.quantumcore.server.core.notes_cy import Notes
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.strategies_cy import Strategies
else:
    from quantumcore.server.core import kinds, tables
    from quantumcore.server.core.attribution_cy import Attribution
    from quantumcore.server.core.notes_cy import Notes
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.strategies_cy import Strategies

MOST_NOTES = 1 << 16  # of one position that a command looks back over
MEND_TICKS, MEND_LOTS, MEND_SEQUENCE, MEND_LESS, MEND_OWNER, MEND_HAD_TICKS = range(6)
# What a fill is now: ticks, signed lots, sequence of the event that tells of it; then signed lots
# that it had more, the leg that it was of, and the ticks that it had.
Mend = tuple[int, int, int, int, int, int]


@cython.final
@cython.cclass
class MendedProfit:
    """The fills of a position since the first that is mended are taken back and booked again.

    So profit is what it would be had the trade never been, or been what it is now. A fill from
    before a leg first traded in its position was nobody's, and changes how many lots were there
    then. One that is forgotten, or further back than MOST_NOTES, is booked the other way round
    today: it closes what its leg has open, the newest first, then the oldest lots of the position,
    and opens nobody's; of that, a new price changes nothing.
    """

    attribution: Attribution
    notes: Notes
    positions: Positions
    strategies: Strategies
    most: cython.longlong
    fills: cython.longlong[::1]
    pending: dict[int, tuple[int, dict[int, Mend]]]

    def __init__(self, attribution: Attribution) -> None:
        self.attribution, self.notes = attribution, attribution.notes
        self.positions, self.strategies = attribution.positions, attribution.strategies
        self.most = min(self.notes.capacity, MOST_NOTES)
        self.fills = int64_column(self.most * tables.NOTE_WORDS)
        self.pending = {}

    def note(
        self,
        row: int,
        held: int,
        before: tuple[int, int],
        since: tuple[int, int],
        sequences: tuple[int, int],
        fee: int,
    ) -> None:
        """Note that a fill, of ticks and signed lots, is another since, and costs so much more.

        `held` was there before the position followed; `sequences` are of the events that told what
        the fill was and that tells what it is.
        """
        owner = self.attribution.find_owner(row)
        entry = int(self.attribution.orders.position[row])
        if owner != kinds.NO_SLOT:
            self.attribution.pay(owner, -before[0] * before[1], fee)
            self.attribution.pay(owner, since[0] * since[1], 0)
        if self.positions.newest_note[entry]:
            _held, mends = self.pending.setdefault(entry, (held, {}))
            less = before[1] - since[1]
            mends[sequences[0]] = (*since, sequences[1], less, owner, before[0])

    def settle(self) -> None:
        """Let profit follow all that was noted: each position is gone through once."""
        for entry, (held, mends) in self.pending.items():
            self._settle(entry, held, mends)
        self.pending.clear()

    def _settle(self, entry: int, held: int, mends: dict[int, Mend]) -> None:
        found, missing = dict[int, Mend](), dict(mends)
        depth, is_whole = self._look_back(entry, missing, found)
        changed = [mend for mend in missing.values() if mend[MEND_LESS]]
        held = self._take_back(entry, depth, held)
        if is_whole:
            held -= sum(mend[MEND_LESS] for mend in changed)
        for number, mend in found.items():
            at = number * tables.NOTE_WORDS
            self.fills[at + tables.NOTE_TICKS] = mend[MEND_TICKS]
            self.fills[at + tables.NOTE_LOTS] = mend[MEND_LOTS]
            self.fills[at + tables.NOTE_SEQUENCE] = mend[MEND_SEQUENCE]
        held = self._book_again(entry, depth, held)
        if not is_whole:
            for mend in changed:
                held = self._book_today(entry, held, mend)
        assert held == self.positions.lots[entry]

    def _look_back(
        self, entry: int, missing: dict[int, Mend], found: dict[int, Mend]
    ) -> tuple[int, bool]:
        """Move from `missing` to `found` what is noted: 0 is the newest fill of the position.

        Return how many fills are to be taken back, and whether the chain was followed to its
        beginning, before which nothing was noted.
        """
        words: cython.longlong[::1] = self.notes.words
        number: cython.longlong = self.positions.newest_note[entry]
        looked: cython.longlong = 0
        sequence: cython.longlong
        first: cython.longlong = min(missing)
        last: cython.longlong = max(missing)
        at: cython.Py_ssize_t
        fills: cython.longlong = 0
        depth = 0
        while number != 0 and looked < self.most and self.notes.remembers(number):
            at = self.notes.at(number)
            sequence = words[at + tables.NOTE_SEQUENCE]
            looked += 1 + (words[at + tables.NOTE_MORE] >> 2)
            if first <= sequence <= last and sequence in missing:
                found[fills] = missing.pop(sequence)
                depth = fills + 1
                if not missing:
                    break
            fills += 1
            number = words[at + tables.NOTE_PREVIOUS]
        is_whole = bool(number == 0)
        if is_whole and any(mend[MEND_LESS] for mend in missing.values()):
            depth = fills
        return depth, is_whole

    @cython.cfunc
    @cython.exceptval(check=False)
    def _take_back(
        self, entry: cython.int, depth: cython.longlong, held: cython.longlong
    ) -> cython.longlong:
        """Take the newest fills of a position back into `fills`; return what was held before."""
        words: cython.longlong[::1] = self.notes.words
        at: cython.Py_ssize_t
        number: cython.longlong
        word: cython.int
        for number in range(depth):
            at = self.notes.at(self.positions.newest_note[entry])
            for word in range(tables.NOTE_WORDS):
                self.fills[number * tables.NOTE_WORDS + word] = words[at + word]
            held = self.attribution.take_back(entry, held)
        return held

    @cython.cfunc
    @cython.exceptval(check=False)
    def _book_again(
        self, entry: cython.int, depth: cython.longlong, held: cython.longlong
    ) -> cython.longlong:
        """Book fills that were taken back, the oldest first; return what is held then."""
        fills: cython.longlong[::1] = self.fills
        owner: cython.longlong
        lots: cython.longlong
        at: cython.Py_ssize_t
        while depth > 0:
            depth -= 1
            at = depth * tables.NOTE_WORDS
            lots = fills[at + tables.NOTE_LOTS]
            owner = fills[at + tables.NOTE_OWNER]
            if not self.strategies.holds(owner, fills[at + tables.NOTE_ORDER]):
                owner = kinds.NO_SLOT
            if lots != 0:
                self.attribution.run(
                    entry,
                    owner,
                    held,
                    fills[at + tables.NOTE_TICKS],
                    lots,
                    fills[at + tables.NOTE_MORE] & 3,
                    fills[at + tables.NOTE_SEQUENCE],
                )
            held += lots
        return held

    def _book_today(self, entry: int, held: int, mend: Mend) -> int:
        """Book the other way round what a fill, which is not remembered, was more before."""
        ticks, lots = mend[MEND_HAD_TICKS], -mend[MEND_LESS]
        undoes = tables.FILL_UNDOES
        self.attribution.run(entry, mend[MEND_OWNER], held, ticks, lots, undoes, 0)
        return held + lots


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
