"""A second exchange, written from the rules alone on plain objects, to hold the first against."""

from dataclasses import dataclass, field

from quantumcore.server.core import kinds
from quantumcore.server.core.events import Notice, OrderEvent
from quantumcore.server.core.reference_book import ReferenceBook
from tests.server.core.venue import BAND, BUY, LOT, SELL, TICK

Events = list[OrderEvent | Notice]
WORKING = (kinds.ORDER_STATUS_NEW, kinds.ORDER_STATUS_PARTIALLY_FILLED)
ROW_MASK = (1 << 28) - 1


@dataclass(eq=False)
class ModelOrder:
    """An order with everything that its events tell of it."""

    order_id: int
    account_id: int
    instrument_id: int
    side: int
    order_type: int
    time_in_force: int
    price: int | None
    quantity: int
    client_order_id: str
    post_only: bool
    session: int
    status: int = kinds.ORDER_STATUS_NEW
    cumulative: int = 0
    tick_lots: int = 0
    version: int = 0
    cancel_reason: int = 0
    slot: int = -1

    @property
    def is_working(self) -> bool:
        return self.status in WORKING

    @property
    def is_market(self) -> bool:
        return self.order_type == kinds.ORDER_TYPE_MARKET


@dataclass
class Model:
    """Takes orders whose numbers are right; what is wrong with them beyond that it refuses."""

    orders: list[ModelOrder] = field(default_factory=list)
    names: dict[tuple[int, str], ModelOrder] = field(default_factory=dict)
    books: dict[int, ReferenceBook] = field(
        default_factory=lambda: {1: ReferenceBook(1 << 20), 2: ReferenceBook(1 << 20)}
    )
    phases: dict[int, int] = field(default_factory=lambda: {1: 3, 2: 3})
    sequence: int = 5
    trades: int = 0
    events: Events = field(default_factory=list)

    def create(self, wanted: ModelOrder) -> None:
        """Enter an order, which has no id yet."""
        reason = self._reason_against(wanted)
        if reason:
            wanted.status = kinds.ORDER_STATUS_REJECTED
            self._refuse(kinds.ORDER_REJECTED, kinds.EXECUTION_TYPE_REJECTED, wanted, reason)
            return
        wanted.order_id = 1 << 28 | len(self.orders)
        self.orders.append(wanted)
        self.names[wanted.account_id, wanted.client_order_id] = wanted
        self._tell(wanted, kinds.ORDER_ACCEPTED, kinds.EXECUTION_TYPE_NEW)
        self._work(wanted)

    def cancel(self, account_id: int, name: str) -> None:
        """Cancel by client order id."""
        order = self.names.get((account_id, name))
        kind, execution_type = kinds.CANCEL_REJECTED, kinds.EXECUTION_TYPE_CANCEL_REJECTED
        if order is None:
            self._refuse_unknown(kind, execution_type, account_id, name)
        elif not order.is_working:
            reject = (kinds.REJECT_REASON_TOO_LATE_TO_CANCEL, 3, 0, order.order_id)
            self._tell(order, kind, execution_type, reject=reject)
        else:
            self._end(order, kinds.ORDER_STATUS_CANCELLED, kinds.CANCEL_REASON_REQUESTED)

    def cancel_all(self, account_id: int, instrument_id: int, side: int, session: int) -> None:
        """Cancel what matches, the oldest first."""
        ended = [
            order
            for order in self.orders
            if order.is_working
            and order.account_id == account_id
            and instrument_id in {0, order.instrument_id}
            and side in {0, order.side}
            and session in {0, order.session}
        ]
        # Only a venue that lost a session names one.
        reason = kinds.CANCEL_REASON_DISCONNECT if session else kinds.CANCEL_REASON_MASS_CANCEL
        for order in ended:
            self._end(order, kinds.ORDER_STATUS_CANCELLED, reason)
        self._notice(kinds.ORDERS_CANCELLED, account_id, len(ended))

    def replace(
        self, account_id: int, name: str, new_name: str, quantity: int | None, price: int | None
    ) -> None:
        """Change name, quantity or price."""
        order = self.names.get((account_id, name))
        kind, execution_type = kinds.REPLACE_REJECTED, kinds.EXECUTION_TYPE_REPLACE_REJECTED
        if order is None:
            self._refuse_unknown(kind, execution_type, account_id, name)
            return
        reject = self._reason_against_change(order, new_name, quantity, price)
        if reject:
            self._tell(order, kind, execution_type, reject=reject)
            return
        original = order.client_order_id
        if new_name:
            self.names[account_id, new_name] = order
            order.client_order_id = new_name
        self._change(order, order.quantity if quantity is None else quantity, price, original)

    def set_phase(self, instrument_id: int, phase: int) -> None:
        """Change the phase; closing ends day orders, bids first, each side by priority."""
        self.phases[instrument_id] = phase
        self._notice(kinds.PHASE_CHANGED, instrument_id, phase)
        if phase != kinds.TRADING_PHASE_CLOSED:
            return
        book = self.books[instrument_id]
        for row, _, _ in book.queue(BUY) + book.queue(SELL):
            if self.orders[row].time_in_force == kinds.TIME_IN_FORCE_DAY:
                reason = kinds.CANCEL_REASON_END_OF_DAY
                self._end(self.orders[row], kinds.ORDER_STATUS_EXPIRED, reason)

    def _reason_against(self, order: ModelOrder) -> tuple[int, int, int, int] | None:
        known = self.names.get((order.account_id, order.client_order_id))
        if known:
            return kinds.REJECT_REASON_DUPLICATE_CLIENT_ORDER_ID, 4, 0, known.order_id
        phase = self.phases[order.instrument_id]
        if phase != kinds.TRADING_PHASE_CONTINUOUS:
            return kinds.REJECT_REASON_WRONG_PHASE, 3, 0, phase
        if order.post_only and order.price is not None and self._crosses(order, order.price):
            best = self._best(order)
            return kinds.REJECT_REASON_POST_ONLY_WOULD_TRADE, 9, best, order.price
        return None

    def _reason_against_change(
        self, order: ModelOrder, new_name: str, quantity: int | None, price: int | None
    ) -> tuple[int, int, int, int] | None:
        if not order.is_working:
            return kinds.REJECT_REASON_TOO_LATE_TO_CANCEL, 3, 0, order.order_id
        known = self.names.get((order.account_id, new_name))
        if known:
            return kinds.REJECT_REASON_DUPLICATE_CLIENT_ORDER_ID, 5, 0, known.order_id
        phase = self.phases[order.instrument_id]
        if phase != kinds.TRADING_PHASE_CONTINUOUS:
            return kinds.REJECT_REASON_WRONG_PHASE, 3, 0, phase
        if not new_name and quantity in {None, order.quantity} and price in {None, order.price}:
            return kinds.REJECT_REASON_NOTHING_TO_REPLACE, 0, 0, 0
        if order.post_only and price is not None and self._crosses(order, price):
            best = self._best(order)
            return kinds.REJECT_REASON_POST_ONLY_WOULD_TRADE, 7, best, price
        return None

    def _change(self, order: ModelOrder, quantity: int, price: int | None, original: str) -> None:
        replaced = kinds.ORDER_REPLACED, kinds.EXECUTION_TYPE_REPLACED
        book = self.books[order.instrument_id]
        if quantity <= order.cumulative:
            book.cancel(order.side, order.slot)
            order.quantity, order.status = order.cumulative, kinds.ORDER_STATUS_FILLED
            order.cancel_reason = kinds.CANCEL_REASON_REPLACED_TO_FILLED
            self._tell(order, *replaced, original=original)
        elif price in {None, order.price} and quantity <= order.quantity:
            if quantity < order.quantity:
                book.reduce(order.side, order.slot, (order.quantity - quantity) // LOT)
            order.quantity = quantity
            self._tell(order, *replaced, original=original)
        else:
            book.cancel(order.side, order.slot)
            order.quantity = quantity
            order.price = order.price if price is None else price
            self._tell(order, *replaced, original=original)
            self._work(order)
        book.drain()

    def _work(self, order: ModelOrder) -> None:
        book = self.books[order.instrument_id]
        book.drain()
        lots = (order.quantity - order.cumulative) // LOT
        limit = self._limit(order)
        kill = order.time_in_force == kinds.TIME_IN_FORCE_FOK
        cancelled = kinds.ORDER_STATUS_CANCELLED
        if limit is None:
            self._end(order, cancelled, kinds.CANCEL_REASON_MARKET_PROTECTION)
        elif kill and book.available(order.side, limit, lots) < lots:
            self._end(order, cancelled, kinds.CANCEL_REASON_FILL_OR_KILL)
        else:
            left = book.match(order.side, limit, lots)
            for event in book.drain():
                self._fill(self.orders[event.tag], order, event.price, event.lots)
            self._rest(order, limit, left)

    def _rest(self, order: ModelOrder, limit: int, lots: int) -> None:
        cancelled = kinds.ORDER_STATUS_CANCELLED
        if lots == 0:
            return
        if order.is_market:
            self._end(order, cancelled, kinds.CANCEL_REASON_MARKET_PROTECTION)
        elif order.time_in_force == kinds.TIME_IN_FORCE_IOC:
            self._end(order, cancelled, kinds.CANCEL_REASON_IMMEDIATE_OR_CANCEL)
        else:
            row = order.order_id & ROW_MASK
            order.slot = self.books[order.instrument_id].add(order.side, limit, lots, row)

    def _fill(self, maker: ModelOrder, taker: ModelOrder, price: int, lots: int) -> None:
        self.trades += 1
        for order in (maker, taker):
            order.cumulative += lots * LOT
            order.tick_lots += lots * price
            whole = order.cumulative == order.quantity
            order.status = (
                kinds.ORDER_STATUS_FILLED if whole else kinds.ORDER_STATUS_PARTIALLY_FILLED
            )
        filled = kinds.ORDER_FILLED, kinds.EXECUTION_TYPE_TRADE
        last = (price * TICK, lots * LOT, self.trades)
        self._tell(maker, *filled, liquidity=kinds.LIQUIDITY_MAKER, last=last)
        self._tell(taker, *filled, liquidity=kinds.LIQUIDITY_TAKER, last=last)

    def _end(self, order: ModelOrder, status: int, reason: int) -> None:
        book = self.books[order.instrument_id]
        resting = book.orders.get(order.slot)
        if resting and self.orders[resting.tag] is order:
            book.cancel(order.side, order.slot)
            book.drain()
        order.status, order.cancel_reason = status, reason
        if status == kinds.ORDER_STATUS_EXPIRED:
            self._tell(order, kinds.ORDER_EXPIRED, kinds.EXECUTION_TYPE_EXPIRED)
        else:
            self._tell(order, kinds.ORDER_CANCELLED, kinds.EXECUTION_TYPE_CANCELLED)

    def _opposite(self, order: ModelOrder) -> list[int]:
        side = SELL if order.side == BUY else BUY
        return [level.price for level in self.books[order.instrument_id].depth(side, 1)]

    def _best(self, order: ModelOrder) -> int:
        return self._opposite(order)[0] * TICK

    def _crosses(self, order: ModelOrder, price: int) -> bool:
        if not self._opposite(order):
            return False
        best = self._best(order)
        return price >= best if order.side == BUY else price <= best

    def _limit(self, order: ModelOrder) -> int | None:
        if order.price is not None:
            return order.price // TICK
        best = self._opposite(order)
        band = BAND // TICK
        return best[0] + (band if order.side == BUY else -band) if best else None

    def _notice(self, kind: int, subject: int, value: int) -> None:
        self.sequence += 1
        self.events.append(Notice(kind, self.sequence, subject, value))

    def _refuse_unknown(self, kind: int, execution_type: int, account_id: int, name: str) -> None:
        nobody = ModelOrder(0, account_id, 0, 0, 0, 0, None, 0, name, post_only=False, session=0)
        nobody.status = 0
        self._refuse(kind, execution_type, nobody, (kinds.REJECT_REASON_UNKNOWN_ORDER, 4, 0, 0))

    def _refuse(
        self, kind: int, execution_type: int, order: ModelOrder, reject: tuple[int, int, int, int]
    ) -> None:
        self._tell(order, kind, execution_type, reject=reject)
        told = self.events.pop()
        assert isinstance(told, OrderEvent)
        self.events.append(told._replace(version=0, leaves_quantity=0))

    def _tell(
        self,
        order: ModelOrder,
        kind: int,
        execution_type: int,
        *,
        liquidity: int = 0,
        last: tuple[int, int, int] = (0, 0, 0),
        reject: tuple[int, int, int, int] = (0, 0, 0, 0),
        original: str = "",
    ) -> None:
        self.sequence += 1
        order.version += 1
        self.events.append(
            OrderEvent(
                kind=kind,
                sequence=self.sequence,
                version=order.version,
                order_id=order.order_id,
                account_id=order.account_id,
                instrument_id=order.instrument_id,
                execution_type=execution_type,
                status=order.status,
                side=order.side,
                order_type=order.order_type,
                time_in_force=order.time_in_force,
                liquidity=liquidity,
                cancel_reason=order.cancel_reason,
                has_price=order.price is not None,
                request_id=0,
                price=order.price or 0,
                quantity=order.quantity,
                cumulative_quantity=order.cumulative,
                leaves_quantity=order.quantity - order.cumulative if order.is_working else 0,
                last_price=last[0],
                last_quantity=last[1],
                trade_id=last[2],
                cumulative_tick_lots=order.tick_lots,
                reject_reason=reject[0],
                reject_field=reject[1],
                reject_limit=reject[2],
                reject_value=reject[3],
                client_order_id=order.client_order_id,
                original_client_order_id=original,
            )
        )

    def take_events(self) -> Events:
        """Return the events since the last call."""
        events, self.events = self.events, []
        return events
