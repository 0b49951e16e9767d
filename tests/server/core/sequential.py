"""Enter sequential orders in the venue of the package tests, and hold their laws."""

from typing import Any

from quantumcore.server.core import admin_commands, enums, kinds, order_commands, package_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.package_commands import Leg
from quantumcore.server.core.views import PackageView
from tests.server.core.packages import LOT, A, B, brief, enter, view
from tests.server.core.venue import BUY, SELL, Venue

UNWIND = enums.UNWIND_POLICY_UNWIND
HOLD = enums.UNWIND_POLICY_HOLD
COMPLETE = enums.UNWIND_POLICY_COMPLETE_AT_MARKET
MS = 1_000_000
LEGS = (Leg(A, BUY, LOT, 100), Leg(B, SELL, LOT, 130))


def work(venue: Venue, name: str = "p", **terms: Any) -> list[str]:
    """Enter a sequential order for account 1 that buys A, then sells B; return its events."""
    policy = terms.pop("policy", UNWIND)
    slippage = terms.pop("slippage", 1_000)
    values: dict[str, Any] = {
        "mode": enums.EXECUTION_MODE_SEQUENTIAL, "legs": LEGS, "units": 5,
        "sequential": (policy, terms.pop("deadline_ms", 10), slippage),
    }  # fmt: skip
    return enter(venue, name, **(values | terms))


def hit(
    venue: Venue, name: str, instrument: int, side: int, lots: int, price: int, account_id: int = 2
) -> list[str]:
    """Enter an order of another account; return all events in short."""
    return brief(
        venue.do(
            order_commands.create_order,
            client_order_id=name,
            account_id=account_id,
            instrument_id=instrument,
            side=side,
            quantity=lots * LOT,
            price=price,
        )
    )


def cancel(venue: Venue, name: str = "p") -> list[str]:
    return brief(venue.do(package_commands.cancel_package, account_id=1, client_order_id=name))


def advance(venue: Venue, ns: int) -> list[str]:
    """Let venue time go by; return what this sets off."""
    venue.now += ns
    return brief(venue.do(admin_commands.advance_time))


def excess(venue: Venue, name: str = "p") -> list[int]:
    """Return what each leg has traded beyond whole units and not reversed, in lots."""
    return [quantity // LOT for quantity in view(venue, name).excess]


def status(venue: Venue, name: str = "p") -> int:
    return view(venue, name).order.status


def check(found: PackageView) -> None:
    """Assert that what a sequential order reports of its legs agrees."""
    units = found.order.cumulative_quantity // kinds.UNIT
    working = found.order.leaves_quantity > 0 or found.order.status in {
        enums.ORDER_STATUS_NEW, enums.ORDER_STATUS_PARTIALLY_FILLED, enums.ORDER_STATUS_UNWINDING,
    }  # fmt: skip
    whole = [
        leg.cumulative_quantity // (leg.quantity * kinds.UNIT // found.order.quantity)
        for leg in found.legs
    ]
    assert units == min(whole)
    for leg, left, reversed_ in zip(found.legs, found.excess, found.unwound, strict=True):
        ratio = leg.quantity * kinds.UNIT // found.order.quantity
        assert left == leg.cumulative_quantity - reversed_ - ratio * units
        assert 0 <= leg.cumulative_quantity <= leg.quantity
        assert 0 <= reversed_ <= leg.cumulative_quantity - ratio * units
        if not working:
            assert leg.leaves_quantity == leg.shown_quantity == 0


def replayed(venue: Venue) -> Exchange:
    """Return another exchange that has executed the same journal."""
    again = Exchange()
    for time_ns, block in venue.blocks:
        again.replay(memoryview(bytearray(block)), time_ns)
    return again


def lots_at_work(venue: Venue, instrument: int) -> tuple[list[Any], list[Any]]:
    """Return bids and asks of a book as price and lots."""
    return tuple(
        [(level.price, level.quantity // LOT) for level in levels]
        for levels in venue.exchange.depth(instrument)
    )  # type: ignore[return-value]


def positions(venue: Venue) -> list[int]:
    return [venue.exchange.position(1, instrument) // LOT for instrument in (A, B)]


def exposed(venue: Venue, policy: int = UNWIND, **terms: Any) -> None:
    """Bring an order of 5 units to where leg 1 has traded 2 and leg 2 none."""
    work(venue, policy=policy, **terms)
    hit(venue, "s", A, SELL, 2, 100)
    assert excess(venue) == [2, 0]
