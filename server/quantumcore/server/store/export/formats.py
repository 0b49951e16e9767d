"""The forms in which events are exported: each takes events and gives the bytes of a file."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any, Protocol

from google.protobuf.json_format import MessageToDict

from quantumcore.server.store.errors import ExtraMissing
from quantumcore.v1.event_pb2 import AggregateType, Event, EventType
from quantumcore.v1.log_pb2 import ExportFormat

ENVELOPE = (
    "sequence",
    "part",
    "aggregate_type",
    "aggregate_id",
    "aggregate_version",
    "event_type",
    "schema_version",
    "time_ns",
    "command_id",
    "correlation_id",
    "principal_id",
    "session_id",
)
"""The columns before the payload; of the two enums the name."""
PAYLOAD = "payload"
ROWS_PER_GROUP = 10_000


class Writer(Protocol):
    """Gives the bytes of a file piece by piece."""

    def begin(self) -> bytes:
        """Return what stands before the first event."""

    def add(self, event: Event) -> bytes:
        """Return what can be written once this event is in the file."""

    def end(self) -> bytes:
        """Return what stands behind the last event."""


class JsonLines:
    """One JSON object a line: protobuf's JSON of Event, 64-bit numbers as strings, exact."""

    def begin(self) -> bytes:
        return b""

    def add(self, event: Event) -> bytes:
        return json.dumps(event_object(event), separators=(",", ":")).encode() + b"\n"

    def end(self) -> bytes:
        return b""


class ProtobufDelimited:
    """Event messages in binary, each after its length as a varint."""

    def begin(self) -> bytes:
        return b""

    def add(self, event: Event) -> bytes:
        data = event.SerializeToString(deterministic=True)
        return varint(len(data)) + data

    def end(self) -> bytes:
        return b""


class Csv:
    """Comma-separated values as RFC 4180 has them, with a line of names before them."""

    def begin(self) -> bytes:
        return _line([*ENVELOPE, PAYLOAD])

    def add(self, event: Event) -> bytes:
        return _line([*envelope(event), payload_json(event)])

    def end(self) -> bytes:
        return b""


class Parquet:
    """Apache Parquet: the envelope in columns, the payload as JSON in the last one."""

    def __init__(self) -> None:
        try:
            import pyarrow as pa
            from pyarrow.parquet import ParquetWriter
        except ImportError as missing:
            raise ExtraMissing("an export as Parquet", "pyarrow", "export") from missing
        self._arrow: Any = pa
        names = {"aggregate_type": pa.string(), "event_type": pa.string()}
        unsigned = {"aggregate_id", "correlation_id", "command_id", "session_id"}
        fields = [
            (name, names.get(name, pa.uint64() if name in unsigned else pa.int64()))
            for name in ENVELOPE
        ]
        self._schema = pa.schema([*fields, (PAYLOAD, pa.string())])
        self._sink = _Sink()
        self._file = ParquetWriter(self._sink, self._schema, compression="zstd")
        self._rows: list[tuple[Any, ...]] = []

    def begin(self) -> bytes:
        return self._sink.taken()

    def add(self, event: Event) -> bytes:
        self._rows.append((*envelope(event), payload_json(event)))
        if len(self._rows) >= ROWS_PER_GROUP:
            self._write()
        return self._sink.taken()

    def end(self) -> bytes:
        self._write()
        self._file.close()
        return self._sink.taken()

    def _write(self) -> None:
        rows, self._rows = self._rows, []
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self._file.write_table(self._arrow.table(columns, schema=self._schema))


class _Sink(io.RawIOBase):
    """Takes what is written and gives it away; knows how much that was."""

    def __init__(self) -> None:
        super().__init__()
        self._data = bytearray()
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, data: Any) -> int:
        self._data += data
        self._written += len(data)
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        data = bytes(self._data)
        self._data.clear()
        return data


WRITERS: dict[int, Callable[[], Writer]] = {
    ExportFormat.EXPORT_FORMAT_JSON_LINES: JsonLines,
    ExportFormat.EXPORT_FORMAT_PROTOBUF_DELIMITED: ProtobufDelimited,
    ExportFormat.EXPORT_FORMAT_CSV: Csv,
    ExportFormat.EXPORT_FORMAT_PARQUET: Parquet,
}


def event_object(event: Event) -> dict[str, Any]:
    """Return an event as protobuf's JSON has it, under the contract's own names."""
    return MessageToDict(event, preserving_proto_field_name=True)


def envelope(event: Event) -> list[Any]:
    """Return the values of the columns before the payload."""
    values = {name: getattr(event, name) for name in ENVELOPE}
    values["aggregate_type"] = AggregateType.Name(event.aggregate_type)
    values["event_type"] = EventType.Name(event.event_type)
    return list(values.values())


def payload_json(event: Event) -> str:
    """Return the payload as protobuf's JSON has it."""
    payload = getattr(event, str(event.WhichOneof("payload")))
    told = MessageToDict(payload, preserving_proto_field_name=True)
    return json.dumps(told, separators=(",", ":"))


def varint(number: int) -> bytes:
    """Return a length as protobuf writes it."""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def _line(values: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue().encode()
