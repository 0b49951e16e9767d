"""Commands of operators: what they ask of the client, and what they print."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quantumcore.client import enums
from quantumcore.client.cli.exit_codes import ExitCode
from quantumcore.client.convert import read
from quantumcore.client.market import (
    Auction,
    NewestQuote,
    PublishedQuotes,
    Trade,
    TradingStatistics,
)
from quantumcore.client.values import Account, Instrument, KillSwitchChange
from quantumcore.v1 import (
    account_pb2,
    instrument_pb2,
    market_data_service_pb2,
    quote_pb2,
    risk_service_pb2,
    trade_pb2,
)

from .conftest import FakeClient, Run

LISTED = read(Instrument, instrument_pb2.Instrument(instrument_id=3, symbol="NEW", phase=7))  # type: ignore[arg-type]


def test_an_option_is_listed_with_all_its_terms(run: Run, fake: FakeClient) -> None:
    fake.answers["create_instrument"] = LISTED
    outcome = run(
        "instrument create AAPL-150C --kind option --underlying AAPL --right call --strike 150 "
        "--style european --multiplier 100 --expires 2030-01-31T16:00:00Z --price-band 2 "
        "--auction-duration 30s"
    )
    assert (outcome.status, outcome.out) == (0, "instrument 3 NEW: CLOSED\n")
    ((_, _, named),) = fake.calls
    assert named["kind"] is enums.InstrumentKind.OPTION
    assert named["option"] == {
        "underlying": "AAPL",
        "right": enums.OptionRight.CALL,
        "exercise_style": enums.ExerciseStyle.EUROPEAN,
        "strike_price": "150",
        "broad_index": False,
    }
    assert (named["future"], named["multiplier"]) == (None, "100")
    assert (named["price_band"], named["auction_duration_ns"]) == ("2", 30_000_000_000)
    assert named["expiry_time_ns"] == 1_896_105_600_000_000_000


def test_a_future_may_be_on_something_that_is_not_listed(run: Run, fake: FakeClient) -> None:
    fake.answers["create_instrument"] = LISTED
    run("instrument create ES-MAR --kind future --product ES --expires +90d --tick 0.25")
    ((_, _, named),) = fake.calls
    assert named["future"] == {"underlying": None, "product": "ES"}
    assert (named["option"], named["min_price"], named["tick_size"]) == (None, "0.25", "0.25")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--kind option --right call --strike 1", "an option needs --underlying"),
        ("--kind future", "a future needs --product"),
        ("--kind equity --strike 1", "--strike does not go with --kind equity"),
        ("--kind equity --underlying AAPL", "--underlying does not go with --kind equity"),
        ("--kind option --product ES --underlying A --right put --strike 1",
         "--product does not go with --kind option"),
        ("--auction-duration long", "auction-duration: 'long' is not a number and a unit"),
    ],
)  # fmt: skip
def test_terms_that_do_not_go_with_the_kind_are_refused(
    run: Run, fake: FakeClient, words: str, says: str
) -> None:
    outcome = run(f"instrument create NEW {words}")
    assert outcome.status == ExitCode.USAGE
    assert says in outcome.err
    assert fake.calls == []


def test_an_update_names_only_what_changes(run: Run, fake: FakeClient) -> None:
    fake.answers["update_instrument"] = LISTED
    assert run("instrument update NEW --price-band 0 --auction-duration 5m").status == 0
    assert fake.calls == [
        ("update_instrument", ("NEW",), {"price_band": "0", "auction_duration_ns": 300 * 10**9})
    ]
    assert run("instrument update NEW").status == ExitCode.USAGE


def test_every_phase_can_be_reached(run: Run, fake: FakeClient) -> None:
    fake.answers["set_trading_phase"] = LISTED
    for phase in enums.TradingPhase:
        if phase:
            name = phase.name.lower().replace("_", "-")
            assert run(f"instrument phase NEW {name} --reason why").status == 0
            assert fake.calls.pop() == ("set_trading_phase", ("NEW", phase), {"text": "why"})


def test_accounts_get_a_group_and_a_mode(run: Run, fake: FakeClient) -> None:
    account = account_pb2.Account(
        account_id=4,
        name="desk",
        status=1,  # type: ignore[arg-type]
        self_trade_group=7,
        self_trade_prevention=3,  # type: ignore[arg-type]
    )
    fake.answers |= dict.fromkeys(("create_account", "update_account"), read(Account, account))
    wanted: dict[str, Any] = {
        "self_trade_group": 7,
        "self_trade_prevention": enums.SelfTradePrevention.CANCEL_OLDEST,
    }
    line = "account 4 desk: ACTIVE, self-trade prevention CANCEL_OLDEST, group 7\n"
    assert run("account create desk --group 7 --stp cancel-oldest").out == line
    model = {"margin_model": None}
    assert fake.calls.pop() == ("create_account", (), {"name": "desk", **wanted, **model})
    assert run("account update desk --group 7 --stp cancel-oldest").out == line
    wanted |= {"status": None, **model}
    assert fake.calls.pop() == ("update_account", ("desk",), wanted)
    assert run("account update desk").status == ExitCode.USAGE


@pytest.mark.parametrize(
    ("words", "scope"),
    [
        ("--account 4", {"account": 4, "venue": False, "group": None}),
        ("--venue", {"account": None, "venue": True, "group": None}),
        ("--group 7", {"account": None, "venue": False, "group": 7}),
    ],
)
def test_kill_switches_go_on_and_off(
    run: Run, fake: FakeClient, words: str, scope: dict[str, Any]
) -> None:
    change = risk_service_pb2.SetKillSwitchResponse(affected_orders=3, sequence=8)
    fake.answers["set_kill_switch"] = read(KillSwitchChange, change)
    assert run(f"kill-switch on {words} --reason why").out == (
        "kill switch on, 3 orders cancelled, sequence 8\n"
    )
    assert fake.calls.pop() == ("set_kill_switch", (), {"enabled": True, "text": "why", **scope})
    assert run(f"kill-switch off {words}").out == "kill switch off, sequence 8\n"
    assert json.loads(run(f"kill-switch on {words} --json").out) == {
        "affected_orders": 3,
        "sequence": "8",
        "repeated_request": False,
    }


def test_trades_are_busted_and_corrected_with_a_reason(run: Run, fake: FakeClient) -> None:
    trade = trade_pb2.Trade(trade_id=7, instrument_id=3, quantity=2 * 10**9, price=10**9, action=2)  # type: ignore[arg-type]
    fake.answers |= {
        "bust_trade": (read(Trade, trade),),
        "correct_trade": read(Trade, trade),
        "symbol": "AAPL",
    }
    assert run("trade bust 7 --reason why").out == "trade 7 BUSTED: AAPL 2 @ 1, sequence 0\n"
    assert fake.calls[0] == ("bust_trade", (7,), {"text": "why"})
    fake.calls.clear()
    assert run("trade correct 7 --price 1 --reason why").status == 0
    wanted = {"price": "1", "quantity": None, "text": "why"}
    assert fake.calls[0] == ("correct_trade", (7,), wanted)
    assert run("trade correct 7 --reason why").status == ExitCode.USAGE
    assert run("trade bust 7").status == ExitCode.USAGE


def test_a_quote_is_published_and_a_refused_one_says_so(run: Run, fake: FakeClient) -> None:
    taken = market_data_service_pb2.PublishQuotesResponse(accepted_count=1, quote_sequence=5)
    fake.answers["publish_quotes"] = read(PublishedQuotes, taken)
    assert run("quote publish AAPL --bid 99 --ask 101 --source feed").out == "AAPL: quote 5 taken\n"
    ((_, ([quote],), named),) = fake.calls
    assert (quote.bid_price, quote.ask_price, quote.last_price) == ("99", "101", None)
    assert (quote.instrument, named) == ("AAPL", {"source": "feed"})
    refused = market_data_service_pb2.PublishQuotesResponse(refused_count=1)
    fake.answers["publish_quotes"] = read(PublishedQuotes, refused)
    outcome = run("quote publish AAPL --bid 99")
    assert (outcome.status, outcome.out) == (ExitCode.REJECTED, "AAPL: the quote was refused\n")
    assert run("quote publish AAPL").status == ExitCode.USAGE


def test_what_is_known_of_a_market_is_shown(run: Run, fake: FakeClient) -> None:
    quote = quote_pb2.Quote(instrument_id=3, source="feed", bid_price=99 * 10**9)
    newest = market_data_service_pb2.GetQuoteResponse(quote=quote, age_ns=1_500_000)
    auction = trade_pb2.Auction(phase=6, indicative_price=10**9, imbalance_side=2)  # type: ignore[arg-type]
    fake.answers |= {
        "quote": read(NewestQuote, newest),
        "auction": read(Auction, auction),
        "statistics": read(TradingStatistics, trade_pb2.TradingStatistics(high_price=10**9)),
        "instrument": LISTED,
    }
    shown = run("quote show AAPL").out.split()
    assert shown[shown.index("age") :] == ["age", "1.5", "ms"]
    assert "SELL" in run("instrument auction AAPL").out
    assert "by an operator" in run("instrument auction AAPL").out
    assert json.loads(run("instrument statistics AAPL --json").out)["high_price"] == "1"
    assert "CLOSED" in run("instrument status NEW").out
