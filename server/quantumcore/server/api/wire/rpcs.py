"""Take whole request messages to the exchange, and its answers and events to messages.

Not imported: `proto/wire.py` copies the functions into `order_wire_cy.py`, behind those that it
generates from the contract's descriptors.
"""

import cython

from quantumcore.server.api.wire.errors import wire_error
from quantumcore.server.api.wire.order_wire_cy import (
    ACKNOWLEDGEMENT,
    TRADE_COMMANDS,
    TRADE_OPTIONS,
    _apply_package_command,
    _check_fields,
    _check_trade_request,
    _clear,
    _close_command,
    _close_message,
    _encode_package_acknowledgement,
    _high,
    _is_of_package,
    _length,
    _low,
    _put_acknowledgement,
    _put_execution,
    _read_command,
    _read_trade_command,
    _seal,
    _skip,
    _stored_bytes,
    _strings,
    _tag,
)

if cython.compiled:
    from cython.cimports.quantumcore.server.core.exchange_cy import Exchange
    from cython.cimports.quantumcore.server.core.kinds import (
        CANCEL_ORDER,
        CANCEL_ORDERS,
        COMMAND_ACTOR,
        CREATE_ORDER,
        CREATE_PACKAGE,
        EVENT_PARTIES,
        EVENT_TEXT,
        EVENT_TEXT_LENGTHS,
        LAST_ORDER_EVENT,
        ORDER_ACCEPTED,
        REPLACE_ORDER,
        RESULT_RECORD,
        RESULT_WORDS,
    )
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core.exchange_cy import Exchange
    from quantumcore.server.core.kinds import (
        CANCEL_ORDER,
        CANCEL_ORDERS,
        COMMAND_ACTOR,
        CREATE_ORDER,
        CREATE_PACKAGE,
        EVENT_PARTIES,
        EVENT_TEXT,
        EVENT_TEXT_LENGTHS,
        LAST_ORDER_EVENT,
        ORDER_ACCEPTED,
        REPLACE_ORDER,
        RESULT_RECORD,
        RESULT_WORDS,
    )
    from quantumcore.server.core.words_cy import Words

# Copied from here on.


def decode_create_order(
    data: bytes, exchange: Exchange, permitted: bytes, actor: cython.longlong
) -> None:
    """Apply the order of a CreateOrderRequest.

    `permitted` has a byte for each account id, 1 where the caller may use it; empty permits all.
    An order for another account is rejected by the exchange as NOT_PERMITTED. `actor` is stored
    with the command. Raises WireError, with nothing applied, where the bytes are malformed.
    """
    _decode_one(data, exchange, permitted, actor, CREATE_ORDER)


def decode_replace_order(
    data: bytes, exchange: Exchange, permitted: bytes, actor: cython.longlong
) -> None:
    """Apply the change of a ReplaceOrderRequest; see `decode_create_order`."""
    _decode_one(data, exchange, permitted, actor, REPLACE_ORDER)


def decode_cancel_order(
    data: bytes, exchange: Exchange, permitted: bytes, actor: cython.longlong
) -> None:
    """Apply the cancel of a CancelOrderRequest; see `decode_create_order`."""
    _decode_one(data, exchange, permitted, actor, CANCEL_ORDER)


def decode_cancel_orders(
    data: bytes, exchange: Exchange, permitted: bytes, actor: cython.longlong
) -> None:
    """Apply the cancels of a CancelOrdersRequest; see `decode_create_order`."""
    _decode_one(data, exchange, permitted, actor, CANCEL_ORDERS)


def decode_trade_commands(
    data: bytes, exchange: Exchange, permitted: bytes, actor: cython.longlong
) -> int:
    """Apply the commands of a TradeRequest in their order; return how many there were.

    The whole message is checked before the first command is applied: where it is malformed, holds
    more than 10,000 commands or an empty one, WireError is raised and nothing is applied. Options
    are passed over. See `decode_create_order` for the rest.
    """
    source: cython.p_const_uchar = data
    end: cython.Py_ssize_t = len(data)
    at: cython.Py_ssize_t = _check_trade_request(source, end)
    length: cython.Py_ssize_t
    commands: cython.ulonglong = TRADE_COMMANDS
    tag: cython.ulonglong
    kind: cython.longlong
    count: cython.Py_ssize_t = 0
    turn: Words = exchange.turn
    words: cython.p_longlong
    if at < 0:
        raise wire_error(at)
    at = 0
    while at < end:
        tag, at = _tag(source, at, end)
        if tag != commands:
            at = _skip(source, tag, at, end, 100)
            continue
        length, at = _length(source, at, end)
        words = _room(turn)
        kind = _read_trade_command(source, at, at + length, words, turn.end)
        if kind >= CREATE_PACKAGE:
            _apply_package_command(data, at, at + length, exchange, permitted, actor)
        else:
            _submit(exchange, source, words, kind, permitted, actor)
        at += length
        count += 1
    return count


def check_trade_request(data: bytes) -> None:
    """Raise what `decode_trade_commands` would raise; nothing is applied."""
    source: cython.p_const_uchar = data
    at: cython.Py_ssize_t = _check_trade_request(source, len(data))
    if at < 0:
        raise wire_error(at)


def has_options(data: bytes) -> bool:
    """Tell whether a TradeRequest carries options. Raises WireError where it is malformed."""
    source: cython.p_const_uchar = data
    end: cython.Py_ssize_t = len(data)
    at: cython.Py_ssize_t = 0
    options: cython.ulonglong = TRADE_OPTIONS
    tag: cython.ulonglong
    while 0 <= at < end:
        tag, at = _tag(source, at, end)
        if at > 0 and tag == options:
            return True
        if at > 0:
            at = _skip(source, tag, at, end, 100)
    if at < 0:
        raise wire_error(at)
    return False


def encode_acknowledgements(
    exchange: Exchange, first: cython.Py_ssize_t, last: cython.Py_ssize_t
) -> bytes:
    """Return the answers to the commands [first, last) of this turn.

    That is a TradeResponse of acknowledgements, those of multi-leg orders in a field of their own;
    for a single row of a single order it is the response of the unary rpc. Raises IndexError where
    the turn has no such rows.
    """
    results: Words = exchange.results
    turn: Words = exchange.turn
    output: Output = _OUTPUT
    rows: cython.p_const_longlong
    words: cython.p_const_longlong
    out: cython.p_uchar
    tag: cython.int = ACKNOWLEDGEMENT
    at: cython.Py_ssize_t = 0
    row: cython.Py_ssize_t
    number: cython.Py_ssize_t
    if not 0 <= first <= last <= results.end // RESULT_WORDS:
        raise IndexError(f"the turn has no result rows {first} to {last}")
    if cython.compiled:
        rows, words = cython.address(results.words[0]), cython.address(turn.words[0])
    else:
        rows, words = results.words, turn.words
    for number in range(first, last):
        row = number * RESULT_WORDS
        if _is_of_package(words[rows[row + RESULT_RECORD]] & 0xFFFF):
            at = _encode_package_acknowledgement(exchange, row, at)
            continue
        out = output.room(at)
        out[at] = tag
        at = _close_message(out, at + 2, _put_acknowledgement(out, at + 2, rows, row, words))
    return output.taken(at)


def encode_executions(
    buffer: cython.const_longlong[::1],
    start_word: cython.Py_ssize_t,
    end_word: cython.Py_ssize_t,
    time_ns: cython.longlong,
    accounts: bytes,
    tag: cython.int,
) -> bytes:
    """Return the executions among the records of words [start_word, end_word).

    `buffer` is any contiguous int64 buffer: a turn's words or the payload of a journal block.
    `accounts` has a byte for each account id, 1 where its executions are wanted; empty wants
    all but those of no account. `tag` is TRADE_EXECUTIONS or STREAM_EXECUTIONS. Raises ValueError
    where a record does not end within the range.
    """
    words: cython.p_const_longlong
    wanted: cython.p_const_uchar = accounts
    wanted_count: cython.Py_ssize_t = len(accounts)
    output: Output = _OUTPUT
    out: cython.p_uchar
    at: cython.Py_ssize_t = 0
    record: cython.Py_ssize_t = start_word
    size: cython.Py_ssize_t
    account: cython.longlong
    if not 0 <= start_word <= end_word <= len(buffer):
        raise ValueError(f"the buffer has no words {start_word} to {end_word}")
    if start_word == end_word:
        return b""
    words = cython.address(buffer[0]) if cython.compiled else buffer
    while record < end_word:
        size = _record_words(words, record, end_word)
        if size <= 0:
            raise ValueError(f"the record at word {record} does not end within the range")
        if ORDER_ACCEPTED <= words[record] & 0xFFFF <= LAST_ORDER_EVENT:
            account = _low(words[record + EVENT_PARTIES])
            if account > 0 and (
                wanted_count == 0 or (account < wanted_count and wanted[account] == 1)
            ):
                out = output.room(at)
                out[at] = tag
                at = _close_message(
                    out, at + 2, _put_execution(out, at + 2, words, record, time_ns)
                )
        record += size
    return output.taken(at)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled


@cython.cfunc
@cython.exceptval(-1, check=False)
def _decode_one(
    data: bytes,
    exchange: Exchange,
    permitted: bytes,
    actor: cython.longlong,
    kind: cython.longlong,
) -> cython.int:
    source: cython.p_const_uchar = data
    end: cython.Py_ssize_t = len(data)
    at: cython.Py_ssize_t = _check_fields(source, 0, end, _strings(kind), 100)
    turn: Words = exchange.turn
    words: cython.p_longlong
    if at < 0:
        raise wire_error(at)
    words = _room(turn)
    _clear(words, turn.end, 16)
    _read_command(source, 0, end, words, turn.end, kind)
    return _submit(exchange, source, words, kind, permitted, actor)


@cython.cfunc
@cython.inline
def _room(turn: Words) -> cython.p_longlong:
    """Make room for a command; return the turn's words, which stay until it grows again."""
    words: cython.p_longlong
    if cython.compiled:
        turn._reserve(72)  # noqa: SLF001 - compiled modules share C methods
        words = cython.address(turn.words[0])
    else:
        turn.reserve(72)
        words = turn.words
    return words


@cython.cfunc
@cython.exceptval(-1, check=False)
def _submit(
    exchange: Exchange,
    source: cython.p_const_uchar,
    words: cython.p_longlong,
    kind: cython.longlong,
    permitted: bytes,
    actor: cython.longlong,
) -> cython.int:
    """Close and apply the command on single orders that has been read to the turn's end."""
    length: cython.Py_ssize_t = _close_command(source, words, exchange.turn.end, kind)
    return _apply_record(exchange, words, kind, length, permitted, actor)


@cython.cfunc
@cython.inline
@cython.exceptval(-1, check=False)
def _apply_record(
    exchange: Exchange,
    words: cython.p_longlong,
    kind: cython.longlong,
    length: cython.Py_ssize_t,
    permitted: bytes,
    actor: cython.longlong,
) -> cython.int:
    """Apply the command whose record of so many words stands at the turn's end."""
    start: cython.Py_ssize_t = exchange.turn.end
    words[start + COMMAND_ACTOR] = actor
    _seal(words, start, kind, length, permitted, len(permitted))
    exchange.turn.end = start + length
    if cython.compiled:
        exchange._apply(start)  # noqa: SLF001
    else:
        exchange.apply(start)
    return 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _record_words(
    words: cython.p_const_longlong, record: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> cython.Py_ssize_t:
    """Return the length of the record, 0 where it is broken."""
    size: cython.Py_ssize_t = words[record] >> 16 & 0xFFFF
    kind: cython.longlong = words[record] & 0xFFFF
    texts: cython.Py_ssize_t
    if size > end - record:
        return 0
    if ORDER_ACCEPTED <= kind <= LAST_ORDER_EVENT:
        if size < EVENT_TEXT:
            return 0
        texts = (_stored_bytes(_low(words[record + EVENT_TEXT_LENGTHS])) + 7) >> 3
        texts += (_stored_bytes(_high(words[record + EVENT_TEXT_LENGTHS])) + 7) >> 3
        if size < EVENT_TEXT + texts:
            return 0
    return size


@cython.final
@cython.cclass
class Output:
    """A byte buffer that keeps its size from one encoding to the next; holds nothing between."""

    buffer: bytearray
    size: cython.Py_ssize_t

    def __init__(self) -> None:
        self.size = 1 << 16
        self.buffer = bytearray(self.size)

    @cython.cfunc
    def room(self, at: cython.Py_ssize_t) -> cython.p_uchar:
        """Make room for one more message beyond `at`; what stands before it is kept."""
        if self.size - at < 1024:
            self.size *= 2
            self.buffer = self.buffer.ljust(self.size, b"\0")
        return self.buffer

    @cython.cfunc
    def taken(self, at: cython.Py_ssize_t) -> bytes:
        out: cython.p_uchar = self.buffer
        return bytes(out[:at])


_OUTPUT = Output()
