"""ExportEvents: what a filter matches, as a file, made by a process of its own."""

from dataclasses import asdict, replace

from quantumcore.server.api.errors import InvalidField
from quantumcore.server.api.event_filter import check_kept, query_of, viewer_of
from quantumcore.server.api.retention_calls import RetentionCalls
from quantumcore.server.api.rpc import Call
from quantumcore.server.store.export.formats import WRITERS
from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.retention.classes import CLASSES, classes_asked, types_of
from quantumcore.v1.event_store_service_pb2 import ExportEventsRequest, ExportEventsResponse


class ExportCalls(RetentionCalls):
    """ExportEvents; who is no operator is sent what ReadEvents would show."""

    async def export_events(self, request: ExportEventsRequest, call: Call) -> None:
        """Send events as a file, in pieces."""
        query = _of_class(request, query_of(request.filter, call.identity))
        self._check_export(request)
        await self._caught_up(call)
        kept, whole = 1, tuple[int, ...]()
        if not request.include_remnants:
            whole = tuple(classes_asked(query))
            kept = await self._access.first_sequence(whole)
            if request.from_sequence:
                check_kept(request.from_sequence, kept)
        task = self._task(
            "export",
            request,
            query=asdict(query),
            first=request.from_sequence or kept,
            last=request.until_sequence or self._access.sequence,
            viewer=viewer_of(call.identity),
            whole=whole,
        )
        await self._relay(call, ExportEventsResponse, task)

    def _check_export(self, request: ExportEventsRequest) -> None:
        if request.format not in WRITERS:
            raise InvalidField("format", "is none of its values", value=request.format)
        self._check_range(request.from_sequence, request.until_sequence)
        first, until = request.from_time_ns, request.until_time_ns
        for field, value in (("from_time_ns", first), ("until_time_ns", until)):
            if value < 0:
                raise InvalidField(field, "is negative", limit=0, value=value)
        if until and until <= first:
            problem = "does not lie behind from_time_ns"
            raise InvalidField("until_time_ns", problem, limit=first, value=until)


def _of_class(request: ExportEventsRequest, query: EventQuery) -> EventQuery:
    """Return a query that matches events of the class asked for alone."""
    if request.event_class not in {0, *CLASSES}:
        raise InvalidField("event_class", "is none of its values", value=request.event_class)
    if not request.event_class:
        return query
    of_class = types_of(request.event_class)
    asked = query.event_types or of_class
    types = tuple(one for one in asked if one in of_class)
    if not types:
        raise InvalidField("event_class", "has none of filter.event_types")
    return replace(query, event_types=types)
