"""Events and commands in short lines that people read at a glance."""

from typing import Any

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.events import NAMES, AuctionEnd, OrderEvent
from tests.server.core.model.world import Event


def names(prefix: str) -> dict[int, str]:
    """Return the words of an enum of the contract by number, in lower case."""
    return {
        value: name.removeprefix(prefix).lower()
        for name, value in vars(enums).items()
        if name.startswith(prefix)
    }


SIDES = names("SIDE_")
TYPES = names("ORDER_TYPE_")
TIMES = names("TIME_IN_FORCE_")
PHASES = names("TRADING_PHASE_")
LIQUIDITY = names("LIQUIDITY_")
CANCEL_REASONS = names("CANCEL_REASON_")
REJECT_REASONS = names("REJECT_REASON_")
RESTATEMENTS = names("RESTATEMENT_")
WORDS = {
    "side": SIDES,
    "order_type": TYPES,
    "time_in_force": TIMES,
    "phase": PHASES,
    "stop_trigger": names("STOP_TRIGGER_"),
    "peg_reference": names("PEG_REFERENCE_"),
    "self_trade_prevention": names("SELF_TRADE_PREVENTION_"),
}


def brief(event: Event) -> str:
    """Return what happened, without what is the same in every event of its kind."""
    if isinstance(event, OrderEvent):
        return f"{event.client_order_id or event.order_id} {_of_order(event)}"
    if isinstance(event, AuctionEnd):
        side = SIDES.get(event.imbalance_side, "nobody")
        left = f"{side} left with {event.imbalance}" if event.imbalance else "nobody left"
        return f"auction of {event.instrument_id} ends: {event.quantity} @ {event.price}, {left}"
    if event.kind == kinds.PHASE_CHANGED:
        phase, before = PHASES[event.value & 0xFF], PHASES[event.value >> 8 & 0xFF]
        why = " by the price band" if event.value >> 16 else ""
        return f"instrument {event.subject} goes from {before} to {phase}{why}"
    return f"{NAMES[event.kind].lower()} {event.subject} {event.value}"


def _of_order(event: OrderEvent) -> str:
    leaves = f", leaves {event.leaves_quantity}"
    price = f" @ {event.price}" if event.has_price else ""
    last = f"{event.last_quantity} @ {event.last_price}"
    match event.kind:
        case kinds.ORDER_FILLED:
            return f"trades {last} as {LIQUIDITY[event.liquidity]}{leaves}"
        case kinds.ORDER_CANCELLED | kinds.ORDER_EXPIRED:
            return f"ends: {CANCEL_REASONS[event.cancel_reason]}"
        case kinds.ORDER_RESTATED:
            restated = RESTATEMENTS[event.restatement]
            return f"restated: {restated}{price}{leaves}, shows {event.shown_quantity}"
        case kinds.ORDER_FILL_BUSTED | kinds.ORDER_FILL_CORRECTED:
            return f"{NAMES[event.kind][6:].lower().replace('_', ' ')}: {last}{leaves}"
        case kinds.ORDER_ACCEPTED | kinds.ORDER_REPLACED | kinds.ORDER_TRIGGERED:
            return f"{NAMES[event.kind][6:].lower()}: {event.quantity}{price}{leaves}"
    refused = f"{REJECT_REASONS.get(event.reject_reason, event.reject_reason)}"
    return (
        f"{NAMES[event.kind].lower()}: {refused}, field {event.reject_field}, "
        f"{event.reject_value} for {event.reject_limit}"
    )


def spoken(name: str, value: Any) -> str:
    """Return a command's argument as it is read best."""
    return f"{name}={WORDS.get(name, {}).get(value, value)}"


def differing(told: list[Event], expected: list[Event]) -> str:
    """Return the fields in which the first events that are not the same differ."""
    for one, other in zip(told, expected, strict=False):
        if one != other and type(one) is type(other):
            fields = zip(one._asdict().items(), other, strict=True)
            return ", ".join(
                f"{name} {has} or {wants}" for (name, has), wants in fields if has != wants
            )
        if one != other:
            return f"{type(one).__name__} or {type(other).__name__}"
    return f"{len(told)} or {len(expected)} events"
