"""CheckOrder plans a package that may not wait, as entering it would, and changes nothing."""

import random
from typing import Any

import pytest

from quantumcore.server.core import enums, package_commands
from quantumcore.server.core.package_commands import Leg
from tests.server.core.margin_venue import CENT, ONE, SHARE, STRATEGY, MarginVenue
from tests.server.core.packages import LOT, PAIR, A, B, enter, listed, quote
from tests.server.core.venue import BUY, SELL, Venue

IOC, FOK = enums.TIME_IN_FORCE_IOC, enums.TIME_IN_FORCE_FOK
NOTHING = enums.REJECT_REASON_PACKAGE_NOT_EXECUTABLE
TERMS: dict[str, Any] = {"account_id": 1, "legs": PAIR, "units": 5}


def check(venue: Venue, **terms: Any) -> tuple[int, int, int]:
    """Return reason, limit and value that a package would be refused with; the venue stays."""
    before = venue.exchange.state_hash()
    venue.exchange.checking.begin(venue.now)
    values = TERMS | terms
    package_commands.create_package(venue.exchange.checking, client_order_id="-", **values)
    view = venue.exchange.checking.view()
    assert venue.exchange.state_hash() == before
    return view.reason, view.limit, view.value


def told(venue: Venue) -> tuple[int, int, int]:
    return venue.result.reject_reason, venue.result.limit, venue.result.value


@pytest.mark.parametrize("time_in_force", [IOC, FOK])
def test_package_that_would_find_nothing_is_told_to_be_refused(time_in_force: int) -> None:
    venue = listed()
    assert check(venue, time_in_force=time_in_force) == (NOTHING, 0, 0)
    assert check(venue) == (0, 0, 0), "one that may wait waits"
    quote(venue, A, 90, 100, lots=3)
    quote(venue, B, 110, 120, lots=3)
    assert check(venue, time_in_force=IOC, units=3) == (0, 0, 0)
    assert check(venue, time_in_force=FOK, units=3) == (0, 0, 0)
    assert check(venue, time_in_force=FOK, units=4) == (NOTHING, 0, 0)
    assert check(venue, time_in_force=IOC, units=4, min_units=3) == (0, 0, 0)


def test_package_that_would_meet_one_that_waits_is_let_in() -> None:
    venue = listed()
    turned = tuple(Leg(leg.instrument_id, 3 - leg.side, LOT) for leg in PAIR)
    enter(venue, "w", account_id=2, legs=turned, units=5, net_price=10)
    assert check(venue, time_in_force=FOK, net_price=-10) == (0, 0, 0)
    assert check(venue, time_in_force=FOK, net_price=-20)[0] == NOTHING
    enter(venue, "p", time_in_force=FOK, **TERMS, net_price=-10)
    assert venue.result.reject_reason == 0


def test_sequential_order_that_does_not_wait_is_let_in_whatever_it_finds() -> None:
    terms = {
        "mode": enums.EXECUTION_MODE_SEQUENTIAL,
        "sequential": (enums.UNWIND_POLICY_HOLD, 10, 0),
        "time_in_force": IOC,
    }
    assert check(listed(), **terms) == (0, 0, 0)


@pytest.mark.parametrize("seed", range(4))
def test_check_tells_what_entering_then_does(seed: int) -> None:
    """Of random packages in random books both say the same, but for the sequence of the check."""
    chance, venue, found = random.Random(seed), listed(), set()
    for number in range(60):
        one, side = chance.choice((A, B)), chance.choice((BUY, SELL))
        away = chance.randint(-5, 30) * (10 if side == SELL else -10)
        terms = {"account_id": chance.choice((2, 3)), "instrument_id": one}
        venue.order(f"m{number}", side, chance.randint(1, 4) * LOT, 500 + away, **terms)
        legs = tuple(
            Leg(one, chance.choice((BUY, SELL)), chance.randint(1, 2) * LOT, price)
            for one, price in ((A, chance.choice((None, 500))), (B, None))
        )
        asked: dict[str, Any] = {"legs": legs, "units": chance.randint(1, 4)}
        asked["time_in_force"] = chance.choice((IOC, FOK))
        if chance.random() < 0.5:
            asked["net_price"] = chance.randint(-60, 110) * 10
        checked = check(venue, **asked)
        enter(venue, f"p{number}", **asked)
        assert checked == told(venue), (seed, number)
        found.add(checked[0])
    assert found >= {0, NOTHING}


@pytest.mark.parametrize("known", [False, True])
def test_check_of_a_sequential_order_counts_legs_as_they_trade(known: bool) -> None:
    """The call that is sold first is naked until the other is bought, positions known or not."""
    venue = MarginVenue(STRATEGY, 1_500)
    venue.limit(reference_age_ms=86_400_000)
    low, high = venue.option(50), venue.option(55)
    for one, cents in ((SHARE, 5_000), (low, 300), (high, 100)):
        venue.mark(one, cents)
    venue.pay(50_000)
    if known:
        for one in (low, high):
            venue.rest(one, 1, 1)
        venue.cancel_all(1)
    terms: dict[str, Any] = {
        "legs": (Leg(low, SELL, ONE, 300 * CENT), Leg(high, BUY, ONE, 100 * CENT)),
        "units": 1,
        "mode": enums.EXECUTION_MODE_SEQUENTIAL,
        "sequential": (enums.UNWIND_POLICY_HOLD, 50, 0),
    }
    checked = check(venue, **terms)
    venue.do(package_commands.create_package, account_id=1, client_order_id="p", **terms)
    assert checked == told(venue)
    assert checked == (enums.REJECT_REASON_INSUFFICIENT_MARGIN, 51_500, 100_000)
