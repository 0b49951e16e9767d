"""Kill switches of an account and of the venue."""

import pytest

from quantumcore.server.core import enums, order_commands
from tests.server.core.venue import BUY, SELL, Venue

STOP = {"order_type": enums.ORDER_TYPE_STOP, "stop_price": 150}
PEG = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_PRIMARY}


@pytest.fixture
def venue() -> Venue:
    """Orders of accounts 1 and 2 in every place where an order may wait."""
    venue = Venue()
    venue.order("a", BUY, 5, 100)
    venue.order("b", SELL, 5, 200, instrument_id=2)
    venue.order("stop", BUY, 5, **STOP)
    venue.order("peg", SELL, 5, **PEG)
    venue.order("close", BUY, 5, 90, time_in_force=enums.TIME_IN_FORCE_AT_CLOSE)
    venue.order("other", BUY, 5, 90, account_id=2)
    return venue


OWN = [
    "ended a cancelled 0+0/5@100 reason 8",
    "ended b cancelled 0+0/5@200 reason 8",
    "ended stop cancelled 0+0/5@0 reason 8",
    "ended peg cancelled 0+0/5@0 reason 8",
    "ended close cancelled 0+0/5@90 reason 8",
]


def test_kill_switch_cancels_what_works_in_order_of_entry(venue: Venue) -> None:
    assert venue.kill(1) == [*OWN, "kill switch 1 1"]
    assert venue.result.affected == 5
    assert venue.queue() == (["other 5@90"], [])
    assert (venue.exchange.is_killed(1), venue.exchange.is_killed(2)) == (True, False)


def test_kill_switch_of_the_venue_cancels_everything(venue: Venue) -> None:
    assert venue.kill() == [*OWN, "ended other cancelled 0+0/5@90 reason 8", "kill switch 0 1"]
    assert venue.exchange.working_orders == 0
    assert all(venue.exchange.is_killed(account) for account in (1, 2, 3))


def test_killed_account_enters_and_changes_nothing_until_it_is_turned_off(venue: Venue) -> None:
    venue.kill(1)
    assert venue.order("c", BUY, 5, 100) == ["rejected c rejected reason 70 field 2 1 for 0"]
    assert venue.order("c", BUY, 5, 100, account_id=2) == ["accepted c new 0+5/5@100"]
    assert venue.kill(1, enabled=False) == ["kill switch 1 0"]
    assert venue.order("c", BUY, 5, 100) == ["accepted c new 0+5/5@100"]


def test_account_stays_killed_when_the_venue_is_turned_on_again() -> None:
    venue = Venue()
    venue.kill(1)
    venue.kill()
    assert venue.order("a", BUY, 5, 100) == ["rejected a rejected reason 70 field 2 0 for 0"]
    venue.kill(enabled=False)
    assert venue.order("a", BUY, 5, 100) == ["rejected a rejected reason 70 field 2 1 for 0"]
    assert venue.order("a", BUY, 5, 100, account_id=2) == ["accepted a new 0+5/5@100"]


def test_cancels_of_a_killed_account_are_answered_as_ever(venue: Venue) -> None:
    venue.kill(1)
    order_id = venue.find("a").order_id
    assert venue.cancel("a") == [f"cancel refused a cancelled reason 26 field 3 {order_id} for 0"]
    assert venue.cancel_all() == ["orders cancelled 1 0"]


def test_account_that_does_not_exist_has_no_kill_switch(venue: Venue) -> None:
    assert venue.kill(4) == []
    assert (venue.result.reject_reason, venue.result.value) == (20, 4)


@pytest.mark.parametrize("account_id", [0, 1])
def test_repeated_request_cancels_nothing_again(venue: Venue, account_id: int) -> None:
    venue.kill(account_id, request_id=9)
    first = venue.result
    venue.kill(account_id, enabled=False)
    venue.order("new", BUY, 5, 100)
    assert venue.kill(account_id, request_id=9) == ["repeated 0 9"]
    assert venue.result == first._replace(repeated=True)
    assert venue.find("new").status == enums.ORDER_STATUS_NEW


def test_request_id_of_an_operator_is_refused_for_another_account(venue: Venue) -> None:
    venue.kill(1, request_id=9)
    assert venue.kill(2, request_id=9) == []
    assert venue.result.reject_reason == enums.REJECT_REASON_REQUEST_ID_REUSED
    assert venue.kill(1, enabled=False, request_id=9) == []
    assert (venue.exchange.is_killed(1), venue.exchange.is_killed(2)) == (True, False)


def test_kill_switch_sets_off_what_waits_for_the_best_price() -> None:
    venue = Venue()
    venue.order("a", BUY, 5, 100)
    venue.order("b", BUY, 5, 80, account_id=2)
    venue.order("peg", BUY, 5, account_id=3, **PEG)
    assert venue.kill(1) == [
        "ended a cancelled 0+0/5@100 reason 8",
        "kill switch 1 1",
        "restated peg new 0+5/5@80 peg moved shows 5",
    ]


def test_request_ids_of_accounts_and_operators_are_apart(venue: Venue) -> None:
    venue.kill(2, request_id=9)
    assert venue.order("x", BUY, 5, 100, request_id=9) == ["accepted x new 0+5/5@100"]
    assert venue.brief(order_commands.cancel_orders, account_id=1, request_id=10)[-1] == (
        "orders cancelled 1 6"
    )
