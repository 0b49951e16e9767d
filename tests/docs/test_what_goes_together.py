"""The table of what goes together is held against a venue, every cell of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from quantumcore.client import (
    Client,
    OrderType,
    PegReference,
    RejectReason,
    Side,
    TimeInForce,
    TradingPhase,
)
from quantumcore.client.local import LocalVenue

from .pages import DOCS

CELLS = re.compile(
    r"^\| ([A-Z_]+) \| ([^|]+) \| (yes|no) \| (yes|no) \| (yes|no) \|$", re.MULTILINE
)
TABLE = {
    OrderType[row[0]]: row[1:] for row in CELLS.findall((DOCS / "orders" / "README.md").read_text())
}
TERMS: dict[OrderType, dict[str, Any]] = {
    OrderType.LIMIT: {"price": 10},
    OrderType.MARKET: {},
    OrderType.STOP: {"stop_price": 90},
    OrderType.STOP_LIMIT: {"stop_price": 90, "price": 91},
    OrderType.ICEBERG: {"price": 10, "display_quantity": 1},
    OrderType.PEGGED: {"peg_reference": PegReference.PRIMARY},
}
FLAGS: dict[str, Any] = {"post_only": True, "min_quantity": 1}
OPENING = {TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE}


@pytest.fixture
def client(demo_venue: LocalVenue) -> Client:
    return Client(demo_venue.address, token=demo_venue.settings.token)


def refusal(client: Client, **terms: Any) -> RejectReason | None:
    """Enter an order of alice, and take it back; return why it was refused."""
    named: dict[str, Any] = {
        "instrument": "AAPL",
        "account": "alice",
        "side": Side.BUY,
        "quantity": 3,
    }
    answer = client.create_order(**(named | terms))
    client.cancel_orders(account="alice")
    return None if answer.reject is None else answer.reject.reason


def test_the_table_has_a_row_for_every_type() -> None:
    assert set(TABLE) == set(OrderType) - {OrderType.UNSPECIFIED} == set(TERMS)


def test_every_time_in_force_goes_with_the_types_that_the_table_says(client: Client) -> None:
    with client:
        for tif in [tif for tif in TimeInForce if tif]:
            phase = TradingPhase.PRE_OPEN if tif in OPENING else TradingPhase.CONTINUOUS
            client.set_trading_phase("AAPL", TradingPhase.CLOSED)
            client.set_trading_phase("AAPL", phase)
            expiry = 2**62 if tif is TimeInForce.GTD else 0
            for order_type, (tifs, *_) in TABLE.items():
                found = refusal(
                    client,
                    order_type=order_type,
                    time_in_force=tif,
                    expire_time_ns=expiry,
                    **TERMS[order_type],
                )
                allowed = tifs == "all" or tif.name in tifs.split()
                assert found is (None if allowed else RejectReason.FIELD_NOT_ALLOWED), (
                    order_type.name,
                    tif.name,
                )


def test_every_flag_goes_with_the_types_that_the_table_says(client: Client) -> None:
    with client:
        for order_type, (_, *cells) in TABLE.items():
            for (flag, value), cell in zip(FLAGS.items(), cells, strict=False):
                found = refusal(
                    client,
                    order_type=order_type,
                    time_in_force=TimeInForce.GTC,
                    **TERMS[order_type],
                    **{flag: value},
                )
                wanted = None if cell == "yes" else RejectReason.FIELD_NOT_ALLOWED
                assert found is wanted, (order_type.name, flag)


def test_reduce_only_goes_with_the_types_that_the_table_says(client: Client) -> None:
    with client:
        client.buy("AAPL", quantity=3, price=50, account="bob")
        client.sell("AAPL", quantity=3, price=50, account="alice")
        for order_type, terms in TERMS.items():
            found = refusal(
                client,
                order_type=order_type,
                time_in_force=TimeInForce.GTC,
                reduce_only=True,
                **terms,
            )
            wanted = None if TABLE[order_type][-1] == "yes" else RejectReason.FIELD_NOT_ALLOWED
            assert found is wanted, order_type.name
