"""Sequential orders over real sockets: worked leg by leg, unwound at their deadline, told."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quantumcore.server.venue import Venue
from quantumcore.v1.execution_pb2 import Execution, ExecutionType, RestatementReason
from quantumcore.v1.leg_pb2 import LegTerms
from quantumcore.v1.multi_leg_order_pb2 import (
    ExecutionMode,
    MultiLegOrderStatus,
    SequentialTerms,
    UnwindPolicy,
)
from quantumcore.v1.order_service_pb2 import (
    CancelMultiLegOrderRequest,
    CreateMultiLegOrderRequest,
    GetMultiLegOrderRequest,
    StreamExecutionsRequest,
)
from quantumcore.v1.reject_pb2 import CancelReason, RejectReason
from quantumcore.v1.types_pb2 import OrderStatus, TimeInForce, TradingPhase
from tests.server.api.running import BUY, CENT, NANOS, SELL, Client, instrument, running

UNWIND = UnwindPolicy.UNWIND_POLICY_UNWIND
HOLD = UnwindPolicy.UNWIND_POLICY_HOLD


async def furnish(client: Client) -> None:
    """Quote AAA at 100 to 101 and BBB at 130 to 131, by account 2."""
    await client.call(client.instruments.CreateInstrument, instrument("BBB"))
    await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, 2)
    for number, cents in ((1, 10_000), (2, 13_000)):
        terms: dict[str, Any] = {"account_id": 2, "instrument_id": number, "units": 10}
        await client.create_order(f"bid{number}", cents=cents, **terms)
        await client.create_order(f"ask{number}", side=SELL, cents=cents + 100, **terms)


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[tuple[Venue, Client]]:
    async with running(tmp_path) as (venue, client):
        await furnish(client)
        yield venue, client


async def work(client: Client, name: str = "p", **terms: Any) -> Any:
    """Enter an order that buys AAA at 100.50 and then sells BBB at 130.50, three units."""
    sequential = SequentialTerms(
        unwind_policy=terms.pop("policy", UNWIND),
        leg_deadline_ms=terms.pop("deadline_ms", 60_000),
        max_slippage_basis_points=terms.pop("slippage", 100),
    )
    values: dict[str, Any] = {
        "account_id": 1, "units": 3, "execution_mode": ExecutionMode.EXECUTION_MODE_SEQUENTIAL,
        "time_in_force": TimeInForce.TIME_IN_FORCE_GTC, "sequential_terms": sequential,
        "legs": [
            LegTerms(instrument_id=1, side=BUY, ratio=NANOS, price=10_050 * CENT),
            LegTerms(instrument_id=2, side=SELL, ratio=NANOS, price=13_050 * CENT),
        ],
    }  # fmt: skip
    request = CreateMultiLegOrderRequest(client_order_id=name, **(values | terms))
    return (await client.call(client.orders.CreateMultiLegOrder, request)).acknowledgement


async def sell_leg_1(client: Client, units: int, name: str = "s") -> None:
    await client.create_order(
        name, account_id=2, instrument_id=1, side=SELL, cents=10_050, units=units
    )


async def get(client: Client, order_id: int) -> Any:
    asked = GetMultiLegOrderRequest(multi_leg_order_id=order_id)
    return (await client.call(client.orders.GetMultiLegOrder, asked)).multi_leg_order


async def told_until(client: Client, last: ExecutionType.ValueType) -> list[Execution]:
    """Return the executions of account 1 up to one of this type of a whole order."""
    stream = client.orders.StreamExecutions(
        StreamExecutionsRequest(account_ids=[1], from_sequence=1), metadata=client.metadata
    )
    found: list[Execution] = []
    while not any(one.type == last and one.leg_number == 0 for one in found):
        found += (await stream.read()).executions
    stream.cancel()
    return found


def status(name: str) -> MultiLegOrderStatus.ValueType:
    return MultiLegOrderStatus.Value(f"MULTI_LEG_ORDER_STATUS_{name}")


async def test_legs_are_worked_in_order_and_unwound_at_the_deadline(
    market: tuple[Venue, Client],
) -> None:
    _venue, client = market
    answer = await work(client, deadline_ms=50)
    assert (answer.status, answer.leaves_units) == (status("WORKING"), 3)
    await sell_leg_1(client, 3)
    await client.create_order("b", account_id=2, instrument_id=2, cents=13_050)
    told = await told_until(client, ExecutionType.EXECUTION_TYPE_UNWOUND)
    order = await get(client, answer.multi_leg_order_id)
    assert (order.status, order.filled_units, order.leaves_units) == (status("UNWOUND"), 1, 0)
    assert order.cancel_reason == CancelReason.CANCEL_REASON_LEG_DEADLINE
    assert order.sequential_terms == SequentialTerms(
        unwind_policy=UNWIND, leg_deadline_ms=50, max_slippage_basis_points=100
    )
    first, second = order.legs
    assert (first.cumulative_quantity, first.unwound_quantity) == (3 * NANOS, 2 * NANOS)
    assert (first.unwound_tick_lots, first.residual_quantity) == (2 * 10_000, 0)
    assert (second.cumulative_quantity, second.unwound_quantity) == (NANOS, 0)
    fills = [one for one in told if one.type == ExecutionType.EXECUTION_TYPE_TRADE]
    assert [
        (one.leg_number, one.side, one.last_price // CENT, one.last_quantity // NANOS, one.unwind)
        for one in fills
    ] == [
        (1, BUY, 10_050, 3, False), (2, SELL, 13_050, 1, False), (0, 0, -3_000, 1, False),
        (1, SELL, 10_000, 2, True),
    ]  # fmt: skip
    assert len({one.package_execution_id for one in fills}) == 1
    assert [one.excess_quantity // NANOS for one in fills] == [3, 1, 0, 0]
    statuses = [one.status for one in told if one.order_id == answer.multi_leg_order_id]
    assert statuses[-2:] == [OrderStatus.ORDER_STATUS_UNWINDING, OrderStatus.ORDER_STATUS_UNWOUND]
    moved = RestatementReason.RESTATEMENT_REASON_LEG_MOVED
    assert {one.restatement_reason for one in told} == {0, moved}


async def test_a_cancel_answers_with_what_remains(market: tuple[Venue, Client]) -> None:
    _venue, client = market
    answer = await work(client, policy=HOLD)
    await sell_leg_1(client, 2)
    cancel = CancelMultiLegOrderRequest(
        account_id=1, multi_leg_order_id=answer.multi_leg_order_id, request_id=77
    )
    ended = (await client.call(client.orders.CancelMultiLegOrder, cancel)).acknowledgement
    assert ended.status == status("CANCELLED")
    assert [leg.residual_quantity for leg in ended.legs] == [2 * NANOS, 0]
    again = (await client.call(client.orders.CancelMultiLegOrder, cancel)).acknowledgement
    assert again.repeated_request
    assert again.status == status("CANCELLED")


async def test_an_order_is_pending_until_its_first_leg_may_work(
    market: tuple[Venue, Client],
) -> None:
    _venue, client = market
    await client.set_phase(TradingPhase.TRADING_PHASE_VOLATILITY_AUCTION, 2)
    answer = await work(client)
    assert answer.status == status("PENDING")
    assert (await get(client, answer.multi_leg_order_id)).status == status("PENDING")
    await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, 2)
    assert (await get(client, answer.multi_leg_order_id)).status == status("WORKING")


async def test_a_refusal_names_the_terms(market: tuple[Venue, Client]) -> None:
    _venue, client = market
    terms = CreateMultiLegOrderRequest.DESCRIPTOR.fields_by_name["sequential_terms"].number
    for wrong in ({"policy": 0}, {"deadline_ms": 0}, {"sequential_terms": None}):
        refused = await work(client, **wrong)
        assert refused.reject_reason == RejectReason.REJECT_REASON_FIELD_REQUIRED
        assert refused.reject_field == terms
    refused = await work(client, deadline_ms=86_400_001)
    assert refused.reject_reason == RejectReason.REJECT_REASON_VALUE_OUT_OF_RANGE
    assert (refused.reject_limit, refused.reject_value) == (86_400_000, 86_400_001)
    refused = await work(client, slippage=2**32 - 1)
    assert (refused.reject_limit, refused.reject_value) == (10_000, 2**31 - 1)


async def test_an_exposed_order_comes_back_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as (_venue, client):
        await furnish(client)
        answer = await work(client)
        await sell_leg_1(client, 2)
        before = await client.state_hash()
    async with running(tmp_path) as (venue, client):
        assert await client.state_hash() == before
        assert venue.exchange.next_due_ns > 0
        order = await get(client, answer.multi_leg_order_id)
        assert order.status == status("PARTIALLY_FILLED")
        assert [leg.residual_quantity for leg in order.legs] == [2 * NANOS, 0]
        await client.create_order("b", account_id=2, instrument_id=2, cents=13_050, units=2)
        assert (await get(client, answer.multi_leg_order_id)).filled_units == 2
