"""Read the parts of a protobuf message, checking every byte against the end.

Not imported: `proto/wire.py` copies the functions into `order_wire_cy.py`, where the C compiler
inlines them. A position is a byte offset; a negative one is a fault (errors.py).
What protobuf's own parser takes or refuses is the measure, byte for byte.
"""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.api.wire.errors import (
        FAULT_DEPTH,
        FAULT_END_GROUP,
        FAULT_LENGTH,
        FAULT_TAG,
        FAULT_TEXT,
        FAULT_TRUNCATED,
        FAULT_VARINT,
        FAULT_WIRE_TYPE,
    )
else:
    from quantumcore.server.api.wire.errors import (
        FAULT_DEPTH,
        FAULT_END_GROUP,
        FAULT_LENGTH,
        FAULT_TAG,
        FAULT_TEXT,
        FAULT_TRUNCATED,
        FAULT_VARINT,
        FAULT_WIRE_TYPE,
    )

# Copied from here on.


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _fault(fault: cython.int, at: cython.Py_ssize_t) -> cython.Py_ssize_t:
    return -(at * 16 + fault)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _varint(
    source: cython.p_const_uchar, at: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> tuple[cython.ulonglong, cython.Py_ssize_t]:
    first: cython.Py_ssize_t = at
    value: cython.ulonglong = 0
    byte: cython.ulonglong
    shift: cython.int = 0
    while at < end:
        byte = source[at]
        at += 1
        if byte < 128:
            if shift == 63:
                byte &= 1
            return value | byte << shift, at
        if shift == 63:
            return 0, _fault(FAULT_VARINT, first)
        value |= (byte & 127) << shift
        shift += 7
    return 0, _fault(FAULT_TRUNCATED, first)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _tag(
    source: cython.p_const_uchar, at: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> tuple[cython.ulonglong, cython.Py_ssize_t]:
    tag: cython.ulonglong
    after: cython.Py_ssize_t
    if at < end and 8 <= source[at] < 128:
        return source[at], at + 1
    tag, after = _varint(source, at, end)
    if after > at + 5 or tag >> 32 != 0 or (after > 0 and tag < 8):
        return 0, _fault(FAULT_TAG, at)
    return tag, after


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _length(
    source: cython.p_const_uchar, at: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> tuple[cython.Py_ssize_t, cython.Py_ssize_t]:
    length: cython.ulonglong
    after: cython.Py_ssize_t
    room: cython.ulonglong
    length, after = _varint(source, at, end)
    if after < 0:
        return 0, after
    room = end - after
    if length > room:
        return 0, _fault(FAULT_LENGTH, at)
    return length, after


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _word(source: cython.p_const_uchar, at: cython.Py_ssize_t) -> cython.ulonglong:
    b0: cython.ulonglong = source[at]
    b1: cython.ulonglong = source[at + 1]
    b2: cython.ulonglong = source[at + 2]
    b3: cython.ulonglong = source[at + 3]
    b4: cython.ulonglong = source[at + 4]
    b5: cython.ulonglong = source[at + 5]
    b6: cython.ulonglong = source[at + 6]
    b7: cython.ulonglong = source[at + 7]
    return b0 | b1 << 8 | b2 << 16 | b3 << 24 | b4 << 32 | b5 << 40 | b6 << 48 | b7 << 56


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _fixed64(
    source: cython.p_const_uchar, at: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> tuple[cython.ulonglong, cython.Py_ssize_t]:
    if end - at < 8:
        return 0, _fault(FAULT_TRUNCATED, at)
    return _word(source, at), at + 8


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _skip_varint(
    source: cython.p_const_uchar, at: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> cython.Py_ssize_t:
    first: cython.Py_ssize_t = at
    longest: cython.Py_ssize_t = at + 10
    while at < end and at < longest:
        if source[at] < 128:
            return at + 1
        at += 1
    return _fault(FAULT_VARINT if at == longest else FAULT_TRUNCATED, first)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _skip(
    source: cython.p_const_uchar,
    tag: cython.ulonglong,
    at: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    depth: cython.int,
) -> cython.Py_ssize_t:
    wire_type: cython.int = tag & 7
    length: cython.Py_ssize_t
    if wire_type == 0:
        return _skip_varint(source, at, end)
    if wire_type == 2:
        length, at = _length(source, at, end)
        return at + length
    if wire_type == 3:
        return _skip_group(source, tag >> 3, at, end, depth - 1)
    if wire_type == 4:
        return _fault(FAULT_END_GROUP, at)
    if wire_type > 5:
        return _fault(FAULT_WIRE_TYPE, at)
    length = 8 if wire_type == 1 else 4
    return at + length if end - at >= length else _fault(FAULT_TRUNCATED, at)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _skip_group(
    source: cython.p_const_uchar,
    number: cython.ulonglong,
    at: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    depth: cython.int,
) -> cython.Py_ssize_t:
    tag: cython.ulonglong
    if depth < 0:
        return _fault(FAULT_DEPTH, at)
    while 0 <= at < end:
        tag, at = _tag(source, at, end)
        if at < 0 or tag == (number << 3 | 4):
            return at
        at = _skip(source, tag, at, end, depth)
    return at if at < 0 else _fault(FAULT_TRUNCATED, at)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _check_fields(
    source: cython.p_const_uchar,
    at: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    strings: cython.ulonglong,
    depth: cython.int,
) -> cython.Py_ssize_t:
    tag: cython.ulonglong
    length: cython.Py_ssize_t
    while 0 <= at < end:
        tag, at = _tag(source, at, end)
        if at < 0:
            return at
        if tag & 7 == 0:
            at = _skip_varint(source, at, end)
        elif tag & 7 == 2 and tag >> 3 < 64 and strings >> (tag >> 3) & 1:
            length, at = _length(source, at, end)
            if at >= 0:
                at = _check_text(source, at, at + length)
        else:
            at = _skip(source, tag, at, end, depth)
    return at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _check_text(
    source: cython.p_const_uchar, at: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> cython.Py_ssize_t:
    size: cython.Py_ssize_t
    while at < end:
        if source[at] < 128:
            at += 1
            continue
        size = _character(source, at, end)
        if size == 0:
            return _fault(FAULT_TEXT, at)
        at += size
    return at


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _character(
    source: cython.p_const_uchar, at: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> cython.Py_ssize_t:
    lead: cython.int = source[at]
    size: cython.Py_ssize_t = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    low: cython.int = 0x80
    high: cython.int = 0xBF
    position: cython.Py_ssize_t
    if lead < 0xC2 or lead > 0xF4 or end - at < size:
        return 0
    if lead == 0xE0:
        low = 0xA0
    elif lead == 0xED:
        high = 0x9F
    elif lead == 0xF0:
        low = 0x90
    elif lead == 0xF4:
        high = 0x8F
    if not low <= source[at + 1] <= high:
        return 0
    for position in range(at + 2, at + size):
        if source[position] & 0xC0 != 0x80:
            return 0
    return size
