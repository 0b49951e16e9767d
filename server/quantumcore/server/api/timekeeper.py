"""Let the passing of time take effect where no command does: expiries, auction ends, leftovers."""

import asyncio
from collections.abc import Callable

from quantumcore.server.api.writer import Writer
from quantumcore.server.core.admin_commands import advance_time
from quantumcore.server.core.exchange_cy import Exchange

LONGEST_WAIT_S = 3600.0


class Timekeeper:
    """Writes an ADVANCE_TIME command when the next order, auction or instrument ends.

    Also at once where a cascade of stops has left activations over. `look` is called after every
    turn; it costs a comparison where nothing has changed.
    """

    def __init__(self, exchange: Exchange, writer: Writer, clock: Callable[[], int]) -> None:
        self._exchange = exchange
        self._writer = writer
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._alarm: asyncio.TimerHandle | asyncio.Handle | None = None
        self._set_for_ns = 0

    def look(self) -> None:
        """Set the alarm anew where something else comes next."""
        due_ns = self._clock() if self._exchange.unsettled else self._exchange.next_due_ns
        if due_ns != self._set_for_ns:
            self.stop()
            if due_ns:
                self._set(due_ns)

    def stop(self) -> None:
        """Wake for nothing any more."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._set_for_ns = None, 0

    def ring(self) -> None:
        """Write down that time has come, if it has."""
        self.stop()
        if self._writer.failed or self._writer.draining:
            return
        due_ns = self._exchange.next_due_ns
        if self._exchange.unsettled or 0 < due_ns <= self._clock():
            self._writer.command(advance_time)
        else:
            self.look()

    def _set(self, due_ns: int) -> None:
        self._set_for_ns = due_ns
        wait_s = max(0.0, (due_ns - self._clock()) / 1e9)
        if wait_s:
            self._alarm = self._loop.call_later(min(wait_s, LONGEST_WAIT_S), self.ring)
        else:
            self._alarm = self._loop.call_soon(self.ring)
