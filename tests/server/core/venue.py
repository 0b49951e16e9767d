"""An exchange with two instruments and three accounts, spoken to in short lines."""

from collections.abc import Callable
from typing import Any

from quantumcore.server.core import admin_commands, enums, order_commands
from quantumcore.server.core.events import (
    AuctionEnd,
    Command,
    LevelChange,
    Notice,
    OrderEvent,
    Result,
    decode,
    decode_levels,
    decode_results,
)
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.views import OrderView
from tests.server.core.lines import line

BUY, SELL = enums.SIDE_BUY, enums.SIDE_SELL
TICK, LOT, BAND = 10, 5, 30
LISTING = {
    "tick_size": TICK,
    "lot_size": LOT,
    "min_price": -1_000,
    "max_price": 10_000,
    "max_quantity": 1_000,
    "protection_band": BAND,
    "tick_value": 1,
    "expiry_time_ns": 0,
    "phase": enums.TRADING_PHASE_CONTINUOUS,
    "price_band": 0,
    "auction_duration_ns": 0,
}


class Venue:
    """Each command is a turn of its own and returns its events, those of its order in short."""

    def __init__(self, **options: Any) -> None:
        """List two instruments, the first with terms of `options`; open three accounts.

        The other options are the exchange's own.
        """
        terms = {name: options.pop(name) for name in LISTING if name in options}
        self.exchange = Exchange(**options)
        self.now = 1_000
        self.blocks: list[tuple[int, bytes]] = []
        self.do(admin_commands.create_instrument, **LISTING | terms)
        self.do(admin_commands.create_instrument, **LISTING)
        for _ in range(3):
            self.do(admin_commands.create_account)

    def do(
        self, command: Callable[..., int], **arguments: Any
    ) -> list[OrderEvent | Notice | AuctionEnd]:
        """Execute one command in a turn, a nanosecond after the one before; return its events."""
        self.now += 1
        self.exchange.begin_turn(self.now)
        command(self.exchange, **arguments)
        self.blocks.append((self.now, bytes(self.exchange.turn.view())))
        records = decode(self.exchange.turn.view())
        return [record for record in records if not isinstance(record, Command)]

    def brief(self, command: Callable[..., int], **arguments: Any) -> list[str]:
        """Execute one command; return its events as short lines."""
        return [line(event) for event in self.do(command, **arguments)]

    def order(
        self, client_order_id: str, side: int, quantity: int, price: int | None = None, **more: Any
    ) -> list[str]:
        """Enter an order for account 1 in instrument 1, unless told otherwise."""
        parties = {"account_id": 1, "instrument_id": 1} | more
        return self.brief(
            order_commands.create_order,
            client_order_id=client_order_id,
            side=side,
            quantity=quantity,
            price=price,
            **parties,
        )

    def cancel(self, client_order_id: str, account_id: int = 1, **more: Any) -> list[str]:
        """Cancel an order by client order id."""
        return self.brief(
            order_commands.cancel_order,
            account_id=account_id,
            client_order_id=client_order_id,
            **more,
        )

    def replace(self, client_order_id: str, account_id: int = 1, **more: Any) -> list[str]:
        """Replace an order by client order id."""
        return self.brief(
            order_commands.replace_order,
            account_id=account_id,
            client_order_id=client_order_id,
            **more,
        )

    def cancel_all(self, account_id: int = 1, **more: Any) -> list[str]:
        """Cancel all orders of an account that match."""
        return self.brief(order_commands.cancel_orders, account_id=account_id, **more)

    def set_phase(self, phase: int, instrument_id: int = 1, **more: Any) -> list[str]:
        """Change the phase of an instrument."""
        return self.brief(
            admin_commands.set_trading_phase, instrument_id=instrument_id, phase=phase, **more
        )

    def reference(self, instrument_id: int = 1, **prices: int) -> list[str]:
        """Tell a quote from outside."""
        return self.brief(admin_commands.set_reference, instrument_id=instrument_id, **prices)

    def trade(self, price: int, quantity: int = LOT, instrument_id: int = 1) -> None:
        """Let accounts 2 and 3 trade, where the book leaves them alone with one another."""
        name, terms = f"trade {self.now}", {"instrument_id": instrument_id}
        self.order(f"{name} maker", SELL, quantity, price, account_id=2, **terms)
        told = self.order(f"{name} taker", BUY, quantity, price, account_id=3, **terms)
        assert any(f"taker {quantity}@{price} " in event for event in told), told

    def kill(self, account_id: int = 0, *, enabled: bool = True, **more: Any) -> list[str]:
        """Turn the kill switch of an account, or of the venue."""
        return self.brief(
            admin_commands.set_kill_switch, account_id=account_id, enabled=enabled, **more
        )

    def advance(self, time_ns: int) -> list[str]:
        """Let nothing happen but that time comes to `time_ns`."""
        self.now = time_ns - 1
        return self.brief(admin_commands.advance_time)

    def find(self, client_order_id: str, account_id: int = 1) -> OrderView:
        """Return an order by client order id."""
        view = self.exchange.order(self.exchange.find_order(account_id, client_order_id))
        assert view is not None, f"no order {client_order_id}"
        return view

    @property
    def result(self) -> Result:
        """The answer to the last command."""
        return decode_results(self.exchange.results.view())[-1]

    @property
    def levels(self) -> list[LevelChange]:
        """The level changes of the last command."""
        return decode_levels(self.exchange.levels.view())

    def book(self, instrument_id: int = 1) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
        """Return bids and asks as (price, quantity, orders)."""
        bids, asks = self.exchange.depth(instrument_id)
        return [tuple(level) for level in bids], [tuple(level) for level in asks]

    def queue(self, instrument_id: int = 1) -> tuple[list[str], list[str]]:
        """Return bids and asks in order of priority, as `name quantity@price`."""
        bids, asks = (
            [f"{self._name(order_id)} {shown}@{price}" for order_id, price, shown in side]
            for side in self.exchange.book_orders(instrument_id)
        )
        return bids, asks

    def _name(self, order_id: int) -> str:
        view = self.exchange.order(order_id)
        assert view is not None
        return view.client_order_id
