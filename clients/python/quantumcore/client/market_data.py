"""See the market and feed it: books, the tape, auctions, the day's numbers, quotes."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

import grpc

from quantumcore.client import requests
from quantumcore.client.administration import Administration
from quantumcore.client.convert import build, read
from quantumcore.client.enums import BookMode
from quantumcore.client.failures import call_failed
from quantumcore.client.market import (
    Auction,
    Book,
    BookByOrder,
    NewestQuote,
    PublishedQuotes,
    Trade,
    TradingStatistics,
)
from quantumcore.client.order_follower import OrderFollower
from quantumcore.client.quotes import NewQuote, QuoteBatches, quote_message
from quantumcore.client.streams import by_level, follow_books, follow_sequence
from quantumcore.v1 import market_data_service_pb2, matching_service_pb2


class MarketData(Administration):
    """What everybody may see of the market, and quotes from outside."""

    def book(self, instrument: int | str, *, depth: int = 0, min_sequence: int = 0) -> Book:
        """Read a book once; `depth` levels of each side, 0: 10, at most 1000."""
        request = build(
            matching_service_pb2.GetBookRequest,
            instrument_id=self.instrument_id(instrument),
            depth=depth,
            min_sequence=min_sequence,
        )
        return read(Book, self._call(self._matching.GetBook, request).book)

    def stream_book(
        self,
        *instruments: int | str,
        depth: int = 10,
        mode: BookMode = BookMode.EVERY_UPDATE,
        max_rate_hz: int = 0,
    ) -> Generator[Book, None, None]:
        """Follow books by level: each time one changes, the whole of it as it then stands.

        Every step is checked by sequence and checksum; where one is missing, or the
        connection is lost, the book is fetched anew. Raises BookOutOfStep where that does
        not help. See `stream_book_by_order` for single orders.
        """
        ids = [self.instrument_id(instrument) for instrument in instruments]
        request = requests.stream_book(ids, depth=depth, mode=mode, max_rate_hz=max_rate_hz)
        return follow_books(
            lambda: self._matching.StreamBook(request, metadata=self._metadata),
            by_level(1 if mode is BookMode.TOP_OF_BOOK else depth),
            clock=self._clock,
            delays=self._delays,
        )

    def stream_book_by_order(self, *instruments: int | str) -> Generator[BookByOrder, None, None]:
        """Follow whole books by order: each order in its place, after each change.

        Checked and taken up as `stream_book` is; the checksum is that of the book by level.
        """
        ids = [self.instrument_id(instrument) for instrument in instruments]
        request = requests.stream_book(ids, depth=0, mode=BookMode.EVERY_ORDER, max_rate_hz=0)
        return follow_books(
            lambda: self._matching.StreamBook(request, metadata=self._metadata),
            OrderFollower,
            clock=self._clock,
            delays=self._delays,
        )

    def stream_trades(
        self, *instruments: int | str, from_sequence: int = 0
    ) -> Generator[Trade, None, None]:
        """Follow the tape of these instruments, or of all, without gap or duplicate.

        Busts and corrections are lines of their own: see `Trade.action`.
        """
        ids = [self.instrument_id(instrument) for instrument in instruments]

        def start(position: int) -> Any:
            request = matching_service_pb2.StreamTradesRequest(
                instrument_ids=ids, from_sequence=position
            )
            return self._matching.StreamTrades(request, metadata=self._metadata)

        messages = follow_sequence(
            start, "trades", from_sequence, clock=self._clock, delays=self._delays
        )
        return (read(Trade, message) for message in messages)

    def auction(self, instrument: int | str, *, min_sequence: int = 0) -> Auction:
        """Read what the running auction would give now. Raises PreconditionFailed without one."""
        request = build(
            matching_service_pb2.GetAuctionRequest,
            instrument_id=self.instrument_id(instrument),
            min_sequence=min_sequence,
        )
        return read(Auction, self._call(self._matching.GetAuction, request).auction)

    def statistics(self, instrument: int | str, *, min_sequence: int = 0) -> TradingStatistics:
        """Read the numbers of an instrument's trading day."""
        request = build(
            matching_service_pb2.GetStatisticsRequest,
            instrument_id=self.instrument_id(instrument),
            min_sequence=min_sequence,
        )
        response = self._call(self._matching.GetStatistics, request)
        return read(TradingStatistics, response.statistics)

    def publish_quotes(
        self, quotes: Iterable[NewQuote], *, source: str, batch: int = 1
    ) -> PublishedQuotes:
        """Publish quotes of one source as they come, `batch` in a message, until they end.

        Quotes that the venue refuses are counted. Never sent again by itself: how far
        a broken stream came is not known. Raises what the iterator of the quotes raises.
        """
        messages = QuoteBatches(
            source,
            (quote_message(quote, self.instrument_id(quote.instrument)) for quote in quotes),
            batch,
        )
        try:
            response = self._quotes.PublishQuotes(iter(messages), metadata=self._metadata)
        except grpc.RpcError as failure:
            raise messages.error or call_failed(failure) from failure
        return read(PublishedQuotes, response)

    def quote(self, instrument: int | str, *, source: str = "") -> NewestQuote:
        """Read the newest quote, of one source where it is named. Raises NotFound."""
        request = market_data_service_pb2.GetQuoteRequest(
            instrument_id=self.instrument_id(instrument), source=source
        )
        return read(NewestQuote, self._call(self._quotes.GetQuote, request))
