"""Spread credits, scans, limits and kill switches of groups over real sockets."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from quantumcore.v1.account_pb2 import MarginModel
from quantumcore.v1.admin_service_pb2 import CreateAccountRequest, UpdateAccountRequest
from quantumcore.v1.instrument_pb2 import FutureTerms
from quantumcore.v1.margin_pb2 import MarginRule, ScanRange, ScenarioSet, SpreadCredit
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.risk_pb2 import GroupLimits
from quantumcore.v1.risk_service_pb2 import (
    GetGroupRequest,
    ListScanRangesRequest,
    ListSpreadCreditsRequest,
    SetGroupLimitsRequest,
    SetKillSwitchRequest,
    SetScanRangeRequest,
    SetSpreadCreditRequest,
)
from quantumcore.v1.types_pb2 import InstrumentKind, TradingPhase
from tests.server.api.funds import FAR_NS, STRATEGY, funds, margin, open_account, quote
from tests.server.api.running import BUY, NANOS, SELL, Client, instrument, refusal, running

CORN, NEXT_CORN, SOYBEANS = 2, 3, 4


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A share, two months of corn at 1,750 dollars, soybeans at 2,500, quoted by account 2."""
    async with running(tmp_path) as (_, client):
        for number, product, outright in (
            (CORN, "ZC", 175_000),
            (NEXT_CORN, "ZC", 175_000),
            (SOYBEANS, "ZS", 250_000),
        ):
            request = instrument(
                f"{product}-{number}",
                kind=InstrumentKind.INSTRUMENT_KIND_FUTURE,
                multiplier=50 * NANOS,
                expiry_time_ns=FAR_NS + number,
                future=FutureTerms(product=product, outright_margin_minor_units=outright),
            )
            await client.call(client.instruments.CreateInstrument, request)
            await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, number)
            await quote(client, number, 9_999, 10_001)
        yield client


async def credit(client: Client, **values: Any) -> Any:
    terms: dict[str, Any] = {
        "priority": 1, "instrument_a_id": CORN, "instrument_b_id": SOYBEANS, "lots_a": 2,
        "credit_basis_points": 5_500,
    }  # fmt: skip
    request_id = values.pop("request_id", 0)
    request = SetSpreadCreditRequest(request_id=request_id, credit=SpreadCredit(**(terms | values)))
    return await client.call(client.risk.SetSpreadCredit, request)


async def scan(client: Client, **values: Any) -> Any:
    terms: dict[str, Any] = {"instrument_id": NEXT_CORN} | values
    request = SetScanRangeRequest(scan_range=ScanRange(**terms))
    return await client.call(client.risk.SetScanRange, request)


async def test_a_credit_is_set_listed_used_and_explained(client: Client) -> None:
    """CME Group, Spread Calculations: 2 corn against soybeans with a credit of 55 %: 2,700."""
    mine = await open_account(client, "mine", STRATEGY, 1_000_000)
    answer = await credit(client)
    kept = answer.credit
    assert (kept.priority, kept.lots_a, kept.lots_b) == (1, 2, 1)
    assert kept.sequence == answer.sequence
    listed = await client.call(client.risk.ListSpreadCredits, ListSpreadCreditsRequest())
    assert list(listed.credits) == [kept]
    for number, side, cents, units in ((CORN, BUY, 10_001, 2), (SOYBEANS, SELL, 9_999, 1)):
        terms = {"instrument_id": number, "side": side, "cents": cents, "units": units}
        await client.create_order(f"o{number}", account_id=mine, **terms)
    assert (await funds(client, mine))[2] == 270_000
    (part,) = (await margin(client, mine)).components
    assert part.rule == MarginRule.MARGIN_RULE_FUTURE_SPREAD
    saved = part.separate_minor_units - part.requirement_minor_units
    assert saved == 330_000
    assert "less a credit of 5,500 basis points (330,000, rounded down)" in part.explanation


async def test_a_credit_of_another_expiry_is_one_of_the_product(client: Client) -> None:
    answer = await credit(client, instrument_a_id=NEXT_CORN, instrument_b_id=CORN, lots_a=0)
    assert (answer.credit.instrument_a_id, answer.credit.instrument_b_id) == (CORN, CORN)
    assert (answer.credit.lots_a, answer.credit.lots_b) == (1, 1)


async def test_a_request_id_sets_a_credit_once(client: Client) -> None:
    first = await credit(client, request_id=77)
    await credit(client, credit_basis_points=100)
    again = await credit(client, request_id=77)
    assert again.repeated_request
    assert again.sequence == first.sequence
    assert again.credit.credit_basis_points == 100, "as it is now"
    ended = await credit(client, credit_basis_points=0)
    assert ended.credit == SpreadCredit(priority=1, sequence=ended.sequence)
    listed = await client.call(client.risk.ListSpreadCredits, ListSpreadCreditsRequest())
    assert not listed.credits


async def test_credits_come_page_by_page(client: Client) -> None:
    for priority in (9, 3, 256):
        await credit(client, priority=priority)
    request, found = ListSpreadCreditsRequest(page_size=2), list[int]()
    while True:
        page = await client.call(client.risk.ListSpreadCredits, request)
        found += [one.priority for one in page.credits]
        request.page_token = page.next_page_token
        if not page.next_page_token:
            break
    assert found == [3, 9, 256]


@pytest.mark.parametrize(
    ("values", "field", "limit", "value"),
    [
        ({"priority": 257}, "credit.priority", 256, 257),
        ({"priority": 0}, "credit.priority", 1, 0),
        ({"lots_b": 1_000_001}, "credit.lots_b", 1_000_000, 1_000_001),
        ({"credit_basis_points": 10_001}, "credit.credit_basis_points", 10_000, 10_001),
    ],
)
async def test_a_credit_out_of_range_is_refused(
    client: Client, values: dict[str, int], field: str, limit: int, value: int
) -> None:
    failed = await refusal(credit(client, **values))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.violations.keys() == {field}
    assert (failed.metadata["limit"], failed.metadata["value"]) == (str(limit), str(value))


async def test_a_credit_of_what_is_not_listed_or_one_share_is_refused(client: Client) -> None:
    unknown = await refusal(credit(client, instrument_b_id=99))
    assert unknown.reason == "REJECT_REASON_UNKNOWN_INSTRUMENT"
    same = await refusal(credit(client, instrument_a_id=1, instrument_b_id=1))
    assert same.reason == "REJECT_REASON_INVALID_TERMS"
    missing = SetSpreadCreditRequest()
    failed = await refusal(client.call(client.risk.SetSpreadCredit, missing))
    assert failed.violations.keys() == {"credit"}


async def test_a_scan_is_set_with_what_is_usual_and_listed(client: Client) -> None:
    answer = await scan(client, price_range_basis_points=500, calendar_charge_minor_units=20_000)
    assert answer.scan_range == ScanRange(
        instrument_id=CORN,
        price_range_basis_points=500,
        volatility_ppm=300_000,
        volatility_range_ppm=100_000,
        calendar_charge_minor_units=20_000,
        scenarios=ScenarioSet.SCENARIO_SET_SPAN_16,
        sequence=answer.sequence,
    )
    ten = ScenarioSet.SCENARIO_SET_TEN_POINTS
    await scan(client, instrument_id=1, scenarios=ten, volatility_range_ppm=0)
    listed = await client.call(client.risk.ListScanRanges, ListScanRangesRequest(page_size=1))
    assert [one.instrument_id for one in listed.scan_ranges] == [CORN]
    rest = ListScanRangesRequest(page_token=listed.next_page_token)
    (second,) = (await client.call(client.risk.ListScanRanges, rest)).scan_ranges
    assert (second.instrument_id, second.scenarios, second.volatility_range_ppm) == (1, ten, 0)
    mine = await open_account(client, "mine", MarginModel.MARGIN_MODEL_SCENARIO, 1_000_000)
    terms = {"instrument_id": CORN, "side": BUY, "cents": 10_001, "units": 1}
    await client.create_order("o", account_id=mine, **terms)
    assert (await funds(client, mine))[2] == 50 * 10_000 * 5 // 100


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"price_range_basis_points": 30_001}, "scan_range.price_range_basis_points"),
        ({"volatility_ppm": 10_000_001}, "scan_range.volatility_ppm"),
        ({"calendar_charge_minor_units": -1}, "scan_range.calendar_charge_minor_units"),
        ({"scenarios": 9}, "scan_range.scenarios"),
    ],
)
async def test_a_scan_out_of_range_is_refused(
    client: Client, values: dict[str, int], field: str
) -> None:
    failed = await refusal(scan(client, **values))
    assert failed.violations.keys() == {field}


async def grouped(client: Client, name: str, group: int = 7) -> int:
    request = CreateAccountRequest(name=name, self_trade_group=group)
    answer = await client.call(client.admin.CreateAccount, request)
    number: int = answer.account.account_id
    return number


async def group_of(client: Client, group: int = 7) -> Any:
    return (await client.call(client.risk.GetGroup, GetGroupRequest(group=group))).group


async def bound(client: Client, group: int = 7, **values: int) -> Any:
    request = SetGroupLimitsRequest(group=group, limits=GroupLimits(**values))
    return await client.call(client.risk.SetGroupLimits, request)


async def test_a_group_is_bounded_over_its_members(client: Client) -> None:
    one, other = await grouped(client, "east"), await grouped(client, "west")
    answer = await bound(client, max_open_order_value_minor_units=100_000)
    assert answer.limits.max_open_order_value_minor_units == 100_000
    await client.create_order("a", account_id=one, side=BUY, cents=6_000, units=10)
    refused = await client.create_order("b", account_id=other, side=BUY, cents=4_001, units=10)
    assert refused.reject_reason == RejectReason.REJECT_REASON_GROUP_OPEN_ORDER_LIMIT
    assert (refused.reject_limit, refused.reject_value) == (100_000, 100_010)
    await client.create_order("c", account_id=other, side=BUY, cents=4_000, units=10)
    found = await group_of(client)
    assert (list(found.account_ids), found.working_orders) == ([one, other], 2)
    (usage,) = found.usage
    assert (usage.currency, usage.open_order_value_minor_units) == ("USD", 100_000)


async def test_a_group_is_stopped_at_once(client: Client) -> None:
    one, other = await grouped(client, "east"), await grouped(client, "west")
    for number in (one, other):
        await client.create_order(f"a{number}", account_id=number, side=BUY, cents=1_000, units=1)
    request = SetKillSwitchRequest(group=7, enabled=True, text="why")
    stopped = await client.call(client.risk.SetKillSwitch, request)
    assert stopped.affected_orders == 2
    assert (await group_of(client)).kill_switch
    refused = await client.create_order("b", account_id=one, side=BUY, cents=1_000, units=1)
    assert refused.reject_reason == RejectReason.REJECT_REASON_KILL_SWITCH
    assert refused.reject_value == -7
    leave = UpdateAccountRequest(account_id=other, self_trade_group=0)
    await client.call(client.admin.UpdateAccount, leave)
    free = await client.create_order("c", account_id=other, side=BUY, cents=1_000, units=1)
    assert not free.reject_reason


async def test_what_is_no_group_or_limit_is_refused(client: Client) -> None:
    unknown = await refusal(group_of(client, 8))
    assert unknown.code is grpc.StatusCode.NOT_FOUND
    none = await refusal(group_of(client, 0))
    assert none.violations.keys() == {"group"}
    negative = await refusal(bound(client, max_margin_minor_units=-1))
    assert negative.violations.keys() == {"limits.max_margin_minor_units"}
    far = await refusal(bound(client, 2**29, max_working_orders=1))
    assert far.metadata["limit"] == str(2**29 - 1)
