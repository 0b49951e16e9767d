from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from quantumcore.client.cli.exit_codes import ExitCode
from quantumcore.client.cli.spread_output import constraint_text
from quantumcore.client.cli.spread_terms import constraints_of, leg_of, leg_prices_of
from quantumcore.client.convert import read
from quantumcore.client.enums import SelfTradePrevention, Side, TimeInForce
from quantumcore.client.multi_leg import (
    MaxDeviation,
    MaxSpread,
    MultiLegOrder,
    MultiLegOrderAcknowledgement,
    RatioBand,
    SequentialTerms,
)
from quantumcore.client.multi_leg_commands import CreateMultiLegOrder, LegTerms
from quantumcore.client.multi_leg_enums import ExecutionMode, UnwindPolicy
from quantumcore.client.values import Instrument
from quantumcore.v1 import instrument_pb2, leg_pb2
from quantumcore.v1 import multi_leg_order_pb2 as contract

from .conftest import FakeClient, Run

NANOS = 10**9
LEGS = "--leg buy:AAPL-190C:1 --leg sell:AAPL-200C:2@5.10"
TRADED: dict[str, Any] = {
    "multi_leg_order_id": 9,
    "client_order_id": "mine",
    "status": 3,
    "filled_units": 1,
    "leaves_units": 2,
    "sequence": 44,
    "legs": [
        leg_pb2.Leg(leg_number=1, instrument_id=5, side=1, ratio=NANOS, quantity=3 * NANOS,  # type: ignore[arg-type]
                    cumulative_quantity=NANOS, cumulative_tick_lots=812, order_id=10),
        leg_pb2.Leg(leg_number=2, instrument_id=5, side=2, ratio=2 * NANOS, quantity=6 * NANOS,  # type: ignore[arg-type]
                    cumulative_quantity=2 * NANOS, cumulative_tick_lots=1020, order_id=11,
                    price=5_100_000_000),
    ],
}  # fmt: skip


@pytest.fixture
def spread(fake: FakeClient) -> FakeClient:
    listed = instrument_pb2.Instrument(
        instrument_id=5, symbol="AAPL-190C", tick_size=10_000_000, lot_size=NANOS, multiplier=NANOS
    )
    answer = read(MultiLegOrderAcknowledgement, contract.MultiLegOrderAcknowledgement(**TRADED))
    order = read(
        MultiLegOrder,
        contract.MultiLegOrder(
            **TRADED,
            units=3,
            min_units=1,
            net_price=-NANOS,
            price_constraints=[
                contract.PriceConstraint(
                    max_spread=contract.MaxSpread(leg_a=1, leg_b=2, max_spread=4 * NANOS)
                )
            ],
        ),
    )
    fake.answers = {
        "submit_multi_leg": answer,
        "replace_multi_leg_order": answer,
        "cancel_multi_leg_order": answer,
        "get_multi_leg_order": order,
        "multi_leg_orders": [order],
        "instrument": read(Instrument, listed),
        "symbol": "AAPL-190C",
    }
    return fake


def submitted(fake: FakeClient) -> CreateMultiLegOrder:
    name, (command,), _ = fake.calls[0]
    assert name == "submit_multi_leg"
    assert isinstance(command, CreateMultiLegOrder)
    return command


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", {"units": 1, "net_price": None, "min_units": 0, "time_in_force": None}),
        ("--units 3 --net -1.25 --min-units 2",
         {"units": 3, "net_price": "-1.25", "min_units": 2}),
        ("--tif fok", {"time_in_force": TimeInForce.FOK}),
        ("--tif gtd --expires 1970-01-01T00:00:01Z",
         {"time_in_force": TimeInForce.GTD, "expire_time_ns": NANOS}),
        ("--stp cancel-oldest", {"self_trade_prevention": SelfTradePrevention.CANCEL_OLDEST}),
        ("--client-order-id mine", {"client_order_id": "mine"}),
        ("--sequential unwind --leg-deadline-ms 250 --max-slippage-bp 20",
         {"execution_mode": ExecutionMode.SEQUENTIAL,
          "sequential_terms": SequentialTerms(unwind_policy=UnwindPolicy.UNWIND,
                                              leg_deadline_ms=250, max_slippage_basis_points=20)}),
        ("--sequential complete-at-market --leg-deadline-ms 5",
         {"sequential_terms": SequentialTerms(unwind_policy=UnwindPolicy.COMPLETE_AT_MARKET,
                                              leg_deadline_ms=5)}),
        ("--max-spread 1/2:2.50 --ratio-band 1/2:0.9..1.1 --max-deviation 2/1:50bp",
         {"price_constraints": [
             RatioBand(leg_a=1, leg_b=2, min_ratio="0.9", max_ratio="1.1"),
             MaxDeviation(leg_a=2, leg_b=1, max_deviation_basis_points=50),
             MaxSpread(leg_a=1, leg_b=2, max_spread="2.50"),
         ]}),
    ],
)  # fmt: skip
def test_every_term_of_a_spread_can_be_typed(
    run: Run, spread: FakeClient, words: str, expected: dict[str, Any]
) -> None:
    outcome = run(f"order spread {LEGS} -a alice {words}")
    assert outcome.status == 0, outcome.err
    assert outcome.out.splitlines() == [
        "spread 9 mine: PARTIALLY_FILLED, units traded 1 at -2.08 net, working 2, sequence 44",
        "  leg 1  BUY 3 AAPL-190C  traded 1 at 8.12",
        "  leg 2  SELL 6 AAPL-190C  traded 2 at 5.10",
    ]
    command = submitted(spread)
    legs = [
        LegTerms(instrument="AAPL-190C", side=Side.BUY, ratio="1"),
        LegTerms(instrument="AAPL-200C", side=Side.SELL, ratio="2", price="5.10"),
    ]
    for name, value in ({"account": "alice", "legs": legs} | expected).items():
        assert getattr(command, name) == value, name


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--leg buy:AAPL:1 --leg hold:AMZN:1", "leg: 'hold:AMZN:1' is not SIDE:SYMBOL:RATIO"),
        ("--leg buy:AAPL", "leg: 'buy:AAPL' is not SIDE:SYMBOL:RATIO"),
        ("--leg buy:AAPL:1@", "leg: 'buy:AAPL:1@' is not"),
        ("", "Missing option '--leg'"),
        (f"{LEGS} --tif at-open", "at-open"),
        (f"{LEGS} --units two", "Invalid value for '--units'"),
        (f"{LEGS} --ratio-band 1/2:0.9-1.1", "ratio-band: '1/2:0.9-1.1' is not A/B:LOW..HIGH"),
        (f"{LEGS} --max-deviation 1/2:50", "max-deviation: '1/2:50' is not A/B:SHAREbp"),
        (f"{LEGS} --max-spread 2.50", "max-spread: '2.50' is not A/B:PRICE"),
        (f"{LEGS} --expires soon", "expires: 'soon' is not ISO 8601"),
        (f"{LEGS} --sequential hold", "leg-deadline-ms: say how long the legs may take"),
        (f"{LEGS} --max-slippage-bp 5", "sequential: name the policy"),
        (f"{LEGS} --sequential perhaps", "perhaps"),
    ],
)
def test_what_cannot_be_typed_is_a_usage_error(
    run: Run, spread: FakeClient, words: str, says: str
) -> None:
    outcome = run(f"order spread -a alice {words}")
    assert outcome.status == ExitCode.USAGE
    assert says in outcome.err
    assert spread.calls == []


def test_a_refused_spread_is_a_sentence_or_one_json_document(run: Run, fake: FakeClient) -> None:
    message = contract.MultiLegOrderAcknowledgement(client_order_id="mine", reject_reason=91)  # type: ignore[arg-type]
    fake.answers["submit_multi_leg"] = read(MultiLegOrderAcknowledgement, message)
    outcome = run(f"order spread -a alice {LEGS}")
    assert (outcome.status, outcome.out) == (ExitCode.REJECTED, "")
    assert outcome.err == "quantumcore: order mine was rejected: package not executable.\n"
    outcome = run(f"order spread -a alice {LEGS} --json")
    assert outcome.status == ExitCode.REJECTED
    assert json.loads(outcome.out)["reject"]["reason"] == "PACKAGE_NOT_EXECUTABLE"


def test_a_spread_is_changed_and_cancelled_by_either_id(run: Run, spread: FakeClient) -> None:
    words = "order spread-replace 9 -a 4 --units 5 --net 2 --leg-price 2:5.05 --leg-price 1:none"
    assert run(words).status == 0
    assert run("order spread-cancel client:77 -a alice").status == 0
    changed, cancelled = (call for call in spread.calls if call[0] != "instrument")
    assert changed == (
        "replace_multi_leg_order",
        (),
        {
            "account": 4,
            "multi_leg_order_id": 9,
            "client_order_id": "",
            "new_client_order_id": "",
            "units": 5,
            "net_price": "2",
            "leg_prices": {2: "5.05", 1: None},
        },
    )
    named = {"account": "alice", "multi_leg_order_id": 0, "client_order_id": "77"}
    assert cancelled == ("cancel_multi_leg_order", (), named)


def test_spreads_are_listed_and_shown(run: Run, spread: FakeClient) -> None:
    header, row = run("order spreads -a alice --instrument AAPL --working").out.splitlines()
    assert header.split()[:2] == ["SPREAD", "CLIENT"]
    words = (
        "9 mine UNSPECIFIED BUY 1 AAPL-190C, SELL 2 AAPL-190C -1 3 1 2 UNSPECIFIED PARTIALLY_FILLED"
    )
    assert " ".join(row.split()) == words
    assert spread.calls[0][2] == {"account": "alice", "instrument": "AAPL", "working_only": True}
    shown = run("order spread-show 9").out
    assert "average net price  -2.08" in shown
    assert "condition          max-spread 1/2:4" in shown
    leg = next(line for line in shown.splitlines() if line.startswith("2 "))
    assert leg.split() == [
        "2",
        "11",
        "SELL",
        "2",
        "AAPL-190C",
        "5.1",
        "6",
        "2",
        "5.10",
        "UNSPECIFIED",
    ]
    listed = json.loads(run("order spreads -a alice --json").out)
    assert listed == [json.loads(run("order spread-show 9 --json").out)]
    assert listed[0]["price_constraints"] == [
        {"max_spread": {"leg_a": 1, "leg_b": 2, "max_spread": "4"}}
    ]
    assert (listed[0]["units"], listed[0]["legs"][1]["order_id"]) == ("3", "11")


def test_a_sequential_spread_shows_its_excess_and_what_was_reversed(
    run: Run, spread: FakeClient
) -> None:
    message = contract.MultiLegOrder(
        **TRADED,
        units=3,
        execution_mode=contract.EXECUTION_MODE_SEQUENTIAL,
        sequential_terms=contract.SequentialTerms(
            unwind_policy=contract.UNWIND_POLICY_UNWIND,
            leg_deadline_ms=250,
            max_slippage_basis_points=20,
        ),
    )
    message.legs[0].cumulative_quantity = 3 * NANOS
    message.legs[0].cumulative_tick_lots = 3 * 812
    message.legs[0].unwound_quantity = NANOS
    message.legs[0].residual_quantity = NANOS
    spread.answers["get_multi_leg_order"] = read(MultiLegOrder, message)
    shown = run("order spread-show 9").out
    assert "sequential         unwind, legs within 250 ms, slippage 20 bp" in shown
    assert "average net price  -2.08" in shown
    header, first = shown.splitlines()[-3:-1]
    assert header.split()[-3:] == ["REVERSED", "EXCESS", "STATUS"]
    assert first.split()[-3:] == ["1", "1", "UNSPECIFIED"]
    answer = contract.MultiLegOrderAcknowledgement(**(TRADED | {"legs": message.legs}))
    spread.answers["cancel_multi_leg_order"] = read(MultiLegOrderAcknowledgement, answer)
    told = run("order spread-cancel 9 -a alice").out.splitlines()
    assert told[1] == "  leg 1  BUY 3 AAPL-190C  traded 3 at 8.12, reversed 1, excess 1"


def test_ones_own_id_needs_an_account(
    run: Run, spread: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QC_CLIENT_ACCOUNT", raising=False)
    outcome = run("order spread-show mine")
    assert (outcome.status, spread.calls) == (ExitCode.USAGE, [])
    assert "name the --account" in outcome.err


def test_a_symbol_may_hold_what_separates() -> None:
    leg = leg_of("sell:X:Y@Z:0.5@-1")
    assert (leg.instrument, leg.ratio, leg.price) == ("X:Y@Z", "0.5", "-1")
    assert leg_of("buy:7:1").instrument == 7


def test_a_leg_has_one_new_limit() -> None:
    assert leg_prices_of(["1:none", "2:-0.5"]) == {1: None, 2: "-0.5"}
    with pytest.raises(ValueError, match="leg-price: leg 1 is named twice"):
        leg_prices_of(["1:2", "1:3"])
    with pytest.raises(ValueError, match="leg-price: 'x' is not LEG:PRICE"):
        leg_prices_of(["x"])


def test_a_constraint_is_written_as_it_is_typed() -> None:
    typed = constraints_of(["1/2:0.9..1.1"], ["2/1:50bp"], ["1/2:2.50"])
    assert [constraint_text(one) for one in typed] == [
        "ratio-band 1/2:0.9..1.1",
        "max-deviation 2/1:50bp",
        "max-spread 1/2:2.50",
    ]
    exact = MaxSpread(leg_a=1, leg_b=2, max_spread=Decimal("1E+1"))
    assert constraint_text(exact) == "max-spread 1/2:10"
