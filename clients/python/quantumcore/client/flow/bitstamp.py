"""Read Bitstamp order-level captures: the event table and the raw message log.

The event table (CSV) has one line per order event: id, local ms, exchange ms, price, volume
in 1e-8, action, direction. The raw log has one message per line, `local-ms kind json`, and
holds in addition the trades and the venue's own snapshots of the best levels.

Both are in the order in which the capture received them. The exchange time of an event is
that of the order's *creation*, so it says nothing about when the order changed or ended.
"""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from quantumcore.client.flow.actions import Side
from quantumcore.client.flow.recording import FlowFormatError, parse_fixed
from quantumcore.client.flow.shadow import Level

_NS_PER_MS = 1_000_000
_NANOS_PER_VOLUME_UNIT = 10
_EIGHT_DECIMALS = Decimal("1e-8")
_TABLE_HEADER = "id,timestamp,exchange.timestamp,price,volume,action,direction"
_TABLE_SIDES = {"bid": Side.BUY, "ask": Side.SELL}
_LOG_SIDES = {0: Side.BUY, 1: Side.SELL}


class OrderEventKind(StrEnum):
    """What happened to an order, in the feed's words."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"


class OrderEvent(NamedTuple):
    """An order event; `remaining_nanos` is what is left *before* a cancel, 0 after a fill."""

    time_ns: int
    kind: OrderEventKind
    order_id: int
    side: Side
    price_nanos: int
    remaining_nanos: int


class VenueTrade(NamedTuple):
    """A trade; the feed does not name its orders."""

    time_ns: int
    trade_id: int
    price_nanos: int
    quantity_nanos: int


class VenueSnapshot(NamedTuple):
    """The venue's own best levels, best first."""

    time_ns: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


Record = OrderEvent | VenueTrade | VenueSnapshot

_KINDS = {kind.value: kind for kind in OrderEventKind}
_LOG_KINDS = {f"order_{kind.value}": kind for kind in OrderEventKind}


def parse_event_table(lines: Iterable[str]) -> Iterator[OrderEvent]:
    """Parse the event table lazily, header included.

    Raises `FlowFormatError` at the first line that is not of the format.
    """
    for number, line in enumerate(lines, 1):
        if number == 1 and line.strip() == _TABLE_HEADER:
            continue
        try:
            order_id, local_ms, _, price, volume, kind, side = line.rstrip().split(",")
            yield OrderEvent(
                int(local_ms) * _NS_PER_MS,
                _KINDS[kind],
                int(order_id),
                _TABLE_SIDES[side],
                parse_fixed(price, 9),
                int(volume) * _NANOS_PER_VOLUME_UNIT,
            )
        except (ValueError, KeyError) as error:
            raise FlowFormatError(number, line, str(error)) from error


def parse_raw_log(lines: Iterable[str]) -> Iterator[Record]:
    """Parse the raw message log lazily.

    Raises `FlowFormatError` at the first line that is not of the format.
    """
    for number, line in enumerate(lines, 1):
        try:
            local_ms, kind, text = line.split(" ", 2)
            yield _parse_message(int(local_ms) * _NS_PER_MS, kind, text)
        except (ValueError, KeyError, TypeError) as error:
            raise FlowFormatError(number, line, str(error)) from error


def _parse_message(time_ns: int, kind: str, text: str) -> Record:
    message: dict[str, Any] = json.loads(text, parse_float=Decimal)
    match kind:
        case "order_book":
            return VenueSnapshot(time_ns, _levels(message["bids"]), _levels(message["asks"]))
        case "trade":
            return VenueTrade(
                time_ns,
                int(message["id"]),
                _number(message["price"]),
                _number(message["amount"]),
            )
        case _:
            return OrderEvent(
                time_ns,
                _LOG_KINDS[kind],
                int(message["id"]),
                _LOG_SIDES[message["order_type"]],
                parse_fixed(message["price"], 9),
                parse_fixed(message["amount"], 9),
            )


def _levels(pairs: list[list[str]]) -> tuple[Level, ...]:
    return tuple(Level(parse_fixed(price, 9), parse_fixed(size, 9)) for price, size in pairs)


def _number(value: Decimal | int) -> int:
    """Undo the binary rounding of the feed's JSON numbers, which mean eight decimals."""
    return parse_fixed(f"{Decimal(value).quantize(_EIGHT_DECIMALS):f}", 9)
