"""An account, and a position, as their events leave them."""

from quantumcore.v1 import event_pb2 as types
from quantumcore.v1.account_pb2 import Account
from quantumcore.v1.event_pb2 import Event
from quantumcore.v1.position_pb2 import Position

ACCOUNT_EVENTS = (
    types.EVENT_TYPE_ACCOUNT_CREATED,
    types.EVENT_TYPE_ACCOUNT_UPDATED,
    types.EVENT_TYPE_ACCOUNT_KILL_SWITCH_SET,
)
"""The events that change an account itself; others are of its money and its requests."""


def fold_account(account: Account, event: Event) -> None:
    """Let an account, empty before its first event, stand as after one of ACCOUNT_EVENTS."""
    match event.event_type:
        case types.EVENT_TYPE_ACCOUNT_CREATED:
            account.CopyFrom(event.account_created.account)
        case types.EVENT_TYPE_ACCOUNT_UPDATED:
            account.CopyFrom(event.account_updated.account)
        case types.EVENT_TYPE_ACCOUNT_KILL_SWITCH_SET:
            account.kill_switch = event.account_kill_switch_set.enabled
            account.sequence = event.sequence


def fold_position(position: Position, event: Event) -> None:
    """Let a position stand as after an event of its own, which tells all of it."""
    position.CopyFrom(getattr(event, str(event.WhichOneof("payload"))).change.position)
