from __future__ import annotations

from decimal import Decimal
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import code_pb2, error_details_pb2, status_pb2

from quantumcore.client import errors
from quantumcore.client.enums import OrderStatus, RejectReason, Side, TimeInForce, TradingPhase
from quantumcore.client.retry import RetryPolicy
from quantumcore.v1 import (
    account_pb2,
    admin_service_pb2,
    book_pb2,
    instrument_pb2,
    instrument_service_pb2,
    matching_service_pb2,
    order_pb2,
    order_service_pb2,
    types_pb2,
)
from quantumcore.v1 import status_pb2 as venue_status_pb2

from .conftest import ANSWER_TIMEOUT_S, FakeVenue

ACCEPTED = order_service_pb2.CreateOrderResponse(
    acknowledgement=order_pb2.OrderAcknowledgement(
        order_id=9, status=types_pb2.ORDER_STATUS_NEW, leaves_quantity=2_000_000_000, sequence=40
    )
)
AMZN = instrument_pb2.Instrument(instrument_id=3, symbol="AMZN")


def test_an_order_goes_out_in_fixed_point_with_ids_of_its_own(venue: FakeVenue) -> None:
    call = venue.run(
        venue.client().buy, 3, quantity="2", price=Decimal("101.25"), account=1, post_only=True
    )
    request = venue.answer("CreateOrder", ACCEPTED)
    acknowledgement = call.result(ANSWER_TIMEOUT_S)
    assert request.request_id != 0
    assert request.client_order_id.startswith("qc-")
    request.ClearField("request_id")
    request.ClearField("client_order_id")
    assert request == order_service_pb2.CreateOrderRequest(
        account_id=1,
        instrument_id=3,
        side=types_pb2.SIDE_BUY,
        order_type=types_pb2.ORDER_TYPE_LIMIT,
        time_in_force=types_pb2.TIME_IN_FORCE_GTC,
        quantity=2_000_000_000,
        price=101_250_000_000,
        post_only=True,
    )
    assert acknowledgement.order_id == 9
    assert acknowledgement.status is OrderStatus.NEW
    assert acknowledgement.leaves_quantity == 2
    assert acknowledgement.raise_for_reject() is acknowledgement


def test_the_token_goes_with_every_call(venue: FakeVenue) -> None:
    call = venue.run(venue.client().sell, 3, quantity=1, account=1)
    venue.answer("CreateOrder", ACCEPTED)
    call.result(ANSWER_TIMEOUT_S)
    assert ("authorization", "Bearer secret") in [tuple(pair) for pair in venue.metadata]


def test_an_order_without_a_price_is_a_market_order(venue: FakeVenue) -> None:
    call = venue.run(venue.client().sell, 3, quantity=1, account=1)
    request = venue.answer("CreateOrder", ACCEPTED)
    call.result(ANSWER_TIMEOUT_S)
    assert request.order_type == types_pb2.ORDER_TYPE_MARKET
    assert request.time_in_force == types_pb2.TIME_IN_FORCE_IOC
    assert not request.HasField("price")


def test_floats_never_reach_the_venue(venue: FakeVenue) -> None:
    with pytest.raises(TypeError, match="price: use Decimal, int or str, not float"):
        venue.client().buy(3, quantity=1, price=1.5, account=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="instrument: use a name or an id"):
        venue.client().buy(3.0, quantity=1, account=1)  # type: ignore[arg-type]


def test_a_symbol_is_looked_up_once(venue: FakeVenue) -> None:
    client = venue.client()
    first = venue.run(client.buy, "AMZN", quantity=1, account=1)
    looked_up = venue.answer(
        "GetInstrument", instrument_service_pb2.GetInstrumentResponse(instrument=AMZN)
    )
    assert looked_up.symbol == "AMZN"
    assert venue.answer("CreateOrder", ACCEPTED).instrument_id == 3
    first.result(ANSWER_TIMEOUT_S)
    second = venue.run(client.buy, "AMZN", quantity=1, account=1)
    assert venue.answer("CreateOrder", ACCEPTED).instrument_id == 3
    second.result(ANSWER_TIMEOUT_S)
    assert client.symbol(3) == "AMZN"


def test_an_account_is_found_by_its_whole_name(venue: FakeVenue) -> None:
    call = venue.run(venue.client().account_id, "bo")
    accounts = [
        account_pb2.Account(account_id=1, name="bob"),
        account_pb2.Account(account_id=2, name="bo"),
    ]
    request = venue.answer(
        "ListAccounts", admin_service_pb2.ListAccountsResponse(accounts=accounts)
    )
    assert request.name_prefix == "bo"
    assert call.result(ANSWER_TIMEOUT_S) == 2


def test_an_unknown_account_is_not_found(venue: FakeVenue) -> None:
    call = venue.run(venue.client().account_id, "nobody")
    venue.answer("ListAccounts", admin_service_pb2.ListAccountsResponse())
    with pytest.raises(errors.NotFound, match="nobody"):
        call.result(ANSWER_TIMEOUT_S)


def test_a_call_that_met_nobody_is_sent_again_with_the_same_request_id(venue: FakeVenue) -> None:
    policy = RetryPolicy(attempts=3, first_delay_s=1.0, multiplier=2.0, jitter=0.0)
    call = venue.run(venue.client(retry=policy).buy, 3, quantity=1, account=1)
    first = venue.fail("CreateOrder", grpc.StatusCode.UNAVAILABLE)
    second = venue.fail("CreateOrder", grpc.StatusCode.UNAVAILABLE)
    third = venue.answer("CreateOrder", ACCEPTED)
    assert call.result(ANSWER_TIMEOUT_S).order_id == 9
    assert first == second == third
    assert first.request_id != 0
    assert venue.clock.time() == 1_003


def test_a_venue_that_is_never_there_is_unreachable(venue: FakeVenue) -> None:
    call = venue.run(venue.client(retry=RetryPolicy(attempts=2)).status)
    venue.fail("GetStatus", grpc.StatusCode.UNAVAILABLE, "connection refused")
    venue.fail("GetStatus", grpc.StatusCode.UNAVAILABLE, "connection refused")
    with pytest.raises(errors.Unreachable, match="connection refused"):
        call.result(ANSWER_TIMEOUT_S)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, errors.InvalidRequest),
        (grpc.StatusCode.OUT_OF_RANGE, errors.InvalidRequest),
        (grpc.StatusCode.UNAUTHENTICATED, errors.NotAuthenticated),
        (grpc.StatusCode.PERMISSION_DENIED, errors.NotPermitted),
        (grpc.StatusCode.NOT_FOUND, errors.NotFound),
        (grpc.StatusCode.ALREADY_EXISTS, errors.AlreadyExists),
        (grpc.StatusCode.FAILED_PRECONDITION, errors.PreconditionFailed),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, errors.Exhausted),
        (grpc.StatusCode.UNIMPLEMENTED, errors.NotImplementedYet),
        (grpc.StatusCode.DEADLINE_EXCEEDED, errors.DeadlineExceeded),
        (grpc.StatusCode.CANCELLED, errors.Cancelled),
        (grpc.StatusCode.INTERNAL, errors.VenueFailed),
        (grpc.StatusCode.DATA_LOSS, errors.VenueFailed),
    ],
)
def test_every_status_has_its_error_and_only_unavailable_is_repeated(
    venue: FakeVenue, code: grpc.StatusCode, error: type[errors.CallFailed]
) -> None:
    call = venue.run(venue.client().status)
    venue.fail("GetStatus", code, "the reason")
    with pytest.raises(error, match="the reason"):
        call.result(ANSWER_TIMEOUT_S)


def test_an_error_names_field_limit_and_value(venue: FakeVenue) -> None:
    call = venue.run(venue.client().status)
    venue.fail("GetStatus", grpc.StatusCode.INVALID_ARGUMENT, "no", details_of("depth"))
    with pytest.raises(errors.InvalidRequest) as caught:
        call.result(ANSWER_TIMEOUT_S)
    assert caught.value.reason == "ERROR_REASON_INVALID_FIELD"
    assert caught.value.field == "depth"
    assert (caught.value.limit, caught.value.value) == ("1000", "5000")
    assert str(caught.value) == "no; depth: too deep; value 5000; limit 1000"


def test_a_rejected_order_is_an_answer_until_it_is_asked_to_raise(venue: FakeVenue) -> None:
    call = venue.run(venue.client().buy, 3, quantity=1, price="0.005", account=1)
    rejected = order_pb2.OrderAcknowledgement(
        client_order_id="mine",
        status=types_pb2.ORDER_STATUS_REJECTED,
        reject_reason=53,  # type: ignore[arg-type]
        reject_field=9,
        reject_limit=10_000_000,
        reject_value=5_000_000,
    )
    venue.answer("CreateOrder", order_service_pb2.CreateOrderResponse(acknowledgement=rejected))
    acknowledgement = call.result(ANSWER_TIMEOUT_S)
    assert acknowledgement.status is OrderStatus.REJECTED
    with pytest.raises(errors.Rejected) as caught:
        acknowledgement.raise_for_reject()
    assert caught.value.reject.reason is RejectReason.PRICE_OFF_TICK
    assert str(caught.value) == (
        "order mine was rejected: price off tick, field price, value 0.005, limit 0.01"
    )


def test_orders_come_page_by_page(venue: FakeVenue) -> None:
    listing = venue.run(lambda: list(venue.client().orders(account=1, instrument=3, side=Side.BUY)))
    first = venue.answer(
        "ListOrders",
        order_service_pb2.ListOrdersResponse(
            orders=[order_pb2.Order(order_id=1)], next_page_token="more"
        ),
    )
    assert (first.account_id, first.instrument_id, first.side) == (1, 3, types_pb2.SIDE_BUY)
    second = venue.answer(
        "ListOrders", order_service_pb2.ListOrdersResponse(orders=[order_pb2.Order(order_id=2)])
    )
    assert second.page_token == "more"
    assert [order.order_id for order in listing.result(ANSWER_TIMEOUT_S)] == [1, 2]


def test_an_order_is_named_by_either_id(venue: FakeVenue) -> None:
    call = venue.run(venue.client().get_order, account=1, client_order_id="mine", min_sequence=4)
    request = venue.answer(
        "GetOrder", order_service_pb2.GetOrderResponse(order=order_pb2.Order(order_id=5))
    )
    assert request == order_service_pb2.GetOrderRequest(
        account_id=1, client_order_id="mine", min_sequence=4
    )
    assert call.result(ANSWER_TIMEOUT_S).order_id == 5


def test_a_replacement_sends_only_what_changes(venue: FakeVenue) -> None:
    call = venue.run(venue.client().replace_order, account=1, order_id=9, price="7.5")
    request = venue.answer("ReplaceOrder", order_service_pb2.ReplaceOrderResponse())
    call.result(ANSWER_TIMEOUT_S)
    assert request.price == 7_500_000_000
    assert not request.HasField("quantity")
    assert request.request_id != 0


def test_cancels_name_one_order_or_many(venue: FakeVenue) -> None:
    client = venue.client()
    one = venue.run(client.cancel_order, account=1, client_order_id="mine")
    assert venue.answer("CancelOrder", order_service_pb2.CancelOrderResponse()).client_order_id == (
        "mine"
    )
    one.result(ANSWER_TIMEOUT_S)
    many = venue.run(client.cancel_orders, account=1, instrument=3, side=Side.SELL)
    answer = order_pb2.OrderAcknowledgement(affected_orders=4)
    request = venue.answer(
        "CancelOrders", order_service_pb2.CancelOrdersResponse(acknowledgement=answer)
    )
    assert (request.instrument_id, request.side) == (3, types_pb2.SIDE_SELL)
    assert many.result(ANSWER_TIMEOUT_S).affected_orders == 4


def test_a_book_is_read_in_decimals(venue: FakeVenue) -> None:
    call = venue.run(venue.client().book, 3, depth=5)
    level = book_pb2.BookLevel(price=99_500_000_000, quantity=1_000_000_000, order_count=1)
    response = matching_service_pb2.GetBookResponse(book=book_pb2.Book(bids=[level]))
    assert venue.answer("GetBook", response).depth == 5
    assert call.result(ANSWER_TIMEOUT_S).bids[0].price == Decimal("99.5")


def test_an_instrument_is_created_opened_and_remembered(venue: FakeVenue) -> None:
    client = venue.client()
    creating = venue.run(
        client.create_instrument,
        symbol="AMZN",
        kind=1,
        currency="USD",
        tick_size="0.01",
        lot_size=1,
        max_price=1000,
        max_quantity=100,
        protection_band=5,
    )
    request = venue.answer(
        "CreateInstrument", instrument_service_pb2.CreateInstrumentResponse(instrument=AMZN)
    )
    assert request.tick_size == 10_000_000
    assert request.request_id != 0
    assert creating.result(ANSWER_TIMEOUT_S).symbol == "AMZN"
    opening = venue.run(client.set_trading_phase, "AMZN", TradingPhase.CONTINUOUS, text="open")
    status = instrument_pb2.InstrumentStatus(instrument_id=3, phase=3)  # type: ignore[arg-type]
    phase = venue.answer(
        "SetTradingPhase", instrument_service_pb2.SetTradingPhaseResponse(status=status)
    )
    assert (phase.instrument_id, phase.phase, phase.text) == (3, 3, "open")
    assert opening.result(ANSWER_TIMEOUT_S).phase is TradingPhase.CONTINUOUS


def test_the_terms_of_options_and_futures_name_their_underlying(venue: FakeVenue) -> None:
    common: dict[str, Any] = {
        "kind": 2,
        "currency": "USD",
        "tick_size": "0.01",
        "lot_size": 1,
        "max_price": 1000,
        "max_quantity": 100,
        "protection_band": 5,
    }
    client = venue.client()
    option = {"underlying": 3, "right": 1, "exercise_style": 2, "strike_price": "150.5"}
    first = venue.run(client.create_instrument, symbol="C", option=option, **common)
    response = instrument_service_pb2.CreateInstrumentResponse()
    request = venue.answer("CreateInstrument", response)
    first.result(ANSWER_TIMEOUT_S)
    assert request.option.strike_price == 150_500_000_000
    assert request.option.underlying_instrument_id == 3
    future = {"underlying": None, "product": "ES"}
    second = venue.run(client.create_instrument, symbol="F", future=future, **common)
    assert venue.answer("CreateInstrument", response).future.product == "ES"
    second.result(ANSWER_TIMEOUT_S)


def test_a_created_account_is_remembered(venue: FakeVenue) -> None:
    client = venue.client()
    call = venue.run(client.create_account, name="alice")
    account = account_pb2.Account(account_id=6, name="alice")
    venue.answer("CreateAccount", admin_service_pb2.CreateAccountResponse(account=account))
    assert call.result(ANSWER_TIMEOUT_S).name == "alice"
    assert client.account_id("alice") == 6


def test_status_can_ask_for_the_state_hash(venue: FakeVenue) -> None:
    call = venue.run(venue.client().status, include_state_hash=True)
    status = venue_status_pb2.VenueStatus(version="1.2.3", state_hash=b"\1\2")
    response = admin_service_pb2.GetStatusResponse(status=status)
    assert venue.answer("GetStatus", response).include_state_hash
    assert call.result(ANSWER_TIMEOUT_S).state_hash == b"\1\2"


def test_instruments_and_currencies_are_listed(venue: FakeVenue) -> None:
    client = venue.client()
    listing = venue.run(lambda: list(client.instruments(symbol_prefix="A")))
    venue.answer(
        "ListInstruments", instrument_service_pb2.ListInstrumentsResponse(instruments=[AMZN])
    )
    assert [one.symbol for one in listing.result(ANSWER_TIMEOUT_S)] == ["AMZN"]
    currencies = venue.run(lambda: list(client.currencies()))
    venue.answer("ListCurrencies", instrument_service_pb2.ListCurrenciesResponse())
    assert currencies.result(ANSWER_TIMEOUT_S) == []


def test_what_is_asked_for_is_kept(venue: FakeVenue) -> None:
    call = venue.run(
        venue.client().create_order,
        account=1,
        instrument=3,
        side=Side.SELL,
        quantity=1,
        price=2,
        time_in_force=TimeInForce.FOK,
        client_order_id="mine",
        request_id=77,
    )
    request = venue.answer("CreateOrder", ACCEPTED)
    call.result(ANSWER_TIMEOUT_S)
    assert (request.time_in_force, request.client_order_id, request.request_id) == (5, "mine", 77)


def details_of(field: str) -> tuple[tuple[str, bytes], ...]:
    info, bad = AnyMessage(), AnyMessage()
    info.Pack(
        error_details_pb2.ErrorInfo(
            reason="ERROR_REASON_INVALID_FIELD",
            domain="quantumcore",
            metadata={"limit": "1000", "value": "5000"},
        )
    )
    violation = error_details_pb2.BadRequest.FieldViolation(field=field, description="too deep")
    bad.Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    status = status_pb2.Status(code=code_pb2.INVALID_ARGUMENT, message="no", details=[info, bad])
    return (("grpc-status-details-bin", status.SerializeToString()),)
