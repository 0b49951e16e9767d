"""Offer work at a fixed rate and record latencies from the intended arrival time.

The arrivals do not wait for the work: when one call is slow, the calls behind it are late, and
their lateness counts. Latencies are therefore free of coordinated omission.
"""

from array import array
from collections.abc import Callable
from time import perf_counter_ns, sleep

SPIN_NS = 200_000


class Latencies:
    """Keep every sample, in nanoseconds; percentiles are exact, not interpolated."""

    def __init__(self, samples_ns: "array[int]") -> None:
        self.samples_ns = samples_ns
        self._sorted = sorted(samples_ns)

    def __len__(self) -> int:
        return len(self._sorted)

    def percentile_us(self, percent: float) -> float:
        """Return the smallest sample that `percent` of all samples do not exceed."""
        if not self._sorted:
            raise ValueError("no sample was recorded")
        rank = max(0, -(-len(self._sorted) * percent // 100) - 1)
        return self._sorted[min(int(rank), len(self._sorted) - 1)] / 1000

    def mean_us(self) -> float:
        """Return the arithmetic mean."""
        return sum(self._sorted) / len(self._sorted) / 1000

    def summary_us(self) -> dict[str, float]:
        """Return the percentiles that the reports show, by name."""
        named = {"p50": 50, "p90": 90, "p99": 99, "p999": 99.9, "p9999": 99.99, "max": 100}
        return {name: self.percentile_us(percent) for name, percent in named.items()}


def open_loop(rate_per_s: int, duration_s: float, work: Callable[[int], None]) -> Latencies:
    """Call `work(arrival_ns)` at a steady rate; measure from intended arrival to its return."""
    interval_ns = 1_000_000_000 // rate_per_s
    samples_ns = array("q", bytes(8 * int(rate_per_s * duration_s)))
    arrival_ns = perf_counter_ns() + 1_000_000
    for index in range(len(samples_ns)):
        wait_until_ns(arrival_ns)
        work(arrival_ns)
        samples_ns[index] = perf_counter_ns() - arrival_ns
        arrival_ns += interval_ns
    return Latencies(samples_ns)


def wait_until_ns(deadline_ns: int) -> None:
    """Sleep while the deadline is far, then spin; return at once when it has passed."""
    while (left_ns := deadline_ns - perf_counter_ns()) > 0:
        if left_ns > SPIN_NS:
            sleep((left_ns - SPIN_NS) / 1e9)
        else:
            sleep(0)
