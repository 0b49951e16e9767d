"""What each command does, event by event: orders, trades, changes, cancels, phases."""

import pytest

from quantumcore.server.core import admin_commands, enums, kinds, order_commands
from quantumcore.server.core.events import LevelChange
from tests.server.core.venue import BUY, LISTING, SELL, Venue

IOC, FOK = enums.TIME_IN_FORCE_IOC, enums.TIME_IN_FORCE_FOK
DAY, MARKET = enums.TIME_IN_FORCE_DAY, enums.ORDER_TYPE_MARKET
CONTINUOUS = enums.TRADING_PHASE_CONTINUOUS
HALTED, CLOSED = enums.TRADING_PHASE_HALTED, enums.TRADING_PHASE_CLOSED
TO_BACK, IN_PLACE = kinds.LEVEL_ACTION_TO_BACK, kinds.LEVEL_ACTION_IN_PLACE


@pytest.fixture
def venue() -> Venue:
    return Venue()


def test_limit_order_is_accepted_and_rests(venue: Venue) -> None:
    assert venue.order("a", BUY, 50, 100) == ["accepted a new 0+50/50@100"]
    assert venue.book() == ([(100, 50, 1)], [])
    assert venue.exchange.touch(1) == (100, 50, 0, 0)


def test_trade_reports_maker_then_taker_at_the_makers_price(venue: Venue) -> None:
    venue.order("a", SELL, 50, 100)
    venue.order("b", SELL, 50, 110)
    assert venue.order("c", BUY, 70, 120, account_id=2) == [
        "accepted c new 0+70/70@120",
        "filled a filled 50+0/50@100 maker 50@100 trade 1",
        "filled c partial 50+20/70@120 taker 50@100 trade 1",
        "filled b partial 20+30/50@110 maker 20@110 trade 2",
        "filled c filled 70+0/70@120 taker 20@110 trade 2",
    ]
    assert venue.result.cumulative_tick_lots == 10 * 10 + 4 * 11
    assert (venue.result.status, venue.result.cumulative_quantity) == (3, 70)
    assert venue.book() == ([], [(110, 30, 1)])


def test_rest_of_a_partly_filled_order_joins_the_book(venue: Venue) -> None:
    venue.order("a", SELL, 20, 100)
    assert venue.order("b", BUY, 50, 100) == [
        "accepted b new 0+50/50@100",
        "filled a filled 20+0/20@100 maker 20@100 trade 1",
        "filled b partial 20+30/50@100 taker 20@100 trade 1",
    ]
    assert venue.book() == ([(100, 30, 1)], [])


def test_immediate_or_cancel_trades_and_cancels_the_rest(venue: Venue) -> None:
    venue.order("a", SELL, 20, 100)
    assert venue.order("b", BUY, 50, 100, time_in_force=IOC) == [
        "accepted b new 0+50/50@100",
        "filled a filled 20+0/20@100 maker 20@100 trade 1",
        "filled b partial 20+30/50@100 taker 20@100 trade 1",
        "ended b cancelled 20+0/50@100 reason 3",
    ]
    assert venue.order("c", BUY, 50, 100, time_in_force=IOC) == [
        "accepted c new 0+50/50@100",
        "ended c cancelled 0+0/50@100 reason 3",
    ]
    assert venue.book() == ([], [])


def test_fill_or_kill_trades_whole_or_not_at_all(venue: Venue) -> None:
    venue.order("a", SELL, 20, 100)
    venue.order("b", SELL, 20, 110)
    assert venue.order("c", BUY, 45, 110, time_in_force=FOK) == [
        "accepted c new 0+45/45@110",
        "ended c cancelled 0+0/45@110 reason 4",
    ]
    assert venue.order("d", BUY, 40, 100, time_in_force=FOK) == [
        "accepted d new 0+40/40@100",
        "ended d cancelled 0+0/40@100 reason 4",
    ]
    assert venue.order("e", BUY, 40, 110, time_in_force=FOK) == [
        "accepted e new 0+40/40@110",
        "filled a filled 20+0/20@100 maker 20@100 trade 1",
        "filled e partial 20+20/40@110 taker 20@100 trade 1",
        "filled b filled 20+0/20@110 maker 20@110 trade 2",
        "filled e filled 40+0/40@110 taker 20@110 trade 2",
    ]


@pytest.mark.parametrize(("maker", "taker", "step"), [(SELL, BUY, 10), (BUY, SELL, -10)])
def test_market_order_goes_no_further_than_the_protection_band(
    venue: Venue, maker: int, taker: int, step: int
) -> None:
    for number in range(5):
        venue.order(f"m{number}", maker, 5, 100 + number * step)
    events = venue.order("t", taker, 50, order_type=MARKET)
    assert [event.split()[-1] for event in events if "taker" in event] == ["1", "2", "3", "4"]
    assert events[-1] == "ended t cancelled 20+0/50@0 reason 5"
    bids, asks = venue.book()
    assert bids + asks == [(100 + 4 * step, 5, 1)]


def test_market_order_into_an_empty_book_is_cancelled(venue: Venue) -> None:
    assert venue.order("a", BUY, 5, order_type=MARKET) == [
        "accepted a new 0+5/5@0",
        "ended a cancelled 0+0/5@0 reason 5",
    ]


def test_post_only_rests_or_is_refused(venue: Venue) -> None:
    venue.order("a", SELL, 5, 100)
    assert venue.order("b", BUY, 5, 100, post_only=True) == [
        "rejected b rejected reason 90 field 9 100 for 100"
    ]
    assert venue.order("c", BUY, 5, 90, post_only=True) == ["accepted c new 0+5/5@90"]
    assert venue.replace("c", price=110) == ["replace refused c new reason 90 field 7 110 for 100"]
    assert venue.book() == ([(90, 5, 1)], [(100, 5, 1)])


def test_cancel_ends_an_order(venue: Venue) -> None:
    venue.order("a", BUY, 50, 100)
    assert venue.cancel("a") == ["ended a cancelled 0+0/50@100 reason 1"]
    assert venue.book() == ([], [])


def test_cancel_that_comes_too_late_is_a_clean_refusal(venue: Venue) -> None:
    venue.order("a", BUY, 5, 100)
    venue.order("b", SELL, 5, 100)
    order_id = venue.exchange.find_order(1, "a")
    assert venue.cancel("a") == [f"cancel refused a filled reason 26 field 3 {order_id} for 0"]
    assert venue.cancel("", order_id=order_id) == [
        f"cancel refused a filled reason 26 field 3 {order_id} for 0"
    ]
    assert venue.replace("a", quantity=10) == [
        f"replace refused a filled reason 26 field 3 {order_id} for 0"
    ]


def test_order_of_another_account_is_unknown(venue: Venue) -> None:
    venue.order("a", BUY, 5, 100)
    order_id = venue.exchange.find_order(1, "a")
    assert venue.cancel("a", account_id=2) == ["cancel refused a - reason 25 field 4 0 for 0"]
    assert venue.cancel("", account_id=2, order_id=order_id) == [
        f"cancel refused  - reason 25 field 3 {order_id} for 0"
    ]
    assert venue.replace("a", account_id=2, quantity=10) == [
        "replace refused a - reason 25 field 4 0 for 0"
    ]
    assert venue.cancel("a", account_id=9) == ["cancel refused a - reason 20 field 2 9 for 0"]
    assert venue.book() == ([(100, 5, 1)], [])


def priority(venue: Venue) -> list[str]:
    """Return the client order ids in the order in which the bids trade."""
    bids, _ = venue.book()
    lots = sum(quantity for _, quantity, _ in bids)
    events = venue.order("sweep", SELL, lots, -1_000, account_id=3, time_in_force=IOC)
    return [event.split()[1] for event in events if "maker" in event]


def test_reduction_keeps_priority(venue: Venue) -> None:
    venue.order("a", BUY, 50, 100)
    venue.order("b", BUY, 50, 100)
    assert venue.replace("a", quantity=20) == ["replaced a new 0+20/20@100 was a"]
    assert venue.book() == ([(100, 70, 2)], [])
    assert priority(venue) == ["a", "b"]


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({"quantity": 60}, ["b", "a"]),
        ({"price": 110}, ["a", "b"]),
        ({"price": 90, "quantity": 10}, ["b", "a"]),
        ({"quantity": 60, "price": 100}, ["b", "a"]),
        ({"new_client_order_id": "a2"}, ["a2", "b"]),
    ],
)
def test_larger_or_repriced_order_goes_to_the_back(
    venue: Venue, change: dict[str, int], after: list[str]
) -> None:
    venue.order("a", BUY, 50, 100)
    venue.order("b", BUY, 50, 100)
    assert venue.replace("a", **change)[0].startswith("replaced")
    assert priority(venue) == after


def test_repriced_order_trades_where_it_now_crosses(venue: Venue) -> None:
    venue.order("a", BUY, 50, 100)
    venue.order("b", SELL, 20, 110)
    assert venue.replace("a", price=110) == [
        "replaced a new 0+50/50@110 was a",
        "filled b filled 20+0/20@110 maker 20@110 trade 1",
        "filled a partial 20+30/50@110 taker 20@110 trade 1",
    ]
    assert venue.book() == ([(110, 30, 1)], [])


def test_order_replaced_below_what_it_has_filled_is_filled(venue: Venue) -> None:
    venue.order("a", BUY, 50, 100)
    venue.order("b", SELL, 20, 100)
    assert venue.replace("a", quantity=10) == ["replaced a filled 20+0/20@100 was a"]
    assert venue.book() == ([], [])
    assert venue.replace("a", quantity=30)[0].startswith("replace refused a filled reason 26")


def test_replacement_that_changes_nothing_is_refused(venue: Venue) -> None:
    venue.order("a", BUY, 50, 100)
    refused = ["replace refused a new reason 56 field 0 0 for 0"]
    assert venue.replace("a") == refused
    assert venue.replace("a", quantity=50, price=100) == refused


def test_order_answers_to_every_client_order_id_it_has_had(venue: Venue) -> None:
    venue.order("a", BUY, 50, 100)
    assert venue.replace("a", new_client_order_id="a2", quantity=25) == [
        "replaced a2 new 0+25/25@100 was a"
    ]
    assert venue.exchange.find_order(1, "a") == venue.exchange.find_order(1, "a2") != 0
    assert venue.order("a", BUY, 5, 100)[0].startswith("rejected a rejected reason 24")
    assert venue.cancel("a") == ["ended a2 cancelled 0+0/25@100 reason 1"]


def test_mass_cancel_ends_working_orders_in_order_of_creation(venue: Venue) -> None:
    venue.order("a", BUY, 50, 100)
    venue.order("x", BUY, 50, 100, account_id=2)
    venue.order("b", SELL, 20, 110, instrument_id=2)
    assert venue.brief(order_commands.cancel_orders, account_id=1) == [
        "ended a cancelled 0+0/50@100 reason 2",
        "ended b cancelled 0+0/20@110 reason 2",
        "orders cancelled 1 2",
    ]
    assert venue.result.affected == 2
    assert venue.book() == ([(100, 50, 1)], [])
    assert venue.brief(order_commands.cancel_orders, account_id=1) == ["orders cancelled 1 0"]


@pytest.mark.parametrize(
    ("selection", "ended"),
    [
        ({"instrument_id": 1}, ["a", "b"]),
        ({"side": SELL}, ["b", "d"]),
        ({"instrument_id": 2, "side": BUY}, ["c"]),
        ({"session": 7}, ["b", "c"]),
        ({"session": 6}, []),
    ],
)
def test_mass_cancel_by_instrument_side_or_session(
    venue: Venue, selection: dict[str, int], ended: list[str]
) -> None:
    for _ in range(7):
        venue.do(admin_commands.open_session)
    venue.order("a", BUY, 5, 100)
    venue.order("b", SELL, 5, 110, actor=7 << 32)
    venue.order("c", BUY, 5, 100, instrument_id=2, actor=7 << 32)
    venue.order("d", SELL, 5, 110, instrument_id=2)
    events = venue.brief(order_commands.cancel_orders, account_id=1, **selection)
    assert [event.split()[1] for event in events[:-1]] == ended
    assert events[-1] == f"orders cancelled 1 {len(ended)}"


def test_closing_ends_day_orders_and_takes_nothing(venue: Venue) -> None:
    venue.order("a", BUY, 5, 100, time_in_force=DAY)
    venue.order("b", BUY, 5, 110)
    venue.order("c", BUY, 5, 120, time_in_force=DAY)
    venue.order("d", SELL, 5, 130, time_in_force=DAY)
    venue.order("e", BUY, 5, 100, time_in_force=DAY, instrument_id=2)
    assert venue.set_phase(CLOSED) == [
        "phase 1 closed after continuous",
        "ended a expired 0+0/5@100 reason 10",
        "ended c expired 0+0/5@120 reason 10",
        "ended d expired 0+0/5@130 reason 10",
    ]
    assert venue.book() == ([(110, 5, 1)], [])
    assert venue.book(2) == ([(100, 5, 1)], [])
    assert venue.order("f", BUY, 5, 100) == ["rejected f rejected reason 40 field 3 7 for 0"]
    assert venue.set_phase(CONTINUOUS) == ["phase 1 continuous after closed"]
    assert venue.order("f", BUY, 5, 100) == ["accepted f new 0+5/5@100"]


def test_halted_instrument_takes_cancels_only(venue: Venue) -> None:
    venue.order("a", BUY, 5, 100)
    venue.order("b", BUY, 5, 100)
    assert venue.set_phase(HALTED) == ["phase 1 halted after continuous"]
    assert venue.exchange.phase(1) == HALTED
    assert venue.order("c", BUY, 5, 100) == ["rejected c rejected reason 40 field 3 5 for 0"]
    assert venue.replace("a", quantity=10)[0].startswith("replace refused a new reason 40")
    assert venue.cancel("a") == ["ended a cancelled 0+0/5@100 reason 1"]
    assert venue.order("c", BUY, 5, 100, instrument_id=2) == ["accepted c new 0+5/5@100"]
    assert venue.brief(order_commands.cancel_orders, account_id=1, instrument_id=1) == [
        "ended b cancelled 0+0/5@100 reason 2",
        "orders cancelled 1 1",
    ]


def test_unknown_phase_or_instrument_changes_nothing(venue: Venue) -> None:
    for phase in (0, 8, -1):
        assert venue.set_phase(phase) == []
        assert venue.result.reject_reason == enums.REJECT_REASON_INVALID_ENUM
    assert venue.set_phase(CLOSED, instrument_id=3) == []
    assert venue.result.reject_reason == enums.REJECT_REASON_UNKNOWN_INSTRUMENT
    assert venue.exchange.phase(1) == CONTINUOUS


def test_mass_cancel_of_thousands_of_orders_is_one_command(venue: Venue) -> None:
    for number in range(5_000):
        venue.order(f"m{number}", SELL, 5, 100 + number % 50 * 10)
    assert venue.exchange.working_orders == 5_000
    events = venue.brief(order_commands.cancel_orders, account_id=1)
    assert len(events) == 5_001
    assert venue.book() == ([], [])


def test_trade_longer_than_the_event_buffer_fills_whole(venue: Venue) -> None:
    venue.do(admin_commands.create_instrument, **LISTING | {"max_quantity": 100_000})
    for number in range(4_500):
        venue.order(f"m{number}", SELL, 5, 100 + number % 50 * 10, instrument_id=3)
    events = venue.order("t", BUY, 22_505, 9_000, instrument_id=3, account_id=2)
    assert len(events) == 1 + 2 * 4_500
    assert events[-1] == "filled t partial 22500+5/22505@9000 taker 5@590 trade 4500"
    assert venue.book(3) == ([(9_000, 5, 1)], [])


def test_every_level_change_names_the_event_that_caused_it(venue: Venue) -> None:
    venue.order("a", SELL, 20, 100)
    a, last = venue.find("a").order_id, venue.exchange.sequence
    assert venue.levels == [LevelChange(1, SELL, 100, 20, 1, last, TO_BACK, a, 20)]
    venue.order("b", BUY, 50, 100)
    b, last = venue.find("b").order_id, venue.exchange.sequence
    assert venue.levels == [
        LevelChange(1, SELL, 100, 0, 0, last, IN_PLACE, a, 0),
        LevelChange(1, BUY, 100, 30, 1, last, TO_BACK, b, 30),
    ]
    venue.replace("b", quantity=40)
    last = venue.exchange.sequence
    assert venue.levels == [LevelChange(1, BUY, 100, 20, 1, last, IN_PLACE, b, 20)]
    venue.cancel("b")
    last = venue.exchange.sequence
    assert venue.levels == [LevelChange(1, BUY, 100, 0, 0, last, IN_PLACE, b, 0)]


def test_order_can_be_read_in_every_state(venue: Venue) -> None:
    venue.order("a", BUY, 50, 100, time_in_force=DAY)
    created = venue.now
    venue.order("b", SELL, 20, 100)
    view = venue.exchange.order(venue.exchange.find_order(1, "a"))
    assert view is not None
    assert (view.client_order_id, view.status, view.time_in_force) == ("a", 2, DAY)
    assert (view.quantity, view.cumulative_quantity, view.leaves_quantity) == (50, 20, 30)
    assert (view.created_time_ns, view.updated_time_ns, view.version) == (created, venue.now, 2)
    assert venue.exchange.order(12345) is None


def test_orders_are_listed_in_order_of_creation_and_in_pages(venue: Venue) -> None:
    for name in "abcd":
        venue.order(name, BUY, 5, 100)
    venue.cancel("b")
    listed = venue.exchange.orders_of(1)
    assert [order.client_order_id for order in listed] == list("abcd")
    rest = venue.exchange.orders_of(1, after_order_id=listed[0].order_id, working_only=True)
    assert [order.client_order_id for order in rest] == ["c", "d"]
    assert [order.client_order_id for order in venue.exchange.orders_of(1, limit=2)] == ["a", "b"]
    assert venue.exchange.orders_of(2) == []
    with pytest.raises(KeyError):
        venue.exchange.orders_of(2, after_order_id=listed[0].order_id)
