"""Which multi-leg order owns which lots of a position, and what closing them has brought.

Fed with fills alone: one long or short queue of lots for each account and instrument. A fill that
is undone or corrected is as if it had never been, or had always been what it is now: `History`
goes through all fills again. One that is forgotten is undone today, at the price that it had.
"""

from dataclasses import dataclass, field

Owner = tuple[int, int]  # multi-leg order id, number of the leg; (0, 0): nobody
Place = tuple[int, int]  # account, instrument
NOBODY = (0, 0)


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
    """What every leg has realised, in ticks x lots, and has open; of nobody for each position."""

    queues: dict[Place, Queue] = field(default_factory=dict)
    realised: dict[tuple[Place, Owner], int] = field(default_factory=dict)

    def fill(
        self,
        place: Place,
        owner: Owner,
        lots: int,
        ticks: int,
        *,
        reverses: bool = False,
        undoes: bool = False,
    ) -> None:
        """Book a fill of signed lots in a position (account, instrument)."""
        queue = self.queues.setdefault(place, Queue())
        sign, left = (1 if lots > 0 else -1), abs(lots)
        if queue.segments and queue.sign != sign:
            if (reverses or undoes) and owner != NOBODY:
                mine = [one for one in queue.segments if one.owner == owner]
                for segment in reversed(mine):
                    left = self._close(place, segment, left, ticks)
            for segment in list(queue.segments):
                left = self._close(place, segment, left, ticks)
        if not left:
            return
        owner = NOBODY if undoes else owner
        queue.sign = sign
        newest = queue.segments[-1] if queue.segments else None
        if newest is not None and newest.owner == owner:
            newest.lots, newest.cost = newest.lots + left, newest.cost + left * ticks
        else:
            queue.segments.append(Segment(owner, left, left * ticks))

    def _close(self, place: Place, segment: Segment, lots: int, ticks: int) -> int:
        queue = self.queues[place]
        part = min(lots, segment.lots)
        if part:
            cost = segment.take(part)
            brought = queue.sign * (ticks * part - cost)
            of = place, segment.owner
            self.realised[of] = self.realised.get(of, 0) + brought
        queue.segments = [one for one in queue.segments if one.lots]
        return lots - part

    def told(self, place: Place, owner: Owner) -> tuple[int, int, int]:
        """Return the signed lots that an owner has open, their cost, signed alike, and realised."""
        queue = self.queues.get(place, Queue())
        mine = [one for one in queue.segments if one.owner == owner]
        return (
            queue.sign * sum(one.lots for one in mine),
            queue.sign * sum(one.cost for one in mine),
            self.realised.get((place, owner), 0),
        )

    def sums(self, place: Place) -> tuple[int, int]:
        """Return all signed lots of a position, and what was paid for all of it so far."""
        owners = {one.owner for one in self.queues.get(place, Queue()).segments}
        owners |= {owner for at, owner in self.realised if at == place}
        told = [self.told(place, owner) for owner in owners]
        return sum(lots for lots, *_ in told), sum(cost - brought for _, cost, brought in told)


@dataclass
class Fill:
    """One side of a trade."""

    place: Place
    owner: Owner
    lots: int
    ticks: int
    reverses: bool = False
    undoes: bool = False


@dataclass
class History:
    """All fills in order of trade, by the sequence of the event that tells what each is now."""

    fills: dict[int, Fill] = field(default_factory=dict)
    is_exact: bool = True
    _order: list[Fill] = field(default_factory=list)

    def add(self, sequence: int, fill: Fill) -> None:
        self.fills[sequence] = fill
        self._order.append(fill)

    def mend(self, before: int, sequence: int, lots: int, ticks: int) -> None:
        """Let a fill that an event told have so many lots, without sign, at a price."""
        fill = self.fills.pop(before)
        fill.lots, fill.ticks = (lots if fill.lots > 0 else -lots), ticks
        if lots:
            self.fills[sequence] = fill
        else:
            self._order = [one for one in self._order if one is not fill]

    def has(self, sequence: int) -> bool:
        """Whether a fill can be as if it had never been; one that was undone today can not."""
        return any(one is self.fills[sequence] for one in self._order)

    def mend_today(self, before: int, sequence: int, lots: int, ticks: int) -> None:
        """Let a fill that is forgotten have so many lots: what is less is undone now."""
        fill = self.fills.pop(before)
        self.is_exact = False
        signed = lots if fill.lots > 0 else -lots
        if lots:
            self.fills[sequence] = Fill(fill.place, fill.owner, signed, ticks)
        if signed != fill.lots:
            undone = Fill(fill.place, fill.owner, signed - fill.lots, fill.ticks, undoes=True)
            self._order.append(undone)

    def strategies(self) -> Strategies:
        """Return what comes of all that stands."""
        found = Strategies()
        for fill in self._order:
            modes = {"reverses": fill.reverses, "undoes": fill.undoes}
            found.fill(fill.place, fill.owner, fill.lots, fill.ticks, **modes)
        return found
