"""List two instruments and trade them as one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from quantumcore.client.client import Client
from quantumcore.client.enums import (
    InstrumentKind,
    TradingPhase,
)
from quantumcore.client.multi_leg import (
    MultiLegOrder,
    MultiLegOrderAcknowledgement,
    average_net_price,
)
from quantumcore.client.values import Execution

LEGS = (("NEAR", "buy", 1), ("FAR", "sell", 2))


def list_instruments(client: Client) -> None:
    """List two instruments, one of twice the other's multiplier, and two accounts."""
    for symbol, multiplier in (("NEAR", 100), ("FAR", 50)):
        created = client.create_instrument(
            symbol=symbol,
            kind=InstrumentKind.EQUITY,
            currency="USD",
            tick_size="0.05",
            lot_size=1,
            multiplier=multiplier,
            max_price=1000,
            max_quantity=1000,
            protection_band=10,
        )
        client.set_trading_phase(created.instrument_id, TradingPhase.CONTINUOUS)
    for name in ("alice", "bob"):
        client.create_account(name=name)


def quote(client: Client, near: str | None, far: str | None, lots: int = 10) -> None:
    """Let bob offer the one and bid for the other."""
    if near is not None:
        client.sell("NEAR", quantity=lots, price=near, account="bob").raise_for_reject()
    if far is not None:
        client.buy("FAR", quantity=lots, price=far, account="bob").raise_for_reject()


def spread(client: Client, **terms: Any) -> MultiLegOrderAcknowledgement:
    """Enter alice's spread."""
    return client.spread(*LEGS, **({"account": "alice"} | terms))


def net_price(client: Client, order: MultiLegOrder | MultiLegOrderAcknowledgement) -> Decimal:
    """Tell the average net price of what has traded."""
    listed = {leg.instrument_id: client.instrument(leg.instrument_id) for leg in order.legs}
    found = average_net_price(order, listed)
    assert found is not None
    return found


def executions(client: Client, last_sequence: int) -> list[Execution]:
    """Read all executions of alice up to her last."""
    found: list[Execution] = []
    stream = client.stream_executions(accounts=["alice"], from_sequence=1)
    for item in stream:
        found.append(item)
        if item.sequence >= last_sequence:
            stream.close()
            return found
    raise AssertionError("the stream ended")
