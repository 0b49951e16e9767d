"""An exchange with two instruments and three accounts, spoken to in short lines."""

from collections.abc import Callable
from typing import Any

from quantumcore.server.core import commands, kinds
from quantumcore.server.core.events import (
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

BUY, SELL = kinds.SIDE_BUY, kinds.SIDE_SELL
TICK, LOT, BAND = 10, 5, 30
STATUSES = {1: "new", 2: "partial", 3: "filled", 4: "cancelled", 5: "rejected", 6: "expired"}
LISTING = {
    "tick_size": TICK,
    "lot_size": LOT,
    "min_price": -1_000,
    "max_price": 10_000,
    "max_quantity": 1_000,
    "protection_band": BAND,
    "tick_value": 1,
}


class Venue:
    """Each command is a turn of its own and returns its events."""

    def __init__(self, **capacities: Any) -> None:
        self.exchange = Exchange(**capacities)
        self.now = 1_000
        self.blocks: list[tuple[int, bytes]] = []
        for _ in range(2):
            self.do(commands.create_instrument, **LISTING)
        for _ in range(3):
            self.do(commands.create_account)

    def do(self, command: Callable[..., int], **arguments: Any) -> list[OrderEvent | Notice]:
        """Execute one command in a turn; return its events."""
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
            commands.create_order,
            client_order_id=client_order_id,
            side=side,
            quantity=quantity,
            price=price,
            **parties,
        )

    def cancel(self, client_order_id: str, account_id: int = 1, **more: Any) -> list[str]:
        """Cancel an order by client order id."""
        return self.brief(
            commands.cancel_order, account_id=account_id, client_order_id=client_order_id, **more
        )

    def replace(self, client_order_id: str, account_id: int = 1, **more: Any) -> list[str]:
        """Replace an order by client order id."""
        return self.brief(
            commands.replace_order, account_id=account_id, client_order_id=client_order_id, **more
        )

    def set_phase(self, phase: int, instrument_id: int = 1) -> list[str]:
        """Change the phase of an instrument."""
        return self.brief(commands.set_trading_phase, instrument_id=instrument_id, phase=phase)

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


def line(event: OrderEvent | Notice) -> str:
    """Return what matters of an event: name, order, state, and what just happened."""
    if isinstance(event, Notice):
        return f"{NOTICES[event.kind]} {event.subject} {event.value}"
    state = f"{event.client_order_id} {STATUSES.get(event.status, '-')}"
    amounts = f"{event.cumulative_quantity}+{event.leaves_quantity}/{event.quantity}@{event.price}"
    match event.kind:
        case kinds.ORDER_FILLED:
            side = "maker" if event.liquidity == kinds.LIQUIDITY_MAKER else "taker"
            trade = f"{side} {event.last_quantity}@{event.last_price} trade {event.trade_id}"
            return f"filled {state} {amounts} {trade}"
        case kinds.ORDER_CANCELLED | kinds.ORDER_EXPIRED:
            return f"ended {state} {amounts} reason {event.cancel_reason}"
        case kinds.ORDER_REPLACED:
            return f"replaced {state} {amounts} was {event.original_client_order_id}"
        case kinds.ORDER_ACCEPTED:
            return f"accepted {state} {amounts}"
    refused = f"reason {event.reject_reason} field {event.reject_field}"
    return f"{REFUSALS[event.kind]} {state} {refused} {event.reject_value} for {event.reject_limit}"


NOTICES = {
    kinds.INSTRUMENT_LISTED: "listed",
    kinds.PHASE_CHANGED: "phase",
    kinds.ACCOUNT_OPENED: "opened",
    kinds.ORDERS_CANCELLED: "orders cancelled",
    kinds.REQUEST_REPEATED: "repeated",
}
REFUSALS = {
    kinds.ORDER_REJECTED: "rejected",
    kinds.CANCEL_REJECTED: "cancel refused",
    kinds.REPLACE_REJECTED: "replace refused",
}
