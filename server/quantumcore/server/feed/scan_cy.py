"""Find trades and notices among the records of a turn, without an object for anything else."""

from typing import NamedTuple

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds
else:
    from quantumcore.server.core import enums, kinds


class TapeTrade(NamedTuple):
    """A trade, or its bust or correction, as the tape tells it; price and quantity in 1e-9.

    `kind` is that of the event: ORDER_FILLED, ORDER_FILL_BUSTED or ORDER_FILL_CORRECTED.
    """

    trade_id: int
    instrument_id: int
    price: int
    quantity: int
    aggressor_side: int
    sequence: int
    kind: int
    in_auction: bool
    package_execution_id: int


class LastChange(NamedTuple):
    """The last event that changed a side of a book, and its time."""

    sequence: int
    time_ns: int


class Notice(NamedTuple):
    """A change of an instrument or an account: kind of event, what it is about, the new value.

    `request_id` is that of the command that caused it, `text` what an operator said with it.
    """

    kind: int
    subject: int
    value: int
    sequence: int
    request_id: int
    text: str = ""


@cython.cfunc
@cython.exceptval(check=False)
def _tells_of_trade(words: cython.longlong[::1], position: cython.Py_ssize_t) -> cython.bint:
    """Whether a record is the second of the two that tell of a trade, its bust or correction."""
    kind: cython.longlong = words[position] & 0xFFFF
    if (
        kind != kinds.ORDER_FILLED
        and kind != kinds.ORDER_FILL_BUSTED
        and kind != kinds.ORDER_FILL_CORRECTED
    ):
        return False
    state: cython.longlong = words[position + kinds.EVENT_STATE]
    if state >> kinds.STATE_PACKAGE & 1:
        return False  # its legs have told
    liquidity: cython.longlong = (state >> kinds.STATE_LIQUIDITY) & 0xFF
    if liquidity == enums.LIQUIDITY_AUCTION:
        return (state >> kinds.STATE_SIDE) & 0xFF == enums.SIDE_SELL
    return liquidity == enums.LIQUIDITY_TAKER


def _trade(words: cython.longlong[::1], position: cython.Py_ssize_t) -> TapeTrade:
    state: cython.longlong = words[position + kinds.EVENT_STATE]
    filled: cython.bint = words[position] & 0xFFFF == kinds.ORDER_FILLED
    of_package: cython.bint = filled and state >> kinds.STATE_LEG != 0
    in_auction: cython.bint = (state >> kinds.STATE_LIQUIDITY) & 0xFF == enums.LIQUIDITY_AUCTION
    return TapeTrade(
        words[position + kinds.EVENT_TRADE_ID],
        words[position + kinds.EVENT_PARTIES] >> 32 & 0xFFFFFFFF,
        words[position + kinds.EVENT_LAST_PRICE],
        words[position + kinds.EVENT_LAST_QUANTITY],
        0 if in_auction else state >> kinds.STATE_SIDE & 0xFF,
        words[position + kinds.EVENT_SEQUENCE],
        words[position] & 0xFFFF,
        bool(in_auction),
        words[position + kinds.EVENT_PACKAGE_EXECUTION] if of_package else 0,
    )


@cython.cfunc
@cython.exceptval(check=False)
def _is_notice(kind: cython.longlong) -> cython.bint:
    """Whether an event changes how an instrument or an account stands."""
    return (
        kinds.INSTRUMENT_LISTED <= kind <= kinds.ACCOUNT_OPENED
        or kinds.KILL_SWITCH_SET <= kind <= kinds.INSTRUMENT_UPDATED
    )


def _text(words: cython.longlong[::1], position: cython.Py_ssize_t) -> str:
    """Return why a phase is set, as the operator put it."""
    length: cython.Py_ssize_t = words[position + kinds.PHASE_TEXT_LENGTH]
    start: cython.Py_ssize_t = position + kinds.PHASE_TEXT
    data = memoryview(words)[start : start + ((length + 7) >> 3)].tobytes()
    return data[:length].decode()


def scan(words: cython.longlong[::1]) -> tuple[list[TapeTrade], list[Notice]]:
    """Return the trades and notices of whole records, ascending by sequence."""
    trades: list[TapeTrade] = []
    notices: list[Notice] = []
    request_id: cython.longlong = 0
    text: str = ""
    position: cython.Py_ssize_t = 0
    end: cython.Py_ssize_t = len(words)
    while position < end:
        header: cython.longlong = words[position]
        kind: cython.longlong = header & 0xFFFF
        if _tells_of_trade(words, position):
            trades.append(_trade(words, position))
        elif kind < kinds.FIRST_EVENT:
            request_id = words[position + kinds.COMMAND_REQUEST_ID]
            text = _text(words, position) if kind == kinds.SET_TRADING_PHASE else ""
        elif _is_notice(kind):
            notices.append(
                Notice(
                    kind,
                    words[position + kinds.NOTICE_SUBJECT],
                    words[position + kinds.NOTICE_VALUE],
                    words[position + kinds.EVENT_SEQUENCE],
                    request_id,
                    text,
                )
            )
        position += header >> 16 & 0xFFFF
    return trades, notices


def survey(words: cython.longlong[::1]) -> tuple[int, int, list[Notice]]:
    """Return how many trades there are, how many lines of the tape, and the notices."""
    trades: cython.Py_ssize_t = 0
    told: cython.Py_ssize_t = 0
    noticed: cython.bint = False
    position: cython.Py_ssize_t = 0
    end: cython.Py_ssize_t = len(words)
    while position < end:
        header: cython.longlong = words[position]
        kind: cython.longlong = header & 0xFFFF
        if _tells_of_trade(words, position):
            told += 1
            trades += kind == kinds.ORDER_FILLED
        elif _is_notice(kind):
            noticed = True
        position += header >> 16 & 0xFFFF
    return trades, told, scan(words)[1] if noticed else []


def last_changes(levels: cython.longlong[::1], time_ns: int) -> dict[int, LastChange]:
    """Return the last change of each side of each book among level changes.

    Keys are instrument | side << 32.
    """
    last: dict[int, LastChange] = {}
    book_side: cython.longlong = 1
    book_side = (book_side << kinds.LEVEL_ACTION) - 1
    newest: cython.longlong = 0
    second: cython.longlong = 0
    at: cython.Py_ssize_t = len(levels) - kinds.LEVEL_WORDS
    while at >= 0:
        key: cython.longlong = levels[at + kinds.LEVEL_INSTRUMENT] & book_side
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
