"""Mass cancels: what they match, in which order they end it, and why."""

import pytest

from quantumcore.server.core import admin_commands, enums, kinds
from quantumcore.server.core.events import Command, decode, describe
from tests.server.core.venue import BUY, SELL, Venue

STOP = {"order_type": enums.ORDER_TYPE_STOP, "stop_price": 150}
PEG = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_PRIMARY}
AT_CLOSE = {"time_in_force": enums.TIME_IN_FORCE_AT_CLOSE}
ICEBERG = {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": 5}


@pytest.fixture
def venue() -> Venue:
    """Orders of account 1 in every place, of two instruments, sides and sessions."""
    venue = Venue()
    for _ in range(9):
        venue.do(admin_commands.open_session)
    first, second = (7 | kinds.SESSION_CANCELS) << 32, 8 << 32
    venue.order("rest", BUY, 5, 100, actor=first)
    venue.order("other", SELL, 5, 200, instrument_id=2, actor=second)
    venue.order("stop", BUY, 5, actor=first, **STOP)
    venue.order("peg", SELL, 5, **PEG)
    venue.order("close", SELL, 5, 300, actor=second, **AT_CLOSE)
    venue.order("iceberg", BUY, 50, 90, instrument_id=2, actor=first, **ICEBERG)
    venue.order("stranger", BUY, 5, 100, account_id=2, actor=first)
    return venue


@pytest.mark.parametrize(
    ("selection", "ended"),
    [
        ({}, ["rest", "other", "stop", "peg", "close", "iceberg"]),
        ({"instrument_id": 1}, ["rest", "stop", "peg", "close"]),
        ({"instrument_id": 2}, ["other", "iceberg"]),
        ({"side": BUY}, ["rest", "stop", "iceberg"]),
        ({"side": SELL}, ["other", "peg", "close"]),
        ({"side": SELL, "instrument_id": 1}, ["peg", "close"]),
        ({"session": 7}, ["rest", "stop", "iceberg"]),
        ({"session": 8, "side": SELL, "instrument_id": 1}, ["close"]),
        ({"session": 9}, []),
        ({"session": 7, "ended": True}, ["rest", "stop", "iceberg"]),
        ({"session": 8, "ended": True}, []),
        ({"ended": True}, ["rest", "stop", "iceberg"]),
    ],
)
def test_what_matches_ends_in_order_of_entry(
    venue: Venue, selection: dict[str, int], ended: list[str]
) -> None:
    *events, notice = venue.cancel_all(**selection)
    told = enums.CANCEL_REASON_DISCONNECT, enums.CANCEL_REASON_MASS_CANCEL
    reason = told[0] if "ended" in selection else told[1]
    assert [event.split()[1] for event in events] == ended
    assert all(event.endswith(f"reason {reason}") for event in events)
    assert (notice, venue.result.affected) == (f"orders cancelled 1 {len(ended)}", len(ended))
    assert venue.exchange.working_orders == 7 - len(ended)


@pytest.mark.parametrize("session", [10, 1 << 40, -1, -(1 << 63)])
@pytest.mark.parametrize("ended", [False, True])
def test_a_session_that_never_was_is_refused(venue: Venue, session: int, ended: bool) -> None:
    (told,) = venue.cancel_all(session=session, ended=ended)
    assert told == f"cancel refused  - reason 37 field 5 {session} for 0"
    assert venue.exchange.working_orders == 7


def test_the_log_tells_the_session_of_a_command_and_that_it_opens_one(venue: Venue) -> None:
    venue.order("more", BUY, 5, 100, actor=(7 | kinds.SESSION_CANCELS) << 32 | 3)
    (command,) = [one for one in decode(venue.blocks[-1][1]) if isinstance(one, Command)]
    assert (command.session, command.identity) == (7, 3)
    venue.do(admin_commands.open_session, actor=3)
    (command,) = [one for one in decode(venue.blocks[-1][1]) if isinstance(one, Command)]
    assert describe(command) == "OPEN_SESSION identity=3"


def test_sessions_are_numbered_from_one_and_the_replay_knows_them() -> None:
    venue = Venue()
    for number in (1, 2, 3):
        assert venue.brief(admin_commands.open_session, actor=5) == []
        assert venue.result.affected == number
    again = Venue()
    for time_ns, block in venue.blocks[len(again.blocks) :]:
        again.exchange.replay(memoryview(block), time_ns)
    assert again.exchange.state_hash() == venue.exchange.state_hash()
    assert again.cancel_all(session=3) == ["orders cancelled 1 0"]
    assert "reason 37" in again.cancel_all(session=4)[0]


def test_everything_that_is_left_can_trade_on(venue: Venue) -> None:
    venue.cancel_all()
    assert venue.order("t", SELL, 5, 100, account_id=3)[1:] == [
        "filled stranger filled 5+0/5@100 maker 5@100 trade 1",
        "filled t filled 5+0/5@100 taker 5@100 trade 1",
    ]
    assert venue.set_phase(enums.TRADING_PHASE_CLOSING_AUCTION) == [
        "phase 1 closing after continuous"
    ]
    assert venue.book(2) == ([], [])


def test_replaced_order_keeps_its_turn_by_first_entry(venue: Venue) -> None:
    venue.replace("rest", price=90)
    events = venue.cancel_all(side=BUY)
    assert [event.split()[1] for event in events[:-1]] == ["rest", "stop", "iceberg"]


def test_second_mass_cancel_finds_nothing(venue: Venue) -> None:
    venue.cancel_all()
    assert venue.cancel_all() == ["orders cancelled 1 0"]


def test_repeated_request_ends_no_orders_that_came_later(venue: Venue) -> None:
    venue.cancel_all(request_id=5)
    first = venue.result
    venue.order("late", BUY, 5, 100)
    assert venue.cancel_all(request_id=5) == ["repeated 0 5"]
    assert (venue.result, venue.find("late").status) == (first._replace(repeated=True), 1)
    assert venue.cancel_all(side=BUY, request_id=5)[0].startswith("cancel refused  - reason 15")
    assert venue.find("late").status == enums.ORDER_STATUS_NEW


@pytest.mark.parametrize("phase", range(1, 8))
def test_mass_cancel_is_taken_in_every_phase(phase: int) -> None:
    venue = Venue(phase=enums.TRADING_PHASE_PRE_OPEN)
    venue.order("a", BUY, 5, 100)
    venue.order("m", BUY, 5, order_type=enums.ORDER_TYPE_MARKET)
    if phase != enums.TRADING_PHASE_PRE_OPEN:
        venue.set_phase(enums.TRADING_PHASE_HALTED)
        venue.set_phase(phase)
    working = venue.exchange.working_orders
    assert venue.cancel_all()[-1] == f"orders cancelled 1 {working}"
    assert (venue.exchange.working_orders, venue.book()) == (0, ([], []))
