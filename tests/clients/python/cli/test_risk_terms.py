"""Commands on margin terms and groups: what they ask of the client, and what they print."""

from __future__ import annotations

import json

from quantumcore.client.cli.exit_codes import ExitCode
from quantumcore.client.convert import read
from quantumcore.client.risk_enums import ScenarioSet
from quantumcore.client.risk_terms import (
    AccountGroup,
    GroupLimits,
    GroupLimitsChange,
    ScanRangeChange,
    SpreadCredit,
    SpreadCreditChange,
)
from quantumcore.client.values import Account, Instrument
from quantumcore.v1 import (
    account_pb2,
    instrument_pb2,
    margin_pb2,
    risk_pb2,
    risk_service_pb2,
)

from .conftest import FakeClient, Run


def test_credits_are_set_and_listed(run: Run, fake: FakeClient) -> None:
    credit = margin_pb2.SpreadCredit(
        priority=2, instrument_a_id=3, instrument_b_id=3, lots_a=2, lots_b=1,
        credit_basis_points=5_500, sequence=9,
    )  # fmt: skip
    change = risk_service_pb2.SetSpreadCreditResponse(credit=credit, sequence=9)
    fake.answers["set_spread_credit"] = read(SpreadCreditChange, change)
    words = "margin credit 2 AAPL 3 --saves 5500 --lots 2:1"
    line = "credit 2: 2:1 lots of AAPL and 3 save 5500 basis points, sequence 9\n"
    assert run(words).out == line
    wanted = {"credit_basis_points": 5_500, "lots_a": 2, "lots_b": 1}
    assert fake.calls.pop() == ("set_spread_credit", (2, "AAPL", 3), wanted)
    assert run("margin credit 2 AAPL 3 --saves 0").out == "credit 2 has ended, sequence 9\n"
    assert json.loads(run(f"{words} --json").out)["credit"]["credit_basis_points"] == 5_500
    assert run("margin credit 2 AAPL 3 --saves 1 --lots 2").status == ExitCode.USAGE
    fake.answers["instrument"] = read(Instrument, instrument_pb2.Instrument(symbol="AAPL"))
    fake.answers["spread_credits"] = [read(SpreadCredit, credit)]
    assert [one["lots_a"] for one in json.loads(run("margin credits --json").out)] == [2]


def test_scans_are_set(run: Run, fake: FakeClient) -> None:
    scan = margin_pb2.ScanRange(
        instrument_id=3, price_range_basis_points=500, volatility_ppm=300_000,
        volatility_range_ppm=100_000, scenarios=1,  # type: ignore[arg-type]
    )  # fmt: skip
    change = risk_service_pb2.SetScanRangeResponse(scan_range=scan, sequence=9)
    fake.answers["set_scan_range"] = read(ScanRangeChange, change)
    assert run("margin scan AAPL --price-range 500 --scenarios span-16").out == (
        "scan of AAPL: prices by 500 basis points, volatility 300000 by 100000 parts per million, "
        "SPAN_16, sequence 9\n"
    )
    _, names, values = fake.calls.pop()
    assert names == ("AAPL",)
    assert (values["price_range_basis_points"], values["scenarios"]) == (500, ScenarioSet.SPAN_16)
    assert (values["volatility_ppm"], values["volatility_range_ppm"]) == (0, None)


def test_groups_are_bounded(run: Run, fake: FakeClient) -> None:
    change = risk_service_pb2.SetGroupLimitsResponse(sequence=9)
    change.limits.max_working_orders = 4
    fake.answers["set_group_limits"] = read(GroupLimitsChange, change)
    assert run("group limits 7 --max-working-orders 4 --max-position-quantity 2.5").out == (
        "limits of group 7: max_working_orders 4, sequence 9\n"
    )
    wanted = GroupLimits(max_working_orders=4, max_position_quantity="2.5")
    assert fake.calls.pop() == ("set_group_limits", (7, wanted), {})
    assert run("group limits 7").status == ExitCode.USAGE
    assert run("group limits 7 --none --max-working-orders 1").status == ExitCode.USAGE


def test_group_is_shown_with_its_members(run: Run, fake: FakeClient) -> None:
    group = risk_pb2.AccountGroup(group=7, account_ids=[4], kill_switch=True, working_orders=3)
    group.limits.SetInParent()
    group.usage.add(currency="USD", open_order_value_minor_units=5, margin_minor_units=6)
    fake.answers["group"] = read(AccountGroup, group)
    fake.answers["accounts"] = [read(Account, account_pb2.Account(account_id=4, name="desk"))]
    shown = run("group show 7").out.splitlines()
    assert shown[:3] == ["group 7: desk", "kill switch on, limits none", "working orders 3"]
    assert shown[4].split() == ["USD", "5", "6"]
    assert json.loads(run("group show 7 --json").out)["account_ids"] == [4]
