"""Show what a book reports and holds as named values, for people and tests."""

from typing import NamedTuple, Self

from quantumcore.server.core import kinds


class BookEvent(NamedTuple):
    """One thing that happened in a book; prices in ticks, quantities in lots."""

    kind: int
    side: int
    tag: int
    slot: int
    price: int
    lots: int
    leaves: int
    level_lots: int
    level_orders: int

    @classmethod
    def of(cls, row: list[int]) -> Self:
        """Read a row of BOOK_WORDS words."""
        state = row[kinds.BOOK_STATE]
        return cls(
            kind=state & 0xFF,
            side=state >> 8 & 0xFF,
            tag=row[kinds.BOOK_TAG],
            slot=row[kinds.BOOK_SLOT],
            price=row[kinds.BOOK_PRICE],
            lots=row[kinds.BOOK_LOTS],
            leaves=row[kinds.BOOK_LEAVES],
            level_lots=row[kinds.BOOK_LEVEL_LOTS],
            level_orders=state >> 32,
        )


class LevelView(NamedTuple):
    """A price level: ticks, lots, and how many orders it has."""

    price: int
    lots: int
    orders: int
