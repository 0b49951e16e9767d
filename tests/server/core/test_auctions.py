"""Auctions: the price by each rule in turn, who trades at it, and what the end tells."""

import random

import pytest

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.events import LevelChange
from quantumcore.server.core.views import AuctionView
from tests.server.core.venue import BUY, SELL, TICK, Venue

OPENING, CONTINUOUS = enums.TRADING_PHASE_OPENING_AUCTION, enums.TRADING_PHASE_CONTINUOUS
VOLATILITY, CLOSED = enums.TRADING_PHASE_VOLATILITY_AUCTION, enums.TRADING_PHASE_CLOSED
CLOSING, HALTED = enums.TRADING_PHASE_CLOSING_AUCTION, enums.TRADING_PHASE_HALTED
MARKET = {"order_type": enums.ORDER_TYPE_MARKET}
ICEBERG = {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": 10}
TO_BACK, IN_PLACE = kinds.LEVEL_ACTION_TO_BACK, kinds.LEVEL_ACTION_IN_PLACE

Orders = list[tuple[int, int | None]]


@pytest.fixture
def venue() -> Venue:
    return Venue(phase=OPENING)


def collect(venue: Venue, bids: Orders, asks: Orders) -> None:
    """Enter orders of (quantity, price; None: market) for accounts 1 and 2."""
    for side, orders in ((BUY, bids), (SELL, asks)):
        for number, (quantity, price) in enumerate(orders):
            terms = {} if price is not None else MARKET
            name = f"{'b' if side == BUY else 's'}{number}"
            venue.order(name, side, quantity, price, account_id=side, **terms)


@pytest.mark.parametrize(
    ("bids", "asks", "last", "price", "quantity", "imbalance"),
    [
        pytest.param([(50, 100)], [(50, 110)], None, None, 0, 0, id="not crossed"),
        pytest.param([(50, 120)], [], None, None, 0, 0, id="one side"),
        pytest.param([(50, 100)], [(50, 100)], None, 100, 50, 0, id="one price"),
        pytest.param([(50, 120), (50, 100)], [(70, 100)], None, 100, 70, 30, id="greatest volume"),
        pytest.param([(50, 110), (20, 100)], [(50, 100)], None, 110, 50, 0, id="least imbalance"),
        pytest.param([(70, 120)], [(50, 100)], None, 120, 50, 20, id="buyers press upwards"),
        pytest.param([(50, 120)], [(70, 100)], None, 100, 50, -20, id="sellers press downwards"),
        pytest.param([(50, 130)], [(50, 100)], 110, 110, 50, 0, id="nearest the last trade"),
        pytest.param([(50, 130)], [(50, 100)], 90, 100, 50, 0, id="last trade below"),
        pytest.param([(50, 130)], [(50, 100)], 190, 130, 50, 0, id="last trade above"),
        pytest.param([(50, 130)], [(50, 100)], None, 110, 50, 0, id="middle, rounded down"),
        pytest.param([(50, -100)], [(50, -130)], None, -120, 50, 0, id="middle below zero"),
        pytest.param([(50, None)], [(50, 100)], None, 100, 50, 0, id="market against limit"),
        pytest.param(
            [(80, None)], [(50, 100), (10, 120)], None, 120, 60, 20, id="market sweeps the book"
        ),
        pytest.param([(50, None)], [(30, None)], 150, 150, 30, 20, id="market orders alone"),
        pytest.param([(50, None)], [(30, None)], None, None, 0, 0, id="market orders, no trade"),
        pytest.param(
            [(50, None), (10, 90)], [(50, None)], 300, 90, 50, 10, id="market and a limit"
        ),
    ],
)
def test_price_of_an_auction(
    bids: Orders,
    asks: Orders,
    last: int | None,
    price: int | None,
    quantity: int,
    imbalance: int,
) -> None:
    venue = Venue()
    if last is not None:
        venue.trade(last)
    venue.set_phase(VOLATILITY)
    collect(venue, bids, asks)
    side = {0: 0}.get(imbalance, BUY if imbalance > 0 else SELL)
    view = AuctionView(price, quantity, abs(imbalance), side)
    assert venue.exchange.auction(1) == view
    told = venue.set_phase(CONTINUOUS)
    ended = next(line for line in told if line.startswith("auction"))
    left = f"{abs(imbalance)} left to {({0: 'nobody', BUY: 'buyers', SELL: 'sellers'})[side]}"
    at = "no price" if price is None else f"{quantity}@{price}"
    assert ended == f"auction 1 volatility ended: {at}, {left}"
    prices = {
        line.split(" auction ")[1].split()[0].split("@")[1] for line in told if " auction " in line
    }
    assert prices == (set() if price is None else {str(price)})


@pytest.mark.parametrize(
    ("last", "view"),
    [
        (None, AuctionView(100, 10, 5, BUY)),
        (90, AuctionView(100, 10, 5, BUY)),
        (120, AuctionView(110, 10, 5, SELL)),
    ],
)
def test_between_buyers_and_sellers_left_over_the_reference_decides(
    last: int | None, view: AuctionView
) -> None:
    venue = Venue()
    if last is not None:
        venue.trade(last)
    venue.set_phase(VOLATILITY)
    collect(venue, [(10, 110), (5, 100)], [(10, 100), (5, 110), (5, 120)])
    assert venue.exchange.auction(1) == view


def exhaustive(bids: Orders, asks: Orders, last: int | None) -> AuctionView:
    """Try every tick from the lowest to the highest limit price, by the rules as they are told."""
    limits = [price for _, price in bids + asks if price is not None]
    best: list[tuple[int, int, int]] = []
    for ticks in range(min(limits) // TICK, max(limits) // TICK + 1):
        at = ticks * TICK
        buy = sum(quantity for quantity, price in bids if price is None or price >= at)
        sell = sum(quantity for quantity, price in asks if price is None or price <= at)
        best.append((min(buy, sell), buy - sell, at))
    most = max(volume for volume, _, _ in best)
    if most == 0:
        return AuctionView(None, 0, 0, 0)
    best = [one for one in best if one[0] == most]
    least = min(abs(left) for _, left, _ in best)
    best = [one for one in best if abs(one[1]) == least]
    if all(left > 0 for _, left, _ in best):
        chosen = best[-1]
    elif all(left < 0 for _, left, _ in best):
        chosen = best[0]
    else:
        middle = (best[0][2] // TICK + best[-1][2] // TICK) // 2 * TICK
        reference = middle if last is None else last
        chosen = min(best, key=lambda one: (abs(one[2] - reference), -one[2]))
    side = BUY if chosen[1] > 0 else SELL if chosen[1] < 0 else 0
    return AuctionView(chosen[2], most, abs(chosen[1]), side)


@pytest.mark.parametrize("seed", range(150))
def test_price_is_that_of_trying_every_tick(seed: int) -> None:
    choose = random.Random(seed)
    venue, last = Venue(), choose.choice((None, choose.randint(-5, 20) * TICK))
    if last is not None:
        venue.trade(last)
    venue.set_phase(VOLATILITY)
    bids: Orders = [(50, 100)]
    asks: Orders = []
    for orders in (bids, asks):
        for _ in range(choose.randint(0, 8)):
            price = choose.choice((None, *[choose.randint(-3, 16) * TICK] * 7))
            orders.append((choose.randint(1, 6) * 5, price))
    collect(venue, bids, asks)
    assert venue.exchange.auction(1) == exhaustive(bids, asks, last)


def test_market_orders_trade_first_then_better_prices_then_time(venue: Venue) -> None:
    collect(venue, [(10, 100), (10, 110), (10, 110), (10, None)], [(40, 100)])
    assert venue.set_phase(CONTINUOUS)[1:9] == [
        "filled b3 filled 10+0/10@0 auction 10@100 trade 1",
        "filled s0 partial 10+30/40@100 auction 10@100 trade 1",
        "filled b1 filled 10+0/10@110 auction 10@100 trade 2",
        "filled s0 partial 20+20/40@100 auction 10@100 trade 2",
        "filled b2 filled 10+0/10@110 auction 10@100 trade 3",
        "filled s0 partial 30+10/40@100 auction 10@100 trade 3",
        "filled b0 filled 10+0/10@100 auction 10@100 trade 4",
        "filled s0 filled 40+0/40@100 auction 10@100 trade 4",
    ]


def test_icebergs_take_part_with_their_whole_quantity_in_their_turn(venue: Venue) -> None:
    venue.order("i", SELL, 25, 100, **ICEBERG)
    venue.order("s", SELL, 10, 100)
    venue.order("b", BUY, 40, 100, account_id=2)
    assert venue.exchange.auction(1) == AuctionView(100, 35, 5, BUY)
    assert venue.set_phase(CONTINUOUS) == [
        "phase 1 continuous after opening",
        "filled b partial 25+15/40@100 auction 25@100 trade 1",
        "filled i filled 25+0/25@100 auction 25@100 trade 1",
        "filled b partial 35+5/40@100 auction 10@100 trade 2",
        "filled s filled 10+0/10@100 auction 10@100 trade 2",
        "auction 1 opening ended: 35@100, 5 left to buyers",
    ]


def test_an_iceberg_of_which_part_is_left_shows_the_next_part_in_its_place() -> None:
    venue = Venue(phase=OPENING)
    venue.order("b", BUY, 35, 100, **ICEBERG)
    venue.order("c", BUY, 5, 100)
    venue.order("s", SELL, 20, 100, account_id=2)
    b, s = venue.find("b").order_id, venue.find("s", 2).order_id
    first = venue.exchange.sequence + 2
    assert venue.set_phase(CONTINUOUS)[1:-1] == [
        "filled b partial 20+15/35@100 auction 20@100 trade 1",
        "filled s filled 20+0/20@100 auction 20@100 trade 1",
        "restated b partial 20+15/35@100 refreshed shows 10",
    ]
    assert venue.levels[:2] == [
        LevelChange(1, BUY, 100, 15, 2, first + 1, IN_PLACE, b, 10),
        LevelChange(1, SELL, 100, 0, 0, first + 1, IN_PLACE, s, 0),
    ]
    assert venue.queue() == (["b 10@100", "c 5@100"], [])


def test_quantity_of_an_auction_is_told_however_few_trades_are_remembered() -> None:
    venue = Venue(phase=OPENING, trade_capacity=1)
    collect(venue, [(5, 100)] * 4, [(5, 100)] * 4)
    assert venue.set_phase(CONTINUOUS)[-1] == ("auction 1 opening ended: 20@100, 0 left to nobody")


def test_orders_left_over_trade_on_in_continuous_trading(venue: Venue) -> None:
    collect(venue, [(50, 110)], [(20, 100)])
    venue.set_phase(CONTINUOUS)
    assert venue.book() == ([(110, 30, 1)], [])
    assert venue.order("t", SELL, 30, 110, account_id=3)[1:] == [
        "filled b0 filled 50+0/50@110 maker 30@110 trade 2",
        "filled t filled 30+0/30@110 taker 30@110 trade 2",
    ]


def test_price_of_the_auction_sets_off_stops() -> None:
    venue = Venue(phase=OPENING)
    venue.order("stop", SELL, 5, 90, order_type=enums.ORDER_TYPE_STOP_LIMIT, stop_price=100)
    collect(venue, [(20, 100)], [(20, 100)])
    assert venue.set_phase(CONTINUOUS)[3:] == [
        "auction 1 opening ended: 20@100, 0 left to nobody",
        "triggered stop new 0+5/5@90",
    ]


def test_indicative_price_is_there_at_any_time_and_changes_nothing(venue: Venue) -> None:
    collect(venue, [(20, 110)], [(10, 100)])
    before = venue.exchange.state_hash()
    assert venue.exchange.auction(1) == AuctionView(110, 10, 10, BUY)
    assert venue.exchange.state_hash() == before
