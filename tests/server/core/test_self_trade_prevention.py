"""Orders of one owner that would meet: who ends, who trades, and what fill-or-kill counts."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums
from tests.server.core.venue import BUY, SELL, Venue

NONE = enums.SELF_TRADE_PREVENTION_NONE
NEWEST = enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST
OLDEST = enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST
BOTH = enums.SELF_TRADE_PREVENTION_CANCEL_BOTH
DECREMENT = enums.SELF_TRADE_PREVENTION_DECREMENT_AND_CANCEL
FOK, IOC = enums.TIME_IN_FORCE_FOK, enums.TIME_IN_FORCE_IOC
ICEBERG = {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": 10}


@pytest.fixture
def venue() -> Venue:
    """Asks of 20 at 100: of account 2, of account 1, of account 2."""
    venue = Venue()
    venue.order("before", SELL, 20, 100, account_id=2)
    venue.order("own", SELL, 20, 100)
    venue.order("behind", SELL, 20, 100, account_id=2)
    return venue


def buy(venue: Venue, quantity: int, mode: int, **more: Any) -> list[str]:
    return venue.order("t", BUY, quantity, 100, self_trade_prevention=mode, **more)


BEFORE = [
    "filled before filled 20+0/20@100 maker 20@100 trade 1",
    "filled t partial 20+30/50@100 taker 20@100 trade 1",
]


def test_cancel_newest_ends_the_incoming_order(venue: Venue) -> None:
    assert buy(venue, 50, NEWEST) == [
        "accepted t new 0+50/50@100",
        *BEFORE,
        "ended t cancelled 20+0/50@100 reason 6",
    ]
    assert venue.queue() == ([], ["own 20@100", "behind 20@100"])


def test_cancel_oldest_ends_the_resting_order_and_goes_on(venue: Venue) -> None:
    assert buy(venue, 50, OLDEST) == [
        "accepted t new 0+50/50@100",
        *BEFORE,
        "ended own cancelled 0+0/20@100 reason 6",
        "filled behind filled 20+0/20@100 maker 20@100 trade 2",
        "filled t partial 40+10/50@100 taker 20@100 trade 2",
    ]
    assert venue.queue() == (["t 10@100"], [])


def test_cancel_both_ends_both(venue: Venue) -> None:
    assert buy(venue, 50, BOTH) == [
        "accepted t new 0+50/50@100",
        *BEFORE,
        "ended own cancelled 0+0/20@100 reason 6",
        "ended t cancelled 20+0/50@100 reason 6",
    ]
    assert venue.queue() == ([], ["behind 20@100"])


def test_decrement_ends_the_smaller_resting_order_and_goes_on(venue: Venue) -> None:
    assert buy(venue, 50, DECREMENT) == [
        "accepted t new 0+50/50@100",
        *BEFORE,
        "ended own cancelled 0+0/20@100 reason 6",
        "restated t partial 20+10/30@100 decremented shows 0",
        "filled behind partial 10+10/20@100 maker 10@100 trade 2",
        "filled t filled 30+0/30@100 taker 10@100 trade 2",
    ]


def test_decrement_takes_from_the_larger_resting_order_which_keeps_its_place(venue: Venue) -> None:
    assert buy(venue, 30, DECREMENT) == [
        "accepted t new 0+30/30@100",
        "filled before filled 20+0/20@100 maker 20@100 trade 1",
        "filled t partial 20+10/30@100 taker 20@100 trade 1",
        "restated own new 0+10/10@100 decremented shows 10",
        "ended t cancelled 20+0/30@100 reason 6",
    ]
    assert venue.queue() == ([], ["own 10@100", "behind 20@100"])


def test_decrement_of_equals_ends_both(venue: Venue) -> None:
    assert buy(venue, 40, DECREMENT)[3:] == [
        "ended own cancelled 0+0/20@100 reason 6",
        "ended t cancelled 20+0/40@100 reason 6",
    ]


def test_whole_quantity_of_an_iceberg_counts_when_it_is_decremented() -> None:
    venue = Venue()
    venue.order("own", SELL, 50, 100, **ICEBERG)
    assert buy(venue, 45, DECREMENT) == [
        "accepted t new 0+45/45@100",
        "restated own new 0+5/5@100 decremented shows 5",
        "ended t cancelled 0+0/45@100 reason 6",
    ]
    assert venue.book() == ([], [(100, 5, 1)])


def test_resting_iceberg_is_ended_whole_by_a_larger_order() -> None:
    venue = Venue()
    venue.order("own", SELL, 50, 100, **ICEBERG)
    assert buy(venue, 60, DECREMENT) == [
        "accepted t new 0+60/60@100",
        "ended own cancelled 0+0/50@100 reason 6",
        "restated t new 0+10/10@100 decremented shows 0",
    ]
    assert venue.book() == ([(100, 10, 1)], [])


@pytest.mark.parametrize("mode", [0, NONE])
def test_without_prevention_an_owner_trades_with_itself(venue: Venue, mode: int) -> None:
    venue.do(
        admin_commands.create_account, account_id=1, self_trade_prevention=NEWEST * (mode == NONE)
    )
    assert buy(venue, 40, mode)[3:] == [
        "filled own filled 20+0/20@100 maker 20@100 trade 2",
        "filled t filled 40+0/40@100 taker 20@100 trade 2",
    ]
    assert venue.exchange.position(1, 1) == 20


def test_mode_of_the_account_decides_where_the_order_has_none(venue: Venue) -> None:
    venue.do(admin_commands.create_account, account_id=1, self_trade_prevention=OLDEST)
    assert buy(venue, 40, 0)[3] == "ended own cancelled 0+0/20@100 reason 6"
    assert venue.find("t").self_trade_prevention == 0


def test_mode_of_the_incoming_order_decides_not_that_of_the_resting_one() -> None:
    venue = Venue()
    venue.order("own", SELL, 20, 100, self_trade_prevention=NEWEST)
    assert buy(venue, 20, OLDEST) == [
        "accepted t new 0+20/20@100",
        "ended own cancelled 0+0/20@100 reason 6",
    ]


def test_accounts_of_one_group_have_one_owner_and_others_do_not(venue: Venue) -> None:
    venue.do(admin_commands.create_account, self_trade_group=9)
    venue.do(admin_commands.create_account, self_trade_group=9)
    venue.do(admin_commands.create_account, self_trade_group=8)
    venue.order("x", SELL, 20, 90, account_id=4)
    assert venue.order("y", BUY, 20, 90, account_id=5, self_trade_prevention=NEWEST) == [
        "accepted y new 0+20/20@90",
        "ended y cancelled 0+0/20@90 reason 6",
    ]
    assert venue.order("z", BUY, 20, 90, account_id=6, self_trade_prevention=NEWEST)[1:] == [
        "filled x filled 20+0/20@90 maker 20@90 trade 1",
        "filled z filled 20+0/20@90 taker 20@90 trade 1",
    ]


def test_group_of_an_account_is_not_an_account_of_that_number() -> None:
    venue = Venue()
    venue.do(admin_commands.create_account, self_trade_group=2)
    venue.order("x", SELL, 20, 100, account_id=4)
    assert venue.order("y", BUY, 20, 100, account_id=2, self_trade_prevention=NEWEST)[1:] == [
        "filled x filled 20+0/20@100 maker 20@100 trade 1",
        "filled y filled 20+0/20@100 taker 20@100 trade 1",
    ]


@pytest.mark.parametrize(
    ("mode", "quantity", "filled"),
    [
        (NEWEST, 20, True),
        (NEWEST, 25, False),
        (BOTH, 25, False),
        (DECREMENT, 25, False),
        (OLDEST, 40, True),
        (OLDEST, 45, False),
        (0, 60, True),
        (0, 65, False),
    ],
)
def test_fill_or_kill_does_not_count_own_quantity_nor_what_it_cannot_reach(
    venue: Venue, mode: int, quantity: int, filled: bool
) -> None:
    events = buy(venue, quantity, mode, time_in_force=FOK)
    if filled:
        assert events[-1].startswith(f"filled t filled {quantity}+0/{quantity}@100 taker")
    else:
        assert events == [
            f"accepted t new 0+{quantity}/{quantity}@100",
            f"ended t cancelled 0+0/{quantity}@100 reason 4",
        ]
        assert venue.book() == ([], [(100, 60, 3)])


def test_stop_that_becomes_active_is_prevented_as_any_other_order(venue: Venue) -> None:
    stop = {"order_type": enums.ORDER_TYPE_STOP, "stop_price": 90}
    venue.order("s", BUY, 40, self_trade_prevention=NEWEST, **stop)
    venue.order("a", SELL, 5, 90, account_id=2)
    events = venue.order("b", BUY, 5, 90, account_id=3)
    assert events[3:] == [
        "triggered s new 0+40/40@0",
        "filled before filled 20+0/20@100 maker 20@100 trade 2",
        "filled s partial 20+20/40@0 taker 20@100 trade 2",
        "ended s cancelled 20+0/40@0 reason 6",
    ]


def test_auctions_do_not_look_at_owners() -> None:
    venue = Venue(phase=enums.TRADING_PHASE_OPENING_AUCTION)
    venue.order("b", BUY, 20, 100, self_trade_prevention=NEWEST)
    venue.order("s", SELL, 20, 100, self_trade_prevention=NEWEST)
    assert venue.set_phase(enums.TRADING_PHASE_CONTINUOUS)[1:3] == [
        "filled b filled 20+0/20@100 auction 20@100 trade 1",
        "filled s filled 20+0/20@100 auction 20@100 trade 1",
    ]
