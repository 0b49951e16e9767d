"""The journal's exceptions.

JournalError
├── JournalLocked            another process writes to this directory
├── JournalCorrupt           stored bytes are not what was written
│   └── JournalVersionUnknown    written by a newer version of the product
├── MarkMissing              a block that was read before is not there any more
├── JournalShortened         what is asked for was removed on purpose
├── PastMissing              what remains of a shortened journal has nothing to go on from
├── JournalFailed            the journal stopped for good after an operating failure
└── JournalClosed            the journal was used after close()
"""

from pathlib import Path


class JournalError(Exception):
    """Base of everything the journal raises on purpose."""


class JournalLocked(JournalError):
    """Another process has the journal open for writing."""

    def __init__(self, directory: Path, owner: str) -> None:
        super().__init__(f"journal {directory} is already open for writing by process {owner}")
        self.directory = directory
        self.owner = owner


class JournalCorrupt(JournalError):
    """Stored bytes differ from what was written; nothing from there on can be trusted.

    `sequence` is the first sequence that cannot be read. `search_from` is the offset from which
    an intact block would prove that the damage lies in the middle of the log and is not a torn
    tail; it is None where the damage cannot come from an interrupted write.
    """

    def __init__(
        self, segment: str, offset: int, sequence: int, reason: str, search_from: int | None = None
    ) -> None:
        super().__init__(
            f"journal segment {segment} is corrupt at byte {offset}, sequence {sequence}: {reason}"
        )
        self.segment = segment
        self.offset = offset
        self.sequence = sequence
        self.reason = reason
        self.search_from = search_from


class JournalVersionUnknown(JournalCorrupt):
    """A block or segment carries a format version that this release cannot read."""


class MarkMissing(JournalError):
    """A block that was read before is not where it was: cut off, removed, or another journal's."""

    def __init__(self, number: int, segment: str, offset: int) -> None:
        super().__init__(f"block {number} is not in segment {segment} at byte {offset}")


class JournalShortened(JournalError):
    """What is asked for was removed by retention."""

    def __init__(self, sequence: int, first_sequence: int) -> None:
        super().__init__(f"sequence {sequence} was removed: the journal begins at {first_sequence}")
        self.first_sequence = first_sequence


class PastMissing(JournalError):
    """The beginning of a journal was removed, and there is no snapshot that reaches the rest."""

    def __init__(self, first_sequence: int) -> None:
        super().__init__(
            f"the journal begins at sequence {first_sequence}, what came before was removed, and "
            "there is no usable snapshot that reaches it: put one back, or the removed segments"
        )
        self.first_sequence = first_sequence


class JournalFailed(JournalError):
    """The journal could not write or sync, and accepts nothing more until it is reopened."""


class JournalClosed(JournalError):
    """The journal was closed before this call."""
