"""Recordings on disk: opening them, reading their numbers, and the error of both."""

import gzip
import lzma
from pathlib import Path
from typing import TextIO


class FlowFormatError(ValueError):
    """A line of a recording is not what its format says."""

    def __init__(self, line_number: int, line: str, problem: str) -> None:
        super().__init__(f"line {line_number}: {problem}: {line.strip()[:120]!r}")
        self.line_number = line_number


def open_recording(path: Path) -> TextIO:
    """Open a text recording, decompressing `.xz` and `.gz` on the fly.

    Raises `OSError` where the file cannot be read.
    """
    match path.suffix:
        case ".xz":
            return lzma.open(path, "rt", encoding="ascii")
        case ".gz":
            return gzip.open(path, "rt", encoding="ascii")
        case _:
            return path.open(encoding="ascii")


def parse_fixed(text: str, decimals: int) -> int:
    """Return decimal `text` times 10**`decimals`, exactly.

    Raises `ValueError` where the text is no plain decimal number or has more decimals
    that are not zero.
    """
    whole, _, fraction = text.partition(".")
    excess = fraction[decimals:]
    if excess.strip("0"):
        raise ValueError(f"{text} has more than {decimals} decimals")
    negative = whole.startswith("-")
    magnitude = whole[1:] if negative else whole
    digits = magnitude + fraction[:decimals].ljust(decimals, "0")
    if not magnitude or not (magnitude + fraction).isdecimal():
        raise ValueError(f"{text!r} is no decimal number")
    return -int(digits) if negative else int(digits)
