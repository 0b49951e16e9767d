"""Count the heap allocations of the exchange, command by command, for each kind of order.

`python -m benchmarks.exchange_allocations` prints heap allocations per command of flows that
enter, change, match and cancel orders; a turn that a journal might hold is replayed in one
compiled loop, in a process whose malloc is counted (see benchmarks/allocations.py).
"""

import ctypes
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks.allocations import counted
from quantumcore.server.core import admin_commands, enums, order_commands
from quantumcore.server.core.exchange_cy import Exchange

BUY, SELL = enums.SIDE_BUY, enums.SIDE_SELL
FEW, MANY = 6_000, 18_000
MAKER, TAKER = 1, 2
INSTRUMENT = 300  # small numbers are objects that Python keeps
Command = Callable[[Exchange], int]


def order(name: str, side: int, quantity: int, price: int | None, **more: Any) -> Command:
    """Return a command that enters an order."""
    terms = {"account_id": MAKER, "instrument_id": INSTRUMENT, "price": price} | more
    return partial(
        order_commands.create_order, client_order_id=name, side=side, quantity=quantity, **terms
    )


def ended(name: str, account_id: int = MAKER) -> Command:
    """Return a command that cancels an order."""
    return partial(order_commands.cancel_order, account_id=account_id, client_order_id=name)


def changed(name: str, **change: Any) -> Command:
    """Return a command that replaces an order."""
    return partial(order_commands.replace_order, account_id=MAKER, client_order_id=name, **change)


def rounds(name: str, terms: dict[str, Any]) -> list[Command]:
    """Enter an order for sale, reduce it, trade with it three times, and cancel what is left."""
    taker = {"account_id": TAKER, "time_in_force": enums.TIME_IN_FORCE_IOC}
    sell = {"quantity": 50, "price": 500} | terms
    return [
        order(name, SELL, **sell),
        changed(name, quantity=45),
        order(f"{name} t", BUY, 8, 500, **taker),
        order(f"{name} u", BUY, 17, 500, **taker),
        order(f"{name} v", SELL, 5, 400, **taker),
        ended(name),
    ]


def stops(name: str) -> list[Command]:
    """Trade above a stop, enter it, set it off by a trade, and cancel what rests of it."""
    stop = {"order_type": enums.ORDER_TYPE_STOP_LIMIT, "stop_price": 500}
    return [
        order(f"{name} a", BUY, 5, 600),
        order(f"{name} z", SELL, 5, 600, account_id=TAKER),
        order(name, SELL, 50, 800, **stop),
        order(f"{name} b", BUY, 5, 500),
        order(f"{name} s", SELL, 5, 500, account_id=TAKER),
        ended(name),
    ]


def pegs(name: str) -> list[Command]:
    """Enter a peg, move what it follows, and cancel both."""
    peg = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_PRIMARY}
    return [
        order(f"{name} b", BUY, 5, 300),
        order(name, BUY, 50, None, **peg),
        changed(f"{name} b", price=310),
        ended(name),
        ended(f"{name} b"),
    ]


FLOWS: dict[str, Callable[[str], list[Command]]] = {
    "limit": lambda name: rounds(name, {}),
    "iceberg": lambda name: rounds(
        name, {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": 3}
    ),
    "reduce": lambda name: rounds(name, {"reduce_only": True}),
    "dated": lambda name: rounds(
        name, {"time_in_force": enums.TIME_IN_FORCE_GTD, "expire_time_ns": 1 << 60}
    ),
    "stop": stops,
    "peg": pegs,
}


def listed(exchange: Exchange) -> None:
    """List instruments, open two accounts, and give the maker a position to reduce."""
    terms: dict[str, Any] = {
        "tick_size": 1,
        "lot_size": 1,
        "min_price": 0,
        "max_price": 1_000,
        "tick_value": 1,
    }
    for _ in range(INSTRUMENT):
        admin_commands.create_instrument(exchange, max_quantity=10**9, protection_band=100, **terms)
    for _ in (MAKER, TAKER):
        admin_commands.create_account(exchange)
    order("position", BUY, 10**8, 600)(exchange)
    order("other side", SELL, 10**8, 600, account_id=TAKER)(exchange)


def turns(flow: str, counts: tuple[int, ...] = (MANY, FEW, MANY)) -> Iterator[bytes]:
    """Yield turns: one that lists, then turns of so many commands, the first one to warm up."""
    exchange = Exchange(order_capacity=1 << 16, live_order_capacity=1 << 12)
    exchange.begin_turn(1)
    listed(exchange)
    yield bytes(exchange.turn.view())
    number = 0
    for count in counts:
        exchange.begin_turn(1)
        done = 0
        while done < count:
            for command in FLOWS[flow](str(number)):
                command(exchange)
                done += 1
            number += 1
        yield bytes(exchange.turn.view())


def measure(shim: str, flow: str) -> float:
    """Return allocations per command as this process's malloc counts them."""
    counter = ctypes.c_long.in_dll(ctypes.CDLL(shim), "allocations")
    exchange = Exchange(order_capacity=1 << 16, live_order_capacity=1 << 12)
    counts = []
    for payload in [memoryview(turn) for turn in turns(flow)]:
        before = counter.value
        exchange.replay(payload, 1)
        counts.append(counter.value - before)
    return max(0, counts[3] - counts[2]) / (MANY - FEW)


def per_command(flow: str) -> float:
    """Return heap allocations per command of a flow."""
    return counted("benchmarks.exchange_allocations", flow)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(measure(sys.argv[1], sys.argv[2]))
    else:
        for each in FLOWS:
            print(f"{each:<8} {per_command(each):.3f}")
