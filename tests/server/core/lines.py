"""Say in a short line what matters of an event."""

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.events import AuctionEnd, Notice, OrderEvent

STATUSES = {
    0: "-",
    enums.ORDER_STATUS_NEW: "new",
    enums.ORDER_STATUS_PARTIALLY_FILLED: "partial",
    enums.ORDER_STATUS_FILLED: "filled",
    enums.ORDER_STATUS_CANCELLED: "cancelled",
    enums.ORDER_STATUS_REJECTED: "rejected",
    enums.ORDER_STATUS_EXPIRED: "expired",
    enums.ORDER_STATUS_PENDING_TRIGGER: "pending",
    enums.ORDER_STATUS_UNWINDING: "unwinding",
    enums.ORDER_STATUS_UNWOUND: "unwound",
}
PHASES = {
    enums.TRADING_PHASE_PRE_OPEN: "pre-open",
    enums.TRADING_PHASE_OPENING_AUCTION: "opening",
    enums.TRADING_PHASE_CONTINUOUS: "continuous",
    enums.TRADING_PHASE_VOLATILITY_AUCTION: "volatility",
    enums.TRADING_PHASE_HALTED: "halted",
    enums.TRADING_PHASE_CLOSING_AUCTION: "closing",
    enums.TRADING_PHASE_CLOSED: "closed",
}
NOTICES = {
    kinds.INSTRUMENT_LISTED: "listed",
    kinds.ACCOUNT_OPENED: "opened",
    kinds.ORDERS_CANCELLED: "orders cancelled",
    kinds.REQUEST_REPEATED: "repeated",
    kinds.CONFIGURED: "configured",
    kinds.KILL_SWITCH_SET: "kill switch",
    kinds.ACCOUNT_UPDATED: "account updated",
    kinds.INSTRUMENT_UPDATED: "instrument updated",
    kinds.CASH_MOVED: "cash moved",
    kinds.LIMITS_SET: "limits set",
    kinds.MARGIN_CHANGED: "margin changed",
    kinds.SPREAD_CREDIT_SET: "spread credit set",
    kinds.SCAN_RANGE_SET: "scan range set",
    kinds.GROUP_LIMITS_SET: "group limits set",
    kinds.GROUP_KILL_SWITCH_SET: "group kill switch",
}
REFUSALS = {
    kinds.ORDER_REJECTED: "rejected",
    kinds.CANCEL_REJECTED: "cancel refused",
    kinds.REPLACE_REJECTED: "replace refused",
}
EVENTS = {
    kinds.ORDER_ACCEPTED: "accepted",
    kinds.ORDER_FILLED: "filled",
    kinds.ORDER_CANCELLED: "ended",
    kinds.ORDER_EXPIRED: "ended",
    kinds.ORDER_REPLACED: "replaced",
    kinds.ORDER_TRIGGERED: "triggered",
    kinds.ORDER_RESTATED: "restated",
    kinds.ORDER_FILL_BUSTED: "busted",
    kinds.ORDER_FILL_CORRECTED: "corrected",
    kinds.ORDER_UNWINDING: "unwinding",
    kinds.ORDER_UNWOUND: "ended",
}
LIQUIDITY = {
    enums.LIQUIDITY_MAKER: "maker",
    enums.LIQUIDITY_TAKER: "taker",
    enums.LIQUIDITY_AUCTION: "auction",
}
RESTATEMENTS = {
    enums.RESTATEMENT_PEG_MOVED: "peg moved",
    enums.RESTATEMENT_DISPLAY_REFRESHED: "refreshed",
    enums.RESTATEMENT_SELF_TRADE_DECREMENT: "decremented",
    enums.RESTATEMENT_POSITION_REDUCED: "reduced",
    enums.RESTATEMENT_LEG_MOVED: "leg moved",
}
SIDES = {0: "nobody", enums.SIDE_BUY: "buyers", enums.SIDE_SELL: "sellers"}


def line(event: OrderEvent | Notice | AuctionEnd) -> str:
    """Return name, order, state, and what just happened.

    Amounts are `cumulative+leaves/quantity@price`.
    """
    match event:
        case AuctionEnd():
            return _auction(event)
        case Notice(kind=kinds.PHASE_CHANGED):
            return _phase(event)
        case Notice():
            return f"{NOTICES[event.kind]} {event.subject} {event.value}"
    return _order(event)


def _auction(event: AuctionEnd) -> str:
    price = "no price" if event.price is None else f"{event.quantity}@{event.price}"
    left = f"{event.imbalance} left to {SIDES[event.imbalance_side]}"
    return f"auction {event.instrument_id} {PHASES[event.phase]} ended: {price}, {left}"


def _phase(event: Notice) -> str:
    phase, before = PHASES[event.value & 0xFF], PHASES[event.value >> 8 & 0xFF]
    breached = " by price band" if event.value >> 16 else ""
    return f"phase {event.subject} {phase} after {before}{breached}"


def _order(event: OrderEvent) -> str:
    state = f"{event.client_order_id} {STATUSES[event.status]}"
    amounts = f"{event.cumulative_quantity}+{event.leaves_quantity}/{event.quantity}@{event.price}"
    if event.kind in REFUSALS:
        refused = f"reason {event.reject_reason} field {event.reject_field}"
        numbers = f"{event.reject_value} for {event.reject_limit}"
        return f"{REFUSALS[event.kind]} {state} {refused} {numbers}"
    return f"{EVENTS[event.kind]} {state} {amounts} {_particulars(event)}".rstrip()


def _particulars(event: OrderEvent) -> str:
    trade = f"{event.last_quantity}@{event.last_price} trade {event.trade_id}"
    match event.kind:
        case kinds.ORDER_FILLED:
            return f"{LIQUIDITY[event.liquidity]} {trade}"
        case kinds.ORDER_CANCELLED | kinds.ORDER_EXPIRED:
            return f"reason {event.cancel_reason}"
        case kinds.ORDER_REPLACED:
            return f"was {event.original_client_order_id}"
        case kinds.ORDER_RESTATED:
            return f"{RESTATEMENTS[event.restatement]} shows {event.shown_quantity}"
        case kinds.ORDER_FILL_BUSTED | kinds.ORDER_FILL_CORRECTED:
            return f"{trade} of {event.reference_sequence}"
    return ""
