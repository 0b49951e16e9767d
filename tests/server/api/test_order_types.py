"""Every order type through the gRPC door: accepted with its terms, worked, told."""

from time import time_ns
from typing import Any

import pytest

from quantumcore.server.venue import Venue
from quantumcore.v1.admin_service_pb2 import CreateAccountRequest, UpdateAccountRequest
from quantumcore.v1.execution_pb2 import Execution, ExecutionType, RestatementReason
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.order_service_pb2 import (
    GetOrderRequest,
    ReplaceOrderRequest,
    StreamExecutionsRequest,
)
from quantumcore.v1.reject_pb2 import CancelReason, RejectReason
from quantumcore.v1.types_pb2 import (
    OrderStatus,
    OrderType,
    PegReference,
    SelfTradePrevention,
    StopTrigger,
    TimeInForce,
)
from tests.server.api.running import CENT, NANOS, SELL, Client

Told = tuple[str, str, int]


async def executions(client: Client, last: int, account_id: int = 1) -> list[Execution]:
    """Read an account's executions from the first up to this sequence."""
    request = StreamExecutionsRequest(account_ids=[account_id], from_sequence=1)
    stream = client.orders.StreamExecutions(request, metadata=client.metadata)
    found: list[Execution] = []
    while not found or found[-1].sequence < last:
        found += (await stream.read()).executions
    stream.cancel()
    return found


def told(found: list[Execution]) -> list[Told]:
    """Return what happened to which order, and what works of it."""
    return [
        (
            one.client_order_id,
            ExecutionType.Name(one.type).removeprefix("EXECUTION_TYPE_"),
            one.leaves_quantity // NANOS,
        )
        for one in found
    ]


async def get(client: Client, order_id: int) -> Order:
    answer = await client.call(client.orders.GetOrder, GetOrderRequest(order_id=order_id))
    found: Order = answer.order
    return found


async def test_an_iceberg_shows_a_part_at_a_time(client: Client) -> None:
    created = await client.create_order(
        "ice", order_type=OrderType.ORDER_TYPE_ICEBERG, units=10, display_quantity=3 * NANOS
    )
    assert await client.book() == ([(10_000, 3)], [])
    hit = await client.create_order("hit", side=SELL, units=4, account_id=2)
    assert hit.status == OrderStatus.ORDER_STATUS_FILLED
    order = await get(client, created.order_id)
    assert (order.display_quantity, order.shown_quantity) == (3 * NANOS, 2 * NANOS)
    found = await executions(client, hit.sequence - 1)
    assert told(found) == [
        ("ice", "NEW", 10), ("ice", "TRADE", 7), ("ice", "RESTATED", 7), ("ice", "TRADE", 6),
    ]  # fmt: skip
    refreshed = RestatementReason.RESTATEMENT_REASON_DISPLAY_REFRESHED
    assert (found[2].restatement_reason, found[2].shown_quantity) == (refreshed, 3 * NANOS)


@pytest.mark.parametrize("kind", [OrderType.ORDER_TYPE_STOP, OrderType.ORDER_TYPE_STOP_LIMIT])
async def test_a_stop_waits_unseen_and_is_set_off_by_a_trade(
    client: Client, kind: OrderType.ValueType
) -> None:
    limited = kind == OrderType.ORDER_TYPE_STOP_LIMIT
    stop = await client.create_order(
        "stop",
        order_type=kind,
        stop_price=10_000 * CENT,
        price=10_050 * CENT if limited else None,
    )
    assert stop.status == OrderStatus.ORDER_STATUS_PENDING_TRIGGER
    assert await client.book() == ([], [])
    order = await get(client, stop.order_id)
    assert order.stop_trigger == StopTrigger.STOP_TRIGGER_LAST_TRADE
    assert (order.stop_price, order.HasField("price")) == (10_000 * CENT, limited)
    await client.create_order("more", account_id=2, cents=10_020, side=SELL)
    for name, side in (("bid", 1), ("ask", SELL)):
        await client.create_order(name, account_id=2, units=2, cents=10_010, side=side)
    last = await client.create_order("end", units=1, cents=1)
    stops = [one for one in told(await executions(client, last.sequence)) if one[0] == "stop"]
    after = ("stop", "TRIGGERED", 1), ("stop", "TRADE", 0)
    assert stops == [("stop", "NEW", 1), *after]


async def test_a_waiting_stop_is_moved(client: Client) -> None:
    terms: dict[str, Any] = {"order_type": OrderType.ORDER_TYPE_STOP, "price": None}
    await client.create_order("stop", stop_price=10_000 * CENT, **terms)
    request = ReplaceOrderRequest(account_id=1, client_order_id="stop", stop_price=9_000 * CENT)
    answer = await client.call(client.orders.ReplaceOrder, request)
    assert answer.acknowledgement.reject_reason == RejectReason.REJECT_REASON_UNSPECIFIED
    assert (await get(client, answer.acknowledgement.order_id)).stop_price == 9_000 * CENT


async def test_a_peg_follows_the_best_price(client: Client) -> None:
    await client.create_order("lead", account_id=2, cents=9_990)
    peg = await client.create_order(
        "peg",
        order_type=OrderType.ORDER_TYPE_PEGGED,
        peg_reference=PegReference.PEG_REFERENCE_PRIMARY,
        peg_offset=-CENT,
        price=None,
    )
    assert (await get(client, peg.order_id)).price == 9_989 * CENT
    last = await client.create_order("better", account_id=2, cents=9_995)
    order = await get(client, peg.order_id)
    assert (order.price, order.peg_offset) == (9_994 * CENT, -CENT)
    moved = (await executions(client, last.sequence))[-1]
    assert moved.restatement_reason == RestatementReason.RESTATEMENT_REASON_PEG_MOVED


async def test_a_minimum_quantity_that_is_not_there_cancels_the_order(client: Client) -> None:
    await client.create_order("ask", account_id=2, side=SELL, units=3)
    lacking = await client.create_order("want", units=10, min_quantity=4 * NANOS)
    assert lacking.status == OrderStatus.ORDER_STATUS_CANCELLED
    order = await get(client, lacking.order_id)
    assert order.cancel_reason == CancelReason.CANCEL_REASON_MINIMUM_QUANTITY
    assert order.min_quantity == 4 * NANOS
    enough = await client.create_order("take", units=10, min_quantity=3 * NANOS)
    assert enough.cumulative_quantity == 3 * NANOS


async def test_a_reduce_only_order_never_turns_a_position(client: Client) -> None:
    await client.create_order("ask", account_id=2, side=SELL, units=5)
    await client.create_order("long", units=5)
    refused = await client.create_order("too-much", side=SELL, units=6, reduce_only=True)
    assert refused.reject_reason == RejectReason.REJECT_REASON_REDUCE_ONLY
    assert (refused.reject_limit, refused.reject_value) == (5 * NANOS, 6 * NANOS)
    taken = await client.create_order("out", side=SELL, units=5, reduce_only=True)
    assert (await get(client, taken.order_id)).reduce_only


async def test_an_order_that_is_good_till_a_time_ends_by_itself(
    venue: Venue, client: Client
) -> None:
    created = await client.create_order(
        "short",
        time_in_force=TimeInForce.TIME_IN_FORCE_GTD,
        expire_time_ns=time_ns() + 50_000_000,
    )
    found = await executions(client, created.sequence + 1)
    assert told(found) == [("short", "NEW", 1), ("short", "EXPIRED", 0)]
    assert found[-1].cancel_reason == CancelReason.CANCEL_REASON_EXPIRE_TIME
    assert found[-1].time_ns >= (await get(client, created.order_id)).expire_time_ns
    assert venue.exchange.working_orders == 0


@pytest.mark.parametrize(
    ("mode", "resting", "incoming"),
    [
        ("NONE", "FILLED", "FILLED"),
        ("CANCEL_NEWEST", "NEW", "CANCELLED"),
        ("CANCEL_OLDEST", "CANCELLED", "NEW"),
        ("CANCEL_BOTH", "CANCELLED", "CANCELLED"),
        ("DECREMENT_AND_CANCEL", "CANCELLED", "CANCELLED"),
    ],
)
async def test_an_order_chooses_what_keeps_it_from_its_own(
    client: Client, mode: str, resting: str, incoming: str
) -> None:
    prevention = SelfTradePrevention.Value(f"SELF_TRADE_PREVENTION_{mode}")
    old = await client.create_order("old", side=SELL)
    new = await client.create_order("new", self_trade_prevention=prevention)
    for order_id, status in ((old.order_id, resting), (new.order_id, incoming)):
        order = await get(client, order_id)
        assert order.status == OrderStatus.Value(f"ORDER_STATUS_{status}")


async def test_accounts_of_a_group_do_not_trade_with_one_another(client: Client) -> None:
    newest = SelfTradePrevention.SELF_TRADE_PREVENTION_CANCEL_NEWEST
    grouped: dict[str, Any] = {"self_trade_group": 7, "self_trade_prevention": newest}
    opened = await client.call(
        client.admin.CreateAccount, CreateAccountRequest(name="three", **grouped)
    )
    assert opened.account.self_trade_group == 7
    changed = await client.call(
        client.admin.UpdateAccount, UpdateAccountRequest(account_id=1, **grouped)
    )
    assert changed.account.self_trade_prevention == newest
    assert changed.account.name == "one"
    old = await client.create_order("old", side=SELL, account_id=3)
    assert (await get(client, old.order_id)).self_trade_prevention == newest
    new = await client.create_order("new")
    assert new.status == OrderStatus.ORDER_STATUS_CANCELLED
