"""Every command with a request id is carried out once, and its id serves for nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums, order_commands
from tests.server.core.venue import BUY, LISTING, SELL, Venue

Command = tuple[Callable[..., int], dict[str, Any], dict[str, Any]]
ENTRY = {"account_id": 1, "instrument_id": 1, "side": BUY, "price": 90}

# A command, its arguments, and the change of them that makes it another one.
COMMANDS: dict[str, Command] = {
    "create": (
        order_commands.create_order,
        ENTRY | {"client_order_id": "new", "quantity": 5},
        {"quantity": 10},
    ),
    "refused create": (
        order_commands.create_order,
        ENTRY | {"client_order_id": "new", "quantity": 7},
        {"quantity": 5},
    ),
    "replace": (
        order_commands.replace_order,
        {"account_id": 1, "client_order_id": "rests", "quantity": 40},
        {"quantity": 45},
    ),
    "cancel": (
        order_commands.cancel_order,
        {"account_id": 1, "client_order_id": "rests"},
        {"client_order_id": "other"},
    ),
    "refused cancel": (
        order_commands.cancel_order,
        {"account_id": 1, "client_order_id": "nobody"},
        {"client_order_id": "rests"},
    ),
    "cancel many": (order_commands.cancel_orders, {"account_id": 1}, {"side": SELL}),
    "phase": (
        admin_commands.set_trading_phase,
        {"instrument_id": 1, "phase": enums.TRADING_PHASE_HALTED},
        {"instrument_id": 2},
    ),
    "refused phase": (
        admin_commands.set_trading_phase,
        {"instrument_id": 1, "phase": enums.TRADING_PHASE_PRE_OPEN},
        {"phase": enums.TRADING_PHASE_CLOSED},
    ),
    "kill switch": (
        admin_commands.set_kill_switch,
        {"account_id": 1, "enabled": True},
        {"enabled": False},
    ),
    "kill switch of the venue": (
        admin_commands.set_kill_switch,
        {"enabled": True},
        {"account_id": 2},
    ),
    "bust": (admin_commands.bust_trade, {"trade_id": 1}, {"trade_id": 2}),
    "correct": (admin_commands.correct_trade, {"trade_id": 1, "price": 110}, {"price": 120}),
    "open account": (admin_commands.create_account, {"definition": b"a"}, {"definition": b"b"}),
    "update account": (admin_commands.create_account, {"account_id": 2}, {"account_id": 3}),
    "list instrument": (admin_commands.create_instrument, LISTING, {"max_quantity": 5_000}),
    "update instrument": (
        admin_commands.create_instrument,
        LISTING | {"instrument_id": 1},
        {"instrument_id": 2},
    ),
}


@pytest.fixture
def venue() -> Venue:
    """Trades 1 and 2 are done, and `rests` and `other` of account 1 work."""
    venue = Venue()
    venue.trade(100)
    venue.trade(100)
    venue.order("rests", BUY, 50, 100)
    venue.order("other", SELL, 50, 200)
    return venue


def state(venue: Venue) -> tuple[Any, ...]:
    """Return what a repeated command must not change."""
    exchange = venue.exchange
    orders = [exchange.orders_of(account) for account in (1, 2, 3)]
    counts = (exchange.instrument_count, exchange.account_count, exchange.phase(1))
    killed = [exchange.is_killed(account) for account in (1, 2, 3)]
    return orders, venue.book(), venue.book(2), counts, killed, exchange.statistics(1)


@pytest.mark.parametrize("name", COMMANDS)
def test_repeated_command_is_answered_and_not_carried_out(venue: Venue, name: str) -> None:
    command, arguments, _ = COMMANDS[name]
    venue.brief(command, **arguments, request_id=77)
    first, after = venue.result, state(venue)
    assert venue.brief(command, **arguments, request_id=77) == [f"repeated {first.order_id} 77"]
    assert venue.result == first._replace(repeated=True)
    assert state(venue) == after


@pytest.mark.parametrize("name", COMMANDS)
def test_same_id_with_other_content_is_refused_and_not_carried_out(venue: Venue, name: str) -> None:
    command, arguments, change = COMMANDS[name]
    venue.brief(command, **arguments, request_id=77)
    after = state(venue)
    venue.brief(command, **arguments | change, request_id=77)
    assert venue.result.reject_reason == enums.REJECT_REASON_REQUEST_ID_REUSED
    assert state(venue) == after
    venue.brief(command, **arguments, request_id=77)
    assert venue.result.repeated


@pytest.mark.parametrize("name", COMMANDS)
def test_command_without_an_id_is_carried_out_each_time(venue: Venue, name: str) -> None:
    command, arguments, _ = COMMANDS[name]
    for _ in range(2):
        venue.brief(command, **arguments)
        assert not venue.result.repeated


PLACES: dict[str, dict[str, Any]] = {
    "book": {"price": 90},
    "stops": {"order_type": enums.ORDER_TYPE_STOP, "stop_price": 500},
    "pegs": {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_MARKET},
    "closing": {"price": 90, "time_in_force": enums.TIME_IN_FORCE_AT_CLOSE},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("by_venue_id", [True, False])
def test_order_is_named_by_either_id_wherever_it_waits(place: str, by_venue_id: bool) -> None:
    venue = Venue()
    venue.order("o", BUY, 50, **PLACES[place])
    order_id = venue.find("o").order_id
    name = {"order_id": order_id} if by_venue_id else {"client_order_id": "o"}
    renamed = {"quantity": 40, "new_client_order_id": "o2"}
    (replaced,) = venue.brief(order_commands.replace_order, account_id=1, **name, **renamed)
    assert replaced.startswith("replaced o2 ")
    assert "0+40/40" in replaced
    (ended,) = venue.brief(order_commands.cancel_order, account_id=1, **name)
    assert ended.startswith("ended o2 cancelled 0+0/40")
    (late,) = venue.brief(order_commands.cancel_order, account_id=1, **name)
    assert late == f"cancel refused o2 cancelled reason 26 field 3 {order_id} for 0"


def test_venue_id_goes_before_a_client_order_id_that_is_named_too(venue: Venue) -> None:
    order_id = venue.find("other").order_id
    assert venue.cancel("rests", order_id=order_id) == ["ended other cancelled 0+0/50@200 reason 1"]
