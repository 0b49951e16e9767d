"""Trades as all may see them, encoded once for all who follow the same instruments."""

from collections.abc import Iterable
from typing import Protocol

from quantumcore.server.core import kinds
from quantumcore.server.feed.scan_cy import TapeTrade
from quantumcore.v1.matching_service_pb2 import StreamTradesResponse
from quantumcore.v1.trade_pb2 import Trade, TradeAction, TradeKind
from quantumcore.v1.types_pb2 import Side

ACTIONS = {
    kinds.ORDER_FILLED: TradeAction.TRADE_ACTION_EXECUTED,
    kinds.ORDER_FILL_BUSTED: TradeAction.TRADE_ACTION_BUSTED,
    kinds.ORDER_FILL_CORRECTED: TradeAction.TRADE_ACTION_CORRECTED,
}


class Outlet(Protocol):
    """Where encoded trades go."""

    def put(self, data: bytes, first_sequence: int = 0) -> None:
        """Let encoded trades wait to be sent."""


class Tape:
    """Give each follower the trades of its instruments, in order of sequence."""

    def __init__(self) -> None:
        self._followers: dict[frozenset[int] | None, set[Outlet]] = {}

    @property
    def is_followed(self) -> bool:
        """Tell whether anybody wants trades."""
        return bool(self._followers)

    def join(self, instruments: frozenset[int] | None, outlet: Outlet) -> None:
        """Send trades of these instruments (None: of all) from the next turn on."""
        self._followers.setdefault(instruments, set()).add(outlet)

    def leave(self, instruments: frozenset[int] | None, outlet: Outlet) -> None:
        """Send nothing more."""
        followers = self._followers.get(instruments, set())
        followers.discard(outlet)
        if not followers:
            self._followers.pop(instruments, None)

    def publish(self, trades: list[TapeTrade], time_ns: int, first_sequence: int) -> None:
        """Take the trades of a stored turn."""
        for instruments, outlets in self._followers.items():
            if data := encode_trades(trades, time_ns, instruments):
                for outlet in tuple(outlets):
                    outlet.put(data, first_sequence)


def _kind(trade: TapeTrade) -> TradeKind.ValueType:
    if trade.in_auction:
        return TradeKind.TRADE_KIND_AUCTION
    if trade.package_execution_id:
        return TradeKind.TRADE_KIND_PACKAGE_LEG
    return TradeKind.TRADE_KIND_CONTINUOUS


def trade_of(trade: TapeTrade, time_ns: int) -> Trade:
    """Return the contract's message for a line of the tape."""
    return Trade(
        trade_id=trade.trade_id,
        instrument_id=trade.instrument_id,
        price=trade.price,
        quantity=trade.quantity,
        aggressor_side=Side.ValueType(trade.aggressor_side),
        sequence=trade.sequence,
        time_ns=time_ns,
        kind=_kind(trade),
        action=ACTIONS[trade.kind],
        package_execution_id=trade.package_execution_id,
    )


def encode_trades(
    trades: Iterable[TapeTrade], time_ns: int, instruments: frozenset[int] | None
) -> bytes:
    """Return a StreamTradesResponse with the trades of these instruments; empty for none."""
    told = [
        trade_of(trade, time_ns)
        for trade in trades
        if instruments is None or trade.instrument_id in instruments
    ]
    return StreamTradesResponse(trades=told).SerializeToString() if told else b""
