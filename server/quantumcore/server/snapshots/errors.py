"""What can keep a snapshot from being used; the next older one is tried then.

SnapshotUnfit
├── SnapshotDamaged          its bytes are not what was written
├── SnapshotVersionUnknown   written in a format, or of a state, that this release does not read
└── SnapshotForeign          it is not of this journal, or is ahead of it
"""


class SnapshotUnfit(Exception):
    """A snapshot cannot be used; the message names the file and why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"snapshot {name} {reason}")
        self.name = name
        self.reason = reason


class SnapshotDamaged(SnapshotUnfit):
    """Bytes differ from what was written, or are missing."""


class SnapshotVersionUnknown(SnapshotUnfit):
    """Another release wrote it."""


class SnapshotForeign(SnapshotUnfit):
    """The journal does not hold the block that it was taken behind."""
