"""Take commands on multi-leg orders from a batch to the exchange, and tell their answers.

Not imported: `proto/wire.py` copies the functions into `order_wire_cy.py`, behind those that it
generates from the contract's descriptors.
"""

import cython

from quantumcore.server.api.wire.order_wire_cy import (
    _OUTPUT,
    PACKAGE_ACKNOWLEDGEMENT,
    Output,
    _apply_record,
    _close_message,
    _close_package_command,
    _put_package_acknowledgement,
    _read_trade_package_command,
    _room,
)

if cython.compiled:
    from cython.cimports.quantumcore.server.core.exchange_cy import Exchange
    from cython.cimports.quantumcore.server.core.kinds import CANCEL_PACKAGE, CREATE_PACKAGE
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core.exchange_cy import Exchange
    from quantumcore.server.core.kinds import CANCEL_PACKAGE, CREATE_PACKAGE
    from quantumcore.server.core.words_cy import Words

# Copied from here on.


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _is_of_package(kind: cython.longlong) -> cython.bint:
    """Whether a command is about a multi-leg order."""
    return CREATE_PACKAGE <= kind <= CANCEL_PACKAGE


# Multi-leg commands go through two functions that the C compiler cannot put into the loops above:
# mixed in, they cost single orders a tenth of their time.
def _apply_package_command(
    data: bytes,
    at: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    exchange: Exchange,
    permitted: bytes,
    actor: cython.longlong,
) -> None:
    """Apply the command on a multi-leg order that stands in data[at:end], a TradeCommand."""
    source: cython.p_const_uchar = data
    turn: Words = exchange.turn
    words: cython.p_longlong = _room(turn)
    kind: cython.longlong = _read_trade_package_command(source, at, end, words, turn.end)
    length: cython.Py_ssize_t = _close_package_command(source, words, turn.end, kind)
    _apply_record(exchange, words, kind, length, permitted, actor)
    if cython.compiled:
        exchange.package_answers._tell()  # noqa: SLF001
    else:
        exchange.package_answers.tell()


def _encode_package_acknowledgement(
    exchange: Exchange, row: cython.Py_ssize_t, at: cython.Py_ssize_t
) -> int:
    """Write the answer of the result row at a word to the output at `at`; return what is behind."""
    results: Words = exchange.results
    turn: Words = exchange.turn
    told: Words = exchange.package_answers.words
    output: Output = _OUTPUT
    out: cython.p_uchar = output.room(at)
    rows: cython.p_const_longlong
    words: cython.p_const_longlong
    answers: cython.p_const_longlong
    tag: cython.int = PACKAGE_ACKNOWLEDGEMENT
    start: cython.Py_ssize_t = at + 2
    if cython.compiled:
        rows, words = cython.address(results.words[0]), cython.address(turn.words[0])
        answers = cython.address(told.words[0])
    else:
        rows, words, answers = results.words, turn.words, told.words
    out[at] = tag
    at = _put_package_acknowledgement(out, start, rows, row, words, answers)
    return _close_message(out, start, at)
