"""Time long work stretch by stretch, and keep the best that each stretch took in some rounds.

On a machine that others use as well, a long run is always interrupted somewhere. A stretch of about
a millisecond mostly is not; the sum of the best ones is what the work takes when it is left alone.
"""

from collections.abc import Callable, Iterable
from time import perf_counter_ns


def best_ns(rounds: Iterable[Iterable[Callable[[], object]]]) -> int:
    """Return the sum of the best times of stretches, which are the same in every round."""
    best: list[int] = []
    for stretches in rounds:
        elapsed = [_elapsed_ns(stretch) for stretch in stretches]
        best = [min(pair) for pair in zip(best, elapsed, strict=True)] if best else elapsed
    return sum(best)


def _elapsed_ns(stretch: Callable[[], object]) -> int:
    begin = perf_counter_ns()
    stretch()
    return perf_counter_ns() - begin
