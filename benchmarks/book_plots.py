"""Draw what the book's operations cost, and how that grows."""

from collections.abc import Mapping

from benchmarks import plots
from benchmarks.pacing import Latencies

Costs = tuple[list[int], dict[str, list[float]]]  # sizes; by verb the ns an operation at each
PERCENTS = (50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99)
NAMES = {
    "cancel_and_add": "cancel or add, anywhere",
    "reduce": "reduce, anywhere",
    "match": "match",
    "near_touch": "add or cancel near the touch",
}


def draw(measured: Mapping[str, Latencies], over_orders: Costs, over_levels: Costs) -> None:
    """Write docs/performance/book.png and book-latency.png."""
    drawn, (left, right) = plots.figure(2)
    for axes, across, (sizes, costs) in (
        (left, "orders that rest", over_orders),
        (right, "price levels", over_levels),
    ):
        lines: dict[str, plots.Line] = {NAMES[verb]: (sizes, each) for verb, each in costs.items()}
        plots.panel(axes, f"Cost by {across}", across, "ns an operation", lines)
    plots.save(drawn, "book")
    drawn, axes = plots.figure(1)
    places = [1 / (1 - percent / 100) for percent in PERCENTS]
    lines = {
        name: (places, [1000 * each.percentile_us(percent) for percent in PERCENTS])
        for name, each in measured.items()
    }
    across = "one message in so many takes longer"
    plots.panel(axes, "Latency of a message", across, "ns", lines)
    plots.save(drawn, "book-latency")
