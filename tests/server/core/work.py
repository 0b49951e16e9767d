"""Count the lines of the core that a command executes; run as a program, print them as JSON.

The lines are those of the uncompiled source, each time that they are executed: a measure of work
that does not depend on the machine.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from tests import uncompiled

if __name__ == "__main__":
    uncompiled.install()

from quantumcore.server.core import enums, kinds
from tests.server.core.venue import BUY, SELL, Venue

CORE = str(Path(kinds.__file__).parent)
SIZES = (1_000, 10_000)
GTD = {"time_in_force": enums.TIME_IN_FORCE_GTD}
STOP_LIMIT = {"order_type": enums.ORDER_TYPE_STOP_LIMIT}
DAWN = 1 << 40


def lines_of(act: Callable[[], Any], expected: str) -> int:
    """Return how many lines of the core an action executes that has an event so begun."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith(CORE):
            return None
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        events = act() or ["nothing"]
    finally:
        sys.settrace(None)
    assert any(event.startswith(expected) for event in events), events
    return count


def dated_venue(size: int) -> Venue:
    """Return a venue with so many orders that expire one after the other."""
    venue = Venue(max_price=10**6)
    for number in range(size):
        expires = DAWN + number * 7919 % size * 10  # in no order
        venue.order(f"o{number}", BUY, 5, 100, expire_time_ns=expires, **GTD)
    return venue


def stop_venue(size: int) -> Venue:
    """Return a venue with so many stops for sale, one at each price below 200,000."""
    venue = Venue(max_price=10**6)
    for number in range(size):
        venue.order(f"s{number}", SELL, 5, 900_000, stop_price=200_000 - number * 10, **STOP_LIMIT)
    return venue


def level_venue(size: int) -> Venue:
    """Return a venue with so many bids, one at each price below 200,000."""
    venue = Venue(max_price=10**6)
    for number in range(size):
        venue.order(f"b{number}", BUY, 5, 200_000 - number * 10)
    return venue


def queue_venue(size: int) -> Venue:
    """Return a venue with so many bids at one price, of two accounts in turn."""
    venue = Venue()
    for number in range(size):
        venue.order(f"b{number}", BUY, 10, 100, account_id=1 + number % 2)
    return venue


def measured(size: int) -> dict[str, int]:
    """Return lines by what was done, with so many orders there."""
    dated, stops, levels, queue = (
        make(size) for make in (dated_venue, stop_venue, level_venue, queue_venue)
    )
    half = size // 2
    far = {"expire_time_ns": DAWN + 10 * half + 5, **GTD}
    low = {"stop_price": 150_000, **STOP_LIMIT}
    work: dict[str, tuple[Callable[[], Any], str]] = {
        "enter a dated order": (lambda: dated.order("new", BUY, 5, 100, **far), "accepted new"),
        "cancel a dated order": (lambda: dated.cancel(f"o{half}"), "ended"),
        "nothing is due": (lambda: dated.advance(DAWN - 1), "nothing"),
        "one order expires": (lambda: dated.advance(DAWN), "ended o0 expired"),
        "trade above every stop": (lambda: stops.trade(300_000), "nothing"),
        "enter a stop": (lambda: stops.order("new", SELL, 5, 900_000, **low), "accepted new"),
        "cancel a stop": (lambda: stops.cancel(f"s{half // 2}"), "ended"),
        "one stop is set off": (lambda: stops.order("t", SELL, 5, 200_000), "triggered s0"),
        "enter at a new price": (lambda: levels.order("new", BUY, 5, 300_000), "accepted new"),
        "cancel a level": (lambda: levels.cancel(f"b{half}"), "ended"),
        "trade with the best": (lambda: levels.order("t", SELL, 5, 300_000), "filled new"),
        "cancel in a long queue": (lambda: queue.cancel(f"b{half}"), "ended"),
        "reduce in a long queue": (lambda: queue.replace("b0", quantity=5), "replaced b0"),
        "cancel all of a queue": (queue.cancel_all, "orders cancelled"),
    }
    stops.order("bid", BUY, 5, 200_000, account_id=2)
    return {name: lines_of(act, expected) for name, (act, expected) in work.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps([measured(size) for size in SIZES]))
