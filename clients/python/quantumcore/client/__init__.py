"""Trade on a QuantumCore venue from Python.

`Client` is the synchronous door, `AsyncClient` the one for asyncio; both speak the whole of
the venue's contract in Python terms. See docs/interfaces/python-client.md.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quantumcore.client.aio import AsyncClient
    from quantumcore.client.aio_trading import AsyncTradeSession
    from quantumcore.client.client import Client
    from quantumcore.client.commands import CancelOrder, CancelOrders, CreateOrder, ReplaceOrder
    from quantumcore.client.connection import Tls
    from quantumcore.client.enums import (
        BookMode,
        ExecutionType,
        InstrumentKind,
        OrderStatus,
        OrderType,
        RejectReason,
        SelfTradePrevention,
        Side,
        TimeInForce,
        TradingPhase,
    )
    from quantumcore.client.errors import QuantumCoreError, Rejected
    from quantumcore.client.retry import RetryPolicy
    from quantumcore.client.trading import Batch, TradeSession
    from quantumcore.client.values import (
        Account,
        Acknowledgement,
        Book,
        BookLevel,
        Execution,
        Instrument,
        Order,
        Trade,
        VenueStatus,
    )

_MODULE_OF = {
    "Account": "values",
    "Acknowledgement": "values",
    "AsyncClient": "aio",
    "AsyncTradeSession": "aio_trading",
    "Batch": "trading",
    "Book": "values",
    "BookLevel": "values",
    "BookMode": "enums",
    "CancelOrder": "commands",
    "CancelOrders": "commands",
    "Client": "client",
    "CreateOrder": "commands",
    "Execution": "values",
    "ExecutionType": "enums",
    "Instrument": "values",
    "InstrumentKind": "enums",
    "Order": "values",
    "OrderStatus": "enums",
    "OrderType": "enums",
    "QuantumCoreError": "errors",
    "RejectReason": "enums",
    "Rejected": "errors",
    "ReplaceOrder": "commands",
    "RetryPolicy": "retry",
    "SelfTradePrevention": "enums",
    "Side": "enums",
    "TimeInForce": "enums",
    "Tls": "connection",
    "Trade": "values",
    "TradeSession": "trading",
    "TradingPhase": "enums",
    "VenueStatus": "values",
}

__all__ = [
    "Account",
    "Acknowledgement",
    "AsyncClient",
    "AsyncTradeSession",
    "Batch",
    "Book",
    "BookLevel",
    "BookMode",
    "CancelOrder",
    "CancelOrders",
    "Client",
    "CreateOrder",
    "Execution",
    "ExecutionType",
    "Instrument",
    "InstrumentKind",
    "Order",
    "OrderStatus",
    "OrderType",
    "QuantumCoreError",
    "RejectReason",
    "Rejected",
    "ReplaceOrder",
    "RetryPolicy",
    "SelfTradePrevention",
    "Side",
    "TimeInForce",
    "Tls",
    "Trade",
    "TradeSession",
    "TradingPhase",
    "VenueStatus",
]


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for: gRPC takes a fifth of a second."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
