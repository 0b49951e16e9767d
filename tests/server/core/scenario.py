"""Generated sequences of book operations, played on two books at once and made small on failure."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from quantumcore.server.core import enums, kinds, tables
from quantumcore.server.core.book_event import BookEvent
from tests.server.core.books import OrderBook

ADD, LIMIT, MATCH, REDUCE, CANCEL, LEVELS, COUNT = (
    "add",
    "limit",
    "match",
    "reduce",
    "cancel",
    "levels",
    "count",
)
VERBS = (ADD, LIMIT, MATCH, REDUCE, CANCEL, LEVELS, COUNT)
SIDES = (enums.SIDE_BUY, enums.SIDE_SELL)
TRAITS = {"iceberg": tables.TAG_ICEBERG, "guarded": tables.TAG_GUARDED, "pegged": tables.TAG_PEGGED}
FAR = 1 << 62


class Operation(NamedTuple):
    """One thing to do to a book; what does not apply to its state is left out.

    LIMIT matches and rests what is left. REDUCE and CANCEL name the `pick`th resting order,
    LEVELS adds `pick` orders at prices one tick apart, starting at `price`. An order that is
    added has the owner and the traits; a sweep has the owner, and `pick` says what it does
    before an order that stops it: cancel it, trade with it, or end.
    """

    verb: str
    side: int
    price: int
    lots: int
    pick: int
    owner: int = 0
    traits: tuple[str, ...] = ()

    def __str__(self) -> str:
        side = "buy" if self.side == enums.SIDE_BUY else "sell"
        traits = "".join(f"{trait} " for trait in self.traits)
        owner = f", owner {self.owner}" if self.owner else ""
        return f"{self.verb} {traits}{side} {self.lots} @ {self.price} (pick {self.pick}{owner})"

    @property
    def flags(self) -> int:
        """The flags of the tag of an order that is added."""
        return sum(TRAITS[trait] for trait in self.traits) | self.owner << 32


class Player:
    """Plays operations on two books and compares what they report and hold after each."""

    def __init__(self, left: OrderBook, right: OrderBook) -> None:
        self.books = (left, right)
        self.resting: list[tuple[int, int, int]] = []  # side, slot, lots, hidden ones too
        self.place: dict[int, int] = {}
        self.name = 0

    def play(self, operation: Operation) -> str:
        """Return how the books differ after the operation, or nothing."""
        match operation.verb:
            case "add":
                return self._add(operation, operation.price, operation.lots)
            case "limit" | "match":
                left, difference = self._match(operation)
                rests = operation.verb == LIMIT and left > 0 and not difference
                return self._add(operation, operation.price, left) if rests else difference
            case "levels":
                steps = range(operation.pick % 200)
                found = (self._add(operation, operation.price + at, 1) for at in steps)
                return next(filter(None, found), "")
            case "count":
                return self._count(operation)
            case _:
                return self._change(operation)

    def _add(self, operation: Operation, price: int, lots: int) -> str:
        self.name += 1
        side, tag = operation.side, self.name | operation.flags
        shown, peak = lots, 1 + operation.pick % 8
        if "iceberg" in operation.traits:
            shown = min(lots, peak)
        left, right = (book.add(side, price, shown, tag, lots - shown, peak) for book in self.books)
        self.place[left] = len(self.resting)
        self.resting.append((side, left, lots))
        return self._compare("slot", left, right)

    def _match(self, operation: Operation) -> tuple[int, str]:
        left, difference, stopped = operation.lots, "", False
        while left > 0 and not difference:
            before = left
            side, price, owner = operation.side, operation.price, operation.owner
            left, other = (book.match(side, price, before, owner) for book in self.books)
            slot, expected = (book.stopped_at() for book in self.books)
            difference = self._compare("lots left and stop", (left, slot), (other, expected))
            stopped = slot != kinds.NO_SLOT
            if stopped and not difference and operation.pick % 3 < 2:
                left, difference = self._pass(operation, slot, left)
            elif stopped or left == before:
                break
        return left, difference

    def _pass(self, operation: Operation, slot: int, lots: int) -> tuple[int, str]:
        """Cancel the order that stops a sweep, or trade with it; return the lots left."""
        maker_side = SIDES[operation.side == enums.SIDE_BUY]
        if operation.pick % 3 == 0:
            for book in self.books:
                book.cancel(maker_side, slot)
            return lots, self._compare("", 0, 0)
        traded, other = (book.trade(maker_side, slot, lots) for book in self.books)
        return lots - traded, self._compare("lots traded", traded, other)

    def _count(self, operation: Operation) -> str:
        """Compare what both would surely trade."""
        left, right = (
            book.available(
                operation.side,
                operation.price,
                operation.lots,
                operation.owner,
                operation.pick % 2 == 0,
            )
            for book in self.books
        )
        return self._compare("lots available", left, right)

    def _change(self, operation: Operation) -> str:
        if not self.resting:
            return ""
        at = operation.pick % len(self.resting)
        side, slot, leaves = self.resting[at]
        if operation.verb == CANCEL:
            for book in self.books:
                book.cancel(side, slot)
        elif leaves > 1:
            lots = 1 + operation.lots % (leaves - 1)
            for book in self.books:
                book.reduce(side, slot, lots)
            self.resting[at] = (side, slot, leaves - lots)
        return self._compare("", 0, 0)

    def _compare(self, what: str, left: object, right: object) -> str:
        """Compare results and events; follow the resting orders by them."""
        events, expected = (book.drain() for book in self.books)
        if left != right:
            return f"{what}: {left} and {right}"
        if events != expected:
            return f"events:\n  {events}\n  {expected}"
        for event in events:
            self._follow(event)
        return ""

    def _follow(self, event: BookEvent) -> None:
        at = self.place[event.slot]
        side, slot, lots = self.resting[at]
        if event.kind == tables.BOOK_TRADED:
            lots -= event.lots
        elif event.kind == tables.BOOK_REMOVED:
            lots = 0
        if lots > 0:
            self.resting[at] = (side, slot, lots)
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
            if left.firm_price(side) != right.firm_price(side):
                return f"firm price: {left.firm_price(side)} and {right.firm_price(side)}"
            worst = -FAR if side == enums.SIDE_SELL else FAR
            held = [book.available(side, worst, FAR) for book in self.books]
            if held[0] != held[1]:
                return f"hidden lots: {held[0]} and {held[1]}"
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


def flow(
    seed: int, count: int, prices: int, weights: Sequence[int], unusual: float = 0
) -> Iterator[Operation]:
    """Generate operations on `prices` different prices around zero, VERBS as often as weighed.

    `unusual` is the share of them with traits and owners.
    """
    choose = random.Random(seed)
    for verb in choose.choices(VERBS, weights, k=count):
        side = choose.choice(SIDES)
        away = choose.randrange(prices) - prices // 3
        operation = Operation(
            verb=verb,
            side=side,
            price=-away if side == enums.SIDE_BUY else away,
            lots=1 + int(choose.expovariate(0.05)),
            pick=choose.getrandbits(30),
        )
        if unusual and choose.random() < unusual:
            traits = tuple(trait for trait in TRAITS if choose.random() < 0.4)
            operation = operation._replace(owner=choose.randrange(4), traits=traits)
        yield operation
