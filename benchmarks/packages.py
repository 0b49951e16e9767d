"""Measure multi-leg orders: beside single orders, and how many that wait a book change looks at.

    python -m benchmarks.packages [--smoke] [--packages N]

A package of two legs that trades at once stands against the two immediate orders that would trade
the same, through the whole exchange in process; so does a sequential one, whose legs are worked one
after the other. Then packages wait, ten on each instrument, and
orders enter the books: what such an order costs beside more and more instruments with packages that
it cannot affect, and beside packages that it makes try and that cannot trade yet.
"""

import argparse
from array import array
from collections.abc import Callable, Iterator

from benchmarks.exchange_flows import MIDDLE, OPENED_NS, TICK, command_records, list_instrument
from benchmarks.report import Report
from benchmarks.stretches import best_ns
from quantumcore.server.bench.exchange_drive_cy import ExchangeDrive
from quantumcore.server.core import enums
from quantumcore.server.core.admin_commands import create_account
from quantumcore.server.core.exchange_cy import Exchange, is_compiled
from quantumcore.server.core.order_commands import create_order
from quantumcore.server.core.package_commands import Leg, create_package

BUY, SELL = enums.SIDE_BUY, enums.SIDE_SELL
LOT = 1_000_000
TURN = 100
ROUNDS = 5
STRETCH = 500  # commands
PACKAGES_EACH = 10
INSTRUMENTS = (2, 10, 100, 1_000)
CHANGES = 2_000
Records = memoryview
Step = Callable[[Exchange, int], object]


def new_exchange(instruments: int) -> Exchange:
    """Return an exchange with so many instruments and three accounts."""
    exchange = Exchange(order_capacity=1 << 18, live_order_capacity=1 << 18, prefault=True)
    exchange.begin_turn(OPENED_NS)
    for _ in range(instruments):
        list_instrument(exchange)
    for _ in range(3):
        create_account(exchange)
    return exchange


def recorded(exchange: Exchange, step: Step, count: int) -> Records:
    """Carry out so many steps and return their commands."""
    written = array("q")
    for number in range(count):
        exchange.begin_turn(OPENED_NS)
        step(exchange, number)
        written.frombytes(command_records(exchange.turn.view()))
    return memoryview(written)


def quote(exchange: Exchange, instrument: int, number: int) -> None:
    """Let account 2 stand on both sides of a book with one more order each."""
    for side, away in ((BUY, -5), (SELL, 5)):
        create_order(
            exchange,
            account_id=2,
            instrument_id=instrument,
            client_order_id=f"q{instrument}-{side}-{number}",
            side=side,
            quantity=4 * LOT,
            price=(MIDDLE + away) * TICK,
        )


def pair(exchange: Exchange, number: int, first: int, net: int | None, time_in_force: int) -> None:
    """Enter a package that buys an instrument and sells the next."""
    create_package(
        exchange,
        account_id=1,
        client_order_id=f"package-{number}",
        legs=(Leg(first, BUY, LOT), Leg(first + 1, SELL, LOT)),
        units=1,
        net_price=net,
        time_in_force=time_in_force,
        request_id=number + 1,
    )


def sequential_pair(exchange: Exchange, number: int) -> None:
    """Enter the same as a sequential order: its second leg follows the first."""
    create_package(
        exchange,
        account_id=1,
        client_order_id=f"sequential-{number}",
        legs=(Leg(1, BUY, LOT), Leg(2, SELL, LOT)),
        units=1,
        mode=enums.EXECUTION_MODE_SEQUENTIAL,
        sequential=(enums.UNWIND_POLICY_UNWIND, 1_000, 0),
        time_in_force=enums.TIME_IN_FORCE_IOC,
        request_id=number + 1,
    )


def two_singles(exchange: Exchange, number: int) -> None:
    """Enter the two immediate orders that trade what a package would."""
    for instrument, side, away in ((1, BUY, 5), (2, SELL, -5)):
        create_order(
            exchange,
            account_id=1,
            instrument_id=instrument,
            client_order_id=f"single-{number}-{instrument}",
            side=side,
            quantity=LOT,
            price=(MIDDLE + away) * TICK,
            time_in_force=enums.TIME_IN_FORCE_IOC,
            request_id=2 * number + instrument,
        )


def stretches(opened: Callable[[], Exchange], records: Records) -> Iterator[Callable[[], object]]:
    """Yield the work on a fresh exchange, some commands at a time."""
    drive = ExchangeDrive(opened())
    at = 0
    while at < len(records):
        end, count = at, 0
        while end < len(records) and count < STRETCH:
            end += records[end] >> 16 & 0xFFFF
            count += 1
        part = records[at:end]
        yield lambda part=part: drive.run(part, OPENED_NS, TURN)  # type: ignore[misc]
        at = end


def cost_ns(opened: Callable[[], Exchange], records: Records, count: int) -> float:
    """Return the time of each of `count` things that the records do."""
    return best_ns(stretches(opened, records) for _ in range(ROUNDS)) / count


def trading(report: Report, count: int) -> None:
    """Set a package that trades at once beside its two single orders."""

    def opened() -> Exchange:
        exchange = new_exchange(2)
        for number in range(count // 4 + 1):
            quote(exchange, 1, number)
            quote(exchange, 2, number)
        return exchange

    package = recorded(
        opened(), lambda at, number: pair(at, number, 1, None, enums.TIME_IN_FORCE_IOC), count
    )
    singles = recorded(opened(), two_singles, count)
    sequential = recorded(opened(), sequential_pair, count)
    sequential_ns = cost_ns(opened, sequential, count)
    package_ns, singles_ns = cost_ns(opened, package, count), cost_ns(opened, singles, count)
    report.figure("package_us", package_ns / 1e3)
    report.figure("sequential_us", sequential_ns / 1e3)
    report.baseline("two_singles_us", singles_ns / 1e3)
    report.figure("package_vs_two_singles_ratio", package_ns / singles_ns)
    report.figure("sequential_vs_two_singles_ratio", sequential_ns / singles_ns)
    report.ratio("package_to_two_singles", package_ns, singles_ns)
    report.ratio("sequential_to_two_singles", sequential_ns, singles_ns)


def waiting(instruments: int, *, affected: bool) -> float:
    """Return what an order costs that enters a book while packages wait on many books.

    The packages would trade at a net price that the books do not give. `affected`: the order
    betters the side that ten of them wait for; else it enters the other side, deep in the book.
    """

    def opened() -> Exchange:
        exchange = new_exchange(instruments + 1)
        for instrument in range(1, instruments + 2):
            quote(exchange, instrument, 0)
        for number in range(PACKAGES_EACH * instruments):
            first = 1 + number // PACKAGES_EACH
            pair(exchange, number, first, -100 * TICK, enums.TIME_IN_FORCE_GTC)
        return exchange

    def change(exchange: Exchange, number: int) -> None:
        # The first instrument's asks and the second's bids are waited for by ten packages each.
        side, away = (SELL, 4) if affected else (BUY, -50 - number % 50)
        create_order(
            exchange,
            account_id=3,
            instrument_id=1,
            client_order_id=f"change-{number}",
            side=side,
            quantity=LOT,
            price=(MIDDLE + away) * TICK,
            request_id=1_000_000 + number,
        )

    return cost_ns(opened, recorded(opened(), change, CHANGES), CHANGES)


def waits(report: Report, instruments: tuple[int, ...]) -> None:
    """Measure book changes beside packages on more and more instruments."""
    for count in instruments:
        resting = PACKAGES_EACH * count
        report.figure(f"book_change_us_{resting}_resting", waiting(count, affected=False) / 1e3)
        report.figure(f"ten_tries_us_{resting}_resting", waiting(count, affected=True) / 1e3)
    most = PACKAGES_EACH * instruments[-1]
    if most == 10_000:
        figure = report.figures[f"book_change_us_{most}_resting"]
        report.figure("book_change_us_10k_resting", figure)
    least = report.figures[f"book_change_us_{PACKAGES_EACH * instruments[0]}_resting"]
    report.baseline(f"book_change_us_{PACKAGES_EACH * instruments[0]}_resting", least)
    report.ratio(
        "book_change_most_to_least", report.figures[f"book_change_us_{most}_resting"], least
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a hundredth of the work")
    parser.add_argument("--packages", type=int, default=20_000)
    options = parser.parse_args()
    report = Report("packages", build={"core": "compiled" if is_compiled() else "python"})
    trading(report, 200 if options.smoke else options.packages)
    waits(report, INSTRUMENTS[:2] if options.smoke else INSTRUMENTS)
    report.write()


if __name__ == "__main__":
    main()
