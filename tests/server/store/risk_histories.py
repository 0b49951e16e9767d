"""Journals of accounts whose margin is computed: scenarios, strategies, groups, and what is undone.

Accounts 1 and 3 are one group; 1 is computed by scenarios, 3 by strategies, 2 and 4 by nothing.
"""

import random
from typing import Any

from quantumcore.server.core import admin_commands, enums, package_commands
from quantumcore.server.core.events import OrderEvent
from quantumcore.server.core.package_commands import Leg
from quantumcore.server.core.risk_commands import (
    GroupLimits,
    ScanRange,
    set_group_limits,
    set_scan_range,
    set_spread_credit,
)
from tests.server.core.margin_venue import CENT, ONE, OTHER, SCENARIO, SHARE, STRATEGY, MarginVenue
from tests.server.core.venue import BUY, SELL

GROUP, CORN, SOYBEANS = 70, 21, 22
ACCOUNTS = (1, 2, 3, 4)
OLD_MS = 86_400_000
GTC = enums.TIME_IN_FORCE_GTC


class Desk:
    """Single orders, packages, busts and what operators say, at random."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        venue = self.venue = MarginVenue(SCENARIO, 40_000_000)
        venue.account(3, margin_model=STRATEGY, self_trade_group=GROUP)
        venue.account(1, margin_model=SCENARIO, self_trade_group=GROUP)
        venue.pay(20_000_000, 3)
        for account_id in (1, 3):
            venue.limit(account_id, reference_age_ms=OLD_MS)
        options = [venue.option(strike, put=put) for strike, put in ((50, False), (45, True))]
        futures = [venue.future(CORN, 20_000), venue.future(SOYBEANS, 30_000)]
        later = venue.future(CORN, 20_000, days=180)
        self.marks = {SHARE: 5_000, OTHER: 5_000}
        self.marks |= dict.fromkeys(options, 300) | dict.fromkeys([*futures, later], 2_000)
        self.futures = [*futures, later]
        for one, cents in self.marks.items():
            venue.mark(one, cents)
        self.names = self.last_trade = 0
        self.mended = self.mended_packages = 0

    def step(self) -> None:
        """Do one more thing."""
        kinds = (self.single, self.package, self.pair, self.mend, self.cancel, self.say)
        self.random.choices(kinds, (45, 14, 16, 8, 7, 3))[0]()
        for event in self.venue.told:
            if isinstance(event, OrderEvent):
                self.last_trade = max(self.last_trade, event.trade_id)

    def name(self) -> str:
        self.names += 1
        return f"d{self.names}"

    def price(self, instrument: int) -> int:
        return (self.marks[instrument] + 10 * self.random.randint(-4, 4)) * CENT

    def single(self) -> None:
        choose, instrument = self.random, self.random.choice(list(self.marks))
        self.venue.order(
            self.name(),
            choose.choice((BUY, SELL)),
            choose.randint(1, 6) * ONE,
            self.price(instrument),
            account_id=choose.choice(ACCOUNTS),
            instrument_id=instrument,
        )

    def package(self) -> None:
        choose = self.random
        chosen = choose.sample(list(self.marks), choose.randint(2, 3))
        legs = [Leg(one, choose.choice((BUY, SELL)), choose.randint(1, 2) * ONE) for one in chosen]
        self._enter(legs, choose.randint(1, 4))

    def pair(self) -> None:
        """Enter one of two packages that mirror one another, so that they trade together."""
        choose = self.random
        first, second = choose.choice(((BUY, SELL), (SELL, BUY)))
        net = choose.choice((-20, 0, 0, 20)) * CENT
        legs = [Leg(SHARE, first, ONE), Leg(OTHER, second, ONE)]
        self._enter(legs, choose.randint(1, 4), net_price=net, time_in_force=GTC)

    def _enter(self, legs: list[Leg], units: int, **more: Any) -> None:
        self.venue.do(
            package_commands.create_package,
            client_order_id=self.name(),
            account_id=self.random.choice(ACCOUNTS),
            legs=tuple(legs),
            units=units,
            min_units=1,
            **more,
        )

    def mend(self) -> None:
        choose, venue = self.random, self.venue
        trade_id = choose.randint(max(1, self.last_trade - 15), max(1, self.last_trade))
        if choose.random() < 0.5:
            venue.do(admin_commands.bust_trade, trade_id=trade_id, text=b"clear error")
        else:
            price = self.price(choose.choice(list(self.marks)))
            venue.do(admin_commands.correct_trade, trade_id=trade_id, price=price, text=b"typing")
        self.mended += venue.refused.reason == 0
        self.mended_packages += any(
            isinstance(event, OrderEvent) and event.multi_leg_order_id and not event.leg_number
            for event in venue.told
        )

    def cancel(self) -> None:
        name = f"d{self.random.randint(max(1, self.names - 40), max(1, self.names))}"
        self.venue.cancel(name, self.random.choice(ACCOUNTS))

    def say(self) -> None:
        """Let an operator say something of margin, of the group, or of a price."""
        choose, venue = self.random, self.venue
        match choose.randint(0, 4):
            case 0:
                venue.do(
                    set_spread_credit,
                    priority=choose.randint(1, 3),
                    instruments=tuple(choose.sample(self.futures, 2)),
                    lots=(choose.randint(1, 2), 1),
                    credit_basis_points=choose.choice((0, 3_000, 5_500)),
                )
            case 1:
                scan = ScanRange(choose.choice((0, 1_000)), 250_000, 50_000, 100, 900)
                scan = scan._replace(ten_points=choose.random() < 0.5)
                venue.do(set_scan_range, instrument_id=choose.choice((SHARE, OTHER)), scan=scan)
            case 2:
                limits = GroupLimits(choose.choice((0, 80 * ONE)), 0, choose.choice((0, 40)), 0)
                venue.do(set_group_limits, group=GROUP, limits=limits)
            case 3:
                self._turn_switch()
            case _:
                instrument = choose.choice(list(self.marks))
                self.marks[instrument] += 10 * choose.randint(-3, 3)
                venue.mark(instrument, self.marks[instrument])

    def _turn_switch(self) -> None:
        """Let the group's kill switch go on, and off at once, so that it goes on trading."""
        for enabled in (True, False):
            self.venue.do(
                admin_commands.set_kill_switch, enabled=enabled, group=GROUP, text=b"drill"
            )
