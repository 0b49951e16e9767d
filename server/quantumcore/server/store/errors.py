"""What goes wrong with stored events.

StoreError
├── JournalUndecodable      records of the journal that no decoder understands
├── EventTypeUnknown        a stored event of a type that this software does not know
├── EventVersionUnknown     a stored event of a version newer than this software knows
├── CheckpointUnreadable    a saved decoder that this software cannot read
├── StoreDiverged           the store holds another history than the journal
├── SequenceGap             events to append do not continue what is stored
├── NoEventsKept            a legacy store is asked for events
├── HistoryIncomplete       what was copied of the past is not all that there was
├── TargetBehind            the new store of a move does not have yet what it is compared by
├── MoveUnderWay            another move is not at its end
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


class NoEventsKept(StoreError):
    """A legacy store holds how things stand, and no events."""


class HistoryIncomplete(StoreError):
    """The past of a store, once copied, has not as many events as there were."""

    def __init__(self, until_sequence: int, expected: int, found: int) -> None:
        super().__init__(
            f"{found} events are there up to sequence {until_sequence}: there were {expected}"
        )
        self.until_sequence = until_sequence
        self.expected = expected
        self.found = found


class TargetBehind(StoreError):
    """The new store of a move has not reached the old one's position; later it will."""

    def __init__(self, reached: int, needed: int) -> None:
        super().__init__(f"the target is at sequence {reached}, {needed} is needed")
        self.reached = reached
        self.needed = needed


class MoveUnderWay(StoreError):
    """The stores that are named are not those of the move that is under way."""


class StoreUnavailable(StoreError):
    """The database cannot be reached now; whether the last transaction holds is not known."""


class StoreSchemaUnknown(StoreError):
    """The database's tables are not those of this software."""
