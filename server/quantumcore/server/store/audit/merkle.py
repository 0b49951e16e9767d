"""A Merkle tree over the hashes of blocks, as RFC 6962 shapes it.

The tree of n leaves is split at the greatest power of two below n. A leaf is the SHA-256 of a
header of 128 bytes, a node that of two hashes, 64 bytes: neither can be taken for the other.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

EMPTY_ROOT = sha256(b"").digest()


class Step(NamedTuple):
    """The neighbour on the way up, and whether it is on the left."""

    sibling: bytes
    on_left: bool


class Frontier:
    """Takes leaves one after the other; keeps the roots of full trees only, few at any size."""

    def __init__(self) -> None:
        self.count = 0
        self._full: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Take the next leaf."""
        self._full.append(leaf)
        self.count += 1
        size = self.count
        while size % 2 == 0:
            right = self._full.pop()
            self._full[-1] = node(self._full[-1], right)
            size //= 2

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._full:
            return EMPTY_ROOT
        root = self._full[-1]
        for left in self._full[-2::-1]:
            root = node(left, root)
        return root


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash above two hashes."""
    return sha256(left + right).digest()


def path(leaves: Sequence[bytes], index: int) -> tuple[list[Step], bytes]:
    """Return the steps from a leaf up, bottom first, and the root."""
    steps: list[Step] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            steps.append(Step(level[sibling], on_left=sibling < index))
        above = [node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])
        level, index = above, index // 2
    return steps, level[0]
