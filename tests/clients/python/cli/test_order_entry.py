from __future__ import annotations

from typing import Any

import pytest

from quantumcore.client.cli.exit_codes import ExitCode
from quantumcore.client.commands import CreateOrder
from quantumcore.client.convert import read
from quantumcore.client.enums import (
    OrderType,
    PegReference,
    SelfTradePrevention,
    Side,
    StopTrigger,
    TimeInForce,
)
from quantumcore.client.values import Acknowledgement
from quantumcore.v1 import order_pb2

from .conftest import FakeClient, Run


@pytest.fixture
def entered(fake: FakeClient) -> FakeClient:
    message = order_pb2.OrderAcknowledgement(order_id=9, client_order_id="mine", status=7)  # type: ignore[arg-type]
    fake.answers["submit"] = read(Acknowledgement, message)
    return fake


def submitted(fake: FakeClient) -> CreateOrder:
    ((name, (command,), _),) = fake.calls
    assert name == "submit"
    assert isinstance(command, CreateOrder)
    return command


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("10 100.25", {"price": "100.25", "order_type": None}),
        ("10", {"price": None}),
        ("10 --type market --tif day",
         {"order_type": OrderType.MARKET, "time_in_force": TimeInForce.DAY}),
        ("10 --type stop --stop-price 98 --trigger bid-ask",
         {"stop_price": "98", "stop_trigger": StopTrigger.BID_ASK, "order_type": OrderType.STOP}),
        ("10 97 --type stop-limit --stop-price 98",
         {"stop_price": "98", "price": "97", "order_type": OrderType.STOP_LIMIT}),
        ("10 97 --type iceberg --display 2 --post-only",
         {"display_quantity": "2", "post_only": True, "order_type": OrderType.ICEBERG}),
        ("10 --peg midpoint --offset -0.05",
         {"peg_reference": PegReference.MIDPOINT, "peg_offset": "-0.05"}),
        ("10 97 --reduce-only --min-quantity 3",
         {"reduce_only": True, "min_quantity": "3"}),
        ("10 97 --stp decrement-and-cancel",
         {"self_trade_prevention": SelfTradePrevention.DECREMENT_AND_CANCEL}),
        ("10 97 --tif gtd --expires 1970-01-01T00:00:01Z",
         {"expire_time_ns": 1_000_000_000, "time_in_force": TimeInForce.GTD}),
        ("10 97 --client-order-id mine", {"client_order_id": "mine"}),
    ],
)  # fmt: skip
def test_every_term_of_an_order_can_be_typed(
    run: Run, entered: FakeClient, words: str, expected: dict[str, Any]
) -> None:
    outcome = run(f"order sell AAPL {words} -a alice")
    assert outcome.status == 0, outcome.err
    assert outcome.out == ("order 9 mine: PENDING_TRIGGER, traded 0, working 0, sequence 0\n")
    command = submitted(entered)
    named = {"account": "alice", "instrument": "AAPL", "side": Side.SELL, "quantity": "10"}
    for name, value in (named | expected).items():
        assert getattr(command, name) == value, name


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("10 97 --type pegged-ish", "pegged-ish"),
        ("10 97 --tif forever", "forever"),
        ("10 97 --expires soon", "expires: 'soon' is not ISO 8601"),
    ],
)
def test_what_cannot_be_typed_is_a_usage_error(
    run: Run, entered: FakeClient, words: str, says: str
) -> None:
    outcome = run(f"order buy AAPL {words} -a alice")
    assert outcome.status == ExitCode.USAGE
    assert says in outcome.err
    assert entered.calls == []


def test_a_stop_price_is_replaced(run: Run, fake: FakeClient) -> None:
    message = order_pb2.OrderAcknowledgement(order_id=9, client_order_id="mine")
    fake.answers["replace_order"] = read(Acknowledgement, message)
    assert run("order replace client:mine -a 4 --stop-price 99").status == 0
    ((name, _, named),) = fake.calls
    assert name == "replace_order"
    assert named == {
        "account": 4,
        "order_id": 0,
        "client_order_id": "mine",
        "new_client_order_id": "",
        "quantity": None,
        "price": None,
        "stop_price": "99",
    }
