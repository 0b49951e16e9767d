"""Ends by the clock: dated orders and instruments, to the nanosecond and in order."""

import pytest

from quantumcore.server.core import admin_commands, enums
from tests.server.core.venue import BUY, LISTING, SELL, Venue

GTD = enums.TIME_IN_FORCE_GTD
CONTINUOUS, VOLATILITY = enums.TRADING_PHASE_CONTINUOUS, enums.TRADING_PHASE_VOLATILITY_AUCTION
CLOSED, HALTED = enums.TRADING_PHASE_CLOSED, enums.TRADING_PHASE_HALTED
STOP_LIMIT = {"order_type": enums.ORDER_TYPE_STOP_LIMIT, "stop_price": 150}
PEG = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_PRIMARY}


@pytest.fixture
def venue() -> Venue:
    return Venue()


def dated(venue: Venue, name: str, expires: int, price: int | None = 100, **more: object) -> None:
    terms = {"time_in_force": GTD, "expire_time_ns": expires} | more
    assert venue.order(name, BUY, 50, price, **terms)[0].startswith("accepted")


def test_order_expires_at_its_very_nanosecond_and_not_before(venue: Venue) -> None:
    dated(venue, "a", 5_000)
    assert venue.exchange.next_due_ns == 5_000
    assert venue.advance(4_999) == []
    assert venue.advance(5_000) == ["ended a expired 0+0/50@100 reason 11"]
    assert (venue.exchange.next_due_ns, venue.book()) == (0, ([], []))


@pytest.mark.parametrize(("time_ns", "trades"), [(4_999, True), (5_000, False), (5_001, False)])
def test_no_order_trades_at_or_after_its_end(venue: Venue, time_ns: int, trades: bool) -> None:
    dated(venue, "a", 5_000)
    venue.now = time_ns - 1
    events = venue.order("t", SELL, 50, 100, account_id=2)
    if trades:
        assert events == [
            "accepted t new 0+50/50@100",
            "filled a filled 50+0/50@100 maker 50@100 trade 1",
            "filled t filled 50+0/50@100 taker 50@100 trade 1",
        ]
    else:
        assert events == ["ended a expired 0+0/50@100 reason 11", "accepted t new 0+50/50@100"]


@pytest.mark.parametrize(("expires", "accepted"), [(1_005, False), (1_006, False), (1_007, True)])
def test_time_to_expire_lies_in_the_future(venue: Venue, expires: int, accepted: bool) -> None:
    now = venue.now + 1
    assert now == 1_006
    events = venue.order("a", BUY, 50, 100, time_in_force=GTD, expire_time_ns=expires)
    refused = f"rejected a rejected reason 55 field 18 {expires} for {now}"
    assert events == ["accepted a new 0+50/50@100" if accepted else refused]


def test_orders_expire_earliest_first_then_by_order_id(venue: Venue) -> None:
    for name, expires in (("a", 7_000), ("b", 6_000), ("c", 7_000), ("d", 5_000), ("e", 9_000)):
        dated(venue, name, expires)
    ended = venue.advance(8_000)
    assert [line.split()[1] for line in ended] == ["d", "b", "a", "c"]
    assert venue.exchange.next_due_ns == 9_000


def test_order_that_ends_otherwise_does_not_expire(venue: Venue) -> None:
    for name in ("filled", "cancelled", "replaced"):
        dated(venue, name, 5_000)
    venue.order("s", SELL, 50, 100, account_id=2)
    venue.cancel("cancelled")
    venue.replace("replaced", price=110)
    assert venue.advance(6_000) == ["ended replaced expired 0+0/50@110 reason 11"]


@pytest.mark.parametrize("phase", [HALTED, CLOSED, VOLATILITY])
def test_orders_expire_in_every_phase(venue: Venue, phase: int) -> None:
    dated(venue, "a", 5_000)
    venue.set_phase(phase)
    assert venue.advance(5_000) == ["ended a expired 0+0/50@100 reason 11"]


def test_waiting_stops_and_pegs_expire_where_they_wait(venue: Venue) -> None:
    dated(venue, "stop", 5_000, **STOP_LIMIT)
    dated(venue, "peg", 5_001, None, **PEG)
    assert venue.advance(6_000) == [
        "ended stop expired 0+0/50@100 reason 11",
        "ended peg expired 0+0/50@0 reason 11",
    ]
    assert venue.exchange.working_orders == 0


def test_expiry_of_the_best_bid_moves_pegs_and_sets_off_stops(venue: Venue) -> None:
    venue.order("floor", BUY, 5, 90, account_id=2)
    dated(venue, "a", 5_000, account_id=2)
    venue.order("peg", BUY, 5, **PEG)
    by_bid = {"order_type": enums.ORDER_TYPE_STOP_LIMIT, "stop_trigger": enums.STOP_TRIGGER_BID_ASK}
    venue.order("stop", SELL, 5, 200, stop_price=90, **by_bid)
    assert venue.advance(5_000) == [
        "ended a expired 0+0/50@100 reason 11",
        "restated peg new 0+5/5@90 peg moved shows 5",
        "triggered stop new 0+5/5@200",
    ]


def test_order_that_expires_with_an_auction_takes_no_part_in_it() -> None:
    venue = Venue(auction_duration_ns=1_000)
    venue.set_phase(VOLATILITY)
    end = venue.now + 1_000
    dated(venue, "a", end)
    venue.order("s", SELL, 50, 100, account_id=2)
    assert venue.advance(end) == [
        "ended a expired 0+0/50@100 reason 11",
        "phase 1 continuous after volatility",
        "auction 1 volatility ended: no price, 0 left to nobody",
    ]


def test_repeated_request_does_not_bring_time_forward(venue: Venue) -> None:
    dated(venue, "a", 5_000)
    venue.order("b", BUY, 5, 90, request_id=7)
    venue.now = 6_000
    assert venue.order("b", BUY, 5, 90, request_id=7)[0].startswith("repeated")
    assert venue.brief(admin_commands.advance_time) == ["ended a expired 0+0/50@100 reason 11"]


def test_instrument_that_expires_ends_all_its_orders_and_closes() -> None:
    venue = Venue(expiry_time_ns=5_000)
    venue.order("bid", BUY, 50, 100)
    venue.order("ask", SELL, 50, 200)
    venue.order("stop", BUY, 50, 100, **STOP_LIMIT)
    venue.order("close", SELL, 50, 300, time_in_force=enums.TIME_IN_FORCE_AT_CLOSE)
    venue.order("peg", SELL, 50, account_id=2, **PEG)
    venue.order("elsewhere", BUY, 50, 100, instrument_id=2)
    assert venue.exchange.next_due_ns == 5_000
    assert venue.advance(4_999) == []
    assert venue.advance(5_000) == [
        "ended bid expired 0+0/50@100 reason 9",
        "ended ask expired 0+0/50@200 reason 9",
        "ended peg expired 0+0/50@200 reason 9",
        "ended stop expired 0+0/50@100 reason 9",
        "ended close expired 0+0/50@300 reason 9",
        "phase 1 closed after continuous",
    ]
    assert venue.exchange.working_orders == 1


def test_expired_instrument_takes_no_orders_and_stays_closed() -> None:
    venue = Venue(expiry_time_ns=5_000)
    venue.advance(6_000)
    for phase in range(1, CLOSED):
        assert venue.set_phase(phase) == []
        result = venue.result
        assert (result.reject_reason, result.reject_field) == (41, 2)
        assert (result.limit, result.value) == (5_000, venue.now)
    assert venue.set_phase(8) == []
    assert venue.result.reject_reason == enums.REJECT_REASON_INVALID_ENUM
    assert venue.set_phase(CLOSED) == ["phase 1 closed after closed"]
    assert venue.order("a", BUY, 5, 100) == ["rejected a rejected reason 40 field 3 7 for 0"]


def test_expired_instrument_whose_expiry_is_moved_opens_again() -> None:
    venue = Venue(expiry_time_ns=5_000)
    venue.advance(6_000)
    venue.do(admin_commands.create_instrument, **LISTING | {"instrument_id": 1})
    assert venue.set_phase(CONTINUOUS) == ["phase 1 continuous after closed"]


def test_closed_instrument_that_expires_stays_closed_without_a_word() -> None:
    venue = Venue(expiry_time_ns=5_000)
    venue.order("a", BUY, 50, 100)
    venue.set_phase(CLOSED)
    assert venue.advance(5_000) == ["ended a expired 0+0/50@100 reason 9"]


def test_expiry_that_an_update_moves_counts_from_then_on() -> None:
    venue = Venue(expiry_time_ns=5_000)
    later = LISTING | {"instrument_id": 1, "expiry_time_ns": 8_000}
    assert venue.brief(admin_commands.create_instrument, **later) == ["instrument updated 1 0"]
    assert venue.advance(7_999) == []
    assert venue.brief(admin_commands.create_instrument, **later | {"expiry_time_ns": 0}) == [
        "phase 1 closed after continuous",
        "instrument updated 1 0",
    ]
