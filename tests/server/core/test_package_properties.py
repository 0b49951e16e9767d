"""Random packages on random books, held against a plan made unit by unit with exact fractions."""

import os
import random
from collections import defaultdict
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from quantumcore.server.core import admin_commands, enums, kinds, order_commands, package_commands
from quantumcore.server.core.events import OrderEvent
from quantumcore.server.core.exchange_cy import is_compiled
from quantumcore.server.core.package_commands import Leg
from tests.server.core.venue import BUY, SELL, Venue

UNIT = LOT = kinds.UNIT
TICK = 10
COMMANDS = int(os.environ.get("QC_FUZZ_OPERATIONS") or (10_000 if is_compiled() else 2_000)) // 4
INSTRUMENTS = (3, 4, 5)
MULTIPLIERS = {3: 1, 4: 1, 5: 3}  # of the smallest
Constraint = tuple[int, int, int, int, int]


class Terms(NamedTuple):
    """What a package asks for."""

    legs: tuple[Leg, ...]
    units: int
    min_units: int
    net_price: int | None
    constraints: tuple[Constraint, ...]
    prevention: int


class Market:
    """Three books with random orders of three accounts; packages of any of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.venue = Venue()
        for instrument in INSTRUMENTS:
            self.venue.do(
                admin_commands.create_instrument, tick_size=TICK, lot_size=LOT, min_price=-1_000,
                max_price=10_000, max_quantity=1_000 * LOT, protection_band=300,
                tick_value=MULTIPLIERS[instrument],
            )  # fmt: skip
        self.number = 0

    def name(self) -> str:
        self.number += 1
        return f"o{self.number}"

    def place(self) -> None:
        """Enter, or cancel, a single order."""
        choose = self.random
        account_id = choose.randint(1, 3)
        if choose.random() < 0.3:
            name = f"o{choose.randint(1, max(1, self.number))}"
            self.venue.do(order_commands.cancel_order, account_id=account_id, client_order_id=name)
            return
        self.venue.do(
            order_commands.create_order, account_id=account_id,
            instrument_id=choose.choice(INSTRUMENTS), client_order_id=self.name(),
            side=choose.choice((BUY, SELL)), quantity=choose.randint(1, 8) * LOT,
            price=100 + choose.randint(-6, 6) * TICK,
        )  # fmt: skip

    def terms(self) -> Terms:
        choose = self.random
        pairs = [(one, side) for one in INSTRUMENTS for side in (BUY, SELL)]
        legs = tuple(
            Leg(one, side, choose.randint(1, 3) * LOT,
                choose.choice((None, None, 100 + choose.randint(-4, 4) * TICK)))
            for one, side in choose.sample(pairs, choose.randint(2, 4))
        )  # fmt: skip
        units = choose.randint(1, 6)
        net = choose.choice((None, choose.randint(-60, 60) * TICK))
        return Terms(
            legs, units, choose.choice((0, 1, choose.randint(1, units))), net,
            self._constraints(len(legs)), choose.choice((0, 0, 2, 3)),
        )  # fmt: skip

    def _constraints(self, legs: int) -> tuple[Constraint, ...]:
        choose = self.random
        if choose.random() < 0.6:
            return ()
        a, b = choose.sample(range(1, legs + 1), 2)
        kind = choose.randint(1, 3)
        if kind == kinds.CONSTRAINT_RATIO_BAND:
            return ((kind, a, b, choose.randint(0, 10) * 10**8, choose.randint(10, 20) * 10**8),)
        if kind == kinds.CONSTRAINT_MAX_DEVIATION:
            return ((kind, a, b, choose.randint(0, 4_000), 0),)
        return ((kind, a, b, choose.randint(0, 60), 0),)


Queue = list[list[int]]  # of price and quantity, best first
Fills = list[tuple[int, int]]


def planned(
    market: Market, terms: Terms, account_id: int
) -> tuple[int, list[list[tuple[int, int]]]]:
    """Return how many units could trade, and each leg's fills (price, quantity), by hand."""
    queues = [opposite(market, leg, account_id, terms.prevention) for leg in terms.legs]
    fills: list[list[tuple[int, int]]] = [[] for _ in terms.legs]
    units = 0
    while units < terms.units:
        taken = [take(queue, leg) for queue, leg in zip(queues, terms.legs, strict=True)]
        if not all(taken) or not acceptable(terms, taken):
            break
        units += 1
        fills = [before + now for before, now in zip(fills, taken, strict=True)]
    least = terms.min_units or terms.units
    return (units, fills) if units >= least else (0, [[] for _ in terms.legs])


def opposite(market: Market, leg: Leg, account_id: int, prevention: int) -> Queue:
    """Return what a leg could trade with, without the owner's orders."""
    exchange = market.venue.exchange
    bids, asks = exchange.book_orders(leg.instrument_id)
    queue: Queue = []
    for order_id, price, quantity in asks if leg.side == BUY else bids:
        order = exchange.order(order_id)
        assert order is not None
        if order.account_id != account_id:
            queue.append([price, quantity])
        elif prevention == enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST:
            break
    return queue


def take(queue: Queue, leg: Leg) -> list[tuple[int, int]]:
    """Take one unit of a leg; empty where it is not there within its limit."""
    left, found = leg.ratio, []
    while left and queue:
        price, quantity = queue[0]
        beyond = leg.price is not None and (
            price > leg.price if leg.side == BUY else price < leg.price
        )
        if beyond:
            break
        traded = min(left, quantity)
        found.append((price, traded))
        left -= traded
        queue[0][1] -= traded
        if queue[0][1] == 0:
            queue.pop(0)
    return found if left == 0 else []


def acceptable(terms: Terms, taken: list[list[tuple[int, int]]]) -> bool:
    """Whether net price and constraints hold at the prices of one unit."""
    averages = [
        Fraction(sum(price * quantity for price, quantity in fills), leg.ratio)
        for leg, fills in zip(terms.legs, taken, strict=True)
    ]
    if terms.net_price is not None and net_price(terms.legs, averages) > terms.net_price:
        return False
    return all(holds(constraint, averages) for constraint in terms.constraints)


def net_price(legs: tuple[Leg, ...], averages: list[Fraction]) -> Fraction:
    least = min(MULTIPLIERS[leg.instrument_id] for leg in legs)
    return sum(
        (
            (1 if leg.side == BUY else -1)
            * Fraction(leg.ratio, UNIT)
            * average
            * Fraction(MULTIPLIERS[leg.instrument_id], least)
            for leg, average in zip(legs, averages, strict=True)
        ),
        Fraction(0),
    )


def holds(constraint: Constraint, averages: list[Fraction]) -> bool:
    kind, a, b, low, high = constraint
    first, second = averages[a - 1], averages[b - 1]
    if kind == kinds.CONSTRAINT_RATIO_BAND:
        return second > 0 and Fraction(low, UNIT) <= first / second <= Fraction(high, UNIT)
    if kind == kinds.CONSTRAINT_MAX_DEVIATION:
        return abs(first - second) <= Fraction(low, 10_000) * abs(second)
    return abs(first - second) <= low


def fills_of(events: list[Any], legs: int) -> list[list[tuple[int, int]]]:
    """Return each leg's fills; those at one price one after the other are one."""
    found: list[list[tuple[int, int]]] = [[] for _ in range(legs)]
    for event in events:
        if isinstance(event, OrderEvent) and event.kind == kinds.ORDER_FILLED and event.leg_number:
            found[event.leg_number - 1].append((event.last_price, event.last_quantity))
    return [merged(fills) for fills in found]


def merged(fills: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for price, quantity in fills:
        before = found.pop()[1] if found and found[-1][0] == price else 0
        found.append((price, before + quantity))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_packages_trade_what_a_plan_by_hand_says_or_leave_no_trace(seed: int) -> None:
    market = Market(seed)
    traded = refused = 0
    for _ in range(COMMANDS):
        market.place()
        if market.random.random() > 0.4:
            continue
        account_id, terms = market.random.randint(1, 3), market.terms()
        units, expected = planned(market, terms, account_id)
        before = market.venue.exchange.book_orders(3)
        events = market.venue.do(
            package_commands.create_package, account_id=account_id, client_order_id=market.name(),
            legs=terms.legs, units=terms.units, min_units=terms.min_units,
            net_price=terms.net_price, constraints=terms.constraints,
            self_trade_prevention=terms.prevention, time_in_force=enums.TIME_IN_FORCE_IOC,
        )  # fmt: skip
        assert fills_of(events, len(terms.legs)) == [merged(fills) for fills in expected], terms
        if units == 0:
            refused += 1
            (event,) = events
            assert isinstance(event, OrderEvent)
            assert event.reject_reason in {
                enums.REJECT_REASON_PACKAGE_NOT_EXECUTABLE,
                enums.REJECT_REASON_PRICE_CONSTRAINT,
            }
            assert market.venue.exchange.book_orders(3) == before
        else:
            traded += 1
    assert traded > COMMANDS // 100
    assert refused > COMMANDS // 100


@pytest.mark.parametrize("seed", range(3))
def test_waiting_packages_stay_in_ratio_and_nothing_is_lost(seed: int) -> None:
    market = Market(100 + seed)
    packages: list[tuple[int, Terms]] = []
    totals: dict[int, int] = defaultdict(int)
    for _ in range(COMMANDS):
        market.place()
        exchange = market.venue.exchange
        if market.random.random() < 0.15:
            account_id, terms = market.random.randint(1, 3), market.terms()
            market.venue.do(
                package_commands.create_package,
                account_id=account_id, client_order_id=market.name(), legs=terms.legs,
                units=terms.units, min_units=terms.min_units, net_price=terms.net_price,
                constraints=terms.constraints,
            )  # fmt: skip
            if market.venue.result.order_id:
                packages.append((market.venue.result.order_id, terms))
        if market.random.random() < 0.1 and packages:
            order_id = market.random.choice(packages)[0]
            for account_id in (1, 2, 3):
                market.venue.do(
                    package_commands.cancel_package, account_id=account_id, order_id=order_id
                )
        for order_id, terms in packages[-40:]:
            in_ratio(exchange.package(order_id), terms)
        for instrument in INSTRUMENTS:
            totals[instrument] = sum(exchange.position(one, instrument) for one in (1, 2, 3))
        assert set(totals.values()) == {0}
    flat(market)


def in_ratio(view: Any, terms: Terms) -> None:
    """Assert that all legs of a package have traded the same number of whole units."""
    assert view is not None
    for leg, wanted in zip(view.legs, terms.legs, strict=True):
        assert leg.cumulative_quantity * UNIT == view.order.cumulative_quantity * wanted.ratio
        assert leg.quantity * UNIT == view.order.quantity * wanted.ratio
    working = view.order.leaves_quantity > 0
    assert all((leg.leaves_quantity > 0) == working for leg in view.legs)


def flat(market: Market) -> None:
    """Assert that nothing works once everything is cancelled."""
    for account_id in (1, 2, 3):
        market.venue.do(order_commands.cancel_orders, account_id=account_id)
    exchange = market.venue.exchange
    assert exchange.working_orders == 0
    assert [exchange.book_orders(instrument) for instrument in INSTRUMENTS] == [([], [])] * 3
