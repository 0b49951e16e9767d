"""Tell everybody who follows what a stored turn has changed."""

from collections.abc import Callable
from itertools import pairwise

from quantumcore.server.api.outbox import Outbox
from quantumcore.server.api.turn import Turn
from quantumcore.server.api.wire.order_wire_cy import encode_executions
from quantumcore.server.feed.books import Books
from quantumcore.server.feed.scan_cy import Notice, cut, scan, survey
from quantumcore.server.feed.tape import Tape

PIECE_WORDS = 32 * 1024

NoticeListener = Callable[[list[Notice], int], None]


class Publisher:
    """Hand each stored turn to executions, tape, books, and whoever listens to notices.

    `sequence` and `time_ns` are how far publishing has come.
    """

    def __init__(
        self, tape: Tape, books: Books, *, time_ns: int, sequence: int, trade_count: int
    ) -> None:
        self.tape = tape
        self.books = books
        self.time_ns = time_ns
        self.sequence = sequence
        self.trade_count = trade_count
        self._executions: dict[tuple[bytes, int], set[Outbox]] = {}
        self._listeners: list[NoticeListener] = []
        self._after_turn: list[Callable[[], None]] = []

    def position(self) -> tuple[int, int]:
        """Return time in ns and sequence of the last turn published."""
        return self.time_ns, self.sequence

    def listen(self, listener: NoticeListener) -> None:
        """Call with the notices of each turn that has any, and the turn's time."""
        self._listeners.append(listener)

    def after_turn(self, listener: Callable[[], None]) -> None:
        """Call after each turn, when all else has been told of it."""
        self._after_turn.append(listener)

    def join(self, accounts: bytes, tag: int, outbox: Outbox) -> None:
        """Send executions of these accounts from the next turn on, under this wire tag."""
        self._executions.setdefault((accounts, tag), set()).add(outbox)

    def leave(self, accounts: bytes, tag: int, outbox: Outbox) -> None:
        """Send nothing more."""
        followers = self._executions.get((accounts, tag), set())
        followers.discard(outbox)
        if not followers:
            self._executions.pop((accounts, tag), None)

    def publish(self, turn: Turn) -> None:
        """Take a stored turn; turns come in order, once each."""
        self.time_ns, self.sequence = turn.time_ns, turn.last_sequence
        for (accounts, tag), followers in self._executions.items():
            pieces = _executions(turn, accounts, tag)
            if pieces:
                for outbox in tuple(followers):
                    outbox.put_all(pieces, turn.first_sequence)
        trade_count, told_count, notices = survey(turn.words)
        self.trade_count += trade_count
        if told_count and self.tape.is_followed:
            self.tape.publish(scan(turn.words)[0], turn.time_ns, turn.first_sequence)
        if notices:
            for listener in self._listeners:
                listener(notices, turn.time_ns)
        if turn.levels or notices:
            self.books.publish(turn.levels, turn.results, notices, turn.time_ns)
        for look_again in self._after_turn:
            look_again()


def _executions(turn: Turn, accounts: bytes, tag: int) -> list[bytes]:
    """Encode the executions of a turn in pieces that fit a message."""
    cuts = cut(turn.words, PIECE_WORDS)
    encoded = (
        encode_executions(turn.words, start, end, turn.time_ns, accounts, tag)
        for start, end in pairwise(cuts)
    )
    return [piece for piece in encoded if piece]
