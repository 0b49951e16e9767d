"""One turn of the writer as the publishers see it, and one result row as services see it."""

from typing import NamedTuple, Self

from quantumcore.server.core import kinds
from quantumcore.server.core.exchange_cy import Exchange


class Turn(NamedTuple):
    """A stored turn: its records, result rows and level changes as int64 words."""

    words: memoryview
    results: memoryview
    levels: memoryview
    time_ns: int
    first_sequence: int
    last_sequence: int

    @classmethod
    def of(cls, exchange: Exchange, first_sequence: int) -> Self:
        """Look at the exchange's turn; valid until the next one begins."""
        return cls(
            exchange.turn.view().cast("q"),
            exchange.results.view().cast("q"),
            exchange.levels.view().cast("q"),
            exchange.time_ns,
            first_sequence,
            exchange.sequence,
        )

    def kept(self) -> "Turn":
        """Copy what the exchange will overwrite."""
        return self._replace(
            words=_copy(self.words), results=_copy(self.results), levels=_copy(self.levels)
        )


class ResultRow(NamedTuple):
    """What became of one command."""

    order_id: int
    status: int
    repeated: bool
    reject_reason: int
    reject_field: int
    reject_leg_number: int
    limit: int
    value: int
    sequence: int
    affected: int
    time_ns: int
    record: int

    @classmethod
    def read(cls, exchange: Exchange, index: int) -> Self:
        """Read row `index` of the open turn."""
        start = index * kinds.RESULT_WORDS
        row = exchange.results.view(start, start + kinds.RESULT_WORDS).cast("q")
        state = row[kinds.RESULT_STATE]
        return cls(
            order_id=row[kinds.RESULT_ORDER_ID],
            status=state & 0xFF,
            repeated=bool(state >> 8 & 0xFF),
            reject_reason=state >> 16 & 0xFFFF,
            reject_field=state >> kinds.REJECT_FIELD & 0xFFFF,
            reject_leg_number=state >> kinds.REJECT_LEG & 0xFF,
            limit=row[kinds.RESULT_LIMIT],
            value=row[kinds.RESULT_VALUE],
            sequence=row[kinds.RESULT_SEQUENCE],
            affected=row[kinds.RESULT_AFFECTED],
            time_ns=row[kinds.RESULT_TIME_NS],
            record=row[kinds.RESULT_RECORD],
        )


def _copy(words: memoryview) -> memoryview:
    return memoryview(bytearray(words.cast("B"))).cast("q")
