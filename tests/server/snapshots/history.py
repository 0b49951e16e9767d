"""A small journal on disk, of a venue with orders, cancels, quotes, busts and kill switches."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.state import Image
from quantumcore.server.journal.journal import Journal
from quantumcore.server.journal.reader import JournalReader
from quantumcore.server.journal.settings import JournalSettings
from quantumcore.server.recovery import Recovery
from tests.server.core.venue import BUY, LISTING, SELL, Venue

CAPACITIES: dict[str, Any] = {
    "order_capacity": 1024,
    "live_order_capacity": 256,
    "level_capacity": 256,
    "request_capacity": 128,
    "account_capacity": 16,
    "instrument_capacity": 8,
    "hash_key": 4711,
    "trade_capacity": 256,
    "position_capacity": 64,
}


class Storing(Venue):
    """Every turn goes into a journal, the first of which says what the exchange is built with."""

    def __init__(self, data: Path, *, segment_bytes: int = 64 * 1024, **more: Any) -> None:
        self.exchange, self.now, self.blocks = Exchange(**CAPACITIES), 1_000, []
        self.journal = Journal.open(
            data / "journal", settings=JournalSettings(segment_bytes=segment_bytes), **more
        )
        self.do(admin_commands.configure)
        for _ in range(2):
            self.do(admin_commands.create_instrument, **LISTING, definition=b"")
        for _ in range(3):
            self.do(admin_commands.create_account)

    def do(self, command: Callable[..., int], **arguments: Any) -> Any:
        """Execute one command and store its turn."""
        before = self.exchange.sequence
        told = super().do(command, **arguments)
        self.journal.append(
            self.exchange.turn.view(),
            first_sequence=before + 1,
            last_sequence=self.exchange.sequence,
            command_count=1,
            time_ns=self.now,
        )
        return told

    def trade_at_random(self, choose: random.Random, commands: int) -> None:
        """Let so many commands come."""
        for _ in range(commands):
            what, name = choose.random(), f"o{self.now}"
            account = choose.randint(1, 3)
            if what < 0.7:
                price = choose.randint(5, 15) * 10
                side = choose.choice((BUY, SELL))
                self.order(name, side, choose.randint(1, 9) * 5, price, account_id=account)
            elif what < 0.8:
                self.cancel_all(account_id=account)
            elif what < 0.85:
                self.reference(choose.randint(1, 2), last=choose.randint(5, 15) * 10)
            elif what < 0.9:
                self.kill(account, enabled=choose.random() < 0.3)
            elif what < 0.95:
                trade_id = choose.randint(1, 1 + self.exchange.sequence // 4)
                self.do(admin_commands.bust_trade, trade_id=trade_id)
            else:
                phases = (enums.TRADING_PHASE_CONTINUOUS,) * 3 + (enums.TRADING_PHASE_HALTED,)
                self.set_phase(choose.choice(phases), instrument_id=choose.randint(1, 2))


def replayed(data: Path) -> Recovery:
    """Return what the whole journal gives."""
    recovery = Recovery()
    for block in JournalReader(data / "journal").blocks():
        recovery.visit(block)
    return recovery


def state_of(recovery: Recovery) -> tuple[bytes, bytes]:
    """Return all that there is to compare: the state hash, and what lies beside the exchange."""
    return Image(recovery.exchange).digest(), recovery.save()
