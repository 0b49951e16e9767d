"""Cascades of more stops than one command sets off go on with the next, as in the model."""

from typing import Any

import pytest

from quantumcore.server.core import enums, kinds
from tests.server.core.floor import BUY, CONTINUOUS, HALTED, SELL
from tests.server.core.flow import SETTING
from tests.server.core.pair import Pair, Step

STOPS = 2 * kinds.ACTIVATIONS_PER_COMMAND + 40
LOT, LAST, HIGH = 1, 0, 3
LATE, LATER = f"stop {STOPS - 4}", f"stop {STOPS - 1}"  # still wait when the next command comes


def order(name: str, side: int, lots: int, price: int | None = None, **terms: Any) -> Step:
    """Return an order in the second instrument, whose lots and ticks are 1."""
    parties = {"account_id": 1, "instrument_id": 2, "client_order_id": name}
    return Step("create_order", parties | {"side": side, "quantity": lots, "price": price} | terms)


def stop(name: str, stop_price: int, side: int = BUY, **terms: Any) -> Step:
    kind = {"order_type": enums.ORDER_TYPE_STOP, "stop_price": stop_price, "account_id": 5}
    return order(name, side, LOT, **(kind | terms))


def cascade() -> Pair:
    """Return both after a trade has reached more stops than two commands set off."""
    pair = Pair()
    asks = [order(f"ask {number}", SELL, 60, HIGH) for number in range(STOPS // 60 + 2)]
    stops = [stop(f"stop {number}", 1 + number * 7 % HIGH) for number in range(STOPS)]
    falls = [order("low ask", SELL, 1, LAST), order("hit", BUY, 1, LAST, account_id=2)]
    for step in [*SETTING, *falls]:
        assert not pair.play(step)
    for number, step in enumerate(stops):
        assert not pair.play(step, compares_rest=number % 256 == 0)
    for step in [order("first ask", SELL, 1, 1), *asks]:
        assert not pair.play(step)
    assert pair.model.world.last_trade_id == 1
    assert not pair.play(order("reaching", BUY, 2, HIGH, account_id=2))
    assert pair.exchange.unsettled
    return pair


def left(pair: Pair) -> int:
    return len(pair.model.world.instruments[2].stops)


def test_leftovers_go_on_with_time_alone() -> None:
    pair = cascade()
    assert left(pair) == STOPS - kinds.ACTIVATIONS_PER_COMMAND
    assert not pair.play(Step("advance_time", {}))
    assert left(pair) == 0
    assert not pair.exchange.unsettled


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(
            [
                stop("new", 2, side=SELL),
                order("bid", BUY, 1, 1, account_id=2),
                order("hit", SELL, 1, 1, account_id=3),
                stop("newer", 2, side=SELL),
            ],
            id="others come meanwhile",
        ),
        pytest.param(
            [
                Step("replace_order", {"account_id": 5, "client_order_id": LATE, "quantity": 2}),
                Step("cancel_order", {"account_id": 5, "client_order_id": LATER}),
            ],
            id="changed and cancelled",
        ),
        pytest.param(
            [
                Step("set_trading_phase", {"instrument_id": 2, "phase": HALTED}),
                Step("set_trading_phase", {"instrument_id": 2, "phase": CONTINUOUS}),
                Step("advance_time", {}),
            ],
            id="halted",
        ),
        pytest.param([Step("cancel_orders", {"account_id": 5})], id="all cancelled"),
    ],
)
def test_leftovers_come_before_what_the_next_commands_do(steps: list[Step]) -> None:
    pair = cascade()
    for step in steps:
        found = pair.play(step)
        assert not found, (step, found)
    assert not pair.play(Step("advance_time", {}))
    assert not pair.play(Step("advance_time", {}))
    assert not pair.exchange.unsettled
