"""One scenario played on the exchange and on the model, compared after every command."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, NamedTuple

from quantumcore.server.core import admin_commands, order_commands, package_commands
from quantumcore.server.core.events import (
    Command,
    OrderEvent,
    decode,
    decode_levels,
    decode_results,
)
from quantumcore.server.core.exchange_cy import Exchange
from tests.server.core.follower import BookFollower
from tests.server.core.model import Model
from tests.server.core.model.auction import outcome
from tests.server.core.model.instrument import SIDES, Position
from tests.server.core.model.world import Event
from tests.server.core.shrinking import smallest
from tests.server.core.telling import brief, differing, spoken

COMMANDS: dict[str, Any] = {
    **vars(admin_commands),
    **vars(order_commands),
    **vars(package_commands),
}
CAPACITIES: dict[str, Any] = {
    "order_capacity": 1 << 15,
    "live_order_capacity": 1 << 12,
    "level_capacity": 1 << 12,
    "request_capacity": 1 << 15,
    "account_capacity": 8,
    "instrument_capacity": 8,
    "trade_capacity": 1 << 16,
    "position_capacity": 64,
}
FULL_CHECK_EVERY = 64
whole = attrgetter(*(field.name for field in fields(Position)))  # all that a position has, in order
NO_POSITION = whole(Position())
FAILURES = (AssertionError, LookupError, ArithmeticError, AttributeError, TypeError, ValueError)


class Step(NamedTuple):
    """One command; it comes `wait_ns` after the one before, 0: in the same turn."""

    command: str
    arguments: dict[str, Any]
    wait_ns: int = 1

    def __str__(self) -> str:
        said = " ".join(spoken(name, value) for name, value in self.arguments.items())
        return f"+{self.wait_ns} ns {self.command} {said}"


class Pair:
    """Plays steps on both; `turns` are the turns so far, as a journal would hold them."""

    def __init__(self) -> None:
        self.exchange, self.model = Exchange(**CAPACITIES), Model()
        self.follower = BookFollower()
        self.now = 1_000
        self.turns: list[tuple[int, bytes]] = []
        self.told: list[Event] = []
        self.expected: list[Event] = []
        self.played = self.rows_followed = 0

    def play(self, step: Step, *, compares_rest: bool = True) -> str:
        """Give one command to both; return how they differ then, or nothing.

        What is told is always compared. A long preparation may leave out what both hold then.
        """
        try:
            return self._play(step) or (self._difference_at_rest() if compares_rest else "")
        except FAILURES as failure:
            return f"failed: {failure!r}"

    def _play(self, step: Step) -> str:
        exchange, model = self.exchange, self.model
        start = self._begin(step.wait_ns)
        COMMANDS[step.command](exchange, **step.arguments)
        result = model.do(step.command, self.now, dict(step.arguments))
        records = decode(exchange.turn.view(start))
        self.told = [record for record in records if not isinstance(record, Command)]
        self.expected = model.take_events()
        self.played += 1
        if self.told != self.expected:
            return f"events differ: {differing(self.told, self.expected)}"
        answer = decode_results(exchange.results.view())[-1]
        if answer != result._replace(record=answer.record):
            return f"answers differ:\n    {answer}\n    {result}"
        return ""

    def _begin(self, wait_ns: int) -> int:
        """Begin a turn, unless the step belongs to the last one; return where its record goes."""
        exchange = self.exchange
        if wait_ns or not self.played:
            self.end_turn()
            self.now += wait_ns
            exchange.begin_turn(self.now)
            self.rows_followed = 0
        return int(exchange.turn.end)

    def end_turn(self) -> None:
        """Keep the turn as a journal would."""
        if self.played:
            self.turns.append((self.now, bytes(self.exchange.turn.view())))

    def _difference_at_rest(self) -> str:
        differences = self._differences_of_all()
        concerned = {getattr(event, "instrument_id", 0) for event in self.told}
        rows = decode_levels(self.exchange.levels.view())
        self.follower.apply(rows[self.rows_followed :])
        concerned |= {row.instrument_id for row in rows[self.rows_followed :]}
        self.rows_followed = len(rows)
        if self.played % FULL_CHECK_EVERY == 0:
            concerned |= set(self.model.world.instruments)
        for instrument_id in concerned & set(self.model.world.instruments):
            differences += self._differences_of(instrument_id)
        return "".join(
            f"{name} differs:\n    {held}\n    {wanted}\n"
            for name, held, wanted in differences
            if held != wanted
        )

    def _differences_of_all(self) -> list[tuple[str, object, object]]:
        """Return what both hold of the venue, and of the orders that were told of."""
        exchange, world = self.exchange, self.model.world
        order_ids = {event.order_id for event in self.told if isinstance(event, OrderEvent)}
        return [
            ("next due", exchange.next_due_ns, self.model.next_due_ns()),
            ("working orders", exchange.working_orders, len(world.working)),
            ("unsettled", exchange.unsettled, bool(world.touched)),
            *(
                (f"order {order_id}", exchange.order(order_id), world.by_id[order_id].view())
                for order_id in order_ids
                if order_id
            ),
        ]

    def _differences_of(self, instrument_id: int) -> Iterator[tuple[str, object, object]]:
        """Return what both hold of an instrument."""
        exchange, follower = self.exchange, self.follower
        instrument = self.model.world.instruments[instrument_id]
        depth = exchange.depth(instrument_id)
        yield "depth", depth, tuple(map(instrument.depth, SIDES))
        yield "depth that was followed", follower.depth(instrument_id), depth
        orders = exchange.book_orders(instrument_id)
        yield "orders in the book", orders, tuple(map(instrument.queue, SIDES))
        yield "orders that were followed", follower.book_orders(instrument_id), orders
        yield "phase", exchange.phase(instrument_id), instrument.phase
        yield "last price", exchange.last_price(instrument_id), instrument.last
        yield "end of auction", exchange.auction_end_ns(instrument_id), instrument.auction_end_ns
        yield "auction", exchange.auction(instrument_id), outcome(instrument).view()
        yield "statistics", exchange.statistics(instrument_id), instrument.statistics()
        bound = self._bound(instrument_id)
        for account_id in self.model.world.accounts:
            held = exchange.position(account_id, instrument_id)
            wanted = self.model.world.held(account_id, instrument_id)
            if held != wanted:
                yield f"position {account_id}", held, wanted
            yield from self._differences_of_account(account_id, instrument_id, bound[account_id])

    def _bound(self, instrument_id: int) -> dict[int, list[int]]:
        """Add up, in one pass, what working orders bind of each account.

        Lots that buy and that sell the instrument; money of its currency and their value.
        """
        world = self.model.world
        currency = world.instruments[instrument_id].currency
        bound = {account_id: [0, 0, 0, 0] for account_id in world.accounts}
        for order in world.working.values():
            instrument = world.instruments[order.instrument_id]
            if instrument.currency != currency:
                continue
            lots, row = order.leaves // instrument.lot_size, bound[order.account_id]
            if order.instrument_id == instrument_id:
                row[SIDES.index(order.side)] += lots
            row[2] += lots * order.reserve
            row[3] += lots * abs(order.risk_ticks) * instrument.tick_value
        return bound

    def _differences_of_account(
        self, account_id: int, instrument_id: int, bound: list[int]
    ) -> Iterator[tuple[str, object, object]]:
        """Return where both differ about an account in an instrument, and in its currency."""
        exchange, world = self.exchange, self.model.world
        view = exchange.position_view(account_id, instrument_id, self.now)
        held, working = NO_POSITION, bound[:2]
        if view is not None:
            held = (
                view.lots,
                view.open_tick_lots,
                view.realised_tick_lots,
                view.bought_lots,
                view.fees,
            )
            working = [view.buying_lots, view.selling_lots]
        wanted = whole(world.positions[account_id, instrument_id])
        if held != wanted:
            yield f"position of {account_id}", held, wanted
        if working != bound[:2]:
            yield f"working lots of {account_id}", working, bound[:2]
        currency = world.instruments[instrument_id].currency
        money = exchange.balance(account_id, currency, self.now)
        if money is None:
            return
        wallet = world.wallets[account_id, currency]
        told = [money.cash, money.fees, money.reserved, money.open_order_value]
        due = [wallet.cash, wallet.fees, *bound[2:]]
        if told != due:
            yield f"money of {account_id}", told, due


def difference(steps: Sequence[Step]) -> str:
    """Return how the two differ after the first of the steps that makes them, or nothing."""
    pair = Pair()
    for number, step in enumerate(steps, 1):
        found = pair.play(step)
        if found:
            return f"after step {number}: {found}"
    return ""


def story(steps: Sequence[Step]) -> str:
    """Return the steps a line each with what the exchange told, and at the end both sides."""
    pair, lines = Pair(), list[str]()
    for step in steps:
        found = pair.play(step)
        lines += [str(step), *(f"    {brief(event)}" for event in pair.told)]
        if found:
            lines += ["the model tells:", *(f"    {brief(event)}" for event in pair.expected)]
            return "\n".join([*lines, found])
    return "\n".join([*lines, "the two do not differ"])


def explain(steps: list[Step], setting: int) -> str:
    """Return the smallest story that shows a difference; the first `setting` steps stay."""
    few = smallest(lambda shorter: bool(difference(shorter)), steps, kept=setting)
    return story(few)
