"""Generate realistic two-sided order flow from a seed.

A fair price walks by single ticks. Limit orders arrive around it, most of them close, a few
far out; older ones are crossed as it moves, so that trades also come from resting orders.
Immediate orders take from the touch. The same seed and profile give the same flow for ever:
all arithmetic is on integers and the only source of chance is `random.Random`.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from quantumcore.client.flow.actions import NANOS, Action, Cancel, New, Reduce, Reprice, Side
from quantumcore.client.flow.shadow import Resting, ShadowBook

_WALK_ONE_IN = 16
_FAR_ONE_IN = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticProfile:
    """What the flow is like; the weights are relative intensities.

    The book fills to half of `max_resting_orders` before cancels begin, and stays between
    the two. Raises `ValueError` where a number is out of range.
    """

    tick_nanos: int = NANOS // 100
    lot_nanos: int = NANOS
    mid_nanos: int = 100 * NANOS
    max_order_lots: int = 10
    max_distance_ticks: int = 64
    max_resting_orders: int = 2_000
    mean_interval_ns: int = 10_000
    new_weight: int = 46
    cancel_weight: int = 36
    reduce_weight: int = 4
    reprice_weight: int = 6
    immediate_weight: int = 8

    def __post_init__(self) -> None:
        sizes = (
            self.tick_nanos,
            self.lot_nanos,
            self.max_order_lots,
            self.max_distance_ticks,
            self.max_resting_orders,
            self.mean_interval_ns,
            self.new_weight,
        )
        if min(sizes) < 1:
            raise ValueError("sizes, distances, limits and new_weight must be positive")
        weights = (self.cancel_weight, self.reduce_weight, self.reprice_weight)
        if min(*weights, self.immediate_weight) < 0:
            raise ValueError("weights must not be negative")
        if self.mid_nanos < 4 * self.max_distance_ticks * self.tick_nanos:
            raise ValueError("mid_nanos must be at least four times the greatest distance")

    @property
    def max_price_nanos(self) -> int:
        """Return a price that the flow stays below."""
        ticks = 2 * (self.mid_nanos // self.tick_nanos) + self.max_distance_ticks
        return ticks * self.tick_nanos


class SyntheticFlow:
    """Iterate over actions without end.

    Each iteration starts anew from the seed. Prices are whole ticks, quantities whole lots,
    and every cancel or change names an order that rests in a book which carried out the
    actions before it, under price-time priority and with nobody else trading.
    """

    def __init__(self, seed: int, profile: SyntheticProfile | None = None) -> None:
        self._seed = seed
        self.profile = profile or SyntheticProfile()

    def __iter__(self) -> "SyntheticRun":
        return SyntheticRun(random.Random(self._seed), self.profile)  # noqa: S311 simulation


class SyntheticRun(Iterator[Action]):
    """One iteration; `shadow` is the book that the actions so far have made."""

    def __init__(self, chance: random.Random, profile: SyntheticProfile) -> None:
        self.shadow = ShadowBook()
        self._chance = chance
        self._profile = profile
        self._resting_ids: list[int] = []
        self._fair_ticks = self._start_ticks = profile.mid_nanos // profile.tick_nanos
        self._time_ns = 0
        self._last_local_id = 0
        weights = (
            (self._new, profile.new_weight),
            (self._cancel, profile.cancel_weight),
            (self._reduce, profile.reduce_weight),
            (self._reprice, profile.reprice_weight),
            (self._immediate, profile.immediate_weight),
        )
        self._choices = [make for make, weight in weights for _ in range(weight)]

    def __next__(self) -> Action:
        self._time_ns += 1 + self._chance.randrange(2 * self._profile.mean_interval_ns)
        self._walk()
        action = self._next_action()
        self.shadow.apply(action)
        return action

    def _walk(self) -> None:
        if self._chance.randrange(_WALK_ONE_IN):
            return
        step = 1 if self._chance.getrandbits(1) else -1
        if self._start_ticks // 2 < self._fair_ticks + step < 2 * self._start_ticks:
            self._fair_ticks += step

    def _next_action(self) -> Action:
        if len(self.shadow) >= self._profile.max_resting_orders:
            return self._cancel_any()
        return self._choices[self._chance.randrange(len(self._choices))]()

    def _new(self) -> New:
        side = self._side()
        new = self._order(side, self._price_nanos(side), immediate=False)
        self._resting_ids.append(new.local_id)
        return new

    def _immediate(self) -> New:
        side = self._side()
        best = self.shadow.half(side.opposite).best()
        if best is None:
            return self._new()
        return self._order(side, best.price_nanos, immediate=True)

    def _cancel(self) -> Action:
        if 2 * len(self.shadow) < self._profile.max_resting_orders:
            return self._new()
        return self._cancel_any()

    def _cancel_any(self) -> Action:
        order = self._pick()
        if order is None:
            return self._new()
        return Cancel(local_id=order.local_id, time_ns=self._time_ns)

    def _reduce(self) -> Action:
        order = self._pick()
        if order is None:
            return self._new()
        if order.leaves_nanos <= self._profile.lot_nanos:
            return Cancel(local_id=order.local_id, time_ns=self._time_ns)
        self._resting_ids.append(order.local_id)
        lots = order.leaves_nanos // self._profile.lot_nanos
        leaves_nanos = (1 + self._chance.randrange(lots - 1)) * self._profile.lot_nanos
        return Reduce(
            local_id=order.local_id,
            quantity_nanos=order.traded_nanos + leaves_nanos,
            time_ns=self._time_ns,
        )

    def _reprice(self) -> Action:
        order = self._pick()
        if order is None:
            return self._new()
        self._resting_ids.append(order.local_id)
        price_nanos = self._price_nanos(order.side)
        if price_nanos == order.price_nanos:
            price_nanos += self._profile.tick_nanos
        return Reprice(
            local_id=order.local_id,
            price_nanos=price_nanos,
            quantity_nanos=order.quantity_nanos,
            time_ns=self._time_ns,
        )

    def _pick(self) -> Resting | None:
        """Take a resting order out of the list by chance, dropping those that have ended."""
        ids = self._resting_ids
        while ids:
            position = self._chance.randrange(len(ids))
            ids[position], ids[-1] = ids[-1], ids[position]
            order = self.shadow.order(ids.pop())
            if order is not None:
                return order
        return None

    def _order(self, side: Side, price_nanos: int, *, immediate: bool) -> New:
        self._last_local_id += 1
        lots = 1 + self._chance.randrange(self._profile.max_order_lots)
        return New(
            local_id=self._last_local_id,
            side=side,
            price_nanos=price_nanos,
            quantity_nanos=lots * self._profile.lot_nanos,
            time_ns=self._time_ns,
            immediate=immediate,
        )

    def _side(self) -> Side:
        return Side.BUY if self._chance.getrandbits(1) else Side.SELL

    def _price_nanos(self, side: Side) -> int:
        distance_ticks = self._distance_ticks()
        towards = -1 if side is Side.BUY else 1
        return (self._fair_ticks + towards * distance_ticks) * self._profile.tick_nanos

    def _distance_ticks(self) -> int:
        """Return a distance from the fair price that halves in likelihood every four ticks."""
        greatest = self._profile.max_distance_ticks
        if not self._chance.randrange(_FAR_ONE_IN):
            return 1 + self._chance.randrange(greatest)
        bits = self._chance.getrandbits(32) | 1 << 32
        halvings = (bits & -bits).bit_length() - 1
        return min(1 + 4 * halvings + self._chance.getrandbits(2), greatest)
