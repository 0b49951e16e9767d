from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import pytest

from quantumcore.client.cli.book_orders import front_line, queue_table
from quantumcore.client.cli.watch_lines import execution_line, status_line, trade_line
from quantumcore.client.client import Client
from quantumcore.client.convert import read
from quantumcore.client.enums import TradingPhase
from quantumcore.client.market import BookByOrder, BookOrder, Trade
from quantumcore.client.requests import execution
from quantumcore.client.values import InstrumentStatus
from quantumcore.v1 import execution_pb2, instrument_pb2, trade_pb2

from .conftest import FakeClient

CLIENT = cast("Client", FakeClient({"symbol": "AAPL"}))
LOT = 10**9
ORDER: dict[str, Any] = {
    "sequence": 7,
    "order_id": 9,
    "client_order_id": "mine",
    "instrument_id": 3,
    "side": 1,
    "quantity": 5 * LOT,
    "leaves_quantity": 2 * LOT,
    "status": 2,
}


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        (
            {"type": 3, "last_price": LOT, "last_quantity": 3 * LOT, "trade_id": 4, "liquidity": 3},
            "TRADE  BUY 5 AAPL  order 9 mine  filled 3 @ 1 as auction  trade 4",
        ),
        (
            {"type": 9, "last_price": LOT, "last_quantity": 3 * LOT, "trade_id": 4, "liquidity": 2},
            "TRADE_CANCEL  BUY 5 AAPL  order 9 mine  undone 3 @ 1 as taker  trade 4",
        ),
        (
            {"type": 10, "last_price": 0, "last_quantity": LOT, "trade_id": 4, "liquidity": 1},
            "TRADE_CORRECT  BUY 5 AAPL  order 9 mine  corrected to 1 @ 0 as maker  trade 4",
        ),
        (
            {"type": 8, "restatement_reason": 2, "shown_quantity": LOT, "price": 2 * LOT},
            "RESTATED  BUY 5 AAPL  @ 2  order 9 mine  because display refreshed, shows 1",
        ),
        (
            {"type": 4, "cancel_reason": 17},
            "CANCELLED  BUY 5 AAPL  order 9 mine  because trade busted",
        ),
        ({"type": 7}, "TRIGGERED  BUY 5 AAPL  order 9 mine"),
        (
            {"type": 13, "multi_leg_order_id": 8, "leg_number": 2, "excess_quantity": LOT},
            "UNWINDING  BUY 5 AAPL  order 9 mine  leg 2 of 8  excess 1",
        ),
        (
            {"type": 3, "last_price": LOT, "last_quantity": 3 * LOT, "trade_id": 4, "liquidity": 2,
             "multi_leg_order_id": 8, "leg_number": 2, "unwind": True},
            "TRADE  BUY 5 AAPL  order 9 mine  leg 2 of 8  reversed 3 @ 1 as taker  trade 4",
        ),
        (
            {"type": 3, "last_price": LOT, "last_quantity": 3 * LOT, "trade_id": 4, "liquidity": 2,
             "multi_leg_order_id": 8, "leg_number": 2},
            "TRADE  BUY 5 AAPL  order 9 mine  leg 2 of 8  filled 3 @ 1 as taker  trade 4",
        ),
        (
            {"type": 3, "last_price": -LOT, "last_quantity": 3 * LOT, "liquidity": 2, "price": LOT,
             "multi_leg_order_id": 9, "package_execution_id": 6, "instrument_id": 0, "side": 0},
            "TRADE  units 5  @ 1  spread 9 mine  filled 3 @ -1 net  package execution 6",
        ),
        (
            {"type": 2, "order_id": 0, "instrument_id": 0, "side": 0, "reject_reason": 91},
            "REJECTED  units 5  spread 0 mine  because package not executable",
        ),
        (
            {"type": 11, "order_id": 0, "instrument_id": 0, "side": 0, "reject_reason": 25},
            "CANCEL_REJECTED  order 0 mine  because unknown order",
        ),
    ],
)  # fmt: skip
def test_an_execution_reads_as_a_sentence(fields: dict[str, Any], end: str) -> None:
    line = execution_line(CLIENT, execution(execution_pb2.Execution(**(ORDER | fields))))
    assert line == f"7  1970-01-01 00:00:00.000000  {end}  → PARTIALLY_FILLED, working 2"


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"kind": 1, "action": 1, "aggressor_side": 2}, "AAPL  3 @ 1  aggressor SELL  trade 4"),
        ({"kind": 2, "action": 1}, "AAPL  3 @ 1  auction  trade 4"),
        ({"kind": 2, "action": 2}, "AAPL  BUSTED  3 @ 1  auction  trade 4"),
        ({"kind": 1, "action": 3}, "AAPL  CORRECTED  3 @ 1  trade 4"),
    ],
)
def test_a_line_of_the_tape_says_what_was_done(fields: dict[str, Any], end: str) -> None:
    trade = trade_pb2.Trade(trade_id=4, sequence=7, price=LOT, quantity=3 * LOT, **fields)
    assert trade_line(CLIENT, read(Trade, trade)) == f"7  1970-01-01 00:00:00.000000  {end}"


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"phase": 4, "price_band_breached": True}, "VOLATILITY_AUCTION  price band breached"),
        ({"phase": 5, "text": "news"}, "HALTED  news"),
        ({"phase": 7, "delisted": True}, "DELISTED"),
    ],
)
def test_a_status_says_why(fields: dict[str, Any], end: str) -> None:
    status = read(InstrumentStatus, instrument_pb2.InstrumentStatus(sequence=7, **fields))
    assert status_line(CLIENT, status) == f"7  1970-01-01 00:00:00.000000  AAPL  {end}"


def test_a_book_by_order_is_drawn_in_order_of_priority() -> None:
    rows = [BookOrder(order_id=n, price=Decimal(10), quantity=Decimal(n)) for n in (2, 1)]
    book = BookByOrder(
        instrument_id=1,
        epoch=1,
        sequence=9,
        time_ns=0,
        bids=tuple(rows),
        asks=(),
        checksum=0,
        phase=TradingPhase.CONTINUOUS,
    )
    assert front_line(book) == "9  bid 2 @ 10 (order 2, 2 in all)  ask —"
    table = queue_table(book, "AAPL")
    assert [list(column.cells) for column in table.columns] == [
        ["BUY", "BUY"],
        ["10", "10"],
        ["2", "1"],
        ["2", "1"],
    ]
