"""Adds up what fills and payments come to, to compare it with what the exchange tells."""

from collections import defaultdict
from typing import NamedTuple

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.admin_commands import Terms
from quantumcore.server.core.events import FILLS, Notice, OrderEvent
from tests.server.core.flow_administration import INSTRUMENTS
from tests.server.core.pair import Pair, Step

MILLION = 1_000_000
LISTED = list(enumerate(INSTRUMENTS, 1))


class Part(NamedTuple):
    """One side of a trade as it stands: what was bought (sold: negative) at which price."""

    lots: int
    ticks: int
    fee: int


class Tally:
    """What was told last, and what it should come to, by account and instrument or currency."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.parts: dict[tuple[int, int], Part] = {}  # by trade and order
        self.owners: dict[int, tuple[int, int]] = {}  # of orders: account and instrument
        self.held: dict[tuple[int, int], tuple[int, int]] = {}  # lots and their cost
        self.realised: dict[tuple[int, int], int] = defaultdict(int)
        self.cash: dict[tuple[int, int], int] = defaultdict(int)
        self.paid_in: dict[tuple[int, int], int] = defaultdict(int)
        self.reserved: dict[tuple[int, int], int] = defaultdict(int)
        self.most_reserved = 0
        self.terms = {number: row.get("terms", Terms()) for number, row in LISTED}
        self.trades: dict[int, Terms] = {}  # those of its instrument when each was made

    def play(self, step: Step) -> None:
        found = self.pair.play(step)
        assert not found, found
        for event in self.pair.told:
            if isinstance(event, OrderEvent) and event.order_id:
                self._see(event)
            elif isinstance(event, Notice) and event.kind == kinds.INSTRUMENT_UPDATED:
                self.terms[event.subject] = step.arguments.get("terms", Terms())
            elif isinstance(event, Notice) and event.kind == kinds.CASH_MOVED:
                wallet = event.subject & kinds.LOW_HALF, event.subject >> 32
                self.paid_in[wallet] += step.arguments["amount"]
                self.cash[wallet] = event.value

    def _see(self, event: OrderEvent) -> None:
        owner = event.account_id, event.instrument_id
        wallet = event.account_id, currency(event.instrument_id)
        self.owners[event.order_id] = owner
        if event.account_reserved is not None:
            self.reserved[wallet] = event.account_reserved
            self.most_reserved = max(self.most_reserved, event.account_reserved)
        if event.kind not in FILLS:
            return
        assert event.position_lots is not None
        assert event.open_tick_lots is not None
        assert event.realised_tick_lots is not None
        assert event.cash is not None
        terms = self.trades.setdefault(event.trade_id, self.terms[event.instrument_id])
        self.parts[event.trade_id, event.order_id] = part_of(event, terms)
        self.held[owner] = event.position_lots, event.open_tick_lots
        self.realised[owner] += event.realised_tick_lots
        self.cash[wallet] = event.cash

    def parts_of(self, owner: tuple[int, int]) -> list[Part]:
        return [part for (_, order), part in self.parts.items() if self.owners[order] == owner]

    def check_positions(self) -> None:
        """Hold each position to its fills: cost less profit is all that was paid."""
        for owner, (lots, cost) in self.held.items():
            parts = self.parts_of(owner)
            assert lots == sum(part.lots for part in parts)
            assert cost - self.realised[owner] == sum(part.lots * part.ticks for part in parts)
            assert lots or not cost

    def check_cash(self) -> None:
        """Hold the cash of each account to payments, trades and fees."""
        for wallet, cash in self.cash.items():
            expected = self.paid_in[wallet]
            for owner in self.held:
                if wallet != (owner[0], currency(owner[1])):
                    continue
                parts = self.parts_of(owner)
                brought = -sum(part.lots * part.ticks for part in parts)
                if is_future(owner[1]):
                    brought = self.realised[owner]
                expected += brought * tick_value(owner[1]) - sum(part.fee for part in parts)
            assert cash == expected, wallet

    def check_sums(self) -> None:
        """Hold that what one account has, another has not; and money is but paid in and out.

        Cash = paid in - paid out - fees + the open cost of futures, over all accounts: what
        futures realised was paid by nobody yet, so it stands against their open cost.
        """
        opened: dict[int, int] = defaultdict(int)
        for instrument_id in range(1, len(INSTRUMENTS) + 1):
            owners = [owner for owner in self.held if owner[1] == instrument_id]
            assert sum(self.held[owner][0] for owner in owners) == 0
            assert sum(self.held[owner][1] - self.realised[owner] for owner in owners) == 0
            if is_future(instrument_id):
                cost = sum(self.held[owner][1] for owner in owners)
                opened[currency(instrument_id)] += cost * tick_value(instrument_id)
        for number in {number for _, number in self.cash}:
            cash = sum(amount for wallet, amount in self.cash.items() if wallet[1] == number)
            paid_in = sum(amount for wallet, amount in self.paid_in.items() if wallet[1] == number)
            fees = sum(
                part.fee
                for (_, order), part in self.parts.items()
                if currency(self.owners[order][1]) == number
            )
            assert cash == paid_in - fees + opened[number]


def part_of(event: OrderEvent, terms: Terms) -> Part:
    """Return an order's side of a trade as it stands after an event; busted: nothing."""
    if event.kind == kinds.ORDER_FILL_BUSTED:
        return Part(0, 0, 0)
    listed = INSTRUMENTS[event.instrument_id - 1]
    lots = event.last_quantity // listed["lot_size"]
    ticks = event.last_price // listed["tick_size"]
    maker = event.liquidity == enums.LIQUIDITY_MAKER
    rate = terms.maker_fee if maker else terms.taker_fee
    value = lots * abs(ticks) * tick_value(event.instrument_id)
    fee = -(-value * rate // MILLION)
    return Part(lots if event.side == enums.SIDE_BUY else -lots, ticks, fee)


def currency(instrument_id: int) -> int:
    return int(INSTRUMENTS[instrument_id - 1].get("currency", 0))


def tick_value(instrument_id: int) -> int:
    return int(INSTRUMENTS[instrument_id - 1]["tick_value"])


def is_future(instrument_id: int) -> bool:
    terms: Terms = INSTRUMENTS[instrument_id - 1].get("terms", Terms())
    return terms.kind == enums.INSTRUMENT_KIND_FUTURE
