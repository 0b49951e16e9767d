from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import grpc
import pytest

from quantumcore.client import errors
from quantumcore.client.enums import BookMode, Side, TradeAction, TradeKind, TradingPhase
from quantumcore.client.follower import book_checksum
from quantumcore.client.quotes import NewQuote, QuoteBatches, quote_message
from quantumcore.v1 import (
    book_pb2,
    market_data_service_pb2,
    matching_service_pb2,
    quote_pb2,
    trade_pb2,
)

from .conftest import ANSWER_TIMEOUT_S, FakeVenue


def test_a_running_auction_is_read_in_decimals(venue: FakeVenue) -> None:
    call = venue.run(venue.client().auction, 3, min_sequence=8)
    auction = trade_pb2.Auction(
        instrument_id=3,
        phase=2,  # type: ignore[arg-type]
        indicative_price=101_500_000_000,
        indicative_quantity=7_000_000_000,
        imbalance_quantity=3_000_000_000,
        imbalance_side=1,  # type: ignore[arg-type]
        end_time_ns=99,
        sequence=9,
    )
    response = matching_service_pb2.GetAuctionResponse(auction=auction)
    request = venue.answer("GetAuction", response)
    assert (request.instrument_id, request.min_sequence) == (3, 8)
    found = call.result(ANSWER_TIMEOUT_S)
    assert (found.phase, found.indicative_price) == (
        TradingPhase.OPENING_AUCTION,
        Decimal("101.5"),
    )
    assert (found.indicative_quantity, found.imbalance_quantity) == (7, 3)
    assert (found.imbalance_side, found.reference_price, found.end_time_ns) == (Side.BUY, None, 99)


def test_without_an_auction_the_state_is_to_blame(venue: FakeVenue) -> None:
    call = venue.run(venue.client().auction, 3)
    venue.fail("GetAuction", grpc.StatusCode.FAILED_PRECONDITION, "no auction runs")
    with pytest.raises(errors.PreconditionFailed, match="no auction runs"):
        call.result(ANSWER_TIMEOUT_S)


def test_prices_of_a_day_without_trades_are_none(venue: FakeVenue) -> None:
    call = venue.run(venue.client().statistics, 3)
    statistics = trade_pb2.TradingStatistics(instrument_id=3, last_price=5_000_000_000)
    response = matching_service_pb2.GetStatisticsResponse(statistics=statistics)
    assert venue.answer("GetStatistics", response).instrument_id == 3
    found = call.result(ANSWER_TIMEOUT_S)
    assert (found.open_price, found.average_price, found.last_price) == (None, None, 5)
    assert (found.volume, found.trade_count, found.tick_lots) == (0, 0, 0)


def test_the_tape_tells_what_was_done_to_a_trade(venue: FakeVenue) -> None:
    stream = venue.client().stream_trades(3, from_sequence=4)
    reading = venue.run(next, stream)
    request, rpc = venue.take_stream("StreamTrades")
    assert (list(request.instrument_ids), request.from_sequence) == ([3], 4)
    trade = trade_pb2.Trade(trade_id=2, sequence=6, action=2, kind=2)  # type: ignore[arg-type]
    rpc.send_response(matching_service_pb2.StreamTradesResponse(trades=[trade]))
    found = reading.result(ANSWER_TIMEOUT_S)
    assert (found.action, found.kind, found.aggressor_side) == (
        TradeAction.BUSTED,
        TradeKind.AUCTION,
        Side.UNSPECIFIED,
    )
    stream.close()


def by_order(sequence: int, *order_ids: int, **fields: object) -> book_pb2.BookUpdate:
    changes = [
        book_pb2.BookOrderChange(side=1, order_id=order_id, price=10, quantity=1, action=1)  # type: ignore[arg-type]
        for order_id in order_ids
    ]
    return book_pb2.BookUpdate(
        instrument_id=3,
        epoch=1,
        sequence=sequence,
        order_changes=changes,
        checksum=book_checksum([(10, 2, 2)], []),
        **fields,  # type: ignore[arg-type]
    )


def test_a_book_by_order_is_shown_once_all_parts_of_its_snapshot_are_there(
    venue: FakeVenue,
) -> None:
    stream = venue.client().stream_book_by_order(3)
    reading = venue.run(next, stream)
    request, rpc = venue.take_stream("StreamBook")
    assert (request.mode, request.max_rate_hz) == (BookMode.EVERY_ORDER, 0)
    parts = [
        by_order(5, 1, snapshot=True, partial=True),
        by_order(5, 2, previous_sequence=5),
    ]
    for part in parts:
        rpc.send_response(matching_service_pb2.StreamBookResponse(updates=[part]))
    assert [order.order_id for order in reading.result(ANSWER_TIMEOUT_S).bids] == [1, 2]
    stream.close()


def test_a_book_by_order_that_does_not_add_up_is_fetched_anew(venue: FakeVenue) -> None:
    stream = venue.client().stream_book_by_order(3)
    reading = venue.run(next, stream)
    _, rpc = venue.take_stream("StreamBook")
    alone = matching_service_pb2.StreamBookResponse(updates=[by_order(5, 1, snapshot=True)])
    rpc.send_response(alone)
    _, rpc = venue.take_stream("StreamBook")
    both = by_order(6, 1, 2, snapshot=True)
    rpc.send_response(matching_service_pb2.StreamBookResponse(updates=[both]))
    assert len(reading.result(ANSWER_TIMEOUT_S).bids) == 2
    stream.close()


def test_quotes_go_out_in_batches_and_the_first_names_the_source(venue: FakeVenue) -> None:
    quotes = [
        NewQuote(instrument=3, bid_price="1.5", bid_quantity=2, source_sequence=1),
        NewQuote(instrument=3, ask_price=2, source_time_ns=7),
        NewQuote(instrument=3, last_price=0),
    ]
    call = venue.run(venue.client().publish_quotes, quotes, source="feed", batch=2)
    rpc = venue.take_incoming("PublishQuotes")
    first, second = rpc.take_request(), rpc.take_request()
    rpc.requests_closed()
    assert first == market_data_service_pb2.PublishQuotesRequest(
        source="feed",
        quotes=[
            quote_pb2.Quote(
                instrument_id=3,
                bid_price=1_500_000_000,
                bid_quantity=2_000_000_000,
                source_sequence=1,
            ),
            quote_pb2.Quote(instrument_id=3, ask_price=2_000_000_000, source_time_ns=7),
        ],
    )
    assert second.source == ""
    assert second.quotes[0].HasField("last_price")
    response = market_data_service_pb2.PublishQuotesResponse(
        accepted_count=2, refused_count=1, quote_sequence=40
    )
    rpc.terminate(response, (), grpc.StatusCode.OK, "")
    outcome = call.result(ANSWER_TIMEOUT_S)
    assert (outcome.accepted_count, outcome.refused_count, outcome.quote_sequence) == (2, 1, 40)


def test_no_quotes_still_name_their_source(venue: FakeVenue) -> None:
    call = venue.run(venue.client().publish_quotes, [], source="feed")
    rpc = venue.take_incoming("PublishQuotes")
    assert rpc.take_request() == market_data_service_pb2.PublishQuotesRequest(source="feed")
    rpc.requests_closed()
    response = market_data_service_pb2.PublishQuotesResponse()
    rpc.terminate(response, (), grpc.StatusCode.OK, "")
    assert call.result(ANSWER_TIMEOUT_S).accepted_count == 0


def test_a_batch_has_bounds(venue: FakeVenue) -> None:
    for size in (0, 10_001):
        with pytest.raises(ValueError, match=f"batch: {size} is not 1 to 10000 quotes"):
            venue.client().publish_quotes([], source="feed", batch=size)


def test_what_goes_wrong_while_quotes_are_read_is_kept() -> None:
    def quotes() -> Iterator[quote_pb2.Quote]:
        yield quote_message(NewQuote(instrument=3, bid_price=1), 3)
        yield quote_message(NewQuote(instrument=3, bid_price=1.5), 3)  # type: ignore[arg-type]

    batches = QuoteBatches("feed", quotes(), 1)
    messages = iter(batches)
    assert len(next(messages).quotes) == 1
    assert batches.error is None
    with pytest.raises(TypeError, match="bid_price: use Decimal, int or str, not float"):
        next(messages)
    assert isinstance(batches.error, TypeError)


def test_the_newest_quote_comes_with_its_age(venue: FakeVenue) -> None:
    call = venue.run(venue.client().quote, 3, source="feed")
    quote = quote_pb2.Quote(instrument_id=3, source="feed", ask_price=2_000_000_000)
    response = market_data_service_pb2.GetQuoteResponse(quote=quote, age_ns=55)
    assert venue.answer("GetQuote", response).source == "feed"
    found = call.result(ANSWER_TIMEOUT_S)
    assert (found.quote.ask_price, found.quote.bid_price, found.age_ns) == (2, None, 55)
