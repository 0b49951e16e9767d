"""Rebuild the exchange, and what is derived from it, from the journal."""

from time import monotonic

import structlog

from quantumcore.server.api.catalogue import Catalogue
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.feed.scan_cy import LastChange, last_changes, survey
from quantumcore.server.journal.layout import Block

REPORT_INTERVAL_S = 2.0

log = structlog.get_logger("quantumcore.recovery")


class Recovery:
    """Take every stored block in order; say how far it is every few seconds.

    Replaying a block raises ReplayDiverged where the commands do not give the stored events.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._next_report_s = monotonic() + REPORT_INTERVAL_S
        self.catalogue = Catalogue(exchange)
        self.last_changes: dict[int, LastChange] = {}
        self.command_count = 0
        self.trade_count = 0
        self.time_ns = 0

    def visit(self, block: Block) -> None:
        """Apply one block."""
        payload = memoryview(bytearray(block.payload))
        self._exchange.replay(payload, block.time_ns)
        trades, notices = survey(payload.cast("q"))
        self.command_count += block.command_count
        self.trade_count += trades
        self.time_ns = block.time_ns
        self.catalogue.apply(notices, block.time_ns)
        levels = self._exchange.levels.view().cast("q")
        self.last_changes.update(last_changes(levels, block.time_ns))
        if monotonic() >= self._next_report_s:
            self._next_report_s = monotonic() + REPORT_INTERVAL_S
            log.info("recovering", sequence=block.last_sequence, commands=self.command_count)
