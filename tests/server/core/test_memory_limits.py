"""What is remembered is bounded: requests, ended orders, client order ids, working orders."""

import pytest

from quantumcore.server.core import commands
from tests.server.core.venue import BUY, LISTING, SELL, Venue


def test_repeated_request_is_answered_and_not_done_again() -> None:
    venue = Venue()
    venue.order("a", BUY, 5, 100, request_id=77)
    first, sequence = venue.result, venue.exchange.sequence
    assert venue.order("a", BUY, 5, 100, request_id=77) == [f"repeated {first.order_id} 77"]
    assert venue.result == first._replace(repeated=True)
    assert venue.exchange.sequence == sequence + 1
    assert venue.book() == ([(100, 5, 1)], [])


def test_repeated_request_has_its_first_answer_whatever_it_asks_now() -> None:
    venue = Venue()
    venue.order("a", BUY, 5, 100, request_id=77)
    venue.order("b", SELL, 5, 100)
    assert venue.cancel("a", request_id=77)[0].startswith("repeated")
    assert (venue.result.status, venue.result.leaves_quantity) == (1, 5)
    assert venue.order("c", BUY, 7, 100, request_id=78)[0].startswith("rejected c")
    assert venue.order("c", BUY, 5, 100, request_id=78)[0].startswith("repeated 0 78")
    assert venue.result.reject_reason == 51


def test_request_ids_are_the_accounts_own() -> None:
    venue = Venue()
    venue.order("a", BUY, 5, 100, request_id=1)
    assert venue.order("a", BUY, 5, 100, request_id=1, account_id=2) == ["accepted a new 0+5/5@100"]


@pytest.mark.parametrize("request_id", [1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_any_request_id_but_zero_is_remembered(request_id: int) -> None:
    venue = Venue()
    venue.order("a", BUY, 5, 100, request_id=request_id)
    assert venue.order("b", BUY, 5, 100, request_id=request_id)[0].startswith("repeated")


@pytest.mark.parametrize("capacity", [1, 2, 3, 8])
def test_oldest_request_is_forgotten_first(capacity: int) -> None:
    venue = Venue(request_capacity=capacity)
    for number in range(1, 40):
        venue.order(f"n{number}", BUY, 5, 100, request_id=number)
        oldest = max(1, number - capacity + 1)
        for known in range(oldest, number + 1):
            assert venue.cancel("none", request_id=known)[0].startswith("repeated")
    forgotten = 39 - capacity
    assert venue.order("late", BUY, 5, 100, request_id=forgotten) == ["accepted late new 0+5/5@100"]


def test_order_that_ended_first_makes_room_and_its_id_is_free_again() -> None:
    venue = Venue(order_capacity=3)
    for name in "abc":
        venue.order(name, BUY, 5, 100)
    ids = [venue.exchange.find_order(1, name) for name in "abc"]
    venue.cancel("b")
    venue.cancel("a")
    assert venue.order("d", BUY, 5, 100) == ["accepted d new 0+5/5@100"]
    assert venue.exchange.find_order(1, "b") == 0
    assert venue.exchange.order(ids[1]) is None
    assert venue.cancel("", order_id=ids[1])[0].startswith("cancel refused  - reason 25")
    assert venue.cancel("a")[0].startswith("cancel refused a cancelled reason 26")
    assert venue.order("b", BUY, 5, 110) == ["accepted b new 0+5/5@110"]
    assert venue.exchange.order(ids[0]) is None
    assert [order.client_order_id for order in venue.exchange.orders_of(1)] == ["c", "d", "b"]


def test_orders_are_refused_when_all_that_fit_are_working() -> None:
    venue = Venue(order_capacity=2)
    venue.order("a", BUY, 5, 100)
    venue.order("b", BUY, 5, 100)
    assert venue.order("c", BUY, 5, 100) == ["rejected c rejected reason 14 field 0 2 for 2"]
    venue.cancel("a")
    assert venue.order("c", BUY, 5, 100) == ["accepted c new 0+5/5@100"]


def test_orders_are_refused_when_the_books_are_full() -> None:
    venue = Venue(live_order_capacity=2)
    venue.order("a", BUY, 5, 100)
    venue.order("b", BUY, 5, 100)
    assert venue.order("c", BUY, 5, 100) == ["rejected c rejected reason 14 field 0 2 for 2"]
    venue.cancel("b")
    assert venue.order("d", BUY, 5, 110) == ["accepted d new 0+5/5@110"]


def test_full_books_can_still_be_emptied() -> None:
    venue = Venue(live_order_capacity=2)
    venue.order("a", BUY, 50, 100)
    venue.order("b", BUY, 50, 100)
    assert venue.brief(commands.cancel_orders, account_id=1)[-1] == "orders cancelled 1 2"
    assert venue.order("c", BUY, 5, 100) == ["accepted c new 0+5/5@100"]


def test_renaming_for_ever_is_bounded() -> None:
    venue = Venue(order_capacity=2)
    venue.order("n0", BUY, 50, 100)
    events = [venue.replace(f"n{at}", new_client_order_id=f"n{at + 1}")[0] for at in range(6)]
    assert [event.split()[0] for event in events[:3]] == ["replaced"] * 3
    assert "reason 14" in events[3]
    assert venue.cancel("n0")[0].startswith("ended n3 cancelled")


def test_instruments_and_accounts_are_refused_when_there_is_no_room() -> None:
    venue = Venue(instrument_capacity=2, account_capacity=3)
    assert venue.do(commands.create_instrument, **LISTING) == []
    assert venue.result.reject_reason == 14
    assert venue.do(commands.create_account) == []
    assert venue.result.reject_reason == 14
    assert (venue.exchange.instrument_count, venue.exchange.account_count) == (2, 3)


def test_definitions_are_kept_byte_for_byte() -> None:
    venue = Venue()
    venue.do(commands.create_instrument, **LISTING, definition=b"\x00\xffthing")
    venue.do(commands.create_account, definition=b"someone")
    assert venue.exchange.definition(3) == b"\x00\xffthing"
    assert venue.exchange.account_definition(4) == b"someone"


def test_time_never_runs_backwards() -> None:
    venue = Venue()
    reached = venue.exchange.time_ns
    venue.now = 5
    venue.order("a", BUY, 5, 100)
    assert venue.exchange.time_ns == reached
    assert venue.result.time_ns == reached
