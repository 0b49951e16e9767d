"""Enter multi-leg orders in a venue of two instruments, and tell in short what happened."""

from typing import Any

from quantumcore.server.core import admin_commands, enums, kinds, package_commands
from quantumcore.server.core.events import OrderEvent
from quantumcore.server.core.package_commands import Leg
from quantumcore.server.core.views import PackageView
from tests.server.core.venue import BUY, SELL, Venue

UNIT = kinds.UNIT
LOT = UNIT
A, B = 3, 4  # the instruments of these tests
PAIR = (Leg(A, BUY, LOT), Leg(B, SELL, LOT))
LISTED = {
    "tick_size": 10, "lot_size": LOT, "min_price": -1_000, "max_price": 10_000,
    "max_quantity": 200 * LOT, "protection_band": 30, "tick_value": 1,
}  # fmt: skip


def listed(**options: Any) -> Venue:
    """Return a venue with the instruments of these tests; the options are the exchange's own."""
    venue = Venue(**options)
    for _ in (A, B):
        venue.do(admin_commands.create_instrument, **LISTED)
    return venue


def enter(venue: Venue, name: str = "p", **terms: Any) -> list[str]:
    """Enter a package for account 1; return its events in short."""
    values: dict[str, Any] = {"account_id": 1, "legs": PAIR, "units": 1} | terms
    return brief(venue.do(package_commands.create_package, client_order_id=name, **values))


def brief(events: list[Any]) -> list[str]:
    return [line(event) for event in events if isinstance(event, OrderEvent)]


def line(event: OrderEvent) -> str:
    """Return what happened to a package (P), a leg (L1 ...) or another order (its name)."""
    name = event.client_order_id
    refused = event.kind in (kinds.REPLACE_REJECTED, kinds.CANCEL_REJECTED)
    if event.multi_leg_order_id and not refused:
        name = f"L{event.leg_number}" if event.leg_number else "P"
    what = {
        kinds.ORDER_ACCEPTED: "accepted", kinds.ORDER_FILLED: "filled",
        kinds.ORDER_CANCELLED: f"cancelled {event.cancel_reason}",
        kinds.ORDER_EXPIRED: f"expired {event.cancel_reason}",
        kinds.ORDER_REJECTED: f"rejected {event.reject_reason}",
        kinds.ORDER_RESTATED: f"restated {event.restatement}",
        kinds.ORDER_REPLACED: "replaced",
        kinds.REPLACE_REJECTED: f"replace refused {event.reject_reason}",
        kinds.CANCEL_REJECTED: f"cancel refused {event.reject_reason}",
        kinds.ORDER_UNWINDING: "unwinding",
        kinds.ORDER_UNWOUND: f"unwound {event.cancel_reason}",
    }[event.kind]  # fmt: skip
    if event.restatement == enums.RESTATEMENT_LEG_MOVED:
        return f"{name} shows {event.shown_quantity // LOT}"
    if event.leg_number and event.excess_quantity:
        what += f" excess {event.excess_quantity // LOT}"
    if event.kind == kinds.ORDER_FILLED:
        scale = UNIT if name == "P" else LOT
        verb = "unwound" if event.unwind else "filled"
        return f"{name} {verb} {event.last_quantity // scale}@{event.last_price}"
    return f"{name} {what}"


def quote(venue: Venue, instrument: int, bid: int, ask: int, lots: int = 10) -> None:
    """Let account 2 stand on both sides of a book."""
    for side, price in ((BUY, bid), (SELL, ask)):
        name = f"{instrument}-{side}-{price}"
        quantity, parties = lots * LOT, {"account_id": 2, "instrument_id": instrument}
        venue.order(name, side, quantity, price, **parties)


def view(venue: Venue, name: str = "p") -> PackageView:
    found = venue.exchange.package(venue.exchange.find_order(1, name))
    assert found is not None
    return found
