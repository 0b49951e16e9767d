"""The arena book and the reference book never differ, whatever is done to them."""

import os
import re
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import tables
from quantumcore.server.core.book_cy import is_compiled
from quantumcore.server.core.reference_book import ReferenceBook
from tests.server.core.books import arena_book, reference_book
from tests.server.core.scenario import (
    ADD,
    MATCH,
    SIDES,
    TRAITS,
    VERBS,
    Operation,
    Player,
    difference,
    explain,
    flow,
    smallest,
)

# How many operations each seeded flow has; a longer run sets it in the environment.
OPERATIONS = int(os.environ.get("QC_FUZZ_OPERATIONS") or (60_000 if is_compiled() else 5_000))
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
        owner=st.integers(0, 2),
        traits=st.sets(st.sampled_from(sorted(TRAITS))).map(lambda found: tuple(sorted(found))),
    )
    return st.lists(operation, max_size=80)


@settings(max_examples=150, derandomize=True)
@given(scenario=operations(st.integers(-3, 3)), event_capacity=st.integers(2, 8))
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
    ("prices", "weights", "unusual"),
    [
        pytest.param(5, (20, 30, 5, 15, 30, 0, 1), 0, id="crowded levels"),
        pytest.param(60, (20, 30, 5, 15, 30, 0, 1), 0, id="around one run"),
        pytest.param(900, (30, 30, 3, 10, 27, 0, 1), 0, id="many runs"),
        pytest.param(20000, (40, 30, 1, 5, 24, 0, 1), 0, id="thin levels"),
        pytest.param(3000, (10, 10, 1, 4, 100, 1, 1), 0, id="rows of levels, cancelled at random"),
        pytest.param(5, (20, 30, 5, 15, 30, 0, 3), 0.7, id="icebergs, owners and guards, crowded"),
        pytest.param(300, (25, 30, 3, 10, 27, 0, 3), 0.5, id="icebergs, owners and guards, spread"),
    ],
)
def test_long_seeded_flow(prices: int, weights: tuple[int, ...], unusual: float) -> None:
    scenario = list(flow(SEED, OPERATIONS, prices, weights, unusual))
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


class ForgetfulBook(ReferenceBook):
    """Takes a reduction from the part of an iceberg that is shown."""

    def reduce(self, side: int, slot: int, lots: int) -> None:
        order = self.orders[slot]
        self._take(tables.BOOK_REDUCED, order, min(lots, order.leaves - 1))


def test_difference_is_explained_by_lines_that_can_be_read() -> None:
    def new_player() -> Player:
        return Player(arena_book(64), ForgetfulBook(64))

    found = explain(new_player, list(flow(1, 300, 5, (20, 0, 0, 15, 5, 0, 0), 0.7)))
    first, iceberg, reduction, *_ = found.splitlines()
    assert first == "the books differ:"
    assert re.fullmatch(r"  add iceberg .*(buy|sell) \d+ @ -?\d+ .*", iceberg)
    assert re.fullmatch(r"  reduce .*(buy|sell) \d+ @ -?\d+ .*", reduction)
    assert "after operation 2 (reduce" in found
