"""Link rows of a table to lists: two columns name each row's neighbours, a third the ends."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
else:
    from quantumcore.server.core import kinds


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def link(
    ends: cython.longlong[::1],
    at: cython.Py_ssize_t,
    following: cython.int[::1],
    previous: cython.int[::1],
    row: cython.int,
) -> cython.void:
    """Append a row to the list whose first and last row stand at `ends[at]`."""
    last: cython.int = cython.cast(cython.int, ends[at + 1])
    previous[row] = last
    following[row] = kinds.NO_SLOT
    if last == kinds.NO_SLOT:
        ends[at] = row
    else:
        following[last] = row
    ends[at + 1] = row


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def unlink(
    ends: cython.longlong[::1],
    at: cython.Py_ssize_t,
    following: cython.int[::1],
    previous: cython.int[::1],
    row: cython.int,
) -> cython.void:
    """Take a row out of the list whose first and last row stand at `ends[at]`."""
    before: cython.int = previous[row]
    behind: cython.int = following[row]
    if before == kinds.NO_SLOT:
        ends[at] = behind
    else:
        following[before] = behind
    if behind == kinds.NO_SLOT:
        ends[at + 1] = before
    else:
        previous[behind] = before


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
