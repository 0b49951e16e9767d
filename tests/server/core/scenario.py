"""Generated sequences of book operations, played on two books at once and made small on failure."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from quantumcore.server.core import kinds
from tests.server.core.books import OrderBook

ADD, LIMIT, MATCH, REDUCE, CANCEL, LEVELS = "add", "limit", "match", "reduce", "cancel", "levels"
VERBS = (ADD, LIMIT, MATCH, REDUCE, CANCEL, LEVELS)
SIDES = (kinds.SIDE_BUY, kinds.SIDE_SELL)


class Operation(NamedTuple):
    """One thing to do to a book; what does not apply to its state is left out.

    LIMIT matches and rests what is left. REDUCE and CANCEL name the `pick`th resting order,
    LEVELS adds `pick` orders at prices one tick apart, starting at `price`.
    """

    verb: str
    side: int
    price: int
    lots: int
    pick: int

    def __str__(self) -> str:
        side = "buy" if self.side == kinds.SIDE_BUY else "sell"
        return f"{self.verb} {side} {self.lots} @ {self.price} (pick {self.pick})"


class Player:
    """Plays operations on two books and compares what they report and hold after each."""

    def __init__(self, left: OrderBook, right: OrderBook) -> None:
        self.books = (left, right)
        self.resting: list[tuple[int, int, int]] = []  # side, slot, leaves
        self.place: dict[int, int] = {}
        self.tag = 0

    def play(self, operation: Operation) -> str:
        """Return how the books differ after the operation, or nothing."""
        match operation.verb:
            case "add":
                return self._add(operation.side, operation.price, operation.lots)
            case "limit":
                left, difference = self._match(operation)
                if difference or left == 0:
                    return difference
                return self._add(operation.side, operation.price, left)
            case "match":
                return self._match(operation)[1]
            case "levels":
                steps = range(operation.pick % 200)
                found = (self._add(operation.side, operation.price + at, 1) for at in steps)
                return next(filter(None, found), "")
            case _:
                return self._change(operation)

    def _add(self, side: int, price: int, lots: int) -> str:
        self.tag += 1
        left, right = (book.add(side, price, lots, self.tag) for book in self.books)
        self.place[left] = len(self.resting)
        self.resting.append((side, left, lots))
        return self._compare("slot", left, right)

    def _match(self, operation: Operation) -> tuple[int, str]:
        left, difference = operation.lots, ""
        while left > 0 and not difference:
            before = left
            side, price = operation.side, operation.price
            left, other = (book.match(side, price, before) for book in self.books)
            difference = self._compare("lots left", left, other)
            if left == before:
                break
        return left, difference

    def _change(self, operation: Operation) -> str:
        if not self.resting:
            return ""
        side, slot, leaves = self.resting[operation.pick % len(self.resting)]
        if operation.verb == CANCEL:
            for book in self.books:
                book.cancel(side, slot)
        elif leaves > 1:
            lots = 1 + operation.lots % (leaves - 1)
            for book in self.books:
                book.reduce(side, slot, lots)
        return self._compare("", 0, 0)

    def _compare(self, what: str, left: int, right: int) -> str:
        """Compare results and events; follow the resting orders by them."""
        events, expected = (book.drain() for book in self.books)
        if left != right:
            return f"{what}: {left} and {right}"
        if events != expected:
            return f"events:\n  {events}\n  {expected}"
        for event in events:
            self._follow(event.slot, event.leaves)
        return ""

    def _follow(self, slot: int, leaves: int) -> None:
        at = self.place[slot]
        if leaves > 0:
            self.resting[at] = (self.resting[at][0], slot, leaves)
            return
        last = self.resting.pop()
        del self.place[slot]
        if last[1] != slot:
            self.resting[at] = last
            self.place[last[1]] = at

    def difference_at_rest(self) -> str:
        """Return how what the books hold differs, or nothing."""
        left, right = self.books
        for side in SIDES:
            if left.queue(side) != right.queue(side):
                return f"queue of side {side}:\n  {left.queue(side)}\n  {right.queue(side)}"
            if left.depth(side) != right.depth(side):
                return f"depth of side {side}:\n  {left.depth(side)}\n  {right.depth(side)}"
        return ""


NewPlayer = Callable[[], Player]


def difference(new_player: NewPlayer, operations: Sequence[Operation], every: int = 1) -> str:
    """Return the first difference that operations bring out, looking at rest `every` so many."""
    player = new_player()
    for number, operation in enumerate(operations, 1):
        found = player.play(operation)
        if not found and (number % every == 0 or number == len(operations)):
            found = player.difference_at_rest()
        if found:
            return f"after operation {number} ({operation}): {found}"
    return ""


def smallest(new_player: NewPlayer, operations: list[Operation]) -> list[Operation]:
    """Leave out whatever can be left out so that the books still differ."""
    size = len(operations) // 2
    while size > 0:
        at = 0
        while at < len(operations):
            shorter = operations[:at] + operations[at + size :]
            if difference(new_player, shorter):
                operations = shorter
            else:
                at += size
        size //= 2
    return operations


def explain(new_player: NewPlayer, operations: list[Operation]) -> str:
    """Return the smallest scenario that shows a difference, readable, or nothing."""
    if not difference(new_player, operations, every=1 << 12):
        return ""
    few = smallest(new_player, operations)
    lines = [f"  {operation}" for operation in few]
    return "\n".join(["the books differ:", *lines, difference(new_player, few)])


def flow(seed: int, count: int, prices: int, weights: Sequence[int]) -> Iterator[Operation]:
    """Generate operations on `prices` different prices around zero, VERBS as often as weighed."""
    choose = random.Random(seed)
    for verb in choose.choices(VERBS, weights, k=count):
        side = choose.choice(SIDES)
        away = choose.randrange(prices) - prices // 3
        yield Operation(
            verb=verb,
            side=side,
            price=-away if side == kinds.SIDE_BUY else away,
            lots=1 + int(choose.expovariate(0.05)),
            pick=choose.getrandbits(30),
        )
