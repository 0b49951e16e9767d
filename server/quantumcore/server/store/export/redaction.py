"""What of an event is shown to whom."""

from quantumcore.v1.event_pb2 import Event

OPERATOR = 0


def shown_to(viewer: int, event: Event) -> Event:
    """Return an event without what only operators see, for a principal; 0: for an operator."""
    if viewer == OPERATOR:
        return event
    if event.principal_id != viewer:
        event.principal_id = event.session_id = event.correlation_id = 0
    payload = getattr(event, str(event.WhichOneof("payload")))
    if "fill" in payload.DESCRIPTOR.fields_by_name:
        payload.fill.counter_order_id = 0
    return event
