"""The task of an audit process that exports."""

from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from google.protobuf.message import Message

from quantumcore.server.store.export.formats import WRITERS
from quantumcore.server.store.export.selection import Selection, exported
from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.v1.event_store_service_pb2 import ExportEventsRequest, ExportEventsResponse


def export(task: dict[str, Any]) -> Iterator[Message]:
    """Export as ExportEventsRequest says; the service has checked it and made the query."""
    request = ExportEventsRequest.FromString(b64decode(task["request"]))
    writer = WRITERS[request.format]()
    selection = Selection(
        query=EventQuery(**task["query"]),
        first=task["first"],
        last=task["last"],
        from_time_ns=request.from_time_ns,
        until_time_ns=request.until_time_ns,
        viewer=task["viewer"],
        whole=task["whole"],
    )
    with closing(SqlEventStore(open_engine(task["store"]))) as store:
        for chunk in exported(store, selection, writer):
            yield ExportEventsResponse(chunks=[chunk])
