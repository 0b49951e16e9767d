"""Quotes from outside: taken, refused, read, and consulted by stops."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from quantumcore.v1.market_data_service_pb2 import GetQuoteRequest, PublishQuotesRequest
from quantumcore.v1.order_service_pb2 import GetOrderRequest
from quantumcore.v1.quote_pb2 import Quote
from quantumcore.v1.types_pb2 import OrderStatus, OrderType, StopTrigger
from tests.server.api.running import CENT, SELL, Client, refusal


def quote(**values: Any) -> Quote:
    """Build a quote of instrument 1; prices in cents."""
    prices = {f"{name}_price": values.pop(name) * CENT for name in ("bid", "ask", "last")
              if name in values}  # fmt: skip
    return Quote(**({"instrument_id": 1} | prices | values))


async def publish(client: Client, *quotes: Quote, source: str = "feed") -> Any:
    async def requests() -> AsyncIterator[PublishQuotesRequest]:
        yield PublishQuotesRequest(source=source, quotes=quotes)

    return await client.quotes.PublishQuotes(requests(), metadata=client.metadata, timeout=20)


async def newest(client: Client, source: str = "") -> Any:
    request = GetQuoteRequest(instrument_id=1, source=source)
    return await client.call(client.quotes.GetQuote, request)


async def test_the_newest_quote_is_read_with_its_age(client: Client) -> None:
    answer = await publish(client, quote(bid=9_990, ask=10_010), quote(last=10_000))
    assert (answer.accepted_count, answer.refused_count, answer.quote_sequence) == (2, 0, 2)
    found = await newest(client)
    assert (found.quote.last_price, found.quote.source) == (10_000 * CENT, "feed")
    assert found.quote.quote_sequence == 2
    assert found.age_ns >= 0


async def test_each_source_has_its_own(client: Client) -> None:
    await publish(client, quote(last=100), source="one")
    await publish(client, quote(last=200), source="two")
    assert (await newest(client, "one")).quote.last_price == 100 * CENT
    assert (await newest(client)).quote.last_price == 200 * CENT


async def test_wrong_quotes_are_counted_and_change_nothing(client: Client) -> None:
    wrong = [
        quote(instrument_id=9, last=1),
        quote(),
        quote(bid=2, ask=1),
        quote(last=7, source_sequence=5),
        quote(last=8, source_sequence=5),
    ]
    answer = await publish(client, *wrong)
    assert (answer.accepted_count, answer.refused_count) == (1, 4)
    assert (await newest(client)).quote.last_price == 7 * CENT


async def test_a_quote_sets_off_stops_that_look_at_references(client: Client) -> None:
    await client.create_order("ask", side=SELL, account_id=2)
    stop = await client.create_order(
        "stop",
        order_type=OrderType.ORDER_TYPE_STOP,
        stop_trigger=StopTrigger.STOP_TRIGGER_REFERENCE,
        stop_price=12_000 * CENT,
        price=None,
    )
    await publish(client, quote(bid=11_990, ask=12_008))
    answer = await client.call(client.orders.GetOrder, GetOrderRequest(order_id=stop.order_id))
    assert answer.order.status == OrderStatus.ORDER_STATUS_PENDING_TRIGGER
    await publish(client, quote(bid=11_990, ask=12_010))
    answer = await client.call(client.orders.GetOrder, GetOrderRequest(order_id=stop.order_id))
    assert answer.order.status == OrderStatus.ORDER_STATUS_FILLED


@pytest.mark.parametrize("source", ["", "x" * 33, "venue", "a\n"])
async def test_a_source_without_a_proper_name_is_refused(client: Client, source: str) -> None:
    failed = await refusal(publish(client, quote(last=1), source=source))
    assert failed.violations.keys() == {"source"}


async def test_there_is_no_quote_before_the_first(client: Client) -> None:
    assert (await refusal(newest(client))).code is grpc.StatusCode.NOT_FOUND


async def test_publishing_needs_the_permission(trader: Client) -> None:
    failed = await refusal(publish(trader, quote(last=1)))
    assert failed.code is grpc.StatusCode.PERMISSION_DENIED
