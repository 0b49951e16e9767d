"""What goes wrong with stored events.

StoreError
├── JournalUndecodable      records of the journal that no decoder understands
├── EventTypeUnknown        a stored event of a type that this software does not know
├── EventVersionUnknown     a stored event of a version newer than this software knows
├── StoreDamaged            what the database holds is not what was stored
│   └── EventDamaged            a stored event is not, by its digest
├── CheckpointUnreadable    a saved decoder that this software cannot read
├── StoreDiverged           the store holds another history than the journal
├── PastNotFed              the journal begins behind what the store would have to be fed first
├── SequenceGap             events to append do not continue what is stored
├── NoEventsKept            a legacy store is asked for events
├── HistoryIncomplete       what was copied of the past is not all that there was
├── TargetBehind            the new store of a move does not have yet what it is compared by
├── MoveUnderWay            another move is not at its end
├── StoreUnavailable        the database cannot be reached, or has given up a connection
├── StoreSchemaUnknown      the database was made by another version of this software
├── EventsRemoved           a projection needs events that retention has removed
├── HistoryRemoved          retention has removed events that are asked for
├── RemovalRefused          events cannot be removed as asked; nothing was removed
├── ExtraMissing            a package is needed that is not installed with the venue
└── AuditRefused            the journal or the store does not have what an audit asks for
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


class StoreDamaged(StoreError):
    """The database holds, or finds, something else than what was stored."""


class EventDamaged(StoreDamaged):
    """A stored event is not what was stored, by its digest; it is shown to nobody."""

    def __init__(self, table: str, sequence: int, part: int) -> None:
        super().__init__(
            f"the event of sequence {sequence}, part {part}, in {table} is not what was stored: "
            "its digest does not match"
        )
        self.table = table
        self.sequence = sequence
        self.part = part


class CheckpointUnreadable(StoreError):
    """What is saved of a decoder is damaged, or of other software."""


class StoreDiverged(StoreError):
    """The store was fed from another history than the journal beside it."""


class PastNotFed(StoreError):
    """The beginning of the journal was removed, and the store cannot go on without it."""

    def __init__(self, first_sequence: int) -> None:
        super().__init__(
            f"the journal begins at sequence {first_sequence}: the store has to be fed from a copy "
            "of the whole journal, or begun by a move"
        )
        self.first_sequence = first_sequence


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


class EventsRemoved(StoreError):
    """A projection would need events that retention has removed: its rows stay as they are."""

    def __init__(self, name: str, following: int, first_kept: int) -> None:
        super().__init__(
            f"projection {name} needs events from sequence {following} on, and retention has "
            f"removed some before {first_kept}"
        )
        self.following = following
        self.first_kept = first_kept


class HistoryRemoved(StoreError):
    """Retention has removed some of the events that are asked for."""

    def __init__(self, first_sequence: int) -> None:
        super().__init__(f"events before {first_sequence} are gone")
        self.first_sequence = first_sequence


class RemovalRefused(StoreError):
    """Events cannot be removed as asked: nothing of that step was removed."""


class ExtraMissing(StoreError):
    """A package is needed that comes with an extra, which is not installed with the venue."""

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(
            f"{what} needs {package}, which is not installed with the venue: "
            f"install quantumcore[{extra}] there"
        )
        self.package = package
        self.extra = extra


class AuditRefused(StoreError):
    """The journal or the store does not have what an audit asks for.

    `field` is the field of the request that asks for it; empty: none.
    """

    def __init__(self, text: str, *, field: str = "", limit: int = 0, value: int = 0) -> None:
        super().__init__(text)
        self.field = field
        self.limit = limit
        self.value = value
