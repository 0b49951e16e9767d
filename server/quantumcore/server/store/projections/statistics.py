"""Trades, and the numbers of each instrument's day; a day is one of UTC."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.projections.projection import Rows, Told, put, rows_of
from quantumcore.server.store.sql import projection_tables as tables
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1 import event_pb2 as types
from quantumcore.v1.event_pb2 import AggregateType, Event

DAY_NS = 86_400_000_000_000
GREATEST = 2**63 - 1
Day = tuple[int, int]
"""An instrument, and the number of days since the Unix epoch."""
Row = dict[str, Any]


class DailyStatistics(Rows):
    """Open, high, low, last, volume and count of each day; busts and corrections are in them.

    A day is counted on as trades come, and counted anew from its trades where one of them is
    busted or corrected.
    """

    name, version = "daily_statistics", 1
    tables = (tables.trades, tables.daily_statistics)
    query = EventQuery(
        aggregate_type=AggregateType.AGGREGATE_TYPE_ORDER,
        event_types=(
            types.EVENT_TYPE_ORDER_PARTIALLY_FILLED,
            types.EVENT_TYPE_ORDER_FILLED,
            types.EVENT_TYPE_ORDER_FILL_BUSTED,
            types.EVENT_TYPE_ORDER_FILL_CORRECTED,
        ),
    )

    def apply(self, connection: Connection, told: Sequence[Told]) -> None:
        """Take further events; both sides tell of a trade, in batches of their own perhaps."""
        table, _days = self.tables
        ids = sorted({_payload(event).trade_id for event, _stored in told})
        trades = {
            row["trade_id"]: row for row in rows_of(connection, table, [table.c.trade_id], ids)
        }
        new: list[Row] = []
        again: set[Day] = set()
        for event, stored in told:
            payload = _payload(event)
            trade = trades.get(payload.trade_id)
            if trade is None:
                trade = trades[payload.trade_id] = _trade(payload, stored)
                new.append(trade)
            elif _mend(trade, event, payload):
                again.add(_day(trade))
        put(connection, table, list(trades.values()))
        self._count(connection, new, again)

    def _count(self, connection: Connection, new: list[Row], again: set[Day]) -> None:
        days = {_day(trade) for trade in new} - again
        trades, table = self.tables
        key = [table.c.instrument_id, table.c.day]
        rows = {_day(row): row for row in rows_of(connection, table, key, sorted(days))}
        for trade in new:
            day = _day(trade)
            if day not in again:
                _add(rows.setdefault(day, _empty(day)), trade["price"], trade["quantity"])
        for day in again:
            rows[day] = _empty(day)
            for price, quantity in _standing(connection, trades, day):
                _add(rows[day], price, quantity)
        put(connection, table, list(rows.values()))


def _payload(event: Event) -> Any:
    payload = getattr(event, str(event.WhichOneof("payload")))
    return payload.fill if "fill" in payload.DESCRIPTOR.fields_by_name else payload


def _trade(fill: Any, stored: StoredEvent) -> Row:
    return {
        "trade_id": fill.trade_id,
        "instrument_id": stored.instrument_id,
        "day": stored.time_ns // DAY_NS,
        "price": fill.price,
        "quantity": fill.quantity,
        "time_ns": stored.time_ns,
        "busted": 0,
    }


def _mend(trade: Row, event: Event, payload: Any) -> bool:
    """Let a trade be busted or corrected; return whether it was."""
    match event.event_type:
        case types.EVENT_TYPE_ORDER_FILL_BUSTED:
            trade["busted"] = 1
        case types.EVENT_TYPE_ORDER_FILL_CORRECTED:
            trade["price"], trade["quantity"] = payload.price, payload.quantity
        case _:
            return False
    return True


def _day(trade: Row) -> Day:
    return trade["instrument_id"], trade["day"]


def _standing(connection: Connection, table: Table, day: Day) -> Iterator[tuple[int, int]]:
    """Yield price and quantity of a day's trades that were not busted, in order."""
    columns = table.c
    statement = (
        select(columns.price, columns.quantity)
        .where(columns.instrument_id == day[0], columns.day == day[1], columns.busted == 0)
        .order_by(columns.trade_id)
    )
    for row in connection.execute(statement):
        yield row[0], row[1]


def _add(row: Row, price: int, quantity: int) -> None:
    if row["trade_count"] == 0:
        row["open_price"] = row["high_price"] = row["low_price"] = price
    row["high_price"] = max(row["high_price"], price)
    row["low_price"] = min(row["low_price"], price)
    row["last_price"] = price
    row["volume"] = min(GREATEST, row["volume"] + quantity)
    row["trade_count"] += 1


def _empty(day: Day) -> Row:
    prices = ("open_price", "high_price", "low_price", "last_price")
    return {
        "instrument_id": day[0],
        "day": day[1],
        "trade_count": 0,
        "volume": 0,
        **dict.fromkeys(prices, 0),
    }
