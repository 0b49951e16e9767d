"""Executions of multi-leg orders that are undone or corrected: what is told, and what it leaves."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.package_commands import Leg
from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.folding.multi_leg_orders import fold_multi_leg_order
from quantumcore.server.store.folding.orders import fold_order
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import AggregateType, Event
from quantumcore.v1.multi_leg_order_pb2 import MultiLegOrder, MultiLegOrderStatus
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.reject_pb2 import CancelReason
from tests.server.core.packages import LOT, A, B, enter, listed
from tests.server.core.venue import BUY, SELL, Venue
from tests.server.store.histories import blocks_of

MAKER, GTC = 2, enums.TIME_IN_FORCE_GTC
UPCASTING = Upcasting()
FILLED = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_FILLED
CANCELLED = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_CANCELLED
WORKING = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_WORKING
BUSTED = CancelReason.CANCEL_REASON_TRADE_BUSTED


@pytest.fixture
def venue() -> Venue:
    """A costs 100 and 110, B brings 90."""
    venue = listed()
    for name, price in (("a1", 100), ("a2", 110)):
        venue.order(name, SELL, LOT, price, account_id=MAKER, instrument_id=A)
    venue.order("b", BUY, 5 * LOT, 90, account_id=MAKER, instrument_id=B)
    return venue


def told(venue: Venue) -> list[Event]:
    decoder = Decoder()
    stored = [event for block in blocks_of(venue.blocks) for event in decoder.decode(block)]
    return [event_of(one, UPCASTING) for one in stored]


def of_kind(events: list[Event], name: str) -> list[Any]:
    return [getattr(event, name) for event in events if event.WhichOneof("payload") == name]


def state_at(events: list[Event], order_id: int, sequence: int) -> MultiLegOrder:
    order = MultiLegOrder()
    for event in events:
        if event.sequence > sequence:
            break
        if event.aggregate_type == AggregateType.AGGREGATE_TYPE_MULTI_LEG_ORDER and (
            event.aggregate_id == order_id
        ):
            fold_multi_leg_order(order, event)
    return order


def test_a_bust_tells_each_leg_and_then_the_whole(venue: Venue) -> None:
    enter(venue, units=2)
    filled = venue.exchange.sequence
    venue.do(admin_commands.bust_trade, trade_id=2, text=b"clear error")
    events = told(venue)
    (busted,) = of_kind(events, "multi_leg_order_execution_busted")
    (fill,) = of_kind(events, "multi_leg_order_package_filled")
    assert (busted.reference_sequence, busted.text) == (filled, "clear error")
    assert (busted.executed_units, busted.net_price) == (fill.units, fill.net_price) == (2, 15)
    assert (busted.units, busted.filled_units, busted.leaves_units) == (2, 0, 0)
    assert [leg.leg_number for leg in busted.legs] == [1, 2]
    assert all(leg.cumulative_quantity == leg.cumulative_tick_lots == 0 for leg in busted.legs)
    assert events[-1].sequence == venue.exchange.sequence
    order_id = events[-1].aggregate_id
    before, since = (state_at(events, order_id, one) for one in (filled, venue.exchange.sequence))
    assert (before.status, before.filled_units) == (FILLED, 2)
    assert [leg.cumulative_quantity for leg in before.legs] == [2 * LOT, 2 * LOT]
    assert (since.status, since.cancel_reason, since.filled_units) == (CANCELLED, BUSTED, 0)
    assert [leg.cumulative_quantity for leg in since.legs] == [0, 0]


def test_records_of_legs_name_the_fills_that_they_undo(venue: Venue) -> None:
    enter(venue, units=2)
    venue.do(admin_commands.bust_trade, trade_id=1)
    events = told(venue)
    fills = {
        (event.aggregate_id, fill.trade_id): event.sequence
        for event in events
        for name in ("order_filled", "order_partially_filled")
        if event.WhichOneof("payload") == name
        for fill in [getattr(event, name).fill]
    }
    busts = {
        (event.aggregate_id, event.order_fill_busted.trade_id): (
            event.order_fill_busted.reference_sequence
        )
        for event in events
        if event.WhichOneof("payload") == "order_fill_busted"
    }
    assert busts == fills
    assert len(busts) == 6


def test_positions_and_cash_of_both_sides_go_back(venue: Venue) -> None:
    for account_id in (1, MAKER):
        venue.do(admin_commands.move_cash, account_id=account_id, amount=1_000)
    enter(venue, units=2)
    venue.do(admin_commands.bust_trade, trade_id=1)
    events = told(venue)
    lots: dict[int, int] = {}
    cash: dict[int, int] = {}
    for event in events:
        payload = getattr(event, str(event.WhichOneof("payload")))
        if event.aggregate_type == AggregateType.AGGREGATE_TYPE_POSITION:
            lots[event.aggregate_id] = payload.change.position.net_quantity
        elif event.WhichOneof("payload") == "cash_moved":
            cash[event.aggregate_id] = payload.cash_minor_units
    assert set(lots.values()) == {0}
    assert len(lots) == 4
    assert cash == {1: 1_000, MAKER: 1_000}


def test_an_order_that_works_on_asks_for_less(venue: Venue) -> None:
    enter(venue, units=5, min_units=1, net_price=20, time_in_force=GTC)
    venue.do(admin_commands.bust_trade, trade_id=1)
    events = told(venue)
    (busted,) = of_kind(events, "multi_leg_order_execution_busted")
    assert (busted.units, busted.filled_units, busted.leaves_units) == (3, 0, 3)
    since = state_at(events, events[-1].aggregate_id, venue.exchange.sequence)
    assert (since.status, since.units, since.leaves_units) == (WORKING, 3, 3)
    assert [leg.quantity for leg in since.legs] == [3 * LOT, 3 * LOT]
    venue.order("a3", SELL, 5 * LOT, 100, account_id=MAKER, instrument_id=A)
    events = told(venue)
    again = state_at(events, since.multi_leg_order_id, venue.exchange.sequence)
    assert (again.status, again.units, again.filled_units) == (FILLED, 3, 3)


def test_a_correction_tells_the_net_price_and_is_what_a_later_bust_names(venue: Venue) -> None:
    enter(venue, units=2)
    filled = venue.exchange.sequence
    venue.do(admin_commands.correct_trade, trade_id=2, price=100, text=b"typing")
    corrected = venue.exchange.sequence
    venue.do(admin_commands.bust_trade, trade_id=1)
    events = told(venue)
    (payload,) = of_kind(events, "multi_leg_order_execution_corrected")
    assert (payload.reference_sequence, payload.text) == (filled, "typing")
    assert (payload.executed_units, payload.net_price) == (2, 10)
    (leg,) = payload.legs
    assert (leg.leg_number, leg.cumulative_quantity, leg.cumulative_tick_lots) == (1, 2 * LOT, 20)
    (busted,) = of_kind(events, "multi_leg_order_execution_busted")
    assert (busted.reference_sequence, busted.net_price) == (corrected, 10)
    order_id = events[-1].aggregate_id
    between = state_at(events, order_id, corrected)
    assert (between.status, between.filled_units) == (FILLED, 2)
    assert [one.cumulative_tick_lots for one in between.legs] == [20, 18]


def test_two_packages_that_traded_with_one_another_tell_of_both() -> None:
    venue = listed()
    pair = (Leg(A, BUY, LOT), Leg(B, SELL, LOT))
    for instrument, price in ((A, 100), (B, 90)):
        for side, away in ((SELL, 20), (BUY, -20)):
            terms = {"account_id": 3, "instrument_id": instrument}
            venue.order(f"{side} {instrument}", side, LOT, price + away, **terms)
    opposite = tuple(leg._replace(side=3 - leg.side) for leg in pair)
    waits = {"net_price": -10, "time_in_force": GTC, "account_id": MAKER}
    enter(venue, "waits", units=2, legs=opposite, **waits)
    enter(venue, "comes", units=2, net_price=10, legs=pair)
    venue.do(admin_commands.bust_trade, trade_id=2)
    events = told(venue)
    fills = [event for event in events if event.HasField("multi_leg_order_package_filled")]
    busts = [event for event in events if event.HasField("multi_leg_order_execution_busted")]
    assert [one.aggregate_id for one in busts] == [one.aggregate_id for one in fills]
    assert [one.multi_leg_order_execution_busted.reference_sequence for one in busts] == [
        one.sequence for one in fills
    ]
    assert [one.multi_leg_order_execution_busted.net_price for one in busts] == [-10, 10]
    for bust in busts:
        order = state_at(events, bust.aggregate_id, venue.exchange.sequence)
        assert (order.status, order.filled_units) == (CANCELLED, 0)
        for leg in order.legs:
            folded = Order()
            for event in events:
                if event.aggregate_type == AggregateType.AGGREGATE_TYPE_ORDER and (
                    event.aggregate_id == leg.order_id
                ):
                    fold_order(folded, event)
            assert (folded.status, folded.cumulative_quantity) == (leg.status, 0)


def test_a_decoder_that_was_saved_tells_the_same_of_a_bust(venue: Venue) -> None:
    enter(venue, units=5, min_units=1, net_price=20, time_in_force=GTC)
    venue.do(admin_commands.correct_trade, trade_id=2, price=100)
    venue.do(admin_commands.bust_trade, trade_id=1)
    *blocks, correction, bust = blocks_of(venue.blocks)
    decoder = Decoder()
    for block in blocks:
        decoder.decode(block)
    again = Decoder.restored(decoder.save(), decoder.sequence)
    assert again.decode(correction) == decoder.decode(correction)
    again = Decoder.restored(decoder.save(), decoder.sequence)
    assert again.decode(bust) == decoder.decode(bust) != []
