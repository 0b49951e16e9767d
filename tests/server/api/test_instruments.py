"""Instruments: listed, refused, read, and moved between phases."""

from time import time_ns
from typing import Any

import grpc
import pytest

from quantumcore.v1.instrument_pb2 import ExerciseStyle, FutureTerms, OptionRight, OptionTerms
from quantumcore.v1.instrument_service_pb2 import (
    GetInstrumentRequest,
    ListCurrenciesRequest,
    ListInstrumentsRequest,
    SetTradingPhaseRequest,
    StreamInstrumentStatusRequest,
)
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.types_pb2 import InstrumentKind, TimeInForce, TradingPhase
from tests.server.api.running import CENT, NANOS, Client, instrument, refusal, until

LATER_NS = 4_000_000_000 * NANOS
CALL, AMERICAN = OptionRight.OPTION_RIGHT_CALL, ExerciseStyle.EXERCISE_STYLE_AMERICAN
OPTION, FUTURE = InstrumentKind.INSTRUMENT_KIND_OPTION, InstrumentKind.INSTRUMENT_KIND_FUTURE


async def create(client: Client, symbol: str, **changed: Any) -> Any:
    request = instrument(symbol, **changed)
    return await client.call(client.instruments.CreateInstrument, request)


async def test_a_listed_instrument_starts_closed_with_its_tick_value(client: Client) -> None:
    listed = (await create(client, "BBB", multiplier=50 * NANOS)).instrument
    assert listed.instrument_id == 2
    assert listed.tick_value == 50
    assert listed.phase == TradingPhase.TRADING_PHASE_CLOSED


async def test_an_instrument_is_found_by_id_and_by_symbol(client: Client) -> None:
    await create(client, "BBB")
    by_id = await client.call(
        client.instruments.GetInstrument, GetInstrumentRequest(instrument_id=2)
    )
    by_symbol = await client.call(
        client.instruments.GetInstrument, GetInstrumentRequest(symbol="BBB")
    )
    assert by_id.instrument == by_symbol.instrument
    failed = await refusal(
        client.call(client.instruments.GetInstrument, GetInstrumentRequest(symbol="NONE"))
    )
    assert failed.code is grpc.StatusCode.NOT_FOUND


async def test_a_symbol_is_listed_once(client: Client) -> None:
    failed = await refusal(create(client, "AAA"))
    assert failed.code is grpc.StatusCode.ALREADY_EXISTS


async def test_the_same_request_id_lists_once_and_answers_twice(client: Client) -> None:
    first = await create(client, "BBB", request_id=5)
    again = await create(client, "BBB", request_id=5)
    assert again.repeated_request
    assert again.instrument == first.instrument


async def test_another_request_id_does_not_get_the_symbol(client: Client) -> None:
    await create(client, "BBB", request_id=5)
    failed = await refusal(create(client, "BBB", request_id=6))
    assert failed.code is grpc.StatusCode.ALREADY_EXISTS


async def test_listing_needs_the_permission(trader: Client) -> None:
    failed = await refusal(create(trader, "BBB"))
    assert failed.code is grpc.StatusCode.PERMISSION_DENIED


OPTION_TERMS = OptionTerms(
    underlying_instrument_id=1, right=CALL, exercise_style=AMERICAN, strike_price=NANOS
)
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no symbol": ({"symbol": ""}, "symbol"),
    "lower case": ({"symbol": "aaa"}, "symbol"),
    "long symbol": ({"symbol": "A" * 33}, "symbol"),
    "line feed": ({"symbol": "A\n"}, "symbol"),
    "no kind": ({"kind": 0}, "kind"),
    "unknown kind": ({"kind": 99}, "kind"),
    "unknown currency": ({"currency": "XXY"}, "currency"),
    "zero tick": ({"tick_size": 0}, "tick_size"),
    "negative lot": ({"lot_size": -1}, "lot_size"),
    "negative multiplier": ({"multiplier": -1}, "multiplier"),
    "fraction of a cent": ({"tick_size": CENT // 10}, "tick_size"),
    "bound off tick": ({"max_price": 100 * NANOS + 1}, "max_price"),
    "crossed bounds": ({"min_price": 20_000 * NANOS}, "max_price"),
    "quantity off lot": ({"max_quantity": NANOS + 1}, "max_quantity"),
    "zero quantity": ({"max_quantity": 0}, "max_quantity"),
    "no band": ({"protection_band": 0}, "protection_band"),
    "boundless band": ({"protection_band": (2**63 - 1) // CENT * CENT}, "protection_band"),
    "notional overflow": (
        {"max_price": 9_000_000_000 * NANOS, "max_quantity": 9_000_000_000 * NANOS},
        "max_quantity",
    ),
    "expired": ({"expiry_time_ns": 1}, "expiry_time_ns"),
    "negative expiry": ({"expiry_time_ns": -1}, "expiry_time_ns"),
    "option without expiry": ({"kind": OPTION, "option": OPTION_TERMS}, "expiry_time_ns"),
    "option without terms": ({"kind": OPTION, "expiry_time_ns": LATER_NS}, "option"),
    "terms of another kind": ({"option": OPTION_TERMS}, "option"),
    "unlisted underlying": (
        {
            "kind": OPTION,
            "expiry_time_ns": LATER_NS,
            "option": OptionTerms(underlying_instrument_id=77, right=CALL, exercise_style=AMERICAN),
        },
        "option.underlying_instrument_id",
    ),
    "future without product": (
        {"kind": FUTURE, "expiry_time_ns": LATER_NS, "future": FutureTerms()},
        "future.product",
    ),
    "long description": ({"description": "é" * 65}, "description"),
}


@pytest.mark.parametrize(("changed", "field"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_instrument_names_its_field_and_is_not_listed(
    client: Client, changed: dict[str, Any], field: str
) -> None:
    values = {"symbol": "BBB"} | changed
    failed = await refusal(create(client, values.pop("symbol"), **values))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.violations.keys() == {field}
    listed = await client.call(client.instruments.ListInstruments, ListInstrumentsRequest())
    assert [one.symbol for one in listed.instruments] == ["AAA"]


async def test_instruments_are_listed_by_filter_and_page(client: Client) -> None:
    for number in range(5):
        await create(client, f"B-{number}")
    symbols = []
    token = ""
    while True:
        request = ListInstrumentsRequest(symbol_prefix="B", page_size=2, page_token=token)
        page = await client.call(client.instruments.ListInstruments, request)
        symbols += [one.symbol for one in page.instruments]
        token = page.next_page_token
        if not token:
            break
    assert symbols == [f"B-{number}" for number in range(5)]


async def test_a_halted_instrument_takes_cancels_only(client: Client) -> None:
    await client.set_phase(TradingPhase.TRADING_PHASE_HALTED)
    rejected = await client.create_order("first")
    assert rejected.reject_reason == RejectReason.REJECT_REASON_WRONG_PHASE


async def test_the_close_expires_day_orders(client: Client) -> None:
    await client.create_order("day", time_in_force=TimeInForce.TIME_IN_FORCE_DAY)
    await client.create_order("kept", cents=9_000)
    await client.set_phase(TradingPhase.TRADING_PHASE_CLOSED)
    assert await client.book() == ([(9_000, 1)], [])


@pytest.mark.parametrize("phase", [0, 99])
async def test_a_phase_that_cannot_be_set_is_refused(client: Client, phase: int) -> None:
    request = SetTradingPhaseRequest(instrument_id=1, phase=TradingPhase.ValueType(phase))
    failed = await refusal(client.call(client.instruments.SetTradingPhase, request))
    assert failed.violations.keys() == {"phase"}


async def test_the_status_stream_starts_with_all_terms_and_follows_changes(
    client: Client,
) -> None:
    stream = client.instruments.StreamInstrumentStatus(
        StreamInstrumentStatusRequest(), metadata=client.metadata
    )
    first = (await stream.read()).updates[0]
    assert first.instrument.symbol == "AAA"
    await client.set_phase(TradingPhase.TRADING_PHASE_HALTED)
    updates: list[Any] = []
    while not updates:
        updates += (await stream.read()).updates
    assert updates[0].previous_sequence == first.sequence
    assert updates[0].phase == TradingPhase.TRADING_PHASE_HALTED


async def test_currencies_are_listed_by_code(client: Client) -> None:
    answer = await client.call(
        client.instruments.ListCurrencies, ListCurrenciesRequest(page_size=1000)
    )
    codes = [one.code for one in answer.currencies]
    assert codes == sorted(codes)
    assert {one.code: one.minor_digits for one in answer.currencies}["JPY"] == 0


async def test_an_expired_instrument_stays_closed(client: Client) -> None:
    soon_ns = time_ns() + 200_000_000
    terms = {"kind": FUTURE, "expiry_time_ns": soon_ns, "future": FutureTerms(product="F")}
    created = (await create(client, "FUT", multiplier=NANOS, **terms)).instrument
    await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, created.instrument_id)
    follow = StreamInstrumentStatusRequest(instrument_ids=[created.instrument_id])
    stream = client.instruments.StreamInstrumentStatus(follow, metadata=client.metadata)
    closed = TradingPhase.TRADING_PHASE_CLOSED
    await until(stream, lambda message: any(one.phase == closed for one in message.updates))
    stream.cancel()
    failed = await refusal(
        client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, created.instrument_id)
    )
    assert failed.code is grpc.StatusCode.FAILED_PRECONDITION
    assert failed.reason == "REJECT_REASON_INSTRUMENT_EXPIRED"
    assert failed.violations.keys() == {"instrument_id"}
    assert int(failed.metadata["limit"]) == soon_ns <= int(failed.metadata["value"])
    await client.set_phase(closed, created.instrument_id)


async def test_a_phase_that_may_not_follow_names_the_present_one(client: Client) -> None:
    failed = await refusal(client.set_phase(TradingPhase.TRADING_PHASE_PRE_OPEN))
    assert failed.reason == "REJECT_REASON_PHASE_TRANSITION"
    assert failed.text == "refused: phase transition, field phase, the phase is CONTINUOUS"
    assert failed.metadata["value"] == "3"
