"""Watches what an exchange tells, event by event, for laws that hold whatever is done."""

from collections import defaultdict
from typing import NamedTuple

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.events import Notice, OrderEvent, decode_levels
from tests.server.core.follower import BookFollower
from tests.server.core.model.world import Event
from tests.server.core.pair import Pair, Step

ENDS = {kinds.ORDER_CANCELLED, kinds.ORDER_EXPIRED}
FILL_CHANGES = {kinds.ORDER_FILL_BUSTED, kinds.ORDER_FILL_CORRECTED}
ARRIVALS = {kinds.ORDER_ACCEPTED, kinds.ORDER_TRIGGERED}
TO_THE_BACK = {enums.RESTATEMENT_PEG_MOVED, enums.RESTATEMENT_DISPLAY_REFRESHED}


class Amounts(NamedTuple):
    """What an order's quantity has become: what came in is the sum of the rest."""

    entered: int = 0
    filled: int = 0
    ended: int = 0
    working: int = 0


class Watch:
    """Each law has a list of what broke it; `seen` counts how often it could have been broken."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.broken: dict[str, list[str]] = defaultdict(list)
        self.seen: dict[str, int] = defaultdict(int)
        self.amounts: dict[int, Amounts] = defaultdict(Amounts)
        self.fills: dict[tuple[int, int], int] = {}  # order and trade: quantity
        self.positions: dict[tuple[int, int], int] = defaultdict(int)
        self.arrivals: dict[int, tuple[int, int]] = {}
        self.last: dict[int, OrderEvent] = {}
        self.maker: OrderEvent | None = None  # of the last fill
        self.follower = BookFollower()
        self.owners: dict[int, tuple[int, int]] = {}

    def play(self, step: Step) -> None:
        """Play a step, and look at what it told."""
        pair, world = self.pair, self.pair.model.world
        self.owners = {
            number: (account.self_trade_group, account.self_trade_prevention)
            for number, account in world.accounts.items()
        }
        rows_before = pair.rows_followed if step.wait_ns == 0 else 0
        found = pair.play(step)
        assert not found, found
        rows = decode_levels(pair.exchange.levels.view())[rows_before:]
        first = pair.told[0].sequence if pair.told else pair.exchange.sequence + 1
        for row in rows:
            named = first <= row.sequence <= pair.exchange.sequence
            self._hold("a level change names an event of its command", named, row)
        for event in pair.told:
            while rows and rows[0].sequence < event.sequence:
                self.follower.apply([rows.pop(0)])
            self._look_at(event)
        self.follower.apply(rows)
        self._look_at_books()

    def _hold(self, law: str, holds: bool, what: object) -> None:
        self.seen[law] += 1
        if not holds:
            self.broken[law].append(f"step {self.pair.played}: {what}")

    def _look_at(self, event: Event) -> None:
        if isinstance(event, Notice) and event.kind == kinds.PHASE_CHANGED:
            self._join(event)
        if not isinstance(event, OrderEvent) or event.order_id == 0:
            return
        if event.kind == kinds.ORDER_FILLED:
            self._look_at_fill(event)
        self._count(event)
        self._note_arrival(event)
        self.last[event.order_id] = event

    def _count(self, event: OrderEvent) -> None:
        """Count quantities, and compare them with those told."""
        order, before = event.order_id, self.amounts[event.order_id]
        entered, filled, ended, working = before
        if event.kind == kinds.ORDER_FILLED:
            self.fills[order, event.trade_id] = event.last_quantity
            filled, working = filled + event.last_quantity, working - event.last_quantity
        elif event.kind in FILL_CHANGES:
            left = event.last_quantity if event.kind == kinds.ORDER_FILL_CORRECTED else 0
            undone = self.fills[order, event.trade_id] - left
            self.fills[order, event.trade_id] = left
            filled, entered = filled - undone, entered - undone
        elif event.kind in ENDS:
            ended, working = ended + working, 0
        else:
            entered, working = entered + event.leaves_quantity - working, event.leaves_quantity
        self.amounts[order] = Amounts(entered, filled, ended, working)
        agrees = (event.cumulative_quantity, event.leaves_quantity) == (filled, working)
        self._hold("quantities told", agrees, event)
        self._hold("order conserved", entered == filled + ended + working and working >= 0, event)
        if event.leaves_quantity:
            whole = event.quantity == event.cumulative_quantity + event.leaves_quantity
            self._hold("order whole", whole, event)
        self._move(event)

    def _move(self, event: OrderEvent) -> None:
        """Move the position as the event says."""
        parties = event.account_id, event.instrument_id
        buys = event.side == enums.SIDE_BUY
        total = self.amounts[event.order_id].filled
        before = self.last[event.order_id].cumulative_quantity if event.order_id in self.last else 0
        self.positions[parties] += (total - before) * (1 if buys else -1)

    def _look_at_fill(self, event: OrderEvent) -> None:
        """Hold a fill to the laws of expiry, reduce-only, priority and self-trade prevention."""
        exchange, now = self.pair.exchange, self.pair.now
        order = exchange.order(event.order_id)
        assert order is not None
        if order.expire_time_ns:
            self._hold("no trade after expiry", now < order.expire_time_ns, event)
        expiry = self.pair.model.world.instruments[event.instrument_id].expiry_time_ns
        updates = self.pair.told[-1].kind == kinds.INSTRUMENT_UPDATED
        if expiry and not updates:
            self._hold("no trade after an instrument's expiry", now < expiry, event)
        if order.reduce_only:
            position = self.positions[event.account_id, event.instrument_id]
            most = -position if event.side == enums.SIDE_BUY else position
            self._hold("reduce-only reduces", event.last_quantity <= most, event)
        self._look_at_place(event)
        if event.liquidity == enums.LIQUIDITY_TAKER:
            self._look_at_owners(event)

    def _look_at_place(self, event: OrderEvent) -> None:
        """Hold that what trades in a book is the first of its side."""
        queue = self.follower.book_orders(event.instrument_id)[event.side - 1]
        stands = any(order_id == event.order_id for order_id, _, _ in queue)
        if stands:
            self._hold("first of its side trades", queue[0][0] == event.order_id, event)
        elif event.liquidity == enums.LIQUIDITY_MAKER:
            self._hold("first of its side trades", False, event)

    def _look_at_owners(self, event: OrderEvent) -> None:
        """Hold that a taker whose owner prevents self-trades does not meet the same owner."""
        maker, order = self.maker, self.pair.exchange.order(event.order_id)
        assert order is not None
        assert maker is not None
        group, by_account = self.owners[event.account_id]
        mode = order.self_trade_prevention or by_account
        same = event.account_id == maker.account_id or (
            group != 0 and group == self.owners[maker.account_id][0]
        )
        if mode > enums.SELF_TRADE_PREVENTION_NONE:
            self._hold("no self-trade", not same, event)

    def _join(self, event: Notice) -> None:
        """Note who joins a closing auction."""
        closing, before = enums.TRADING_PHASE_CLOSING_AUCTION, event.value >> 8 & 0xFF
        if event.value & 0xFF != closing or before == closing:
            return
        books = self.follower.book_orders(event.subject)
        stand = {
            order_id for queue in books for order_id, _, _ in queue
        }  # halted, they joined before
        for order_id, told in self.last.items():
            waits = told.time_in_force == enums.TIME_IN_FORCE_AT_CLOSE and order_id not in stand
            if waits and told.instrument_id == event.subject:
                self.arrivals[order_id] = (event.sequence, order_id)

    def _note_arrival(self, event: OrderEvent) -> None:
        """Note when an order came to its level."""
        if event.kind == kinds.ORDER_FILLED:
            self.maker = event
        before = self.last.get(event.order_id)
        arrives = event.kind in ARRIVALS or event.restatement in TO_THE_BACK
        if event.restatement == enums.RESTATEMENT_DISPLAY_REFRESHED and before is not None:
            arrives = before.liquidity != enums.LIQUIDITY_AUCTION  # there it keeps its place
        if event.kind == kinds.ORDER_REPLACED and before is not None:
            arrives = event.price != before.price or event.quantity > before.quantity
        if arrives:
            self.arrivals[event.order_id] = (event.sequence, event.order_id)

    def _look_at_books(self) -> None:
        """Hold the books at rest to priority, and to not being crossed."""
        exchange = self.pair.exchange
        for instrument_id in self.pair.model.world.instruments:
            bids, asks = exchange.book_orders(instrument_id)
            for queue, sign in ((bids, -1), (asks, 1)):
                places = [(sign * price, *self.arrivals[order]) for order, price, _ in queue]
                self._hold("price, then time", places == sorted(places), queue)
            continuous = exchange.phase(instrument_id) == enums.TRADING_PHASE_CONTINUOUS
            if bids and asks and continuous and not exchange.unsettled:
                self._hold("not crossed", bids[0][1] < asks[0][1], (bids[0], asks[0]))
