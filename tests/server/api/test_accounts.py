"""Money and positions of accounts over real sockets: paid, reserved, moved by fills, released."""

from pathlib import Path
from typing import Any

import grpc
import pytest

from quantumcore.v1.account_pb2 import AccountStatus
from quantumcore.v1.admin_service_pb2 import (
    BustTradeRequest,
    CorrectTradeRequest,
    MoveCashRequest,
    UpdateAccountRequest,
)
from quantumcore.v1.instrument_service_pb2 import UpdateInstrumentRequest
from quantumcore.v1.order_service_pb2 import CancelOrderRequest, CancelOrdersRequest
from quantumcore.v1.risk_pb2 import RiskLimits
from quantumcore.v1.risk_service_pb2 import ListPositionsRequest, SetLimitsRequest
from quantumcore.v1.types_pb2 import Money, TradingPhase
from tests.server.api.funds import (
    CASH_ONLY,
    STRATEGY,
    account,
    dollars,
    funds,
    limit,
    margin,
    open_account,
    pay,
    positions,
)
from tests.server.api.running import NANOS, SELL, Client, instrument, refusal, running


async def test_cash_is_reserved_moved_by_a_fill_and_released(client: Client) -> None:
    mine = await open_account(client, "mine", CASH_ONLY, 500_000)
    assert await funds(client, mine) == (500_000, 0, 0, 500_000)
    bought = await client.create_order("bid", account_id=mine, units=10)
    assert await funds(client, mine) == (500_000, 100_000, 0, 400_000)
    await client.create_order("hit", account_id=2, side=SELL, units=4, cents=9_000)
    assert await funds(client, mine) == (460_000, 60_000, 0, 400_000)
    (held,) = await positions(client, mine)
    assert (held.net_quantity, held.bought_quantity, held.sold_quantity) == (
        4 * NANOS,
        4 * NANOS,
        0,
    )
    assert (held.open_tick_lots, held.working_buy_quantity) == (40_000, 6 * NANOS)
    assert (held.mark_price, held.mark_time_ns > 0) == (100 * NANOS, True)
    assert held.unrealised_profit == Money(currency="USD", minor_units=0)
    cancel = CancelOrderRequest(account_id=mine, order_id=bought.order_id)
    await client.call(client.orders.CancelOrder, cancel)
    assert await funds(client, mine) == (460_000, 0, 0, 460_000)
    assert (await positions(client, mine))[0].working_buy_quantity == 0


async def test_what_is_sold_is_realised_at_the_average_cost(client: Client) -> None:
    mine = await open_account(client, "mine", CASH_ONLY, 500_000)
    for number, cents in enumerate((10_000, 10_300)):
        await client.create_order(f"b{number}", account_id=mine, cents=cents, units=1 + number)
        await client.create_order(f"s{number}", side=SELL, cents=cents, units=1 + number)
    (held,) = await positions(client, mine)
    assert (held.net_quantity, held.open_tick_lots) == (3 * NANOS, 30_600)
    await client.create_order("bid", cents=10_500, units=2)
    await client.create_order("out", account_id=mine, side=SELL, cents=10_500, units=2)
    (held,) = await positions(client, mine)
    assert (held.net_quantity, held.open_tick_lots) == (NANOS, 10_200)
    assert held.realised_profit == Money(currency="USD", minor_units=600)
    assert held.unrealised_profit == Money(currency="USD", minor_units=300)
    balance = await dollars(client, mine)
    assert balance.cash_minor_units == 500_000 - 10_000 - 20_600 + 21_000
    assert (balance.realised_profit_minor_units, balance.unrealised_profit_minor_units) == (
        600,
        300,
    )


async def test_fees_leave_both_sides_rounded_up(client: Client) -> None:
    request = UpdateInstrumentRequest(
        instrument_id=1, maker_fee_millionths=-100, taker_fee_millionths=333
    )
    changed = (await client.call(client.instruments.UpdateInstrument, request)).instrument
    assert (changed.maker_fee_millionths, changed.taker_fee_millionths) == (-100, 333)
    maker = await open_account(client, "maker", CASH_ONLY, 100_000)
    taker = await open_account(client, "taker", STRATEGY, 100_000)
    await client.create_order("bid", account_id=maker, units=2)
    # What could cost most counts: each lot's fee rounded up, were it to take.
    assert await funds(client, maker) == (100_000, 20_008, 0, 79_992)
    await client.create_order("s", account_id=1, side=SELL)
    await client.create_order("b", account_id=taker, cents=10_100)
    assert await funds(client, maker) == (90_001, 10_004, 0, 79_997)
    await client.create_order("ask", account_id=1, side=SELL, cents=10_100)
    assert await funds(client, taker) == (89_901, 0, 0, 89_901)
    assert (await dollars(client, maker)).fees_minor_units == -1
    assert (await dollars(client, taker)).fees_minor_units == -1


async def test_several_currencies_are_apart(client: Client) -> None:
    mine = await open_account(client, "mine", CASH_ONLY, 500)
    await pay(client, mine, 700, currency="JPY")
    found = (await account(client, mine)).balances
    assert [(one.currency, one.cash_minor_units) for one in found] == [("JPY", 700), ("USD", 500)]
    await client.call(client.instruments.CreateInstrument, instrument("YEN", currency="EUR"))
    await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, 2)
    refused = await client.create_order("x", account_id=mine, instrument_id=2)
    assert (refused.reject_limit, refused.reject_value) == (0, 10_000)


async def test_no_more_is_paid_out_than_is_available(client: Client) -> None:
    mine = await open_account(client, "mine", CASH_ONLY, 15_000)
    await client.create_order("bid", account_id=mine)
    failed = await refusal(pay(client, mine, -5_001))
    assert failed.code is grpc.StatusCode.FAILED_PRECONDITION
    assert failed.reason == "REJECT_REASON_INSUFFICIENT_BALANCE"
    assert failed.violations.keys() == {"amount"}
    assert failed.metadata == {"limit": "5000", "value": "5001"}
    answer = await pay(client, mine, -5_000, text="all that is free")
    assert (answer.balance.cash_minor_units, answer.balance.available_minor_units) == (10_000, 0)


async def test_a_payment_is_made_once(client: Client) -> None:
    mine = await open_account(client, "mine", CASH_ONLY)
    first = await pay(client, mine, 500, request_id=7)
    again = await pay(client, mine, 500, request_id=7)
    assert (again.repeated_request, again.sequence) == (True, first.sequence)
    assert await funds(client, mine) == (500, 0, 0, 500)
    failed = await refusal(pay(client, mine, 501, request_id=7))
    assert failed.reason == "REJECT_REASON_REQUEST_ID_REUSED"
    assert await funds(client, mine) == (500, 0, 0, 500)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": Money(currency="USD", minor_units=1)}, "request_id"),
        ({"request_id": 1, "amount": Money(currency="USD")}, "amount"),
        ({"request_id": 1, "amount": Money(currency="USD", minor_units=2**62)}, "amount"),
        ({"request_id": 1, "amount": Money(currency="XXX", minor_units=1)}, "amount.currency"),
        ({"request_id": 1}, "amount.currency"),
        (
            {"request_id": 1, "amount": Money(currency="USD", minor_units=1), "text": "x" * 129},
            "text",
        ),
    ],
)
async def test_a_payment_that_makes_no_sense_names_the_field(
    client: Client, values: dict[str, Any], field: str
) -> None:
    request = MoveCashRequest(account_id=1, **values)
    failed = await refusal(client.call(client.admin.MoveCash, request))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.violations.keys() == {field}


async def test_limits_set_again_by_the_same_request_are_answered_alike(client: Client) -> None:
    values: dict[str, Any] = {"account_id": 1, "request_id": 5}
    request = SetLimitsRequest(**values, limits=RiskLimits(max_working_orders=7))
    first = await client.call(client.risk.SetLimits, request)
    assert first.limits.max_working_orders == 7
    assert not first.HasField("instrument_limits")
    again = await client.call(client.risk.SetLimits, request)
    assert (again.repeated_request, again.sequence) == (True, first.sequence)
    answer = await limit(client, 1, 1, max_position_quantity=9)
    assert answer.limits.max_working_orders == 7
    assert answer.instrument_limits.instrument_id == 1
    assert answer.instrument_limits.limits.max_position_quantity == 9
    lifted = await limit(client, 1)
    assert lifted.limits.max_working_orders == 0
    assert (await account(client, 1)).limits == lifted.limits


async def test_positions_come_page_by_page_and_flat_ones_where_wanted(client: Client) -> None:
    for number in (2, 3, 4):
        await client.call(client.instruments.CreateInstrument, instrument(f"N{number}"))
        await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, number)
    for number in (1, 2, 3, 4):
        terms: dict[str, Any] = {"instrument_id": number, "cents": 100}
        await client.create_order(f"b{number}", account_id=1, **terms)
        await client.create_order(f"s{number}", account_id=2, side=SELL, **terms)
    await client.create_order("back-b", account_id=2, instrument_id=2, cents=100)
    await client.create_order("back-s", account_id=1, side=SELL, instrument_id=2, cents=100)
    assert [one.instrument_id for one in await positions(client, 1)] == [1, 3, 4]
    flat = await positions(client, 1, include_flat=True)
    assert [(one.instrument_id, one.net_quantity) for one in flat][1] == (2, 0)
    assert not flat[1].HasField("unrealised_profit")
    seen, token = list[int](), ""
    while True:
        request = ListPositionsRequest(account_id=1, page_size=2, page_token=token)
        page = await client.call(client.risk.ListPositions, request)
        seen += [one.instrument_id for one in page.positions]
        if not (token := page.next_page_token):
            break
    assert seen == [1, 3, 4]
    other = ListPositionsRequest(account_id=2, page_size=2, page_token="Mw")
    failed = await refusal(client.call(client.risk.ListPositions, other))
    assert failed.violations.keys() == {"page_token"}


async def test_what_one_holds_others_do_not_read(client: Client, trader: Client) -> None:
    await client.create_order("mine")
    assert (await account(trader, 1)).account.name == "one"
    assert await positions(trader, 1) == []
    for read in (account(trader, 2), positions(trader, 2), margin(trader, 2)):
        failed = await refusal(read)
        assert failed.code is grpc.StatusCode.PERMISSION_DENIED


async def test_money_and_limits_are_an_administrators(trader: Client) -> None:
    update = UpdateAccountRequest(account_id=1, status=AccountStatus.ACCOUNT_STATUS_ACTIVE)
    for change in (
        pay(trader, 1, 500),
        limit(trader, 1, max_working_orders=1),
        trader.call(trader.admin.UpdateAccount, update),
    ):
        failed = await refusal(change)
        assert failed.code is grpc.StatusCode.PERMISSION_DENIED


async def test_an_account_that_is_not_there_is_not_found(client: Client) -> None:
    for call in (
        account(client, 3),
        positions(client, 3),
        margin(client, 3),
        pay(client, 3, 5),
        limit(client, 3, max_working_orders=1),
    ):
        failed = await refusal(call)
        assert failed.code is grpc.StatusCode.NOT_FOUND
        assert failed.metadata["value"] == "3"


async def test_an_account_is_closed_when_it_is_empty(client: Client) -> None:
    mine = await open_account(client, "mine", CASH_ONLY, 20_000)
    close = UpdateAccountRequest(account_id=mine, status=AccountStatus.ACCOUNT_STATUS_CLOSED)
    await client.create_order("bid", account_id=mine)
    failed = await refusal(client.call(client.admin.UpdateAccount, close))
    assert failed.reason == "REJECT_REASON_ACCOUNT_NOT_FLAT"
    assert (set(failed.violations), failed.metadata["value"]) == ({"status"}, "2")
    margined = UpdateAccountRequest(account_id=mine, margin_model=STRATEGY)
    failed = await refusal(client.call(client.admin.UpdateAccount, margined))
    assert failed.reason == "REJECT_REASON_ACCOUNT_NOT_FLAT"
    assert (set(failed.violations), failed.metadata["value"]) == ({"margin_model"}, "1")
    await client.call(client.orders.CancelOrders, CancelOrdersRequest(account_id=mine))
    changed = (await client.call(client.admin.UpdateAccount, margined)).account
    assert changed.margin_model == STRATEGY
    await pay(client, mine, -20_000)
    closed = (await client.call(client.admin.UpdateAccount, close)).account
    assert closed.status == AccountStatus.ACCOUNT_STATUS_CLOSED
    for change in (pay(client, mine, 5), client.call(client.admin.UpdateAccount, margined)):
        failed = await refusal(change)
        assert failed.reason == "REJECT_REASON_ACCOUNT_SUSPENDED"
        assert failed.metadata["value"] == str(AccountStatus.ACCOUNT_STATUS_CLOSED)
    assert (await account(client, mine)).account.status == closed.status


async def test_balances_positions_and_limits_outlive_the_process(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, client):
        mine = await open_account(client, "mine", STRATEGY, 500_000)
        await limit(client, mine, max_order_quantity=20 * NANOS)
        await limit(client, mine, 1, max_position_quantity=NANOS)
        await client.create_order("ask", side=SELL, cents=10_001)
        await client.create_order("bid", account_id=mine, cents=10_001)
        await limit(client, mine, 1, max_position_quantity=8 * NANOS)
        await client.create_order("more", account_id=mine, cents=9_000, units=7)
        told = await account(client, mine), await positions(client, mine)
        state = await client.state_hash()
    async with running(tmp_path) as (_, client):
        assert await client.state_hash() == state
        found, held = await account(client, mine), await positions(client, mine)
        found.sequence = told[0].sequence
        assert (found, held) == told
        assert await funds(client, mine) == (489_999, 63_000, 0, 426_999)
        refused = await client.create_order("over", account_id=mine, cents=9_000)
        assert refused.reject_limit == 8 * NANOS
        cancel = CancelOrdersRequest(account_id=mine)
        await client.call(client.orders.CancelOrders, cancel)
        assert await funds(client, mine) == (489_999, 0, 0, 489_999)


async def test_a_bust_gives_back_what_was_paid_and_its_fee(client: Client) -> None:
    request = UpdateInstrumentRequest(instrument_id=1, taker_fee_millionths=1_000)
    await client.call(client.instruments.UpdateInstrument, request)
    mine = await open_account(client, "mine", CASH_ONLY, 50_000)
    await client.create_order("ask", side=SELL, units=3)
    await client.create_order("bid", account_id=mine, units=3)
    assert await funds(client, mine) == (19_970, 0, 0, 19_970)
    correct = CorrectTradeRequest(trade_id=1, price=90 * NANOS, text="agreed")
    await client.call(client.admin.CorrectTrade, correct)
    assert await funds(client, mine) == (22_973, 0, 0, 22_973)
    assert (await positions(client, mine))[0].open_tick_lots == 27_000
    await client.call(client.admin.BustTrade, BustTradeRequest(trade_id=1, text="error"))
    assert await funds(client, mine) == (50_000, 0, 0, 50_000)
    assert await positions(client, mine) == []
