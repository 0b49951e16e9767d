"""Encode the steps of a book, and the checksum that proves them."""

from collections.abc import Iterable
from itertools import chain
from struct import pack
from typing import NamedTuple
from zlib import crc32

from quantumcore.server.core.enums import SIDE_BUY, SIDE_SELL
from quantumcore.server.feed.ladder import Level
from quantumcore.v1.book_pb2 import (
    BookLevelChange,
    BookOrderAction,
    BookOrderChange,
    BookUpdate,
)
from quantumcore.v1.matching_service_pb2 import StreamBookResponse
from quantumcore.v1.types_pb2 import Side, TradingPhase

CHECKED_LEVELS = 10

Change = tuple[int, Level]  # side, level as it stands from now on


class OrderChange(NamedTuple):
    """An order of a book as it stands from now on; quantity 0: it has left."""

    side: int
    order_id: int
    price: int
    quantity: int
    action: int


def checksum(bids: list[Level], asks: list[Level]) -> int:
    """Return the CRC-32 over price and quantity of the best 10 levels, bids first."""
    levels = chain(bids[:CHECKED_LEVELS], asks[:CHECKED_LEVELS])
    numbers = [number for level in levels for number in level[:2]]
    return crc32(pack(f"<{len(numbers)}q", *numbers))


def changes_of(bids: list[Level], asks: list[Level]) -> Iterable[Change]:
    """Return a whole book as changes: bids, then asks, best first."""
    return chain(((SIDE_BUY, level) for level in bids), ((SIDE_SELL, level) for level in asks))


def difference(side: int, before: list[Level], after: list[Level]) -> Iterable[Change]:
    """Yield the changes that lead from one state of a side to another."""
    old = {level[0]: level for level in before}
    for level in after:
        if old.pop(level[0], None) != level:
            yield side, level
    for price in old:
        yield side, (price, 0, 0)


def encode_update(
    *,
    instrument_id: int,
    epoch: int,
    previous_sequence: int,
    sequence: int,
    time_ns: int,
    snapshot: bool,
    changes: Iterable[Change] = (),
    order_changes: Iterable[OrderChange] = (),
    partial: bool = False,
    checksum: int,
    phase: int,
) -> bytes:
    """Return a StreamBookResponse with this one update, encoded; encodings can be joined."""
    update = BookUpdate(
        instrument_id=instrument_id,
        epoch=epoch,
        previous_sequence=previous_sequence,
        sequence=sequence,
        time_ns=time_ns,
        snapshot=snapshot,
        changes=[
            BookLevelChange(
                side=Side.ValueType(side), price=level[0], quantity=level[1], order_count=level[2]
            )
            for side, level in changes
        ],
        order_changes=[
            BookOrderChange(
                side=Side.ValueType(change.side),
                order_id=change.order_id,
                price=change.price,
                quantity=change.quantity,
                action=BookOrderAction.ValueType(change.action),
            )
            for change in order_changes
        ],
        partial=partial,
        checksum=checksum,
        phase=TradingPhase.ValueType(phase),
    )
    return StreamBookResponse(updates=[update]).SerializeToString()
