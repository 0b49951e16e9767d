"""Find what of a large memory holds anything."""

import cython


def used_parts(words: cython.longlong[::1], part_words: cython.Py_ssize_t) -> list[int]:
    """Return the numbers of the parts of so many words in which any word is not zero."""
    found: list[int] = []
    number: cython.Py_ssize_t
    for number in range((len(words) + part_words - 1) // part_words):
        first: cython.Py_ssize_t = number * part_words
        if _is_used(words, first, min(part_words, len(words) - first)):
            found.append(number)
    return found


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _is_used(
    words: cython.longlong[::1], first: cython.Py_ssize_t, count: cython.Py_ssize_t
) -> cython.bint:
    if cython.compiled:
        i: cython.Py_ssize_t
        bits: cython.longlong
        for i in range(first, first + count - 7, 8):
            bits = words[i] | words[i + 1] | words[i + 2] | words[i + 3]
            bits |= words[i + 4] | words[i + 5] | words[i + 6] | words[i + 7]
            if bits != 0:
                return True
        for i in range(first + count - count % 8, first + count):
            if words[i] != 0:
                return True
        return False
    else:  # noqa: RET505 - dropped where the branch above is compiled
        return bytes(words[first : first + count]) != bytes(8 * count)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
