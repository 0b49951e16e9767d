"""Random days in which half-done packages breach neither limits nor funds, and end as told.

After every command is held, with sums of the test's own:

- The position of the limited account, with all that works on a side and all that an UNWIND could
  still reverse there, is within its limit. A bust, which nobody is asked about, may carry it
  beyond; it then goes no further. So no fill of anything that was let in breaks the limit.
- Its open value is the sum over its orders, and within its limit.
- What is available to the purse and to the margin account (cash less what is reserved less the
  requirement) does not come to lie below zero, nor sink further where it does, but by what nobody
  is asked about: a fill of an unwind policy, or a bust. Marks are quotes of the morning, and stay.
  What a unit reserves of a margin that grows by no multiple of units is rounded up: less than a
  minor unit for each of the at most MOST_UNITS that work.
- So the purse is never overdrawn, and sells no more than it holds.
- Positions over all accounts sum to zero, and so does cash to what was paid in.
"""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import enums, order_commands
from quantumcore.server.core.exchange_cy import is_compiled
from quantumcore.server.core.views import OrderView, PackageView
from tests.server.core.packages import LOT
from tests.server.core.risk_day import (
    ACCOUNTS,
    INSTRUMENTS,
    LIMITED,
    MARGIN,
    MOST_LOTS,
    MOST_OPEN_VALUE,
    MOST_UNITS,
    PAID_IN,
    PURSE,
    TICK,
    UNWIND,
    Day,
)
from tests.server.core.sequential import check, replayed
from tests.server.core.venue import BUY, SELL

STEPS = int(os.environ.get("QC_FUZZ_OPERATIONS") or (20_000 if is_compiled() else 2_000)) // 20
WORKING = {
    enums.ORDER_STATUS_NEW, enums.ORDER_STATUS_PARTIALLY_FILLED, enums.ORDER_STATUS_UNWINDING
}  # fmt: skip
LEVEL_ENDS = {enums.ORDER_STATUS_CANCELLED, enums.ORDER_STATUS_EXPIRED}

EVERY_DAY = (
    (enums.ORDER_STATUS_CANCELLED, enums.UNWIND_POLICY_UNWIND),
    (enums.ORDER_STATUS_CANCELLED, enums.UNWIND_POLICY_HOLD),
    (enums.ORDER_STATUS_CANCELLED, enums.UNWIND_POLICY_COMPLETE_AT_MARKET),
    (enums.ORDER_STATUS_UNWOUND, enums.UNWIND_POLICY_UNWIND),
    (enums.ORDER_STATUS_FILLED, enums.UNWIND_POLICY_COMPLETE_AT_MARKET),
)


class Watch:
    """What was so before a command, to hold what is so behind it to."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.available = dict.fromkeys((PURSE, MARGIN), 0)
        self.beyond: dict[tuple[int, int, int], int] = {}

    def look(self) -> None:
        """Hold the state of now to all laws."""
        self.sums()
        for account_id in (LIMITED, PURSE):
            orders = self.day.working(account_id)
            if account_id == LIMITED:
                self.open_value(orders)
            for instrument_id in INSTRUMENTS:
                self.reach(account_id, instrument_id, orders)
        for account_id in self.available:
            self.funds(account_id)

    def sums(self) -> None:
        exchange, day = self.day.venue.exchange, self.day
        assert sum(day.cash.values()) == sum(PAID_IN.values())
        for instrument_id in INSTRUMENTS:
            held = [exchange.position(one, instrument_id) for one in ACCOUNTS]
            assert held == [day.lots[one, instrument_id] * LOT for one in ACCOUNTS]
            assert sum(held) == 0

    def open_value(self, orders: list[OrderView]) -> None:
        money = self.day.venue.exchange.balance(LIMITED, 0, self.day.venue.now)
        if money is None:
            return
        value = sum(one.leaves_quantity // LOT * (one.price // TICK) for one in orders)
        assert money.open_order_value == value <= MOST_OPEN_VALUE

    def reach(self, account_id: int, instrument_id: int, orders: list[OrderView]) -> None:
        """Hold how far fills and reversals could carry a position."""
        here = [one for one in orders if one.instrument_id == instrument_id]
        lots = {
            side: sum(o.leaves_quantity // LOT for o in here if o.side == side)
            for side in (BUY, SELL)
        }
        for view in self.day.sequential():
            if view.policy != UNWIND or view.order.status not in WORKING:
                continue
            for leg, left in zip(view.legs, view.excess, strict=True):
                if (leg.account_id, leg.instrument_id) == (account_id, instrument_id):
                    lots[3 - leg.side] += left // LOT
        held = self.day.lots[account_id, instrument_id]
        if account_id == LIMITED:
            self.within(account_id, instrument_id, BUY, held + lots[BUY], MOST_LOTS)
            self.within(account_id, instrument_id, SELL, lots[SELL] - held, MOST_LOTS)
        else:
            self.within(account_id, instrument_id, SELL, lots[SELL] - held, 0)

    def within(self, account_id: int, instrument_id: int, side: int, lots: int, most: int) -> None:
        before = self.beyond.get((account_id, instrument_id, side), 0)
        if account_id not in self.day.forced:
            assert lots - most <= before, (account_id, instrument_id, side)
        self.beyond[account_id, instrument_id, side] = max(0, lots - most)

    def funds(self, account_id: int) -> None:
        exchange, now = self.day.venue.exchange, self.day.venue.now
        money = exchange.balance(account_id, 0, now)
        margin = exchange.margin(account_id, 0, now, exchange.margin_model(account_id))
        assert money is not None
        assert margin is not None
        assert money.cash == self.day.cash[account_id]
        assert money.reserved >= 0
        available = money.cash - money.reserved - margin.position_margin
        assert available == money.available
        if account_id not in self.day.forced:
            rounded = MOST_UNITS if account_id == MARGIN else 0
            assert available >= min(0, self.available[account_id]) - rounded
            assert account_id != PURSE or self.available[PURSE] < 0 or money.cash >= 0
        self.available[account_id] = available


def ends(day: Day, view: PackageView) -> None:
    """Hold what a sequential order has told of its end to what it stands at."""
    status, order_id = view.order.status, view.order.order_id
    check(view)
    told = day.told[order_id]
    wholes = [event for event in told if event.leg_number == 0 and event.status == status]
    assert wholes, "its end was told"
    day.seen.add(f"{status} by {view.policy}")
    if status == enums.ORDER_STATUS_FILLED:
        assert view.excess == [0] * len(view.legs)
        return
    if status in LEVEL_ENDS and view.policy == UNWIND:
        assert view.excess == [0] * len(view.legs)
    assert status in LEVEL_ENDS or view.policy == UNWIND
    for leg, left in zip(view.legs, view.excess, strict=True):
        last = [event for event in told if event.order_id == leg.order_id][-1]
        assert last.excess_quantity == left


def settle(day: Day) -> None:
    """Hold what has ended to what was told of it, and look at it no more."""
    views = day.views()
    for view in views:
        if view.order.status not in WORKING and view.mode == enums.EXECUTION_MODE_SEQUENTIAL:
            ends(day, view)
    day.packages = [view.order.order_id for view in views if view.order.status in WORKING]
    orders = [day.venue.exchange.order(order_id) for order_id in day.singles]
    day.singles = [one.order_id for one in orders if one is not None and one.leaves_quantity]


def play(seed: int, steps: int) -> Day:
    """Let a day go by, and end with all cancelled: nothing is bound or counted then."""
    day = Day(seed)
    day.look = Watch(day).look
    for number in range(steps):
        day.step()
        if number % 25 == 0:
            day.reopen()
            settle(day)
    for account_id in ACCOUNTS:
        day.do(order_commands.cancel_orders, account_id=account_id)
    settle(day)
    assert not day.packages
    nothing_is_bound(day)
    return day


def nothing_is_bound(day: Day) -> None:
    exchange, now = day.venue.exchange, day.venue.now
    assert exchange.working_orders == 0
    for account_id in ACCOUNTS:
        money = exchange.balance(account_id, 0, now)
        assert money is None or (money.reserved, money.open_order_value) == (0, 0)
        for view in exchange.positions_of(account_id, now):
            assert (view.buying_lots, view.selling_lots) == (0, 0)
    assert replayed(day.venue).state_hash() == exchange.state_hash()


@pytest.mark.parametrize("seed", range(4))
def test_no_half_done_package_breaches_limits_or_funds_in_a_busy_day(seed: int) -> None:
    day = play(seed, STEPS)
    if is_compiled():
        assert {"bust", "reject"} <= day.seen
        assert {f"{status} by {policy}" for status, policy in EVERY_DAY} <= day.seen


@given(st.integers(0, 2**32), st.integers(10, 120))
@settings(max_examples=30)
def test_no_half_done_package_breaches_limits_or_funds(seed: int, steps: int) -> None:
    play(seed, steps)
