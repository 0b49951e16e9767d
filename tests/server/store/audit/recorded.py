"""A journal as a venue writes it, made turn by turn at times of the test's choice."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from quantumcore.server.core import admin_commands, enums, order_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.journal import Journal, JournalSettings
from quantumcore.server.store.feeder import Feeder
from quantumcore.server.store.projections.projector import Projector
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.v1.account_pb2 import Account
from tests.server.core.venue import LISTING

DAY_NS = 86_400 * 10**9
START_NS = 1_600_000_000 * 10**9
PRICE = 1_000
SMALL = {
    "order_capacity": 4_096,
    "live_order_capacity": 1_024,
    "level_capacity": 512,
    "request_capacity": 256,
    "account_capacity": 16,
    "instrument_capacity": 16,
    "trade_capacity": 1_024,
    "position_capacity": 64,
}
Command = Callable[[Exchange], int]


class Recorded:
    """An exchange, and the journal of all that it did, in `directory`/journal."""

    def __init__(self, directory: Path, segment_bytes: int = 1 << 20) -> None:
        """List an instrument and open accounts 1 to 3, on the first day."""
        self.directory = directory
        self.journal_directory = directory / "journal"
        self.exchange = Exchange(**SMALL, prefault=False)
        settings = JournalSettings(segment_bytes=segment_bytes)
        self.journal = Journal.open(self.journal_directory, settings=settings)
        self.now_ns = START_NS
        self.orders = 0
        self.turn(admin_commands.configure)
        listing: dict[str, Any] = dict(LISTING)
        self.turn(partial(admin_commands.create_instrument, **listing))
        for number in (1, 2, 3):
            definition = Account(account_id=number, name=f"account {number}").SerializeToString()
            self.turn(partial(admin_commands.create_account, definition=definition))

    def turn(self, *commands: Command) -> int:
        """Execute commands in one turn, a microsecond after the one before; return the sequence."""
        self.now_ns += 1_000
        exchange, first = self.exchange, self.exchange.sequence + 1
        exchange.begin_turn(self.now_ns)
        for command in commands:
            command(exchange)
        self.journal.append(
            bytes(exchange.turn.view()),
            first_sequence=first,
            last_sequence=exchange.sequence,
            command_count=len(commands),
            time_ns=self.now_ns,
        )
        return exchange.sequence

    def order(self, account_id: int, side: int, quantity: int = 5, price: int = PRICE) -> Command:
        """Return a limit order."""
        self.orders += 1
        return partial(
            order_commands.create_order,
            account_id=account_id,
            instrument_id=1,
            client_order_id=f"order-{self.orders}",
            side=side,
            quantity=quantity,
            price=price,
            actor=7,
        )

    def trade(self, buyer: int = 1, seller: int = 2) -> int:
        """Let two accounts trade; return the last sequence."""
        self.turn(self.order(seller, enums.SIDE_SELL))
        return self.turn(self.order(buyer, enums.SIDE_BUY))

    def trades(self, count: int, *, days: int = 0) -> int:
        """Let accounts trade in turn, with days between; return the last sequence."""
        pairs = ((1, 2), (2, 3), (3, 1))
        for number in range(count):
            self.now_ns += days * DAY_NS
            self.trade(*pairs[number % 3])
        return self.exchange.sequence

    def fed(self, url: str, *, projected: bool = False) -> SqlEventStore:
        """Return a store that has all of it."""
        engine = open_engine(url)
        migrate(engine)
        store = SqlEventStore(engine)
        feeder = Feeder(self.journal_directory, store)
        feeder.catch_up()
        feeder.close()
        if projected:
            Projector(engine, store).catch_up()
        return store
