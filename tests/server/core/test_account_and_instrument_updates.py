"""Changes of accounts and instruments while their orders work."""

import pytest

from quantumcore.server.core import admin_commands, enums
from tests.server.core.risk_venue import ACCEPTED, FUTURE, RiskVenue, cash
from tests.server.core.venue import BUY, LISTING, SELL, Venue

NEWEST = enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST
OLDEST = enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST


@pytest.fixture
def venue() -> Venue:
    return Venue()


def update(venue: Venue, account_id: int, **terms: object) -> list[str]:
    return venue.brief(admin_commands.create_account, account_id=account_id, **terms)


def relist(venue: Venue, **terms: int) -> list[str]:
    return venue.brief(admin_commands.create_instrument, **LISTING | {"instrument_id": 1} | terms)


def test_update_replaces_all_terms_and_answers_with_the_account(venue: Venue) -> None:
    assert update(venue, 2, definition=b"new", self_trade_prevention=NEWEST) == [
        "account updated 2 0"
    ]
    assert (venue.exchange.account_definition(2), venue.result.affected) == (b"new", 2)
    assert update(venue, 2) == ["account updated 2 0"]
    assert venue.exchange.account_definition(2) == b""
    venue.order("a", SELL, 5, 100, account_id=2)
    assert venue.order("b", BUY, 5, 100, account_id=2)[-1].startswith("filled b")


def test_update_of_an_unknown_account_is_refused(venue: Venue) -> None:
    assert update(venue, 4) == []
    assert (venue.result.reject_reason, venue.result.value) == (20, 4)
    assert venue.exchange.account_count == 3


def test_account_that_joins_a_group_knows_its_resting_orders(venue: Venue) -> None:
    venue.order("own", SELL, 5, 100)
    update(venue, 1, self_trade_group=7, self_trade_prevention=NEWEST)
    update(venue, 2, self_trade_group=7, self_trade_prevention=OLDEST)
    assert venue.order("a", BUY, 5, 100)[1:] == ["ended a cancelled 0+0/5@100 reason 6"]
    assert venue.order("b", BUY, 5, 100, account_id=2)[1:] == [
        "ended own cancelled 0+0/5@100 reason 6"
    ]


def test_account_that_leaves_its_group_trades_with_it(venue: Venue) -> None:
    for account_id in (1, 2):
        update(venue, account_id, self_trade_group=7, self_trade_prevention=NEWEST)
    venue.order("own", SELL, 5, 100)
    update(venue, 1)
    assert venue.order("a", BUY, 5, 100, account_id=2)[1:] == [
        "filled own filled 5+0/5@100 maker 5@100 trade 1",
        "filled a filled 5+0/5@100 taker 5@100 trade 1",
    ]


def test_regrouped_icebergs_stay_what_they_are(venue: Venue) -> None:
    venue.trade(100, 50)
    iceberg = {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": 10}
    venue.order("r", SELL, 50, 110, account_id=3, **iceberg)
    update(venue, 3, self_trade_group=9)
    assert venue.order("b", BUY, 15, 110)[1:4] == [
        "filled r partial 10+40/50@110 maker 10@110 trade 2",
        "filled b partial 10+5/15@110 taker 10@110 trade 2",
        "restated r partial 10+40/50@110 refreshed shows 10",
    ]


def test_update_of_an_instrument_keeps_tick_lot_value_and_phase(venue: Venue) -> None:
    changes = {"tick_size": 1, "lot_size": 1, "tick_value": 9, "phase": 5}
    assert relist(venue, **changes, definition=b"new") == ["instrument updated 1 0"]  # type: ignore[arg-type]
    assert (venue.exchange.definition(1), venue.result.affected) == (b"new", 1)
    assert venue.exchange.phase(1) == enums.TRADING_PHASE_CONTINUOUS
    assert venue.order("a", BUY, 7, 100)[0].endswith("reason 51 field 8 7 for 5")
    assert venue.order("a", BUY, 5, 101)[0].endswith("reason 53 field 9 101 for 10")


def test_new_bounds_hold_for_new_and_changed_orders_and_resting_ones_stay(venue: Venue) -> None:
    venue.order("a", BUY, 500, 100)
    relist(venue, max_quantity=50, min_price=120)
    assert venue.book() == ([(100, 500, 1)], [])
    assert venue.order("b", BUY, 55, 120)[0].endswith("reason 52 field 8 55 for 50")
    assert venue.order("b", BUY, 50, 110)[0].endswith("reason 54 field 9 110 for 120")
    assert venue.replace("a", quantity=400)[0].endswith("reason 52 field 6 400 for 50")
    assert venue.order("c", SELL, 50, 120, account_id=2) == ["accepted c new 0+50/50@120"]


def test_pegs_move_within_new_bounds_at_once_and_other_orders_stay(venue: Venue) -> None:
    peg = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_PRIMARY}
    venue.order("bid", BUY, 5, 100)
    venue.order("ask", SELL, 5, 300)
    venue.order("low", BUY, 5, **peg)
    venue.order("high", SELL, 5, **peg)
    assert relist(venue, min_price=125, max_price=255) == [
        "instrument updated 1 0",
        "restated low new 0+5/5@130 peg moved shows 5",
        "restated high new 0+5/5@250 peg moved shows 5",
    ]
    assert venue.book() == ([(130, 5, 1), (100, 5, 1)], [(250, 5, 1), (300, 5, 1)])
    assert relist(venue) == [
        "instrument updated 1 0",
        "restated low new 0+5/5@100 peg moved shows 5",
        "restated high new 0+5/5@300 peg moved shows 5",
    ]


def test_pegs_move_within_new_bounds_when_trading_is_continuous_again(venue: Venue) -> None:
    peg = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_PRIMARY}
    venue.order("bid", BUY, 5, 100)
    venue.order("low", BUY, 5, **peg)
    venue.set_phase(enums.TRADING_PHASE_HALTED)
    assert relist(venue, min_price=120) == ["instrument updated 1 0"]
    assert venue.set_phase(enums.TRADING_PHASE_CONTINUOUS)[-1] == (
        "restated low new 0+5/5@120 peg moved shows 5"
    )


def test_resting_order_outside_new_bounds_trades_and_keeps_its_price_when_it_shrinks(
    venue: Venue,
) -> None:
    venue.order("a", BUY, 50, 100)
    relist(venue, min_price=120)
    assert venue.replace("a", quantity=20) == ["replaced a new 0+20/20@100 was a"]
    assert venue.replace("a", price=110)[0].endswith("reason 54 field 7 110 for 120")
    events = venue.order("m", SELL, 20, order_type=enums.ORDER_TYPE_MARKET, account_id=2)
    assert events[1] == "filled a filled 20+0/20@100 maker 20@100 trade 1"


def test_new_protection_and_price_bands_hold_from_the_next_order_on(venue: Venue) -> None:
    venue.trade(100)
    venue.order("near", SELL, 5, 110, account_id=2)
    venue.order("far", SELL, 5, 130, account_id=2)
    relist(venue, protection_band=10, price_band=10, auction_duration_ns=50)
    assert venue.order("m", BUY, 10, order_type=enums.ORDER_TYPE_MARKET)[1:] == [
        "filled near filled 5+0/5@110 maker 5@110 trade 2",
        "filled m partial 5+5/10@0 taker 5@110 trade 2",
        "ended m cancelled 5+0/10@0 reason 5",
    ]
    assert venue.order("l", BUY, 10, 130)[1] == "phase 1 volatility after continuous by price band"
    assert venue.exchange.auction_end_ns(1) == venue.now + 50


def test_update_of_an_unknown_instrument_is_refused(venue: Venue) -> None:
    assert relist(venue, instrument_id=9) == []
    assert (venue.result.reject_reason, venue.result.value) == (22, 9)
    assert venue.exchange.instrument_count == 2


@pytest.mark.parametrize("update_first", [True, False])
def test_repeated_requests_of_operators_are_answered_once(venue: Venue, update_first: bool) -> None:
    terms = {"account_id": 1} if update_first else {}
    events = venue.brief(admin_commands.create_account, request_id=5, **terms)
    first, count = venue.result, venue.exchange.account_count
    assert len(events) == 1
    assert venue.brief(admin_commands.create_account, request_id=5, **terms) == ["repeated 0 5"]
    assert (venue.result, venue.exchange.account_count) == (first._replace(repeated=True), count)
    assert venue.set_phase(enums.TRADING_PHASE_HALTED, request_id=5) == []
    assert venue.result.reject_reason == enums.REJECT_REASON_REQUEST_ID_REUSED
    assert venue.exchange.phase(1) == enums.TRADING_PHASE_CONTINUOUS


def test_repeated_phase_request_does_not_bring_the_phase_back(venue: Venue) -> None:
    venue.set_phase(enums.TRADING_PHASE_HALTED, request_id=5)
    venue.set_phase(enums.TRADING_PHASE_CONTINUOUS)
    assert venue.set_phase(enums.TRADING_PHASE_HALTED, request_id=5) == ["repeated 0 5"]
    assert venue.exchange.phase(1) == enums.TRADING_PHASE_CONTINUOUS


def test_kind_of_an_instrument_does_not_change() -> None:
    venue = RiskVenue()
    venue.trade(100, 50)
    venue.do(admin_commands.create_instrument, **LISTING, terms=FUTURE, instrument_id=1)
    assert venue.refused == ACCEPTED
    assert cash(venue, 3) == -100
    venue.do(admin_commands.bust_trade, trade_id=1)
    assert cash(venue, 3) == 0
