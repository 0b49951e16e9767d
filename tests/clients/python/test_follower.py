from __future__ import annotations

import zlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumcore.client.enums import Side, TradingPhase
from quantumcore.client.follower import BookFollower, OutOfStep, book_checksum
from quantumcore.v1 import book_pb2

CHANGES = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.integers(-20, 20), st.integers(0, 5)), max_size=8
)
Levels = dict[int, int]


def ordered(bids: Levels, asks: Levels) -> tuple[list[tuple[int, int, int]], ...]:
    return (
        [(price, bids[price], 1) for price in sorted(bids, reverse=True)],
        [(price, asks[price], 1) for price in sorted(asks)],
    )


def update(
    sequence: int,
    changes: list[tuple[int, int, int]],
    checksum: int,
    *,
    previous: int = 0,
    snapshot: bool = False,
    epoch: int = 1,
) -> book_pb2.BookUpdate:
    return book_pb2.BookUpdate(
        instrument_id=7,
        epoch=epoch,
        previous_sequence=previous,
        sequence=sequence,
        snapshot=snapshot,
        changes=[
            book_pb2.BookLevelChange(
                side=side,  # type: ignore[arg-type]
                price=price,
                quantity=quantity,
                order_count=min(quantity, 1),
            )
            for side, price, quantity in changes
        ],
        checksum=checksum,
        phase=3,  # type: ignore[arg-type]
    )


@given(st.lists(CHANGES, min_size=1, max_size=12))
def test_the_book_is_what_the_changes_make_of_it(steps: list[list[tuple[int, int, int]]]) -> None:
    follower = BookFollower(7, depth=0)
    sides: dict[int, Levels] = {1: {}, 2: {}}
    for number, changes in enumerate(steps, start=1):
        for side, price, quantity in changes:
            if quantity:
                sides[side][price] = quantity
            else:
                sides[side].pop(price, None)
        bids, asks = ordered(sides[1], sides[2])
        checksum = book_checksum(bids[:10], asks[:10])
        follower.apply(update(number, changes, checksum, previous=number - 1, snapshot=number == 1))
        assert follower.levels(Side.BUY) == bids
        assert follower.levels(Side.SELL) == asks
        assert follower.touch() == (
            bids[0][:2] if bids else None,
            asks[0][:2] if asks else None,
        )


def test_the_checksum_is_that_of_the_contract() -> None:
    expected = zlib.crc32(
        (100).to_bytes(8, "little", signed=True)
        + (5).to_bytes(8, "little", signed=True)
        + (-101).to_bytes(8, "little", signed=True)
        + (7).to_bytes(8, "little", signed=True)
    )
    assert book_checksum([(100, 5, 1)], [(-101, 7, 2)]) == expected
    assert book_checksum([], []) == 0


def test_a_missing_update_is_noticed() -> None:
    follower = BookFollower(7)
    follower.apply(update(5, [], 0, snapshot=True))
    with pytest.raises(OutOfStep, match="9 does not follow 5"):
        follower.apply(update(9, [], 0, previous=8))


def test_an_update_before_any_snapshot_is_noticed() -> None:
    with pytest.raises(OutOfStep):
        BookFollower(7).apply(update(1, [], 0))


def test_an_update_of_another_epoch_is_noticed() -> None:
    follower = BookFollower(7)
    follower.apply(update(5, [], 0, snapshot=True))
    with pytest.raises(OutOfStep):
        follower.apply(update(6, [], 0, previous=5, epoch=2))


def test_a_wrong_checksum_is_noticed() -> None:
    with pytest.raises(OutOfStep, match="another checksum"):
        BookFollower(7).apply(update(5, [(1, 10, 1)], 1, snapshot=True))


def test_a_snapshot_empties_the_book_first() -> None:
    follower = BookFollower(7)
    follower.apply(update(5, [(1, 10, 1)], book_checksum([(10, 1, 1)], []), snapshot=True))
    follower.apply(update(6, [(2, 12, 3)], book_checksum([], [(12, 3, 1)]), snapshot=True))
    assert follower.touch() == (None, (12, 3))


def test_a_narrow_stream_is_checked_to_its_depth_only() -> None:
    follower = BookFollower(7, depth=1)
    top = [(2_000_000_000, 1_500_000_000, 1)]
    follower.apply(update(5, [(1, 2_000_000_000, 1_500_000_000)], book_checksum(top, []),
                          snapshot=True))  # fmt: skip
    book = follower.book()
    assert [(level.price, level.quantity) for level in book.bids] == [(Decimal(2), Decimal("1.5"))]
    assert (book.sequence, book.phase) == (5, TradingPhase.CONTINUOUS)
