"""Recordings on disk and the errors of reading them."""

import gzip
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class FlowFormatError(ValueError):
    """A line of a recording is not what its format says."""

    def __init__(self, line_number: int, line: str, problem: str) -> None:
        super().__init__(f"line {line_number}: {problem}: {line.strip()[:120]!r}")
        self.line_number = line_number


@contextmanager
def open_recording(path: Path) -> Iterator[TextIO]:
    """Open a text recording, decompressing `.xz` and `.gz` on the fly.

    Raises `OSError` where the file cannot be read.
    """
    match path.suffix:
        case ".xz":
            stream: TextIO = lzma.open(path, "rt", encoding="ascii")
        case ".gz":
            stream = gzip.open(path, "rt", encoding="ascii")
        case _:
            stream = path.open(encoding="ascii")
    with stream:
        yield stream
