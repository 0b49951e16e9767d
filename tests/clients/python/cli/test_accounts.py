"""Commands about accounts: what they ask of the client, and what they print."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from quantumcore.client import enums, errors
from quantumcore.client.cli.exit_codes import ExitCode
from quantumcore.client.convert import read
from quantumcore.client.risk import (
    AccountDetails,
    Balance,
    CashMovement,
    LimitsChange,
    MarginComponent,
    MarginHolding,
    MarginReport,
    Money,
    Position,
    RiskLimits,
)
from quantumcore.client.risk_enums import MarginRule, StaleReferencePolicy
from quantumcore.client.values import Account, Instrument
from quantumcore.v1 import account_pb2, instrument_pb2, risk_service_pb2

from .conftest import FakeClient, Run

ZERO = Decimal("0.00")
DOLLARS = Balance(
    currency="USD",
    cash=Decimal("5000.00"),
    reserved=Decimal("600.00"),
    margin=ZERO,
    available=Decimal("4400.00"),
    realised_profit=Decimal("-12.50"),
    unrealised_profit=ZERO,
    fees=ZERO,
)
DESK = read(
    Account,
    account_pb2.Account(account_id=4, name="desk", status=1, margin_model=2, kill_switch=True),  # type: ignore[arg-type]
)


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_an_account_has_a_margin_model_and_a_status(run: Run, fake: FakeClient) -> None:
    fake.answers |= dict.fromkeys(("create_account", "update_account"), DESK)
    line = "account 4 desk: ACTIVE, margin model STRATEGY, self-trade prevention NONE\n"
    assert run("account create desk --margin-model strategy").out == line
    assert fake.calls.pop()[2]["margin_model"] is enums.MarginModel.STRATEGY
    assert run("account update desk --status suspended --margin-model none").out == line
    assert fake.calls.pop() == (
        "update_account",
        ("desk",),
        {
            "status": enums.AccountStatus.SUSPENDED,
            "margin_model": enums.MarginModel.NONE,
            "self_trade_group": None,
            "self_trade_prevention": None,
        },
    )


@pytest.mark.parametrize("name", ["deposit", "withdraw"])
def test_payments_say_what_is_there_after_them(run: Run, fake: FakeClient, name: str) -> None:
    moved = CashMovement(balance=DOLLARS, sequence=9, repeated_request=True)
    fake.answers[name] = moved
    outcome = run(f"account {name} desk 12.50 --currency EUR --reason why --request-id 7")
    assert outcome.out == "USD: cash 5000.00, available 4400.00, sequence 9, paid before\n"
    named = {"currency": "EUR", "text": "why", "request_id": 7}
    assert fake.calls.pop() == (name, ("desk", "12.50"), named)
    assert json.loads(run(f"account {name} 4 1 --json").out) == {
        "balance": {
            "currency": "USD",
            "cash": "5000.00",
            "reserved": "600.00",
            "margin": "0.00",
            "available": "4400.00",
            "realised_profit": "-12.50",
            "unrealised_profit": "0.00",
            "fees": "0.00",
        },
        "sequence": "9",
        "repeated_request": True,
    }
    assert fake.calls.pop()[1] == (4, "1")


def test_an_account_is_shown_with_its_money_and_limits(run: Run, fake: FakeClient) -> None:
    limits = RiskLimits(max_order_quantity=Decimal(5), price_collar_basis_points=500)
    fake.answers["account"] = AccountDetails(
        account=DESK, balances=(DOLLARS,), limits=limits, sequence=11
    )
    assert words(run("account show desk").out) == [
        ["account", "4"],
        ["name", "desk"],
        ["status", "ACTIVE"],
        ["kill", "switch", "on"],
        ["margin", "model", "STRATEGY"],
        ["self-trade", "prevention", "NONE"],
        ["self-trade", "group", "—"],
        ["limits", "max_order_quantity", "5,", "price_collar_basis_points", "500"],
        ["sequence", "11"],
        ["CURRENCY", "CASH", "RESERVED", "MARGIN", "AVAILABLE", "REALISED", "UNREALISED", "FEES"],
        ["USD", "5000.00", "600.00", "0.00", "4400.00", "-12.50", "0.00", "0.00"],
    ]
    document = json.loads(run("account show desk --json").out)
    assert document["sequence"] == "11"
    assert document["limits"]["max_order_value_minor_units"] == "0"
    assert document["limits"]["price_collar_basis_points"] == 500
    assert document["balances"][0]["cash"] == "5000.00"


def held(instrument_id: int, **changed: Any) -> Position:
    values: dict[str, Any] = {
        "account_id": 4,
        "instrument_id": instrument_id,
        "net_quantity": Decimal(-3),
        "bought_quantity": Decimal(0),
        "sold_quantity": Decimal(3),
        "open_tick_lots": -30_150,
        "working_buy_quantity": Decimal(2),
        "working_sell_quantity": Decimal(0),
        "mark_price": Decimal(100),
        "mark_time_ns": 1,
        "realised_profit": Money(currency="USD", amount=ZERO),
        "unrealised_profit": Money(currency="USD", amount=Decimal("1.50")),
        "fees": Money(currency="USD", amount=ZERO),
        "updated_time_ns": 2,
        "sequence": 3,
    }
    return Position(**(values | changed))


def test_positions_are_listed_at_their_average_cost(run: Run, fake: FakeClient) -> None:
    unmarked = held(1, net_quantity=Decimal(0), mark_price=None, unrealised_profit=None)
    fake.answers |= {
        "positions": [held(1), unmarked],
        "instrument": read(
            Instrument,
            instrument_pb2.Instrument(symbol="AAPL", tick_size=10**7, lot_size=10**9),
        ),
    }
    titles, first, second = words(run("account positions desk --flat").out)
    assert titles[:4] == ["INSTRUMENT", "NET", "AVERAGE", "COST"]
    assert first == ["AAPL", "-3", "100.50", "100", "0.00", "USD", "1.50", "USD", "0.00", "USD",
                     "2", "0"]  # fmt: skip
    assert second[:6] == ["AAPL", "0", "—", "—", "0.00", "USD"]
    assert fake.calls[0] == ("positions", ("desk",), {"include_flat": True})
    document = json.loads(run("account positions desk --json").out)
    assert document[0]["unrealised_profit"] == {"currency": "USD", "amount": "1.50"}
    assert (document[0]["open_tick_lots"], document[1]["mark_price"]) == ("-30150", None)


def test_a_margin_prints_each_component_with_its_sentence(run: Run, fake: FakeClient) -> None:
    long = MarginHolding(instrument_id=7, quantity=Decimal(5), mark_price=Decimal(3), working=False)
    part = MarginComponent(
        rule=MarginRule.VERTICAL,
        holdings=(long,),
        units=5,
        requirement=Decimal("5000.00"),
        separate=Decimal("25300.00"),
        explanation="Worst loss at expiry.",
    )
    report = MarginReport(
        account_id=4,
        currency="USD",
        model=enums.MarginModel.STRATEGY,
        position_margin=Decimal("5000.00"),
        order_margin=ZERO,
        available=Decimal("10.00"),
        components=(part,),
        pairing_is_optimal=True,
        oldest_mark_age_ns=1_500_000,
    )
    fake.answers |= {"margin": (report,), "symbol": "AAPL-200C"}
    assert run("account margin desk --model strategy").out.splitlines() == [
        (
            "USD: STRATEGY, positions 5000.00, working orders 0.00, available 10.00, "
            "oldest price 1.5 ms, no pairing requires less"
        ),
        "  5000.00  VERTICAL  5 AAPL-200C @ 3  (separately 25300.00)",
        "    Worst loss at expiry.",
    ]
    assert fake.calls[0] == ("margin", ("desk",), {"model": enums.MarginModel.STRATEGY})
    (document,) = json.loads(run("account margin desk --json").out)
    assert document["components"][0]["rule"] == "VERTICAL"
    assert document["oldest_mark_age_ns"] == "1500000"
    assert fake.calls[-1][2] == {"model": None}


def test_limits_are_set_by_the_contracts_names(run: Run, fake: FakeClient) -> None:
    sent = risk_service_pb2.SetLimitsResponse(sequence=5)
    sent.limits.max_working_orders = 9
    fake.answers["set_limits"] = read(LimitsChange, sent)
    outcome = run(
        "account limits desk --max-order-quantity 2.5 --max-order-value-minor-units 100000 "
        "--max-position-quantity 7 --max-open-order-value-minor-units 8 --price-collar 500 "
        "--max-working-orders 9 --max-command-rate 10 --max-reference-age 1.5s "
        "--stale-reference use-with-haircut --stale-haircut 50"
    )
    assert outcome.out == "limits over all instruments: max_working_orders 9, sequence 5\n"
    wanted = RiskLimits(
        max_order_quantity="2.5",
        max_order_value_minor_units=100_000,
        max_position_quantity="7",
        max_open_order_value_minor_units=8,
        price_collar_basis_points=500,
        max_working_orders=9,
        max_command_rate_hz=10,
        max_reference_age_ms=1500,
        stale_reference_policy=StaleReferencePolicy.USE_WITH_HAIRCUT,
        stale_haircut_basis_points=50,
    )
    assert fake.calls.pop() == ("set_limits", ("desk", wanted), {"instrument": None})
    sent.instrument_limits.instrument_id = 3
    sent.instrument_limits.limits.SetInParent()
    fake.answers["set_limits"] = read(LimitsChange, sent)
    assert run("account limits desk --instrument AAPL --none").out == (
        "limits of AAPL: none, sequence 5\n"
    )
    assert fake.calls.pop() == ("set_limits", ("desk", RiskLimits()), {"instrument": "AAPL"})
    assert json.loads(run("account limits desk --none --json").out)["sequence"] == "5"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("account limits desk", "name at least one limit"),
        ("account limits desk --none --price-collar 1", "name at least one limit"),
        ("account limits desk --max-reference-age 10us", "finer than a millisecond"),
        ("account limits desk --max-reference-age long", "'long' is not a number and a unit"),
        ("account update desk", "name at least one thing to change"),
        ("account update desk --status open", "'open' is not one of"),
        ("account deposit desk", "Missing argument"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    run: Run, fake: FakeClient, line: str, says: str
) -> None:
    outcome = run(line)
    assert outcome.status == ExitCode.USAGE
    assert says in outcome.err
    assert fake.calls == []


def test_futures_get_an_outright_margin_in_money(run: Run, fake: FakeClient) -> None:
    listed = instrument_pb2.Instrument(instrument_id=3, symbol="ES", currency="USD")
    listed.future.product = "ES"
    listed.future.outright_margin_minor_units = 1_250_050
    listed.maker_fee_millionths = -100
    fake.answers |= {
        "create_instrument": read(Instrument, listed),
        "update_instrument": read(Instrument, listed),
        "instrument": read(Instrument, listed),
        "minor_digits": 2,
    }
    run(
        "instrument create ES --kind future --product ES --expires +90d --outright-margin 12500.50 "
        "--maker-fee -100 --taker-fee 300"
    )
    (name, _, named) = fake.calls.pop()
    assert (name, named["future"]["outright_margin_minor_units"]) == ("create_instrument", 1250050)
    assert (named["maker_fee_millionths"], named["taker_fee_millionths"]) == (-100, 300)
    run("instrument update ES --outright-margin 9 --taker-fee 0")
    changes = {"outright_margin_minor_units": 900, "taker_fee_millionths": 0}
    assert fake.calls.pop() == ("update_instrument", ("ES",), changes)
    shown = words(run("instrument status ES").out)
    assert ["outright", "margin,", "minor", "units", "1250050"] in shown
    assert ["maker", "fee,", "millionths", "-100"] in shown
    assert "taker" not in [line[0] for line in shown]
    assert run("instrument create X --kind equity --outright-margin 1").status == ExitCode.USAGE
    assert run("instrument create X --broad-index").status == ExitCode.USAGE
    outcome = run("instrument update ES --outright-margin 0.001")
    assert "outright-margin: 0.001 has more than 2 digits" in outcome.err


def test_an_option_on_a_broad_index_is_listed_as_one(run: Run, fake: FakeClient) -> None:
    listed = instrument_pb2.Instrument(instrument_id=3, symbol="O")
    listed.option.broad_index = True
    answer = read(Instrument, listed)
    fake.answers |= {"create_instrument": answer, "instrument": answer}
    run(
        "instrument create O --kind option --underlying IX --right put --strike 5 --expires +9d "
        "--broad-index"
    )
    assert fake.calls.pop()[2]["option"]["broad_index"]
    assert ["broad", "index", "True"] in words(run("instrument status O").out)


def test_a_refused_payment_ends_as_a_refusal_of_the_venue(run: Run, fake: FakeClient) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise errors.PreconditionFailed("refused: insufficient balance")

    fake.withdraw = refuse  # type: ignore[attr-defined]
    outcome = run("account withdraw desk 5")
    assert outcome.status == ExitCode.VENUE_FAILED
    assert "insufficient balance" in outcome.err
