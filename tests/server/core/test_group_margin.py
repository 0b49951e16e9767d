"""The margin limit of a group bounds what trades of accepted orders bring its members to.

Random days of single, multi-leg and sequential orders, of members of all margin models: they rest,
are hit in parts, are replaced and cancelled. Marks are quotes of the morning, and stay. After every
command what is told as used is within the limit: nothing that was let in has carried it beyond.
(COMPLETE_AT_MARKET is not among them: it may trade a leg ahead of those it was weighed behind.)
"""

import os
import random
from typing import Any

import pytest

from quantumcore.server.core import enums, kinds, order_commands, package_commands
from quantumcore.server.core.events import Notice
from quantumcore.server.core.exchange_cy import is_compiled
from quantumcore.server.core.package_commands import Leg
from quantumcore.server.core.risk_commands import GroupLimits, set_group_limits
from tests.server.core.margin_venue import CENT, ONE, OTHER, SCENARIO, SHARE, STRATEGY, MarginVenue
from tests.server.core.risk_venue import ACCEPTED, NONE
from tests.server.core.sequential import MS
from tests.server.core.venue import BUY, SELL

GROUP, MAKER, LIMIT = 70, 2, 250_000
MEMBERS = {1: STRATEGY, 3: SCENARIO, 4: NONE, 5: STRATEGY, 6: 0}
MARGIN = enums.REJECT_REASON_GROUP_MARGIN_LIMIT
OLD_MS = 86_400_000
MOST_LOTS = {SHARE: 8, OTHER: 15}
POLICIES = (enums.UNWIND_POLICY_UNWIND, enums.UNWIND_POLICY_HOLD)
STEPS = int(os.environ.get("QC_FUZZ_OPERATIONS") or (20_000 if is_compiled() else 2_000)) // 20


def venue_of(limit: int = LIMIT) -> tuple[MarginVenue, dict[int, int]]:
    """Return a venue whose members are one group, and a fair price of each instrument, in cents."""
    venue = MarginVenue(0, 0)
    for account_id, model in MEMBERS.items():
        while venue.account(account_id, self_trade_group=GROUP, margin_model=model) != ACCEPTED:
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
        acts = (self.rest, self.rest, self.rest, self.package, self.package, self.hit, self.hit)
        more = (self.stand, self.change, self.change_package, self.cancel, self.close, self.wait)
        self.random.choice((*acts, self.hit, self.hit, self.stand, self.close, *more))()
        self.accepted += self.venue.refused == ACCEPTED
        self.refused += self.venue.refused.reason == MARGIN

    def price(self, one: int, side: int) -> int:
        """Return a price at which members do not meet one another."""
        away = self.random.randint(0, 20)
        return self.fair[one] + (away if side == SELL else -away)

    def member(self) -> int:
        return self.random.choice((1, 1, 3, 3, 5, 5, 4, 6))

    def rest(self) -> None:
        account_id, one = self.member(), self.random.choice(list(self.fair))
        side, lots = self.random.choice((BUY, SELL)), self.random.randint(1, MOST_LOTS.get(one, 2))
        signed = lots if side == BUY else -lots
        self.venue.rest(one, signed, self.price(one, side), account_id)
        self.resting.append((f"order {self.venue.names}", account_id))

    def package(self) -> None:
        chosen = self.random.sample(list(self.fair), self.random.randint(2, 4))
        sides = [self.random.choice((BUY, SELL)) for _ in chosen]
        legs = tuple(
            Leg(one, side, self.random.randint(1, 2) * ONE, self.price(one, side) * CENT)
            for one, side in zip(chosen, sides, strict=True)
        )
        terms: dict[str, Any] = {"legs": legs, "units": self.random.randint(1, 3)}
        if self.random.random() < 0.5:
            terms["mode"] = enums.EXECUTION_MODE_SEQUENTIAL
            terms["sequential"] = (self.random.choice(POLICIES), 50, 1_000)
        self.venue.names += 1
        name, account_id = f"p{self.venue.names}", self.member()
        create = package_commands.create_package
        self.venue.do(create, client_order_id=name, account_id=account_id, **terms)
        self.resting.append((name, account_id))

    def hit(self) -> None:
        """Let the maker take a part of what rests."""
        books = [(one, side) for one in self.fair for side in (BUY, SELL) if self.best(one, side)]
        if books:
            one, side = self.random.choice(books)
            self.make(one, 3 - side, self.best(one, side), enums.TIME_IN_FORCE_IOC)

    def stand(self) -> None:
        """Let the maker stand where packages find it."""
        one, side = self.random.choice(list(self.fair)), self.random.choice((BUY, SELL))
        self.make(one, side, self.price(one, 3 - side) * CENT, enums.TIME_IN_FORCE_DAY)

    def make(self, one: int, side: int, price: int, time_in_force: int) -> None:
        self.venue.names += 1
        terms = {"account_id": MAKER, "instrument_id": one, "time_in_force": time_in_force}
        lots = self.random.randint(1, 8)
        self.venue.order(f"m{self.venue.names}", side, lots * ONE, price, **terms)

    def best(self, one: int, side: int) -> int:
        levels = self.venue.exchange.depth(one)[side == SELL]
        return levels[0].price if levels else 0

    def close(self) -> None:
        """Let a member close what it has of an instrument, in full or in part."""
        account_id, one = self.random.choice(list(MEMBERS)), self.random.choice(list(self.fair))
        lots = self.venue.exchange.position(account_id, one) // ONE
        if lots:
            part = self.random.randint(1, abs(lots)) * (-1 if lots > 0 else 1)
            self.venue.trade_with(one, part, self.fair[one], account_id)

    def change(self) -> None:
        name, account_id = self.any(package=False)
        if name:
            quantity = self.random.randint(1, 10) * ONE
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
    assert day.refused > 0
    for account_id in MEMBERS:
        day.venue.cancel_all(account_id)


def test_margin_of_each_member_is_told_again_in_turn_as_marks_move() -> None:
    venue, _ = venue_of(10_000_000)
    margins: dict[int, int] = {}
    for account_id in (1, 3, 5):
        assert venue.trade_with(SHARE, -10, 5_000, account_id) == ACCEPTED
        note(venue, margins)
    before = dict(margins)
    assert used(venue) == sum(before.values())
    venue.mark(SHARE, 6_000)
    for checks in range(1, 4):
        venue.rest(OTHER, 1, 1, 4)
        note(venue, margins)
        assert [margins[one] > before[one] for one in (1, 3, 5)].count(True) == checks
    assert used(venue) == sum(margins.values()) + 3
    venue.exchange.checking.begin(venue.now)
    state = venue.exchange.state_hash()
    terms: dict[str, Any] = {"account_id": 4, "client_order_id": "c", "side": BUY}
    order_commands.create_order(
        venue.exchange.checking, **terms, instrument_id=OTHER, quantity=ONE, price=CENT
    )
    assert venue.exchange.checking.view().reason == 0
    assert venue.exchange.state_hash() == state, "a check of CheckOrder is nobody's turn"
    assert venue.replayed().state_hash() == state


def note(venue: MarginVenue, margins: dict[int, int]) -> None:
    """Note the margins that the last command told."""
    for one in venue.told:
        if isinstance(one, Notice) and one.kind == kinds.MARGIN_CHANGED:
            margins[one.subject] = one.value
