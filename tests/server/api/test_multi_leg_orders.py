"""Multi-leg orders over real sockets: created, traded, changed, cancelled, read, told."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from quantumcore.server.venue import Venue
from quantumcore.v1.admin_service_pb2 import BustTradeRequest
from quantumcore.v1.execution_pb2 import Execution, ExecutionType
from quantumcore.v1.leg_pb2 import LegPrice, LegTerms
from quantumcore.v1.matching_service_pb2 import StreamTradesRequest
from quantumcore.v1.multi_leg_order_pb2 import (
    ExecutionMode,
    MaxDeviation,
    MaxSpread,
    MultiLegOrderStatus,
    PriceConstraint,
    RatioBand,
    SequentialTerms,
    UnwindPolicy,
)
from quantumcore.v1.order_service_pb2 import (
    CancelMultiLegOrderRequest,
    CancelOrderRequest,
    CreateMultiLegOrderRequest,
    GetMultiLegOrderRequest,
    GetOrderRequest,
    ListMultiLegOrdersRequest,
    ListOrdersRequest,
    ReplaceMultiLegOrderRequest,
    StreamExecutionsRequest,
)
from quantumcore.v1.reject_pb2 import CancelReason, RejectReason
from quantumcore.v1.trade_pb2 import TradeAction, TradeKind
from quantumcore.v1.types_pb2 import OrderStatus, TimeInForce, TradingPhase
from tests.server.api.running import (
    BUY,
    CENT,
    NANOS,
    SELL,
    Client,
    instrument,
    refusal,
    running,
)

IOC = TimeInForce.TIME_IN_FORCE_IOC
SIMULTANEOUS = ExecutionMode.EXECUTION_MODE_SIMULTANEOUS
PAIR = ((1, BUY, 1, None), (2, SELL, 1, None))
Leg = tuple[int, Any, int, int | None]


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[tuple[Venue, Client]]:
    """Two instruments, AAA at 100 to 101, BBB at 130 to 131, quoted by account 2."""
    async with running(tmp_path) as (venue, client):
        await client.call(client.instruments.CreateInstrument, instrument("BBB"))
        await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, 2)
        for number, cents in ((1, 10_000), (2, 13_000)):
            terms: dict[str, Any] = {"account_id": 2, "instrument_id": number, "units": 10}
            await client.create_order(f"bid{number}", cents=cents, **terms)
            await client.create_order(f"ask{number}", side=SELL, cents=cents + 100, **terms)
        yield venue, client


def request(name: str = "p", legs: tuple[Leg, ...] = PAIR, **terms: Any) -> Any:
    """Build a package; leg prices and `net` are in cents, ratios in whole units."""
    if (net := terms.pop("net", None)) is not None:
        terms["net_price"] = net * CENT
    values: dict[str, Any] = {
        "account_id": 1,
        "units": 1,
        "execution_mode": SIMULTANEOUS,
        "time_in_force": TimeInForce.TIME_IN_FORCE_GTC,
    } | terms
    return CreateMultiLegOrderRequest(
        client_order_id=name,
        legs=[
            LegTerms(
                instrument_id=number,
                side=side,
                ratio=ratio * NANOS,
                price=None if price is None else price * CENT,
            )
            for number, side, ratio, price in legs
        ],
        **values,
    )


async def create(client: Client, *arguments: Any, **terms: Any) -> Any:
    answer = await client.call(client.orders.CreateMultiLegOrder, request(*arguments, **terms))
    return answer.acknowledgement


async def get(client: Client, order_id: int) -> Any:
    asked = GetMultiLegOrderRequest(multi_leg_order_id=order_id)
    return (await client.call(client.orders.GetMultiLegOrder, asked)).multi_leg_order


async def executions(client: Client, last: int) -> list[Execution]:
    stream = client.orders.StreamExecutions(
        StreamExecutionsRequest(account_ids=[1], from_sequence=1), metadata=client.metadata
    )
    found: list[Execution] = []
    while not found or found[-1].sequence < last:
        found += (await stream.read()).executions
    stream.cancel()
    return found


def status(name: str) -> MultiLegOrderStatus.ValueType:
    return MultiLegOrderStatus.Value(f"MULTI_LEG_ORDER_STATUS_{name}")


async def test_a_package_trades_whole_and_is_told_leg_by_leg(
    market: tuple[Venue, Client],
) -> None:
    _venue, client = market
    answer = await create(client, units=3, net=-2_900)
    assert (answer.status, answer.filled_units, answer.leaves_units) == (status("FILLED"), 3, 0)
    assert [leg.status for leg in answer.legs] == [OrderStatus.ORDER_STATUS_FILLED] * 2
    told = await executions(client, answer.sequence)
    fills = [one for one in told if one.type == ExecutionType.EXECUTION_TYPE_TRADE]
    assert {one.multi_leg_order_id for one in fills} == {answer.multi_leg_order_id}
    assert len({one.package_execution_id for one in fills}) == 1
    assert [(one.leg_number, one.last_price // CENT, one.last_quantity) for one in fills] == [
        (1, 10_100, 3 * NANOS), (2, 13_000, 3 * NANOS), (0, -2_900, 3 * NANOS),
    ]  # fmt: skip
    assert [one.order_id for one in fills][:2] == [leg.order_id for leg in answer.legs]


async def test_the_tape_tells_the_legs_as_parts_of_one_execution(
    market: tuple[Venue, Client],
) -> None:
    _venue, client = market
    await create(client)
    stream = client.matching.StreamTrades(
        StreamTradesRequest(from_sequence=1), metadata=client.metadata
    )
    lines: list[Any] = []
    while len(lines) < 2:
        lines += (await stream.read()).trades
    stream.cancel()
    assert [line.kind for line in lines] == [TradeKind.TRADE_KIND_PACKAGE_LEG] * 2
    assert lines[0].package_execution_id == lines[1].package_execution_id != 0


async def test_opposite_packages_trade_with_one_another_and_are_told_to_both(
    market: tuple[Venue, Client],
) -> None:
    """A at 100.50 and B at 130.50 are the middles; 30.25 received asks B to give 0.25 more."""
    venue, client = market
    waiting = await create(client, units=2, min_units=1, net=-3_025)
    opposite = ((1, SELL, 1, None), (2, BUY, 1, None))
    answer = await create(client, "q", opposite, net=3_100, account_id=2)
    assert (answer.status, answer.filled_units) == (status("FILLED"), 1)
    assert [leg.cumulative_tick_lots for leg in answer.legs] == [10_025, 13_050]
    order = await get(client, waiting.multi_leg_order_id)
    assert (order.status, order.filled_units) == (status("PARTIALLY_FILLED"), 1)
    told = await executions(client, order.sequence)
    fills = [one for one in told if one.type == ExecutionType.EXECUTION_TYPE_TRADE]
    assert [(one.leg_number, one.last_price // CENT) for one in fills] == [
        (1, 10_025), (2, 13_050), (0, -3_025),
    ]  # fmt: skip
    stream = client.matching.StreamTrades(
        StreamTradesRequest(from_sequence=1), metadata=client.metadata
    )
    lines: list[Any] = []
    while len(lines) < 2:
        lines += (await stream.read()).trades
    stream.cancel()
    assert [line.kind for line in lines] == [TradeKind.TRADE_KIND_PACKAGE_LEG] * 2
    assert venue.exchange.working_orders == 4 + 3


async def test_a_package_that_cannot_trade_is_refused_or_waits(
    market: tuple[Venue, Client],
) -> None:
    venue, client = market
    refused = await create(client, net=-2_901, time_in_force=IOC)
    assert refused.status == status("REJECTED")
    assert refused.reject_reason == RejectReason.REJECT_REASON_PACKAGE_NOT_EXECUTABLE
    assert venue.exchange.working_orders == 4
    waiting = await create(client, "w", net=-2_950)
    assert (waiting.status, waiting.leaves_units) == (status("WORKING"), 1)
    await client.create_order("better", account_id=2, cents=13_060, instrument_id=2)
    order = await get(client, waiting.multi_leg_order_id)
    assert (order.status, order.filled_units) == (status("FILLED"), 1)
    assert order.legs[1].cumulative_tick_lots == 13_060


async def test_all_terms_are_read_back(market: tuple[Venue, Client]) -> None:
    _venue, client = market
    constraints = [
        PriceConstraint(
            ratio_band=RatioBand(leg_a=2, leg_b=1, min_ratio=NANOS, max_ratio=2 * NANOS)
        ),
        PriceConstraint(
            max_deviation=MaxDeviation(leg_a=1, leg_b=2, max_deviation_basis_points=5_000)
        ),
        PriceConstraint(max_spread=MaxSpread(leg_a=1, leg_b=2, max_spread=50 * NANOS)),
    ]
    legs = ((1, BUY, 2, 9_900), (2, SELL, 1, None))
    answer = await create(
        client, "p", legs, units=4, min_units=2, net=5_000, price_constraints=constraints
    )
    order = await get(client, answer.multi_leg_order_id)
    assert list(order.price_constraints) == constraints
    assert (order.units, order.min_units, order.net_price) == (4, 2, 5_000 * CENT)
    assert order.execution_mode == SIMULTANEOUS
    assert [(leg.ratio, leg.HasField("price")) for leg in order.legs] == [
        (2 * NANOS, True), (NANOS, False),
    ]  # fmt: skip
    assert [leg.quantity for leg in order.legs] == [8 * NANOS, 4 * NANOS]


async def test_a_package_is_changed_and_cancelled_as_a_whole(
    market: tuple[Venue, Client],
) -> None:
    venue, client = market
    await create(client, net=-3_500)
    change = ReplaceMultiLegOrderRequest(
        account_id=1,
        client_order_id="p",
        new_client_order_id="q",
        units=2,
        net_price=-40 * NANOS,
        leg_prices=[LegPrice(leg_number=1, price=99 * NANOS)],
    )
    answer = (await client.call(client.orders.ReplaceMultiLegOrder, change)).acknowledgement
    assert (answer.client_order_id, answer.leaves_units) == ("q", 2)
    assert answer.legs[0].price == 99 * NANOS
    cancel = CancelMultiLegOrderRequest(account_id=1, client_order_id="q", request_id=7)
    ended = (await client.call(client.orders.CancelMultiLegOrder, cancel)).acknowledgement
    assert ended.status == status("CANCELLED")
    again = (await client.call(client.orders.CancelMultiLegOrder, cancel)).acknowledgement
    assert again.repeated_request
    told = await executions(client, ended.sequence)
    reasons = [one.cancel_reason for one in told[-3:]]
    assert reasons == [CancelReason.CANCEL_REASON_PACKAGE_ENDED] * 2 + [
        CancelReason.CANCEL_REASON_REQUESTED
    ]
    assert venue.exchange.working_orders == 4


async def test_single_orders_and_packages_keep_to_their_rpcs(
    market: tuple[Venue, Client],
) -> None:
    _venue, client = market
    answer = await create(client, net=-3_500)
    order_id = answer.multi_leg_order_id
    single = GetOrderRequest(order_id=order_id)
    assert (
        await refusal(client.call(client.orders.GetOrder, single))
    ).code is grpc.StatusCode.NOT_FOUND
    cancel = CancelOrderRequest(account_id=1, order_id=order_id)
    refused = (await client.call(client.orders.CancelOrder, cancel)).acknowledgement
    assert refused.reject_reason == RejectReason.REJECT_REASON_UNKNOWN_ORDER
    leg = GetOrderRequest(order_id=answer.legs[1].order_id)
    found = (await client.call(client.orders.GetOrder, leg)).order
    assert (found.multi_leg_order_id, found.leg_number) == (order_id, 2)


async def test_packages_are_listed_page_by_page(market: tuple[Venue, Client]) -> None:
    _venue, client = market
    for number in range(5):
        await create(client, f"p{number}", net=-3_500)
    listed: list[str] = []
    token = ""
    while True:
        asked = ListMultiLegOrdersRequest(account_id=1, page_size=2, page_token=token)
        page = await client.call(client.orders.ListMultiLegOrders, asked)
        listed += [order.client_order_id for order in page.multi_leg_orders]
        token = page.next_page_token
        if not token:
            break
    assert listed == [f"p{number}" for number in range(5)]
    singles = await client.call(client.orders.ListOrders, ListOrdersRequest(account_id=1))
    assert {order.multi_leg_order_id != 0 for order in singles.orders} == {True}


async def test_packages_outlive_the_process(tmp_path: Path) -> None:
    async with running(tmp_path) as (_venue, client):
        await client.call(client.instruments.CreateInstrument, instrument("BBB"))
        await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, 2)
        answer = await create(client, units=2, min_units=1)
        before = await get(client, answer.multi_leg_order_id)
        state = await client.state_hash()
    async with running(tmp_path) as (_venue, client):
        assert await client.state_hash() == state
        assert await get(client, answer.multi_leg_order_id) == before


WRONG: list[tuple[dict[str, Any], str, int]] = [
    ({"legs": PAIR[:1]}, "LEG_COUNT", 0),
    ({"legs": (*PAIR, *PAIR, PAIR[0])}, "LEG_COUNT", 0),
    ({"legs": (PAIR[0], PAIR[0])}, "DUPLICATE_LEG", 2),
    ({"legs": (PAIR[0], (9, SELL, 1, None))}, "UNKNOWN_INSTRUMENT", 2),
    ({"legs": (PAIR[0], (2, SELL, 0, None))}, "LEG_RATIO", 2),
    ({"units": -1}, "QUANTITY_NOT_POSITIVE", 0),
    ({"execution_mode": 0}, "INVALID_ENUM", 0),
    (
        {
            "execution_mode": ExecutionMode.EXECUTION_MODE_SEQUENTIAL,
            "sequential_terms": SequentialTerms(
                unwind_policy=UnwindPolicy.UNWIND_POLICY_UNWIND, leg_deadline_ms=0
            ),
        },
        "FIELD_REQUIRED",
        0,
    ),
    ({"price_constraints": [PriceConstraint()]}, "FIELD_REQUIRED", 0),
    ({"account_id": 99}, "UNKNOWN_ACCOUNT", 0),
]


@pytest.mark.parametrize(("terms", "reason", "leg"), WRONG)
async def test_a_wrong_package_is_rejected_with_reason_and_leg(
    market: tuple[Venue, Client], terms: dict[str, Any], reason: str, leg: int
) -> None:
    venue, client = market
    answer = await create(client, **terms)
    assert answer.status == status("REJECTED")
    assert RejectReason.Name(answer.reject_reason) == f"REJECT_REASON_{reason}"
    assert answer.reject_leg_number == leg
    assert venue.exchange.working_orders == 4


async def test_accounts_of_others_are_not_there(market: tuple[Venue, Client]) -> None:
    venue, client = market
    answer = await create(client, net=-3_500, account_id=2)
    trader = Client(venue.port, "a-trader-with-account-one")
    denied = await refusal(create(trader, account_id=2))
    assert denied.code is grpc.StatusCode.PERMISSION_DENIED
    hidden = await refusal(get(trader, answer.multi_leg_order_id))
    assert hidden.code is grpc.StatusCode.NOT_FOUND
    await trader.channel.close()


async def test_a_bust_of_one_trade_is_told_of_all_of_the_execution(
    market: tuple[Venue, Client],
) -> None:
    _venue, client = market
    made = await client.call(client.orders.CreateMultiLegOrder, request(units=2))
    bust = BustTradeRequest(trade_id=2, text="wrong pair", request_id=9)
    answer = await client.call(client.admin.BustTrade, bust)
    assert [trade.trade_id for trade in answer.trades] == [1, 2]
    assert {trade.action for trade in answer.trades} == {TradeAction.TRADE_ACTION_BUSTED}
    again = await client.call(client.admin.BustTrade, bust)
    assert again.repeated_request
    assert list(again.trades) == list(answer.trades)
    found = await client.call(
        client.orders.GetMultiLegOrder,
        GetMultiLegOrderRequest(multi_leg_order_id=made.acknowledgement.multi_leg_order_id),
    )
    order = found.multi_leg_order
    assert order.status == MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_CANCELLED
    assert order.cancel_reason == CancelReason.CANCEL_REASON_TRADE_BUSTED
    assert (order.filled_units, [leg.cumulative_quantity for leg in order.legs]) == (0, [0, 0])
