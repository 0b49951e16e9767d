"""Margin accounts over real sockets: what is required, why, and what a package needs as a whole."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quantumcore.v1.account_pb2 import MarginModel
from quantumcore.v1.instrument_pb2 import FutureTerms
from quantumcore.v1.instrument_service_pb2 import UpdateInstrumentRequest
from quantumcore.v1.leg_pb2 import LegTerms
from quantumcore.v1.margin_pb2 import MarginRule
from quantumcore.v1.multi_leg_order_pb2 import ExecutionMode, MultiLegOrderStatus
from quantumcore.v1.order_service_pb2 import (
    CancelMultiLegOrderRequest,
    CancelOrdersRequest,
    CreateMultiLegOrderRequest,
)
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.types_pb2 import InstrumentKind, TimeInForce, TradingPhase
from tests.server.api.funds import (
    CASH_ONLY,
    FAR_NS,
    STRATEGY,
    UNCHECKED,
    funds,
    list_option,
    margin,
    open_account,
    positions,
    quote,
)
from tests.server.api.running import BUY, CENT, NANOS, SELL, Client, instrument, refusal, running

CONDOR = ((160, "PUT", BUY), (170, "PUT", SELL), (180, "CALL", SELL), (190, "CALL", BUY))
# Bid and ask in cents; marks are the middles: 1.00, 2.50, 2.60, 1.10.
MARKETS = {160: (95, 105), 170: (245, 255), 180: (255, 265), 190: (105, 115)}
NO_MARGIN = MarginModel.MARGIN_MODEL_NONE
Chain = dict[int, int]


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[tuple[Client, Chain]]:
    """A share at 175 and four options on it, all quoted by account 2."""
    async with running(tmp_path) as (_, client):
        yield client, await list_chain(client)


async def list_chain(client: Client) -> Chain:
    await quote(client, 1, 17_499, 17_501)
    chain: Chain = {}
    for strike, right, _ in CONDOR:
        chain[strike] = await list_option(client, strike, right)
        await quote(client, chain[strike], *MARKETS[strike])
    return chain


async def package(
    client: Client, account_id: int, name: str, *legs: tuple[int, Any], **terms: Any
) -> Any:
    """Enter a package of legs of ratio 1; `net` is in cents."""
    if (net := terms.pop("net", None)) is not None:
        terms["net_price"] = net * CENT
    values: dict[str, Any] = {
        "units": 1,
        "execution_mode": ExecutionMode.EXECUTION_MODE_SIMULTANEOUS,
        "time_in_force": TimeInForce.TIME_IN_FORCE_GTC,
    } | terms
    request = CreateMultiLegOrderRequest(
        account_id=account_id,
        client_order_id=name,
        legs=[LegTerms(instrument_id=one, side=side, ratio=NANOS) for one, side in legs],
        **values,
    )
    return (await client.call(client.orders.CreateMultiLegOrder, request)).acknowledgement


def told(answer: Any) -> tuple[str, int, int]:
    """Return reason, limit and value of a refusal."""
    reason = RejectReason.Name(answer.reject_reason).removeprefix("REJECT_REASON_")
    return reason, answer.reject_limit, answer.reject_value


def condor(chain: Chain) -> list[tuple[int, Any]]:
    return [(chain[strike], side) for strike, _, side in CONDOR]


async def test_ten_iron_condors_hold_ten_thousand_dollars(market: tuple[Client, Chain]) -> None:
    client, chain = market
    mine = await open_account(client, "mine", STRATEGY, 720_000)
    answer = await package(client, mine, "condor", *condor(chain), units=10, net=-280)
    assert answer.status == MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_FILLED
    # Sold at 2.45 and 2.55, bought at 1.05 and 1.15: 2.80 received for each of 10 x 100.
    assert await funds(client, mine) == (1_000_000, 0, 1_000_000, 0)
    report = await margin(client, mine)
    assert (report.model, report.position_margin_minor_units) == (STRATEGY, 1_000_000)
    assert (report.order_margin_minor_units, report.available_minor_units) == (0, 0)
    assert report.pairing_is_optimal
    (part,) = report.components
    assert (part.rule, part.units) == (MarginRule.MARGIN_RULE_IRON_CONDOR, 10)
    assert part.requirement_minor_units == 1_000_000
    assert part.separate_minor_units > 2 * part.requirement_minor_units
    assert part.explanation.startswith("Iron condor or iron butterfly of equal widths, 10 times")
    held = {one.instrument_id: (one.quantity, one.mark_price) for one in part.holdings}
    assert held == {
        chain[160]: (10 * NANOS, 100 * CENT),
        chain[170]: (-10 * NANOS, 250 * CENT),
        chain[180]: (-10 * NANOS, 260 * CENT),
        chain[190]: (10 * NANOS, 110 * CENT),
    }


async def test_a_package_needs_what_all_its_legs_do_together(market: tuple[Client, Chain]) -> None:
    client, chain = market
    mine = await open_account(client, "mine", STRATEGY, 719_999)
    refused = await package(client, mine, "no", *condor(chain), units=10, net=-280)
    assert told(refused) == ("INSUFFICIENT_MARGIN", 719_999, 720_000)
    alone = await client.create_order(
        "alone", account_id=mine, instrument_id=chain[170], side=SELL, cents=245, units=10
    )
    reason, limit, value = told(alone)
    assert (reason, limit) == ("INSUFFICIENT_MARGIN", 719_999)
    assert value > 720_000


async def test_a_package_that_waits_reserves_and_a_cancel_releases(
    market: tuple[Client, Chain],
) -> None:
    client, chain = market
    mine = await open_account(client, "mine", STRATEGY, 1_000_000)
    waits = await package(client, mine, "waits", *condor(chain), units=10, net=-300)
    assert waits.status == MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_WORKING
    assert await funds(client, mine) == (1_000_000, 700_000, 0, 300_000)
    report = await margin(client, mine)
    assert (report.position_margin_minor_units, report.order_margin_minor_units) == (0, 700_000)
    refused = await package(client, mine, "second", *condor(chain), units=10, net=-300)
    assert told(refused) == ("INSUFFICIENT_MARGIN", 300_000, 700_000)
    cancel = CancelMultiLegOrderRequest(account_id=mine, client_order_id="waits")
    await client.call(client.orders.CancelMultiLegOrder, cancel)
    assert await funds(client, mine) == (1_000_000, 0, 0, 1_000_000)


async def test_a_margin_follows_the_marks(market: tuple[Client, Chain]) -> None:
    client, chain = market
    mine = await open_account(client, "mine", STRATEGY, 1_000_000)
    short: dict[str, Any] = {"instrument_id": chain[180], "side": SELL, "cents": 255}
    await client.create_order("short", account_id=mine, **short)
    # 2.60 x 100, and 20 % of 175 less 5 out of the money, x 100.
    assert await funds(client, mine) == (1_025_500, 0, 326_000, 699_500)
    await client.call(client.orders.CancelOrders, CancelOrdersRequest(account_id=2))
    await quote(client, 1, 18_499, 18_501)
    await quote(client, chain[180], 695, 705)
    assert await funds(client, mine) == (1_025_500, 0, 440_000, 585_500)
    (held,) = await positions(client, mine)
    assert held.unrealised_profit.minor_units == -44_500
    (part,) = (await margin(client, mine)).components
    assert (part.rule, part.requirement_minor_units) == (
        MarginRule.MARGIN_RULE_SHORT_CALL,
        440_000,
    )


async def test_a_hedge_that_is_sold_needs_the_margin_that_it_saved(
    market: tuple[Client, Chain],
) -> None:
    client, chain = market
    mine = await open_account(client, "mine", STRATEGY, 120_000)
    legs = ((chain[180], SELL), (chain[190], BUY))
    answer = await package(client, mine, "vertical", *legs, net=-140)
    assert answer.status == MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_FILLED
    assert await funds(client, mine) == (134_000, 0, 100_000, 34_000)
    hedge: dict[str, Any] = {"account_id": mine, "instrument_id": chain[190], "side": SELL}
    refused = await client.create_order("hedge", cents=105, **hedge)
    # The short call alone requires 3,260; it required 1,000; the sale brings 105.
    assert told(refused) == ("INSUFFICIENT_MARGIN", 34_000, 215_500)
    close = ((chain[180], BUY), (chain[190], SELL))
    answer = await package(client, mine, "close", *close, net=160)
    assert answer.status == MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_FILLED
    assert await funds(client, mine) == (118_000, 0, 0, 118_000)
    assert await positions(client, mine) == []


async def test_two_orders_do_not_lean_on_one_hedge(market: tuple[Client, Chain]) -> None:
    client, chain = market
    mine = await open_account(client, "mine", STRATEGY, 200_000)
    long: dict[str, Any] = {"instrument_id": chain[190], "cents": 115}
    await client.create_order("long", account_id=mine, **long)
    short: dict[str, Any] = {"account_id": mine, "instrument_id": chain[180], "side": SELL}
    assert not (await client.create_order("first", cents=300, **short)).reject_reason
    cash, reserved, _, available = await funds(client, mine)
    assert (cash, reserved, available) == (188_500, 70_000, 118_500)
    refused = await client.create_order("second", cents=300, **short)
    reason, limit, value = told(refused)
    assert (reason, limit) == ("INSUFFICIENT_MARGIN", 118_500)
    assert value > 200_000


async def test_a_margin_can_be_asked_for_by_another_model(market: tuple[Client, Chain]) -> None:
    client, chain = market
    free = await open_account(client, "free", UNCHECKED)
    short: dict[str, Any] = {"instrument_id": chain[180], "side": SELL, "cents": 255}
    await client.create_order("short", account_id=free, **short)
    assert await funds(client, free) == (25_500, 0, 0, 25_500)
    own = await margin(client, free)
    assert (own.position_margin_minor_units, list(own.components)) == (0, [])
    asked = await margin(client, free, model=STRATEGY)
    assert (asked.model, asked.position_margin_minor_units) == (STRATEGY, 326_000)
    none = await margin(client, free, model=NO_MARGIN)
    assert (none.position_margin_minor_units, list(none.components)) == (0, [])
    assert await funds(client, free) == (25_500, 0, 0, 25_500)
    failed = await refusal(margin(client, free, model=9))
    assert failed.violations.keys() == {"model"}


async def list_futures(client: Client) -> None:
    """List two expiries of one product as instruments 2 and 3: 1,000 dollars a lot alone."""
    for number, name in ((2, "NEAR"), (3, "FAR")):
        request = instrument(
            name,
            kind=InstrumentKind.INSTRUMENT_KIND_FUTURE,
            multiplier=50 * NANOS,
            expiry_time_ns=FAR_NS + number,
            future=FutureTerms(product="ES", outright_margin_minor_units=100_000),
        )
        await client.call(client.instruments.CreateInstrument, request)
        await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, number)
        await quote(client, number, 9_999, 10_001)


async def test_futures_are_held_at_their_outright_margin_and_paid_when_closed(
    client: Client,
) -> None:
    await list_futures(client)
    mine = await open_account(client, "mine", STRATEGY, 201_000)
    future: dict[str, Any] = {"account_id": mine, "instrument_id": 2}
    refused = await client.create_order("three", units=3, cents=10_001, **future)
    assert told(refused) == ("INSUFFICIENT_MARGIN", 201_000, 300_000)
    await client.create_order("two", units=2, cents=10_001, **future)
    # Bought a cent above the mark: 2 x 50 x 0.01 is lost at once.
    assert await funds(client, mine) == (201_000, 0, 200_000, 900)
    (part,) = (await margin(client, mine)).components
    assert (part.rule, part.units) == (MarginRule.MARGIN_RULE_FUTURE_OUTRIGHT, 2)
    raised = UpdateInstrumentRequest(instrument_id=2, outright_margin_minor_units=100_400)
    await client.call(client.instruments.UpdateInstrument, raised)
    assert await funds(client, mine) == (201_000, 0, 200_800, 100)
    await client.create_order("out", side=SELL, units=2, cents=9_999, **future)
    assert await funds(client, mine) == (200_800, 0, 0, 200_800)


async def test_a_cash_account_opens_no_futures(client: Client) -> None:
    await list_futures(client)
    mine = await open_account(client, "mine", CASH_ONLY, 10_000_000)
    refused = await client.create_order("f", account_id=mine, instrument_id=2, cents=10_001)
    assert told(refused)[0] == "INSUFFICIENT_MARGIN"


async def test_margins_outlive_the_process(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, client):
        chain = await list_chain(client)
        mine = await open_account(client, "mine", STRATEGY, 1_500_000)
        await package(client, mine, "condor", *condor(chain), units=10, net=-280)
        waits = await package(client, mine, "waits", *condor(chain), units=3, net=-300)
        assert waits.status == MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_WORKING
        before = await funds(client, mine)
        report = await margin(client, mine)
        state = await client.state_hash()
    assert before == (1_780_000, 210_000, 1_000_000, 570_000)
    async with running(tmp_path) as (_, client):
        assert await client.state_hash() == state
        assert await funds(client, mine) == before
        assert await margin(client, mine) == report


@pytest.mark.parametrize("model", [CASH_ONLY, STRATEGY])
async def test_what_is_bought_is_paid_in_full_by_either_account(
    market: tuple[Client, Chain], model: MarginModel.ValueType
) -> None:
    client, chain = market
    mine = await open_account(client, "mine", model, 12_000)
    long: dict[str, Any] = {"account_id": mine, "instrument_id": chain[190], "cents": 115}
    assert not (await client.create_order("one", **long)).reject_reason
    assert await funds(client, mine) == (500, 0, 0, 500)
    assert told(await client.create_order("two", **long))[1:] == (500, 11_500)


async def test_an_account_that_is_short_of_margin_may_still_close(
    market: tuple[Client, Chain],
) -> None:
    client, chain = market
    mine = await open_account(client, "mine", STRATEGY, 301_000)
    short: dict[str, Any] = {"account_id": mine, "instrument_id": chain[180]}
    await client.create_order("short", side=SELL, cents=255, **short)
    await client.call(client.orders.CancelOrders, CancelOrdersRequest(account_id=2))
    await quote(client, 1, 18_499, 18_501)
    await quote(client, chain[180], 695, 705)
    await quote(client, chain[190], 200, 210)
    assert await funds(client, mine) == (326_500, 0, 440_000, -113_500)
    share = await client.create_order("share", account_id=mine, cents=100)
    assert told(share) == ("INSUFFICIENT_MARGIN", -113_500, 100)
    hedge = await client.create_order("hedge", account_id=mine, instrument_id=chain[190], cents=210)
    assert not hedge.reject_reason
    assert await funds(client, mine) == (305_500, 0, 100_000, 205_500)
    assert not (await client.create_order("close", cents=705, **short)).reject_reason
    assert await funds(client, mine) == (235_000, 0, 0, 235_000)
