"""Counts of everything in which a replay differs from the recording, by named reason."""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum


class Deviations:
    """Count by reason; nothing that a loader cannot reproduce goes uncounted.

    A reason is a member of the loader's own `StrEnum`, whose value is the sentence to print.
    """

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: Counter[StrEnum] = Counter()

    def add(self, reason: StrEnum, times: int = 1) -> None:
        """Count `reason` once more, or `times` more."""
        if times:
            self._counts[reason] += times

    def __getitem__(self, reason: StrEnum) -> int:
        """Return how often `reason` was counted, 0 if never."""
        return self._counts[reason]

    def __iter__(self) -> Iterator[tuple[StrEnum, int]]:
        """Iterate over reasons and counts, most frequent first."""
        return iter(self._counts.most_common())

    @property
    def total(self) -> int:
        """Return the sum over all reasons."""
        return self._counts.total()

    def as_dict(self) -> dict[str, int]:
        """Return counts by the reason's name in lower case, for JSON output."""
        return {reason.name.lower(): count for reason, count in self}
