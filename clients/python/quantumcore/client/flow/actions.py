"""Venue-neutral order flow: what a replay sends, independent of where it came from.

Prices and quantities are integers scaled 1e-9 ("nanos"). A local id is a positive integer
given by the loader, dense from 1 and never used twice, so that it can become a client order
id and index a list.
"""

from dataclasses import dataclass
from enum import IntEnum

NANOS = 1_000_000_000


class Side(IntEnum):
    """Which side of the book, numbered as in the contract."""

    BUY = 1
    SELL = 2

    @property
    def opposite(self) -> "Side":
        """Return the side that this one trades with."""
        return Side.SELL if self is Side.BUY else Side.BUY


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """Enter a limit order; `immediate` orders cancel what does not trade at once."""

    local_id: int
    side: Side
    price_nanos: int
    quantity_nanos: int
    time_ns: int
    immediate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Cancel what still works of an order."""

    local_id: int
    time_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduce:
    """Lower the whole quantity of an order, what has traded included; it keeps its priority."""

    local_id: int
    quantity_nanos: int
    time_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprice:
    """Move an order to another price and whole quantity; it goes to the back of its level."""

    local_id: int
    price_nanos: int
    quantity_nanos: int
    time_ns: int


Action = New | Cancel | Reduce | Reprice
