"""Decide how often and how soon a call that met nobody is sent again."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Time as retries see it; the clocks of `grpc_testing` are such."""

    def time(self) -> float:
        """Tell the time in seconds."""

    def sleep_for(self, duration: float) -> object:
        """Wait that many seconds."""


class SystemClock:
    """The clock of this machine."""

    def time(self) -> float:
        """Tell the seconds of a clock that is never set back."""
        return time.monotonic()

    def sleep_for(self, duration: float) -> None:
        """Wait that many seconds."""
        time.sleep(duration)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Pauses before a call is sent again: exponential, bounded, with jitter.

    Only calls that found nobody (UNAVAILABLE) are sent again, and every call that changes
    something carries the same `request_id` each time, so that it is done once.
    """

    attempts: int = 5
    """Times that a call is sent in all, at least 1."""
    first_delay_s: float = 0.1
    """Pause before the second attempt."""
    multiplier: float = 2.0
    """Growth of the pause from attempt to attempt."""
    max_delay_s: float = 2.0
    """Longest pause."""
    jitter: float = 0.25
    """Share by which a pause is made longer or shorter at random, 0 to 1."""

    def delays(self, randomness: random.Random) -> Iterator[float]:
        """Give the pauses between the attempts, in seconds."""
        delay_s = self.first_delay_s
        for _ in range(self.attempts - 1):
            spread = 1 + self.jitter * (2 * randomness.random() - 1)
            yield min(delay_s, self.max_delay_s) * spread
            delay_s *= self.multiplier
