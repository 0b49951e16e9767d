"""The margin limit of a group bounds what trades of accepted orders bring its members to.

Random days of single, multi-leg and sequential orders, of members of all margin models: they rest,
are hit in parts, are replaced and cancelled. Marks are quotes of the morning, and stay. After every
command what is told as used is within the limit: nothing that was let in has carried it beyond.
"""

import os
import random
from typing import Any

import pytest

from quantumcore.server.core import enums, order_commands, package_commands
from quantumcore.server.core.exchange_cy import is_compiled
from quantumcore.server.core.package_commands import Leg
from quantumcore.server.core.risk_commands import GroupLimits, set_group_limits
from tests.server.core.margin_venue import CENT, ONE, OTHER, SCENARIO, SHARE, STRATEGY, MarginVenue
from tests.server.core.risk_venue import ACCEPTED, NONE, Refused
from tests.server.core.sequential import MS
from tests.server.core.venue import BUY, SELL

GROUP, MAKER, LIMIT = 70, 2, 150_000
MEMBERS = {1: STRATEGY, 3: SCENARIO, 4: NONE, 5: STRATEGY, 6: 0}
MARGIN = enums.REJECT_REASON_GROUP_MARGIN_LIMIT
OLD_MS = 86_400_000
POLICIES = (
    enums.UNWIND_POLICY_UNWIND, enums.UNWIND_POLICY_HOLD, enums.UNWIND_POLICY_COMPLETE_AT_MARKET
)  # fmt: skip
STEPS = int(os.environ.get("QC_FUZZ_OPERATIONS") or (20_000 if is_compiled() else 2_000)) // 20


def venue_of(limit: int = LIMIT) -> tuple[MarginVenue, dict[int, int]]:
    """Return a venue whose members are one group, and a fair price of each instrument, in cents."""
    venue = MarginVenue(0, 0)
    for account_id, model in MEMBERS.items():
        while not venue.account(account_id, self_trade_group=GROUP, margin_model=model) == ACCEPTED:
            venue.account(0)
        venue.limit(account_id, reference_age_ms=OLD_MS)
        venue.pay(3_000_000, account_id)
    fair = {SHARE: 5_000, OTHER: 2_000}
    for strike, put, cents in ((50, False, 300), (55, False, 100), (50, True, 310), (45, True, 90)):
        fair[venue.option(strike, put=put)] = cents
    fair[venue.future(7, 50_000)] = 5_000
    for one, cents in fair.items():
        venue.mark(one, cents)
    venue.do(set_group_limits, group=GROUP, limits=GroupLimits(margin=limit))
    return venue, fair


def used(venue: MarginVenue) -> int:
    ((_, _, margin),) = venue.exchange.group(GROUP).usage
    return margin


class Day:
    """One random command after another."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.venue, self.fair = venue_of()
        self.accepted, self.refused = 0, 0
        self.resting: list[tuple[str, int]] = []

    def step(self) -> None:
        acts = (self.rest, self.rest, self.package, self.package, self.hit, self.hit, self.hit)
        self.random.choice((*acts, self.change, self.change_package, self.cancel, self.wait))()
        self.accepted += self.venue.refused == ACCEPTED
        self.refused += self.venue.refused.reason == MARGIN

    def price(self, one: int) -> int:
        return max(1, self.fair[one] + self.random.randint(-20, 20))

    def lots(self, one: int) -> int:
        most = {SHARE: 30, OTHER: 60}.get(one, 3)
        return self.random.choice((-1, 1)) * self.random.randint(1, most)

    def rest(self) -> None:
        account_id, one = self.random.choice(list(MEMBERS)), self.random.choice(list(self.fair))
        self.venue.rest(one, self.lots(one), self.price(one), account_id)
        self.resting.append((f"order {self.venue.names}", account_id))

    def package(self) -> None:
        chosen = self.random.sample(list(self.fair), self.random.randint(2, 4))
        legs = tuple(
            Leg(
                one,
                self.random.choice((BUY, SELL)),
                self.random.randint(1, 2) * ONE,
                self.price(one) * CENT,
            )
            for one in chosen
        )
        terms: dict[str, Any] = {"legs": legs, "units": self.random.randint(1, 3)}
        if self.random.random() < 0.5:
            terms["mode"] = enums.EXECUTION_MODE_SEQUENTIAL
            terms["sequential"] = (self.random.choice(POLICIES), 50, 1_000)
        self.venue.names += 1
        name, account_id = f"p{self.venue.names}", self.random.choice(list(MEMBERS))
        create = package_commands.create_package
        self.venue.do(create, client_order_id=name, account_id=account_id, **terms)
        self.resting.append((name, account_id))

    def hit(self) -> None:
        """Let the maker take a part of what rests, or stand where packages find it."""
        one = self.random.choice(list(self.fair))
        side = self.random.choice((BUY, SELL))
        self.venue.names += 1
        cents = self.price(one) + (15 if side == BUY else -15)
        terms = {"account_id": MAKER, "instrument_id": one, "price": max(1, cents) * CENT}
        lots = self.random.randint(1, 20)
        self.venue.order(f"m{self.venue.names}", side, lots * ONE, **terms)
        if self.random.random() < 0.7:
            self.venue.cancel(f"m{self.venue.names}", MAKER)

    def change(self) -> None:
        name, account_id = self.any(package=False)
        if name:
            quantity = self.random.randint(1, 30) * ONE
            terms = {"account_id": account_id, "client_order_id": name, "quantity": quantity}
            self.venue.do(order_commands.replace_order, **terms)

    def change_package(self) -> None:
        name, account_id = self.any(package=True)
        if name:
            terms = {"account_id": account_id, "client_order_id": name}
            change = package_commands.replace_package
            self.venue.do(change, units=self.random.randint(1, 4), **terms)

    def any(self, *, package: bool) -> tuple[str, int]:
        known = [one for one in self.resting[-20:] if one[0].startswith("p") == package]
        return self.random.choice(known) if known else ("", 0)

    def cancel(self) -> None:
        self.venue.cancel_all(self.random.choice(list(MEMBERS)))

    def wait(self) -> None:
        self.venue.now += 30 * MS
        self.venue.do(order_commands.cancel_orders, account_id=MAKER)


@pytest.mark.parametrize("seed", range(4))
def test_what_was_let_in_never_carries_a_group_beyond_its_limit(seed: int) -> None:
    day = Day(seed)
    for number in range(STEPS // 4):
        day.step()
        told = used(day.venue)
        assert told <= LIMIT, (seed, number, told, day.venue.refused)
    assert day.accepted > STEPS // 20
    assert day.refused > STEPS // 100
    for account_id in MEMBERS:
        day.venue.cancel_all(account_id)
