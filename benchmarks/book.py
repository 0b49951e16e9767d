"""Measure the order book natively on five seeded flows, beside the reference book.

    python -m benchmarks.book [--smoke] [--plot] [--messages N] [--rounds N] [--seed N]

A message is a new order, an immediate one, a cancel or a change, and writes its reports. Native
figures are of one compiled loop over encoded messages; a latency includes reading the clock, whose
cost is measured beside it. Percentiles are taken from every message, not from a sample.
"""

import argparse
import gc
import shutil
import tracemalloc
from array import array
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks import allocations, book_growth, book_plots
from benchmarks.book_flows import BOOK_EVENTS, SHAPES, Flow, Generator, new_arena, new_book
from benchmarks.book_growth import Depth
from benchmarks.pacing import Latencies
from benchmarks.report import Report
from benchmarks.stretches import best_ns
from quantumcore.server.bench import drive_cy as drive
from quantumcore.server.core.book_cy import Book, is_compiled
from quantumcore.server.core.reference_book import ReferenceBook

STRETCH, CALLS, FEW = 10_000, 2_000, 200  # messages, natively and from Python: see stretches.py
Resting = dict[int, tuple[int, int]]  # by order id: price and lots left
PERCENTILES = {"p50_ns": 50, "p99_ns": 99, "p999_ns": 99.9}
LEVELS = 10_000  # of the books that grow in orders
ORDERS = 100_000  # of the books that grow in levels
OVER_ORDERS = [Depth(orders, min(orders, LEVELS)) for orders in (1_000, 10_000, 100_000, 1_000_000)]
OVER_LEVELS = [Depth(ORDERS, levels) for levels in (10, 100, 1_000, 10_000, 100_000)]


def filled(flow: Flow) -> drive.BookDrive:
    """Return the drive of a book after the operations that fill it."""
    driver = drive.BookDrive(new_book(flow.first + flow.messages))
    driver.run(flow.operations, 0, flow.first)
    driver.reports = 0
    return driver


def native(flow: Flow, rounds: int) -> tuple[float, float]:
    """Return messages and reports a second, each stretch at the best of the rounds."""
    last, reports = flow.first + flow.messages, 0

    def each_round() -> Iterator[list[Callable[[], None]]]:
        nonlocal reports
        for _ in range(rounds):
            driver = filled(flow)
            yield [
                partial(driver.run, flow.operations, at, min(at + STRETCH, last))
                for at in range(flow.first, last, STRETCH)
            ]
            reports = driver.reports

    seconds = best_ns(each_round()) / 1e9
    return flow.messages / seconds, reports / seconds


def latencies(flow: Flow, rounds: int) -> Latencies:
    """Return the time of each message, of the round with the lowest 99th percentile."""
    found: list[Latencies] = []
    for _ in range(rounds):
        driver = filled(flow)
        elapsed = memoryview(array("q", bytes(8 * flow.messages)))
        driver.run_timed(flow.operations, flow.first, flow.first + flow.messages, elapsed)
        found.append(Latencies(array("q", elapsed)))
    return min(found, key=lambda each: each.percentile_us(99))


def clock_ns() -> float:
    """Return the median time between two readings of the clock, with nothing between them."""
    driver = drive.BookDrive(new_book(1))
    nothing = memoryview(array("q", (drive.CANCEL, 0, 0, 1 << 32) * 10_000))
    elapsed = memoryview(array("q", bytes(8 * 10_000)))
    driver.run_timed(nothing, 0, 10_000, elapsed)
    return 1000 * Latencies(array("q", elapsed)).percentile_us(50)


def per_call(flow: Flow, rounds: int) -> float:
    """Return messages a second when Python calls once for each, leaving the reports unread."""
    last = flow.first + flow.messages

    def call(driver: drive.BookDrive, first: int) -> None:
        run, operations = driver.run, flow.operations
        for number in range(first, min(first + CALLS, last)):
            run(operations, number, number + 1)

    each_round = (
        [partial(call, driver, first) for first in range(flow.first, last, CALLS)]
        for driver in (filled(flow) for _ in range(rounds))
    )
    return flow.messages / (best_ns(each_round) / 1e9)


def from_python(
    flow: Flow, new: Callable[[], Book | ReferenceBook], messages: int, rounds: int
) -> float:
    """Return messages a second of a book that Python drives, reports read as named values."""
    rows = flow.operations.tolist()

    def send(book: Book | ReferenceBook, resting: Resting, first: int, last: int) -> None:
        for number in range(first, last):
            at = number * drive.OPERATION_WORDS
            step(book, resting, number, rows[at : at + drive.OPERATION_WORDS])

    def each_round() -> Iterator[list[Callable[[], None]]]:
        for _ in range(rounds):
            book, resting = new(), Resting()
            send(book, resting, 0, flow.first)
            yield [
                partial(send, book, resting, at, min(at + FEW, flow.first + messages))
                for at in range(flow.first, flow.first + messages, FEW)
            ]

    return messages / (best_ns(each_round()) / 1e9)


def step(
    book: Book | ReferenceBook,
    resting: Resting,
    number: int,
    row: list[int],
) -> None:
    """Do what BookDrive does with one operation."""
    head, price, lots, order = row
    verb, side = head & 0xFF, head >> 8
    if verb in {drive.CANCEL, drive.MODIFY}:
        slot = order & 0xFFFFFFFF
        resting_price, leaves = resting[order]
        if verb == drive.MODIFY and price == resting_price and lots < leaves:
            book.reduce(side, slot, leaves - lots)
        else:
            book.cancel(side, slot)
            if verb == drive.MODIFY:
                enter(book, side, price, lots, order >> 32)
    elif verb == drive.LIMIT:
        enter(book, side, price, lots, number)
    else:
        book.match(side, price, lots)
    for event in book.drain():
        key = event.slot | event.tag << 32
        if event.leaves > 0:
            resting[key] = (event.price, event.leaves)
        else:
            del resting[key]


def enter(book: Book | ReferenceBook, side: int, price: int, lots: int, tag: int) -> None:
    """Match an order and rest what is left."""
    left = book.match(side, price, lots)
    if left > 0:
        book.add(side, price, left, tag)


def bytes_per_order(flow: Flow) -> float:
    """Return bytes of arena in use for each resting order of a filled book."""
    arena = new_arena(flow.first)
    driver = drive.BookDrive(new_book(flow.first, arena))
    driver.run(flow.operations, 0, flow.first)
    return sum(column.nbytes for column in arena.columns()) / arena.live_orders


def reference_bytes_per_order(flow: Flow) -> float:
    """Return bytes that the reference book takes for each resting order."""
    gc.collect()
    tracemalloc.start()
    book = ReferenceBook(BOOK_EVENTS)
    rows = flow.operations.tolist()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(flow.first):
        head, price, lots, _ = rows[4 * number : 4 * number + 4]
        enter(book, head >> 8, price, lots, number)
        book.drain()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / max(1, len(book.orders))


def measure(report: Report, flows: list[Flow], rounds: int) -> dict[str, Latencies]:
    """Measure every flow natively; return the latencies by flow."""
    rates: list[float] = []
    measured: dict[str, Latencies] = {}
    for flow in flows:
        rate, reports = native(flow, rounds)
        rates.append(rate)
        report.figure(f"{flow.name}_msgs_per_s", rate)
        report.figure(f"{flow.name}_reports_per_s", reports)
        measured[flow.name] = latencies(flow, rounds)
        for key, percent in PERCENTILES.items():
            value = 1000 * measured[flow.name].percentile_us(percent)
            report.figure(f"{flow.name}_{key}", round(value))
    report.figure("clock_ns", clock_ns())
    report.figure("worst_flow_msgs_per_s", min(rates))
    report.figure("best_flow_msgs_per_s", max(rates))
    report.ratio("worst_flow_to_best", min(rates), max(rates))
    return measured


def compare(report: Report, flows: list[Flow], messages: int, rounds: int) -> None:
    """Set the native figures beside those of Python calls and of the reference book."""
    for flow in flows:
        reference = from_python(flow, lambda: ReferenceBook(BOOK_EVENTS), messages, min(rounds, 3))
        report.baseline(f"{flow.name}_reference_msgs_per_s", reference)
        native_rate = report.figures[f"{flow.name}_msgs_per_s"]
        report.ratio(f"{flow.name}_native_to_reference", native_rate, reference)
    flow = flows[0]
    called, capacity = per_call(flow, rounds), flow.first + flow.messages
    read = from_python(flow, lambda: new_book(capacity), messages, rounds)
    reference = report.baselines[f"{flow.name}_reference_msgs_per_s"]
    report.figure("per_call_msgs_per_s", called)
    report.figure("per_call_with_reports_read_msgs_per_s", read)
    report.figure("reference_msgs_per_s", reference)
    report.ratio("per_call_to_reference", called, reference)


def growth(
    report: Report, options: argparse.Namespace
) -> tuple[book_plots.Costs, book_plots.Costs]:
    """Report what each verb costs as orders and levels grow."""
    many = slice(2) if options.smoke else slice(None)
    over_orders, over_levels = OVER_ORDERS[many], OVER_LEVELS[many]
    operations = 5_000 if options.smoke else 200_000
    found: list[book_plots.Costs] = []
    for name, depths in (("orders", over_orders), ("levels", over_levels)):
        counts = [depth.orders if name == "orders" else depth.levels for depth in depths]
        costs = book_growth.costs(depths, operations, options.rounds, options.seed)
        for verb, each in costs.items():
            for count, cost in zip(counts, each, strict=True):
                report.figure(f"{verb}_ns_{count}_{name}", cost)
        found.append((counts, costs))
    return found[0], found[1]


def memory(report: Report, flow: Flow) -> None:
    """Set the memory of an order beside the reference's; count allocations where one can."""
    bytes_each, reference = bytes_per_order(flow), reference_bytes_per_order(flow)
    report.figure("bytes_per_order", bytes_each)
    report.baseline("reference_bytes_per_order", reference)
    report.ratio("reference_to_book_bytes", reference, bytes_each)
    if is_compiled() and shutil.which("cc"):
        for verb in ("add", "cancel", "reduce", "match"):
            report.figure(f"allocations_per_{verb}", allocations.per_operation(verb))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a hundredth of the work")
    parser.add_argument("--plot", action="store_true", help="draw the plots in docs/performance")
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.smoke:
        options.messages, options.rounds = 5_000, 1
    shapes = [
        shape._replace(resting=shape.resting // 100) if options.smoke else shape for shape in SHAPES
    ]
    flows = [Generator(shape, options.seed, options.messages).flow() for shape in shapes]
    report = Report("book", build={"core": "compiled" if is_compiled() else "python"})
    measured = measure(report, flows, options.rounds)
    compare(report, flows, min(options.messages, 10_000), options.rounds)
    memory(report, flows[1])
    over_orders, over_levels = growth(report, options)
    report.write()
    if options.plot:
        book_plots.draw(measured, over_orders, over_levels)


if __name__ == "__main__":
    main()
