"""What a multi-leg order has brought follows fills that are undone and corrected."""

import os
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from quantumcore.server.core import admin_commands, kinds
from quantumcore.server.core.events import OrderEvent, decode
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.package_commands import Leg
from tests.server.core.model.strategies import NOBODY, Fill, History, Owner, Strategies
from tests.server.core.packages import LOT, A, B, listed
from tests.server.core.sequential import MS, advance, hit, work
from tests.server.core.test_strategy_profit import (
    MAKER,
    TICK,
    TRADER,
    fills_of,
    legs,
    offer,
    pair,
    single,
    told,
)
from tests.server.core.venue import BUY, SELL, Venue

MARK = 100
FLOWS = max(100, int(os.environ.get("QC_FUZZ_OPERATIONS", "0")) // 100)
MENDED = (kinds.ORDER_FILL_BUSTED, kinds.ORDER_FILL_CORRECTED)


@pytest.fixture
def venue() -> Venue:
    return listed()


def bust(venue: Venue, trade_id: int) -> None:
    venue.do(admin_commands.bust_trade, trade_id=trade_id)
    assert venue.result.reject_reason == 0


def correct(venue: Venue, trade_id: int, **terms: int) -> None:
    venue.do(admin_commands.correct_trade, trade_id=trade_id, **terms)
    assert venue.result.reject_reason == 0


def last_trade(venue: Venue) -> int:
    return max(fill.trade_id for fill in fills_of(venue.blocks[-1][1]))


def test_a_corrected_price_of_what_was_closed_since_is_the_profit_of_the_order_that_opened_it(
    venue: Venue,
) -> None:
    order = pair(venue, BUY, 5, 100, 90)
    opened = last_trade(venue) - 1
    single(venue, A, SELL, 5, 110)
    assert told(venue, order)[0] == (0, 5)
    correct(venue, opened, price=90)
    assert told(venue, order)[0] == (0, 10)


def test_a_bust_of_what_was_closed_since_leaves_nothing_of_it(venue: Venue) -> None:
    one, other = pair(venue, BUY, 5, 100, 90), pair(venue, BUY, 5, 120, 90)
    single(venue, A, SELL, 5, 110)
    assert (told(venue, one)[0], told(venue, other)[0]) == ((0, 5), (5, 0))
    bust(venue, 1)
    assert (told(venue, one)[0], told(venue, other)[0]) == ((0, 0), (0, -5))
    assert [leg.paid for leg in legs(venue, one)] == [0, 0]


def test_a_bust_of_all_that_was_open_lets_what_closed_it_be_nobodys(venue: Venue) -> None:
    order = pair(venue, BUY, 5, 100, 90)
    single(venue, A, SELL, 5, 110)
    bust(venue, 1)
    assert told(venue, order) == [(0, 0), (0, 0)]
    assert venue.exchange.position(TRADER, A) == -5 * LOT
    single(venue, A, BUY, 5, 100)
    assert told(venue, order) == [(0, 0), (0, 0)]


def test_what_was_closed_in_part_is_corrected_in_part(venue: Venue) -> None:
    order = pair(venue, BUY, 5, 100, 90)
    single(venue, A, SELL, 2, 110)
    correct(venue, 1, price=90)
    venue.reference(A, bid=110, ask=110)
    first, _second = legs(venue, order)
    assert (first.net_quantity // LOT, first.realised, first.unrealised) == (3, 4, 6)


def test_a_bust_of_what_came_before_a_leg_changes_whose_lots_were_closed(venue: Venue) -> None:
    before = single(venue, A, BUY, 3, 100)
    order = pair(venue, BUY, 5, 100, 90)
    single(venue, A, SELL, 4, 110)
    assert told(venue, order)[0] == (4, 1)
    bust(venue, before)
    assert told(venue, order)[0] == (1, 4)


def test_two_mends_of_one_trade_are_as_the_last_alone(venue: Venue) -> None:
    order = pair(venue, BUY, 5, 100, 90)
    trade = single(venue, A, SELL, 4, 110)
    correct(venue, trade, price=130)
    correct(venue, trade, quantity=2 * LOT, price=120)
    assert told(venue, order)[0] == (3, 4)
    bust(venue, 1)
    assert told(venue, order)[0] == (0, 0)


def test_a_reversal_in_between_closes_what_its_leg_opened_though_a_trade_before_is_undone(
    venue: Venue,
) -> None:
    one = pair(venue, BUY, 2, 100, 90)
    reversal(venue, "r", lots=3, newer=2)
    order = venue.exchange.find_order(TRADER, "r")
    assert (told(venue, one)[0], told(venue, order)[0]) == ((2, 0), (0, -3))
    bust(venue, 1)
    assert (told(venue, one)[0], told(venue, order)[0]) == ((0, 0), (0, -3))
    assert venue.exchange.position(TRADER, A) == 2 * LOT


def reversal(venue: Venue, name: str, lots: int, newer: int) -> None:
    """Let the first leg of a sequential order trade, and be reversed behind newer lots."""
    work(venue, name, units=lots, legs=(Leg(A, BUY, LOT, 100), Leg(B, SELL, LOT, 9_000)))
    hit(venue, f"{name} hit", A, SELL, lots, 100, MAKER)
    if newer:
        single(venue, A, BUY, newer, 130)
    offer(venue, A, BUY, lots, 90)
    advance(venue, 20 * MS)


def test_what_is_forgotten_is_undone_as_a_reversal_of_today() -> None:
    venue = listed(order_capacity=256, live_order_capacity=32)  # room for 33 notes
    order = pair(venue, BUY, 5, 100, 90)
    for _ in range(20):
        single(venue, A, BUY, 1, 120)
        single(venue, A, SELL, 1, 110)
    assert told(venue, order)[0] == (0, 5)
    single(venue, A, SELL, 2, 120)
    held = venue.exchange.position(TRADER, A) // LOT
    bust(venue, 1)
    assert venue.exchange.position(TRADER, A) // LOT == held - 5
    assert told(venue, order)[0] == (0, 5)


def test_of_what_is_forgotten_a_new_price_changes_nothing_but_what_was_paid() -> None:
    venue = listed(order_capacity=256, live_order_capacity=32)
    order = pair(venue, BUY, 5, 100, 90)
    for _ in range(20):
        single(venue, B, BUY, 1, 120)
        single(venue, B, SELL, 1, 110)
    held = told(venue, order)
    correct(venue, 2, price=70)
    assert told(venue, order) == held
    assert [leg.paid for leg in legs(venue, order)] == [5 * 10, -5 * 7]


class Day:
    """A venue where one account trades at random, and the history of its fills."""

    def __init__(self, seed: int, **options: Any) -> None:
        self.venue, self.history, self.random = listed(**options), History(), Random(seed)
        self.orders: list[int] = []
        self.read = self.last_trade = self.mended = 0

    def step(self, orders: float = 0.33) -> None:
        """Trade or mend; a share of the steps enters multi-leg orders."""
        choose = self.random
        side, lots = choose.choice((BUY, SELL)), choose.randint(1, 9)
        price = choose.randint(8, 13) * TICK
        what = choose.random()
        if what < orders * 3 / 4:
            self.orders.append(pair(self.venue, side, lots, price, price + lots * TICK))
        elif what < orders:
            name = f"r{self.venue.now}"
            reversal(self.venue, name, lots, choose.randint(0, 4))
            self.orders.append(self.venue.exchange.find_order(TRADER, name))
        elif what < 0.78:
            single(self.venue, choose.choice((A, B)), side, lots, price)
        else:
            self.mend()
        self.follow()

    def mend(self) -> None:
        if not self.last_trade:
            return
        named = {"trade_id": self.random.randint(1, self.last_trade)}
        what = self.random.random()
        if what < 0.5:
            self.venue.do(admin_commands.bust_trade, **named)
        elif what < 0.8:
            price = self.random.randint(8, 13) * TICK
            self.venue.do(admin_commands.correct_trade, **named, price=price)
        else:
            lots = self.random.randint(1, 4)
            self.venue.do(admin_commands.correct_trade, **named, quantity=lots * LOT)
        self.mended += self.venue.result.reject_reason == 0

    def follow(self) -> None:
        for _time, turn in self.venue.blocks[self.read :]:
            for event in decode(memoryview(turn)):
                if isinstance(event, OrderEvent) and event.trade_id:
                    self.hear(event)
        self.read = len(self.venue.blocks)

    def hear(self, event: OrderEvent) -> None:
        lots, ticks = event.last_quantity // LOT, event.last_price // TICK
        if event.kind in MENDED:
            if event.kind == kinds.ORDER_FILL_BUSTED:
                lots = 0
            self.history.mend(event.reference_sequence, event.sequence, lots, ticks)
        elif event.kind == kinds.ORDER_FILLED:
            self.last_trade = max(self.last_trade, event.trade_id)
            place = event.account_id, event.instrument_id
            owner = (event.multi_leg_order_id, event.leg_number)
            signed = lots if event.side == BUY else -lots
            self.history.add(event.sequence, Fill(place, owner, signed, ticks, event.unwind))

    def owned(self, instrument: int) -> dict[Owner, tuple[int, int, int]]:
        """Return lots, cost and what was realised of all legs of orders in an instrument."""
        self.venue.reference(instrument, bid=MARK * TICK, ask=MARK * TICK)
        return {
            (order, leg.leg_number): (
                leg.net_quantity // LOT,
                MARK * leg.net_quantity // LOT - leg.unrealised,
                leg.realised,
            )
            for order in self.orders
            for leg in legs(self.venue, order)
            if leg.instrument_id == instrument
        }

    def compare(self) -> None:
        """Hold orders to the model, and orders and nobody to the position."""
        model = self.history.strategies()
        for instrument in (A, B):
            owned = self.owned(instrument)
            assert owned == {owner: model.told((TRADER, instrument), owner) for owner in owned}
            lots = sum(lots for lots, *_ in owned.values())
            paid = sum(cost - brought for _, cost, brought in owned.values())
            self.check_sums(model, instrument, [lots, paid])

    def check_sums(self, model: Strategies, instrument: int, owned: list[int]) -> None:
        place = TRADER, instrument
        view = self.venue.exchange.position_view(*place, self.venue.now)
        if view is None:
            return
        lots, cost, brought = model.told(place, NOBODY)
        paid = view.open_tick_lots - view.realised_tick_lots
        assert (owned[0] + lots, owned[1] + cost - brought) == (view.lots, paid)
        assert (view.lots, paid) == model.sums(place)


@pytest.mark.parametrize("part", range(4))
def test_orders_and_nobody_have_what_they_would_had_all_trades_been_what_they_are_now(
    part: int,
) -> None:
    mended = 0
    for seed in range(part, FLOWS, 4):
        day = Day(seed)
        for number in range(day.random.randint(5, 40)):
            day.step()
            if number % 5 == 4:
                day.compare()
        day.compare()
        mended += day.mended
    assert mended > FLOWS // 4


@pytest.mark.parametrize("seed", range(20))
def test_in_little_memory_no_lots_are_lost_and_none_belong_to_two(seed: int) -> None:
    day = Day(seed, order_capacity=1_024, live_order_capacity=32)  # room for 33 notes, 4 orders
    for _ in range(60):
        day.step()
        for instrument in (A, B):
            owned = [
                leg.net_quantity
                for order in day.orders
                if day.venue.exchange.strategy_profit(order, day.venue.now) is not None
                for leg in legs(day.venue, order)
                if leg.instrument_id == instrument
            ]
            held = day.venue.exchange.position(TRADER, instrument)
            sign = 1 if held > 0 else -1
            assert all(lots * sign >= 0 for lots in owned)
            assert sum(owned) * sign <= held * sign


class ForgetfulDay(Day):
    """A day of a venue that remembers little: what it might remember is known from what it tells.

    Of each position all histories that agree with the venue so far are kept. In each a mended fill
    has either been undone as if it had never been, or today.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed, order_capacity=4_096, live_order_capacity=128)  # 129 notes
        self.possible = {instrument: [History()] for instrument in (A, B)}
        self.forgotten = 0

    def hear(self, event: OrderEvent) -> None:
        if event.account_id != TRADER or event.instrument_id not in self.possible:
            self.last_trade = max(self.last_trade, event.trade_id)
            return
        found = list[History]()
        for history in self.possible[event.instrument_id]:
            self.history = history
            is_mend = event.kind in MENDED
            if is_mend:
                other = deepcopy(self.history)
                lots = event.last_quantity // LOT * (event.kind == kinds.ORDER_FILL_CORRECTED)
                ticks = event.last_price // TICK
                other.mend_today(event.reference_sequence, event.sequence, lots, ticks)
                found.append(other)
            if not is_mend or self.history.has(event.reference_sequence):
                super().hear(event)
                found.append(self.history)
        self.possible[event.instrument_id] = found

    def compare(self) -> None:
        for instrument, histories in self.possible.items():
            owned = self.owned(instrument)
            agreeing = list[History]()
            for history in histories:
                model = history.strategies()
                place = TRADER, instrument
                if owned == {owner: model.told(place, owner) for owner in owned}:
                    agreeing.append(history)
            assert agreeing
            self.forgotten += not any(history.is_exact for history in agreeing)
            self.possible[instrument] = agreeing[-32:]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_not_remembered_is_undone_today_and_all_else_as_if_it_had_never_been(
    seed: int,
) -> None:
    day = ForgetfulDay(seed)
    for _ in range(150):
        day.step(0.33 if len(day.orders) < 15 else 0)
        day.compare()
    assert day.forgotten > 10


@pytest.mark.parametrize("seed", range(3))
def test_a_restart_tells_the_same_profit_of_every_order(seed: int) -> None:
    day = Day(1_000 + seed)
    for _ in range(80):
        day.step()
    day.compare()
    assert day.mended > 5
    again = Exchange()
    for time_ns, turn in day.venue.blocks:
        again.replay(memoryview(turn), time_ns)
    now = day.venue.now
    for order in day.orders:
        assert again.strategy_profit(order, now) == day.venue.exchange.strategy_profit(order, now)
    assert again.state_hash() == day.venue.exchange.state_hash()
