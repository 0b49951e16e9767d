from __future__ import annotations

from decimal import Decimal
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2

from quantumcore.client import errors
from quantumcore.client.enums import (
    AccountStatus,
    SelfTradePrevention,
    SessionProtocol,
    TradeAction,
    TradingPhase,
)
from quantumcore.v1 import (
    account_pb2,
    admin_service_pb2,
    instrument_pb2,
    instrument_service_pb2,
    principal_pb2,
    risk_service_pb2,
    trade_pb2,
)

from .conftest import ANSWER_TIMEOUT_S, FakeVenue


def without_id(request: Any) -> Any:
    """Take the request id away, once it is there."""
    assert request.request_id
    request.ClearField("request_id")
    return request


def test_bounds_that_are_left_out_stay(venue: FakeVenue) -> None:
    call = venue.run(venue.client().update_instrument, 3, price_band="1.5", auction_duration_ns=0)
    instrument = instrument_pb2.Instrument(instrument_id=3, price_band=1_500_000_000)
    response = instrument_service_pb2.UpdateInstrumentResponse(instrument=instrument)
    request = without_id(venue.answer("UpdateInstrument", response))
    assert request == instrument_service_pb2.UpdateInstrumentRequest(
        instrument_id=3, price_band=1_500_000_000, auction_duration_ns=0
    )
    assert call.result(ANSWER_TIMEOUT_S).price_band == Decimal("1.5")


def test_open_sessions_are_listed_page_by_page(venue: FakeVenue) -> None:
    call = venue.run(lambda: list(venue.client().sessions()))
    for number, token in ((7, "more"), (8, "")):
        message = principal_pb2.Session(session_id=number, protocol=1, cancel_on_disconnect=True)  # type: ignore[arg-type]
        page = admin_service_pb2.ListSessionsResponse(sessions=[message], next_page_token=token)
        request = venue.answer("ListSessions", page)
    assert request.page_token == "more"
    found = call.result(ANSWER_TIMEOUT_S)
    assert [one.session_id for one in found] == [7, 8]
    assert {(one.protocol, one.cancel_on_disconnect) for one in found} == {
        (SessionProtocol.GRPC, True)
    }


def test_the_status_of_instruments_is_followed(venue: FakeVenue) -> None:
    stream = venue.client().stream_instrument_status(3)
    reading = venue.run(next, stream)
    request, rpc = venue.take_stream("StreamInstrumentStatus")
    assert (list(request.instrument_ids), request.from_sequence) == ([3], 0)
    status = instrument_pb2.InstrumentStatus(
        instrument_id=3,
        sequence=9,
        phase=4,  # type: ignore[arg-type]
        price_band_breached=True,
    )
    rpc.send_response(instrument_service_pb2.StreamInstrumentStatusResponse(updates=[status]))
    found = reading.result(ANSWER_TIMEOUT_S)
    assert (found.phase, found.price_band_breached) == (TradingPhase.VOLATILITY_AUCTION, True)
    assert found.instrument is None
    stream.close()


def test_an_account_changes_only_what_is_named(venue: FakeVenue) -> None:
    call = venue.run(
        venue.client().update_account,
        1,
        self_trade_group=0,
        self_trade_prevention=SelfTradePrevention.CANCEL_OLDEST,
    )
    account = account_pb2.Account(account_id=1, status=1)  # type: ignore[arg-type]
    response = admin_service_pb2.UpdateAccountResponse(account=account)
    request = without_id(venue.answer("UpdateAccount", response))
    assert request == admin_service_pb2.UpdateAccountRequest(
        account_id=1,
        self_trade_group=0,
        self_trade_prevention=3,  # type: ignore[arg-type]
    )
    assert request.HasField("self_trade_group")
    assert call.result(ANSWER_TIMEOUT_S).status is AccountStatus.ACTIVE


@pytest.mark.parametrize(
    ("scope", "expected"),
    [({"account": 4}, {"account_id": 4}), ({"venue": True}, {"venue": True})],
)
def test_a_kill_switch_is_for_an_account_or_for_the_venue(
    venue: FakeVenue, scope: dict[str, Any], expected: dict[str, Any]
) -> None:
    call = venue.run(venue.client().set_kill_switch, enabled=True, text="why", **scope)
    response = risk_service_pb2.SetKillSwitchResponse(affected_orders=3, sequence=8)
    request = without_id(venue.answer("SetKillSwitch", response))
    assert request == risk_service_pb2.SetKillSwitchRequest(enabled=True, text="why", **expected)
    change = call.result(ANSWER_TIMEOUT_S)
    assert (change.affected_orders, change.sequence, change.repeated_request) == (3, 8, False)


@pytest.mark.parametrize("scope", [{}, {"account": 4, "venue": True}])
def test_a_kill_switch_of_nothing_or_of_both_is_refused(
    venue: FakeVenue, scope: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="for one account, for a group or for the venue"):
        venue.client().set_kill_switch(enabled=True, **scope)


def test_a_trade_is_busted_with_a_reason(venue: FakeVenue) -> None:
    call = venue.run(venue.client().bust_trade, 7, text="erroneous")
    trade = trade_pb2.Trade(trade_id=7, action=2)  # type: ignore[arg-type]
    response = admin_service_pb2.BustTradeResponse(trades=[trade])
    request = without_id(venue.answer("BustTrade", response))
    assert request == admin_service_pb2.BustTradeRequest(trade_id=7, text="erroneous")
    assert [one.action for one in call.result(ANSWER_TIMEOUT_S)] == [TradeAction.BUSTED]


def test_a_correction_sends_only_what_is_wrong(venue: FakeVenue) -> None:
    call = venue.run(venue.client().correct_trade, 7, price="99.5", text="agreed")
    trade = trade_pb2.Trade(trade_id=7, action=3, price=99_500_000_000)  # type: ignore[arg-type]
    response = admin_service_pb2.CorrectTradeResponse(trade=trade)
    request = without_id(venue.answer("CorrectTrade", response))
    assert request == admin_service_pb2.CorrectTradeRequest(
        trade_id=7, price=99_500_000_000, text="agreed"
    )
    assert not request.HasField("quantity")
    assert call.result(ANSWER_TIMEOUT_S).action is TradeAction.CORRECTED


def refusal(reason: str, field: str | None, **metadata: str) -> tuple[tuple[str, bytes], ...]:
    """Make the rich status of a refused change."""
    info, bad = AnyMessage(), AnyMessage()
    info.Pack(error_details_pb2.ErrorInfo(reason=reason, metadata=metadata))
    violations = (
        []
        if field is None
        else [error_details_pb2.BadRequest.FieldViolation(field=field, description="is wrong")]
    )
    bad.Pack(error_details_pb2.BadRequest(field_violations=violations))
    status = status_pb2.Status(details=[info, bad])
    return (("grpc-status-details-bin", status.SerializeToString()),)


@pytest.mark.parametrize(
    ("reason", "field", "metadata", "says"),
    [
        (
            "ERROR_REASON_INVALID_FIELD",
            "price_band",
            {"value": "1000000", "limit": "10000000"},
            "no; price_band: is wrong; value 0.001; limit 0.01",
        ),
        (
            "ERROR_REASON_INVALID_FIELD",
            "auction_duration_ns",
            {"value": "-1"},
            "no; auction_duration_ns: is wrong; value -1",
        ),
        (
            "REJECT_REASON_QUANTITY_TOO_LARGE",
            None,
            {"value": "-6500000000", "limit": "5000000000"},
            "no; value -6.5; limit 5",
        ),
        ("REJECT_REASON_PHASE_TRANSITION", None, {"value": "5", "limit": "0"}, "no; value HALTED"),
        ("REJECT_REASON_PHASE_TRANSITION", None, {"value": "99"}, "no; value UNKNOWN_99"),
        ("REJECT_REASON_QUANTITY_NOT_POSITIVE", None, {"value": "0", "limit": "0"}, "no; value 0"),
        (
            "REJECT_REASON_REQUEST_ID_REUSED",
            "request_id",
            {"value": str(2**64 - 1)},
            f"no; request_id: is wrong; value {2**64 - 1}",
        ),
        ("REJECT_REASON_NOTHING_TO_REPLACE", None, {"value": "0", "limit": "0"}, "no"),
        ("REJECT_REASON_OF_TOMORROW", None, {"limit": "much"}, "no; limit much"),
        ("REJECT_REASON_PRICE_OFF_TICK", None, {"limit": "much"}, "no; limit much"),
    ],
)
def test_a_refusal_names_its_numbers_as_people_write_them(
    venue: FakeVenue, reason: str, field: str | None, metadata: dict[str, str], says: str
) -> None:
    call = venue.run(venue.client().update_instrument, 3, price_band="0.001")
    trailing = refusal(reason, field, **metadata)
    venue.fail("UpdateInstrument", grpc.StatusCode.FAILED_PRECONDITION, "no", trailing)
    with pytest.raises(errors.PreconditionFailed) as caught:
        call.result(ANSWER_TIMEOUT_S)
    assert str(caught.value) == says
