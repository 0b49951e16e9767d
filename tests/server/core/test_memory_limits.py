"""What is remembered is bounded: requests, ended orders, client order ids, working orders."""

import pytest

from quantumcore.server.core import admin_commands, order_commands
from quantumcore.server.core.exchange_cy import Exchange
from tests.server.core.venue import BUY, LISTING, SELL, Venue


def test_repeated_request_is_answered_and_not_done_again() -> None:
    venue = Venue()
    venue.order("a", BUY, 5, 100, request_id=77)
    first, sequence = venue.result, venue.exchange.sequence
    assert venue.order("a", BUY, 5, 100, request_id=77) == [f"repeated {first.order_id} 77"]
    assert venue.result == first._replace(repeated=True)
    assert venue.exchange.sequence == sequence + 1
    assert venue.book() == ([(100, 5, 1)], [])


def test_repeated_request_has_its_first_answer_whatever_has_happened_since() -> None:
    venue = Venue()
    venue.order("a", BUY, 5, 100, request_id=77)
    venue.order("b", SELL, 5, 100)
    assert venue.order("a", BUY, 5, 100, request_id=77)[0].startswith("repeated")
    assert (venue.result.status, venue.result.leaves_quantity) == (1, 5)
    assert venue.order("c", BUY, 7, 100, request_id=78)[0].startswith("rejected c")
    assert venue.order("c", BUY, 7, 100, request_id=78)[0].startswith("repeated 0 78")
    assert venue.result.reject_reason == 51


def test_request_id_of_another_command_is_refused_and_does_nothing() -> None:
    venue = Venue()
    venue.order("a", BUY, 5, 100, request_id=77)
    assert venue.cancel("a", request_id=77)[0].startswith("cancel refused a")
    assert venue.result.reject_reason == 15
    assert venue.order("a", BUY, 10, 100, request_id=77)[0].startswith("rejected a")
    assert venue.result.reject_reason == 15
    assert venue.book() == ([(100, 5, 1)], [])


def test_administrators_and_accounts_have_request_ids_of_their_own() -> None:
    venue = Venue()
    accounts = venue.exchange.account_count
    venue.order("a", BUY, 5, 100, request_id=9, account_id=0)
    venue.order("a", BUY, 5, 100, request_id=9, account_id=(1 << 31) + 1)
    assert venue.order("a", BUY, 5, 100, request_id=9) == ["accepted a new 0+5/5@100"]
    venue.do(admin_commands.create_account, definition=b"new", request_id=9)
    assert venue.exchange.account_count == accounts + 1
    venue.do(admin_commands.create_account, definition=b"new", request_id=9)
    assert (venue.exchange.account_count, venue.result.repeated) == (accounts + 1, True)
    venue.do(admin_commands.create_account, definition=b"other", request_id=9)
    assert (venue.exchange.account_count, venue.result.reject_reason) == (accounts + 1, 15)


def test_request_ids_are_the_accounts_own() -> None:
    venue = Venue()
    venue.order("a", BUY, 5, 100, request_id=1)
    assert venue.order("a", BUY, 5, 100, request_id=1, account_id=2) == ["accepted a new 0+5/5@100"]


@pytest.mark.parametrize("request_id", [1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_any_request_id_but_zero_is_remembered(request_id: int) -> None:
    venue = Venue()
    venue.order("a", BUY, 5, 100, request_id=request_id)
    assert venue.order("a", BUY, 5, 100, request_id=request_id)[0].startswith("repeated")


@pytest.mark.parametrize("capacity", [1, 2, 3, 8])
def test_oldest_request_is_forgotten_first(capacity: int) -> None:
    venue = Venue(request_capacity=capacity)
    for number in range(1, 40):
        venue.order(f"n{number}", BUY, 5, 100, request_id=number)
        oldest = max(1, number - capacity + 1)
        for known in range(oldest, number + 1):
            again = venue.order(f"n{known}", BUY, 5, 100, request_id=known)
            assert again[0].startswith("repeated")
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
    assert venue.brief(order_commands.cancel_orders, account_id=1)[-1] == "orders cancelled 1 2"
    assert venue.order("c", BUY, 5, 100) == ["accepted c new 0+5/5@100"]


def test_renaming_for_ever_is_bounded_and_the_newest_ids_are_known() -> None:
    venue = Venue(order_capacity=2)
    venue.order("n0", BUY, 50, 100)
    for at in range(20):
        assert venue.replace(f"n{at}", new_client_order_id=f"n{at + 1}")[0].startswith("replaced")
    known = [at for at in range(21) if venue.exchange.find_order(1, f"n{at}")]
    assert known == [17, 18, 19, 20]
    assert venue.cancel("n17")[0].startswith("ended n20 cancelled")


@pytest.mark.parametrize("capacity", [2, 3, 8])
def test_renaming_never_leaves_a_venue_without_room(capacity: int) -> None:
    venue = Venue(order_capacity=capacity)
    for number in range(10 * capacity):
        assert venue.order(f"o{number}", BUY, 5, 100)[0].startswith("accepted")
        for rename in range(5):
            old = f"o{number}" if rename == 0 else f"o{number}.{rename - 1}"
            new = f"o{number}.{rename}"
            assert venue.replace(old, new_client_order_id=new)[0].startswith("replaced")
        assert venue.cancel(f"o{number}.4")[0].startswith("ended")


def test_level_holds_no_more_than_its_quantity_can_say() -> None:
    venue = Venue()
    instrument = {**LISTING, "max_quantity": 1 << 62, "lot_size": 1, "tick_size": 10**9}
    instrument |= {"min_price": 0, "max_price": 10**12}
    venue.do(admin_commands.create_instrument, **instrument)
    number = venue.exchange.instrument_count
    terms = {"account_id": 1, "instrument_id": number, "side": BUY, "price": 100 * 10**9}
    reasons = []
    for name, quantity in (("a", 1 << 61), ("b", 1 << 61), ("c", 1)):
        venue.do(order_commands.create_order, client_order_id=name, quantity=quantity, **terms)
        reasons.append(venue.result.reject_reason)
    assert reasons == [0, 0, 14]
    assert venue.exchange.depth(number)[0][0].quantity == 1 << 62


def test_configuration_is_the_first_event_and_is_held_to_at_replay() -> None:
    built = Exchange(order_capacity=16, hash_key=5)
    built.begin_turn(1)
    admin_commands.configure(built)
    turn = memoryview(bytes(built.turn.view()))
    assert admin_commands.configuration_of(turn) == {
        "order_capacity": 16,
        "live_order_capacity": 1 << 19,
        "level_capacity": 1 << 18,
        "request_capacity": 1 << 20,
        "account_capacity": 1 << 16,
        "instrument_capacity": 1 << 14,
        "hash_key": 5,
        "trade_capacity": 1 << 20,
        "position_capacity": 1 << 20,
    }
    again = Exchange(order_capacity=16, hash_key=5)
    again.replay(turn, 1)
    assert (again.sequence, again.state_hash()) == (1, built.state_hash())
    with pytest.raises(AssertionError, match="built otherwise"):
        Exchange(order_capacity=32, hash_key=5).replay(turn, 1)


def test_instruments_and_accounts_are_refused_when_there_is_no_room() -> None:
    venue = Venue(instrument_capacity=2, account_capacity=3)
    assert venue.do(admin_commands.create_instrument, **LISTING) == []
    assert venue.result.reject_reason == 14
    assert venue.do(admin_commands.create_account) == []
    assert venue.result.reject_reason == 14
    assert (venue.exchange.instrument_count, venue.exchange.account_count) == (2, 3)


def test_definitions_are_kept_byte_for_byte() -> None:
    venue = Venue()
    venue.do(admin_commands.create_instrument, **LISTING, definition=b"\x00\xffthing")
    venue.do(admin_commands.create_account, definition=b"someone")
    assert venue.exchange.definition(3) == b"\x00\xffthing"
    assert venue.exchange.account_definition(4) == b"someone"


def test_time_never_runs_backwards() -> None:
    venue = Venue()
    reached = venue.exchange.time_ns
    venue.now = 5
    venue.order("a", BUY, 5, 100)
    assert venue.exchange.time_ns == reached
    assert venue.result.time_ns == reached
