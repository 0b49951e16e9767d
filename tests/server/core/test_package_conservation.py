"""Multi-leg orders of watched accounts: what works is counted to the lot, and released at the end.

Accounts 1 to 3 have credit, a purse, and limits; all trade packages and single orders at random.
"""

from collections import defaultdict

import pytest

from quantumcore.server.core import admin_commands, enums, order_commands, package_commands
from quantumcore.server.core.admin_commands import Limits
from quantumcore.server.core.events import OrderEvent, decode
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.package_commands import Leg
from quantumcore.server.core.views import OrderView
from tests.server.core.test_package_properties import (
    COMMANDS,
    INSTRUMENTS,
    LOT,
    UNIT,
    Market,
    Terms,
)
from tests.server.core.venue import BUY, SELL

ACCOUNTS = (1, 2, 3)
PURSE = 3_000
ROUNDS = max(600, COMMANDS // 4)


class PricedMarket(Market):
    """One whose packages name a price for every leg."""

    def terms(self) -> Terms:
        terms = super().terms()
        prices = (100 + self.random.randint(-4, 4) * 10 for _ in terms.legs)
        legs = (
            Leg(leg.instrument_id, leg.side, leg.ratio, price if leg.price is None else leg.price)
            for leg, price in zip(terms.legs, prices, strict=True)
        )
        return terms._replace(legs=tuple(legs))


def market_of_watched(seed: int, kind: type[Market] = Market) -> Market:
    market = kind(seed)
    do = market.venue.do
    do(admin_commands.create_account, account_id=2, margin_model=enums.MARGIN_MODEL_NONE)
    do(admin_commands.move_cash, account_id=2, amount=PURSE)
    limits = Limits(open_order_value=2_000, position_quantity=60 * LOT, working_orders=25)
    do(admin_commands.set_limits, account_id=3, limits=limits)
    return market


class Known:
    """The orders that a market has taken so far."""

    def __init__(self, market: Market) -> None:
        self.market, self.seen = market, 0
        self.singles: list[int] = []
        self.packages: list[int] = []
        self.mended = 0

    def look(self) -> None:
        """Note what the last command has brought."""
        order_id = self.market.venue.result.order_id
        exchange = self.market.venue.exchange
        if order_id and exchange.package(order_id) is not None:
            self.packages.append(order_id)
        elif order_id:
            self.singles.append(order_id)

    def working(self) -> list[OrderView]:
        """Return single orders and legs that work."""
        exchange = self.market.venue.exchange
        found = [exchange.order(order_id) for order_id in set(self.singles)]
        legs = [
            leg
            for order_id in set(self.packages)
            if (package := exchange.package(order_id)) is not None
            for leg in package.legs
        ]
        return [one for one in (*found, *legs) if one is not None and one.leaves_quantity]


def play(market: Market, known: Known, *, mends: bool = False) -> None:
    choose = market.random
    market.place()
    known.look()
    if choose.random() < 0.2:
        terms = market.terms()
        market.venue.do(
            package_commands.create_package,
            account_id=choose.randint(1, 3), client_order_id=market.name(), legs=terms.legs,
            units=terms.units, min_units=terms.min_units, net_price=terms.net_price,
            constraints=terms.constraints, self_trade_prevention=terms.prevention,
        )  # fmt: skip
        known.look()
    if known.packages and choose.random() < 0.1:
        change(market, choose.choice(known.packages[-30:]))
    if mends and choose.random() < 0.05:
        mend(market, known)


def mend(market: Market, known: Known) -> None:
    """Undo or correct one of the newest trades."""
    choose = market.random
    turns = [decode(memoryview(turn)) for _time, turn in market.venue.blocks[-40:]]
    last = max(
        (one.trade_id for turn in turns for one in turn if isinstance(one, OrderEvent)), default=0
    )
    trade_id = choose.randint(max(1, last - 20), max(1, last))
    if choose.random() < 0.6:
        market.venue.do(admin_commands.bust_trade, trade_id=trade_id)
    else:
        price = 100 + choose.randint(-4, 4) * 10
        market.venue.do(admin_commands.correct_trade, trade_id=trade_id, price=price)
    known.mended += market.venue.result.reject_reason == 0


def change(market: Market, order_id: int) -> None:
    """Cancel a package, or let it have another size or net price."""
    choose = market.random
    named = {"account_id": account_of(market.venue.exchange, order_id), "order_id": order_id}
    if choose.random() < 0.5:
        market.venue.do(package_commands.cancel_package, **named)
        return
    amended = {"units": choose.randint(1, 8)} if choose.random() < 0.7 else {}
    market.venue.do(
        package_commands.replace_package,
        **named,
        **amended,
        net_price=choose.randint(-60, 60) * 10,
    )


def account_of(exchange: Exchange, order_id: int) -> int:
    package = exchange.package(order_id)
    assert package is not None
    return package.order.account_id


def check_counts(market: Market, known: Known) -> None:
    """Hold what is counted of positions to the orders and legs that work."""
    exchange, now = market.venue.exchange, market.venue.now
    lots: dict[tuple[int, int, int], int] = defaultdict(int)
    for order in known.working():
        lots[order.account_id, order.instrument_id, order.side] += order.leaves_quantity // LOT
    for account_id in ACCOUNTS:
        for instrument_id in INSTRUMENTS:
            view = exchange.position_view(account_id, instrument_id, now)
            if view is not None:
                parties = account_id, instrument_id
                assert view.buying_lots == lots[*parties, BUY]
                assert view.selling_lots == lots[*parties, SELL]


def check_sums(market: Market) -> None:
    """Hold positions and money to what was paid in: nobody pays fees here."""
    exchange, now = market.venue.exchange, market.venue.now
    money = [exchange.balance(account_id, 0, now) for account_id in ACCOUNTS]
    assert sum(one.cash for one in money if one is not None) == PURSE
    for instrument_id in INSTRUMENTS:
        views = [exchange.position_view(one, instrument_id, now) for one in ACCOUNTS]
        there = [view for view in views if view is not None]
        assert sum(view.lots for view in there) == 0
        assert sum(view.open_tick_lots - view.realised_tick_lots for view in there) == 0
        assert sum(view.bought_lots for view in there) == sum(
            view.bought_lots - view.lots for view in there
        )


@pytest.mark.parametrize("seed", range(4))
def test_packages_are_counted_to_the_lot_and_released(seed: int) -> None:
    market = market_of_watched(seed)
    known = Known(market)
    reserved = 0
    for number in range(ROUNDS):
        play(market, known)
        if number % 20 == 0:
            check_counts(market, known)
            check_sums(market)
            money = market.venue.exchange.balance(2, 0, market.venue.now)
            reserved += money is not None and money.reserved > 0
    assert reserved > 5
    for account_id in ACCOUNTS:
        market.venue.do(order_commands.cancel_orders, account_id=account_id)
    check_counts(market, known)
    check_sums(market)
    for account_id in ACCOUNTS:
        money = market.venue.exchange.balance(account_id, 0, market.venue.now)
        assert money is not None
        assert (money.reserved, money.open_order_value) == (0, 0)


def check_ratios(market: Market, known: Known) -> None:
    """Hold the legs of every package to its units: each has traded its ratio of them."""
    for order_id in set(known.packages):
        package = market.venue.exchange.package(order_id)
        if package is not None:
            units = package.order.cumulative_quantity // UNIT
            traded = [leg.cumulative_quantity for leg in package.legs]
            assert traded == [units * ratio * LOT for ratio in package.ratios]


@pytest.mark.parametrize("seed", range(3))
def test_busts_and_corrections_leave_ratios_exact_and_sums_as_they_were(seed: int) -> None:
    market = market_of_watched(400 + seed)
    known = Known(market)
    for number in range(ROUNDS):
        play(market, known, mends=True)
        if number % 20 == 0:
            check_ratios(market, known)
            check_counts(market, known)
            check_sums(market)
    assert known.mended > 10
    exchange = Exchange()
    for time_ns, turn in market.venue.blocks:
        exchange.replay(memoryview(turn), time_ns)
    assert exchange.state_hash() == market.venue.exchange.state_hash()


@pytest.mark.parametrize("seed", range(3))
def test_purse_is_never_overdrawn_where_every_leg_has_a_price(seed: int) -> None:
    market = market_of_watched(200 + seed, PricedMarket)
    known = Known(market)
    exchange = market.venue.exchange
    for _ in range(ROUNDS):
        play(market, known)
        money = exchange.balance(2, 0, market.venue.now)
        views = [exchange.position_view(2, one, market.venue.now) for one in INSTRUMENTS]
        assert money is not None
        assert money.cash >= money.reserved >= 0
        assert all(view is None or view.lots >= 0 for view in views)
    assert sum(account_of(exchange, package) == 2 for package in known.packages) > 3


@pytest.mark.parametrize("seed", range(2))
def test_turns_of_packages_give_the_same_state_again(seed: int) -> None:
    market = market_of_watched(50 + seed)
    known = Known(market)
    for _ in range(ROUNDS // 4):
        play(market, known)
    twin = Exchange()
    for now, block in market.venue.blocks:
        twin.replay(memoryview(block), now)
    assert twin.state_hash() == market.venue.exchange.state_hash()
