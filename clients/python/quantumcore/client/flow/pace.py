"""How fast a replay goes: as a pure function of what is due when."""

from dataclasses import dataclass
from typing import Protocol

_NS_PER_S = 1_000_000_000


class Pace(Protocol):
    """Tells when an action is due, in ns since the replay began."""

    def due_ns(self, index: int, time_ns: int) -> int:
        """Return when the action number `index` (from 0), recorded at `time_ns`, is due."""


@dataclass(frozen=True, slots=True)
class FullSpeed:
    """Everything is due at once."""

    def due_ns(self, index: int, time_ns: int) -> int:  # noqa: ARG002 the protocol's signature
        return 0


@dataclass(frozen=True, slots=True)
class ConstantRate:
    """So many actions a second, evenly."""

    actions_per_s: int

    def __post_init__(self) -> None:
        if self.actions_per_s < 1:
            raise ValueError("actions_per_s must be positive")

    def due_ns(self, index: int, time_ns: int) -> int:  # noqa: ARG002 the protocol's signature
        return index * _NS_PER_S // self.actions_per_s


@dataclass(frozen=True, slots=True)
class RecordedSpeed:
    """As recorded from `start_ns` on, `times` as fast."""

    start_ns: int
    times: int = 1

    def __post_init__(self) -> None:
        if self.times < 1:
            raise ValueError("times must be positive")

    def due_ns(self, index: int, time_ns: int) -> int:  # noqa: ARG002 the protocol's signature
        return max(0, time_ns - self.start_ns) // self.times
