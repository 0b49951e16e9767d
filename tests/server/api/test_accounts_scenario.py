"""Accounts whose margin is the worst of scenarios, over real sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantumcore.v1.account_pb2 import MarginModel
from quantumcore.v1.admin_service_pb2 import UpdateAccountRequest
from quantumcore.v1.leg_pb2 import LegTerms
from quantumcore.v1.margin_pb2 import MarginRule
from quantumcore.v1.multi_leg_order_pb2 import ExecutionMode
from quantumcore.v1.order_service_pb2 import (
    CancelOrdersRequest,
    CreateMultiLegOrderRequest,
    CreateOrderRequest,
)
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.risk_service_pb2 import CheckOrderRequest
from quantumcore.v1.types_pb2 import OrderType, TimeInForce
from tests.server.api.funds import STRATEGY, funds, list_option, margin, open_account, quote
from tests.server.api.running import BUY, CENT, NANOS, SELL, Client, refusal, running

SCENARIO = MarginModel.MARGIN_MODEL_SCENARIO
SOLD = {"side": SELL, "cents": 17_499, "units": 100}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A share at 175, quoted by account 2."""
    async with running(tmp_path) as (_, client):
        await quote(client, 1, 17_499, 17_501, 1_000)
        yield client


async def test_a_short_share_holds_its_value_and_its_worst_scenario(client: Client) -> None:
    """175.00 counts as such: a step of it is 1.00; 15 % of it are 26.25."""
    mine = await open_account(client, "mine", SCENARIO, 300_000)
    await client.create_order("sold", account_id=mine, **SOLD)
    scan = 100 * 2_625
    assert await funds(client, mine) == (
        300_000 + 1_749_900, 0, 1_750_000 + scan, 300_000 - 100 - scan,
    )  # fmt: skip
    report = await margin(client, mine)
    assert report.model == SCENARIO
    (part,) = report.components
    assert part.rule == MarginRule.MARGIN_RULE_SCENARIO
    assert part.requirement_minor_units == report.position_margin_minor_units
    assert part.explanation.startswith("Scenario 11 loses most, 262,500;")
    other = await margin(client, mine, model=STRATEGY)
    assert other.position_margin_minor_units == 1_750_000 * 3 // 2


async def test_an_order_beyond_the_worst_scenario_is_refused(client: Client) -> None:
    mine = await open_account(client, "mine", SCENARIO, 262_599)
    refused = await client.create_order("no", account_id=mine, **SOLD)
    assert refused.reject_reason == RejectReason.REJECT_REASON_INSUFFICIENT_MARGIN
    assert (refused.reject_limit, refused.reject_value) == (262_599, 262_600)
    assert await funds(client, mine) == (262_599, 0, 0, 262_599)


async def test_check_order_tells_the_scenario_and_reserves_nothing(client: Client) -> None:
    mine = await open_account(client, "mine", SCENARIO, 300_000)
    order = CreateOrderRequest(
        account_id=mine,
        instrument_id=1,
        side=SELL,
        order_type=OrderType.ORDER_TYPE_LIMIT,
        time_in_force=TimeInForce.TIME_IN_FORCE_GTC,
        quantity=100 * NANOS,
        price=17_499 * CENT,
    )
    answer = await client.call(client.risk.CheckOrder, CheckOrderRequest(create_order=order))
    assert answer.accepted
    assert answer.margin_after.model == SCENARIO
    (part,) = answer.margin_after.components
    assert part.rule == MarginRule.MARGIN_RULE_SCENARIO
    assert (await funds(client, mine))[1] == 0


async def test_a_package_reserves_for_the_whole_and_releases_it(client: Client) -> None:
    mine = await open_account(client, "mine", SCENARIO, 10_000_000)
    legs = []
    for right in ("CALL", "PUT"):
        one = await list_option(client, 175, right)
        await quote(client, one, 495, 505)
        legs.append(one)
    apart = 0
    for one in legs:
        await client.create_order(
            f"s{one}", account_id=mine, instrument_id=one, side=SELL, cents=505, units=1
        )
        apart = (await funds(client, mine))[1]
    cancelled = CancelOrdersRequest(account_id=mine)
    await client.call(client.orders.CancelOrders, cancelled)
    assert (await funds(client, mine))[1] == 0
    request = CreateMultiLegOrderRequest(
        account_id=mine,
        client_order_id="straddle",
        legs=[LegTerms(instrument_id=one, side=SELL, ratio=NANOS) for one in legs],
        units=1,
        net_price=-1_010 * CENT,
        execution_mode=ExecutionMode.EXECUTION_MODE_SIMULTANEOUS,
        time_in_force=TimeInForce.TIME_IN_FORCE_GTC,
    )
    await client.call(client.orders.CreateMultiLegOrder, request)
    whole = (await funds(client, mine))[1]
    assert 0 < whole < apart
    await client.call(client.orders.CancelOrders, cancelled)
    assert (await funds(client, mine))[1] == 0


async def test_the_model_is_chosen_for_each_account_and_changes_while_nothing_works(
    client: Client,
) -> None:
    mine = await open_account(client, "mine", STRATEGY, 1_000_000)
    await client.create_order("sold", account_id=mine, **SOLD)
    assert (await funds(client, mine))[2] == 2_625_000
    change = UpdateAccountRequest(account_id=mine, margin_model=SCENARIO)
    updated = await client.call(client.admin.UpdateAccount, change)
    assert updated.account.margin_model == SCENARIO
    assert (await funds(client, mine))[2] == 2_012_500
    await client.create_order("rests", account_id=mine, side=BUY, cents=17_000, units=1)
    change.margin_model = STRATEGY
    failed = await refusal(client.call(client.admin.UpdateAccount, change))
    assert failed.reason == "REJECT_REASON_ACCOUNT_NOT_FLAT"
