"""Turn a Bitstamp capture into actions that make a matching engine reproduce its book.

Orders are sent with the limit and size that they were created with, and the engine matches
them itself. The `changed` and `deleted` events by which the feed reports the fills are then
expected, not sent: a shadow of the engine's book tells what it has done already. Whatever
the engine did not do is brought about by a reduction or cancel and counted.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from quantumcore.client.flow.actions import Action, Cancel, New, Reduce, Reprice, Side
from quantumcore.client.flow.bitstamp import (
    OrderEvent,
    OrderEventKind,
    Record,
    VenueSnapshot,
    VenueTrade,
)
from quantumcore.client.flow.deviations import Deviations
from quantumcore.client.flow.shadow import Level, Resting, ShadowBook

_TRADE_SEARCH_RECORDS = 12


class BitstampReason(StrEnum):
    """Why the replay differs from the feed, or what it had to infer."""

    WARM_ORDER = "order from before the capture, inferred from its later events"
    WARM_SIZE_UNKNOWN = "order from before the capture, filled, whose size no trade tells"
    WARM_LEVEL = "size from before the capture, taken from the first snapshot"
    WARM_LEVEL_SHORT = "first snapshot shows less than the events before it imply"
    FILL_CONFIRMED = "fill reported by the feed that the engine had matched by itself"
    FILL_PENDING = "fill that the engine matched before the feed reported all of its steps"
    FILL_FORCED = "fill reported by the feed that the engine could not match"
    CANCEL_OF_FILLED = "cancel reported with a quantity that had traded already"
    REPRICED = "order whose limit the venue moved"
    EVENT_AFTER_END = "event of an order that had ended (delivered out of order)"


class BitstampStep(NamedTuple):
    """A record and what to send for it; the first step has no record but the warm start."""

    record: Record | None
    actions: tuple[Action, ...]


class BitstampFlow:
    """Iterate over the steps of a capture, once.

    With `warm_start`, orders from before the capture are entered first: those that later
    events mention, and at the first snapshot what else it shows. This needs the whole
    capture in memory. Without it the flow is lazy, and their events are counted and skipped.

    `deviations` fills up as the steps are taken; `shadow` is the book that a venue has which
    carried out the actions of all steps taken so far; `disputed` holds the levels at which
    the engine traded more than the feed reports.
    """

    def __init__(self, records: Iterable[Record], *, warm_start: bool = True) -> None:
        self.deviations = Deviations()
        self.shadow = ShadowBook()
        self.disputed: set[tuple[Side, int]] = set()
        self._maker_prices: dict[int, set[int]] = {}
        self._records = list(records) if warm_start else records
        self._warm_start = warm_start
        self._local_ids: dict[int, int] = {}
        self._ended: set[int] = set()
        self._last_local_id = 0
        self._wants_snapshot = warm_start

    def __iter__(self) -> Iterator[BitstampStep]:
        if self._warm_start:
            yield BitstampStep(None, self._send(self._warm_orders()))
        for record in self._records:
            yield BitstampStep(record, self._send(self._actions(record)))

    def _send(self, actions: Iterator[Action]) -> tuple[Action, ...]:
        sent = []
        for action in actions:
            for fill in self.shadow.apply(action):
                self._maker_prices.setdefault(fill.taker_id, set()).add(fill.price_nanos)
            sent.append(action)
        return tuple(sent)

    def _actions(self, record: Record) -> Iterator[Action]:
        match record:
            case OrderEvent():
                return self._order_actions(record)
            case VenueSnapshot() if self._wants_snapshot:
                self._wants_snapshot = False
                return self._snapshot_actions(record)
            case VenueSnapshot() | VenueTrade():
                return iter(())

    def _order_actions(self, event: OrderEvent) -> Iterator[Action]:
        if event.order_id in self._ended:
            self.deviations.add(BitstampReason.EVENT_AFTER_END)
            return
        match event.kind:
            case OrderEventKind.CREATED:
                if event.order_id not in self._local_ids:
                    yield self._new(event, event.remaining_nanos)
            case OrderEventKind.CHANGED:
                yield from self._changed(event)
            case OrderEventKind.DELETED:
                yield from self._deleted(event)

    def _new(self, event: OrderEvent, quantity_nanos: int) -> New:
        new = self._enter(event.side, event.price_nanos, quantity_nanos, event.time_ns)
        self._local_ids[event.order_id] = new.local_id
        return new

    def _enter(self, side: Side, price_nanos: int, quantity_nanos: int, time_ns: int) -> New:
        self._last_local_id += 1
        return New(
            local_id=self._last_local_id,
            side=side,
            price_nanos=price_nanos,
            quantity_nanos=quantity_nanos,
            time_ns=time_ns,
        )

    def _resting(self, event: OrderEvent) -> Resting | None:
        return self.shadow.order(self._local_ids.get(event.order_id, 0))

    def _changed(self, event: OrderEvent) -> Iterator[Action]:
        order = self._resting(event)
        if order is None or order.leaves_nanos < event.remaining_nanos:
            self.deviations.add(BitstampReason.FILL_PENDING)
        elif order.price_nanos != event.price_nanos:
            self.deviations.add(BitstampReason.REPRICED)
            yield Reprice(
                local_id=order.local_id,
                price_nanos=event.price_nanos,
                quantity_nanos=order.traded_nanos + event.remaining_nanos,
                time_ns=event.time_ns,
            )
        elif order.leaves_nanos == event.remaining_nanos:
            self.deviations.add(BitstampReason.FILL_CONFIRMED)
        else:
            self.deviations.add(BitstampReason.FILL_FORCED)
            yield Reduce(
                local_id=order.local_id,
                quantity_nanos=order.traded_nanos + event.remaining_nanos,
                time_ns=event.time_ns,
            )

    def _deleted(self, event: OrderEvent) -> Iterator[Action]:
        self._ended.add(event.order_id)
        order = self._resting(event)
        leaves_nanos = order.leaves_nanos if order else 0
        if event.remaining_nanos > leaves_nanos:
            self.deviations.add(BitstampReason.CANCEL_OF_FILLED)
            self._dispute(event)
        elif event.remaining_nanos < leaves_nanos:
            self.deviations.add(BitstampReason.FILL_FORCED)
        elif leaves_nanos == 0:
            self.deviations.add(BitstampReason.FILL_CONFIRMED)
        if order is not None:
            yield Cancel(local_id=order.local_id, time_ns=event.time_ns)

    def _dispute(self, event: OrderEvent) -> None:
        for price_nanos in self._maker_prices.get(self._local_ids.get(event.order_id, 0), ()):
            self.disputed.add((event.side.opposite, price_nanos))
        self.disputed.add((event.side, event.price_nanos))

    def _warm_orders(self) -> Iterator[Action]:
        """Enter the orders that the capture mentions but does not create, oldest first."""
        records = list(self._records)
        created = {
            record.order_id
            for record in records
            if isinstance(record, OrderEvent) and record.kind is OrderEventKind.CREATED
        }
        first_events: dict[int, tuple[int, OrderEvent]] = {}
        for position, record in enumerate(records):
            if isinstance(record, OrderEvent) and record.order_id not in created:
                first_events.setdefault(record.order_id, (position, record))
        for _, (position, event) in sorted(first_events.items()):
            yield from self._warm_order(records, position, event)

    def _warm_order(
        self, records: list[Record], position: int, event: OrderEvent
    ) -> Iterator[Action]:
        quantity_nanos = event.remaining_nanos
        if quantity_nanos == 0 or event.kind is OrderEventKind.CHANGED:
            quantity_nanos += _traded_near(records, position, event.price_nanos)
        if quantity_nanos == 0:
            self.deviations.add(BitstampReason.WARM_SIZE_UNKNOWN)
            return
        self.deviations.add(BitstampReason.WARM_ORDER)
        start_ns = records[0].time_ns
        yield self._new(event._replace(time_ns=start_ns), quantity_nanos)

    def _snapshot_actions(self, snapshot: VenueSnapshot) -> Iterator[Action]:
        for side, levels in ((Side.BUY, snapshot.bids), (Side.SELL, snapshot.asks)):
            for level in levels:
                yield from self._level_rest(side, level, snapshot.time_ns)

    def _level_rest(self, side: Side, level: Level, time_ns: int) -> Iterator[Action]:
        missing_nanos = level.quantity_nanos - self.shadow.half(side).size_at(level.price_nanos)
        if missing_nanos > 0:
            self.deviations.add(BitstampReason.WARM_LEVEL)
            yield self._enter(side, level.price_nanos, missing_nanos, time_ns)
        elif missing_nanos < 0:
            self.deviations.add(BitstampReason.WARM_LEVEL_SHORT)


def _traded_near(records: list[Record], position: int, price_nanos: int) -> int:
    """Return the quantity of the trade at `price_nanos` that goes with the event at `position`."""
    for record in records[position + 1 : position + 1 + _TRADE_SEARCH_RECORDS]:
        if isinstance(record, VenueTrade) and record.price_nanos == price_nanos:
            return record.quantity_nanos
    return 0
