"""A random day of sequential orders of accounts that are held to limits, a purse and margin.

What the day knows it counts itself, from the executions that are told and from the orders that
work; the venue's own sums are held to that after every command.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from quantumcore.server.core import admin_commands, enums, kinds, order_commands, package_commands
from quantumcore.server.core.admin_commands import Limits, Terms
from quantumcore.server.core.events import OrderEvent
from quantumcore.server.core.package_commands import Leg
from quantumcore.server.core.views import OrderView, PackageView
from tests.server.core.packages import LISTED, LOT, A, B
from tests.server.core.risk_venue import RiskVenue
from tests.server.core.sequential import MS
from tests.server.core.venue import BUY, SELL

LIMITED, PURSE, MARGIN, MAKER = ACCOUNTS = (1, 2, 3, 4)
CALL, HIGHER_CALL = 5, 6
INSTRUMENTS = (A, B, CALL, HIGHER_CALL)
FAIR = {A: 100, B: 130, CALL: 40, HIGHER_CALL: 30}
TICK = 10
EXPIRY_NS = 10**18
MOST_LOTS, MOST_OPEN_VALUE, MOST_UNITS = 7, 250, 5
PAID_IN = {LIMITED: 0, PURSE: 500, MARGIN: 200, MAKER: 0}
UNWIND, COMPLETE = enums.UNWIND_POLICY_UNWIND, enums.UNWIND_POLICY_COMPLETE_AT_MARKET
GTC, GTD, IOC = (
    enums.TIME_IN_FORCE_GTC, enums.TIME_IN_FORCE_GTD, enums.TIME_IN_FORCE_IOC
)  # fmt: skip
PHASES = (
    enums.TRADING_PHASE_HALTED, enums.TRADING_PHASE_HALTED, enums.TRADING_PHASE_CONTINUOUS,
    enums.TRADING_PHASE_VOLATILITY_AUCTION,
)  # fmt: skip


def option(strike_ticks: int) -> Terms:
    return Terms(
        kind=enums.INSTRUMENT_KIND_OPTION, underlying_id=A, strike_ticks=strike_ticks, weight=1
    )


def venue_of_the_day() -> RiskVenue:
    """Return a venue of two shares and two calls, whose marks are quotes that never change."""
    venue = RiskVenue()
    venue.account(0)
    for terms in (Terms(), Terms(), option(9), option(11)):
        expires = EXPIRY_NS if terms.strike_ticks else 0
        venue.instrument(**LISTED, terms=terms, auction_duration_ns=MS, expiry_time_ns=expires)
    for instrument_id in INSTRUMENTS:
        venue.reference(instrument_id, last=FAIR[instrument_id])
        venue.limit(LIMITED, instrument_id, position_quantity=MOST_LOTS * LOT)
    venue.limit(LIMITED, open_order_value=MOST_OPEN_VALUE)
    venue.cash_account(PAID_IN[PURSE], PURSE)
    assert not venue.account(MARGIN, margin_model=enums.MARGIN_MODEL_STRATEGY).reason
    venue.pay(PAID_IN[MARGIN], MARGIN)
    venue.do(
        admin_commands.set_limits, account_id=MARGIN, limits=Limits(reference_age_ms=1_000_000)
    )
    for instrument_id in (A, B):
        held = {"instrument_id": instrument_id}
        venue.order(
            f"s{instrument_id}", SELL, 8 * LOT, FAIR[instrument_id], account_id=MAKER, **held
        )
        venue.order(
            f"b{instrument_id}", BUY, 8 * LOT, FAIR[instrument_id], account_id=PURSE, **held
        )
    return venue


class Day:
    """Every command is random, and its executions are counted; then comes `look`.

    `forced` are accounts that the last command traded for without asking: by a policy or a bust.
    """

    def __init__(self, seed: int) -> None:
        self.look: Callable[[], None] = lambda: None
        self.random = random.Random(seed)
        self.venue = venue_of_the_day()
        self.number = 0
        self.singles: list[int] = []
        self.packages: list[int] = []
        self.trades: dict[int, list[OrderEvent]] = defaultdict(list)
        self.lots: dict[tuple[int, int], int] = defaultdict(int)
        self.cash: dict[int, int] = dict(PAID_IN)
        self.told: dict[int, list[OrderEvent]] = defaultdict(list)
        self.forced: set[int] = set()
        self.at_policy: set[int] = set()
        self.seen: set[str] = set()
        for instrument_id in (A, B):
            self.lots[PURSE, instrument_id], self.lots[MAKER, instrument_id] = 8, -8
            self.cash[PURSE] -= 8 * FAIR[instrument_id] // TICK
            self.cash[MAKER] += 8 * FAIR[instrument_id] // TICK

    def do(self, command: Any, **values: Any) -> None:
        """Execute a command and count its executions."""
        self.forced = set()
        events = [one for one in self.venue.do(command, **values) if isinstance(one, OrderEvent)]
        for event in events:
            self.told[event.multi_leg_order_id].append(event)
            self.count(event)
        self.note_new(command)
        self.look()

    def note_new(self, command: Any) -> None:
        """Note the order that a command has entered, or that it was refused."""
        order_id = self.venue.result.order_id
        if command is order_commands.create_order and order_id:
            self.singles.append(order_id)
        elif command is package_commands.create_package and order_id:
            self.packages.append(order_id)
        elif command is order_commands.create_order:
            self.seen.add("reject")

    def count(self, event: OrderEvent) -> None:
        """Count one event."""
        if event.instrument_id == 0:
            self.note_package(event)
        elif event.kind == kinds.ORDER_FILLED:
            self.move(event, 1)
            self.trades[event.trade_id].append(event)
            if event.unwind or self.completes(event.multi_leg_order_id):
                self.forced.add(event.account_id)
        elif event.kind == kinds.ORDER_FILL_BUSTED:
            self.seen.add("bust")
            self.forced.add(event.account_id)
            for fill in self.trades[event.trade_id]:
                if fill.order_id == event.order_id:
                    self.move(fill, -1)

    def move(self, fill: OrderEvent, times: int) -> None:
        """Move position and cash with a fill, or take that back."""
        lots = fill.last_quantity // LOT * (1 if fill.side == BUY else -1) * times
        self.lots[fill.account_id, fill.instrument_id] += lots
        self.cash[fill.account_id] -= lots * (fill.last_price // TICK)

    def note_package(self, event: OrderEvent) -> None:
        order_id = event.order_id
        if event.kind == kinds.ORDER_UNWINDING:
            self.at_policy.add(order_id)
        elif event.status != enums.ORDER_STATUS_UNWINDING:
            self.at_policy.discard(order_id)

    def completes(self, order_id: int) -> bool:
        found = self.venue.exchange.package(order_id) if order_id in self.at_policy else None
        return found is not None and found.policy == COMPLETE

    def views(self) -> list[PackageView]:
        found = [self.venue.exchange.package(order_id) for order_id in self.packages]
        return [one for one in found if one is not None]

    def sequential(self) -> list[PackageView]:
        return [one for one in self.views() if one.mode == enums.EXECUTION_MODE_SEQUENTIAL]

    def working(self, account_id: int) -> list[OrderView]:
        """Return single orders and legs of an account that work."""
        singles = [self.venue.exchange.order(order_id) for order_id in self.singles]
        legs = [leg for view in self.views() for leg in view.legs]
        return [
            one
            for one in (*singles, *legs)
            if one is not None and one.account_id == account_id and one.leaves_quantity
        ]

    def name(self) -> str:
        self.number += 1
        return f"o{self.number}"

    def price(self, instrument_id: int, spread: int = 2) -> int:
        return FAIR[instrument_id] + self.random.randint(-spread, spread) * TICK

    def traded(self, account_id: int) -> tuple[int, ...]:
        """Return what an account trades: only the margin account sells options short."""
        return INSTRUMENTS if account_id != LIMITED else (A, B)

    def place(self) -> None:
        """Enter a single order, most of them of the maker; some are refused."""
        choose = self.random
        account_id = choose.choice(
            (LIMITED, LIMITED, PURSE, PURSE, MARGIN, MAKER, MAKER, MAKER, MAKER)
        )
        instrument_id = choose.choice(INSTRUMENTS)
        at_once = account_id == MARGIN or choose.random() < 0.2
        self.do(
            order_commands.create_order, account_id=account_id, instrument_id=instrument_id,
            client_order_id=self.name(), side=choose.choice((BUY, SELL)),
            quantity=choose.randint(1, 5) * LOT + (choose.random() < 0.03),
            price=self.price(instrument_id),
            time_in_force=enums.TIME_IN_FORCE_IOC if at_once else enums.TIME_IN_FORCE_GTC,
            self_trade_prevention=choose.choice((0, 2, 3, 4)),
        )  # fmt: skip

    def enter(self) -> None:
        """Enter a package, three of four sequential; every leg has a limit."""
        choose = self.random
        account_id = choose.choice((LIMITED, PURSE, MARGIN, MARGIN))
        if account_id == MARGIN and self.working(MARGIN):
            return
        some = choose.sample(INSTRUMENTS, choose.randint(2, 3))
        legs = tuple(
            Leg(one, choose.choice((BUY, SELL)), choose.randint(1, 2) * LOT, self.price(one))
            for one in some
        )
        terms: dict[str, Any] = {"net_price": choose.choice((None, choose.randint(-60, 60) * TICK))}
        if choose.random() < 0.75:
            dated = choose.random() < 0.2
            immediate = not dated and choose.random() < 0.1
            terms |= {
                "mode": enums.EXECUTION_MODE_SEQUENTIAL,
                "time_in_force": GTD if dated else IOC if immediate else GTC,
                "expire_time_ns": self.venue.now + choose.randint(2, 20) * MS if dated else 0,
                "sequential": (choose.randint(1, 3), choose.randint(4, 40), 5_000),
            }  # fmt: skip
        self.do(
            package_commands.create_package, account_id=account_id, client_order_id=self.name(),
            legs=legs, units=choose.randint(1, 4), self_trade_prevention=choose.choice((0, 2, 4)),
            **terms,
        )  # fmt: skip

    def disturb(self) -> None:
        """Cancel, replace, halt, kill, bust, or let time go by."""
        choose = self.random
        working = [view.order for view in self.views() if view.order.leaves_quantity]
        match choose.randint(0, 5):
            case 0 if working:
                self.cancel(choose.choice(working))
            case 1 if working:
                self.replace(choose.choice(working))
            case 2:
                self.phase(choose.choice(INSTRUMENTS), choose.choice(PHASES))
            case 3 if choose.random() < 0.2:
                account_id = choose.choice(ACCOUNTS)
                for enabled in (True, False):
                    self.do(admin_commands.set_kill_switch, account_id=account_id, enabled=enabled)
            case 4 if self.trades:
                self.do(admin_commands.bust_trade, trade_id=choose.choice(list(self.trades)[-8:]))
            case _:
                self.venue.now += choose.randint(1, 3) * MS
                self.do(admin_commands.advance_time)

    def cancel(self, order: OrderView) -> None:
        named = {"account_id": order.account_id, "order_id": order.order_id}
        self.do(package_commands.cancel_package, **named)

    def replace(self, order: OrderView) -> None:
        """Give an order other units, other limits, or both."""
        choose = self.random
        view = self.venue.exchange.package(order.order_id)
        assert view is not None
        number = choose.randint(1, len(view.legs))
        self.do(
            package_commands.replace_package,
            account_id=order.account_id,
            order_id=order.order_id,
            units=choose.choice((None, choose.randint(1, MOST_UNITS))),
            leg_prices={number: self.price(view.legs[number - 1].instrument_id, 3)},
        )
        if not self.venue.result.reject_reason and any(view.excess):
            self.seen.add("replaced half-way")

    def phase(self, instrument_id: int, phase: int) -> None:
        self.do(admin_commands.set_trading_phase, instrument_id=instrument_id, phase=phase)

    def reopen(self) -> None:
        for instrument_id in INSTRUMENTS:
            if self.venue.exchange.phase(instrument_id) != enums.TRADING_PHASE_CONTINUOUS:
                self.phase(instrument_id, enums.TRADING_PHASE_CONTINUOUS)

    def step(self) -> None:
        draw = self.random.random()
        if draw < 0.25:
            self.enter()
        elif draw < 0.4:
            self.disturb()
        else:
            self.place()
