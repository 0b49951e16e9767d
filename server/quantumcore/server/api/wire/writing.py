"""Write the parts of a protobuf message into a buffer that has room for them.

Not imported: `proto/wire.py` copies the functions into `order_wire_cy.py`, where the C compiler
inlines them. Each takes the position to write at and returns the one after.
"""

import cython

if cython.compiled:
    from cython.cimports.libc.string import memmove

# Copied from here on.


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _put_varint(
    out: cython.p_uchar, at: cython.Py_ssize_t, value: cython.ulonglong
) -> cython.Py_ssize_t:
    while value >= 128:
        out[at] = value & 127 | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _put_signed(
    out: cython.p_uchar, at: cython.Py_ssize_t, value: cython.longlong
) -> cython.Py_ssize_t:
    lower: cython.ulonglong = 0xFFFFFFFFFFFFFFFF
    return _put_varint(out, at, value & lower)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _put_word(
    out: cython.p_uchar, at: cython.Py_ssize_t, value: cython.longlong
) -> cython.Py_ssize_t:
    out[at] = value & 255
    out[at + 1] = value >> 8 & 255
    out[at + 2] = value >> 16 & 255
    out[at + 3] = value >> 24 & 255
    out[at + 4] = value >> 32 & 255
    out[at + 5] = value >> 40 & 255
    out[at + 6] = value >> 48 & 255
    out[at + 7] = value >> 56 & 255
    return at + 8


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _put_text(
    out: cython.p_uchar,
    at: cython.Py_ssize_t,
    words: cython.p_const_longlong,
    start: cython.Py_ssize_t,
    length: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """Write the length and the text; up to 7 bytes beyond it are overwritten with zeros."""
    out[at] = length
    at += 1
    index: cython.Py_ssize_t
    for index in range((length + 7) >> 3):
        _put_word(out, at + 8 * index, words[start + index])
    return at + length


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _close_message(
    out: cython.p_uchar, body: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> cython.Py_ssize_t:
    """Write the length of out[body:end] before it; one byte stands free there.

    A body of 128 bytes or more moves up by one; none is longer than 16,383.
    """
    size: cython.Py_ssize_t = end - body
    if size < 128:
        out[body - 1] = size
        return end
    if cython.compiled:
        memmove(out + body + 1, out + body, size)
    else:
        out[body + 1 : end + 1] = out[body:end]
    out[body - 1] = size & 127 | 128
    out[body] = size >> 7
    return end + 1
