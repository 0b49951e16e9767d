from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from quantumcore.client.client import Client
from quantumcore.client.enums import (
    CancelReason,
    ExecutionType,
    OrderStatus,
    RejectReason,
    SelfTradePrevention,
    TimeInForce,
    TradingPhase,
)
from quantumcore.client.multi_leg import (
    MaxDeviation,
    MaxSpread,
    RatioBand,
)
from quantumcore.client.multi_leg_enums import ExecutionMode, MultiLegOrderStatus

from .spreads import LEGS, executions, list_instruments, net_price, quote, spread


@pytest.fixture(autouse=True)
def listed(client: Client) -> None:
    list_instruments(client)


def test_a_spread_that_may_not_wait_trades_at_once_or_not_at_all(client: Client) -> None:
    quote(client, "10.05", "10", lots=2)
    refused = spread(client, net_price="0.05", time_in_force=TimeInForce.IOC)
    assert refused.reject is not None
    assert refused.reject.reason is RejectReason.PACKAGE_NOT_EXECUTABLE
    assert refused.status is MultiLegOrderStatus.REJECTED
    assert client.book("NEAR").asks[0].quantity == 2
    traded = spread(client, net_price="0.10", time_in_force=TimeInForce.FOK)
    assert traded.status is MultiLegOrderStatus.FILLED
    assert net_price(client, traded) == Decimal("0.1")
    (whole,) = [item for item in executions(client, traded.sequence) if item.trade_id == 0
                and item.type is ExecutionType.TRADE]  # fmt: skip
    assert (whole.last_price, whole.last_quantity) == (Decimal("0.1"), Decimal(1))


@pytest.mark.parametrize(
    ("constraint", "holds"),
    [
        (RatioBand(leg_a=1, leg_b=2, min_ratio="1.005", max_ratio="1.005"), True),
        (RatioBand(leg_a=1, leg_b=2, min_ratio=0, max_ratio="1.004999999"), False),
        (MaxDeviation(leg_a=1, leg_b=2, max_deviation_basis_points=50), True),
        (MaxDeviation(leg_a=1, leg_b=2, max_deviation_basis_points=49), False),
        (MaxSpread(leg_a=1, leg_b=2, max_spread="0.05"), True),
        (MaxSpread(leg_a=1, leg_b=2, max_spread="0.049999999"), False),
    ],
)
def test_price_constraints_hold_exactly(client: Client, constraint: Any, holds: bool) -> None:
    quote(client, "10.05", "10")
    answer = spread(client, price_constraints=[constraint], time_in_force=TimeInForce.IOC)
    if holds:
        assert answer.status is MultiLegOrderStatus.FILLED
        order = client.get_multi_leg_order(multi_leg_order_id=answer.multi_leg_order_id)
        assert order.price_constraints == (constraint_read(constraint),)
    else:
        assert answer.reject is not None
        assert answer.reject.reason is RejectReason.PRICE_CONSTRAINT


def constraint_read(constraint: Any) -> Any:
    """Return the constraint as the client reads it: numbers are decimals."""
    numbers = {
        name: Decimal(getattr(constraint, name))
        for name in ("min_ratio", "max_ratio", "max_spread")
        if hasattr(constraint, name)
    }
    named = {name: getattr(constraint, name) for name in type(constraint).__dataclass_fields__}
    return type(constraint)(**(named | numbers))


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"legs": [LEGS[0], ("FAR", "sell", "0.5")]},
         "quantity off lot, field legs, leg 2, value 0.5, limit 1"),
        ({"legs": [LEGS[0], ("FAR", "sell", 1, "10.01")]},
         "price off tick, field legs, leg 2, value 10.01, limit 0.05"),
        ({"legs": [LEGS[0], LEGS[0]]}, "duplicate leg, field legs, leg 2, value 1"),
        ({"legs": LEGS[:1]}, "leg count, field legs, value 1, limit 4"),
        ({"units": 0}, "quantity not positive, field units, value 0"),
        ({"units": 2, "min_units": 3},
         "value out of range, field min_units, value 3, limit 2"),
        ({"execution_mode": ExecutionMode.SEQUENTIAL},
         "field required, field sequential_terms"),
        ({"time_in_force": TimeInForce.AT_OPEN},
         "field not allowed, field time_in_force, value 6"),
        ({"price_constraints": [RatioBand(leg_a=1, leg_b=2, min_ratio=2, max_ratio=1)]},
         "contradictory constraints, field price_constraints"),
    ],
)  # fmt: skip
def test_what_is_refused_names_field_and_leg(
    client: Client, terms: dict[str, Any], says: str
) -> None:
    named: dict[str, Any] = {"account": "alice", "legs": LEGS}
    answer = client.create_multi_leg_order(**(named | terms))
    assert (answer.multi_leg_order_id, str(answer.reject)) == (0, says)
    (told,) = executions(client, answer.sequence)
    assert str(told.reject) == says


def test_a_bust_of_one_trade_undoes_the_spread(client: Client) -> None:
    quote(client, "10.05", "10")
    traded = spread(client)
    tape = client.stream_trades("NEAR", from_sequence=1)
    trade_id = next(tape).trade_id
    tape.close()
    busted = client.bust_trade(trade_id, text="erroneous")
    assert len(busted) == 2
    order = client.get_multi_leg_order(multi_leg_order_id=traded.multi_leg_order_id)
    assert (order.filled_units, order.status.name) == (0, "CANCELLED")


def test_a_halted_leg_holds_a_spread_back(client: Client) -> None:
    client.set_trading_phase("FAR", TradingPhase.HALTED)
    refused = spread(client)
    assert str(refused.reject) == "wrong phase, field legs, leg 2, value HALTED"
    client.set_trading_phase("FAR", TradingPhase.CONTINUOUS)
    quote(client, None, "10")
    waiting = spread(client)
    client.set_trading_phase("FAR", TradingPhase.HALTED)
    offer = client.sell("NEAR", quantity=1, price=10, account="bob")
    order = client.get_multi_leg_order(
        multi_leg_order_id=waiting.multi_leg_order_id, min_sequence=offer.sequence
    )
    assert order.status is MultiLegOrderStatus.WORKING
    resumed = client.set_trading_phase("FAR", TradingPhase.CONTINUOUS)
    order = client.get_multi_leg_order(
        multi_leg_order_id=waiting.multi_leg_order_id, min_sequence=resumed.sequence
    )
    assert order.status is MultiLegOrderStatus.FILLED


def test_own_orders_on_the_way_are_cancelled_where_that_is_asked(client: Client) -> None:
    client.sell("NEAR", quantity=1, price=10, account="alice", client_order_id="own")
    quote(client, "10.05", "10")
    passing = spread(client, self_trade_prevention=SelfTradePrevention.NONE)
    assert passing.status is MultiLegOrderStatus.FILLED
    own = client.get_order(account="alice", client_order_id="own", min_sequence=passing.sequence)
    assert own.status is OrderStatus.NEW
    taking = spread(client, self_trade_prevention=SelfTradePrevention.CANCEL_OLDEST)
    own = client.get_order(account="alice", client_order_id="own", min_sequence=taking.sequence)
    assert (taking.status, own.cancel_reason) == (
        MultiLegOrderStatus.FILLED,
        CancelReason.SELF_TRADE_PREVENTION,
    )
