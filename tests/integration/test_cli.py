from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quantumcore.client import Client, CreateOrder, Side
from quantumcore.client.cli.main import main
from quantumcore.client.local import LocalSettings, LocalVenue, free_address, new_token


@dataclass(frozen=True, slots=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture(scope="module")
def demo_venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalVenue]:
    directory = tmp_path_factory.mktemp("demo")
    settings = LocalSettings(
        data=directory / "data",
        address=free_address(),
        token=new_token(),
        demo=True,
        log=directory / "server.log",
    )
    with LocalVenue(settings) as running:
        yield running


@pytest.fixture
def run(
    demo_venue: LocalVenue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.setenv("QC_ADDRESS", demo_venue.address)
    monkeypatch.setenv("QC_TOKEN", demo_venue.settings.token)

    def command(*words: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["quantumcore", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), output.out, output.err)

    return command


def test_two_people_trade_and_see_it(run: Run) -> None:
    bought = run("order", "buy", "AAPL", "10", "100.25", "-a", "alice", "--json").document
    assert bought["status"] == "NEW"
    sold = run("order", "sell", "AAPL", "4", "100.25", "-a", "bob", "--json").document
    assert (sold["status"], sold["cumulative_quantity"]) == ("FILLED", "4")
    shown = run("order", "show", bought["order_id"], "--json").document
    assert (shown["leaves_quantity"], shown["price"]) == ("6", "100.25")
    people = run("order", "show", bought["order_id"])
    assert "average price" in people.out
    listed = run("order", "list", "-a", "alice", "--instrument", "AAPL", "--working", "--json")
    assert bought["order_id"] in [order["order_id"] for order in listed.document]
    assert "AAPL" in run("order", "list", "-a", "alice").out
    book = run("book", "AAPL", "--once", "--json").document
    assert {"price": "100.25", "quantity": "6", "order_count": 1} in book["bids"]
    assert "100.25" in run("book", "AAPL", "--once").out
    tape = run("watch", "trades", "AAPL", "--from-sequence", "1", "--count", "1", "--json")
    assert (tape.document["price"], tape.document["quantity"]) == ("100.25", "4")
    assert "4 @ 100.25" in run("watch", "trades", "--from-sequence", "1", "--count", "1").out
    executions = run(
        "watch", "executions", "-a", "bob", "--from-sequence", "1", "--count", "2", "--json"
    )
    types = [json.loads(line)["type"] for line in executions.out.splitlines()]
    assert types == ["NEW", "TRADE"]


def test_orders_are_changed_and_cancelled_by_either_id(run: Run) -> None:
    run("order", "buy", "AAPL", "5", "50", "-a", "alice", "--client-order-id", "77")
    changed = run("order", "replace", "client:77", "-a", "alice", "--quantity", "3", "--json")
    assert changed.document["leaves_quantity"] == "3"
    cancelled = run("order", "cancel", "client:77", "-a", "alice")
    assert (cancelled.status, "CANCELLED" in cancelled.out) == (0, True)
    run("order", "buy", "AAPL", "5", "49", "-a", "alice", "--tif", "day", "--post-only")
    everything = run("order", "cancel", "--all", "-a", "alice", "--instrument", "AAPL",
                     "--side", "buy")  # fmt: skip
    assert everything.status == 0
    assert "orders cancelled" in everything.out


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ("order buy AAPL 1 100.255 -a alice", 1, "price off tick, field price, value 100.255"),
        ("order buy AAPL 1 x -a alice", 2, "price: 'x' is not a number"),
        ("order cancel -a alice", 2, "name one order, or say --all"),
        ("order buy AAPL", 2, "Missing argument"),
        ("status --token wrong", 4, "Set QC_TOKEN"),
        ("order buy NOPE 1 1 -a alice", 6, "NOPE"),
        ("order buy AAPL 1 1 -a nobody", 6, "nobody"),
        ("order show client:nope -a alice", 6, "no such order"),
        ("order spread-show nope -a alice", 6, "no such multi-leg order"),
        ("order spread-cancel nope -a alice", 1, "unknown order"),
        ("order spread --leg buy:AAPL:1 -a alice", 1, "leg count, field legs, value 1, limit 4"),
        ("order spread --leg buy:AAPL:1 --leg sell:AMZN:x -a alice", 2, "leg 2: ratio: 'x' is no"),
        ("order spread --leg buy:AAPL:1 --leg sell:NOPE:1 -a alice", 6, "NOPE"),
        ("account create alice", 6, "alice"),
        ("order buy AAPL 1 1 -a alice --type stop", 1, "field not allowed, field price"),
        ("order buy AAPL 1 -a alice --type stop", 1, "field required, field stop_price"),
        ("order buy AAPL 5 1 -a alice --display 5", 1, "field display_quantity, value 5"),
        ("instrument phase AAPL pre-open", 7, "field phase, the phase is CONTINUOUS"),
        ("order buy AAPL 0 1 -a alice", 1, "quantity not positive, field quantity, value 0"),
        ("order cancel --all -a alice --session 99", 1, "unknown resource, field session_id"),
        ("order cancel --all -a alice --session -1", 2, "--session"),
        ("instrument auction AAPL", 7, "no auction runs"),
        ("kill-switch on", 2, "for a group or for the venue: 0 are named"),
        ("log verify --data /nonexistent", 6, "There is no file /nonexistent"),
        ("status --address 127.0.0.1:1", 3, "Is the venue running?"),
    ],
)
def test_a_mistake_is_a_sentence_and_an_exit_status(
    run: Run, words: str, status: int, says: str
) -> None:
    outcome = run(*words.split())
    assert outcome.status == status
    assert says in outcome.err
    assert "Traceback" not in outcome.err


def test_a_rejected_order_is_still_one_json_document(run: Run) -> None:
    outcome = run("order", "buy", "AAPL", "1", "100.255", "-a", "alice", "--json")
    assert outcome.status == 1
    assert outcome.document["reject"]["reason"] == "PRICE_OFF_TICK"


def test_instruments_and_accounts_are_created_listed_and_halted(run: Run) -> None:
    created = run("instrument", "create", "NEW/ONE", "--tick", "0.5", "--open", "--json").document
    assert (created["tick_size"], created["phase"]) == ("0.5", "CONTINUOUS")
    assert "HALTED" in run("instrument", "phase", "NEW/ONE", "halted", "--reason", "news").out
    assert run("instrument", "list", "NEW", "--json").document[0]["phase"] == "HALTED"
    assert "AAPL" in run("instrument", "list").out
    assert run("account", "create", "carol", "--json").document["name"] == "carol"
    assert "carol" in run("account", "list").out


def test_derivatives_are_listed_and_bounds_changed_by_command(run: Run) -> None:
    option = run("instrument", "create", "OPT-1", "--kind", "option", "--underlying", "AAPL",
                 "--right", "put", "--strike", "150.5", "--style", "european",
                 "--multiplier", "100", "--expires", "+30d", "--json").document  # fmt: skip
    assert (option["kind"], option["multiplier"]) == ("OPTION", "100")
    assert option["option"]["strike_price"] == "150.5"
    assert option["option"]["right"] == "PUT"
    words = ["--kind", "future", "--product", "ES", "--expires", "2030-01-31T16:00:00Z"]
    future = run("instrument", "create", "FUT-1", *words, "--tick", "0.25", "--json").document
    assert future["future"]["product"] == "ES"
    assert future["expiry_time_ns"] == str(1_896_105_600 * 10**9)
    changed = run("instrument", "update", "OPT-1", "--price-band", "1.25", "--auction-duration",
                  "1m", "--max-price", "900", "--json").document  # fmt: skip
    assert (changed["price_band"], changed["max_price"]) == ("1.25", "900")
    assert changed["auction_duration_ns"] == str(60 * 10**9)
    shown = run("instrument", "status", "OPT-1").out
    assert "1.25" in shown
    assert "60 s" in shown


def test_an_auction_is_run_by_command(run: Run) -> None:
    run("instrument", "create", "AUCTION")
    assert run("instrument", "phase", "AUCTION", "opening-auction").status == 0
    run("order", "buy", "AUCTION", "3", "12", "-a", "alice", "--tif", "at-open")
    run("order", "sell", "AUCTION", "2", "--type", "market", "--tif", "day", "-a", "bob")
    found = run("instrument", "auction", "AUCTION", "--json").document
    assert (found["indicative_price"], found["indicative_quantity"]) == ("12", "2")
    assert (found["imbalance_quantity"], found["imbalance_side"]) == ("1", "BUY")
    assert run("instrument", "phase", "AUCTION", "continuous").status == 0
    numbers = run("instrument", "statistics", "AUCTION", "--json").document
    assert (numbers["open_price"], numbers["volume"]) == ("12", "2")
    assert run("instrument", "auction", "AUCTION").status == 7
    status = run("watch", "status", "AUCTION", "--count", "1", "--json").document
    assert status["phase"] == "CONTINUOUS"


def test_a_book_by_order_is_shown_once_and_followed(run: Run) -> None:
    run("instrument", "create", "QUEUE", "--open")
    ids = [
        run("order", "buy", "QUEUE", "3", "12", "-a", name, "--json").document["order_id"]
        for name in ("alice", "bob")
    ]
    book = run("book", "QUEUE", "--orders", "--once", "--json").document
    assert [order["order_id"] for order in book["bids"]] == ids
    assert book["asks"] == []
    table = run("book", "QUEUE", "--orders", "--once").out
    assert table.index(ids[0]) < table.index(ids[1])


def test_a_trade_is_corrected_and_busted_by_command(run: Run) -> None:
    run("instrument", "create", "MENDED", "--open")
    run("order", "sell", "MENDED", "3", "12", "-a", "bob")
    taken = run("order", "buy", "MENDED", "3", "12", "-a", "alice", "--json").document
    tape = run("watch", "trades", "MENDED", "--from-sequence", "1", "--count", "1", "--json")
    trade_id = tape.document["trade_id"]
    corrected = run("trade", "correct", trade_id, "--price", "11", "--reason", "agreed", "--json")
    assert (corrected.document["action"], corrected.document["price"]) == ("CORRECTED", "11")
    (busted,) = run("trade", "bust", trade_id, "--reason", "wrong", "--json").document
    assert busted["action"] == "BUSTED"
    order = run("order", "show", taken["order_id"], "--json").document
    assert (order["status"], order["cancel_reason"]) == ("CANCELLED", "TRADE_BUSTED")
    again = run("trade", "bust", trade_id, "--reason", "wrong")
    assert (again.status, "unknown trade" in again.err) == (7, True)


def test_a_spread_is_entered_changed_listed_and_cancelled_by_command(run: Run) -> None:
    run("order", "sell", "AAPL-210C", "4", "2.10", "-a", "bob")
    legs = ("--leg", "buy:AAPL-210C:1", "--leg", "sell:AAPL-220C:1@1")
    entered = run("order", "spread", *legs, "--units", "3", "--min-units", "1", "--net", "0.90",
                  "--max-spread", "1/2:1.10", "-a", "alice", "--json").document  # fmt: skip
    assert (entered["status"], entered["leaves_units"]) == ("WORKING", "3")
    spread_id = entered["multi_leg_order_id"]
    listed = run("order", "spreads", "-a", "alice", "--working", "--json").document
    assert spread_id in [order["multi_leg_order_id"] for order in listed]
    run("order", "buy", "AAPL-220C", "1", "1", "-a", "bob")
    changed = run("order", "spread-replace", spread_id, "-a", "alice", "--net", "1.10")
    assert "PARTIALLY_FILLED, units traded 1 at 1.10 net, working 2" in changed.out
    shown = run("order", "spread-show", spread_id, "--json").document
    assert [leg["cumulative_quantity"] for leg in shown["legs"]] == ["1", "1"]
    assert shown["price_constraints"][0]["max_spread"]["max_spread"] == "1.1"
    assert "AAPL-220C" in run("order", "spread-show", spread_id).out
    refused = run("order", "spread", *legs, "--tif", "ioc", "-a", "alice")
    assert (refused.status, "package not executable" in refused.err) == (1, True)
    ended = run("order", "spread-cancel", spread_id, "-a", "alice", "--json").document
    assert (ended["status"], ended["filled_units"]) == ("CANCELLED", "1")
    assert run("order", "spread-cancel", spread_id, "-a", "alice").status == 1
    last = run("watch", "executions", "-a", "alice", "--from-sequence", ended["sequence"],
               "--count", "1").out  # fmt: skip
    assert f"spread {spread_id}" in last
    assert run("order", "cancel", "--all", "-a", "bob", "--instrument", "AAPL-210C").status == 0


def test_what_a_session_entered_is_cancelled_by_command(run: Run, demo_venue: LocalVenue) -> None:
    address, token = demo_venue.address, demo_venue.settings.token
    with Client(address, token=token) as client, client.trade() as session:
        order = CreateOrder(account="alice", instrument="AAPL", side=Side.BUY, quantity=1, price=1)
        assert session.submit(order).acknowledgements(10)[0].reject is None
        number = str(session.session_id)
        listed = run("session", "list", "--json").document
        assert number in [one["session_id"] for one in listed]
        assert number in run("session", "list").out
    ended = run("order", "cancel", "--all", "-a", "alice", "--session", number)
    assert (ended.status, ended.out.startswith("1 orders cancelled")) == (0, True)


def test_kill_switches_and_quotes_by_command(run: Run) -> None:
    run("account", "create", "dan", "--group", "9", "--stp", "cancel-both")
    run("order", "buy", "AAPL", "1", "1", "-a", "dan")
    killed = run("kill-switch", "on", "-a", "dan", "--reason", "test", "--json").document
    assert killed["affected_orders"] == 1
    refused = run("order", "buy", "AAPL", "1", "1", "-a", "dan")
    assert (refused.status, "kill switch" in refused.err) == (1, True)
    assert run("kill-switch", "off", "-a", "dan").status == 0
    both = run("kill-switch", "on", "-a", "dan", "--venue")
    assert (both.status, "for a group or for the venue: 2 are named" in both.err) == (2, True)
    assert run("quote", "publish", "AAPL", "--bid", "99", "--ask", "101").status == 0
    assert run("quote", "publish", "AAPL", "--bid", "102", "--ask", "101").status == 1
    quote = run("quote", "show", "AAPL", "--json").document["quote"]
    assert (quote["source"], quote["bid_price"]) == ("cli", "99")
    assert run("quote", "show", "AMZN").status == 6


def test_status_tells_how_the_venue_stands(run: Run) -> None:
    status = run("status", "--state-hash", "--json").document
    assert status["state"] == "SERVING"
    assert len(status["state_hash"]) == 64
    assert "SERVING" in run("status").out


def test_generated_flow_is_replayed_and_the_book_is_as_it_must_be(run: Run) -> None:
    words = ("replay", "synthetic", "--length", "2000", "--every", "500", "--seed", "3", "--json")
    found = run(*words)
    assert found.status == 0, found.err
    assert found.document["commands"] == 2000
    assert found.document["book_agreed"] == found.document["book_compared"] == 8
    assert found.document["surprising_answers"] == 0


def test_a_log_is_verified_and_damage_in_its_middle_is_found(
    run: Run, demo_venue: LocalVenue, tmp_path: Path
) -> None:
    run("order", "buy", "AMZN", "1", "10", "-a", "alice")
    healthy = run("log", "verify", "--data", str(demo_venue.settings.data), "--json")
    assert (healthy.status, healthy.document["intact"]) == (0, True)
    assert healthy.document["last_sequence"] > 0
    copy = tmp_path / "data" / "journal"
    copy.mkdir(parents=True)
    for segment in (demo_venue.settings.data / "journal").iterdir():
        if segment.is_file():
            (copy / segment.name).write_bytes(segment.read_bytes())
    first = min(path for path in copy.iterdir() if path.stat().st_size > 4096)
    damaged = bytearray(first.read_bytes())
    damaged[2000] ^= 0x10
    first.write_bytes(damaged)
    corrupt = run("log", "verify", "--data", str(tmp_path / "data"))
    assert corrupt.status == 5
    assert "corrupt at byte" in corrupt.err
    assert run("log", "verify", "--data", str(tmp_path / "data"), "--json").status == 5


def test_a_log_shows_a_command_with_what_it_caused(run: Run, demo_venue: LocalVenue) -> None:
    bought = run("order", "buy", "AMZN", "2", "11.5", "-a", "alice", "--json").document
    data, sequence = str(demo_venue.settings.data), bought["sequence"]
    words = ("log", "show", "--data", data, "--from-sequence", sequence, "--to-sequence", sequence)
    command, event = (json.loads(line) for line in run(*words, "--json").out.splitlines())
    assert (command["record"], command["account_id"]) == ("CREATE_ORDER", 1)
    assert (event["record"], event["type"], event["status"]) == ("ORDER_ACCEPTED", "NEW", "NEW")
    assert (event["price"], event["quantity"]) == ("11.5", "2")
    assert event["order_id"] == bought["order_id"]
    assert event["sequence"] == sequence
    assert "ORDER_ACCEPTED" in run(*words).out
    halted = run("instrument", "phase", "AAPL", "halted", "--json").document["sequence"]
    run("instrument", "phase", "AAPL", "continuous")
    phase = run("log", "show", "--data", data, "--from-sequence", halted, "--to-sequence", halted)
    assert "PHASE_CHANGED" in phase.out
    assert "HALTED" in phase.out


def test_the_demonstration_ends_with_an_identical_venue(run: Run, tmp_path: Path) -> None:
    outcome = run("demo", "--data-files", str(tmp_path), "--length", "3000", "--json")
    assert outcome.status == 0, outcome.err
    assert outcome.document["identical"] is True
    assert outcome.document["both_passes_give_one_book"] is True
    assert outcome.document["express_commands"] == 3000


def test_up_prints_lines_that_work_when_pasted_and_ends_cleanly(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "quantumcore.client.cli.main"]
    address = free_address()
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "QC_LISTEN": address,
    }
    with subprocess.Popen(
        [*words, "up", "--demo", "--data", str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as running:
        assert running.stdout is not None
        try:
            pasted = list(_pasted(running.stdout))
            exports = dict(word.split("=", 1) for word in pasted[0][1:])
            for line in pasted[1:4]:
                subprocess.run(
                    [*words, *line[1:]],
                    env=environment | exports,
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
        finally:
            running.send_signal(signal.SIGINT)
        assert running.wait() == 0
    assert exports["QC_ADDRESS"] == address
    token = tmp_path / "data" / "token"
    assert token.read_text().strip() == exports["QC_TOKEN"]
    assert token.stat().st_mode & 0o077 == 0


def _pasted(lines: Iterator[str] | Any) -> Iterator[list[str]]:
    """Take the indented lines, the last of which follows the tape."""
    for line in lines:
        if line.startswith("  "):
            words = shlex.split(line)
            yield words
            if words[1] == "watch":
                return
