"""Sums that outgrow 64 bits: nothing wraps, nothing is half done, a replay agrees."""

from typing import Any

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.events import AuctionEnd
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.views import GREATEST
from tests.server.core.venue import BUY, SELL, Venue

UNIT = 10**9
CENT = UNIT // 100
MOST = 1 << 61
MARKET, DAY = enums.ORDER_TYPE_MARKET, enums.TIME_IN_FORCE_DAY
OPENING, CONTINUOUS = enums.TRADING_PHASE_OPENING_AUCTION, enums.TRADING_PHASE_CONTINUOUS
WIDE = {
    "tick_size": CENT, "lot_size": UNIT, "min_price": CENT, "max_price": 1_000_000 * UNIT,
    "max_quantity": (MOST // UNIT) * UNIT,
}  # fmt: skip
LARGE = (MOST // UNIT) * UNIT


def test_an_imbalance_beyond_64_bits_is_told_as_the_greatest_number() -> None:
    venue = Venue(phase=OPENING, **WIDE)
    for name in range(5):
        venue.order(f"m{name}", BUY, LARGE, order_type=MARKET, time_in_force=DAY)
    venue.order("s", SELL, UNIT, 10 * UNIT, account_id=2)
    events = venue.do(admin_commands.set_trading_phase, instrument_id=1, phase=CONTINUOUS)
    (end,) = [event for event in events if isinstance(event, AuctionEnd)]
    assert (end.quantity, end.imbalance, end.imbalance_side) == (UNIT, GREATEST, BUY)
    assert replayed(venue) == venue.exchange.state_hash()


def test_a_day_beyond_64_bits_keeps_its_volume_average_and_busts() -> None:
    venue = Venue(**WIDE)
    price, trades = 900_000 * UNIT, 60
    for _ in range(trades):
        venue.trade(price, LARGE)
    view = venue.exchange.statistics(1)
    lots, ticks = LARGE // UNIT, price // CENT
    assert view.volume == trades * LARGE > GREATEST
    assert view.tick_lots == trades * lots * ticks > GREATEST
    venue.do(admin_commands.bust_trade, trade_id=1)
    venue.do(admin_commands.correct_trade, trade_id=2, price=price - CENT)
    view = venue.exchange.statistics(1)
    assert view.volume == (trades - 1) * LARGE
    assert view.tick_lots == (trades - 1) * lots * ticks - lots
    assert venue.exchange.position(2, 1) == -(trades - 1) * LARGE
    assert replayed(venue) == venue.exchange.state_hash()


def test_a_day_at_negative_prices_adds_up_beyond_64_bits() -> None:
    venue = Venue(**WIDE | {"min_price": -1_000_000 * UNIT})
    price, trades = -900_000 * UNIT, 60
    for _ in range(trades):
        venue.trade(price, LARGE)
    expected = trades * (LARGE // UNIT) * (price // CENT)
    assert venue.exchange.statistics(1).tick_lots == expected < -GREATEST


def replayed(venue: Venue) -> bytes:
    """Return the state's hash after another exchange has replayed all turns."""
    twin = Exchange()
    for now, block in venue.blocks:
        twin.replay(memoryview(block), now)
    digest: Any = twin.state_hash()
    return bytes(digest)
