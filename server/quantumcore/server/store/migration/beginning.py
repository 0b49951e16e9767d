"""Find out behind what a target is to be fed, and what of the past can be had for it."""

from collections.abc import Iterator
from pathlib import Path

from google.protobuf.message import Message
from sqlalchemy import Connection, select

from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import segment_first_sequence
from quantumcore.server.journal.scan import list_segments
from quantumcore.server.store.legacy.rows import message_of
from quantumcore.server.store.legacy.store import (
    KEPT,
    LegacyStore,
    checkpoint_in,
    id_of,
    position_in,
)
from quantumcore.server.store.migration.history import Beginning, History
from quantumcore.server.store.migration.openings import OPENING_VERSION
from quantumcore.server.store.opening import Store
from quantumcore.server.store.position import BEGINNING
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1.event_pb2 import EventType
from quantumcore.v1.order_event_pb2 import OrderAccepted
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.position_event_pb2 import PositionOpened
from quantumcore.v1.position_pb2 import Position


def begin(source: Store, target: SqlEventStore, target_history: History, journal: Path) -> bool:
    """Let an empty target be fed from where the source is; return False where it is fed already.

    From an event store all is copied that it has. From a legacy store the past is made from the
    journal; where that does not reach back to its first event, each order and position of the
    legacy store becomes an opening event.
    """
    if target.position() != BEGINNING:
        return False
    if isinstance(source, LegacyStore):
        if reaches_back(journal):
            return target_history.begin(Beginning(source.position(), source.checkpoint()))
        return _begin_opened(source, target_history)
    past = History(source.engine)
    progress = past.progress()
    return target_history.begin(
        Beginning(
            source.position(),
            source.checkpoint(),
            past.removals(),
            past.all_openings(),
            progress.opened_sequence,
            progress.opened_event_count,
        )
    )


def reaches_back(journal: Path) -> bool:
    """Tell whether a journal has its first event still."""
    names = list_segments(Files(), journal) if journal.exists() else []
    return not names or segment_first_sequence(names[0]) == 1


def _begin_opened(source: LegacyStore, target_history: History) -> bool:
    with source.reading() as connection:
        position = position_in(connection)
        return target_history.begin(
            Beginning(
                position,
                checkpoint_in(connection),
                openings=_openings(connection, position.sequence),
                opened_sequence=position.sequence,
                opened_event_count=position.event_count,
            )
        )


def _openings(connection: Connection, sequence: int) -> Iterator[StoredEvent]:
    """Yield an event for each row, which tells all of it, as of a sequence."""
    for kind, kept in KEPT.items():
        rows = connection.execution_options(stream_results=True).execute(select(kept.table))
        for row in rows.mappings():
            columns = {str(name): value for name, value in row.items()}
            state = message_of(columns, kept.message)
            yield _opening(kind, id_of(kind, columns), state, sequence)


def _opening(kind: int, aggregate_id: int, state: Order | Position, sequence: int) -> StoredEvent:
    event_type, version, payload = _told(state)
    return StoredEvent(
        aggregate_type=kind,
        sequence=sequence,
        part=0,
        aggregate_id=aggregate_id,
        aggregate_version=version,
        event_type=event_type,
        schema_version=OPENING_VERSION,
        time_ns=state.updated_time_ns,
        command_id=0,
        correlation_id=0,
        principal_id=0,
        session_id=0,
        account_id=state.account_id,
        instrument_id=state.instrument_id,
        payload=payload.SerializeToString(deterministic=True),
    )


def _told(state: Order | Position) -> tuple[int, int, Message]:
    """Return type, version of the thing and payload; a legacy store counts no position's events."""
    if isinstance(state, Order):
        return EventType.EVENT_TYPE_ORDER_ACCEPTED, state.version, OrderAccepted(order=state)
    opened = PositionOpened()
    opened.change.position.CopyFrom(state)
    return EventType.EVENT_TYPE_POSITION_OPENED, 0, opened
