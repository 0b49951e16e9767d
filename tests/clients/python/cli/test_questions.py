"""Commands that ask: about an order, about a spread's profit, about positions as they change."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest

from quantumcore.client import enums
from quantumcore.client.cli.exit_codes import ExitCode
from quantumcore.client.convert import read
from quantumcore.client.multi_leg import MultiLegOrder
from quantumcore.client.risk import (
    LegProfit,
    MarginReport,
    Money,
    OrderCheck,
    RiskCheck,
    StrategyProfit,
)
from quantumcore.client.values import Instrument
from quantumcore.v1 import instrument_pb2, multi_leg_order_pb2

from .conftest import FakeClient, Run
from .test_accounts import ZERO, held, words


def risk_check(**values: Any) -> RiskCheck:
    given: dict[str, Any] = {"passed": True, "limit": 0, "value": 0, "leg_number": 0}
    return RiskCheck(**(given | values))


@pytest.mark.parametrize(
    "line",
    [
        "order sell AAPL 2 8.00 --account desk --check",
        "order spread --leg sell:A:1 --leg buy:B:1 --account desk --check",
    ],
)
def test_an_order_is_only_checked_where_that_is_asked_for(
    run: Run, fake: FakeClient, line: str
) -> None:
    margin = MarginReport(
        account_id=4,
        currency="USD",
        model=enums.MarginModel.STRATEGY,
        position_margin=Decimal("5000.00"),
        order_margin=ZERO,
        available=ZERO,
        components=(),
        pairing_is_optimal=True,
        oldest_mark_age_ns=0,
    )
    refused = OrderCheck(
        accepted=False,
        checks=(
            risk_check(rule=enums.RejectReason.KILL_SWITCH),
            risk_check(
                rule=enums.RejectReason.POSITION_LIMIT,
                passed=False,
                limit=Decimal(5),
                value=Decimal("6.5"),
                leg_number=2,
            ),
        ),
        margin_before=None,
        margin_after=margin,
        sequence=8,
    )
    fake.answers["check_order"] = refused
    outcome = run(line)
    assert outcome.status == ExitCode.REJECTED
    assert words(outcome.out) == [
        ["would", "be", "refused,", "sequence", "8"],
        ["RULE", "LEG", "VALUE", "LIMIT"],
        ["KILL_SWITCH", "—", "—", "—", "passes"],
        ["POSITION_LIMIT", "2", "6.5", "5", "does", "not", "pass"],
        ["margin", "after:", "5000.00", "USD"],
    ]
    assert [name for name, *_ in fake.calls] == ["check_order"]
    fake.answers["check_order"] = dataclasses.replace(refused, accepted=True, checks=())
    accepted = run(f"{line} --json")
    assert (accepted.status, json.loads(accepted.out)["sequence"]) == (0, "8")


def test_a_spread_tells_what_it_has_brought(run: Run, fake: FakeClient) -> None:
    five = Money(currency="USD", amount=Decimal("5.00"))
    fake.answers |= {
        "get_multi_leg_order": read(
            MultiLegOrder, multi_leg_order_pb2.MultiLegOrder(multi_leg_order_id=9)
        ),
        "strategy_profit": StrategyProfit(
            multi_leg_order_id=9,
            legs=(
                LegProfit(
                    leg_number=1,
                    instrument_id=3,
                    net_quantity=Decimal(-2),
                    realised_profit=five,
                    unrealised_profit=None,
                    fees=five,
                ),
            ),
            realised_profit=five,
            unrealised_profit=None,
            fees=five,
            net_paid=five,
        ),
        "symbol": "AAPL",
    }
    shown = words(run("order spread-profit pair --account desk").out)
    assert ["net", "paid", "5.00", "USD"] in shown
    assert shown[-1] == ["1", "AAPL", "-2", "5.00", "USD", "—", "5.00", "USD"]
    named = {"account": "desk", "client_order_id": "pair"}
    assert fake.calls[:2] == [("get_multi_leg_order", (), named), ("strategy_profit", (9,), {})]
    fake.calls.clear()
    assert json.loads(run("order spread-profit 77 --json").out)["multi_leg_order_id"] == "9"
    assert fake.calls == [("strategy_profit", (77,), {})]
    assert run("order spread-profit pair").status == ExitCode.USAGE


def test_positions_are_watched_line_by_line(run: Run, fake: FakeClient) -> None:
    flat = held(1, net_quantity=Decimal(0), mark_price=None, unrealised_profit=None)
    fake.answers |= {
        "stream_positions": [held(1), flat, held(1)],
        "instrument": read(
            Instrument,
            instrument_pb2.Instrument(symbol="AAPL", tick_size=10**7, lot_size=10**9),
        ),
    }
    first, second = run("watch positions --account desk --count 2 --rate 5").out.splitlines()
    assert fake.calls[0] == ("stream_positions", (), {"accounts": ["desk"], "max_rate_hz": 5})
    assert first == (
        "3  1970-01-01 00:00:00.000000  -3 AAPL  at 100.50  mark 100  "
        "realised 0.00 USD  unrealised 1.50 USD"
    )
    assert second == "3  1970-01-01 00:00:00.000000  0 AAPL  realised 0.00 USD"
    lines = run("watch positions --account desk --json").out.splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == ["3"] * 3
