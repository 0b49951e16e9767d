"""Index, ladder and arena on their own; their C methods can only be called from the source."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import enums, kinds, tables
from quantumcore.server.core.arena_cy import Arena, is_compiled
from quantumcore.server.core.book_cy import Book
from quantumcore.server.core.index_cy import HashIndex
from quantumcore.server.core.ladder_cy import Ladder
from quantumcore.server.core.memory import int32_column, int64_column
from tests.server.core.books import arena_book

uncompiled = pytest.mark.skipif(is_compiled(), reason="C methods cannot be called from Python")


@uncompiled
@pytest.mark.parametrize("capacity", [1, 2, 3, 5, 16])
def test_index_finds_what_was_entered_and_not_removed(capacity: int) -> None:
    choose, index = random.Random(capacity), HashIndex(capacity)
    held: dict[int, int] = {}
    for _ in range(3_000):
        entry = choose.randrange(capacity)
        if entry in held:
            index.remove(entry)
            del held[entry]
        else:
            # Few different hashes, and high ones that wrap around the table's end.
            held[entry] = choose.choice((0, 1, index.mask, index.mask - 1, (1 << 62) | 3))
            index.add(entry, held[entry])
        for hash_value in {*held.values(), 7}:
            found, position = set(), index.start(hash_value)
            while index.at(position) != kinds.NO_SLOT:
                found.add(index.at(position))
                position = index.step(position)
            assert {entry for entry, at in held.items() if at == hash_value} <= found <= set(held)


@uncompiled
@settings(max_examples=30, derandomize=True)
@given(seed=st.integers(0, 1 << 30), spread=st.sampled_from([40, 300, 5_000]))
def test_ladder_keeps_levels_sorted_while_runs_split_and_join(seed: int, spread: int) -> None:
    choose = random.Random(seed)
    arena = Arena(orders=8_192, levels=8_192, books=1)
    ladder = Ladder(arena, choose.choice((enums.SIDE_BUY, enums.SIDE_SELL)))
    slots: dict[int, int] = {}
    for growing in (True, False, True, False):
        for _ in range(400):
            key = choose.randrange(spread)
            if choose.random() < (0.85 if growing else 0.1):
                ladder.reserve()
                slot = ladder.find_or_add(key)
                assert slots.setdefault(key, slot) == slot
            elif slots:
                key = max(slots) if choose.random() < 0.2 else choose.choice(list(slots))
                ladder.remove(key)
                del slots[key]
            assert ladder.best() == (slots[max(slots)] if slots else kinds.NO_SLOT)
            assert ladder.find(key) == slots.get(key, kinds.NO_SLOT)
        check_ladder(ladder, arena, slots)


def check_ladder(ladder: Ladder, arena: Arena, slots: dict[int, int]) -> None:
    """Compare the ladder with the levels it should have; see that runs stay full enough."""
    walked, level = [], ladder.best()
    while level != kinds.NO_SLOT:
        walked.append(level)
        level = ladder.below(level)
    assert walked == [slots[key] for key in sorted(slots, reverse=True)]
    assert ladder.level_count == arena.live_levels == len(slots)
    counts = [arena.chunk_count[chunk] for chunk in ladder.run[: ladder.run_count]]
    assert sum(counts) == len(slots)
    assert len(counts) == arena.live_chunks
    assert all(max(pair) > 16 for pair in pairwise(counts))


def test_arena_takes_back_all_that_it_gave() -> None:
    choose = random.Random(5)
    arena = Arena(orders=300, levels=300, books=1)
    book = Book(arena, int64_column(64 * tables.BOOK_WORDS))
    resting: list[tuple[int, int]] = []
    for number in range(5_000):
        if len(resting) < 300 and choose.random() < 0.55:
            side = choose.choice((enums.SIDE_BUY, enums.SIDE_SELL))
            resting.append((side, book.add(side, choose.randrange(500), 1, number)))
        elif resting:
            book.cancel(*resting.pop(choose.randrange(len(resting))))
        book.drain()
        assert arena.live_orders == len(resting)
    for side, slot in resting:
        book.cancel(side, slot)
        book.drain()
    assert (arena.live_orders, arena.live_levels, arena.live_chunks) == (0, 0, 0)


def test_full_arena_refuses_orders_and_has_room_again_after_a_cancel() -> None:
    book = arena_book(64, orders=2, levels=2)
    slots = [book.add(enums.SIDE_BUY, price, 1, price) for price in (1, 2)]
    with pytest.raises(MemoryError, match="2 orders, 2 levels"):
        book.add(enums.SIDE_BUY, 3, 1, 3)
    book.cancel(enums.SIDE_BUY, slots[0])
    assert book.add(enums.SIDE_BUY, 3, 1, 3) == slots[0]


@pytest.mark.parametrize("orders", [0, -1, 1 << 30])
def test_arena_of_impossible_size_is_refused(orders: int) -> None:
    with pytest.raises(ValueError, match="orders must be between"):
        Arena(orders=orders)


@pytest.mark.parametrize("length", [0, 1, 7, 100_000])
def test_columns_begin_as_zeros_and_are_writable(length: int) -> None:
    for column, width in ((int64_column(length), 8), (int32_column(length), 4)):
        assert column.itemsize == width
        assert len(column) >= length
        assert not any(column)
        column[0] = -1
        assert column[0] == -1
