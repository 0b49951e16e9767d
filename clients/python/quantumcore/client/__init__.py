"""Trade on a QuantumCore venue from Python.

`Client` is the synchronous door, `AsyncClient` the one for asyncio; both speak the whole of
the venue's contract in Python terms. See docs/interfaces/python-client.md.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quantumcore.client.aio import (
        AsyncClient,
    )
    from quantumcore.client.aio_trading import (
        AsyncTradeSession,
    )
    from quantumcore.client.client import (
        Client,
    )
    from quantumcore.client.commands import (
        CancelOrder,
        CancelOrders,
        CreateOrder,
        ReplaceOrder,
    )
    from quantumcore.client.connection import (
        Tls,
    )
    from quantumcore.client.enums import (
        AccountStatus,
        BookMode,
        CancelReason,
        ExecutionType,
        ExerciseStyle,
        InstrumentKind,
        Liquidity,
        OptionRight,
        OrderStatus,
        OrderType,
        PegReference,
        RejectReason,
        RestatementReason,
        SelfTradePrevention,
        SessionProtocol,
        Side,
        StopTrigger,
        TimeInForce,
        TradeAction,
        TradeKind,
        TradingPhase,
    )
    from quantumcore.client.errors import (
        QuantumCoreError,
        Rejected,
    )
    from quantumcore.client.market import (
        Auction,
        Book,
        BookByOrder,
        BookLevel,
        BookOrder,
        NewestQuote,
        PublishedQuotes,
        Quote,
        Trade,
        TradingStatistics,
    )
    from quantumcore.client.multi_leg import (
        Leg,
        MaxDeviation,
        MaxSpread,
        MultiLegOrder,
        MultiLegOrderAcknowledgement,
        RatioBand,
        SequentialTerms,
        average_net_price,
    )
    from quantumcore.client.multi_leg_commands import (
        CancelMultiLegOrder,
        CreateMultiLegOrder,
        LegTerms,
        ReplaceMultiLegOrder,
    )
    from quantumcore.client.multi_leg_enums import (
        ExecutionMode,
        MultiLegOrderStatus,
        StrategyShape,
        UnwindPolicy,
    )
    from quantumcore.client.quotes import (
        NewQuote,
    )
    from quantumcore.client.retry import (
        RetryPolicy,
    )
    from quantumcore.client.trading import (
        Batch,
        TradeSession,
    )
    from quantumcore.client.values import (
        Account,
        Acknowledgement,
        Execution,
        Instrument,
        InstrumentStatus,
        KillSwitchChange,
        Order,
        VenueStatus,
    )

_MODULE_OF = {
    "Account": "values",
    "AccountStatus": "enums",
    "Acknowledgement": "values",
    "AsyncClient": "aio",
    "AsyncTradeSession": "aio_trading",
    "Auction": "market",
    "Batch": "trading",
    "Book": "market",
    "BookByOrder": "market",
    "BookLevel": "market",
    "BookMode": "enums",
    "BookOrder": "market",
    "CancelMultiLegOrder": "multi_leg_commands",
    "CancelOrder": "commands",
    "CancelOrders": "commands",
    "CancelReason": "enums",
    "Client": "client",
    "CreateMultiLegOrder": "multi_leg_commands",
    "CreateOrder": "commands",
    "Execution": "values",
    "ExecutionMode": "multi_leg_enums",
    "ExecutionType": "enums",
    "ExerciseStyle": "enums",
    "Instrument": "values",
    "InstrumentKind": "enums",
    "InstrumentStatus": "values",
    "KillSwitchChange": "values",
    "Leg": "multi_leg",
    "LegTerms": "multi_leg_commands",
    "Liquidity": "enums",
    "MaxDeviation": "multi_leg",
    "MaxSpread": "multi_leg",
    "MultiLegOrder": "multi_leg",
    "MultiLegOrderAcknowledgement": "multi_leg",
    "MultiLegOrderStatus": "multi_leg_enums",
    "NewQuote": "quotes",
    "NewestQuote": "market",
    "OptionRight": "enums",
    "Order": "values",
    "OrderStatus": "enums",
    "OrderType": "enums",
    "PegReference": "enums",
    "PublishedQuotes": "market",
    "QuantumCoreError": "errors",
    "Quote": "market",
    "RatioBand": "multi_leg",
    "RejectReason": "enums",
    "Rejected": "errors",
    "ReplaceMultiLegOrder": "multi_leg_commands",
    "ReplaceOrder": "commands",
    "RestatementReason": "enums",
    "RetryPolicy": "retry",
    "SelfTradePrevention": "enums",
    "Session": "values",
    "SessionProtocol": "enums",
    "SequentialTerms": "multi_leg",
    "Side": "enums",
    "StopTrigger": "enums",
    "StrategyShape": "multi_leg_enums",
    "TimeInForce": "enums",
    "Tls": "connection",
    "Trade": "market",
    "TradeAction": "enums",
    "TradeKind": "enums",
    "TradeSession": "trading",
    "TradingPhase": "enums",
    "TradingStatistics": "market",
    "UnwindPolicy": "multi_leg_enums",
    "VenueStatus": "values",
    "average_net_price": "multi_leg",
}

__all__ = [
    "Account",
    "AccountStatus",
    "Acknowledgement",
    "AsyncClient",
    "AsyncTradeSession",
    "Auction",
    "Batch",
    "Book",
    "BookByOrder",
    "BookLevel",
    "BookMode",
    "BookOrder",
    "CancelMultiLegOrder",
    "CancelOrder",
    "CancelOrders",
    "CancelReason",
    "Client",
    "CreateMultiLegOrder",
    "CreateOrder",
    "Execution",
    "ExecutionMode",
    "ExecutionType",
    "ExerciseStyle",
    "Instrument",
    "InstrumentKind",
    "InstrumentStatus",
    "KillSwitchChange",
    "Leg",
    "LegTerms",
    "Liquidity",
    "MaxDeviation",
    "MaxSpread",
    "MultiLegOrder",
    "MultiLegOrderAcknowledgement",
    "MultiLegOrderStatus",
    "NewQuote",
    "NewestQuote",
    "OptionRight",
    "Order",
    "OrderStatus",
    "OrderType",
    "PegReference",
    "PublishedQuotes",
    "QuantumCoreError",
    "Quote",
    "RatioBand",
    "RejectReason",
    "Rejected",
    "ReplaceMultiLegOrder",
    "ReplaceOrder",
    "RestatementReason",
    "RetryPolicy",
    "SelfTradePrevention",
    "SequentialTerms",
    "Session",
    "SessionProtocol",
    "Side",
    "StopTrigger",
    "StrategyShape",
    "TimeInForce",
    "Tls",
    "Trade",
    "TradeAction",
    "TradeKind",
    "TradeSession",
    "TradingPhase",
    "TradingStatistics",
    "UnwindPolicy",
    "VenueStatus",
    "average_net_price",
]


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for: gRPC takes a fifth of a second."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
