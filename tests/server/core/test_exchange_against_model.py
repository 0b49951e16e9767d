"""The exchange and a plain model of it never differ in any field of any event."""

import os
import random
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import commands, kinds
from quantumcore.server.core.events import OrderEvent, describe
from quantumcore.server.core.exchange_cy import Exchange, is_compiled
from tests.server.core.model import Model, ModelOrder
from tests.server.core.venue import BUY, LOT, SELL, TICK, Venue

COMMANDS = int(os.environ.get("QC_FUZZ_OPERATIONS") or (15_000 if is_compiled() else 2_000))
SEED = int(os.environ.get("QC_FUZZ_SEED", "1"))
PHASES = (kinds.TRADING_PHASE_CONTINUOUS,) * 3 + (5, 7)


class Pair:
    """Gives the same random commands to the exchange and to the model."""

    def __init__(self, choose: random.Random, **capacities: int) -> None:
        self.choose, self.venue, self.model = choose, Venue(**capacities), Model()
        self.names = 0
        self.levels: dict[tuple[int, int], dict[int, tuple[int, int]]] = defaultdict(dict)

    def step(self) -> None:
        """Give one command to both, and compare."""
        what = self.choose.choices(
            (self._create, self._cancel, self._replace, self._rare), (60, 18, 20, 2)
        )[0]
        told = what()
        expected = self.model.take_events()
        assert [describe(event) for event in told] == [describe(event) for event in expected]
        assert told == expected
        self._follow_levels()

    def _name(self) -> str:
        if self.names == 0 or self.choose.random() < 0.9:
            self.names += 1
            return "o" * (self.names % 50) + str(self.names)
        return self._old_name()

    def _old_name(self) -> str:
        recent = max(1, self.names - self.choose.choice((5, 50, 500)))
        at = self.choose.randint(recent, max(1, self.names))
        return "o" * (at % 50) + str(at)

    def _price(self) -> int:
        return self.choose.randint(-6, 9) * TICK

    def _quantity(self) -> int:
        return self.choose.randint(1, 20) * LOT

    def _create(self) -> list[OrderEvent]:
        choose = self.choose
        market = choose.random() < 0.05
        time_in_force = choose.choice((1, 2, 2, 2, 2, 2, 4, 5))
        order = ModelOrder(
            order_id=0,
            account_id=choose.randint(1, 3),
            instrument_id=choose.randint(1, 2),
            side=choose.choice((BUY, SELL)),
            order_type=2 if market else 1,
            time_in_force=time_in_force,
            price=None if market else self._price(),
            quantity=self._quantity(),
            client_order_id=self._name(),
            post_only=not market and time_in_force in {1, 2} and choose.random() < 0.1,
            session=choose.randint(0, 3),
        )
        self.model.create(order)
        return self.venue.do(  # type: ignore[return-value]
            commands.create_order,
            account_id=order.account_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            side=order.side,
            order_type=order.order_type,
            time_in_force=order.time_in_force,
            price=order.price,
            quantity=order.quantity,
            post_only=order.post_only,
            actor=order.session << 32,
        )

    def _cancel(self) -> list[OrderEvent]:
        account, name = self.choose.randint(1, 3), self._old_name()
        self.model.cancel(account, name)
        return self.venue.do(commands.cancel_order, account_id=account, client_order_id=name)  # type: ignore[return-value]

    def _replace(self) -> list[OrderEvent]:
        choose, account, name = self.choose, self.choose.randint(1, 3), self._old_name()
        new_name = self._name() if choose.random() < 0.2 else ""
        quantity = self._quantity() if choose.random() < 0.7 else None
        price = self._price() if choose.random() < 0.5 else None
        self.model.replace(account, name, new_name, quantity, price)
        return self.venue.do(  # type: ignore[return-value]
            commands.replace_order,
            account_id=account,
            client_order_id=name,
            new_client_order_id=new_name,
            quantity=quantity,
            price=price,
        )

    def _rare(self) -> list[OrderEvent]:
        choose = self.choose
        instrument = choose.randint(1, 2)
        if choose.random() < 0.6:
            phase = choose.choice(PHASES)
            self.model.set_phase(instrument, phase)
            return self.venue.do(  # type: ignore[return-value]
                commands.set_trading_phase, instrument_id=instrument, phase=phase
            )
        account, side, session = choose.randint(1, 3), choose.randint(0, 2), choose.randint(0, 3)
        instrument = choose.choice((0, instrument))
        self.model.cancel_all(account, instrument, side, session)
        return self.venue.do(  # type: ignore[return-value]
            commands.cancel_orders,
            account_id=account,
            instrument_id=instrument,
            side=side,
            session=session,
        )

    def _follow_levels(self) -> None:
        for change in self.venue.levels:
            levels = self.levels[change.instrument_id, change.side]
            if change.quantity == 0:
                del levels[change.price]
            else:
                levels[change.price] = (change.quantity, change.order_count)

    def check(self) -> None:
        """Compare what is held: books, levels rebuilt from changes, orders, quantities."""
        exchange, model = self.venue.exchange, self.model
        for instrument, book in model.books.items():
            for side, levels in zip((BUY, SELL), exchange.depth(instrument), strict=True):
                held = [tuple(level) for level in levels]
                expected = book.depth(side)
                assert held == [(at.price * TICK, at.lots * LOT, at.orders) for at in expected]
                rebuilt = self.levels[instrument, side]
                assert {price: (quantity, orders) for price, quantity, orders in held} == rebuilt
            bid, bid_quantity, ask, ask_quantity = exchange.touch(instrument)
            assert bid < ask or not (bid_quantity and ask_quantity), "the book is crossed"
        assert exchange.working_orders == sum(order.is_working for order in model.orders)
        self._check_conservation(exchange)

    def _check_conservation(self, exchange: Exchange) -> None:
        bought: dict[int, int] = defaultdict(int)
        resting: dict[int, int] = defaultdict(int)
        for order in self.model.orders:
            view = exchange.order(order.order_id)
            assert view is not None
            assert view.cumulative_quantity <= view.quantity
            bought[order.instrument_id] += view.cumulative_quantity * (
                1 if order.side == BUY else -1
            )
            resting[order.instrument_id] += view.leaves_quantity
            if view.status in {1, 2}:
                assert view.cumulative_quantity + view.leaves_quantity == view.quantity
        assert set(bought.values()) <= {0}, "what is bought is sold"
        for instrument in (1, 2):
            bids, asks = exchange.depth(instrument)
            assert resting[instrument] == sum(level.quantity for level in bids + asks)


def test_long_seeded_flow_of_commands() -> None:
    pair = Pair(random.Random(SEED))
    for number in range(COMMANDS):
        pair.step()
        if number % 1_000 == 0:
            pair.check()
    pair.check()
    assert pair.model.trades > COMMANDS // 20


@settings(max_examples=25, derandomize=True, deadline=None)
@given(choose=st.randoms(use_true_random=False), count=st.integers(1, 150))
def test_generated_commands(choose: random.Random, count: int) -> None:
    pair = Pair(choose, order_capacity=1 << 10, live_order_capacity=1 << 10)
    for _ in range(count):
        pair.step()
    pair.check()
