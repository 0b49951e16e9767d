"""Find a sequence by its time: venue time never goes back along the log."""

from quantumcore.server.store.sql.store import SqlEventStore


def first_from(store: SqlEventStore, time_ns: int, first: int, last: int) -> int:
    """Return the first sequence of [first, last] from which on events are not before a time.

    `last + 1` where all are before it; sequences whose events were removed go with what follows.
    """
    low, high = first, last + 1
    while low < high:
        middle = (low + high) // 2
        event = next(store.read(middle, last, limit=1), None)
        if event is None or event.time_ns >= time_ns:
            high = middle
        else:
            low = event.sequence + 1
    return low


def last_until(store: SqlEventStore, time_ns: int, first: int, last: int) -> int:
    """Return the last sequence of [first, last] whose events may have happened up to a time.

    Removed ones may have, as far as what follows them is later.
    """
    later = first_from(store, time_ns + 1, first, last)
    event = next(store.read(later, last, limit=1), None)
    return last if event is None else event.sequence - 1
