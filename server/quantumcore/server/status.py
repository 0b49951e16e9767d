"""Describe how the venue stands."""

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from time import CLOCK_REALTIME, clock_getres, monotonic_ns

from quantumcore.server.core import words_cy
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.journal.journal import Journal
from quantumcore.server.journal.layout import SEGMENT_SUFFIX
from quantumcore.server.journal.settings import Durability
from quantumcore.v1.status_pb2 import (
    ClockStatus,
    DurabilityMode,
    ProjectionStatus,
    VenueState,
    VenueStatus,
)

DISTRIBUTION = "quantumcore"


class Started:
    """When this process began to serve."""

    def __init__(self, time_ns: int) -> None:
        self.time_ns = time_ns
        self._monotonic_ns = monotonic_ns()

    @property
    def uptime_ns(self) -> int:
        """Return how long ago that was, by a clock that is never set back."""
        return monotonic_ns() - self._monotonic_ns


def status_of(
    exchange: Exchange,
    journal: Journal,
    started: Started,
    *,
    state: VenueState.ValueType,
    time_ns: int,
    command_count: int,
    trade_count: int,
    session_count: int,
    order_capacity: int,
    venue_killed: bool,
    projections: Sequence[ProjectionStatus] = (),
) -> VenueStatus:
    """Build the contract's status; the state hash is not in it."""
    on_disk = journal.settings.durability is Durability.DISK
    return VenueStatus(
        version=_version(),
        kill_switch=venue_killed,
        compiled=words_cy.is_compiled(),
        state=state,
        epoch=journal.epoch,
        accepted_sequence=journal.accepted_sequence,
        durable_sequence=journal.durable_sequence,
        durability_mode=(
            DurabilityMode.DURABILITY_MODE_DISK
            if on_disk
            else DurabilityMode.DURABILITY_MODE_PROCESS
        ),
        time_ns=time_ns,
        started_time_ns=started.time_ns,
        uptime_ns=started.uptime_ns,
        clock=ClockStatus(
            source="system", granularity_ns=max(1, round(clock_getres(CLOCK_REALTIME) * 1e9))
        ),
        instrument_count=exchange.instrument_count,
        account_count=exchange.account_count,
        working_order_count=exchange.working_orders,
        working_order_capacity=order_capacity,
        forgotten_multi_leg_order_count=exchange.forgotten_packages,
        command_count=command_count,
        trade_count=trade_count,
        journal_bytes=_journal_bytes(journal.directory),
        session_count=session_count,
        projections=projections,
        chain_head=journal.head_hash if journal.block_count else b"",
    )


def _journal_bytes(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.glob(f"*{SEGMENT_SUFFIX}"))


def _version() -> str:
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "unknown"
