"""Find trades and notices among the records of a turn, without an object for anything else."""

from typing import NamedTuple

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
else:
    from quantumcore.server.core import kinds


class TapeTrade(NamedTuple):
    """A trade as the tape tells it; price and quantity in 1e-9."""

    trade_id: int
    instrument_id: int
    price: int
    quantity: int
    aggressor_side: int
    sequence: int


class LastChange(NamedTuple):
    """The last event that changed a side of a book, and its time."""

    sequence: int
    time_ns: int


class Notice(NamedTuple):
    """A change of an instrument or an account: kind of event, what it is about, the new value.

    `request_id` is that of the command that caused it.
    """

    kind: int
    subject: int
    value: int
    sequence: int
    request_id: int


def scan(words: cython.longlong[::1]) -> tuple[list[TapeTrade], list[Notice]]:
    """Return the trades and notices of whole records, ascending by sequence."""
    trades: list[TapeTrade] = []
    notices: list[Notice] = []
    request_id: cython.longlong = 0
    position: cython.Py_ssize_t = 0
    end: cython.Py_ssize_t = len(words)
    while position < end:
        header: cython.longlong = words[position]
        kind: cython.longlong = header & 0xFFFF
        if kind == kinds.ORDER_FILLED:
            state: cython.longlong = words[position + kinds.EVENT_STATE]
            if state >> kinds.STATE_LIQUIDITY & 0xFF == kinds.LIQUIDITY_TAKER:
                trades.append(
                    TapeTrade(
                        words[position + kinds.EVENT_TRADE_ID],
                        words[position + kinds.EVENT_PARTIES] >> 32 & 0xFFFFFFFF,
                        words[position + kinds.EVENT_LAST_PRICE],
                        words[position + kinds.EVENT_LAST_QUANTITY],
                        state >> kinds.STATE_SIDE & 0xFF,
                        words[position + kinds.EVENT_SEQUENCE],
                    )
                )
        elif kind < kinds.FIRST_EVENT:
            request_id = words[position + kinds.COMMAND_REQUEST_ID]
        elif kinds.INSTRUMENT_LISTED <= kind <= kinds.ACCOUNT_OPENED:
            notices.append(
                Notice(
                    kind,
                    words[position + kinds.NOTICE_SUBJECT],
                    words[position + kinds.NOTICE_VALUE],
                    words[position + kinds.EVENT_SEQUENCE],
                    request_id,
                )
            )
        position += header >> 16 & 0xFFFF
    return trades, notices


def survey(words: cython.longlong[::1]) -> tuple[int, list[Notice]]:
    """Return how many trades there are, and the notices, as recovery needs them."""
    count: cython.Py_ssize_t = 0
    noticed: cython.bint = False
    position: cython.Py_ssize_t = 0
    end: cython.Py_ssize_t = len(words)
    while position < end:
        header: cython.longlong = words[position]
        kind: cython.longlong = header & 0xFFFF
        if kind == kinds.ORDER_FILLED:
            count += words[position + kinds.EVENT_STATE] >> kinds.STATE_LIQUIDITY & 0xFF == (
                kinds.LIQUIDITY_TAKER
            )
        elif kinds.INSTRUMENT_LISTED <= kind <= kinds.ACCOUNT_OPENED:
            noticed = True
        position += header >> 16 & 0xFFFF
    return count, scan(words)[1] if noticed else []


def last_changes(levels: cython.longlong[::1], time_ns: int) -> dict[int, LastChange]:
    """Return the last change of each side of each book among level changes, by the row's key."""
    last: dict[int, LastChange] = {}
    newest: cython.longlong = 0
    second: cython.longlong = 0
    at: cython.Py_ssize_t = len(levels) - kinds.LEVEL_WORDS
    while at >= 0:
        key: cython.longlong = levels[at + kinds.LEVEL_INSTRUMENT]
        if key != newest and key != second:
            if key not in last:
                last[key] = LastChange(levels[at + kinds.LEVEL_SEQUENCE], time_ns)
            second, newest = newest, key
        at -= kinds.LEVEL_WORDS
    return last


def first_event(words: cython.longlong[::1], sequence: int) -> int:
    """Return where the first event at or after `sequence` begins; the end where there is none."""
    position: cython.Py_ssize_t = 0
    end: cython.Py_ssize_t = len(words)
    while position < end:
        header: cython.longlong = words[position]
        if header & 0xFFFF >= kinds.FIRST_EVENT:
            if words[position + kinds.EVENT_SEQUENCE] >= sequence:
                return position
        position += header >> 16 & 0xFFFF
    return end


def cut(words: cython.longlong[::1], limit: cython.Py_ssize_t) -> list[int]:
    """Return where to cut records so that no part has more than `limit` words but for one record.

    The first number is 0, the last is where the records end.
    """
    found: list[int] = [0]
    at: cython.Py_ssize_t = 0
    begun: cython.Py_ssize_t = 0
    end: cython.Py_ssize_t = len(words)
    while at < end:
        length: cython.Py_ssize_t = (words[at] >> 16) & 0xFFFF
        if at > begun and at + length - begun > limit:
            found.append(at)
            begun = at
        at += length
    found.append(at)
    return found


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
