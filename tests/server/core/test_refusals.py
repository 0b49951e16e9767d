"""Every reason for which an order is refused, and which one wins where several apply."""

from collections.abc import Callable
from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums, kinds, order_commands
from quantumcore.server.core.exchange_cy import Exchange
from tests.server.core.venue import BUY, LISTING, SELL, Venue

Words = dict[int, int]

GOOD: dict[str, Any] = {
    "account_id": 1,
    "instrument_id": 1,
    "client_order_id": "new",
    "side": BUY,
    "quantity": 50,
    "price": 100,
}


def raw(words: Words) -> Callable[..., int]:
    """Return create_order with words of its record overwritten before it is applied."""

    def create(exchange: Exchange, **arguments: Any) -> int:
        scratch = Exchange(order_capacity=1, live_order_capacity=1, request_capacity=1)
        order_commands.create_order(scratch, **arguments)
        length = scratch.turn.words[0] >> 16 & 0xFFFF
        record = list(memoryview(scratch.turn.words)[:length])
        for position, value in words.items():
            record[position] = value
        start = exchange.turn.end
        exchange.turn.append(*record)
        exchange.apply(start)
        return 0

    return create


@pytest.fixture
def venue() -> Venue:
    venue = Venue()
    venue.order("taken", SELL, 50, 200)
    venue.do(admin_commands.create_instrument, **LISTING | {"expiry_time_ns": 900})
    venue.do(admin_commands.advance_time)
    return venue


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"account_id": 0}, "reason 20 field 2 0 for 0"),
        ({"account_id": 4}, "reason 20 field 2 4 for 0"),
        ({"account_id": 0xFFFFFFFF}, "reason 20 field 2 4294967295 for 0"),
        ({"instrument_id": 0}, "reason 22 field 3 0 for 0"),
        ({"instrument_id": 4}, "reason 22 field 3 4 for 0"),
        ({"instrument_id": 0xFFFFFFFF}, "reason 22 field 3 4294967295 for 0"),
        ({"client_order_id": ""}, "reason 23 field 4 0 for 64"),
        ({"client_order_id": "x" * 65}, "reason 23 field 4 65 for 64"),
        ({"client_order_id": "x" * 1000}, "reason 23 field 4 1000 for 64"),
        ({"client_order_id": "käse"}, "reason 23 field 4 65535 for 64"),
        ({"client_order_id": "tab\t"}, "reason 23 field 4 65535 for 64"),
        ({"side": 0}, "reason 27 field 5 0 for 0"),
        ({"side": 3}, "reason 27 field 5 3 for 0"),
        ({"side": 254}, "reason 27 field 5 254 for 0"),
        ({"side": 255}, "reason 27 field 5 255 for 0"),
        ({"side": 256}, "reason 27 field 5 256 for 0"),
        ({"side": -1, "order_type": 300}, "reason 27 field 5 -1 for 0"),
        ({"side": 9, "order_type": 300}, "reason 27 field 5 9 for 0"),
        ({"order_type": 300}, "reason 27 field 6 300 for 0"),
        ({"time_in_force": (1 << 31) - 1}, "reason 27 field 7 2147483647 for 0"),
        ({"stop_trigger": -(1 << 31)}, "reason 27 field 11 -2147483648 for 0"),
        ({"peg_reference": 1000, "client_order_id": "x" * 64}, "reason 27 field 13 1000 for 0"),
        ({"self_trade_prevention": 999}, "reason 27 field 19 999 for 0"),
        ({"order_type": 0}, "reason 27 field 6 0 for 0"),
        ({"order_type": 7}, "reason 27 field 6 7 for 0"),
        ({"time_in_force": 0}, "reason 27 field 7 0 for 0"),
        ({"time_in_force": 8}, "reason 27 field 7 8 for 0"),
        ({"stop_trigger": 4}, "reason 27 field 11 4 for 0"),
        ({"peg_reference": 4}, "reason 27 field 13 4 for 0"),
        ({"self_trade_prevention": 6}, "reason 27 field 19 6 for 0"),
        ({"order_type": enums.ORDER_TYPE_MARKET}, "reason 28 field 9 100 for 0"),
        ({"post_only": True, "time_in_force": 4}, "reason 28 field 15 1 for 0"),
        ({"post_only": True, "time_in_force": 5}, "reason 28 field 15 1 for 0"),
        ({"price": None}, "reason 29 field 9 0 for 0"),
        ({"instrument_id": 3}, "reason 40 field 3 7 for 0"),
        ({"quantity": 0}, "reason 50 field 8 0 for 0"),
        ({"quantity": -5}, "reason 50 field 8 -5 for 0"),
        ({"quantity": -(1 << 63)}, "reason 50 field 8 -9223372036854775808 for 0"),
        ({"quantity": 7}, "reason 51 field 8 7 for 5"),
        ({"quantity": (1 << 63) - 1}, "reason 51 field 8 9223372036854775807 for 5"),
        ({"quantity": 1005}, "reason 52 field 8 1005 for 1000"),
        ({"price": 105}, "reason 53 field 9 105 for 10"),
        ({"price": -5}, "reason 53 field 9 -5 for 10"),
        ({"price": (1 << 63) - 1}, "reason 53 field 9 9223372036854775807 for 10"),
        ({"price": -1010}, "reason 54 field 9 -1010 for -1000"),
        ({"price": 10_010}, "reason 54 field 9 10010 for 10000"),
        ({"price": 200, "post_only": True}, "reason 90 field 9 200 for 200"),
    ],
)
def test_order_is_refused_with_reason_field_limit_and_value(
    venue: Venue, wrong: dict[str, Any], refusal: str
) -> None:
    events = venue.brief(order_commands.create_order, **GOOD | wrong)
    name = (GOOD | wrong)["client_order_id"]
    shown = name[:64] if name.isascii() and name.isprintable() else ""
    assert events == [f"rejected {shown} rejected {refusal}"]
    result = venue.result
    assert (result.order_id, result.status) == (0, enums.ORDER_STATUS_REJECTED)
    assert f"reason {result.reject_reason} field {result.reject_field} " in events[0]
    assert venue.exchange.working_orders == 1
    assert venue.levels == []


def test_duplicate_client_order_id_is_refused_and_names_the_order(venue: Venue) -> None:
    order_id = venue.exchange.find_order(1, "taken")
    refused = [f"rejected taken rejected reason 24 field 4 {order_id} for 0"]
    assert (
        venue.brief(order_commands.create_order, **GOOD | {"client_order_id": "taken"}) == refused
    )
    venue.cancel("taken")
    assert (
        venue.brief(order_commands.create_order, **GOOD | {"client_order_id": "taken"}) == refused
    )
    assert venue.order("taken", BUY, 5, 100, account_id=2) == ["accepted taken new 0+5/5@100"]


@pytest.mark.parametrize(
    ("position", "value", "refusal"),
    [
        (kinds.CREATE_STOP_PRICE, 50, ""),
        (kinds.CREATE_DISPLAY_QUANTITY, 5, "reason 28 field 12 5"),
        (kinds.CREATE_PEG_OFFSET, -1, "reason 28 field 14 -1"),
        (kinds.CREATE_EXPIRE_TIME_NS, 7, "reason 28 field 18 7"),
    ],
)
def test_fields_that_do_not_go_with_the_order_are_refused(
    venue: Venue, position: int, value: int, refusal: str
) -> None:
    (event,) = venue.brief(raw({position: value}), **GOOD)
    expected = f"rejected new rejected {refusal}" if refusal else "accepted new"
    assert event.startswith(expected)


@pytest.mark.parametrize(
    ("bits", "refusal"),
    [
        (kinds.FLAG_HAS_STOP_PRICE << kinds.TERM_FLAGS, "reason 28 field 10"),
        (1 << kinds.TERM_STOP_TRIGGER, "reason 28 field 11"),
        (1 << kinds.TERM_PEG_REFERENCE, "reason 28 field 13"),
    ],
)
def test_terms_that_do_not_go_with_the_order_are_refused(
    venue: Venue, bits: int, refusal: str
) -> None:
    terms = BUY | 1 << kinds.TERM_ORDER_TYPE | 2 << kinds.TERM_TIME_IN_FORCE
    terms |= kinds.FLAG_HAS_PRICE << kinds.TERM_FLAGS
    (event,) = venue.brief(raw({kinds.CREATE_TERMS: terms | bits}), **GOOD)
    assert event.startswith(f"rejected new rejected {refusal} ")


# One thing wrong after the other, in the order in which they are found.
WRONG: list[tuple[int, dict[str, Any]]] = [
    (20, {"account_id": 9}),
    (22, {"instrument_id": 9}),
    (23, {"client_order_id": ""}),
    (27, {"side": 0}),
    (28, {"stop_trigger": enums.STOP_TRIGGER_BID_ASK}),
    (29, {"price": None}),
    (40, {"instrument_id": 2}),
    (50, {"quantity": -1}),
    (53, {"price": 101}),
]


@pytest.mark.parametrize("first", range(len(WRONG)))
def test_lowest_reason_wins(venue: Venue, first: int) -> None:
    venue.set_phase(enums.TRADING_PHASE_HALTED, instrument_id=2)
    order = GOOD.copy()
    for _, wrong in reversed(WRONG[first:]):
        order |= wrong
    (event,) = venue.brief(order_commands.create_order, **order)
    assert f" reason {WRONG[first][0]} " in event


def test_reason_of_the_door_comes_before_all_others_and_shows_no_account(venue: Venue) -> None:
    arguments = GOOD | {"account_id": 9, "door_reason": 12, "request_id": 5}
    (event,) = venue.do(order_commands.create_order, **arguments)
    assert (event.account_id, event.reject_reason, event.request_id) == (0, 12, 5)  # type: ignore[union-attr]
    assert venue.cancel("taken", door_reason=12) == [
        "cancel refused taken - reason 12 field 2 1 for 0"
    ]
    assert venue.replace("taken", door_reason=12, quantity=5) == [
        "replace refused taken - reason 12 field 2 1 for 0"
    ]
    assert venue.brief(order_commands.cancel_orders, account_id=1, door_reason=12) == [
        "cancel refused  - reason 12 field 2 1 for 0"
    ]
    assert venue.exchange.working_orders == 1
    assert venue.order("new", BUY, 5, 100, request_id=5) == ["accepted new new 0+5/5@100"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"new_client_order_id": "taken"}, "reason 24 field 5"),
        ({"new_client_order_id": "x" * 65}, "reason 23 field 5 65 for 64"),
        ({"new_client_order_id": "ü"}, "reason 23 field 5 65535 for 64"),
        ({"quantity": 0}, "reason 50 field 6 0 for 0"),
        ({"quantity": 7}, "reason 51 field 6 7 for 5"),
        ({"quantity": 1005}, "reason 52 field 6 1005 for 1000"),
        ({"price": 101}, "reason 53 field 7 101 for 10"),
        ({"price": 20_000}, "reason 54 field 7 20000 for 10000"),
        ({"price": 101, "quantity": 0}, "reason 50 field 6 0 for 0"),
    ],
)
def test_refused_replacement_leaves_the_order_as_it_was(
    venue: Venue, change: dict[str, Any], refusal: str
) -> None:
    before = venue.book()
    (event,) = venue.replace("taken", **change)
    assert event.startswith(f"replace refused taken new {refusal}")
    assert venue.book() == before
    assert venue.cancel("taken") == ["ended taken cancelled 0+0/50@200 reason 1"]


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"account_id": 0}, "reason 20 field 2 0 for 0"),
        ({"account_id": 1, "instrument_id": 9}, "reason 22 field 3 9 for 0"),
        ({"account_id": 1, "side": 3}, "reason 27 field 4 3 for 0"),
    ],
)
def test_mass_cancel_of_nonsense_is_refused(
    venue: Venue, arguments: dict[str, int], refusal: str
) -> None:
    assert venue.brief(order_commands.cancel_orders, **arguments) == [
        f"cancel refused  - {refusal}"
    ]
    assert venue.exchange.working_orders == 1
