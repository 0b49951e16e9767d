"""Decoded events number gap-free, and add up to what the exchange holds."""

from collections import Counter, defaultdict

import pytest

from quantumcore.server.api.currencies import CURRENCY_NUMBERS
from quantumcore.server.core import kinds
from quantumcore.server.core.events import NAMES
from quantumcore.server.store.decoding.decoder import DECODED_KINDS, Decoder
from quantumcore.server.store.errors import JournalUndecodable
from quantumcore.server.store.event_types import NOT_BUILT_YET, PAYLOADS, name_of
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import AggregateType, Event, EventType
from tests.server.store.histories import Block, History, packages, single_orders

UPCASTING = Upcasting()


def decoded(history: History) -> list[Event]:
    return [event_of(stored, UPCASTING) for stored in history.events()]


def test_every_kind_of_event_record_has_a_decoder() -> None:
    event_kinds = {kind for kind in NAMES if kind >= kinds.FIRST_EVENT}
    assert event_kinds - DECODED_KINDS == set()


def test_every_event_type_is_told_or_named_as_not_built(histories: list[History]) -> None:
    told = {event.event_type for history in histories for event in history.events()}
    missing = set(PAYLOADS) - told - set(NOT_BUILT_YET)
    assert sorted(map(name_of, missing)) == []
    assert told & set(NOT_BUILT_YET) == set()
    assert set(EventType.values()) - {0} == set(PAYLOADS)
    assert all(NOT_BUILT_YET.values())


def test_sequences_are_those_of_the_records_and_parts_have_no_gap(
    histories: list[History],
) -> None:
    for history in histories:
        parts: dict[int, list[int]] = defaultdict(list)
        for event in history.events():
            parts[event.sequence].append(event.part)
        assert list(parts) == list(range(1, history.exchange.sequence + 1))
        assert all(found == list(range(len(found))) for found in parts.values())


def test_versions_count_the_events_of_each_aggregate(histories: list[History]) -> None:
    for history in histories:
        counts: Counter[tuple[int, int]] = Counter()
        for event in history.events():
            key = event.aggregate_type, event.aggregate_id
            counts[key] += 1
            assert event.aggregate_version == counts[key], (history.name, event)


def test_commands_are_numbered_without_gap_and_own_their_events(
    histories: list[History],
) -> None:
    for history in histories:
        decoder, commands = Decoder(), 0
        for block in history.blocks:
            ids = [event.command_id for event in decoder.decode(block)]
            assert ids == sorted(ids)
            assert not ids or commands < ids[0] <= ids[-1] <= commands + block.command_count
            commands += block.command_count
            assert decoder.state.command_count == commands


def test_payload_is_the_one_that_the_type_names(histories: list[History]) -> None:
    for history in histories:
        for event in decoded(history)[::7]:
            field = Event.DESCRIPTOR.fields_by_number[event.event_type].name
            assert event.WhichOneof("payload") == field


def test_positions_told_are_those_held(histories: list[History]) -> None:
    for history in histories:
        last = {}
        for event in decoded(history):
            if event.aggregate_type == AggregateType.AGGREGATE_TYPE_POSITION:
                last[event.aggregate_id] = getattr(event, str(event.WhichOneof("payload"))).change
        exchange = history.exchange
        now = exchange.time_ns
        for account in range(1, exchange.account_count + 1):
            for view in exchange.positions_of(account, now):
                change = last.pop(account << 32 | view.instrument_id, None)
                if change is None:
                    assert view.lots == view.bought_lots == 0
                    continue
                lot, position = exchange.lot_size(view.instrument_id), change.position
                assert position.net_quantity == view.lots * lot
                assert position.bought_quantity == view.bought_lots * lot
                assert position.sold_quantity == (view.bought_lots - view.lots) * lot
                assert position.open_tick_lots == view.open_tick_lots
                assert position.fees.minor_units == view.fees
                assert (position.sequence, position.updated_time_ns) == (
                    view.sequence,
                    view.updated_time_ns,
                )
        assert last == {}


def test_money_told_is_that_held(histories: list[History]) -> None:
    for history in histories:
        decoder = Decoder()
        for block in history.blocks:
            decoder.decode(block)
        exchange = history.exchange
        for (account, currency), funds in decoder.state.funds.items():
            view = exchange.balance(account, currency, exchange.time_ns)
            assert view is not None
            assert (funds.cash, funds.reserved) == (view.cash, view.reserved)


def test_cash_movements_add_up_to_the_cash_told(histories: list[History]) -> None:
    for history in histories:
        cash: Counter[tuple[int, str]] = Counter()
        for event in decoded(history):
            if event.event_type == EventType.EVENT_TYPE_CASH_MOVED:
                moved = event.cash_moved
                key = event.aggregate_id, moved.amount.currency
                cash[key] += moved.amount.minor_units
                assert cash[key] == moved.cash_minor_units
                assert moved.amount.minor_units != 0


def test_reservations_add_up_to_what_is_reserved(histories: list[History]) -> None:
    signs = {"margin_reserved": 1, "margin_moved": -1, "margin_released": -1}
    met: Counter[str] = Counter()
    for history in histories:
        reserved: Counter[tuple[int, str]] = Counter()
        for event in decoded(history):
            name = str(event.WhichOneof("payload"))
            if name in signs:
                change = getattr(event, name)
                key = event.aggregate_id, change.amount.currency
                reserved[key] += signs[name] * change.amount.minor_units
                assert change.amount.minor_units > 0
                met[name] += 1
        for (account, code), amount in reserved.items():
            currency, now = CURRENCY_NUMBERS[code], history.exchange.time_ns
            view = history.exchange.balance(account, currency, now)
            assert view is not None
            assert amount == view.reserved, (history.name, account)
    assert set(met) == set(signs)


def test_each_fill_names_the_order_on_the_other_side() -> None:
    fills: dict[int, list[Event]] = defaultdict(list)
    for history in (single_orders(3, 800), packages(8, 800)):
        fills.clear()
        for event in decoded(history):
            if event.event_type in {
                EventType.EVENT_TYPE_ORDER_FILLED,
                EventType.EVENT_TYPE_ORDER_PARTIALLY_FILLED,
            }:
                fill = getattr(event, str(event.WhichOneof("payload"))).fill
                fills[fill.trade_id].append(event)
        assert fills
        for first, second in fills.values():
            one = getattr(first, str(first.WhichOneof("payload"))).fill
            other = getattr(second, str(second.WhichOneof("payload"))).fill
            assert one.counter_order_id == second.aggregate_id
            assert other.counter_order_id == first.aggregate_id


def test_the_same_journal_gives_the_same_events() -> None:
    history = single_orders(4, 500)
    assert history.events() == history.events()


def test_what_went_wrong_with_a_record_is_named() -> None:
    payload = (99 | 4 << 16).to_bytes(8, "little") + (1).to_bytes(8, "little") + bytes(16)
    with pytest.raises(JournalUndecodable, match="kind 99"):
        Decoder().decode(Block(payload, 1, 1, 1, 0))
    with pytest.raises(JournalUndecodable, match="no whole record"):
        Decoder().decode(Block(bytes(8), 1, 1, 0, 0))


def test_a_gap_in_the_sequence_is_refused() -> None:
    blocks = single_orders(5, 50).blocks
    with pytest.raises(JournalUndecodable, match="has the number"):
        Decoder().decode(blocks[1])
