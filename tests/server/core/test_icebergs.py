"""Icebergs: what they show, when they show more, and what a change of them costs."""

import pytest

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.events import LevelChange
from tests.server.core.venue import BUY, SELL, Venue

ICEBERG = enums.ORDER_TYPE_ICEBERG
TO_BACK, IN_PLACE = kinds.LEVEL_ACTION_TO_BACK, kinds.LEVEL_ACTION_IN_PLACE


@pytest.fixture
def venue() -> Venue:
    return Venue()


def iceberg(venue: Venue, name: str, quantity: int, display: int, price: int = 100) -> list[str]:
    return venue.order(name, SELL, quantity, price, order_type=ICEBERG, display_quantity=display)


def test_iceberg_shows_its_display_quantity_alone(venue: Venue) -> None:
    assert iceberg(venue, "i", 50, 20) == ["accepted i new 0+50/50@100"]
    assert venue.book() == ([], [(100, 20, 1)])
    view = venue.find("i")
    assert (view.display_quantity, view.shown_quantity, view.leaves_quantity) == (20, 20, 50)


def test_next_part_is_shown_at_the_back_and_told(venue: Venue) -> None:
    iceberg(venue, "i", 50, 20)
    venue.order("a", SELL, 10, 100, account_id=2)
    assert venue.order("t", BUY, 25, 100, account_id=3) == [
        "accepted t new 0+25/25@100",
        "filled i partial 20+30/50@100 maker 20@100 trade 1",
        "filled t partial 20+5/25@100 taker 20@100 trade 1",
        "restated i partial 20+30/50@100 refreshed shows 20",
        "filled a partial 5+5/10@100 maker 5@100 trade 2",
        "filled t filled 25+0/25@100 taker 5@100 trade 2",
    ]
    assert venue.queue() == ([], ["a 5@100", "i 20@100"])


def test_level_changes_follow_the_shown_part_and_name_their_events(venue: Venue) -> None:
    iceberg(venue, "i", 50, 20)
    i = venue.find("i").order_id
    venue.order("t", BUY, 20, 100, account_id=3)
    last = venue.exchange.sequence
    assert venue.levels == [
        LevelChange(1, SELL, 100, 0, 1, last - 1, IN_PLACE, i, 0),
        LevelChange(1, SELL, 100, 20, 1, last, TO_BACK, i, 20),
    ]


def test_sweep_goes_on_with_refreshed_parts_before_the_next_level(venue: Venue) -> None:
    iceberg(venue, "i", 40, 10)
    iceberg(venue, "j", 20, 10)
    venue.order("a", SELL, 5, 110)
    events = venue.order("t", BUY, 65, 110, account_id=2)
    assert [event for event in events if "maker" in event] == [
        "filled i partial 10+30/40@100 maker 10@100 trade 1",
        "filled j partial 10+10/20@100 maker 10@100 trade 2",
        "filled i filled 40+0/40@100 maker 30@100 trade 3",
        "filled j filled 20+0/20@100 maker 10@100 trade 4",
        "filled a filled 5+0/5@110 maker 5@110 trade 5",
    ]
    assert [event for event in events if "restated" in event] == [
        "restated i partial 10+30/40@100 refreshed shows 10",
        "restated j partial 10+10/20@100 refreshed shows 10",
    ]
    assert venue.book() == ([], [])


@pytest.mark.parametrize(("quantity", "parts"), [(20, [15, 5]), (40, [15, 25]), (45, [15, 30])])
def test_whole_iceberg_trades_its_shown_part_then_all_the_others_at_once(
    venue: Venue, quantity: int, parts: list[int]
) -> None:
    iceberg(venue, "i", quantity, 15)
    events = venue.order("t", BUY, 50, 100, account_id=2)
    makers = [event for event in events if "maker" in event]
    assert [int(event.split("maker ")[1].split("@")[0]) for event in makers] == parts
    assert venue.find("i").status == enums.ORDER_STATUS_FILLED
    assert venue.book() == ([(100, 50 - quantity, 1)], [])


def test_incoming_iceberg_trades_with_its_whole_quantity_before_it_rests(venue: Venue) -> None:
    venue.order("b", BUY, 30, 100, account_id=2)
    assert iceberg(venue, "i", 50, 10) == [
        "accepted i new 0+50/50@100",
        "filled b filled 30+0/30@100 maker 30@100 trade 1",
        "filled i partial 30+20/50@100 taker 30@100 trade 1",
    ]
    assert venue.book() == ([], [(100, 10, 1)])


def test_incoming_iceberg_with_little_left_shows_what_is_left(venue: Venue) -> None:
    venue.order("b", BUY, 45, 100, account_id=2)
    iceberg(venue, "i", 50, 20)
    assert venue.book() == ([], [(100, 5, 1)])
    events = venue.order("t", BUY, 5, 100, account_id=2)
    assert events[1:] == [
        "filled i filled 50+0/50@100 maker 5@100 trade 2",
        "filled t filled 5+0/5@100 taker 5@100 trade 2",
    ]


@pytest.mark.parametrize(("quantity", "shown"), [(45, 20), (20, 20), (15, 15), (5, 5)])
def test_reduction_is_taken_from_the_hidden_part_first_and_keeps_the_place(
    venue: Venue, quantity: int, shown: int
) -> None:
    iceberg(venue, "i", 50, 20)
    venue.order("a", SELL, 10, 100)
    assert venue.replace("i", quantity=quantity) == [
        f"replaced i new 0+{quantity}/{quantity}@100 was i"
    ]
    assert venue.queue() == ([], [f"i {shown}@100", "a 10@100"])


def test_larger_iceberg_goes_to_the_back_with_a_whole_display(venue: Venue) -> None:
    iceberg(venue, "i", 50, 20)
    venue.order("a", SELL, 10, 100)
    venue.order("t", BUY, 15, 100, account_id=2)
    assert venue.queue() == ([], ["i 5@100", "a 10@100"])
    assert venue.replace("i", quantity=60) == ["replaced i partial 15+45/60@100 was i"]
    assert venue.queue() == ([], ["a 10@100", "i 20@100"])


def test_iceberg_replaced_to_what_it_has_traded_is_filled(venue: Venue) -> None:
    iceberg(venue, "i", 50, 20)
    venue.order("t", BUY, 30, 100, account_id=2)
    assert venue.replace("i", quantity=30) == ["replaced i filled 30+0/30@100 was i"]
    assert venue.book() == ([], [])


def test_cancelled_iceberg_leaves_nothing_hidden(venue: Venue) -> None:
    iceberg(venue, "i", 50, 20)
    assert venue.cancel("i") == ["ended i cancelled 0+0/50@100 reason 1"]
    assert venue.book() == ([], [])
    assert venue.order("f", BUY, 5, 100, time_in_force=enums.TIME_IN_FORCE_FOK, account_id=2) == [
        "accepted f new 0+5/5@100",
        "ended f cancelled 0+0/5@100 reason 4",
    ]


def test_post_only_iceberg_is_refused_where_it_would_trade(venue: Venue) -> None:
    venue.order("b", BUY, 5, 100)
    refused = venue.order(
        "i", SELL, 50, 100, order_type=ICEBERG, display_quantity=20, post_only=True
    )
    assert refused == ["rejected i rejected reason 90 field 9 100 for 100"]
