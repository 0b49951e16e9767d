"""Every limit of an account, over real sockets: the refusal names reason, field, limit, value."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quantumcore.server.core.tables import NO_LIMIT
from quantumcore.v1.account_pb2 import AccountStatus
from quantumcore.v1.admin_service_pb2 import UpdateAccountRequest
from quantumcore.v1.leg_pb2 import LegTerms
from quantumcore.v1.market_data_service_pb2 import PublishQuotesRequest
from quantumcore.v1.multi_leg_order_pb2 import ExecutionMode
from quantumcore.v1.order_service_pb2 import (
    CancelOrdersRequest,
    CreateMultiLegOrderRequest,
    CreateOrderRequest,
    ReplaceOrderRequest,
)
from quantumcore.v1.quote_pb2 import Quote
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.risk_pb2 import StaleReferencePolicy
from quantumcore.v1.types_pb2 import OrderType, TimeInForce, TradingPhase
from tests.server.api.funds import CASH_ONLY, STRATEGY, Clock, limit, open_account, quote, timed
from tests.server.api.running import BUY, NANOS, SELL, Client, instrument, refusal

MILLISECOND_NS = 1_000_000
HAIRCUT = StaleReferencePolicy.STALE_REFERENCE_POLICY_USE_WITH_HAIRCUT
Told = tuple[str, str, int, int]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(tmp_path: Path, clock: Clock) -> AsyncIterator[Client]:
    async with timed(tmp_path, clock) as served:
        yield served


def told(answer: Any, request: Any = CreateOrderRequest) -> Told:
    """Return reason, field, limit and value of a refusal."""
    fields = request.DESCRIPTOR.fields_by_number
    field = fields[answer.reject_field].name if answer.reject_field else ""
    reason = RejectReason.Name(answer.reject_reason).removeprefix("REJECT_REASON_")
    return reason, field, answer.reject_limit, answer.reject_value


@pytest.mark.parametrize("instrument_id", [0, 1])
@pytest.mark.parametrize(
    ("limits", "terms", "expected"),
    [
        (
            {"max_order_quantity": 5 * NANOS},
            {"units": 6},
            ("ORDER_QUANTITY_LIMIT", "quantity", 5 * NANOS, 6 * NANOS),
        ),
        (
            {"max_order_value_minor_units": 50_000},
            {"units": 6},
            ("ORDER_VALUE_LIMIT", "quantity", 50_000, 60_000),
        ),
        (
            {"max_position_quantity": 5 * NANOS},
            {"units": 4},
            ("POSITION_LIMIT", "quantity", 5 * NANOS, 6 * NANOS),
        ),
        (
            {"max_position_quantity": 5 * NANOS},
            {"units": 6, "side": SELL},
            ("POSITION_LIMIT", "quantity", 5 * NANOS, 6 * NANOS),
        ),
        (
            {"max_open_order_value_minor_units": 50_000},
            {"units": 4},
            ("OPEN_ORDER_LIMIT", "quantity", 50_000, 59_800),
        ),
        (
            {"price_collar_basis_points": 500},
            {"cents": 10_501},
            ("PRICE_COLLAR", "price", 105 * NANOS, 10_501 * NANOS // 100),
        ),
        (
            {"price_collar_basis_points": 500},
            {"cents": 9_499, "side": SELL},
            ("PRICE_COLLAR", "price", 95 * NANOS, 9_499 * NANOS // 100),
        ),
    ],
)
async def test_an_order_beyond_a_limit_says_which(
    client: Client,
    instrument_id: int,
    limits: dict[str, int],
    terms: dict[str, Any],
    expected: Told,
) -> None:
    await quote(client, 1, 9_999, 10_001)
    works = await client.create_order("works", units=2, cents=9_900)
    assert not works.reject_reason
    await limit(client, 1, instrument_id, **limits)
    refused = await client.create_order("over", **({"cents": 10_000} | terms))
    assert told(refused) == expected
    await limit(client, 1, instrument_id)
    assert not (await client.create_order("free", **({"cents": 10_000} | terms))).reject_reason


async def test_a_limit_is_kept_to_the_last_lot(client: Client) -> None:
    await limit(client, 1, max_order_quantity=5 * NANOS, max_position_quantity=8 * NANOS)
    assert not (await client.create_order("five", units=5)).reject_reason
    assert not (await client.create_order("three", units=3)).reject_reason
    refused = await client.create_order("one", units=1)
    assert told(refused) == ("POSITION_LIMIT", "quantity", 8 * NANOS, 9 * NANOS)
    assert not (await client.create_order("out", side=SELL, cents=20_000, units=5)).reject_reason


async def test_of_several_reasons_the_lowest_number_is_told(client: Client) -> None:
    await limit(client, 1, max_open_order_value_minor_units=1, max_order_value_minor_units=1)
    assert told(await client.create_order("x"))[0] == "ORDER_VALUE_LIMIT"
    await limit(client, 1, 1, max_order_quantity=1)
    assert told(await client.create_order("y"))[0] == "ORDER_QUANTITY_LIMIT"


async def test_orders_that_work_are_counted(client: Client) -> None:
    await limit(client, 1, max_working_orders=1)
    assert not (await client.create_order("one")).reject_reason
    refused = await client.create_order("two")
    assert told(refused) == ("OPEN_ORDER_LIMIT", "", 1, 2)
    await client.call(client.orders.CancelOrders, CancelOrdersRequest(account_id=1))
    assert not (await client.create_order("three")).reject_reason


async def test_orders_that_work_in_one_instrument_are_counted(client: Client) -> None:
    await limit(client, 1, 1, max_working_orders=1)
    assert not (await client.create_order("one")).reject_reason
    assert told(await client.create_order("two")) == ("OPEN_ORDER_LIMIT", "", 1, 2)


async def test_commands_a_second_are_counted_by_the_venues_clock(
    client: Client, clock: Clock
) -> None:
    await limit(client, 1, max_command_rate_hz=2)
    answers = [await client.create_order(f"o{number}") for number in range(3)]
    assert [one.reject_reason for one in answers[:2]] == [0, 0]
    assert told(answers[2]) == ("RATE_LIMITED", "account_id", 2, 3)
    clock.advance_ms(499)
    assert told(await client.create_order("early"))[0] == "RATE_LIMITED"
    clock.advance_ms(1)
    assert not (await client.create_order("due")).reject_reason


async def test_a_suspended_account_only_cancels(client: Client) -> None:
    await client.create_order("works")
    suspend = UpdateAccountRequest(account_id=1, status=AccountStatus.ACCOUNT_STATUS_SUSPENDED)
    await client.call(client.admin.UpdateAccount, suspend)
    suspended = AccountStatus.ACCOUNT_STATUS_SUSPENDED
    refused = await client.create_order("no")
    assert told(refused) == ("ACCOUNT_SUSPENDED", "account_id", 0, suspended)
    request = ReplaceOrderRequest(account_id=1, client_order_id="works", quantity=5 * NANOS)
    answer = await client.call(client.orders.ReplaceOrder, request)
    assert told(answer.acknowledgement, ReplaceOrderRequest)[0] == "ACCOUNT_SUSPENDED"
    cancel = CancelOrdersRequest(account_id=1)
    cancelled = (await client.call(client.orders.CancelOrders, cancel)).acknowledgement
    assert cancelled.affected_orders == 1
    active = UpdateAccountRequest(account_id=1, status=AccountStatus.ACCOUNT_STATUS_ACTIVE)
    await client.call(client.admin.UpdateAccount, active)
    assert not (await client.create_order("yes")).reject_reason


async def test_a_collar_without_any_price_refuses(client: Client) -> None:
    await limit(client, 1, price_collar_basis_points=500)
    refused = await client.create_order("no")
    stale = ("REFERENCE_PRICE_STALE", "price", 100 * MILLISECOND_NS, NO_LIMIT)
    assert told(refused) == stale
    market = {"order_type": OrderType.ORDER_TYPE_MARKET, "price": None}
    accepted = await client.create_order(
        "market", time_in_force=TimeInForce.TIME_IN_FORCE_IOC, **market
    )
    assert not accepted.reject_reason


async def trade_and_wait(client: Client, clock: Clock, milliseconds: int) -> None:
    """Let accounts trade at 100 and time pass."""
    await client.create_order("maker", account_id=2, side=SELL)
    await client.create_order("taker", account_id=2)
    clock.advance_ms(milliseconds)


async def test_an_old_price_refuses_or_narrows_the_collar(client: Client, clock: Clock) -> None:
    await trade_and_wait(client, clock, 100)
    await limit(client, 1, price_collar_basis_points=500)
    assert not (await client.create_order("young", cents=10_500)).reject_reason
    clock.advance_ms(1)
    refused = await client.create_order("old", cents=10_500)
    age = 101 * MILLISECOND_NS
    assert told(refused) == ("REFERENCE_PRICE_STALE", "price", 100 * MILLISECOND_NS, age)
    await limit(client, 1, price_collar_basis_points=500, max_reference_age_ms=101)
    assert not (await client.create_order("allowed", cents=10_500)).reject_reason
    await limit(
        client,
        1,
        price_collar_basis_points=500,
        stale_reference_policy=HAIRCUT,
        stale_haircut_basis_points=200,
    )
    refused = await client.create_order("beyond", cents=10_301)
    assert told(refused) == ("PRICE_COLLAR", "price", 103 * NANOS, 10_301 * NANOS // 100)
    assert not (await client.create_order("within", cents=10_300)).reject_reason


async def publish(client: Client, last_cents: int) -> None:
    """Publish a last trade of instrument 1 from outside."""
    price = last_cents * NANOS // 100
    request = PublishQuotesRequest(
        source="test", quotes=[Quote(instrument_id=1, last_price=price, last_quantity=NANOS)]
    )

    async def messages() -> AsyncIterator[PublishQuotesRequest]:
        yield request

    answer = await client.quotes.PublishQuotes(messages(), metadata=client.metadata)
    assert answer.accepted_count == 1


async def test_a_young_quote_from_outside_is_the_reference_before_the_book(
    client: Client, clock: Clock
) -> None:
    await quote(client, 1, 9_000, 9_002)
    await publish(client, 10_000)
    await limit(client, 1, price_collar_basis_points=100)
    assert not (await client.create_order("quoted", cents=10_100)).reject_reason
    clock.advance_ms(101)
    refused = await client.create_order("booked", cents=10_100)
    assert told(refused)[:3] == ("PRICE_COLLAR", "price", 9_091 * NANOS // 100)


async def test_a_cash_account_buys_with_what_it_has_and_sells_what_it_holds(
    client: Client,
) -> None:
    mine = await open_account(client, "mine", CASH_ONLY, 25_000)
    refused = await client.create_order("dear", account_id=mine, units=3)
    assert told(refused) == ("INSUFFICIENT_BALANCE", "quantity", 25_000, 30_000)
    assert not (await client.create_order("two", account_id=mine, units=2)).reject_reason
    refused = await client.create_order("more", account_id=mine, units=1)
    assert told(refused) == ("INSUFFICIENT_BALANCE", "quantity", 5_000, 10_000)
    await client.create_order("sell", side=SELL, units=2)
    refused = await client.create_order("short", account_id=mine, side=SELL, units=3)
    assert told(refused) == ("INSUFFICIENT_BALANCE", "quantity", 20_000, 30_000)
    out: dict[str, Any] = {"account_id": mine, "side": SELL, "cents": 11_000}
    assert not (await client.create_order("out", units=2, **out)).reject_reason
    refused = await client.create_order("again", units=1, **out)
    assert told(refused) == ("INSUFFICIENT_BALANCE", "quantity", 0, 11_000)


async def test_a_market_order_is_paid_as_far_as_it_may_sweep(client: Client) -> None:
    await quote(client, 1, 9_900, 10_000)
    mine = await open_account(client, "mine", CASH_ONLY, 10_500)
    market: dict[str, Any] = {
        "account_id": mine,
        "order_type": OrderType.ORDER_TYPE_MARKET,
        "time_in_force": TimeInForce.TIME_IN_FORCE_IOC,
        "price": None,
    }
    refused = await client.create_order("sweep", **market)
    assert told(refused) == ("INSUFFICIENT_BALANCE", "quantity", 10_500, 11_000)


async def test_a_margin_account_needs_margin_for_what_it_sells(client: Client) -> None:
    await quote(client, 1, 9_999, 10_001)
    mine = await open_account(client, "mine", STRATEGY, 9_000)
    refused = await client.create_order("short", account_id=mine, side=SELL, units=2)
    # Twice the mark as value and half of it besides, less what the sale brings.
    assert told(refused) == ("INSUFFICIENT_MARGIN", "quantity", 9_000, 10_000)
    assert not (await client.create_order("one", account_id=mine, side=SELL)).reject_reason


async def test_a_change_is_checked_without_what_it_replaces(client: Client) -> None:
    mine = await open_account(client, "mine", CASH_ONLY, 30_000)
    await client.create_order("works", account_id=mine, units=2)
    for units, reason in ((4, "INSUFFICIENT_BALANCE"), (3, "UNSPECIFIED")):
        request = ReplaceOrderRequest(
            account_id=mine, client_order_id="works", quantity=units * NANOS
        )
        answer = (await client.call(client.orders.ReplaceOrder, request)).acknowledgement
        assert told(answer, ReplaceOrderRequest)[0] == reason
        if reason != "UNSPECIFIED":
            limits = told(answer, ReplaceOrderRequest)
            assert limits == (reason, "quantity", 30_000, 40_000)


async def test_each_leg_is_held_to_the_limits_and_named(client: Client) -> None:
    await client.call(client.instruments.CreateInstrument, instrument("BBB"))
    await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, 2)
    await limit(client, 1, 2, max_order_quantity=5 * NANOS)
    request = CreateMultiLegOrderRequest(
        account_id=1,
        client_order_id="p",
        units=2,
        execution_mode=ExecutionMode.EXECUTION_MODE_SIMULTANEOUS,
        time_in_force=TimeInForce.TIME_IN_FORCE_GTC,
        legs=[
            LegTerms(instrument_id=1, side=BUY, ratio=9 * NANOS),
            LegTerms(instrument_id=2, side=SELL, ratio=3 * NANOS),
        ],
    )
    answer = (await client.call(client.orders.CreateMultiLegOrder, request)).acknowledgement
    assert told(answer, CreateMultiLegOrderRequest) == (
        "ORDER_QUANTITY_LIMIT",
        "legs",
        5 * NANOS,
        6 * NANOS,
    )
    assert answer.reject_leg_number == 2


@pytest.mark.parametrize(
    ("instrument_id", "limits", "field"),
    [
        (0, {"max_order_quantity": -1}, "limits.max_order_quantity"),
        (0, {"price_collar_basis_points": 1_000_001}, "limits.price_collar_basis_points"),
        (0, {"max_reference_age_ms": 86_400_001}, "limits.max_reference_age_ms"),
        (0, {"stale_haircut_basis_points": 1_000_001}, "limits.stale_haircut_basis_points"),
        (0, {"stale_reference_policy": 7}, "limits.stale_reference_policy"),
        (1, {"max_command_rate_hz": 1}, "limits.max_command_rate_hz"),
    ],
)
async def test_limits_that_make_no_sense_name_the_field(
    client: Client, instrument_id: int, limits: dict[str, int], field: str
) -> None:
    failed = await refusal(limit(client, 1, instrument_id, **limits))
    assert failed.violations.keys() == {field}


async def test_limits_of_an_instrument_that_is_not_listed_are_refused(client: Client) -> None:
    failed = await refusal(limit(client, 1, 9, max_order_quantity=1))
    assert failed.reason == "REJECT_REASON_UNKNOWN_INSTRUMENT"
    assert (set(failed.violations), failed.metadata["value"]) == ({"instrument_id"}, "9")
