from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumcore.client.enums import Side, TradingPhase
from quantumcore.client.follower import OutOfStep, book_checksum
from quantumcore.client.market import BookLevel
from quantumcore.client.order_follower import OrderFollower
from quantumcore.v1 import book_pb2

BUY, SELL = 1, 2
TO_BACK, IN_PLACE = 1, 2
Change = tuple[int, int, int, int, int]
"""Side, order, price, quantity, action."""
NANOS = 10**9


class Queues:
    """A book by order as plain lists; what the follower is held against."""

    def __init__(self) -> None:
        self.orders: list[list[int]] = []
        """Side, price, order and quantity, in order of priority at each price."""

    def add(self, side: int, price: int, order_id: int, quantity: int) -> Change:
        self.orders.append([side, price, order_id, quantity])
        return side, order_id, price, quantity, TO_BACK

    def move_back(self, index: int) -> Change:
        side, price, order_id, quantity = order = self.orders.pop(index)
        self.orders.append(order)
        return side, order_id, price, quantity, TO_BACK

    def resize(self, index: int, quantity: int) -> Change:
        order = self.orders[index]
        order[3] = quantity
        if not quantity:
            del self.orders[index]
        return order[0], order[2], order[1], quantity, IN_PLACE

    def queue(self, side: int, price: int) -> list[tuple[int, int]]:
        return [(one[2], one[3]) for one in self.orders if one[:2] == [side, price]]

    def levels(self, side: int) -> list[tuple[int, int, int]]:
        prices = sorted({one[1] for one in self.orders if one[0] == side}, reverse=side == BUY)
        found = []
        for price in prices:
            shown = [quantity for _, quantity in self.queue(side, price)]
            found.append((price, sum(shown), len(shown)))
        return found

    def checksum(self) -> int:
        return book_checksum(self.levels(BUY)[:10], self.levels(SELL)[:10])


def update(
    sequence: int,
    changes: list[Change],
    checksum: int,
    *,
    previous: int = 0,
    snapshot: bool = False,
    partial: bool = False,
) -> book_pb2.BookUpdate:
    return book_pb2.BookUpdate(
        instrument_id=7,
        epoch=1,
        previous_sequence=previous,
        sequence=sequence,
        snapshot=snapshot,
        partial=partial,
        order_changes=[
            book_pb2.BookOrderChange(
                side=side,  # type: ignore[arg-type]
                order_id=order_id,
                price=price,
                quantity=quantity,
                action=action,  # type: ignore[arg-type]
            )
            for side, order_id, price, quantity, action in changes
        ],
        checksum=checksum,
        phase=3,  # type: ignore[arg-type]
    )


@given(st.data())
def test_the_book_is_what_the_changes_make_of_it(data: st.DataObject) -> None:
    model, follower = Queues(), OrderFollower(7)
    for sequence in range(1, 15):
        changes = []
        for number in range(data.draw(st.integers(0, 4), label="changes")):
            step = data.draw(st.sampled_from(["add", "back", "resize"]), label="step")
            index = data.draw(st.integers(0, max(0, len(model.orders) - 1)), label="index")
            if step == "add" or not model.orders:
                side, price = data.draw(st.tuples(st.sampled_from([BUY, SELL]), st.integers(1, 14)))
                changes.append(model.add(side, price, sequence * 10 + number, 5))
            elif step == "back":
                changes.append(model.move_back(index))
            else:
                changes.append(model.resize(index, data.draw(st.integers(0, 6))))
        follower.apply(
            update(sequence, changes, model.checksum(), previous=sequence - 1,
                   snapshot=sequence == 1)
        )  # fmt: skip
        for side in (Side.BUY, Side.SELL):
            assert follower.levels(side) == model.levels(side)
            for price, _, _ in model.levels(side):
                assert follower.queue(side, price) == model.queue(side, price)


def started() -> tuple[OrderFollower, Queues]:
    """Follow a book with two bids at 10 and one ask at 12."""
    model, follower = Queues(), OrderFollower(7)
    rows = [(BUY, 10, 1, 5), (BUY, 10, 2, 6), (SELL, 12, 3, 7)]
    changes = [
        model.add(side, price * NANOS, order, lots * NANOS) for side, price, order, lots in rows
    ]
    follower.apply(update(5, changes, model.checksum(), snapshot=True))
    return follower, model


def test_the_book_by_order_shows_priority_and_sums_to_the_book_by_price() -> None:
    follower, model = started()
    follower.apply(update(6, [model.move_back(0)], model.checksum(), previous=5))
    book = follower.book()
    assert [(one.order_id, int(one.quantity)) for one in book.bids] == [(2, 6), (1, 5)]
    assert (book.sequence, book.epoch, book.phase) == (6, 1, TradingPhase.CONTINUOUS)
    by_price = book.by_price()
    assert by_price.bids == (BookLevel(price=Decimal(10), quantity=Decimal(11), order_count=2),)
    assert by_price.asks == (BookLevel(price=Decimal(12), quantity=Decimal(7), order_count=1),)
    assert by_price.checksum == book.checksum


def test_an_order_that_changes_price_leaves_the_old_one_first() -> None:
    follower, model = started()
    leaves = model.resize(0, 0)
    comes = model.add(BUY, 11 * NANOS, 1, 5 * NANOS)
    follower.apply(update(6, [leaves, comes], model.checksum(), previous=5))
    assert [one.order_id for one in follower.book().bids] == [1, 2]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((BUY, 9, 10 * NANOS, 5, IN_PLACE), "order 9 changes, and is not in the book"),
        ((BUY, 9, 10 * NANOS, 0, IN_PLACE), "order 9 changes, and is not in the book"),
        ((BUY, 1, 11 * NANOS, 5, TO_BACK), "order 1 is in the book at another price or side"),
        ((SELL, 1, 10 * NANOS, 5, IN_PLACE), "order 1 is in the book at another price or side"),
    ],
)
def test_what_cannot_be_is_out_of_step(change: Change, says: str) -> None:
    follower, _ = started()
    with pytest.raises(OutOfStep, match=says):
        follower.apply(update(6, [change], 0, previous=5))


def test_a_wrong_checksum_and_a_missing_update_are_noticed() -> None:
    follower, _ = started()
    with pytest.raises(OutOfStep, match="9 does not follow 5"):
        follower.apply(update(9, [], 0, previous=8))
    with pytest.raises(OutOfStep, match="another checksum"):
        follower.apply(update(6, [(BUY, 1, 10 * NANOS, 4, IN_PLACE)], 1, previous=5))


def test_a_snapshot_in_parts_is_whole_and_checked_after_the_last_one() -> None:
    model, follower = Queues(), OrderFollower(7)
    first = model.add(BUY, 10, 1, 5)
    second = model.add(SELL, 12, 2, 5)
    whole = model.checksum()
    stages = []
    for part in (
        update(5, [first], whole, snapshot=True, partial=True),
        update(5, [second], whole, previous=5),
    ):
        follower.apply(part)
        stages.append(follower.whole)
    assert stages == [False, True]
    assert [one.order_id for one in follower.book().asks] == [2]


def test_a_new_snapshot_empties_the_book_first() -> None:
    follower, _ = started()
    model = Queues()
    change = model.add(SELL, 15, 9, 1)
    follower.apply(update(20, [change], model.checksum(), snapshot=True))
    assert follower.touch() == (None, (15, 1))
    assert follower.queue(Side.BUY, 10 * NANOS) == []
