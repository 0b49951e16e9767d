"""What an EventFilter asks for, as far as its caller may ask it."""

from quantumcore.server.api.auth import Identity
from quantumcore.server.api.errors import HistoryGone, InvalidField, NotPermitted
from quantumcore.server.store.export.redaction import OPERATOR
from quantumcore.server.store.port import EventQuery
from quantumcore.v1.event_pb2 import AggregateType
from quantumcore.v1.event_store_service_pb2 import EventFilter

MAX_LISTED = 1000
SIGNED = 1 << 63


def query_of(asked: EventFilter, identity: Identity) -> EventQuery:
    """Return what a filter asks for, as far as the caller may ask it."""
    if len(asked.account_ids) > MAX_LISTED:
        problem = f"names more than {MAX_LISTED} accounts"
        raise InvalidField(
            "filter.account_ids", problem, limit=MAX_LISTED, value=len(asked.account_ids)
        )
    if asked.aggregate_type not in AggregateType.values():
        raise InvalidField("filter.aggregate_type", "is not known", value=asked.aggregate_type)
    if asked.aggregate_id and not asked.aggregate_type:
        raise InvalidField("filter.aggregate_id", "needs aggregate_type")
    principal_id = asked.principal_id
    if not identity.admin:
        principal_id = _checked(asked, identity)
    correlation_id = asked.correlation_id
    return EventQuery(
        aggregate_type=asked.aggregate_type,
        aggregate_id=min(asked.aggregate_id, SIGNED - 1),
        event_types=tuple(asked.event_types),
        account_ids=tuple(asked.account_ids),
        instrument_ids=tuple(asked.instrument_ids),
        principal_id=principal_id,
        correlation_id=correlation_id - 2 * SIGNED if correlation_id >= SIGNED else correlation_id,
    )


def _checked(asked: EventFilter, identity: Identity) -> int:
    """Return the principal to filter by for one who is no operator; raise NotPermitted."""
    if not asked.account_ids:
        raise NotPermitted("name accounts in the filter: only operators read all events")
    for account_id in asked.account_ids:
        identity.require_account(account_id)
    if asked.principal_id not in {0, identity.number}:
        raise NotPermitted("only operators filter by other principals")
    return identity.number if asked.correlation_id else asked.principal_id


def viewer_of(identity: Identity) -> int:
    """Return as whom the caller is shown events."""
    return OPERATOR if identity.admin else identity.number


def check_kept(sequence: int, first: int) -> None:
    """Raise HistoryGone where reading would begin before all is kept."""
    if sequence < first:
        raise HistoryGone(f"events before {first} are gone", limit=first, value=sequence)
