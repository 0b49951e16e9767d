"""What goes wrong with stored events.

StoreError
├── JournalUndecodable      records of the journal that no decoder understands
├── EventTypeUnknown        a stored event of a type that this software does not know
├── EventVersionUnknown     a stored event of a version newer than this software knows
├── CheckpointUnreadable    a saved decoder that this software cannot read
├── StoreDiverged           the store holds another history than the journal
├── SequenceGap             events to append do not continue what is stored
├── StoreUnavailable        the database cannot be reached, or has given up a connection
└── StoreSchemaUnknown      the database was made by another version of this software
"""


class StoreError(Exception):
    """Something is wrong with stored events, or with where they are stored."""


class JournalUndecodable(StoreError):
    """A record of the journal is of no known kind, or not whole."""

    def __init__(self, sequence: int, problem: str) -> None:
        super().__init__(f"the journal cannot be decoded behind sequence {sequence}: {problem}")
        self.sequence = sequence
        self.problem = problem


class EventTypeUnknown(StoreError):
    """A stored event has a type that this software does not know."""

    def __init__(self, event_type: int) -> None:
        super().__init__(f"event type {event_type} is not known here")
        self.event_type = event_type


class EventVersionUnknown(StoreError):
    """A stored event was written by newer software; it is never read half-way."""

    def __init__(self, event_type: str, version: int, newest: int) -> None:
        super().__init__(
            f"{event_type} version {version} is not known here: 1 to {newest} can be read"
        )
        self.event_type = event_type
        self.version = version
        self.newest = newest


class CheckpointUnreadable(StoreError):
    """What is saved of a decoder is damaged, or of other software."""


class StoreDiverged(StoreError):
    """The store was fed from another history than the journal beside it."""


class SequenceGap(StoreError):
    """Events do not continue what is stored: nothing of them was stored."""

    def __init__(self, what: str, expected: int, given: int) -> None:
        super().__init__(f"{what} {given} does not follow: {expected} was expected")
        self.what = what
        self.expected = expected
        self.given = given


class StoreUnavailable(StoreError):
    """The database cannot be reached now; whether the last transaction holds is not known."""


class StoreSchemaUnknown(StoreError):
    """The database's tables are not those of this software."""
