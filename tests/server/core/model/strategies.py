"""Which multi-leg order owns which lots of a position, and what closing them has brought.

Fed with fills alone: one long or short queue of lots for each account and instrument.
"""

from dataclasses import dataclass, field

Owner = tuple[int, int]  # multi-leg order id, number of the leg; (0, 0): nobody


@dataclass
class Segment:
    """Lots of one owner that lie side by side in the queue, and what they cost, ticks x lots."""

    owner: Owner
    lots: int
    cost: int

    def take(self, lots: int) -> int:
        """Take lots out; return what they had cost on average, cut towards zero."""
        part = abs(self.cost) * lots // self.lots * (1 if self.cost > 0 else -1)
        self.lots, self.cost = self.lots - lots, self.cost - part
        return part


@dataclass
class Queue:
    """A position: its lots, oldest first, all bought (sign 1) or all sold (-1)."""

    sign: int = 1
    segments: list[Segment] = field(default_factory=list)


@dataclass
class Strategies:
    """What every leg has realised, in ticks x lots, and has open."""

    queues: dict[tuple[int, int], Queue] = field(default_factory=dict)
    realised: dict[Owner, int] = field(default_factory=dict)

    def fill(
        self, place: tuple[int, int], owner: Owner, lots: int, ticks: int, *, reverses: bool = False
    ) -> None:
        """Book a fill of signed lots in a position (account, instrument)."""
        queue = self.queues.setdefault(place, Queue())
        sign, left = (1 if lots > 0 else -1), abs(lots)
        if queue.segments and queue.sign != sign:
            if reverses:
                mine = [one for one in queue.segments if one.owner == owner]
                for segment in reversed(mine):
                    left = self._close(queue, segment, left, ticks)
            for segment in list(queue.segments):
                left = self._close(queue, segment, left, ticks)
        if not left:
            return
        queue.sign = sign
        newest = queue.segments[-1] if queue.segments else None
        if newest is not None and newest.owner == owner:
            newest.lots, newest.cost = newest.lots + left, newest.cost + left * ticks
        else:
            queue.segments.append(Segment(owner, left, left * ticks))

    def _close(self, queue: Queue, segment: Segment, lots: int, ticks: int) -> int:
        part = min(lots, segment.lots)
        if part:
            cost = segment.take(part)
            brought = queue.sign * (ticks * part - cost)
            self.realised[segment.owner] = self.realised.get(segment.owner, 0) + brought
        queue.segments = [one for one in queue.segments if one.lots]
        return lots - part

    def open(self, owner: Owner) -> tuple[int, int]:
        """Return the signed lots that an owner has open, and what they cost, signed alike."""
        found = [
            (queue.sign * one.lots, queue.sign * one.cost)
            for queue in self.queues.values()
            for one in queue.segments
            if one.owner == owner
        ]
        return sum(lots for lots, _cost in found), sum(cost for _lots, cost in found)
