"""Sums that outgrow 64 bits: nothing wraps, nothing is half done, a replay agrees."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.admin_commands import Terms
from quantumcore.server.core.events import AuctionEnd
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.risk_commands import GroupLimits, set_group_limits
from quantumcore.server.core.views import GREATEST
from tests.server.core.risk_venue import ACCEPTED, FUTURE, Refused, RiskVenue, cash
from tests.server.core.venue import BUY, LISTING, SELL, Venue

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


def test_value_of_working_orders_beyond_64_bits_is_told_as_such() -> None:
    venue = RiskVenue()
    most = (1 << 62) - 1
    bounds = {"min_price": 0, "max_price": 1, "max_quantity": most}
    names = [venue.instrument(tick_size=1, lot_size=1, **bounds) for _ in range(4)]
    for number in names:
        venue.order(f"o{number}", BUY, most, 1, instrument_id=number)
    venue.limit(open_order_value=2_000)
    refused = Refused(enums.REJECT_REASON_NOTIONAL_OVERFLOW, 8, most, 1_000)
    assert venue.ask("one more", BUY, 500, 100) == refused
    money = venue.exchange.balance(1, 0, venue.now)
    assert money is not None
    assert money.open_order_value == 4 * most
    venue.cancel_all()
    assert venue.ask("one more", BUY, 500, 100) == ACCEPTED
    assert replayed(venue) == venue.exchange.state_hash()


def test_group_counts_orders_of_its_members_that_are_worth_more_than_a_word() -> None:
    venue = RiskVenue()
    most = (1 << 62) - 1
    bounds = {"min_price": 0, "max_price": 1, "max_quantity": most}
    for name in ("a", "b", "c"):
        number = venue.instrument(tick_size=1, lot_size=1, **bounds)
        venue.order(name, BUY, most, 1, instrument_id=number)
    for account_id in (1, 3):
        venue.account(account_id, self_trade_group=7)
    venue.do(set_group_limits, group=7, limits=GroupLimits(open_order_value=2_000))
    group = enums.REJECT_REASON_GROUP_OPEN_ORDER_LIMIT
    refused = Refused(group, 8, 2_000, 1 << 62)
    assert venue.ask("one more", BUY, 500, 100, account_id=3) == refused
    assert venue.exchange.group(7).usage == [(0, 3 * most, 0)]
    venue.cancel_all()
    assert venue.ask("one more", BUY, 500, 100, account_id=3) == ACCEPTED
    assert venue.exchange.group(7).usage == [(0, 1_000, 0)]
    assert replayed(venue) == venue.exchange.state_hash()


@pytest.mark.parametrize("terms", [Terms(), FUTURE])
def test_closing_a_position_dearer_than_a_word_leaves_no_cost(terms: Terms) -> None:
    venue = RiskVenue()
    high, many = 1 << 31, 1 << 30
    unit = {"tick_size": 1, "lot_size": 1, "min_price": 0, "protection_band": 0}
    listed = venue.instrument(**unit, max_price=high, max_quantity=many, terms=terms)
    for _ in range(5):
        venue.trade(high, many, listed)
    bounds = unit | {"max_price": 1, "max_quantity": 1 << 60, "instrument_id": listed}
    venue.do(admin_commands.create_instrument, **LISTING | bounds)
    parties = {"instrument_id": listed}
    venue.order("bid", BUY, 5 * many, 1, account_id=2, **parties)
    venue.order("sale", SELL, 5 * many, 1, account_id=3, **parties)
    lost = -5 * many * (high - 1)
    view = venue.exchange.position_view(3, listed, venue.now)
    assert view is not None
    assert (view.lots, view.open_tick_lots, view.realised_tick_lots) == (0, 0, lost)
    assert cash(venue, 3) == lost
    assert venue.booked("sale")[-1].realised == -(1 << 62)
    assert replayed(venue) == venue.exchange.state_hash()


def replayed(venue: Venue) -> bytes:
    """Return the state's hash after another exchange has replayed all turns."""
    twin = Exchange()
    for now, block in venue.blocks:
        twin.replay(memoryview(block), now)
    digest: Any = twin.state_hash()
    return bytes(digest)
