"""Follow the books of all instruments and feed the channels that somebody follows."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.feed.channel import Channel, ChannelKey, OrderChannel
from quantumcore.server.feed.conflation import Conflation, Position
from quantumcore.server.feed.mirror import LevelChange, Mirror, Step
from quantumcore.server.feed.order_mirror import OrderMirror
from quantumcore.server.feed.scan_cy import LastChange, Notice, last_changes
from quantumcore.server.feed.subscriber import BookSubscriber

LOW_32 = 0xFFFF_FFFF
SIDES = (enums.SIDE_BUY, enums.SIDE_SELL)


class Books:
    """Channels by key, fed with published turns."""

    def __init__(
        self,
        exchange: Exchange,
        position: Position,
        last_changes: dict[int, LastChange],
        *,
        epoch: int,
    ) -> None:
        self.epoch = epoch
        self._exchange = exchange
        self._position = position
        self._last = last_changes
        self._mirrors: dict[int, Mirror] = {}
        self._order_mirrors: dict[int, OrderMirror] = {}
        self._conflations: dict[ChannelKey, Conflation] = {}
        self._channels: dict[ChannelKey, Channel] = {}

    def last_change(self, instrument_id: int) -> LastChange:
        """Return the last event that changed the book; zeros where none has."""
        none = LastChange(0, 0)
        return max(self._last.get(instrument_id | side << 32, none) for side in SIDES)

    def publish(
        self, levels: memoryview, results: memoryview, notices: list[Notice], time_ns: int
    ) -> None:
        """Take a stored turn."""
        self._last.update(last_changes(levels, time_ns))
        if self._mirrors or self._order_mirrors:
            self._advance_mirrors(levels, results, notices, time_ns)
        if self._conflations:
            self._wake_conflations(levels, notices)

    async def join(self, key: ChannelKey, subscriber: BookSubscriber) -> None:
        """Let a stream follow a book, once all that its first snapshot shows is published."""
        channel = self._channels.get(key)
        if channel is None:
            self._position.flush()
            channel = self._channels[key] = self._new_channel(key)
        subscriber.join(channel)
        await self._position.published(channel.sequence)

    def leave(self, subscriber: BookSubscriber) -> None:
        """Let a stream go, and forget channels that nobody follows."""
        for channel in subscriber.leave():
            if not channel.subscribers:
                self._forget(channel)

    def close(self) -> None:
        """Stop all conflation."""
        for conflation in self._conflations.values():
            conflation.stop()

    def _new_channel(self, key: ChannelKey) -> Channel:
        if key.by_order:
            return self._new_order_channel(key)
        if not key.every_update:
            conflation = Conflation(self._exchange, self._position, key, epoch=self.epoch)
            self._conflations[key] = conflation
            return conflation.channel
        mirror = self._mirrors.get(key.instrument_id)
        if mirror is None:
            mirror = Mirror(self._exchange, key.instrument_id)
            self._mirrors[key.instrument_id] = mirror
        channel = Channel(
            key,
            mirror,
            epoch=self.epoch,
            sequence=self._exchange.sequence,
            time_ns=self._exchange.time_ns,
        )
        mirror.channels.append(channel)
        return channel

    def _new_order_channel(self, key: ChannelKey) -> OrderChannel:
        mirror = self._order_mirrors[key.instrument_id] = OrderMirror(
            self._exchange, key.instrument_id
        )
        channel = OrderChannel(
            key,
            mirror,
            epoch=self.epoch,
            sequence=self._exchange.sequence,
            time_ns=self._exchange.time_ns,
        )
        mirror.channels.append(channel)
        return channel

    def _forget(self, channel: Channel) -> None:
        key = channel.key
        del self._channels[key]
        if key.by_order:
            del self._order_mirrors[key.instrument_id]
            return
        if not key.every_update:
            self._conflations.pop(key).stop()
            return
        mirror = self._mirrors[key.instrument_id]
        mirror.channels.remove(channel)
        if not mirror.channels:
            del self._mirrors[key.instrument_id]

    def _followers(self, instrument_id: int) -> Iterator[Mirror | OrderMirror]:
        for mirrors in (self._mirrors, self._order_mirrors):
            if instrument_id in mirrors:
                yield mirrors[instrument_id]

    def _advance_mirrors(
        self, levels: memoryview, results: memoryview, notices: list[Notice], time_ns: int
    ) -> None:
        ends = _command_ends(results)
        steps: defaultdict[int, defaultdict[int, Step]] = defaultdict(partial(defaultdict, Step))
        for instrument_id, change in self._mirrored(levels):
            command = bisect_left(ends, change.sequence)
            steps[instrument_id][command].changes.append(change)
        for notice in notices:
            if notice.kind == kinds.PHASE_CHANGED:
                command = bisect_left(ends, notice.sequence)
                steps[notice.subject][command].phase = notice.value & 0xFF
        for instrument_id, by_command in steps.items():
            for mirror in self._followers(instrument_id):
                for command in sorted(by_command):
                    mirror.advance(by_command[command], ends[command], time_ns)

    def _mirrored(self, levels: memoryview) -> Iterator[tuple[int, LevelChange]]:
        """Yield the level changes of followed books, in order."""
        words = levels.tolist()
        followed = self._mirrors.keys() | self._order_mirrors.keys()
        for at in range(0, len(words), kinds.LEVEL_WORDS):
            instrument_id = words[at] & LOW_32
            if instrument_id in followed:
                yield instrument_id, _level_change(words[at : at + kinds.LEVEL_WORDS])

    def _wake_conflations(self, levels: memoryview, notices: list[Notice]) -> None:
        keys = levels[kinds.LEVEL_INSTRUMENT :: kinds.LEVEL_WORDS].tolist()
        touched = {key & LOW_32 for key in set(keys)}
        touched.update(notice.subject for notice in notices if notice.kind == kinds.PHASE_CHANGED)
        for key, conflation in self._conflations.items():
            if key.instrument_id in touched:
                conflation.wake()


def _level_change(row: list[int]) -> LevelChange:
    key, price, quantity, orders, sequence, order_id, order_quantity = row
    return LevelChange(
        side=key >> 32 & 0xFF,
        level=(price, quantity, orders if quantity else 0),
        sequence=sequence,
        action=key >> kinds.LEVEL_ACTION,
        order_id=order_id,
        order_quantity=order_quantity,
    )


def _command_ends(results: memoryview) -> list[int]:
    """Return the last sequence of every command of a turn that did something, ascending."""
    states = results[kinds.RESULT_STATE :: kinds.RESULT_WORDS].tolist()
    sequences = results[kinds.RESULT_SEQUENCE :: kinds.RESULT_WORDS].tolist()
    return [
        sequence for state, sequence in zip(states, sequences, strict=True) if not state >> 8 & 0xFF
    ]
