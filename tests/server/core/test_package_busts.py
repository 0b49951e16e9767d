"""Executions of multi-leg orders that are undone, and their legs' trades that are corrected."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.events import OrderEvent
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.package_commands import Leg
from quantumcore.server.core.views import PackageView
from tests.server.core.packages import LISTED, LOT, A, B, brief, enter, listed
from tests.server.core.sequential import work
from tests.server.core.venue import BUY, SELL, Venue

GTC = enums.TIME_IN_FORCE_GTC
TRADER, MAKER = 1, 2


@pytest.fixture
def venue() -> Venue:
    """A costs 100 and more, B brings 90 and less; the maker stands on both sides."""
    venue = listed()
    for name, price in (("a1", 100), ("a2", 110)):
        venue.order(name, SELL, LOT, price, account_id=MAKER, instrument_id=A)
    venue.order("b", BUY, 5 * LOT, 90, account_id=MAKER, instrument_id=B)
    return venue


def bust(venue: Venue, trade_id: int) -> list[str]:
    return brief(venue.do(admin_commands.bust_trade, trade_id=trade_id))


def correct(venue: Venue, trade_id: int, **more: Any) -> list[str]:
    return brief(venue.do(admin_commands.correct_trade, trade_id=trade_id, **more))


def package(venue: Venue, name: str = "p", account: int = TRADER) -> PackageView:
    view = venue.exchange.package(venue.exchange.find_order(account, name))
    assert view is not None
    return view


def held(venue: Venue) -> list[int]:
    accounts = (TRADER, MAKER, 3)
    return [venue.exchange.position(one, at) // LOT for one in accounts for at in (A, B)]


def replayed(venue: Venue) -> Exchange:
    exchange = Exchange()
    for time_ns, turn in venue.blocks:
        exchange.replay(memoryview(turn), time_ns)
    return exchange


@pytest.mark.parametrize("trade", [1, 2, 3])
def test_a_bust_of_any_trade_undoes_all_that_traded_with_it(venue: Venue, trade: int) -> None:
    enter(venue, units=2)
    assert held(venue)[:4] == [2, -2, -2, 2]
    told = bust(venue, trade)
    assert [line.split()[0] for line in told] == ["a1", "L1", "a2", "L1", "b", "L2", "P"]
    assert held(venue) == [0] * 6
    whole = package(venue).order
    assert (whole.status, whole.cancel_reason) == (
        enums.ORDER_STATUS_CANCELLED,
        enums.CANCEL_REASON_TRADE_BUSTED,
    )
    assert (whole.cumulative_quantity, whole.cumulative_tick_lots) == (0, 0)
    for leg in package(venue).legs:
        assert leg.status == enums.ORDER_STATUS_CANCELLED
        assert (leg.cumulative_quantity, leg.cumulative_tick_lots) == (0, 0)
    assert venue.result.reject_reason == 0
    bust(venue, trade)
    assert venue.result.reject_reason == enums.REJECT_REASON_UNKNOWN_TRADE
    assert replayed(venue).state_hash() == venue.exchange.state_hash()


def test_the_event_of_the_whole_names_the_fill_that_it_undoes(venue: Venue) -> None:
    enter(venue, units=1)
    filled = venue.exchange.sequence
    last = venue.do(admin_commands.bust_trade, trade_id=1)[-1]
    assert isinstance(last, OrderEvent)
    assert (last.reference_sequence, last.last_quantity, last.last_price) == (filled, LOT, 10)
    assert last.execution_type == enums.EXECUTION_TYPE_TRADE_CANCEL


def test_of_an_order_that_works_on_one_execution_is_undone_and_it_asks_for_less(
    venue: Venue,
) -> None:
    enter(venue, units=5, min_units=1, net_price=20, time_in_force=GTC)
    assert package(venue).order.cumulative_quantity == 2 * LOT
    venue.order("a3", SELL, LOT, 100, account_id=MAKER, instrument_id=A)
    assert package(venue).order.cumulative_quantity == 3 * LOT
    bust(venue, 1)
    whole = package(venue).order
    assert whole.status == enums.ORDER_STATUS_PARTIALLY_FILLED
    assert (whole.quantity, whole.cumulative_quantity) == (3 * LOT, LOT)
    assert held(venue)[:4] == [1, -1, -1, 1]
    venue.order("a4", SELL, 5 * LOT, 100, account_id=MAKER, instrument_id=A)
    whole = package(venue).order
    assert (whole.status, whole.cumulative_quantity) == (enums.ORDER_STATUS_FILLED, 3 * LOT)
    assert held(venue)[:4] == [3, -3, -3, 3]


def test_a_bust_takes_back_what_the_order_had_brought(venue: Venue) -> None:
    enter(venue, units=2)
    order = venue.exchange.find_order(TRADER, "p")
    bust(venue, 1)
    profit = venue.exchange.strategy_profit(order, venue.now)
    assert profit is not None
    assert [leg[2:] for leg in profit.legs] == [(0, 0, 0, 0, 0, 0)] * 2


def test_a_corrected_price_of_a_leg_corrects_the_net_price(venue: Venue) -> None:
    enter(venue, units=2)
    told = venue.do(admin_commands.correct_trade, trade_id=2, price=100)
    assert [line.split()[0] for line in brief(told)] == ["a2", "L1", "P"]
    assert isinstance(told[-1], OrderEvent)
    assert told[-1].last_price == 10
    assert package(venue).order.cumulative_tick_lots == 2
    order = venue.exchange.find_order(TRADER, "p")
    profit = venue.exchange.strategy_profit(order, venue.now)
    assert profit is not None
    assert sum(leg.paid for leg in profit.legs) == 2
    assert bust(venue, 1)
    assert held(venue) == [0] * 6
    assert package(venue).order.cumulative_tick_lots == 0


def test_a_smaller_quantity_of_one_leg_is_no_correction(venue: Venue) -> None:
    enter(venue, units=1)
    assert correct(venue, 1, quantity=LOT) == []
    assert venue.result.reject_reason == enums.REJECT_REASON_NOTHING_TO_REPLACE
    venue.order("more", BUY, 9 * LOT, 90, account_id=MAKER, instrument_id=B)
    enter(venue, "q", units=1, legs=package_of(2))
    assert correct(venue, 4, quantity=LOT) == []
    assert venue.result.reject_reason == enums.REJECT_REASON_FIELD_NOT_ALLOWED


def package_of(lots: int) -> tuple[Leg, ...]:
    return (Leg(A, BUY, LOT), Leg(B, SELL, lots * LOT))


def test_what_two_packages_traded_with_one_another_is_undone_for_both() -> None:
    venue = listed()
    opposite = [leg._replace(side=3 - leg.side) for leg in package_of(1)]
    for instrument, price in ((A, 100), (B, 90)):
        venue.order(
            f"ask {instrument}", SELL, LOT, price + 20, account_id=3, instrument_id=instrument
        )
        venue.order(
            f"bid {instrument}", BUY, LOT, price - 20, account_id=3, instrument_id=instrument
        )
    enter(
        venue, "waits", units=2, net_price=-10, time_in_force=GTC, legs=opposite, account_id=MAKER
    )
    enter(venue, "comes", units=2, net_price=10, legs=package_of(1))
    assert held(venue) == [2, -2, -2, 2, 0, 0]
    told = bust(venue, 1)
    assert [line.split()[0] for line in told] == ["L1", "L1", "L2", "L2", "P", "P"]
    assert held(venue) == [0] * 6
    for name, account in (("waits", MAKER), ("comes", TRADER)):
        whole = package(venue, name, account).order
        assert (whole.status, whole.cumulative_tick_lots) == (enums.ORDER_STATUS_CANCELLED, 0)
    assert replayed(venue).state_hash() == venue.exchange.state_hash()


def test_trades_of_sequential_orders_are_not_mended(venue: Venue) -> None:
    work(venue, units=1, legs=(Leg(A, BUY, LOT, 100), Leg(B, SELL, LOT, 90)))
    assert held(venue)[:2] == [1, -1]
    assert bust(venue, 1) == []
    assert venue.result.reject_reason == enums.REJECT_REASON_NOT_SUPPORTED


def test_a_correction_is_worth_no_more_than_the_core_can_count() -> None:
    venue = listed()
    many = 2_000_000 * LOT
    venue.do(admin_commands.create_instrument, **(LISTED | {"max_quantity": many}))
    venue.order("s", SELL, many, 100, account_id=2, instrument_id=5)
    venue.order("b", BUY, many, 100, account_id=3, instrument_id=5)
    wide = {"instrument_id": 5, "max_price": 1 << 44, "max_quantity": 1 << 18}
    venue.do(admin_commands.create_instrument, **(LISTED | wide))
    assert correct(venue, 1, price=(1 << 44) // 10 * 10) == []
    assert venue.result.reject_reason == enums.REJECT_REASON_NOTIONAL_OVERFLOW
    assert not venue.exchange.is_torn


def test_the_day_follows_a_bust_of_many_trades(venue: Venue) -> None:
    enter(venue, units=2)
    venue.order("c", SELL, LOT, 130, account_id=MAKER, instrument_id=A)
    venue.order("d", BUY, LOT, 130, account_id=3, instrument_id=A)
    bust(venue, 1)
    day = venue.exchange.statistics(A)
    assert day is not None
    assert (day.high, day.low, day.volume, day.trades) == (130, 130, LOT, 1)
    bust(venue, 4)
    for instrument in (A, B):
        empty = venue.exchange.statistics(instrument)
        assert empty is not None
        assert (empty.high, empty.low, empty.volume, empty.trades) == (None, None, 0, 0)
