"""Set parts of the words of a record.

Not imported: `proto/wire.py` copies the functions into `order_wire_cy.py`, where the C compiler
inlines them. Words are int64; what is unsigned on the wire keeps its bits.
"""

import cython

from quantumcore.server.api.wire.order_wire_cy import _word

if cython.compiled:
    from cython.cimports.quantumcore.server.core.enums import REJECT_REASON_NOT_PERMITTED
    from cython.cimports.quantumcore.server.core.kinds import (
        AMEND_FLAGS,
        AMEND_LEG,
        AMEND_LEG_PRICE,
        AMEND_LEG_PRICES,
        AMEND_LEG_TWICE,
        AMEND_OTHER_LEG,
        CLIENT_ORDER_ID_BYTES,
        COMMAND_PARTIES,
        LEG_TERM_SIDE,
        LEG_WORDS,
        MAX_LEGS,
        PACKAGE_LEGS,
        PACKAGE_TERM_LEGS,
        PACKAGE_TERMS,
    )
else:
    from quantumcore.server.core.enums import REJECT_REASON_NOT_PERMITTED
    from quantumcore.server.core.kinds import (
        AMEND_FLAGS,
        AMEND_LEG,
        AMEND_LEG_PRICE,
        AMEND_LEG_PRICES,
        AMEND_LEG_TWICE,
        AMEND_OTHER_LEG,
        CLIENT_ORDER_ID_BYTES,
        COMMAND_PARTIES,
        LEG_TERM_SIDE,
        LEG_WORDS,
        MAX_LEGS,
        PACKAGE_LEGS,
        PACKAGE_TERM_LEGS,
        PACKAGE_TERMS,
    )

# Copied from here on.


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _signed(value: cython.ulonglong) -> cython.longlong:
    return cython.cast(cython.longlong, value) if cython.compiled else value - (value >> 63 << 64)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _low(value: cython.ulonglong) -> cython.longlong:
    """Return the lower half of a word."""
    mask: cython.ulonglong = 0xFFFFFFFF
    return value & mask


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _high(value: cython.longlong) -> cython.longlong:
    """Return the upper half of a word, unsigned."""
    return _low(value >> 32)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _int32(value: cython.ulonglong) -> cython.longlong:
    """Read an enum as protobuf does: the lower half, signed."""
    low: cython.longlong = _low(value)
    return low - ((low >> 31) << 32)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _byte(value: cython.ulonglong) -> cython.longlong:
    """Return what a byte holds of a number: 255 where it is more."""
    return min(_low(value), 255)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _set_byte(
    words: cython.p_longlong,
    at: cython.Py_ssize_t,
    shift: cython.int,
    value: cython.longlong,
) -> cython.void:
    mask: cython.longlong = 255
    words[at] = words[at] & ~(mask << shift) | value << shift


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _set_enum(
    words: cython.p_longlong,
    start: cython.Py_ssize_t,
    terms: cython.Py_ssize_t,
    shift: cython.int,
    sent: cython.Py_ssize_t,
    value: cython.ulonglong,
) -> cython.void:
    """Put an enum into its byte; what it cannot hold is 255 there, and stands apart for now."""
    small: cython.longlong = _byte(value)
    _set_byte(words, start + terms, shift, small)
    if small == 255:
        words[start + sent + (shift >> 3)] = _int32(value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _store_sent(
    words: cython.p_longlong,
    start: cython.Py_ssize_t,
    terms: cython.Py_ssize_t,
    count: cython.int,
    sent: cython.Py_ssize_t,
    at: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """Store the first enum that its byte does not hold; return the word after it."""
    index: cython.int
    for index in range(count):
        if words[start + terms] >> (8 * index) & 255 == 255:
            words[at] = words[start + sent + index]
            return at + 1
    return at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _store_sent_side(
    words: cython.p_longlong,
    start: cython.Py_ssize_t,
    sent: cython.Py_ssize_t,
    at: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """Store the first side of a leg that its byte does not hold; return the word after it."""
    count: cython.longlong = min(words[start + PACKAGE_TERMS] >> PACKAGE_TERM_LEGS & 255, MAX_LEGS)
    number: cython.Py_ssize_t
    for number in range(count):
        if words[start + PACKAGE_LEGS + number * LEG_WORDS] >> LEG_TERM_SIDE & 255 == 255:
            words[at] = words[start + sent + number * LEG_WORDS]
            return at + 1
    return at


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _set_low(
    words: cython.p_longlong, at: cython.Py_ssize_t, value: cython.ulonglong
) -> cython.void:
    words[at] = words[at] >> 32 << 32 | _low(value)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _set_high(
    words: cython.p_longlong, at: cython.Py_ssize_t, value: cython.ulonglong
) -> cython.void:
    high: cython.ulonglong = _low(value)
    low: cython.ulonglong = _low(words[at])
    words[at] = _signed(high << 32 | low)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _set_flag(
    words: cython.p_longlong,
    at: cython.Py_ssize_t,
    shift: cython.int,
    flag: cython.longlong,
    on: cython.bint,
) -> cython.void:
    words[at] = words[at] & ~(flag << shift) | (flag << shift if on else 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _next_element(
    words: cython.p_longlong,
    at: cython.Py_ssize_t,
    shift: cython.int,
    most: cython.longlong,
) -> cython.Py_ssize_t:
    """Count one more in a byte, up to 255; return how many came before, -1: no room for more."""
    count: cython.longlong = words[at] >> shift & 255
    if count < 255:
        _set_byte(words, at, shift, count + 1)
    return count if count < most else -1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _amend_leg(
    words: cython.p_longlong, start: cython.Py_ssize_t, leg: cython.Py_ssize_t
) -> cython.void:
    """Put a leg's new limit into a record: its number, price and flags stand from `leg` on."""
    number: cython.longlong = words[leg] - 1
    flags: cython.longlong = words[start + AMEND_FLAGS]
    one: cython.longlong = 1
    if not 0 <= number < MAX_LEGS:
        if flags >> 32 == 0:
            flags |= min(words[leg], 0x7FFFFFFF) << 32
        words[start + AMEND_FLAGS] = flags | AMEND_OTHER_LEG
        return
    if flags >> (AMEND_LEG + number) & 1:
        words[start + AMEND_FLAGS] = flags | one << (AMEND_LEG_TWICE + number)
        return
    flags |= one << (AMEND_LEG + number) | words[leg + 2] << (AMEND_LEG_PRICE + number)
    words[start + AMEND_FLAGS] = flags
    words[start + AMEND_LEG_PRICES + number] = words[leg + 1]


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _clear(
    words: cython.p_longlong, start: cython.Py_ssize_t, count: cython.Py_ssize_t
) -> cython.void:
    index: cython.Py_ssize_t
    for index in range(start, start + count):
        words[index] = 0


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _stored_bytes(length: cython.longlong) -> cython.Py_ssize_t:
    if length == 65535:
        return 0
    return min(length, CLIENT_ORDER_ID_BYTES)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _unprintable(word: cython.ulonglong) -> cython.bint:
    high_bits: cython.ulonglong = 0x0101010101010101
    above: cython.ulonglong = word + high_bits
    below: cython.ulonglong = word - (high_bits << 5)
    return (word | above | below) >> 7 & high_bits != 0


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _store_text(
    source: cython.p_const_uchar,
    offset: cython.Py_ssize_t,
    length: cython.longlong,
    words: cython.p_longlong,
    at: cython.Py_ssize_t,
) -> tuple[cython.longlong, cython.Py_ssize_t]:
    """Store a client order id; return its length word and the word after it.

    Text beyond 64 bytes is cut, its length word is the true length; text that is not printable
    ASCII has the length word 65535 and no words.
    """
    left: cython.Py_ssize_t = _stored_bytes(length)
    end: cython.Py_ssize_t = offset + left
    after: cython.Py_ssize_t = at
    spaces: cython.ulonglong = 0x2020202020202020
    word: cython.ulonglong
    while left > 0:
        if left >= 8:
            word = _word(source, offset)
            if _unprintable(word):
                return 65535, at
        else:
            word = _partial_word(source, offset, end)
            if _unprintable(word | spaces >> (8 * left) << (8 * left)):
                return 65535, at
        words[after] = _signed(word)
        after += 1
        offset += 8
        left -= 8
    return length, after


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _partial_word(
    source: cython.p_const_uchar, at: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> cython.ulonglong:
    word: cython.ulonglong = 0
    byte: cython.ulonglong
    shift: cython.int = 0
    while at < end:
        byte = source[at]
        word |= byte << shift
        shift += 8
        at += 1
    return word


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _seal(
    words: cython.p_longlong,
    start: cython.Py_ssize_t,
    kind: cython.longlong,
    length: cython.longlong,
    permitted: cython.p_const_uchar,
    accounts: cython.longlong,
) -> cython.void:
    account: cython.longlong = _low(words[start + COMMAND_PARTIES])
    refusal: cython.longlong = REJECT_REASON_NOT_PERMITTED
    if accounts == 0 or (0 < account < accounts and permitted[account] == 1):
        refusal = 0
    words[start] = kind | length << 16 | refusal << 32
