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
from quantumcore.server.core.margin.commodities import Commodity
from quantumcore.server.core.margin.explanation import explain
from quantumcore.server.core.margin.holdings import Option
from quantumcore.server.core.margin.portfolio_cy import Portfolio
from quantumcore.server.core.margin.portfolio_scenarios_cy import PortfolioScenarios
from quantumcore.server.core.margin.rates import instrument
from quantumcore.server.core.margin.risk_arrays import Scan
from quantumcore.server.core.margin.strategy_cy import StrategyModel, is_compiled
from tests.server.core.margin import exhaustive

UNDERLYING = 15_000  # ticks of 0.01
# A strategy's legs: same right as the first or not, widths from the first, expiries later, lots
SHAPES = (
    ((True, 0, 0, 1), (True, 1, 0, -1)),  # vertical
    ((True, 0, 0, 1), (True, 1, 0, -2), (True, 2, 0, 1)),  # butterfly
    ((True, 0, 0, 1), (True, 1, 0, -1), (False, 2, 0, -1), (False, 3, 0, 1)),  # iron condor
    ((True, 0, 0, 1), (False, 0, 0, 1)),  # straddle
    ((True, 0, 0, 1), (False, 2, 0, 1)),  # strangle
    ((True, 0, 0, -1), (True, 0, 1, 1)),  # calendar
    ((True, 0, 0, -1), (True, 1, 1, 1)),  # diagonal
    ((True, 0, 0, 1), (True, 1, 0, -2)),  # ratio
)
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
    """Return what one call takes, of the processor's time, the best of five runs of so many."""
    best = float("inf")
    for _ in range(5):
        begin = time.thread_time()
        for _ in range(rounds):
            work()
        best = min(best, time.thread_time() - begin)
    return best / rounds * 1e6


def strategies(source: random.Random) -> Holdings:
    """Return eight legs of an account that trades strategies.

    Spreads of two to four legs and up to ten lots, over up to three expiries, until there are
    eight different options.
    """
    held: dict[tuple[bool, int, int], int] = {}
    while len(held) < 8:
        put, strike = source.random() < 0.5, 5 * source.randint(26, 33)
        expiry, width = source.randint(1, 3), 5 * source.randint(1, 3)
        lots = source.choice((-1, 1)) * source.randint(1, 10)
        shape = source.choice(SHAPES)
        legs = {
            (put if same else not put, strike + steps * width, min(expiry + later, 3)): count * lots
            for same, steps, later, count in shape
        }
        left = 8 - len(held) - len(legs)
        if len(legs) == len(shape) and left in {0, *range(2, 9)} and not held.keys() & legs:
            held |= legs
    return [(option(at, *name), lots) for at, (name, lots) in enumerate(held.items(), 1)]


def measure_two_iron_condors(report: Report, rounds: int) -> None:
    """Time two iron condors, and stand the simplest against every grouping."""
    model, holdings = StrategyModel(), two_iron_condors(1)
    portfolio = portfolio_of(holdings)
    least = exhaustive.least_requirement(holdings)
    assert model.requirement(portfolio) == least
    assert model.pairing_is_optimal
    taken = microseconds(lambda: model.requirement(portfolio), rounds)
    every = microseconds(lambda: exhaustive.least_requirement(holdings), 1)
    report.figure("iron_condors_us", taken).baseline("iron_condors_exhaustive_us", every)
    report.ratio("exhaustive_to_search", every, taken)
    for lots, expiries in ((10, 1), (1, 2), (10, 2)):
        held = portfolio_of(two_iron_condors(lots, expiries))
        key = f"iron_condors_{lots}_lots_{expiries}_expiries_us"
        report.figure(key, microseconds(partial(model.requirement, held), rounds // 10))
    explaining = microseconds(lambda: explain(model, portfolio), max(rounds // 100, 1))
    report.figure("iron_condors_explained_us", explaining)


def measure_eight_legs(report: Report, source: random.Random, count: int) -> None:
    """Time what an order is held to, over a mix of portfolios of eight legs.

    Four of five are of strategies, one is of legs drawn at random: up to ten lots, two expiries.
    """
    model, taken, proven = StrategyModel(), [], 0
    for at in range(count):
        held = mixed(source, 8, 10, 2) if at % 5 == 4 else strategies(source)
        portfolio = portfolio_of(held)
        taken.append(microseconds(partial(model.order_requirement, portfolio), 1))
        proven += model.pairing_is_optimal
    taken.sort()
    report.figure("eight_leg_us", sum(taken) / count)
    report.figure("eight_leg_p50_us", taken[count // 2])
    report.figure("eight_leg_p99_us", taken[int(0.99 * count)])
    report.figure("eight_leg_proven_percent", 100 * proven / count)


def measure_order(report: Report, source: random.Random, rounds: int) -> None:
    """Time what the order path does: rows of eight positions, what they require, an order more."""
    model, scratch, held = StrategyModel(), Portfolio(), strategies(source)
    rows = [(terms.words(), lots) for terms, lots in held]
    order = option(9, False, 185, 1).words()

    def check() -> None:
        scratch.clear()
        for terms, lots in rows:
            scratch.put(terms, lots, False)
        model.order_requirement(scratch)
        scratch.put(order, -1, True)
        model.order_requirement(scratch)

    report.figure("order_check_us", microseconds(check, rounds // 10))


def measure_worst(report: Report, source: random.Random, count: int) -> None:
    """Show the longest that an order may wait, over portfolios that are hard to pair."""
    model, longest = StrategyModel(), 0.0
    for legs, lots, expiries in ((8, 100, 2), (8, 10, 4), (16, 10, 2), (32, 10, 3), (52, 10, 2)):
        for _ in range(count):
            portfolio = portfolio_of(mixed(source, legs, lots, expiries))
            longest = max(longest, microseconds(partial(model.order_requirement, portfolio), 1))
    report.figure("order_longest_us", longest)
    names = [
        (put, strike, at) for put in (False, True) for strike in range(100, 200) for at in (1, 2)
    ]
    for _ in range(count // 10):
        held = [
            (option(at, *name), source.choice((-1, 1)) * source.randint(1, 10))
            for at, name in enumerate(source.sample(names, 256), 1)
        ]
        taken = microseconds(partial(model.order_requirement, portfolio_of(held)), 1)
        longest = max(longest, taken)
    report.figure("order_longest_256_legs_us", longest)


def measure_mixed(report: Report, source: random.Random, count: int) -> None:
    """Time queries of random portfolios: the median, the 99th percentile, how many are proven."""
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
            begin = time.thread_time()
            model.requirement(portfolio)
            taken.append((time.thread_time() - begin) * 1e6)
            proven += model.pairing_is_optimal
        taken.sort()
        key = f"random_{legs}_legs_{lots}_lots_{expiries}_expiries"
        report.figure(f"{key}_p50_us", taken[len(taken) // 2])
        report.figure(f"{key}_p99_us", taken[int(0.99 * len(taken))])
        report.figure(f"{key}_proven_percent", 100 * proven / count)


def measure_scenarios(report: Report, rounds: int) -> None:
    """Time one risk array, and a requirement once the arrays are there."""
    scan = Scan(price_range_ticks=1_500, volatility_range_ppm=50_000)
    stock = Commodity(
        commodity_id=1, groups=(instrument(1_000),), scan=scan, volatility_ppm=250_000
    )
    portfolio = portfolio_of(two_iron_condors(1, 2))

    def fresh() -> None:
        assert PortfolioScenarios((stock,), cached_arrays=512).prepare(portfolio) == 8

    report.figure("risk_array_us", microseconds(fresh, 1) / portfolio.count)
    model = PortfolioScenarios((stock,))
    model.prepare(portfolio)
    assert model.order_requirement(portfolio) > 0
    taken = microseconds(lambda: model.order_requirement(portfolio), rounds // 10)
    report.figure("scenarios_eight_leg_us", taken)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a hundredth of the work")
    parser.add_argument("--rounds", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rounds = 200 if options.smoke else options.rounds
    report = Report("margin", build={"core": "compiled" if is_compiled() else "python"})
    measure_two_iron_condors(report, rounds)
    measure_eight_legs(report, random.Random(options.seed), max(rounds // 20, 20))
    measure_order(report, random.Random(options.seed), rounds)
    measure_worst(report, random.Random(options.seed), max(rounds // 200, 10))
    measure_scenarios(report, rounds)
    measure_mixed(report, random.Random(options.seed), max(rounds // 100, 10))
    report.write()


if __name__ == "__main__":
    main()
