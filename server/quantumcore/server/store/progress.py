"""Show how far the making of a projection is: a bar on a terminal, lines elsewhere."""

from time import monotonic
from typing import Any, TextIO

from quantumcore.server.store.projections.projector import Progress

BAR_CHARACTERS = 30
LINE_INTERVAL_S = 10.0


class ProgressBar:
    """Draws on a stream; `log` gets the lines where nobody sees it."""

    def __init__(self, stream: TextIO, log: Any) -> None:
        self._stream, self._log = stream, log
        self._is_seen = stream.isatty()
        self._next_line_s = monotonic()

    def show(self, progress: Progress) -> None:
        """Take how far it is."""
        is_last = progress.sequence >= progress.last_sequence
        if self._is_seen:
            self._stream.write("\r" + drawn(progress) + ("\n" if is_last else ""))
            self._stream.flush()
        elif is_last or monotonic() >= self._next_line_s:
            self._next_line_s = monotonic() + LINE_INTERVAL_S
            self._log.info("making anew", **progress._asdict(), left_s=left_s(progress))


def drawn(progress: Progress) -> str:
    """Return a bar, the share that is done, the rate and the time that is left."""
    share = progress.sequence / max(progress.last_sequence, 1)
    full = int(share * BAR_CHARACTERS)
    bar = "#" * full + "." * (BAR_CHARACTERS - full)
    rate = f"{progress.sequences_per_s:,.0f} sequences/s"
    return f"{progress.name:<18} [{bar}] {share:4.0%}  {rate}, {left_s(progress)} s left"


def left_s(progress: Progress) -> int:
    """Return how long the rest takes at the rate so far, seconds."""
    rest = progress.last_sequence - progress.sequence
    return round(rest / progress.sequences_per_s) if progress.sequences_per_s else 0
