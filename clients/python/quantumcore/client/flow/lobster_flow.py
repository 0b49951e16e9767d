"""Turn a LOBSTER recording into actions that make a matching engine reproduce its touch.

New orders, reductions and deletions are sent as such. An execution becomes an immediate
order of the opposite side at that price and size, which the engine matches with whatever is
first in its queue. In a level-1 extract an order is seen only while it is at the touch, so
when the touch falls back, the level that it falls back to is *adopted*: its size is taken
from the order book file, its queue from the messages of the following stay at that price.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from quantumcore.client.flow.actions import Action, Cancel, New, Reduce, Side
from quantumcore.client.flow.deviations import Deviations
from quantumcore.client.flow.lobster import Message, MessageType, Touch
from quantumcore.client.flow.shadow import Level, Resting, ShadowBook

_ENDING = (MessageType.PARTIAL_CANCEL, MessageType.DELETE, MessageType.EXECUTION)
_ANONYMOUS = 0


class LobsterReason(StrEnum):
    """Why the replay differs from the recording, or what it had to infer."""

    ADOPTED_LEVEL = "touch fell back to a level that the extract had not shown; adopted"
    ADOPTED_ORDER = "order of an adopted level that later messages name"
    ADOPTED_REST = "rest of an adopted level that no message of that stay names"
    GONE_BEHIND_TOUCH = "order that had left the book while behind the touch; cancelled late"
    CHANGED_BEHIND_TOUCH = "order that had shrunk while behind the touch; re-entered"
    ENDED_BEHIND_TOUCH = "end of an order that is not in our book"
    PRIORITY_DIFFERS = "order before an executed one in our queue; moved to the back"
    HIDDEN_EXECUTION = "execution of a hidden order; no effect on the visible book"
    CROSS_TRADE = "auction trade; no effect on the visible book"
    HALT = "trading halt or resumption; no effect on the visible book"


class LobsterStep(NamedTuple):
    """A message and what to send for it."""

    message: Message
    actions: tuple[Action, ...]


class _Member(NamedTuple):
    """An order that a level must hold."""

    order_id: int
    quantity_nanos: int


class LobsterFlow:
    """Iterate over the steps of a recording, once; it is held in memory to look ahead.

    `deviations` fills up as the steps are taken; `shadow` is the book that a venue has which
    carried out the actions of all steps taken so far. Raises `ValueError` where the files
    have different lengths.
    """

    def __init__(self, messages: Iterable[Message], touches: Iterable[Touch]) -> None:
        self.deviations = Deviations()
        self.shadow = ShadowBook()
        self._messages = list(messages)
        self._touches = list(touches)
        if len(self._messages) != len(self._touches):
            raise ValueError(
                f"{len(self._messages)} messages but {len(self._touches)} order book lines"
            )
        self._stay_ends = {side: _stay_ends(self._touches, side) for side in Side}
        self._fall_backs = {side: _fall_backs(self._touches, side) for side in Side}
        self._local_ids: dict[int, int] = {}
        self._order_ids: dict[int, int] = {}
        self._last_local_id = 0

    def __iter__(self) -> Iterator[LobsterStep]:
        for row, message in enumerate(self._messages):
            actions = []
            for action in self._row_actions(row, message):
                self.shadow.apply(action)
                actions.append(action)
            yield LobsterStep(message, tuple(actions))

    def _row_actions(self, row: int, message: Message) -> Iterator[Action]:
        if row:
            yield from self._message_actions(message)
        for side, rows in self._fall_backs.items():
            if row in rows:
                yield from self._adopt(row, side)

    def _message_actions(self, message: Message) -> Iterator[Action]:
        match message.type:
            case MessageType.NEW:
                yield self._enter(message, message.order_id, message.quantity_nanos)
            case MessageType.PARTIAL_CANCEL:
                yield from self._shrink(message)
            case MessageType.DELETE:
                yield from self._delete(message)
            case MessageType.EXECUTION:
                yield from self._execution(message)
            case MessageType.HIDDEN_EXECUTION:
                self.deviations.add(LobsterReason.HIDDEN_EXECUTION)
            case MessageType.CROSS_TRADE:
                self.deviations.add(LobsterReason.CROSS_TRADE)
            case MessageType.HALT:
                self.deviations.add(LobsterReason.HALT)

    def _enter(self, at: Message, order_id: int, quantity_nanos: int) -> New:
        new = New(
            local_id=self._next_local_id(order_id),
            side=at.side,
            price_nanos=at.price_nanos,
            quantity_nanos=quantity_nanos,
            time_ns=at.time_ns,
        )
        self._local_ids[order_id] = new.local_id
        return new

    def _next_local_id(self, order_id: int) -> int:
        self._last_local_id += 1
        self._order_ids[self._last_local_id] = order_id
        return self._last_local_id

    def _resting(self, order_id: int) -> Resting | None:
        return self.shadow.order(self._local_ids.get(order_id, 0))

    def _shrink(self, message: Message) -> Iterator[Action]:
        order = self._resting(message.order_id)
        if order is None:
            self.deviations.add(LobsterReason.ENDED_BEHIND_TOUCH)
            return
        quantity_nanos = order.quantity_nanos - message.quantity_nanos
        yield Reduce(
            local_id=order.local_id, quantity_nanos=quantity_nanos, time_ns=message.time_ns
        )

    def _delete(self, message: Message) -> Iterator[Action]:
        order = self._resting(message.order_id)
        if order is None:
            self.deviations.add(LobsterReason.ENDED_BEHIND_TOUCH)
            return
        yield Cancel(local_id=order.local_id, time_ns=message.time_ns)

    def _execution(self, message: Message) -> Iterator[Action]:
        yield from self._bring_to_front(message)
        yield New(
            local_id=self._next_local_id(_ANONYMOUS),
            side=message.side.opposite,
            price_nanos=message.price_nanos,
            quantity_nanos=message.quantity_nanos,
            time_ns=message.time_ns,
            immediate=True,
        )

    def _bring_to_front(self, message: Message) -> Iterator[Action]:
        """Move what our queue holds before an executed order to the back."""
        queue = self.shadow.half(message.side).queue_at(message.price_nanos)
        named = self._resting(message.order_id)
        if named is None or named.price_nanos != message.price_nanos:
            self.deviations.add(LobsterReason.ENDED_BEHIND_TOUCH)
            return
        for order in queue[: queue.index(named)]:
            self.deviations.add(LobsterReason.PRIORITY_DIFFERS)
            yield Cancel(local_id=order.local_id, time_ns=message.time_ns)
            yield self._enter(message, self._order_ids[order.local_id], order.leaves_nanos)

    def _adopt(self, row: int, side: Side) -> Iterator[Action]:
        """Make our level at the touch of `row` what the recording says it is."""
        level = self._touches[row].of(side)
        time_ns = self._messages[row].time_ns
        yield from self._clear_better(side, level, time_ns)
        if level is None:
            return
        self.deviations.add(LobsterReason.ADOPTED_LEVEL)
        resting = self.shadow.half(side).queue_at(level.price_nanos)
        members = self._members(row, side, level, resting)
        kept = self._kept(resting, members)
        for order in resting[kept:]:
            yield Cancel(local_id=order.local_id, time_ns=time_ns)
        at = self._messages[row]._replace(side=side, price_nanos=level.price_nanos)
        for member in members[kept:]:
            yield self._enter(at, member.order_id, member.quantity_nanos)

    def _clear_better(self, side: Side, level: Level | None, time_ns: int) -> Iterator[Action]:
        """Cancel orders in front of the touch: they went while the extract did not show them."""
        half = self.shadow.half(side)
        while (best := half.best()) is not None and best.price_nanos != (
            level.price_nanos if level else None
        ):
            if level is not None and not half.reaches(level.price_nanos, best.price_nanos):
                return
            for order in half.queue_at(best.price_nanos):
                self.deviations.add(LobsterReason.GONE_BEHIND_TOUCH)
                yield Cancel(local_id=order.local_id, time_ns=time_ns)

    def _members(
        self, row: int, side: Side, level: Level, resting: Sequence[Resting]
    ) -> list[_Member]:
        """Return the queue of an adopted level: named orders by age, then the anonymous rest."""
        named, deleted = self._named(row, side, level.price_nanos)
        rest_nanos = level.quantity_nanos - sum(named.values())
        last_named = max(named, default=0)
        for order in resting:
            order_id = self._order_ids[order.local_id]
            if order_id in deleted:
                continue
            extra_nanos = order.leaves_nanos - named.get(order_id, 0)
            if 0 < extra_nanos <= rest_nanos and (order_id in named or order_id > last_named):
                named[order_id] = order.leaves_nanos
                rest_nanos -= extra_nanos
        members = [_Member(*item) for item in sorted(named.items()) if item[0] != _ANONYMOUS]
        rest_nanos += named.get(_ANONYMOUS, 0)
        if rest_nanos > 0:
            self.deviations.add(LobsterReason.ADOPTED_REST)
            members.append(_Member(_ANONYMOUS, rest_nanos))
        return members

    def _named(self, row: int, side: Side, price_nanos: int) -> tuple[dict[int, int], set[int]]:
        """Return what the stay that begins at `row` takes from orders that it does not enter.

        The second value holds those that it deletes, whose quantity is thereby exact.
        """
        named: dict[int, int] = {}
        deleted: set[int] = set()
        entered: set[int] = set()
        first = row + 1 if row else 0
        for message in self._messages[first : self._stay_ends[side][row] + 1]:
            if message.side is not side or message.price_nanos != price_nanos:
                continue
            if message.type is MessageType.NEW:
                entered.add(message.order_id)
            elif message.type in _ENDING and message.order_id not in entered:
                named[message.order_id] = named.get(message.order_id, 0) + message.quantity_nanos
                if message.type is MessageType.DELETE:
                    deleted.add(message.order_id)
        return named, deleted

    def _kept(self, resting: Sequence[Resting], members: Sequence[_Member]) -> int:
        """Return how many orders from the front already stand as they must."""
        kept = 0
        for order, member in zip(resting, members, strict=False):
            same_order = self._order_ids[order.local_id] == member.order_id
            if not same_order or order.leaves_nanos != member.quantity_nanos:
                break
            kept += 1
        for order in resting[kept:]:
            gone = all(m.order_id != self._order_ids[order.local_id] for m in members)
            self.deviations.add(
                LobsterReason.GONE_BEHIND_TOUCH if gone else LobsterReason.CHANGED_BEHIND_TOUCH
            )
        self.deviations.add(
            LobsterReason.ADOPTED_ORDER,
            sum(member.order_id != _ANONYMOUS for member in members[kept:]),
        )
        return kept


def fell_back(before: Touch, after: Touch, side: Side) -> bool:
    """Tell whether the touch of `side` moved away from the other side, or vanished."""
    old, new = before.of(side), after.of(side)
    if new is None or old is None:
        return old is not None
    if side is Side.BUY:
        return new.price_nanos < old.price_nanos
    return new.price_nanos > old.price_nanos


def _fall_backs(touches: Sequence[Touch], side: Side) -> set[int]:
    """Return the rows at which the touch of `side` fell back, the first row included."""
    rows = range(1, len(touches))
    return {0} | {row for row in rows if fell_back(touches[row - 1], touches[row], side)}


def _stay_ends(touches: Sequence[Touch], side: Side) -> list[int]:
    """Return for each row the row at which the touch price of `side` next changes."""
    levels = [touch.of(side) for touch in touches]
    prices = [level and level.price_nanos for level in levels]
    ends = [len(prices) - 1] * len(prices)
    for row in range(len(prices) - 2, -1, -1):
        ends[row] = ends[row + 1] if prices[row] == prices[row + 1] else row + 1
    return ends
