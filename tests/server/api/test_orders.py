"""Single orders over unary rpcs."""

from typing import Any

import grpc
import pytest

from quantumcore.v1.instrument_service_pb2 import SetTradingPhaseRequest
from quantumcore.v1.order_service_pb2 import (
    CancelOrderRequest,
    CancelOrdersRequest,
    GetOrderRequest,
    ListOrdersRequest,
    ReplaceOrderRequest,
)
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.types_pb2 import OrderStatus, OrderType, TimeInForce
from tests.server.api.running import CENT, NANOS, SELL, Client, order, refusal


async def test_a_limit_order_rests_in_the_book(client: Client) -> None:
    acknowledgement = await client.create_order("first", cents=10_000, units=3)
    assert acknowledgement.status == OrderStatus.ORDER_STATUS_NEW
    assert acknowledgement.client_order_id == "first"
    assert acknowledgement.order_id != 0
    assert acknowledgement.leaves_quantity == 3 * NANOS
    assert await client.book() == ([(10_000, 3)], [])


async def test_crossing_orders_trade_at_the_resting_price(client: Client) -> None:
    await client.create_order("maker", cents=10_000, units=3)
    taker = await client.create_order("taker", side=SELL, cents=9_900, units=2, account_id=2)
    assert taker.status == OrderStatus.ORDER_STATUS_FILLED
    assert taker.cumulative_tick_lots == 20_000
    assert await client.book() == ([(10_000, 1)], [])


async def test_a_replacement_changes_the_order(client: Client) -> None:
    created = await client.create_order("first", units=3)
    request = ReplaceOrderRequest(
        account_id=1, order_id=created.order_id, quantity=2 * NANOS, new_client_order_id="second"
    )
    answer = await client.call(client.orders.ReplaceOrder, request)
    assert answer.acknowledgement.client_order_id == "second"
    assert await client.book() == ([(10_000, 2)], [])


async def test_a_cancelled_order_leaves_the_book(client: Client) -> None:
    await client.create_order("first")
    request = CancelOrderRequest(account_id=1, client_order_id="first")
    answer = await client.call(client.orders.CancelOrder, request)
    assert answer.acknowledgement.status == OrderStatus.ORDER_STATUS_CANCELLED
    assert await client.book() == ([], [])


async def test_a_second_cancel_is_too_late_and_no_error(client: Client) -> None:
    await client.create_order("first")
    request = CancelOrderRequest(account_id=1, client_order_id="first")
    await client.call(client.orders.CancelOrder, request)
    answer = await client.call(client.orders.CancelOrder, request)
    reason = answer.acknowledgement.reject_reason
    assert reason == RejectReason.REJECT_REASON_TOO_LATE_TO_CANCEL


async def test_a_mass_cancel_tells_how_many(client: Client) -> None:
    for number in range(3):
        await client.create_order(f"order-{number}")
    await client.create_order("of-another", account_id=2)
    answer = await client.call(client.orders.CancelOrders, CancelOrdersRequest(account_id=1))
    assert answer.acknowledgement.affected_orders == 3
    assert await client.book() == ([(10_000, 1)], [])


async def test_the_same_request_id_returns_the_first_answer(client: Client) -> None:
    first = await client.create_order("first", request_id=7)
    again = await client.create_order("first", request_id=7)
    assert again.repeated_request
    assert again.order_id == first.order_id
    assert await client.book() == ([(10_000, 1)], [])


async def test_an_order_can_be_read_by_either_id(client: Client) -> None:
    created = await client.create_order("first", request_id=1)
    by_id = await client.call(client.orders.GetOrder, GetOrderRequest(order_id=created.order_id))
    by_name = await client.call(
        client.orders.GetOrder, GetOrderRequest(account_id=1, client_order_id="first")
    )
    assert by_id.order == by_name.order
    assert by_id.order.price == 100 * NANOS
    assert by_id.sequence >= created.sequence


async def test_a_market_order_has_no_price(client: Client) -> None:
    await client.create_order("maker", side=SELL, account_id=2)
    market = await client.create_order(
        "taker",
        order_type=OrderType.ORDER_TYPE_MARKET,
        time_in_force=TimeInForce.TIME_IN_FORCE_IOC,
        price=None,
    )
    answer = await client.call(client.orders.GetOrder, GetOrderRequest(order_id=market.order_id))
    assert not answer.order.HasField("price")
    assert answer.order.status == OrderStatus.ORDER_STATUS_FILLED


async def test_orders_are_listed_page_by_page_without_gap_or_duplicate(client: Client) -> None:
    for number in range(7):
        await client.create_order(f"order-{number}")
    names: list[str] = []
    token = ""
    while True:
        request = ListOrdersRequest(account_id=1, page_size=3, page_token=token)
        page = await client.call(client.orders.ListOrders, request)
        names += [one.client_order_id for one in page.orders]
        token = page.next_page_token
        if not token:
            break
    assert names == [f"order-{number}" for number in range(7)]


async def test_a_page_token_of_another_filter_is_refused(client: Client) -> None:
    for number in range(3):
        await client.create_order(f"order-{number}")
    first = ListOrdersRequest(account_id=1, page_size=1)
    token = (await client.call(client.orders.ListOrders, first)).next_page_token
    other = ListOrdersRequest(account_id=1, page_size=1, page_token=token, working_only=True)
    failed = await refusal(client.call(client.orders.ListOrders, other))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.reason == "ERROR_REASON_INVALID_PAGE_TOKEN"


async def test_a_sequence_that_does_not_come_ends_in_deadline_exceeded(client: Client) -> None:
    request = GetOrderRequest(order_id=1, min_sequence=10**12)
    call = client.orders.GetOrder(request, metadata=client.metadata, timeout=0.2)
    failed = await refusal(call)
    assert failed.code is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_another_accounts_order_is_not_there(client: Client, trader: Client) -> None:
    created = await client.create_order("of-two", account_id=2)
    request = GetOrderRequest(order_id=created.order_id)
    failed = await refusal(trader.call(trader.orders.GetOrder, request))
    assert failed.code is grpc.StatusCode.NOT_FOUND


async def test_acting_for_another_account_is_denied(client: Client, trader: Client) -> None:
    failed = await refusal(trader.call(trader.orders.CreateOrder, order("mine", account_id=2)))
    assert failed.code is grpc.StatusCode.PERMISSION_DENIED
    assert failed.reason == "ERROR_REASON_NOT_PERMITTED"
    assert await client.book() == ([], [])


async def test_an_off_tick_price_is_rejected_with_field_limit_and_value(client: Client) -> None:
    acknowledgement = await client.create_order("odd", price=100 * NANOS + 1)
    assert acknowledgement.status == OrderStatus.ORDER_STATUS_REJECTED
    assert acknowledgement.reject_reason == RejectReason.REJECT_REASON_PRICE_OFF_TICK
    assert acknowledgement.reject_limit == CENT
    assert acknowledgement.reject_value == 100 * NANOS + 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("side", 300), ("side", -1), ("order_type", 255), ("time_in_force", 2**31 - 1)],
)
async def test_a_choice_that_there_is_not_is_told_as_it_was_sent(
    client: Client, field: str, value: int
) -> None:
    terms: dict[str, Any] = {field: value}
    acknowledgement = await client.create_order("odd", **terms)
    assert acknowledgement.reject_reason == RejectReason.REJECT_REASON_INVALID_ENUM
    assert acknowledgement.reject_value == value
    request = order("odd").DESCRIPTOR
    assert request.fields_by_number[acknowledgement.reject_field].name == field


async def test_a_side_that_there_is_not_is_told_as_it_was_sent(client: Client) -> None:
    request = CancelOrdersRequest(account_id=1, side=300)  # type: ignore[arg-type]
    answer = (await client.call(client.orders.CancelOrders, request)).acknowledgement
    assert (answer.reject_field, answer.reject_value) == (4, 300)


async def test_a_request_id_used_before_is_named(client: Client) -> None:
    await client.create_order("first", request_id=2**64 - 1)
    answer = await client.create_order("second", request_id=2**64 - 1)
    assert answer.reject_reason == RejectReason.REJECT_REASON_REQUEST_ID_REUSED
    assert (answer.reject_field, answer.reject_value) == (1, -1)
    phases = [SetTradingPhaseRequest(instrument_id=1, phase=3, request_id=2**64 - 1, text=text)  # type: ignore[arg-type]
              for text in ("", "again")]  # fmt: skip
    await client.call(client.instruments.SetTradingPhase, phases[0])
    failed = await refusal(client.call(client.instruments.SetTradingPhase, phases[1]))
    assert failed.reason == "REJECT_REASON_REQUEST_ID_REUSED"
    assert failed.violations.keys() == {"request_id"}
    assert failed.metadata["value"] == str(2**64 - 1)
