"""Draw how the exchange's cost grows: with instruments, and with orders that wait."""

from collections.abc import Mapping

from benchmarks import plots

WAITS = {
    "GTD order expires": "expire_ns",
    "stop is triggered and rests": "trigger_ns",
    "GTD order entered": "enter_gtd_ns",
    "stop entered": "enter_stop_ns",
    "GTC order entered": "enter_gtc_ns",
    "order trades, no stop triggered": "trade_beside_stops_ns",
}


def draw(figures: Mapping[str, float], counts: list[int], waiting: list[int]) -> None:
    """Write docs/performance/exchange.png from the figures of a run."""
    drawn, (left, middle, right) = plots.figure(3)
    rates = [figures[f"{count}_instruments_commands_per_s"] / 1e6 for count in counts]
    plots.panel(
        left, "Rate", "instruments", "million commands a second", {"one core": (counts, rates)}
    )
    plots.panel(
        middle,
        "Latency of a command",
        "instruments",
        "µs",
        {
            name: (counts, [figures[f"{count}_instruments_command_{name}_us"] for count in counts])
            for name in ("p50", "p99", "p999")
        },
    )
    plots.panel(
        right,
        "Orders that wait",
        "orders waiting",
        "ns an order",
        {
            name: (waiting, [figures[f"{key}_{count}_waiting"] for count in waiting])
            for name, key in WAITS.items()
        },
    )
    plots.save(drawn, "exchange")
