"""What the model knows of an instrument, an account, a trade."""

from dataclasses import dataclass, field

from quantumcore.server.core import enums
from quantumcore.server.core.admin_commands import Limits, Terms
from quantumcore.server.core.views import Level, StatisticsView
from tests.server.core.model.order import Order

BUY, SELL = enums.SIDE_BUY, enums.SIDE_SELL
SIDES = (BUY, SELL)


@dataclass(eq=False, slots=True)
class Account:
    """Who owns orders; `limits` by instrument, 0: over all. Watched, it has limits or a model."""

    self_trade_group: int = 0
    self_trade_prevention: int = 0
    is_killed: bool = False
    margin_model: int = 0
    status: int = enums.ACCOUNT_STATUS_ACTIVE
    limits: dict[int, Limits] = field(default_factory=dict)
    is_watched: bool = False
    next_command_ns: int = 0

    def first(self, order: Order, name: str) -> int:
        """Return a setting for the order's instrument, or else the one over all."""
        rows = (self.limits.get(which, Limits()) for which in (order.instrument_id, 0))
        return next((found for found in (getattr(row, name) for row in rows) if found), 0)


@dataclass(eq=False, slots=True)
class Position:
    """What an account holds of an instrument; `cost` is that of what it holds, tick lots."""

    lots: int = 0
    cost: int = 0
    realised: int = 0  # tick lots
    bought: int = 0
    fees: int = 0

    def add(self, lots: int, ticks: int) -> int:
        """Add lots, sold ones negative, at a price; return what that realised, tick lots.

        What closes is valued at its part of the cost, cut towards zero; the rest stays.
        """
        closing = 0
        if self.lots * lots < 0:
            closing = min(abs(self.lots), abs(lots))
        given_up = 0
        if closing:
            given_up = abs(self.cost) * closing // abs(self.lots) * (1 if self.cost > 0 else -1)
        signed = closing if self.lots > 0 else -closing
        realised = signed * ticks - given_up
        self.cost += (lots + signed) * ticks - given_up
        self.lots += lots
        self.realised += realised
        return realised


@dataclass(eq=False, slots=True)
class Wallet:
    """The money of an account in a currency, minor units; `fees` have been paid out of it."""

    cash: int = 0
    fees: int = 0


@dataclass(eq=False, kw_only=True, slots=True)
class Trade:
    """A trade; quantity 0: busted. `told` are the sequences of the events that hold now.

    `terms` are those of its instrument when it was made: what it costs does not change with them.
    """

    trade_id: int
    instrument_id: int
    price: int
    quantity: int
    orders: tuple[Order, Order]
    told: tuple[int, int]
    liquidity: tuple[int, int]
    fees: tuple[int, int]
    terms: Terms


@dataclass(eq=False, slots=True)
class Day:
    """The numbers of a trading day."""

    trades: list[Trade] = field(default_factory=list)
    opened: int | None = None
    high: int | None = None
    low: int | None = None
    volume: int = 0
    turnover: int = 0  # price times quantity
    count: int = 0

    def add(self, trade: Trade) -> None:
        self.trades.append(trade)
        self._count(trade)

    def look_again(self) -> None:
        """Follow a bust or a correction; a day without a trade that stands begins anew."""
        standing = [trade for trade in self.trades if trade.quantity]
        self.trades, opened = standing, self.opened
        self.opened = self.high = self.low = None
        self.volume = self.turnover = self.count = 0
        for trade in standing:
            self._count(trade)
        self.opened = opened if standing else None

    def _count(self, trade: Trade) -> None:
        self.opened = trade.price if self.opened is None else self.opened
        self.high = trade.price if self.high is None else max(self.high, trade.price)
        self.low = trade.price if self.low is None else min(self.low, trade.price)
        self.volume += trade.quantity
        self.turnover += trade.price * trade.quantity
        self.count += 1


@dataclass(eq=False, kw_only=True, slots=True)
class Instrument:
    """Its terms, its book and its queues, each a list in order of priority or of arrival."""

    instrument_id: int
    tick_size: int
    lot_size: int
    min_price: int
    max_price: int
    max_quantity: int
    protection_band: int
    tick_value: int
    currency: int
    terms: Terms
    price_band: int
    auction_duration_ns: int
    expiry_time_ns: int
    phase: int
    expires: bool = False  # its expiry is still to come
    auction_end_ns: int = 0
    last: int | None = None
    last_ns: int = 0
    reference: int | None = None
    reference_ns: int = 0
    band_command: int = -1  # the command for which `band_from` holds
    band_from: int | None = None
    followed: tuple[int | None, int | None] | None = None  # by pegs; None: look again
    book: dict[int, list[Order]] = field(default_factory=lambda: {BUY: [], SELL: []})
    stops: list[Order] = field(default_factory=list)
    market: list[Order] = field(default_factory=list)
    closing: list[Order] = field(default_factory=list)
    pegs: list[Order] = field(default_factory=list)
    day: Day = field(default_factory=Day)
    allowed: tuple[int, int] = (0, 0)  # lowest and highest price that an order ever could have

    def __post_init__(self) -> None:
        self.allowed = self.min_price, self.max_price

    def widen(self) -> None:
        """Remember what new bounds allow, beside those before: orders from then may still rest."""
        lowest, highest = self.allowed
        self.allowed = min(lowest, self.min_price), max(highest, self.max_price)

    @property
    def is_future(self) -> bool:
        return self.terms.kind == enums.INSTRUMENT_KIND_FUTURE

    @property
    def is_continuous(self) -> bool:
        return self.phase == enums.TRADING_PHASE_CONTINUOUS

    def best(self, side: int) -> int | None:
        """Return the best price of a side."""
        return self.book[side][0].price if self.book[side] else None

    def best_unpegged(self, side: int) -> int | None:
        """Return the best price of a side that no peg makes."""
        return next((order.price for order in self.book[side] if not order.is_peg), None)

    def whole_ticks(self, distance: int) -> int:
        return distance // self.tick_size * self.tick_size

    def enter(self, order: Order) -> None:
        """Put an order behind all of its price, and before worse ones."""
        queue, at = self.book[order.side], len(self.book[order.side])
        while at > 0 and order.beats(queue[at - 1]):
            at -= 1
        queue.insert(at, order)

    def elsewhere(self) -> list[Order]:
        """Return the orders that work but stand in no book, in order of entry."""
        parked = [order for order in self.pegs if order.place == "nowhere"]
        return sorted(
            [*self.stops, *self.market, *self.closing, *parked], key=lambda order: order.entered
        )

    def all_orders(self) -> list[Order]:
        """Return bids, then asks, by priority, then the others in order of entry."""
        return [*self.book[BUY], *self.book[SELL], *self.elsewhere()]

    def depth(self, side: int) -> list[Level]:
        """Return the levels of a side, the best first."""
        levels: list[Level] = []
        for order in self.book[side]:
            price = order.price or 0
            if levels and levels[-1].price == price:
                at = levels.pop()
                levels.append(Level(price, at.quantity + order.shown, at.order_count + 1))
            else:
                levels.append(Level(price, order.shown, 1))
        return levels

    def queue(self, side: int) -> list[tuple[int, int, int]]:
        """Return the orders of a side by priority: id, price, what they show."""
        return [(order.order_id, order.price or 0, order.shown) for order in self.book[side]]

    def statistics(self) -> StatisticsView:
        """Return the numbers of the day."""
        return StatisticsView(
            open=self.day.opened,
            high=self.day.high,
            low=self.day.low,
            last=self.last,
            volume=self.day.volume,
            tick_lots=self.day.turnover // (self.tick_size * self.lot_size),
            trades=self.day.count,
        )

    def tick_lots(self, price: int, quantity: int) -> int:
        return price // self.tick_size * (quantity // self.lot_size)
