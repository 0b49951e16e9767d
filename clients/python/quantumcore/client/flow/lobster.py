"""Read LOBSTER message and order book files (level 1 or the best level of deeper ones).

A message line is: seconds after midnight, type, order id, size, price x 10^4, direction; the
order book file has one line per message with the book after it: ask price, ask size, bid
price, bid size, and so on. An empty side is written as the prices +/-9999999999 and size 0.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from quantumcore.client.flow.actions import NANOS, Side
from quantumcore.client.flow.recording import FlowFormatError, parse_fixed
from quantumcore.client.flow.shadow import Level

NANOS_PER_PRICE_UNIT = 100_000
_EMPTY_ASK = 9_999_999_999
_EMPTY_BID = -9_999_999_999


class MessageType(IntEnum):
    """What a message reports."""

    NEW = 1
    PARTIAL_CANCEL = 2
    DELETE = 3
    EXECUTION = 4
    HIDDEN_EXECUTION = 5
    CROSS_TRADE = 6
    HALT = 7


class Message(NamedTuple):
    """A message; `time_ns` counts from midnight, `side` is that of the resting order."""

    time_ns: int
    type: MessageType
    order_id: int
    quantity_nanos: int
    price_nanos: int
    side: Side


class Touch(NamedTuple):
    """The best level of each side, None where the side is empty."""

    bid: Level | None
    ask: Level | None

    def of(self, side: Side) -> Level | None:
        """Return the best level of one side."""
        return self.bid if side is Side.BUY else self.ask


_TYPES = {str(int(kind)): kind for kind in MessageType}
_SIDES = {"1": Side.BUY, "-1": Side.SELL}


def parse_messages(lines: Iterable[str]) -> Iterator[Message]:
    """Parse a message file lazily.

    Raises `FlowFormatError` at the first line that is not of the format.
    """
    for number, line in enumerate(lines, 1):
        try:
            seconds, kind, order_id, size, price, direction = line.rstrip().split(",")[:6]
            yield Message(
                parse_fixed(seconds, 9),
                _TYPES[kind],
                int(order_id),
                int(size) * NANOS,
                int(price) * NANOS_PER_PRICE_UNIT,
                _SIDES[direction],
            )
        except (ValueError, KeyError) as error:
            raise FlowFormatError(number, line, str(error)) from error


def parse_touches(lines: Iterable[str]) -> Iterator[Touch]:
    """Parse the best level of an order book file lazily.

    Raises `FlowFormatError` at the first line that is not of the format.
    """
    for number, line in enumerate(lines, 1):
        try:
            ask, ask_size, bid, bid_size = map(int, line.split(",", 4)[:4])
            yield Touch(_level(bid, bid_size), _level(ask, ask_size))
        except ValueError as error:
            raise FlowFormatError(number, line, str(error)) from error


def _level(price: int, size: int) -> Level | None:
    if price in (_EMPTY_ASK, _EMPTY_BID):
        return None
    return Level(price * NANOS_PER_PRICE_UNIT, size * NANOS)
