"""GetStateAt: how one thing stood as of a sequence or a time, from its own events."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from google.protobuf.message import Message

from quantumcore.server.api.auth import Identity
from quantumcore.server.api.errors import HistoryGone, InvalidField, NotFound, WrongState
from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.store.folding.accounts import ACCOUNT_EVENTS, fold_account, fold_position
from quantumcore.server.store.folding.instruments import fold_instrument
from quantumcore.server.store.folding.multi_leg_orders import fold_multi_leg_order
from quantumcore.server.store.folding.orders import fold_order
from quantumcore.server.store.legacy.store import KEPT
from quantumcore.server.store.migration.openings import opened_state
from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.retention.classes import classes_asked
from quantumcore.server.store.stored_event import StoredEvent, event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.account_pb2 import Account
from quantumcore.v1.event_pb2 import AggregateType
from quantumcore.v1.event_store_service_pb2 import GetStateAtRequest, GetStateAtResponse
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.multi_leg_order_pb2 import MultiLegOrder
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.position_pb2 import Position

GREATEST = 2**63 - 1


class Folding(NamedTuple):
    """How a kind of thing is made from its events, and where the answer has it."""

    field: str
    make: type[Message]
    fold: Callable[[Any, Any], None]
    event_types: tuple[int, ...] = ()


FOLDINGS: dict[int, Folding] = {
    AggregateType.AGGREGATE_TYPE_ORDER: Folding("order", Order, fold_order),
    AggregateType.AGGREGATE_TYPE_MULTI_LEG_ORDER: Folding(
        "multi_leg_order", MultiLegOrder, fold_multi_leg_order
    ),
    AggregateType.AGGREGATE_TYPE_POSITION: Folding("position", Position, fold_position),
    AggregateType.AGGREGATE_TYPE_ACCOUNT: Folding(
        "account", Account, fold_account, tuple(ACCOUNT_EVENTS)
    ),
    AggregateType.AGGREGATE_TYPE_INSTRUMENT: Folding("instrument", Instrument, fold_instrument),
}


async def state_at(
    request: GetStateAtRequest, access: EventAccess, identity: Identity
) -> GetStateAtResponse:
    """Return how a thing stood; things of accounts that the caller may not use are not there."""
    folding = FOLDINGS.get(request.aggregate_type)
    if folding is None:
        raise InvalidField(
            "aggregate_type", "is no kind with a state", value=request.aggregate_type
        )
    if access.is_legacy:
        return await _kept(request, folding, access, identity)
    last, until_ns = await _moment(request, access)
    query = EventQuery(
        aggregate_type=request.aggregate_type,
        aggregate_id=_id(request),
        event_types=folding.event_types,
    )
    events = await access.events(1, last, query, backward=False, limit=None)
    events = [event for event in events if event.time_ns <= until_ns]
    opening = await _opening(request, events, access)
    first = opening or next(iter(events), None)
    if first is None or not _may_see(first, identity):
        raise NotFound(f"there was no such {folding.field} then")
    at_sequence = last if request.HasField("at_sequence") else None
    await _check_whole(query, events, opening, access, last=last, until_ns=until_ns)
    if opening is None:
        return _answer(folding, events, at_sequence)
    opened = opened_state(opening)
    _check_not_before(opened, at_sequence or last, until_ns)
    return _answer(folding, events, at_sequence, opening=opening)


async def _opening(
    request: GetStateAtRequest, events: list[StoredEvent], access: EventAccess
) -> StoredEvent | None:
    """Return how a thing stood when its events began to be kept, where that was not its begin."""
    if events and events[0].aggregate_version == 1:
        return None
    return await access.opening(request.aggregate_type, request.aggregate_id)


async def _kept(
    request: GetStateAtRequest, folding: Folding, access: EventAccess, identity: Identity
) -> GetStateAtResponse:
    """Answer from a legacy store: how a thing stands, and stood since its last change."""
    if request.aggregate_type not in KEPT:
        raise WrongState(f"the legacy store that is read keeps no {folding.field}")
    state: Any = await access.kept_state(request.aggregate_type, _id(request))
    last, until_ns = await _moment(request, access)
    if state is None or not identity.may_use(state.account_id):
        raise NotFound(f"there was no such {folding.field} then")
    _check_not_before(state, last, until_ns)
    at = last if request.HasField("at_sequence") else state.sequence
    answer = GetStateAtResponse(aggregate_version=getattr(state, "version", 0), sequence=at)
    getattr(answer, folding.field).CopyFrom(state)
    return answer


def _check_not_before(state: Any, sequence: int, until_ns: int) -> None:
    """Raise HistoryGone for a moment before the last change that is known of."""
    if sequence < state.sequence or until_ns < state.updated_time_ns:
        text = f"what was before sequence {state.sequence} is not kept"
        raise HistoryGone(text, limit=state.sequence, value=sequence)


def _id(request: GetStateAtRequest) -> int:
    if not 1 <= request.aggregate_id <= GREATEST:
        raise InvalidField("aggregate_id", "is required", value=request.aggregate_id)
    return request.aggregate_id


async def _moment(request: GetStateAtRequest, access: EventAccess) -> tuple[int, int]:
    """Return the last sequence, and the last time, that count."""
    newest = await access.position()
    match request.WhichOneof("moment"):
        case "at_sequence":
            if not 1 <= request.at_sequence <= newest:
                problem = f"lies outside 1 to {newest}, the last that is stored"
                value = request.at_sequence
                raise InvalidField("at_sequence", problem, limit=newest, value=value)
            return request.at_sequence, GREATEST
        case "at_time_ns":
            return newest, request.at_time_ns
    raise InvalidField("at_sequence", "set it, or at_time_ns")


def _may_see(first: StoredEvent, identity: Identity) -> bool:
    """Tell whether a thing is the caller's business; instruments are everybody's."""
    return first.account_id == 0 or identity.may_use(first.account_id)


async def _check_whole(
    query: EventQuery,
    events: list[StoredEvent],
    opening: StoredEvent | None,
    access: EventAccess,
    *,
    last: int,
    until_ns: int,
) -> None:
    """Raise HistoryGone where events of a thing may be gone: first ones, some between, or the last.

    What a hold keeps of a thing can lie anywhere among what was removed. Behind its last event
    nothing but a tombstone tells that there may have been another.
    """
    whole = _is_without_gap(query, events, opening)
    if whole:
        kept = [event.sequence for event in events]
        begun = opening.sequence if opening is not None else kept[0]
        behind = begun if query.event_types or not kept else kept[-1]
        classes = classes_asked(query)
        whole = not await access.may_lack(classes, behind, last, until_ns)
    if not whole:
        first = await access.first_sequence()
        raise HistoryGone(f"events before {first} are gone", limit=first)


def _is_without_gap(
    query: EventQuery, events: list[StoredEvent], opening: StoredEvent | None
) -> bool:
    """Tell whether versions follow each other from the first on.

    A legacy store counts no events of a position: what follows its opening has any version. Nor do
    versions tell where others of a thing's events are left out.
    """
    versions = [event.aggregate_version for event in events]
    if opening is None and versions[0] != 1:
        return False
    if query.event_types:
        return True
    if opening is not None and opening.aggregate_version:
        versions.insert(0, opening.aggregate_version)
    return all(behind == before + 1 for before, behind in pairwise(versions))


def _answer(
    folding: Folding,
    events: list[StoredEvent],
    at_sequence: int | None,
    *,
    opening: StoredEvent | None = None,
) -> GetStateAtResponse:
    state, upcasting = folding.make(), Upcasting()
    if opening is not None:
        state.CopyFrom(opened_state(opening))
    for stored in events:
        folding.fold(state, event_of(stored, upcasting))
    last = events[-1] if events else opening
    assert last is not None, "there is an opening event where there are no others"
    answer = GetStateAtResponse(
        aggregate_version=last.aggregate_version, sequence=at_sequence or last.sequence
    )
    getattr(answer, folding.field).CopyFrom(state)
    return answer
