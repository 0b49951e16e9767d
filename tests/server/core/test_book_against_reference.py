"""The arena book and the reference book never differ, whatever is done to them."""

import os
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core.book_cy import is_compiled
from tests.server.core.books import arena_book, reference_book
from tests.server.core.scenario import (
    ADD,
    MATCH,
    SIDES,
    VERBS,
    Operation,
    Player,
    difference,
    explain,
    flow,
    smallest,
)

# How many operations each seeded flow has; a longer run sets it in the environment.
OPERATIONS = int(os.environ.get("QC_FUZZ_OPERATIONS") or (40_000 if is_compiled() else 5_000))
SEED = int(os.environ.get("QC_FUZZ_SEED", "1"))


def new_player(event_capacity: int = 64) -> Player:
    return Player(
        arena_book(event_capacity, orders=1 << 20, levels=1 << 18), reference_book(event_capacity)
    )


def operations(prices: st.SearchStrategy[int]) -> st.SearchStrategy[list[Operation]]:
    operation = st.builds(
        Operation,
        verb=st.sampled_from(VERBS),
        side=st.sampled_from(SIDES),
        price=prices,
        lots=st.integers(1, 50),
        pick=st.integers(0, 500),
    )
    return st.lists(operation, max_size=80)


@settings(max_examples=150, derandomize=True)
@given(scenario=operations(st.integers(-3, 3)), event_capacity=st.integers(1, 8))
def test_few_prices_and_a_tiny_event_buffer(scenario: list[Operation], event_capacity: int) -> None:
    assert difference(partial(new_player, event_capacity), scenario) == ""


@settings(max_examples=150, derandomize=True)
@given(scenario=operations(st.integers(-300, 300)))
def test_hundreds_of_levels_that_split_and_join(scenario: list[Operation]) -> None:
    assert difference(new_player, scenario) == ""


@settings(max_examples=50, derandomize=True)
@given(scenario=operations(st.integers(-(1 << 61), 1 << 61)))
def test_prices_far_apart(scenario: list[Operation]) -> None:
    assert difference(new_player, scenario) == ""


@pytest.mark.parametrize(
    ("prices", "weights"),
    [
        pytest.param(5, (20, 30, 5, 15, 30, 0), id="crowded levels"),
        pytest.param(60, (20, 30, 5, 15, 30, 0), id="around one run"),
        pytest.param(900, (30, 30, 3, 10, 27, 0), id="many runs"),
        pytest.param(20000, (40, 30, 1, 5, 24, 0), id="thin levels"),
        pytest.param(3000, (10, 10, 1, 4, 100, 1), id="levels added in rows, cancelled at random"),
    ],
)
def test_long_seeded_flow(prices: int, weights: tuple[int, ...]) -> None:
    scenario = list(flow(SEED, OPERATIONS, prices, weights))
    assert explain(new_player, scenario) == ""


def test_difference_is_reduced_to_the_operations_that_show_it() -> None:
    def deaf_player() -> Player:
        player = new_player()
        player.books[1].add(SIDES[1], 2, 1, 0)
        player.books[1].drain()
        return player

    buy = Operation(MATCH, SIDES[0], 2, 1, 0)
    noise = [Operation(ADD, SIDES[0], price, 1, 0) for price in range(-20, 0)]
    deep = [*noise, buy, *noise]
    assert "lots left" in difference(new_player=deaf_player, operations=[buy])
    assert len(smallest(deaf_player, deep)) == 1
