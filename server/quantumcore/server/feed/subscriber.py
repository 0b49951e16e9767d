"""A stream that follows books; when it is slow it skips ahead by snapshots, in bounded memory."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from quantumcore.server.feed.channel import Channel


class Outlet(Protocol):
    """Where encoded updates go."""

    waiting_bytes: int
    overflow: Callable[[], None]
    refill: Callable[[], None]

    def put(self, data: bytes, first_sequence: int = 0) -> None:
        """Let encoded updates wait to be sent."""

    def put_all(self, pieces: list[bytes], first_sequence: int = 0) -> None:
        """Let what happened at once wait in several pieces; each fits a message."""

    def drop(self) -> None:
        """Forget what waits."""

    def wake(self) -> None:
        """Look for something to send."""


class BookSubscriber:
    """Give a stream the updates of its channels.

    A channel is stale where the stream does not hold its last state: at first, and after the
    stream was too slow and what waited was dropped. A stale channel is sent as a snapshot as soon
    as the stream takes more.
    """

    def __init__(self, outlet: Outlet, *, refill_bytes: int) -> None:
        self._outlet = outlet
        self._refill_bytes = refill_bytes
        self._stale: dict[Channel, None] = {}
        self._channels: set[Channel] = set()
        self._started = False
        outlet.overflow = self._fall_behind
        outlet.refill = self._refill

    def join(self, channel: "Channel") -> None:
        """Follow a channel; its snapshot comes first, once `start` is called."""
        channel.subscribers.add(self)
        self._channels.add(channel)
        self._stale[channel] = None

    def start(self) -> None:
        """Begin to send: all that the snapshots show is published."""
        self._started = True
        self._outlet.wake()

    def leave(self) -> "set[Channel]":
        """Follow nothing any more; return what was followed."""
        for channel in self._channels:
            channel.subscribers.discard(self)
        return self._channels

    def update(self, channel: "Channel", data: bytes) -> None:
        """Take one encoded update of a channel."""
        if channel not in self._stale:
            self._outlet.put(data)

    def _refill(self) -> None:
        while self._started and self._stale and self._outlet.waiting_bytes < self._refill_bytes:
            channel = next(iter(self._stale))
            del self._stale[channel]
            self._outlet.put_all(channel.snapshot())

    def _fall_behind(self) -> None:
        self._outlet.drop()
        self._stale = dict.fromkeys(self._channels)
