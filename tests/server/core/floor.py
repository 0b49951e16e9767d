"""An exchange with one instrument and five accounts, whose answers are short lines."""

from collections.abc import Callable
from typing import Any

from quantumcore.server.core import admin_commands, enums, order_commands
from quantumcore.server.core.events import Command, Result, decode, decode_results
from quantumcore.server.core.exchange_cy import Exchange
from tests.server.core.telling import brief

BUY, SELL = enums.SIDE_BUY, enums.SIDE_SELL
PRE_OPEN, CONTINUOUS = enums.TRADING_PHASE_PRE_OPEN, enums.TRADING_PHASE_CONTINUOUS
VOLATILITY = enums.TRADING_PHASE_VOLATILITY_AUCTION
HALTED, CLOSED = enums.TRADING_PHASE_HALTED, enums.TRADING_PHASE_CLOSED
CLOSING_AUCTION = enums.TRADING_PHASE_CLOSING_AUCTION
LISTING = {
    "tick_size": 10,
    "lot_size": 5,
    "min_price": -1_000,
    "max_price": 10_000,
    "max_quantity": 100_000,
    "protection_band": 500,
    "tick_value": 1,
}


class Floor:
    """Every command is a turn of its own, one nanosecond after the one before."""

    def __init__(self, **listing: Any) -> None:
        self.exchange = Exchange(
            order_capacity=1 << 14,
            live_order_capacity=1 << 13,
            level_capacity=1 << 12,
            request_capacity=16,
            account_capacity=8,
            instrument_capacity=8,
            trade_capacity=1 << 13,
            position_capacity=64,
        )
        self.now = 1_000
        self.listing = LISTING | listing
        self.do(admin_commands.create_instrument, **self.listing)
        for _ in range(5):
            self.do(admin_commands.create_account)

    def do(self, command: Callable[..., int], **arguments: Any) -> list[str]:
        """Carry out one command; return what it tells."""
        self.now += 1
        self.exchange.begin_turn(self.now)
        command(self.exchange, **arguments)
        records = decode(self.exchange.turn.view())
        return [brief(record) for record in records if not isinstance(record, Command)]

    def order(
        self,
        name: str,
        side: int,
        quantity: int,
        price: int | None = None,
        account: int = 1,
        **terms: Any,
    ) -> list[str]:
        """Enter an order."""
        return self.do(
            order_commands.create_order,
            account_id=account,
            instrument_id=1,
            client_order_id=name,
            side=side,
            quantity=quantity,
            price=price,
            **terms,
        )

    def trade(self, price: int, quantity: int = 5) -> None:
        """Let accounts 4 and 5 trade, whatever else stands in the book at other prices."""
        name = f"{self.now}"
        self.order(f"s{name}", SELL, quantity, price, account=4)
        told = self.order(f"b{name}", BUY, quantity, price, account=5)
        assert f"b{name} trades {quantity} @ {price} as taker, leaves 0" in told

    def stop(self, name: str, side: int, quantity: int, stop_price: int, **terms: Any) -> list[str]:
        """Enter a stop that becomes a market order."""
        terms = {"order_type": enums.ORDER_TYPE_STOP, "account": 3} | terms
        return self.order(name, side, quantity, stop_price=stop_price, **terms)

    def go(self, phase: int) -> list[str]:
        """Move the instrument to a phase."""
        return self.do(admin_commands.set_trading_phase, instrument_id=1, phase=phase)

    @property
    def result(self) -> Result:
        """The answer to the last command."""
        return decode_results(self.exchange.results.view())[-1]
