"""All that the model holds, and how it tells what happens."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.events import AuctionEnd, Notice, OrderEvent
from tests.server.core.model.instrument import Account, Instrument, Position, Trade, Wallet
from tests.server.core.model.order import Order

Event = OrderEvent | Notice | AuctionEnd

EXECUTION_TYPES = {
    kinds.ORDER_ACCEPTED: enums.EXECUTION_TYPE_NEW,
    kinds.ORDER_REJECTED: enums.EXECUTION_TYPE_REJECTED,
    kinds.ORDER_FILLED: enums.EXECUTION_TYPE_TRADE,
    kinds.ORDER_CANCELLED: enums.EXECUTION_TYPE_CANCELLED,
    kinds.ORDER_REPLACED: enums.EXECUTION_TYPE_REPLACED,
    kinds.ORDER_EXPIRED: enums.EXECUTION_TYPE_EXPIRED,
    kinds.CANCEL_REJECTED: enums.EXECUTION_TYPE_CANCEL_REJECTED,
    kinds.REPLACE_REJECTED: enums.EXECUTION_TYPE_REPLACE_REJECTED,
    kinds.ORDER_TRIGGERED: enums.EXECUTION_TYPE_TRIGGERED,
    kinds.ORDER_RESTATED: enums.EXECUTION_TYPE_RESTATED,
    kinds.ORDER_FILL_BUSTED: enums.EXECUTION_TYPE_TRADE_CANCEL,
    kinds.ORDER_FILL_CORRECTED: enums.EXECUTION_TYPE_TRADE_CORRECT,
}
SILENT = OrderEvent(
    kind=0,
    sequence=0,
    version=0,
    order_id=0,
    account_id=0,
    instrument_id=0,
    execution_type=0,
    status=0,
    side=0,
    order_type=0,
    time_in_force=0,
    liquidity=0,
    cancel_reason=0,
    has_price=False,
    request_id=0,
    price=0,
    quantity=0,
    cumulative_quantity=0,
    leaves_quantity=0,
    last_price=0,
    last_quantity=0,
    trade_id=0,
    cumulative_tick_lots=0,
    reject_reason=0,
    reject_field=0,
    reject_limit=0,
    reject_value=0,
    client_order_id="",
    original_client_order_id="",
    restatement=0,
    shown_quantity=0,
    reference_sequence=0,
)


@dataclass(eq=False)
class World:
    """Accounts, instruments, orders, positions, trades; and the events so far."""

    accounts: dict[int, Account] = field(default_factory=dict)
    instruments: dict[int, Instrument] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    by_id: dict[int, Order] = field(default_factory=dict)
    names: dict[tuple[int, str], Order] = field(default_factory=dict)
    working: dict[int, Order] = field(default_factory=dict)  # by id, in order of entry
    positions: dict[tuple[int, int], Position] = field(
        default_factory=lambda: defaultdict(Position)
    )
    wallets: dict[tuple[int, int], Wallet] = field(default_factory=lambda: defaultdict(Wallet))
    trades: dict[int, Trade] = field(default_factory=dict)
    touched: list[Instrument] = field(default_factory=list)
    is_killed: bool = False
    sessions: int = 0  # opened so far
    breached: Instrument | None = None
    sequence: int = 0
    time_ns: int = 0
    command: int = 0  # how many there were
    last_trade_id: int = 0
    events: list[Event] = field(default_factory=list)

    def instrument(self, order: Order) -> Instrument:
        return self.instruments[order.instrument_id]

    def position(self, order: Order) -> Position:
        return self.positions[order.account_id, order.instrument_id]

    def wallet(self, order: Order) -> Wallet:
        return self.wallets[order.account_id, self.instrument(order).currency]

    def lots(self, order: Order) -> int:
        """Return the lots that still work."""
        return order.leaves // self.instrument(order).lot_size

    def working_of(self, account_id: int) -> list[Order]:
        return [order for order in self.working.values() if order.account_id == account_id]

    def reserved(self, account_id: int, currency: int) -> int:
        """Return what an account's working orders bind of its money in a currency."""
        return sum(
            self.lots(order) * order.reserve
            for order in self.working_of(account_id)
            if self.instrument(order).currency == currency
        )

    def working_lots(self, account_id: int, instrument_id: int, side: int) -> int:
        return sum(
            self.lots(order)
            for order in self.working_of(account_id)
            if (order.instrument_id, order.side) == (instrument_id, side)
        )

    def open_value(self, account_id: int, currency: int) -> int:
        """Return what an account's working orders are valued at, where that is counted."""
        return sum(
            self.lots(order) * abs(order.risk_ticks) * self.instrument(order).tick_value
            for order in self.working_of(account_id)
            if self.instrument(order).currency == currency
        )

    def money(self, account_id: int, currency: int) -> tuple[int, int, int, int]:
        """Return an account's cash, fees, what is reserved, and the value of its orders."""
        wallet = self.wallets[account_id, currency]
        bound = self.reserved(account_id, currency), self.open_value(account_id, currency)
        return wallet.cash, wallet.fees, *bound

    def held(self, account_id: int, instrument_id: int) -> int:
        """Return what an account holds of an instrument, 1e-9."""
        lot_size = self.instruments[instrument_id].lot_size
        return self.positions[account_id, instrument_id].lots * lot_size

    def owner(self, account_id: int) -> tuple[str, int]:
        """Return what accounts of one owner have in common."""
        group = self.accounts[account_id].self_trade_group
        return ("group", group) if group else ("account", account_id)

    def stops_account(self, account_id: int) -> bool:
        """Whether a kill switch stops the account's new orders."""
        return self.is_killed or self.accounts[account_id].is_killed

    def touch(self, instrument: Instrument) -> None:
        """Note that the stops and pegs of an instrument are to be looked at again."""
        if (instrument.stops or instrument.pegs) and instrument not in self.touched:
            self.touched.append(instrument)

    def tell(self, order: Order, kind: int, **particulars: Any) -> None:
        """Tell what happened to an order, which is by now as it left it."""
        self.sequence += 1
        order.version += 1
        order.sequence, order.updated_ns = self.sequence, self.time_ns
        event = SILENT._replace(
            kind=kind,
            sequence=self.sequence,
            version=order.version,
            order_id=order.order_id,
            account_id=order.account_id,
            instrument_id=order.instrument_id,
            execution_type=EXECUTION_TYPES[kind],
            status=order.status,
            side=order.side,
            order_type=order.order_type,
            time_in_force=order.time_in_force,
            cancel_reason=order.cancel_reason,
            has_price=order.price is not None,
            price=order.price or 0,
            quantity=order.quantity,
            cumulative_quantity=order.cumulative,
            leaves_quantity=order.leaves,
            cumulative_tick_lots=order.tick_lots,
            client_order_id=order.client_order_id,
        )
        if self.accounts[order.account_id].margin_model:
            account_reserved = self.reserved(order.account_id, self.instrument(order).currency)
            reserved = self.lots(order) * order.reserve
            event = event._replace(reserved=reserved, account_reserved=account_reserved)
        self.events.append(event._replace(**particulars) if particulars else event)

    def tell_refusal(self, kind: int, **particulars: Any) -> None:
        """Tell that a command which concerns no order of the venue is refused."""
        self.sequence += 1
        self.events.append(
            SILENT._replace(
                kind=kind,
                sequence=self.sequence,
                execution_type=EXECUTION_TYPES[kind],
                **particulars,
            )
        )

    def restate(self, order: Order, restatement: int, shown: int) -> None:
        """Tell that the venue changed an order unasked."""
        self.tell(order, kinds.ORDER_RESTATED, restatement=restatement, shown_quantity=shown)

    def notice(self, kind: int, subject: int, value: int) -> None:
        """Tell what is not an order's."""
        self.sequence += 1
        self.events.append(Notice(kind, self.sequence, subject, value))
