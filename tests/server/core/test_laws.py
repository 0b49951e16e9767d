"""Laws that hold whatever is done: conservation, priority, expiry, prevention, replay."""

import os
import random
from collections import defaultdict

import pytest

from quantumcore.server.core.exchange_cy import Exchange, is_compiled
from tests.server.core.flow import SETTING, Flow
from tests.server.core.pair import CAPACITIES, Pair
from tests.server.core.watch import Watch

VENUES = int(os.environ.get("QC_FUZZ_OPERATIONS") or (16_000 if is_compiled() else 4_000)) // 2_000
SEED = int(os.environ.get("QC_FUZZ_SEED", "1"))


def watched(seed: int) -> Watch:
    watch = Watch(Pair())
    for step in SETTING:
        watch.play(step)
    flow = Flow(random.Random(seed), watch.pair.model)
    for _ in range(2_000):
        watch.play(flow.next_step())
    watch.pair.end_turn()
    return watch


@pytest.fixture(scope="module")
def watches() -> list[Watch]:
    return [watched(SEED * 7_001 + number) for number in range(VENUES)]


@pytest.mark.parametrize(
    ("law", "seen_in_a_venue"),
    [
        ("quantities told", 500),
        ("order conserved", 500),
        ("order whole", 300),
        ("not crossed", 1_000),
        ("price, then time", 12_000),
        ("a level change names an event of its command", 500),
        ("first of its side trades", 100),
        ("reduce-only reduces", 1),
        ("no trade after expiry", 20),
        ("no trade after an instrument's expiry", 1),
        ("no self-trade", 30),
    ],
)
def test_law_holds_after_every_seeded_command(
    watches: list[Watch], law: str, seen_in_a_venue: int
) -> None:
    assert [line for watch in watches for line in watch.broken[law]] == []
    assert sum(watch.seen[law] for watch in watches) >= seen_in_a_venue * VENUES


def test_seeded_quantity_that_came_in_is_filled_or_ended_or_works(watches: list[Watch]) -> None:
    for watch in watches:
        exchange = watch.pair.exchange
        entered, filled, ended, working = map(sum, zip(*watch.amounts.values(), strict=True))
        views = [exchange.order(order_id) for order_id in watch.amounts]
        assert entered == filled + ended + working
        assert filled == sum(view.cumulative_quantity for view in views if view)
        assert working == sum(view.leaves_quantity for view in views if view)
        assert filled > 0


def test_seeded_positions_are_what_fills_make_them_and_sum_to_nothing(watches: list[Watch]) -> None:
    for watch in watches:
        world = watch.pair.model.world
        sums: dict[int, int] = defaultdict(int)
        for account_id in world.accounts:
            for instrument_id in world.instruments:
                held = watch.pair.exchange.position(account_id, instrument_id)
                assert held == watch.positions[account_id, instrument_id]
                sums[instrument_id] += held
        assert set(sums.values()) == {0}


def test_seeded_journaled_turns_give_the_same_state_again(watches: list[Watch]) -> None:
    for watch in watches:
        exchange = Exchange(**CAPACITIES)
        for time_ns, turn in watch.pair.turns:
            exchange.replay(memoryview(turn), time_ns)
        assert exchange.sequence == watch.pair.exchange.sequence
        assert exchange.state_hash() == watch.pair.exchange.state_hash()
