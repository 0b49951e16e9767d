"""Journals to decode: what random flows leave, with the exchange at their end."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1.event_pb2 import EventType
from quantumcore.v1.retention_pb2 import EventClass, LegalHold, RetentionOutcome
from quantumcore.v1.venue_event_pb2 import LegalHoldChanged, RetentionApplied
from tests.server.core.test_exchange_against_model import played
from tests.server.core.test_package_conservation import Known, market_of_watched, play
from tests.server.core.test_sequential_properties import Floor
from tests.server.store.risk_histories import Desk

COMMANDS = 2_000
HOLD = LegalHold(
    legal_hold_id=1, name="case 4711", account_ids=[1, 2], from_time_ns=5, text="subpoena"
)
OUTCOME = RetentionOutcome(
    event_class=EventClass.EVENT_CLASS_ORDERS,
    until_sequence=9,
    removed_count=7,
    held_count=2,
    archived_count=7,
)


class Block(NamedTuple):
    """A turn as a journal would store it."""

    payload: bytes
    time_ns: int
    first_sequence: int
    last_sequence: int
    command_count: int


class History(NamedTuple):
    """A journal from its beginning, and the exchange that wrote it."""

    name: str
    blocks: list[Block]
    exchange: Exchange

    def events(self) -> list[StoredEvent]:
        """Decode all of it."""
        decoder = Decoder()
        return [event for block in self.blocks for event in decoder.decode(block)]


def blocks_of(turns: list[tuple[int, bytes]]) -> list[Block]:
    """Number turns as the journal does."""
    blocks: list[Block] = []
    last = 0
    for time_ns, payload in turns:
        words = memoryview(payload).cast("q")
        events, commands, at = 0, 0, 0
        while at < len(words):
            is_event = words[at] & 0xFFFF >= 64
            events += is_event
            commands += not is_event
            at += words[at] >> 16 & 0xFFFF
        if commands:
            blocks.append(Block(payload, time_ns, last + 1, last + events, commands))
        last += events
    return blocks


def single_orders(seed: int, commands: int = COMMANDS) -> History:
    """Every kind of single order, account, phase, bust and correction; cash accounts and fees."""
    pair, _steps = played(seed, commands)
    pair.end_turn()
    return History(f"single orders {seed}", blocks_of(pair.turns), pair.exchange)


def packages(seed: int, commands: int = COMMANDS) -> History:
    """Simultaneous multi-leg orders among single ones, of watched accounts; busts, corrections."""
    market = market_of_watched(seed)
    known = Known(market)
    for _ in range(commands // 2):
        play(market, known, mends=True)
    assert known.mended
    return History(f"packages {seed}", blocks_of(market.venue.blocks), market.venue.exchange)


def sequential(seed: int, commands: int = COMMANDS) -> History:
    """Sequential multi-leg orders with all their policies, deadlines and phases."""
    floor = Floor(seed)
    for _ in range(commands // 2):
        floor.step()
    floor.reopen()
    return History(f"sequential {seed}", blocks_of(floor.venue.blocks), floor.venue.exchange)


def margined(seed: int, commands: int = COMMANDS) -> History:
    """Packages and single orders of accounts that margin is held for."""
    market = market_of_watched(seed)
    do = market.venue.do
    model = enums.MARGIN_MODEL_STRATEGY
    for account_id in (1, 3):
        do(admin_commands.create_account, account_id=account_id, margin_model=model)
        do(admin_commands.move_cash, account_id=account_id, amount=1_000_000, text=b"paid in")
    known = Known(market)
    for _ in range(commands // 2):
        play(market, known, mends=True)
    assert known.mended
    return History(f"margined {seed}", blocks_of(market.venue.blocks), market.venue.exchange)


def desk(seed: int, commands: int = COMMANDS) -> History:
    """Options and futures of accounts by scenarios and strategies, packages that meet, groups."""
    played_desk = Desk(seed)
    for _ in range(commands // 2):
        played_desk.step()
    assert played_desk.mended_packages
    venue = played_desk.venue
    return History(f"desk {seed}", blocks_of(venue.blocks), venue.exchange)


def configured() -> History:
    """The beginning of a real journal: what the venue is built with, then its kill switch."""
    exchange = Exchange(order_capacity=64, live_order_capacity=64)
    commands: list[Callable[[], int]] = [
        partial(admin_commands.configure, exchange),
        partial(admin_commands.set_kill_switch, exchange, enabled=True, text=b"drill", actor=1),
        partial(admin_commands.set_kill_switch, exchange, enabled=False, request_id=7),
        partial(admin_commands.set_kill_switch, exchange, enabled=False, request_id=7),
        partial(
            admin_commands.record_act,
            exchange,
            event_type=EventType.EVENT_TYPE_LEGAL_HOLD_CHANGED,
            payload=LegalHoldChanged(legal_hold=HOLD).SerializeToString(),
            request_id=8,
            actor=1,
        ),
        partial(
            admin_commands.record_act,
            exchange,
            event_type=EventType.EVENT_TYPE_RETENTION_APPLIED,
            payload=RetentionApplied(outcomes=[OUTCOME]).SerializeToString(),
            actor=1,
        ),
    ]
    turns = []
    for now, command in enumerate(commands, 1):
        exchange.begin_turn(now)
        command()
        turns.append((now, bytes(exchange.turn.view())))
    return History("configured", blocks_of(turns), exchange)


def all_histories() -> list[History]:
    """One of each, together with every kind of event."""
    return [
        *(single_orders(seed) for seed in (1, 2)),
        *(packages(seed) for seed in (3, 4)),
        *(sequential(seed) for seed in (5, 6)),
        margined(7),
        *(desk(seed) for seed in (8, 9)),
        configured(),
    ]
