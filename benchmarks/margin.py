"""Measure what it takes to pair a portfolio for the least margin, and to price its scenarios.

    python -m benchmarks.margin [--smoke] [--rounds N] [--seed N]

The baseline is the exhaustive pairing, every grouping of lots tried from the rules alone, on the
same portfolios in the same run; it is plain Python, so the ratio holds the search and the compiler.
Eight legs of one lot have 4,140 groupings. Both answers are compared, never only timed.
"""

import argparse
import random
import time
from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.report import Report
from quantumcore.server.core.margin.explanation import explain
from quantumcore.server.core.margin.holdings import Option
from quantumcore.server.core.margin.portfolio_cy import Portfolio
from quantumcore.server.core.margin.strategy_cy import StrategyModel, is_compiled
from tests.server.core.margin import exhaustive

UNDERLYING = 15_000  # ticks of 0.01
Holdings = Sequence[tuple[Option, int]]
IRON_CONDORS = (  # put or not, strike, number of the condor, sign
    (True, 140, 1, 1),
    (True, 145, 1, -1),
    (False, 155, 1, -1),
    (False, 160, 1, 1),
    (True, 130, 2, 1),
    (True, 135, 2, -1),
    (False, 165, 2, -1),
    (False, 170, 2, 1),
)


def option(number: int, put: bool, strike: int, expiry: int) -> Option:
    """Return an option on a stock at 150.00, marked at its intrinsic value and something more."""
    distance = strike * 100 - UNDERLYING if put else UNDERLYING - strike * 100
    mark = max(distance, 0) + 400 * expiry // (1 + abs(distance) // 400)
    return Option(
        instrument_id=number,
        underlying_id=1_000,
        put=put,
        strike_ticks=strike * 100,
        expiry=expiry,
        underlying_ticks=UNDERLYING,
        underlying_tick_value_minor_units=100,
        mark_ticks=mark,
        tick_value_minor_units=100,
    )


def two_iron_condors(lots: int, expiries: int = 1) -> Holdings:
    """Return eight legs: two iron condors, of one expiry or of two."""
    legs = enumerate(IRON_CONDORS, 1)
    return [
        (option(at, put, strike, min(number, expiries)), sign * lots)
        for at, (put, strike, number, sign) in legs
    ]


def mixed(source: random.Random, legs: int, lots: int, expiries: int) -> Holdings:
    """Return as many different legs with lots of either sign."""
    names = [
        (put, strike, expiry)
        for put in (False, True)
        for strike in range(120, 181, 5)
        for expiry in range(1, expiries + 1)
    ]
    return [
        (option(at, *name), source.choice((-1, 1)) * source.randint(1, lots))
        for at, name in enumerate(source.sample(names, legs), 1)
    ]


def portfolio_of(holdings: Holdings) -> Portfolio:
    """Return the portfolio of holdings."""
    portfolio = Portfolio()
    for terms, lots in holdings:
        portfolio.add(terms.words(), lots)
    return portfolio


def microseconds(work: Callable[[], object], rounds: int) -> float:
    """Return what one call takes, the best of five runs of so many."""
    best = float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        for _ in range(rounds):
            work()
        best = min(best, time.perf_counter() - begin)
    return best / rounds * 1e6


def measure_eight_legs(report: Report, rounds: int) -> None:
    """Time two iron condors of one expiry, and stand that against every grouping."""
    model, holdings = StrategyModel(), two_iron_condors(1)
    portfolio = portfolio_of(holdings)
    least = exhaustive.least_requirement(holdings)
    assert model.requirement(portfolio) == least
    assert model.pairing_is_optimal
    taken = microseconds(lambda: model.requirement(portfolio), rounds)
    every = microseconds(lambda: exhaustive.least_requirement(holdings), 1)
    report.figure("eight_leg_us", taken).baseline("eight_leg_exhaustive_us", every)
    report.ratio("exhaustive_to_search", every, taken)
    for lots, expiries in ((10, 1), (1, 2), (10, 2)):
        held = portfolio_of(two_iron_condors(lots, expiries))
        key = f"eight_leg_{lots}_lots_{expiries}_expiries_us"
        report.figure(key, microseconds(partial(model.requirement, held), rounds // 10))
    explaining = microseconds(lambda: explain(model, portfolio), max(rounds // 100, 1))
    report.figure("eight_leg_explained_us", explaining)


def measure_mixed(report: Report, source: random.Random, count: int) -> None:
    """Time random portfolios; show the median, the 99th percentile and how many are proven."""
    model = StrategyModel()
    for legs, lots, expiries in (
        (4, 10, 1),
        (8, 1, 1),
        (8, 1, 2),
        (8, 10, 1),
        (8, 10, 2),
        (32, 10, 2),
    ):
        taken, proven = [], 0
        for _ in range(count):
            portfolio = portfolio_of(mixed(source, legs, lots, expiries))
            begin = time.perf_counter()
            model.requirement(portfolio)
            taken.append((time.perf_counter() - begin) * 1e6)
            proven += model.pairing_is_optimal
        taken.sort()
        key = f"random_{legs}_legs_{lots}_lots_{expiries}_expiries"
        report.figure(f"{key}_p50_us", taken[len(taken) // 2])
        report.figure(f"{key}_p99_us", taken[int(0.99 * len(taken))])
        report.figure(f"{key}_proven_percent", 100 * proven / count)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a hundredth of the work")
    parser.add_argument("--rounds", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rounds = 200 if options.smoke else options.rounds
    report = Report("margin", build={"core": "compiled" if is_compiled() else "python"})
    measure_eight_legs(report, rounds)
    measure_mixed(report, random.Random(options.seed), max(rounds // 100, 10))
    report.write()


if __name__ == "__main__":
    main()
