"""What the model knows of one order."""

from dataclasses import dataclass, field

from quantumcore.server.core import enums
from quantumcore.server.core.views import OrderView

WORKING = (
    enums.ORDER_STATUS_NEW,
    enums.ORDER_STATUS_PARTIALLY_FILLED,
    enums.ORDER_STATUS_PENDING_TRIGGER,
)
NOWHERE, BOOK, STOPS, MARKET, CLOSING = "nowhere", "book", "stops", "market", "closing"


@dataclass(eq=False, kw_only=True, slots=True)
class Order:
    """Prices and quantities in 1e-9; `place` is where it waits, `shown` what its book shows."""

    account_id: int
    instrument_id: int
    client_order_id: str
    side: int
    quantity: int
    price: int | None = None
    order_type: int = enums.ORDER_TYPE_LIMIT
    time_in_force: int = enums.TIME_IN_FORCE_GTC
    stop_price: int | None = None
    stop_trigger: int = 0
    display_quantity: int = 0
    peg_reference: int = 0
    peg_offset: int = 0
    post_only: bool = False
    reduce_only: bool = False
    min_quantity: int = 0
    expire_time_ns: int = 0
    self_trade_prevention: int = 0
    session: int = 0
    order_id: int = 0
    worst_price: int | None = None  # of a peg
    status: int = enums.ORDER_STATUS_NEW
    cumulative: int = 0
    tick_lots: int = 0
    version: int = 0
    sequence: int = 0
    entered: int = 0
    created_ns: int = 0
    updated_ns: int = 0
    cancel_reason: int = 0
    place: str = NOWHERE
    shown: int = 0
    risk_ticks: int = 0  # what each lot is valued at
    reserve: int = 0  # what each lot binds of the account's money, minor units
    is_new: bool = True  # no book has seen it yet
    is_reached: bool = False  # a stop that a trade has reached
    names: list[str] = field(default_factory=list)

    @property
    def is_working(self) -> bool:
        return self.status in WORKING

    @property
    def leaves(self) -> int:
        return self.quantity - self.cumulative if self.is_working else 0

    @property
    def buys(self) -> bool:
        return self.side == enums.SIDE_BUY

    @property
    def opposite(self) -> int:
        return enums.SIDE_SELL if self.buys else enums.SIDE_BUY

    @property
    def is_stop(self) -> bool:
        return self.order_type in {enums.ORDER_TYPE_STOP, enums.ORDER_TYPE_STOP_LIMIT}

    @property
    def is_market(self) -> bool:
        return self.order_type in {enums.ORDER_TYPE_MARKET, enums.ORDER_TYPE_STOP}

    @property
    def is_iceberg(self) -> bool:
        return self.order_type == enums.ORDER_TYPE_ICEBERG

    @property
    def is_peg(self) -> bool:
        return self.order_type == enums.ORDER_TYPE_PEGGED

    def accepts(self, price: int, worst: int) -> bool:
        """Whether a price is as good as this worst one, or better."""
        return price <= worst if self.buys else price >= worst

    def beats(self, other: "Order") -> bool:
        """Whether its price is better than that of another order of its side."""
        assert self.price is not None, "what rests has a price"
        assert other.price is not None, "what rests has a price"
        return self.price > other.price if self.buys else self.price < other.price

    def worse_of(self, price: int, other: int) -> int:
        return max(price, other) if self.buys else min(price, other)

    def better_of(self, price: int, other: int) -> int:
        return min(price, other) if self.buys else max(price, other)

    def view(self) -> OrderView:
        """Show it as the exchange does."""
        dated = self.time_in_force == enums.TIME_IN_FORCE_GTD
        return OrderView(
            order_id=self.order_id,
            client_order_id=self.client_order_id,
            account_id=self.account_id,
            instrument_id=self.instrument_id,
            side=self.side,
            order_type=self.order_type,
            time_in_force=self.time_in_force,
            status=self.status,
            has_price=self.price is not None,
            price=self.price or 0,
            quantity=self.quantity,
            cumulative_quantity=self.cumulative,
            leaves_quantity=self.leaves,
            cumulative_tick_lots=self.tick_lots,
            has_stop_price=self.is_stop,
            stop_price=self.stop_price or 0,
            stop_trigger=self.stop_trigger,
            display_quantity=self.display_quantity,
            shown_quantity=self.shown,
            peg_reference=self.peg_reference,
            peg_offset=self.peg_offset,
            post_only=self.post_only,
            reduce_only=self.reduce_only,
            min_quantity=self.min_quantity,
            expire_time_ns=self.expire_time_ns if dated else 0,
            self_trade_prevention=self.self_trade_prevention,
            created_time_ns=self.created_ns,
            updated_time_ns=self.updated_ns,
            sequence=self.sequence,
            version=self.version,
            cancel_reason=self.cancel_reason,
        )
