"""Opening events: how a thing stood when its events began to be kept.

They are marked by lying in a table of their own and by `schema_version` 0, which no event is ever
written in, so that nothing that reads events can take one for what happened. `sequence` is that
behind which the thing stood so.
"""

from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1.event_pb2 import EventType
from quantumcore.v1.order_event_pb2 import OrderAccepted
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.position_event_pb2 import PositionOpened
from quantumcore.v1.position_pb2 import Position

OPENING_VERSION = 0


def opened_state(opening: StoredEvent) -> Order | Position:
    """Return how the thing of an opening event stood."""
    if opening.event_type == EventType.EVENT_TYPE_ORDER_ACCEPTED:
        return OrderAccepted.FromString(opening.payload).order
    return PositionOpened.FromString(opening.payload).change.position
