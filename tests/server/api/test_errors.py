"""Every rpc of the contract against wrong callers and wrong bytes."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.message import DecodeError

from quantumcore.server.api.rpc import Rpc, contract_rpcs
from quantumcore.server.venue import Venue
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.types_pb2 import OrderStatus, Side, TimeInForce
from tests.server.api.running import NANOS, Client, Refusal, order, refusal

RPCS = {rpc.path: rpc for rpc in contract_rpcs()}
MALFORMED = {
    "truncated varint": b"\x08\xff",
    "truncated field": b"\x0a\x7fabc",
    "field number zero": b"\x00\x01",
    "wire type seven": b"\x0f",
    "wrong text": b"\x22\x02\xff\xfe\x0a\x02\xff\xfe\x12\x02\xff\xfe\x1a\x01\xff\xff",
}
IMPLEMENTED = {
    "OrderService": {
        "CreateOrder", "ReplaceOrder", "CancelOrder", "CancelOrders", "GetOrder", "ListOrders",
        "Trade", "StreamExecutions", "CreateMultiLegOrder", "ReplaceMultiLegOrder",
        "CancelMultiLegOrder", "GetMultiLegOrder", "ListMultiLegOrders",
    },
    "MatchingService": {
        "GetBook", "StreamBook", "StreamTrades", "GetAuction", "GetStatistics",
    },
    "MarketDataService": {"PublishQuotes", "GetQuote"},
    "EventStoreService": {"CreateSnapshot", "ListSnapshots"},
    "RiskService": {
        "CheckOrder",
        "GetAccount",
        "GetGroup",
        "ListScanRanges",
        "ListSpreadCredits",
        "SetGroupLimits",
        "SetScanRange",
        "SetSpreadCredit",
        "GetMargin",
        "GetStrategyProfit",
        "ListPositions",
        "SetKillSwitch",
        "SetLimits",
        "StreamPositions",
    },
    "InstrumentService": {
        "CreateInstrument", "UpdateInstrument", "GetInstrument", "ListInstruments",
        "SetTradingPhase",
        "StreamInstrumentStatus", "ListCurrencies",
    },
    "AdminService": {
        "MoveCash",
        "CreateAccount", "UpdateAccount", "ListAccounts", "GetStatus", "BustTrade", "CorrectTrade",
        "ListSessions",
    },
}  # fmt: skip


async def send(client: Client, rpc: Rpc, data: bytes) -> Any:
    """Call an rpc with raw bytes and return its first answer."""
    streams_in, streams_out = rpc.descriptor.client_streaming, rpc.descriptor.server_streaming
    kind = f"{'stream' if streams_in else 'unary'}_{'stream' if streams_out else 'unary'}"
    method = getattr(client.channel, kind)(rpc.path)
    if not streams_in:
        call = method(data, metadata=client.metadata, timeout=20)
        return await call.read() if streams_out else await call
    call = method(_one(data), metadata=client.metadata, timeout=20)
    return await call.read() if streams_out else await call


async def _one(data: bytes) -> AsyncIterator[bytes]:
    """Send one message; unlike `write`, a call that has ended is left to say why."""
    yield data


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
async def test_malformed_bytes_are_an_invalid_argument_on_every_rpc(
    venue: Venue, client: Client, data: bytes
) -> None:
    before = venue.exchange.sequence, venue.journal.block_count, venue.exchange.time_ns
    for rpc in RPCS.values():
        try:
            rpc.request_type.FromString(data)
        except DecodeError:
            failed = await refusal(send(client, rpc, data))
            assert failed.code is grpc.StatusCode.INVALID_ARGUMENT, rpc.path
            assert failed.reason == "ERROR_REASON_MALFORMED_MESSAGE", rpc.path
            assert failed.violations, rpc.path
    after = venue.exchange.sequence, venue.journal.block_count, venue.exchange.time_ns
    assert after == before


async def test_every_rpc_needs_a_known_token(client: Client, venue: Venue) -> None:
    for token in (None, "not-a-token-of-this-venue", ""):
        stranger = Client(venue.port, token)
        for rpc in RPCS.values():
            failed = await refusal(send(stranger, rpc, b""))
            assert failed.code is grpc.StatusCode.UNAUTHENTICATED, rpc.path
            assert failed.reason == "ERROR_REASON_UNAUTHENTICATED", rpc.path
        await stranger.channel.close()


async def test_health_needs_no_token(venue: Venue) -> None:
    stranger = Client(venue.port, None)
    assert await stranger.health_status() == 1
    await stranger.channel.close()


async def test_what_this_release_lacks_says_so(client: Client) -> None:
    for rpc in RPCS.values():
        if rpc.descriptor.name not in IMPLEMENTED.get(rpc.service.name, set()):
            failed = await refusal(send(client, rpc, b""))
            assert failed.code is grpc.StatusCode.UNIMPLEMENTED, rpc.path
            assert failed.reason == "ERROR_REASON_NOT_SUPPORTED", rpc.path
            assert rpc.descriptor.name in failed.text


def test_every_service_method_is_an_rpc_of_the_contract(venue: Venue) -> None:
    by_service = {rpc.service.name for rpc in RPCS.values()}
    assert IMPLEMENTED.keys() <= by_service
    named = {(rpc.service.name, rpc.descriptor.name) for rpc in RPCS.values()}
    assert {(service, name) for service, names in IMPLEMENTED.items() for name in names} <= named


REJECTED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown account": ({"account_id": 99}, "UNKNOWN_ACCOUNT"),
    "no account": ({"account_id": 0}, "UNKNOWN_ACCOUNT"),
    "greatest account": ({"account_id": 2**32 - 1}, "UNKNOWN_ACCOUNT"),
    "unknown instrument": ({"instrument_id": 99}, "UNKNOWN_INSTRUMENT"),
    "greatest instrument": ({"instrument_id": 2**32 - 1}, "UNKNOWN_INSTRUMENT"),
    "no name": ({"client_order_id": ""}, "INVALID_CLIENT_ORDER_ID"),
    "long name": ({"client_order_id": "x" * 65}, "INVALID_CLIENT_ORDER_ID"),
    "very long name": ({"client_order_id": "x" * 100_000}, "INVALID_CLIENT_ORDER_ID"),
    "unprintable name": ({"client_order_id": "a\nb"}, "INVALID_CLIENT_ORDER_ID"),
    "name beyond ASCII": ({"client_order_id": "é"}, "INVALID_CLIENT_ORDER_ID"),
    "no side": ({"side": 0}, "INVALID_ENUM"),
    "unknown side": ({"side": 77}, "INVALID_ENUM"),
    "negative side": ({"side": -1}, "INVALID_ENUM"),
    "no order type": ({"order_type": 0}, "INVALID_ENUM"),
    "unknown order type": ({"order_type": 2**31 - 1}, "INVALID_ENUM"),
    "no time in force": ({"time_in_force": 0}, "INVALID_ENUM"),
    "no price": ({"price": None}, "FIELD_REQUIRED"),
    "zero quantity": ({"quantity": 0}, "QUANTITY_NOT_POSITIVE"),
    "negative quantity": ({"quantity": -NANOS}, "QUANTITY_NOT_POSITIVE"),
    "least quantity": ({"quantity": -(2**63)}, "QUANTITY_NOT_POSITIVE"),
    "off lot": ({"quantity": NANOS + 1}, "QUANTITY_OFF_LOT"),
    "overflowing quantity": ({"quantity": 2**63 - 1}, "QUANTITY_"),
    "too large": ({"quantity": 2_000_000 * NANOS}, "QUANTITY_TOO_LARGE"),
    "off tick": ({"price": 1}, "PRICE_OFF_TICK"),
    "price too high": ({"price": 20_000 * NANOS}, "PRICE_OUT_OF_RANGE"),
    "negative price": ({"price": -NANOS}, "PRICE_OUT_OF_RANGE"),
    "overflowing price": ({"price": 2**63 - 1}, "PRICE_"),
    "stop with a limit": ({"order_type": 3}, "FIELD_NOT_ALLOWED"),
    "stop without trigger price": ({"order_type": 3, "price": None}, "FIELD_REQUIRED"),
    "good till no date": ({"time_in_force": TimeInForce.TIME_IN_FORCE_GTD}, "FIELD_REQUIRED"),
    "good till the past": (
        {"time_in_force": TimeInForce.TIME_IN_FORCE_GTD, "expire_time_ns": 1},
        "EXPIRE_TIME_PASSED",
    ),
    "reduce only without position": ({"reduce_only": True}, "REDUCE_ONLY"),
    "iceberg that hides nothing": (
        {"order_type": 5, "display_quantity": NANOS},
        "QUANTITY_TOO_LARGE",
    ),
    "peg without reference": ({"order_type": 6}, "FIELD_REQUIRED"),
    "unknown self-trade prevention": ({"self_trade_prevention": 9}, "INVALID_ENUM"),
    "display on a limit order": ({"display_quantity": NANOS}, "FIELD_NOT_ALLOWED"),
    "at open while trading": (
        {"time_in_force": TimeInForce.TIME_IN_FORCE_AT_OPEN},
        "WRONG_PHASE",
    ),
}


@pytest.mark.parametrize(("terms", "reason"), REJECTED.values(), ids=REJECTED.keys())
async def test_a_wrong_order_is_a_rejected_order_with_its_reason(
    client: Client, terms: dict[str, Any], reason: str
) -> None:
    name = terms.pop("client_order_id", "wrong")
    acknowledgement = await client.create_order(name, **terms)
    assert acknowledgement.status == OrderStatus.ORDER_STATUS_REJECTED
    assert reason in RejectReason.Name(acknowledgement.reject_reason)
    assert await client.book() == ([], [])
    assert (await client.create_order("right")).status == OrderStatus.ORDER_STATUS_NEW


async def test_a_used_client_order_id_is_rejected(client: Client) -> None:
    first = await client.create_order("same")
    again = await client.create_order("same", side=Side.SIDE_SELL)
    assert again.reject_reason == RejectReason.REJECT_REASON_DUPLICATE_CLIENT_ORDER_ID
    assert again.reject_value == first.order_id


async def test_a_message_above_four_mebibytes_is_refused_by_the_transport(client: Client) -> None:
    request = order("x" * (5 * 1024 * 1024))
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await client.call(client.orders.CreateOrder, request)
    assert Refusal(raised.value).code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await client.create_order("right")).status == OrderStatus.ORDER_STATUS_NEW
