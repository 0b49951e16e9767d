"""Reserve the columns of one search side by side."""

from quantumcore.server.core.memory import int64_column

_LINE_WORDS = 8


def int64_columns(count: int, length: int) -> list[memoryview]:
    """Return so many zeroed columns of int64, each of at least `length` words, out of one block.

    A search touches the first few words of all its columns in turn. Where each column has pages of
    its own these words fall into one set of the processor's cache and evict one another; here a
    column begins an odd number of lines behind the one before.
    """
    lines = -(-length // _LINE_WORDS) | 1
    step = lines * _LINE_WORDS
    block = int64_column(count * step)
    return [block[at * step : (at + 1) * step] for at in range(count)]
