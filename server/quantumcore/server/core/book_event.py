"""Show what a book reports and holds as named values, for people and tests."""

from typing import NamedTuple, Self

from quantumcore.server.core import tables


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
        state = row[tables.BOOK_STATE]
        return cls(
            kind=state & 0xFF,
            side=state >> 8 & 0xFF,
            tag=row[tables.BOOK_TAG],
            slot=row[tables.BOOK_SLOT],
            price=row[tables.BOOK_PRICE],
            lots=row[tables.BOOK_LOTS],
            leaves=row[tables.BOOK_LEAVES],
            level_lots=row[tables.BOOK_LEVEL_LOTS],
            level_orders=state >> 32,
        )


class LevelView(NamedTuple):
    """A price level: ticks, lots, and how many orders it has."""

    price: int
    lots: int
    orders: int
