"""Rebuild the exchange, and what is derived from it, from a snapshot and the journal."""

import json
from secrets import randbits
from time import monotonic, perf_counter

import structlog

from quantumcore.server.api.catalogue import Catalogue
from quantumcore.server.core.admin_commands import configuration_of, named_configuration
from quantumcore.server.core.errors import StateUnfit
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.state import restore
from quantumcore.server.feed.scan_cy import LastChange, last_changes, survey
from quantumcore.server.journal.errors import PastMissing
from quantumcore.server.journal.layout import Block
from quantumcore.server.journal.mark import Mark
from quantumcore.server.snapshots.directory import SnapshotDirectory
from quantumcore.server.snapshots.errors import SnapshotUnfit
from quantumcore.server.snapshots.snapshot import Snapshot

REPORT_INTERVAL_S = 2.0

log = structlog.get_logger("quantumcore.recovery")


class Recovery:
    """Take every stored block in order; say how far it is every few seconds.

    Replaying a block raises ReplayDiverged where the commands do not give the stored events.
    """

    def __init__(self, *, order_capacity: int | None = None, prefault: bool = False) -> None:
        """`order_capacity` is for a journal that is yet to begin; others say their own."""
        self._asked = order_capacity
        self._new = {"order_capacity": order_capacity or 1024, "hash_key": randbits(62)}
        self._prefault = prefault
        self._next_report_s = monotonic() + REPORT_INTERVAL_S
        self._built: tuple[Exchange, Catalogue] | None = None
        self.mark: Mark | None = None
        self.snapshot_sequence = 0
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

    @property
    def configuration(self) -> dict[str, int]:
        """What the exchange is built with."""
        return named_configuration(self.exchange.configuration)

    def begin(self, directory: SnapshotDirectory) -> None:
        """Go on from the newest snapshot that can be used, if there is any; `mark` is then set."""
        for snapshot in directory.usable():
            began_s = perf_counter()
            try:
                self._adopt(snapshot)
            except (StateUnfit, SnapshotUnfit) as problem:
                log.warning("snapshot passed over", snapshot=snapshot.name, reason=str(problem))
                continue
            log.info(
                "snapshot restored",
                snapshot=snapshot.name,
                sequence=snapshot.header.sequence,
                bytes=snapshot.size_bytes,
                seconds=round(perf_counter() - began_s, 3),
            )
            return
        log.info("no snapshot to begin with: the whole journal is replayed")

    def visit(self, block: Block) -> None:
        """Apply one block; raise PastMissing for the first one where it is not the journal's."""
        if self._built is None and block.first_sequence > 1:
            raise PastMissing(block.first_sequence)
        payload = memoryview(bytearray(block.payload))
        exchange, catalogue = self._built or self._build(configuration_of(payload) or self._new)
        exchange.replay(payload, block.time_ns)
        trades, _told, notices = survey(payload.cast("q"))
        self.command_count += block.command_count
        self.trade_count += trades
        self.time_ns = block.time_ns
        if notices:
            catalogue.apply(notices, block.time_ns)
        levels = exchange.levels.view().cast("q")
        self.last_changes.update(last_changes(levels, block.time_ns))
        if monotonic() >= self._next_report_s:
            self._next_report_s = monotonic() + REPORT_INTERVAL_S
            log.info("recovering", sequence=block.last_sequence, commands=self.command_count)

    def save(self) -> bytes:
        """Return what is rebuilt beside the exchange, to be stored with its state."""
        saved = {
            "commands": self.command_count,
            "trades": self.trade_count,
            "time_ns": self.time_ns,
            "last_changes": [[key, *change] for key, change in self.last_changes.items()],
            "catalogue": self.catalogue.save(),
        }
        return json.dumps(saved, separators=(",", ":")).encode()

    def _adopt(self, snapshot: Snapshot) -> None:
        """Take over a snapshot, unless it does not fit; then nothing of it stays."""
        exchange = Exchange(**snapshot.index.configuration, prefault=self._prefault)
        restore(exchange, snapshot.state)
        saved = json.loads(snapshot.venue)
        catalogue = Catalogue(exchange)
        catalogue.load(saved["catalogue"])
        self.last_changes = {
            key: LastChange(sequence, time_ns) for key, sequence, time_ns in saved["last_changes"]
        }
        self.command_count, self.trade_count = saved["commands"], saved["trades"]
        self.time_ns = saved["time_ns"]
        self._built = exchange, catalogue
        self.mark, self.snapshot_sequence = snapshot.mark, snapshot.header.sequence

    def _build(self, configuration: dict[str, int]) -> tuple[Exchange, Catalogue]:
        if self._built is None:
            if self._asked not in {None, configuration["order_capacity"]}:
                log.warning(
                    "the journal was begun with another order capacity, which stays",
                    order_capacity=configuration["order_capacity"],
                    setting=self._asked,
                )
            exchange = Exchange(**configuration, prefault=self._prefault)
            self._built = exchange, Catalogue(exchange)
        return self._built
