"""Make a scenario that brings out a failure as small as it can be."""

from collections.abc import Callable
from typing import TypeVar

Item = TypeVar("Item")


def smallest(fails: Callable[[list[Item]], bool], items: list[Item], kept: int = 0) -> list[Item]:
    """Leave out all that can be left out so that the rest still fails; the first `kept` stay.

    Halves first, then quarters, down to single items, again and again until none can go.
    """
    size = max(1, (len(items) - kept) // 2)
    while True:
        before = len(items)
        at = kept
        while at < len(items):
            shorter = items[:at] + items[at + size :]
            if fails(shorter):
                items = shorter
            else:
                at += size
        if size == 1 and len(items) == before:
            return items
        size = max(1, size // 2)
