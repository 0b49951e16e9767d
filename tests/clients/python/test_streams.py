from __future__ import annotations

from typing import Any

import grpc
import pytest

from quantumcore.client import errors
from quantumcore.client.enums import BookMode, StreamEndReason
from quantumcore.client.follower import book_checksum
from quantumcore.client.retry import RetryPolicy
from quantumcore.v1 import (
    book_pb2,
    execution_pb2,
    matching_service_pb2,
    order_service_pb2,
    stream_pb2,
    trade_pb2,
)

from .conftest import ANSWER_TIMEOUT_S, FakeVenue


def executions(*sequences: int, **fields: Any) -> order_service_pb2.StreamExecutionsResponse:
    items = [execution_pb2.Execution(sequence=sequence) for sequence in sequences]
    return order_service_pb2.StreamExecutionsResponse(executions=items, **fields)


def books(update: book_pb2.BookUpdate) -> matching_service_pb2.StreamBookResponse:
    return matching_service_pb2.StreamBookResponse(updates=[update])


def snapshot(sequence: int, quantity: int, checksum: int | None = None) -> book_pb2.BookUpdate:
    change = book_pb2.BookLevelChange(side=1, price=10, quantity=quantity, order_count=1)  # type: ignore[arg-type]
    right = book_checksum([(10, quantity, 1)], [])
    return book_pb2.BookUpdate(
        instrument_id=3,
        epoch=1,
        sequence=sequence,
        snapshot=True,
        changes=[change],
        checksum=right if checksum is None else checksum,
    )


def test_executions_go_on_after_a_lost_connection_without_gap_or_duplicate(
    venue: FakeVenue,
) -> None:
    stream = venue.client().stream_executions(accounts=[1, 2], from_sequence=5)
    reading = venue.run(lambda: [next(stream).sequence for _ in range(2)])
    request, rpc = venue.take_stream("StreamExecutions")
    assert (list(request.account_ids), request.from_sequence) == ([1, 2], 5)
    rpc.send_response(executions(5, 8))
    assert reading.result(ANSWER_TIMEOUT_S) == [5, 8]
    reading = venue.run(lambda: [next(stream).sequence for _ in range(2)])
    rpc.terminate((), grpc.StatusCode.UNAVAILABLE, "gone")
    request, rpc = venue.take_stream("StreamExecutions")
    assert request.from_sequence == 9
    rpc.send_response(executions(9, 11))
    assert reading.result(ANSWER_TIMEOUT_S) == [9, 11]
    stream.close()


def test_a_heartbeat_moves_the_point_to_go_on_from(venue: FakeVenue) -> None:
    stream = venue.client().stream_executions(accounts=[1])
    reading = venue.run(next, stream)
    _, rpc = venue.take_stream("StreamExecutions")
    rpc.send_response(executions(60, heartbeat=stream_pb2.Heartbeat(sequence=70)))
    assert reading.result(ANSWER_TIMEOUT_S).sequence == 60
    reading = venue.run(next, stream)
    rpc.terminate((), grpc.StatusCode.UNAVAILABLE, "gone")
    request, rpc = venue.take_stream("StreamExecutions")
    assert request.from_sequence == 71
    rpc.send_response(executions(75))
    assert reading.result(ANSWER_TIMEOUT_S).sequence == 75
    stream.close()


def test_a_stream_that_the_venue_ends_for_draining_is_taken_up_where_it_says(
    venue: FakeVenue,
) -> None:
    stream = venue.client().stream_executions(accounts=[1], from_sequence=1)
    reading = venue.run(next, stream)
    _, rpc = venue.take_stream("StreamExecutions")
    end = stream_pb2.StreamEnd(reason=1, resume_from_sequence=40)  # type: ignore[arg-type]
    rpc.send_response(executions(end=end))
    rpc.terminate((), grpc.StatusCode.OK, "")
    request, rpc = venue.take_stream("StreamExecutions")
    assert request.from_sequence == 40
    rpc.send_response(executions(41))
    assert reading.result(ANSWER_TIMEOUT_S).sequence == 41
    stream.close()


def test_a_stream_whose_permission_expired_is_not_taken_up(venue: FakeVenue) -> None:
    stream = venue.client().stream_executions(accounts=[1])
    reading = venue.run(next, stream)
    _, rpc = venue.take_stream("StreamExecutions")
    rpc.send_response(executions(end=stream_pb2.StreamEnd(reason=4, text="expired")))  # type: ignore[arg-type]
    with pytest.raises(errors.StreamEnded, match="expired") as caught:
        reading.result(ANSWER_TIMEOUT_S)
    assert caught.value.reason is StreamEndReason.PERMISSION_EXPIRED


def test_a_venue_that_stays_away_ends_the_stream(venue: FakeVenue) -> None:
    client = venue.client(retry=RetryPolicy(attempts=2))
    reading = venue.run(next, client.stream_trades(3))
    for _ in range(2):
        _, rpc = venue.take_stream("StreamTrades")
        rpc.terminate((), grpc.StatusCode.UNAVAILABLE, "nobody")
    with pytest.raises(errors.Unreachable, match="nobody"):
        reading.result(ANSWER_TIMEOUT_S)


def test_a_refused_stream_is_not_repeated(venue: FakeVenue) -> None:
    reading = venue.run(next, venue.client().stream_trades(3))
    _, rpc = venue.take_stream("StreamTrades")
    rpc.terminate((), grpc.StatusCode.PERMISSION_DENIED, "not yours")
    with pytest.raises(errors.NotPermitted, match="not yours"):
        reading.result(ANSWER_TIMEOUT_S)


def test_trades_are_read_in_decimals(venue: FakeVenue) -> None:
    stream = venue.client().stream_trades(3, from_sequence=1)
    reading = venue.run(next, stream)
    request, rpc = venue.take_stream("StreamTrades")
    assert list(request.instrument_ids) == [3]
    trade = trade_pb2.Trade(trade_id=6, price=1_500_000_000, sequence=2)
    rpc.send_response(matching_service_pb2.StreamTradesResponse(trades=[trade]))
    assert str(reading.result(ANSWER_TIMEOUT_S).price) == "1.5"
    stream.close()


def test_a_book_with_a_missing_update_is_fetched_anew(venue: FakeVenue) -> None:
    stream = venue.client().stream_book(3, depth=5)
    reading = venue.run(lambda: [next(stream).sequence for _ in range(2)])
    request, rpc = venue.take_stream("StreamBook")
    assert (list(request.instrument_ids), request.depth) == ([3], 5)
    assert request.mode == BookMode.EVERY_UPDATE.value
    rpc.send_response(books(snapshot(10, 1)))
    late = book_pb2.BookUpdate(instrument_id=3, epoch=1, previous_sequence=12, sequence=13)
    rpc.send_response(books(late))
    _, rpc = venue.take_stream("StreamBook")
    rpc.send_response(books(snapshot(14, 2)))
    assert reading.result(ANSWER_TIMEOUT_S) == [10, 14]
    stream.close()


def test_a_book_that_never_adds_up_is_an_error(venue: FakeVenue) -> None:
    reading = venue.run(next, venue.client().stream_book(3))
    for _ in range(3):
        _, rpc = venue.take_stream("StreamBook")
        rpc.send_response(books(snapshot(10, 1, checksum=1)))
    with pytest.raises(errors.BookOutOfStep, match="another checksum"):
        reading.result(ANSWER_TIMEOUT_S)


def test_a_book_is_taken_up_with_a_snapshot_after_a_lost_connection(venue: FakeVenue) -> None:
    stream = venue.client().stream_book(3, mode=BookMode.TOP_OF_BOOK, max_rate_hz=10)
    reading = venue.run(next, stream)
    request, rpc = venue.take_stream("StreamBook")
    assert (request.mode, request.max_rate_hz) == (BookMode.TOP_OF_BOOK.value, 10)
    rpc.send_response(books(snapshot(10, 1)))
    assert reading.result(ANSWER_TIMEOUT_S).sequence == 10
    reading = venue.run(next, stream)
    rpc.terminate((), grpc.StatusCode.UNAVAILABLE, "gone")
    _, rpc = venue.take_stream("StreamBook")
    rpc.send_response(books(snapshot(20, 1)))
    assert reading.result(ANSWER_TIMEOUT_S).sequence == 20
    stream.close()
