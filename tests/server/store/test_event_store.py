"""What every event store promises, held against each database."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.errors import (
    SequenceGap,
    StoreDiverged,
    StoreSchemaUnknown,
    StoreUnavailable,
)
from quantumcore.server.store.port import Batch, EventQuery
from quantumcore.server.store.position import BEGINNING, FeedPosition
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.projection_tables import PROJECTION_TABLES
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import PAGE_ROWS, SqlEventStore
from quantumcore.server.store.sql.tables import EVENT_TABLE_NAMES, metadata
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1.event_pb2 import AggregateType, EventType
from tests.server.store.databases import Cluster
from tests.server.store.histories import History, margined
from tests.server.store.removing import removed_until

TABLES = sorted(EVENT_TABLE_NAMES.values())
ORDER = AggregateType.AGGREGATE_TYPE_ORDER


@pytest.fixture(scope="module")
def history() -> History:
    return margined(11, 1_600)


def batches(history: History, per_batch: int = 97) -> Iterator[Batch]:
    """Cut a history into batches of whole blocks."""
    decoder, before = Decoder(), BEGINNING
    for start in range(0, len(history.blocks), per_batch):
        blocks = history.blocks[start : start + per_batch]
        events = [event for block in blocks for event in decoder.decode(block)]
        after = FeedPosition(
            start + len(blocks),
            blocks[-1].last_sequence,
            decoder.state.command_count,
            before.event_count + len(events),
            blocks[-1].time_ns,
            start.to_bytes(32),
        )
        yield Batch(before, after, events)
        before = after


def fill(store: SqlEventStore, history: History) -> list[StoredEvent]:
    for batch in batches(history):
        store.append(batch)
    return history.events()


class TestEventStore:
    """The contract of port.EventStore."""

    def test_a_new_store_is_at_the_beginning(self, store: SqlEventStore) -> None:
        assert store.position() == BEGINNING
        assert list(store.read()) == []
        assert store.first_sequence() == 1

    def test_what_was_appended_is_read_in_order_with_every_column(
        self, store: SqlEventStore, history: History
    ) -> None:
        events = fill(store, history)
        assert len(events) > 2 * PAGE_ROWS
        assert list(store.read()) == events
        assert list(store.read(backward=True)) == events[::-1]
        assert store.position().sequence == events[-1].sequence

    def test_a_range_is_read_whole_sequences_at_both_ends(
        self, store: SqlEventStore, history: History
    ) -> None:
        events = fill(store, history)
        expected = [event for event in events if 100 <= event.sequence <= 200]
        assert list(store.read(100, 200)) == expected
        assert list(store.read(100, 200, backward=True, limit=7)) == expected[::-1][:7]
        assert list(store.read(100, limit=0)) == []

    @pytest.mark.parametrize(
        "query",
        [
            EventQuery(aggregate_type=ORDER),
            EventQuery(event_types=[EventType.EVENT_TYPE_CASH_MOVED]),
            EventQuery(account_ids=[1, 3], instrument_ids=[3]),
            EventQuery(principal_id=5),
            EventQuery(
                aggregate_type=AggregateType.AGGREGATE_TYPE_POSITION, aggregate_id=1 << 32 | 3
            ),
        ],
        ids=lambda query: str(query)[11:60],
    )
    def test_a_query_gives_what_matches_all_of_it(
        self, store: SqlEventStore, history: History, query: EventQuery
    ) -> None:
        events = fill(store, history)
        assert list(store.read(query=query)) == [one for one in events if matches(one, query)]

    def test_a_batch_that_leaves_a_gap_stores_nothing(
        self, store: SqlEventStore, history: History
    ) -> None:
        first, second, third = list(batches(history))[:3]
        store.append(first)
        for wrong in (third, first, second._replace(before=BEGINNING)):
            with pytest.raises(SequenceGap):
                store.append(wrong)
        assert store.position() == first.after
        store.append(second)
        assert [*first.events, *second.events] == list(store.read())

    @pytest.mark.parametrize("damage", ["missing", "twice", "swapped", "short"])
    def test_events_that_are_not_gap_free_are_refused(
        self, store: SqlEventStore, history: History, damage: str
    ) -> None:
        batch = next(batches(history))
        events = list(batch.events)
        match damage:
            case "missing":
                del events[3]
            case "twice":
                events.insert(3, events[3])
            case "swapped":
                events[3], events[4] = events[4], events[3]
            case _:
                events.pop()
        with pytest.raises(SequenceGap):
            store.append(batch._replace(events=events))
        assert store.position() == BEGINNING
        assert list(store.read()) == []

    def test_a_version_that_is_there_already_stores_nothing(
        self, store: SqlEventStore, history: History
    ) -> None:
        first, second = list(batches(history))[:2]
        store.append(first)
        known = next(event for event in first.events if event.aggregate_type == ORDER)
        index = next(at for at, event in enumerate(second.events) if event.aggregate_type == ORDER)
        events = list(second.events)
        events[index] = events[index]._replace(
            aggregate_id=known.aggregate_id, aggregate_version=known.aggregate_version
        )
        with pytest.raises(StoreDiverged):
            store.append(second._replace(events=events))
        assert store.position() == first.after
        assert list(store.read()) == list(first.events)

    @pytest.mark.parametrize("table", TABLES)
    def test_the_database_refuses_to_change_or_remove_an_event(
        self, store: SqlEventStore, url: str, history: History, table: str
    ) -> None:
        batch = next(batches(history, 100_000))
        venue_event = batch.events[0]._replace(
            aggregate_type=AggregateType.AGGREGATE_TYPE_VENUE,
            sequence=batch.after.sequence + 1,
            part=0,
        )
        sequence = batch.after.sequence + 1
        after = batch.after._replace(sequence=sequence, event_count=len(batch.events) + 1)
        store.append(Batch(BEGINNING, after, [*batch.events, venue_event]))
        for statement in (
            f"UPDATE {table} SET payload = ''",
            f"UPDATE {table} SET sequence = sequence + 1",
            f"DELETE FROM {table}",
            "DELETE FROM feed_position",
            "UPDATE feed_position SET sequence = 0, block_number = block_number + 1",
        ):
            with pytest.raises(DBAPIError, match=r"append-only|only goes on"):
                execute(url, statement)
        assert len(list(store.read())) == len(batch.events) + 1

    def test_removal_leaves_what_follows_and_a_record_of_itself(
        self, store: SqlEventStore, url: str, history: History
    ) -> None:
        events = fill(store, history)
        gone = [event for event in events if event.sequence <= 300]
        assert removed_until(url, 300) == len(gone)
        assert list(store.read()) == events[len(gone) :]
        assert store.first_sequence() == 301
        with pytest.raises(DBAPIError, match="append-only"):
            execute(url, "DELETE FROM order_events")
        with pytest.raises(DBAPIError, match="append-only"):
            execute(url, "DELETE FROM event_tombstones")
        with pytest.raises(DBAPIError, match="append-only"):
            execute(url, "UPDATE event_tombstones SET event_count = 0")
        stones = store.tombstones()
        assert sum(stone.event_count for stone in stones) == len(gone)
        assert {(stone.time_ns, stone.principal_id) for stone in stones} == {(5, 9)}

    def test_another_reader_sees_whole_batches_only(
        self, store: SqlEventStore, url: str, history: History
    ) -> None:
        other = SqlEventStore(open_engine(url))
        for batch in list(batches(history))[:4]:
            store.append(batch)
            assert other.position() == batch.after
            assert list(other.read(batch.before.sequence + 1)) == list(batch.events)
        other.close()

    def test_a_store_without_tables_is_refused(self, url: str) -> None:
        with pytest.raises(StoreSchemaUnknown, match="revision none"):
            SqlEventStore(open_engine(url))

    def test_migrations_make_the_tables_that_the_code_names(self, url: str) -> None:
        engine = open_engine(url)
        migrate(engine)
        migrate(engine)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, metadata) == []
            assert set(PROJECTION_TABLES) < set(metadata.sorted_tables)
        engine.dispose()

    def test_every_event_type_is_stored_and_read(
        self, store: SqlEventStore, histories: list[History]
    ) -> None:
        told: set[int] = set()
        shortest = min(histories, key=lambda one: len(one.blocks))
        for batch in batches(shortest):
            store.append(batch)
        told.update(event.event_type for event in store.read())
        assert told == {event.event_type for event in shortest.events()}


def matches(event: StoredEvent, query: EventQuery) -> bool:
    return (
        (not query.aggregate_type or event.aggregate_type == query.aggregate_type)
        and (not query.aggregate_id or event.aggregate_id == query.aggregate_id)
        and (not query.event_types or event.event_type in query.event_types)
        and (not query.account_ids or event.account_id in query.account_ids)
        and (not query.instrument_ids or event.instrument_id in query.instrument_ids)
        and (not query.principal_id or event.principal_id == query.principal_id)
    )


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def test_an_unknown_database_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        open_engine("mysql://host/name")


def test_a_database_that_is_not_there_is_unavailable(cluster: Cluster) -> None:
    with pytest.raises(StoreUnavailable, match="nowhere"):
        SqlEventStore(open_engine(cluster.database_url("nowhere")))
