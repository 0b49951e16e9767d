"""Random sequential orders among random orders and phases end in a state that agrees."""

import os
import random
from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import admin_commands, enums, kinds, order_commands, package_commands
from quantumcore.server.core.events import NAMES, OrderEvent
from quantumcore.server.core.exchange_cy import is_compiled
from quantumcore.server.core.package_commands import Leg
from quantumcore.server.core.views import PackageView
from tests.server.core.follower import BookFollower
from tests.server.core.sequential import MS, check, replayed
from tests.server.core.venue import BUY, SELL, Venue

UNIT = LOT = kinds.UNIT
TICK = 10
LIMIT, PEGGED = enums.ORDER_TYPE_LIMIT, enums.ORDER_TYPE_PEGGED
STEPS = int(os.environ.get("QC_FUZZ_OPERATIONS") or (10_000 if is_compiled() else 2_000)) // 8
INSTRUMENTS = (3, 4, 5)
PHASES = (
    enums.TRADING_PHASE_CONTINUOUS, enums.TRADING_PHASE_CONTINUOUS, enums.TRADING_PHASE_HALTED,
    enums.TRADING_PHASE_VOLATILITY_AUCTION, enums.TRADING_PHASE_CLOSED,
)  # fmt: skip
TERMINAL = {
    enums.ORDER_STATUS_FILLED, enums.ORDER_STATUS_CANCELLED, enums.ORDER_STATUS_EXPIRED,
    enums.ORDER_STATUS_UNWOUND,
}  # fmt: skip


class Floor:
    """Three books, three accounts, and sequential orders of any of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.venue = Venue()
        for _ in INSTRUMENTS:
            self.venue.do(
                admin_commands.create_instrument, tick_size=TICK, lot_size=LOT, min_price=-1_000,
                max_price=10_000, max_quantity=1_000 * LOT, protection_band=30, tick_value=1,
                price_band=self.random.choice((0, 60)), auction_duration_ns=MS,
            )  # fmt: skip
        self.number = 0
        self.packages: dict[int, tuple[Leg, ...]] = {}
        self.events: list[OrderEvent] = []
        self.follower = BookFollower()

    def do(self, command: Any, **values: Any) -> None:
        told = self.venue.do(command, **values)
        self.events += [one for one in told if isinstance(one, OrderEvent)]
        self.follower.apply(self.venue.levels)
        for change in self.venue.levels:
            assert change.sequence <= self.venue.exchange.sequence

    def name(self) -> str:
        self.number += 1
        return f"o{self.number}"

    def price(self, spread: int = 4) -> int:
        return 100 + self.random.randint(-spread, spread) * TICK

    def place(self) -> None:
        """Enter a single order of any type; most are plain limit orders."""
        choose = self.random
        kind = choose.choice((LIMIT, LIMIT, LIMIT, *range(LIMIT, PEGGED + 1)))
        quantity = choose.randint(2, 6) * LOT
        of_kind: dict[int, dict[str, Any]] = {
            enums.ORDER_TYPE_STOP: {"stop_price": self.price()},
            enums.ORDER_TYPE_STOP_LIMIT: {"stop_price": self.price()},
            enums.ORDER_TYPE_ICEBERG: {"display_quantity": LOT},
            PEGGED: {"peg_reference": choose.randint(1, 3)},
            LIMIT: {"reduce_only": choose.random() < 0.1},
        }
        unpriced = kind in {enums.ORDER_TYPE_MARKET, enums.ORDER_TYPE_STOP, PEGGED}
        at_once = kind == enums.ORDER_TYPE_MARKET or (kind == LIMIT and choose.random() < 0.2)
        self.do(
            order_commands.create_order,
            account_id=choose.randint(1, 3),
            instrument_id=choose.choice(INSTRUMENTS),
            client_order_id=self.name(),
            side=choose.choice((BUY, SELL)),
            order_type=kind,
            quantity=quantity,
            price=None if unpriced else self.price(),
            time_in_force=enums.TIME_IN_FORCE_IOC if at_once else enums.TIME_IN_FORCE_GTC,
            self_trade_prevention=choose.choice((0, 0, 2, 3, 4, 5)),
            **of_kind.get(kind, {}),
        )

    def work(self) -> None:
        choose = self.random
        pairs = [(one, side) for one in INSTRUMENTS for side in (BUY, SELL)]
        legs = tuple(
            Leg(
                one,
                side,
                choose.randint(1, 3) * LOT,
                choose.choice((None, self.price(3), self.price(3))),
            )
            for one, side in choose.sample(pairs, choose.randint(2, 4))
        )
        time_in_force = choose.choice((1, 2, 3, 4))
        self.do(
            package_commands.create_package, account_id=choose.randint(1, 3),
            client_order_id=self.name(), legs=legs, units=choose.randint(1, 5),
            mode=enums.EXECUTION_MODE_SEQUENTIAL, time_in_force=time_in_force,
            expire_time_ns=self.venue.now + choose.randint(1, 6) * MS if time_in_force == 3 else 0,
            net_price=choose.choice((None, choose.randint(-6, 6) * TICK)),
            constraints=choose.choice(((), (), ((kinds.CONSTRAINT_MAX_SPREAD, 1, 2, 30, 0),))),
            sequential=(choose.randint(1, 3), choose.randint(1, 4), choose.choice((0, 5_000))),
            self_trade_prevention=choose.choice((0, 0, 2, 3, 4, 5)),
        )  # fmt: skip
        if self.venue.result.order_id:
            self.packages[self.venue.result.order_id] = legs

    def disturb(self) -> None:
        """Cancel, replace or kill something, move a phase, or let time go by."""
        choose = self.random
        account_id = choose.randint(1, 3)
        some = choose.choice(list(self.packages) or [1])
        match choose.randint(0, 6):
            case 0:
                self.do(order_commands.cancel_orders, account_id=account_id)
            case 1:
                self.do(
                    admin_commands.set_trading_phase,
                    instrument_id=choose.choice(INSTRUMENTS), phase=choose.choice(PHASES),
                )  # fmt: skip
            case 2:
                self.venue.now += choose.randint(1, 3) * MS
                self.do(admin_commands.advance_time)
            case 3 if choose.random() < 0.2:
                self.do(admin_commands.set_kill_switch, account_id=account_id, enabled=True)
                self.do(admin_commands.set_kill_switch, account_id=account_id, enabled=False)
            case 4:
                self.do(
                    package_commands.replace_package, account_id=account_id, order_id=some,
                    units=choose.choice((None, choose.randint(1, 6))),
                    leg_prices={choose.randint(1, 2): choose.choice((None, self.price(3)))},
                )  # fmt: skip
            case 5:
                name = f"o{choose.randint(1, self.number + 1)}"
                self.do(order_commands.cancel_order, account_id=account_id, client_order_id=name)
            case _:
                self.do(package_commands.cancel_package, account_id=account_id, order_id=some)

    def step(self) -> None:
        draw = self.random.random()
        if draw < 0.12:
            self.work()
        elif draw < 0.3:
            self.disturb()
        else:
            self.place()

    def reopen(self) -> None:
        for instrument in INSTRUMENTS:
            self.do(
                admin_commands.set_trading_phase, instrument_id=instrument,
                phase=enums.TRADING_PHASE_CONTINUOUS,
            )  # fmt: skip

    def views(self) -> list[PackageView]:
        found = [self.venue.exchange.package(order_id) for order_id in self.packages]
        return [one for one in found if one is not None]


def agree(floor: Floor) -> None:
    """Assert that all orders, positions, books and executions tell the same."""
    exchange = floor.venue.exchange
    for view in floor.views():
        check(view)
        in_order(view)
        if view.order.status in TERMINAL:
            assert all(leg.status != enums.ORDER_STATUS_NEW for leg in view.legs)
    for instrument in INSTRUMENTS:
        assert sum(exchange.position(one, instrument) for one in (1, 2, 3)) == 0
        assert floor.follower.book_orders(instrument) == exchange.book_orders(instrument)
        bids, asks = exchange.depth(instrument, 1)
        if exchange.phase(instrument) == enums.TRADING_PHASE_CONTINUOUS and bids and asks:
            assert bids[0].price < asks[0].price


def in_order(view: PackageView) -> None:
    """Assert that no leg has traded more than the one before it, where no policy has completed."""
    if view.policy == enums.UNWIND_POLICY_COMPLETE_AT_MARKET:
        return
    units = view.order.quantity // UNIT
    shares = [Fraction(leg.cumulative_quantity, leg.quantity // units) for leg in view.legs]
    assert shares == sorted(shares, reverse=True)


def fills_agree(floor: Floor) -> None:
    """Assert that executions, one by one, give positions, legs and unwinds as they are reported."""
    assert {event.kind for event in floor.events} <= set(NAMES)
    positions: dict[tuple[int, int], int] = defaultdict(int)
    legs: dict[tuple[int, bool], int] = defaultdict(int)
    for event in floor.events:
        if event.kind != kinds.ORDER_FILLED or event.instrument_id == 0:
            continue
        signed = event.last_quantity if event.side == BUY else -event.last_quantity
        positions[event.account_id, event.instrument_id] += signed
        legs[event.order_id, event.unwind] += event.last_quantity
    for (account, instrument), quantity in positions.items():
        assert floor.venue.exchange.position(account, instrument) == quantity
    for view in floor.views():
        for leg, reversed_ in zip(view.legs, view.unwound, strict=True):
            assert legs[leg.order_id, False] == leg.cumulative_quantity
            assert legs[leg.order_id, True] == reversed_


def last_words_agree(floor: Floor) -> None:
    """Assert that nothing is told of an order after its end, and its residual is told by then."""
    ended: set[int] = set()
    told: dict[int, int] = {}
    for event in floor.events:
        package = event.multi_leg_order_id
        if not package or event.kind == kinds.ORDER_REJECTED:
            continue
        if event.kind in {kinds.CANCEL_REJECTED, kinds.REPLACE_REJECTED}:
            continue
        # One that is replaced down to what has traded tells its end first, then of its legs.
        assert package not in ended or event.kind == kinds.ORDER_REPLACED
        if event.leg_number:
            told[event.order_id] = event.excess_quantity
        elif event.status in TERMINAL:
            ended.add(package)
    for view in floor.views():
        assert (view.order.order_id in ended) == (view.order.status in TERMINAL)
        if view.order.status in TERMINAL - {enums.ORDER_STATUS_FILLED}:
            assert [told[leg.order_id] for leg in view.legs] == view.excess


def run(seed: int, steps: int) -> Floor:
    floor = Floor(seed)
    for number in range(steps):
        floor.step()
        if number % 8 == 0:
            agree(floor)
        if number % 40 == 0:
            floor.reopen()
    floor.reopen()
    for account_id in (1, 2, 3):
        floor.do(order_commands.cancel_orders, account_id=account_id)
    agree(floor)
    return floor


def ends_agree(floor: Floor) -> None:
    exchange = floor.venue.exchange
    assert exchange.working_orders == 0
    auctions = {exchange.auction_end_ns(instrument) for instrument in INSTRUMENTS}
    assert exchange.next_due_ns in {0, *auctions}
    assert all(view.order.status in TERMINAL for view in floor.views())
    assert [exchange.depth(instrument) for instrument in INSTRUMENTS] == [([], [])] * 3
    fills_agree(floor)
    last_words_agree(floor)
    assert replayed(floor.venue).state_hash() == exchange.state_hash()


@pytest.mark.parametrize("seed", range(4))
def test_every_path_of_a_busy_day_ends_in_a_state_that_agrees(seed: int) -> None:
    floor = run(seed, STEPS)
    ends_agree(floor)
    seen = {view.order.status for view in floor.views()}
    if is_compiled():
        assert seen == TERMINAL
        assert {event.unwind for event in floor.events} == {False, True}


@given(st.integers(0, 2**32), st.integers(10, 120))
@settings(max_examples=40)
def test_every_interleaving_ends_in_a_state_that_agrees(seed: int, steps: int) -> None:
    ends_agree(run(seed, steps))
