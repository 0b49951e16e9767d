"""Every form of an export holds every event exactly, and can be read again."""

import builtins
import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import Parse
from pyarrow import parquet

from quantumcore.server.store.errors import ExtraMissing
from quantumcore.server.store.export.formats import (
    ENVELOPE,
    WRITERS,
    envelope,
    payload_json,
    varint,
)
from quantumcore.server.store.export.selection import PIECE_BYTES, Selection, exported
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.time_search import first_from
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import Event
from quantumcore.v1.log_pb2 import ExportChunk, ExportFormat
from tests.server.store.audit.recorded import DAY_NS, Recorded

FORMATS = {
    "json": ExportFormat.EXPORT_FORMAT_JSON_LINES,
    "protobuf": ExportFormat.EXPORT_FORMAT_PROTOBUF_DELIMITED,
    "csv": ExportFormat.EXPORT_FORMAT_CSV,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlEventStore]:
    directory = tmp_path_factory.mktemp("exported")
    recorded = Recorded(directory)
    recorded.trades(30, days=1)
    recorded.journal.close()
    with closing(recorded.fed(f"sqlite:///{directory / 'events.db'}")) as fed:
        yield fed


@pytest.fixture(scope="module")
def events(store: SqlEventStore) -> list[Event]:
    return [event_of(stored, Upcasting()) for stored in store.read()]


def file_of(store: SqlEventStore, form: int, **selected: Any) -> tuple[bytes, ExportChunk]:
    selection = Selection(**{"last": store.position().sequence} | selected)
    chunks = list(exported(store, selection, WRITERS[form]()))
    data = b"".join(chunk.data for chunk in chunks)
    assert chunks[-1].content_hash == sha256(data).digest()
    assert chunks[-1].head.chain_hash == store.position().block_hash
    return data, chunks[-1]


def read_delimited(data: bytes) -> Iterator[Event]:
    at = 0
    while at < len(data):
        size = shift = 0
        while True:
            size |= (data[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 0x80:
                break
        yield Event.FromString(data[at : at + size])
        at += size


def test_json_lines_and_binary_are_read_back_event_by_event(
    store: SqlEventStore, events: list[Event]
) -> None:
    lines, last = file_of(store, FORMATS["json"])
    assert [Parse(line, Event()) for line in lines.splitlines()] == events
    assert last.event_count == len(events)
    first_price = next(json.loads(line) for line in lines.splitlines() if b'"price"' in line)
    assert "." not in json.dumps(first_price)  # whole numbers of 1e-9, never a float
    binary, _ = file_of(store, FORMATS["protobuf"])
    assert list(read_delimited(binary)) == events


def test_csv_has_the_envelope_and_the_payload(store: SqlEventStore, events: list[Event]) -> None:
    data, _ = file_of(store, FORMATS["csv"])
    names, *rows = csv.reader(io.StringIO(data.decode()))
    assert names == [*ENVELOPE, "payload"]
    assert rows == [[*map(str, envelope(event)), payload_json(event)] for event in events]


def test_parquet_has_the_same_columns(store: SqlEventStore, events: list[Event]) -> None:
    data, last = file_of(store, ExportFormat.EXPORT_FORMAT_PARQUET)
    table = parquet.read_table(io.BytesIO(data))
    assert table.column_names == [*ENVELOPE, "payload"]
    rows = [list(row.values()) for row in table.to_pylist()]
    assert rows == [[*envelope(event), payload_json(event)] for event in events]
    assert last.event_count == len(events)


def test_without_its_package_parquet_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExtraMissing, match=r"quantumcore\[export\]"):
        WRITERS[ExportFormat.EXPORT_FORMAT_PARQUET]()


def test_an_export_comes_in_pieces_at_whole_sequences(
    store: SqlEventStore, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quantumcore.server.store.export.selection.PIECE_BYTES", 2_000)
    selection = Selection(last=store.position().sequence)
    *pieces, last = exported(store, selection, WRITERS[FORMATS["protobuf"]]())
    assert len(pieces) > 5
    assert PIECE_BYTES > 2_000
    for before, piece in zip([ExportChunk(), *pieces], pieces, strict=False):
        its = list(read_delimited(piece.data))
        assert its[-1].sequence == piece.sequence
        assert len(its) == piece.event_count - before.event_count
        assert its[0].sequence > before.sequence
        assert (piece.content_hash, piece.HasField("head")) == (b"", False)
    assert last.event_count == len(events)


@pytest.mark.parametrize("days", [(0, 0), (5, 0), (0, 9), (5, 9), (40, 0)])
def test_a_time_selects_what_lies_in_it(
    store: SqlEventStore, events: list[Event], days: tuple[int, int]
) -> None:
    begin = events[0].time_ns
    since, before = (begin + day * DAY_NS if day else 0 for day in days)
    data, _ = file_of(store, FORMATS["protobuf"], from_time_ns=since, until_time_ns=before)
    assert list(read_delimited(data)) == [
        one for one in events if since <= one.time_ns < (before or 1 << 62)
    ]


def test_a_sequence_is_found_by_every_time(store: SqlEventStore, events: list[Event]) -> None:
    last = events[-1].sequence
    for event in events[::40]:
        expected = min(one.sequence for one in events if one.time_ns >= event.time_ns)
        assert first_from(store, event.time_ns, 1, last) == expected
    assert first_from(store, events[-1].time_ns + 1, 1, last) == last + 1


@pytest.mark.parametrize(("number", "data"), [(0, "00"), (127, "7f"), (128, "8001"), (300, "ac02")])
def test_lengths_are_written_as_protobuf_has_them(number: int, data: str) -> None:
    assert varint(number).hex() == data


def test_an_archive_appears_whole_and_is_read_back(tmp_path: Path, store: SqlEventStore) -> None:
    from quantumcore.server.store.export.archive import read_archive, write_archive

    path = write_archive(tmp_path / "new", "a.jsonl", store.read(), {})
    assert list(read_archive(path)) == list(store.read())
    assert sorted(one.name for one in (tmp_path / "new").iterdir()) == [
        "a.jsonl",
        "a.jsonl.manifest.json",
    ]
