"""Rebuild the exchange, and what is derived from it, from the journal."""

from secrets import randbits
from time import monotonic

import structlog

from quantumcore.server.api.catalogue import Catalogue
from quantumcore.server.core.admin_commands import configuration_of
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.feed.scan_cy import LastChange, last_changes, survey
from quantumcore.server.journal.layout import Block

REPORT_INTERVAL_S = 2.0

log = structlog.get_logger("quantumcore.recovery")


class Recovery:
    """Take every stored block in order; say how far it is every few seconds.

    Replaying a block raises ReplayDiverged where the commands do not give the stored events.
    """

    def __init__(self, *, order_capacity: int, prefault: bool) -> None:
        """`order_capacity` is for a journal that is yet to begin; others say their own."""
        self._new = {"order_capacity": order_capacity, "hash_key": randbits(62)}
        self._prefault = prefault
        self._next_report_s = monotonic() + REPORT_INTERVAL_S
        self._built: tuple[Exchange, Catalogue] | None = None
        self.last_changes: dict[int, LastChange] = {}
        self.command_count = 0
        self.trade_count = 0
        self.time_ns = 0

    @property
    def exchange(self) -> Exchange:
        """The exchange as far as it is rebuilt."""
        return self._build(self._new)[0]

    @property
    def catalogue(self) -> Catalogue:
        """The names in that exchange."""
        return self._build(self._new)[1]

    def visit(self, block: Block) -> None:
        """Apply one block."""
        payload = memoryview(bytearray(block.payload))
        exchange, catalogue = self._built or self._build(configuration_of(payload) or self._new)
        exchange.replay(payload, block.time_ns)
        trades, _told, notices = survey(payload.cast("q"))
        self.command_count += block.command_count
        self.trade_count += trades
        self.time_ns = block.time_ns
        catalogue.apply(notices, block.time_ns)
        levels = exchange.levels.view().cast("q")
        self.last_changes.update(last_changes(levels, block.time_ns))
        if monotonic() >= self._next_report_s:
            self._next_report_s = monotonic() + REPORT_INTERVAL_S
            log.info("recovering", sequence=block.last_sequence, commands=self.command_count)

    def _build(self, configuration: dict[str, int]) -> tuple[Exchange, Catalogue]:
        if self._built is None:
            asked = self._new["order_capacity"]
            if configuration["order_capacity"] != asked:
                log.warning(
                    "the journal was begun with another order capacity, which stays",
                    order_capacity=configuration["order_capacity"],
                    setting=asked,
                )
            exchange = Exchange(**configuration, prefault=self._prefault)
            self._built = exchange, Catalogue(exchange)
        return self._built
