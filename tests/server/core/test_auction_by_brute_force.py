"""Auctions give what trying every tick gives: the price by four rules in turn, and who trades."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from quantumcore.server.core import enums, kinds, order_commands
from quantumcore.server.core.events import AuctionEnd, OrderEvent, decode
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.views import AuctionView
from tests.server.core.floor import BUY, CLOSED, CONTINUOUS, HALTED, PRE_OPEN, SELL, Floor

TICK, LOT = 10, 5


class Wish(NamedTuple):
    """An order of an auction, in ticks and lots; without ticks at any price."""

    side: int
    ticks: int | None
    lots: int
    shown: int = 0  # of an iceberg

    @property
    def is_iceberg(self) -> bool:
        return self.ticks is not None and 0 < self.shown < self.lots

    def takes(self, ticks: int) -> bool:
        if self.ticks is None:
            return True
        return ticks <= self.ticks if self.side == BUY else ticks >= self.ticks


class Try(NamedTuple):
    """What one tick would give."""

    ticks: int
    lots: int
    surplus: int  # of buyers


def tried(wishes: list[Wish], ticks: int) -> Try:
    buyers, sellers = (
        sum(wish.lots for wish in wishes if wish.side == side and wish.takes(ticks))
        for side in (BUY, SELL)
    )
    return Try(ticks, min(buyers, sellers), buyers - sellers)


def best(tries: Iterable[Try], measure: Callable[[Try], int]) -> list[Try]:
    """Keep those with the greatest measure."""
    held = list(tries)
    most = max(map(measure, held))
    return [one for one in held if measure(one) == most]


def by_brute_force(wishes: list[Wish], last: int | None) -> Try | None:
    """Try every tick; None: nothing trades."""
    limits = [wish.ticks for wish in wishes if wish.ticks is not None]
    ticks = range(min(limits), max(limits) + 1) if limits else [last] if last is not None else []
    tries = [one for one in (tried(wishes, tick) for tick in ticks) if one.lots]
    if not tries:
        return None
    tries = best(best(tries, lambda one: one.lots), lambda one: -abs(one.surplus))
    if min(one.surplus for one in tries) > 0:
        return tries[-1]
    if max(one.surplus for one in tries) < 0:
        return tries[0]
    reference = (tries[0].ticks + tries[-1].ticks) // 2 if last is None else last
    return best(tries, lambda one: -abs(one.ticks - reference))[-1]


def allocated(wishes: list[Wish], found: Try) -> dict[int, int]:
    """Return the lots of each wish: those at any price first, then better prices, then time."""
    given_to: dict[int, int] = defaultdict(int)
    for side, sign in ((BUY, -1), (SELL, 1)):
        queues: dict[tuple[bool, int], deque[int]] = defaultdict(deque)
        for at, wish in enumerate(wishes):
            if wish.side == side and wish.takes(found.ticks):
                queues[wish.ticks is not None, sign * (wish.ticks or 0)].append(at)
        left = found.lots
        for _, queue in sorted(queues.items()):
            left = share_out(wishes, queue, left, given_to)
    return dict(given_to)


def share_out(wishes: list[Wish], queue: deque[int], left: int, given_to: dict[int, int]) -> int:
    """Serve those of one price in turn, each with all it has; return what is left."""
    while queue and left:
        at = queue.popleft()
        part = min(left, wishes[at].lots)
        given_to[at] += part
        left -= part
    return left


class Auction:
    """An instrument before its opening, with these orders in it, by accounts of their own."""

    def __init__(self, wishes: list[Wish], last: int | None) -> None:
        self.floor = Floor(min_price=-10_000)
        self.wishes = wishes
        if last is not None:
            self.floor.trade(last * TICK)
        self.floor.go(HALTED)
        self.floor.go(PRE_OPEN)
        for number, wish in enumerate(wishes):
            self._enter(number, wish)

    def _enter(self, number: int, wish: Wish) -> None:
        terms: dict[str, int] = {}
        if wish.ticks is None:
            terms["order_type"] = enums.ORDER_TYPE_MARKET
        elif wish.is_iceberg:
            terms = {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": wish.shown * LOT}
        price = None if wish.ticks is None else wish.ticks * TICK
        account = number % 3 + 1
        told = self.floor.order(f"{number}", wish.side, wish.lots * LOT, price, account, **terms)
        assert told[0].startswith(f"{number} accepted")

    @property
    def exchange(self) -> Exchange:
        return self.floor.exchange

    def indicated(self) -> AuctionView:
        return self.exchange.auction(1)

    def held(self) -> tuple[dict[int, int], set[int], AuctionEnd | None]:
        """Hold it; return the lots of each order, the prices in ticks, and what is told of it."""
        self.floor.go(CONTINUOUS)
        lots: dict[int, int] = {}
        prices: set[int] = set()
        end: AuctionEnd | None = None
        for event in decode(self.exchange.turn.view()):
            if isinstance(event, AuctionEnd):
                end = event
            elif isinstance(event, OrderEvent) and event.kind == kinds.ORDER_FILLED:
                assert event.liquidity == enums.LIQUIDITY_AUCTION
                prices.add(event.last_price // TICK)
                number = int(event.client_order_id)
                lots[number] = lots.get(number, 0) + event.last_quantity // LOT
        return lots, prices, end


wishes_of = st.lists(
    st.builds(
        Wish,
        side=st.sampled_from((BUY, SELL)),
        ticks=st.one_of(st.none(), st.integers(-6, 6), st.integers(-6, 6), st.integers(-6, 6)),
        lots=st.integers(1, 12),
        shown=st.integers(0, 6),
    ),
    max_size=14,
)


@settings(max_examples=600, derandomize=True)
@given(wishes=wishes_of, last=st.one_of(st.none(), st.integers(-8, 8)))
@example(wishes=[Wish(BUY, None, 3), Wish(SELL, None, 5)], last=4)
@example(wishes=[Wish(BUY, None, 3), Wish(SELL, None, 5)], last=None)
@example(wishes=[Wish(BUY, 5, 3), Wish(SELL, 0, 3)], last=None)
@example(wishes=[Wish(BUY, 5, 3), Wish(SELL, 0, 3), Wish(SELL, 5, 1)], last=2)
def test_indicated_price_is_the_one_of_all_ticks(wishes: list[Wish], last: int | None) -> None:
    found = by_brute_force(wishes, last)
    expected = AuctionView(None, 0, 0, 0)
    if found is not None:
        side = BUY if found.surplus > 0 else SELL if found.surplus < 0 else 0
        surplus = abs(found.surplus) * LOT
        expected = AuctionView(found.ticks * TICK, found.lots * LOT, surplus, side)
    assert Auction(wishes, last).indicated() == expected


@settings(max_examples=600, derandomize=True)
@given(wishes=wishes_of, last=st.one_of(st.none(), st.integers(-8, 8)))
def test_auction_trades_at_its_price_by_type_then_price_then_time(
    wishes: list[Wish], last: int | None
) -> None:
    found = by_brute_force(wishes, last)
    lots, prices, end = Auction(wishes, last).held()
    if found is None:
        assert (lots, prices, end) == ({}, set(), None)
        return
    assert lots == allocated(wishes, found)
    assert prices == {found.ticks}
    assert end is not None
    assert (end.price, end.quantity) == (found.ticks * TICK, found.lots * LOT)
    assert end.imbalance == abs(found.surplus) * LOT


@settings(max_examples=200, derandomize=True)
@given(wishes=wishes_of, last=st.one_of(st.none(), st.integers(-8, 8)))
def test_nothing_crosses_and_no_market_order_waits_after_an_auction(
    wishes: list[Wish], last: int | None
) -> None:
    auction = Auction(wishes, last)
    auction.held()
    bids, asks = auction.exchange.depth(1)
    assert not bids or not asks or bids[0].price < asks[0].price
    assert auction.indicated() == AuctionView(None, 0, 0, 0)
    left = [wish for wish in wishes if wish.ticks is None]
    working = auction.exchange.working_orders
    assert working == sum(level.order_count for level in bids + asks)
    assert working <= len(wishes) - len(left)


def test_icebergs_keep_their_turn_in_an_auction() -> None:
    wishes = [Wish(SELL, 0, 6, shown=2), Wish(SELL, 0, 6, shown=1), Wish(BUY, 0, 7)]
    lots, _, _ = Auction(wishes, None).held()
    assert lots == {0: 6, 1: 1, 2: 7}


def test_closing_auction_trades_when_the_instrument_closes() -> None:
    floor = Floor()
    floor.order("bid", BUY, 5, 100)
    floor.go(enums.TRADING_PHASE_CLOSING_AUCTION)
    floor.order("ask", SELL, 5, 100, account=2)
    assert floor.go(CLOSED)[-1] == "auction of 1 ends: 5 @ 100, nobody left"


def test_halt_ends_an_auction_without_a_trade() -> None:
    floor = Floor()
    floor.go(enums.TRADING_PHASE_CLOSING_AUCTION)
    floor.order("bid", BUY, 5, 100)
    floor.order("ask", SELL, 5, 100, account=2)
    assert floor.go(HALTED) == ["instrument 1 goes from closing_auction to halted"]
    told = floor.do(order_commands.cancel_order, account_id=1, client_order_id="bid")
    assert told == ["bid ends: requested"]
