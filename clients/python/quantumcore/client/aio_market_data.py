"""See the market and feed it: books, the tape, auctions, quotes, for asyncio."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing
from typing import Any

import grpc

from quantumcore.client import requests
from quantumcore.client.aio_administration import AsyncAdministration
from quantumcore.client.aio_streams import follow_books, follow_sequence
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
from quantumcore.client.quotes import NewQuote, batch_size, quote_message
from quantumcore.client.streams import by_level
from quantumcore.v1 import market_data_service_pb2, matching_service_pb2, quote_pb2


class AsyncMarketData(AsyncAdministration):
    """What everybody may see of the market, and quotes from outside."""

    async def book(self, instrument: int | str, *, depth: int = 0, min_sequence: int = 0) -> Book:
        """Read a book once; `depth` levels of each side, 0: 10, at most 1000."""
        request = build(
            matching_service_pb2.GetBookRequest,
            instrument_id=await self.instrument_id(instrument),
            depth=depth,
            min_sequence=min_sequence,
        )
        response = await self._call(self._matching.GetBook, request)
        return read(Book, response.book)

    async def stream_book(
        self,
        *instruments: int | str,
        depth: int = 10,
        mode: BookMode = BookMode.EVERY_UPDATE,
        max_rate_hz: int = 0,
    ) -> AsyncGenerator[Book, None]:
        """Follow books by level: each time one changes, the whole of it as it then stands.

        Every step is checked by sequence and checksum; where one is missing, or the
        connection is lost, the book is fetched anew. Raises BookOutOfStep where that does
        not help. See `stream_book_by_order` for single orders.
        """
        ids = [await self.instrument_id(instrument) for instrument in instruments]
        request = requests.stream_book(ids, depth=depth, mode=mode, max_rate_hz=max_rate_hz)
        books = follow_books(
            lambda: self._matching.StreamBook(request, metadata=self._metadata),
            by_level(1 if mode is BookMode.TOP_OF_BOOK else depth),
            delays=self._delays,
        )
        async with aclosing(books):
            async for book in books:
                yield book

    async def stream_book_by_order(
        self, *instruments: int | str
    ) -> AsyncGenerator[BookByOrder, None]:
        """Follow whole books by order: each order in its place, after each change.

        Checked and taken up as `stream_book` is; the checksum is that of the book by level.
        """
        ids = [await self.instrument_id(instrument) for instrument in instruments]
        request = requests.stream_book(ids, depth=0, mode=BookMode.EVERY_ORDER, max_rate_hz=0)
        books = follow_books(
            lambda: self._matching.StreamBook(request, metadata=self._metadata),
            OrderFollower,
            delays=self._delays,
        )
        async with aclosing(books):
            async for book in books:
                yield book

    async def stream_trades(
        self, *instruments: int | str, from_sequence: int = 0
    ) -> AsyncGenerator[Trade, None]:
        """Follow the tape of these instruments, or of all, without gap or duplicate.

        Busts and corrections are lines of their own: see `Trade.action`.
        """
        ids = [await self.instrument_id(instrument) for instrument in instruments]

        def start(position: int) -> Any:
            request = matching_service_pb2.StreamTradesRequest(
                instrument_ids=ids, from_sequence=position
            )
            return self._matching.StreamTrades(request, metadata=self._metadata)

        messages = follow_sequence(start, "trades", from_sequence, delays=self._delays)
        async with aclosing(messages):
            async for message in messages:
                yield read(Trade, message)

    async def auction(self, instrument: int | str, *, min_sequence: int = 0) -> Auction:
        """Read what the running auction would give now. Raises PreconditionFailed without one."""
        request = build(
            matching_service_pb2.GetAuctionRequest,
            instrument_id=await self.instrument_id(instrument),
            min_sequence=min_sequence,
        )
        response = await self._call(self._matching.GetAuction, request)
        return read(Auction, response.auction)

    async def statistics(
        self, instrument: int | str, *, min_sequence: int = 0
    ) -> TradingStatistics:
        """Read the numbers of an instrument's trading day."""
        request = build(
            matching_service_pb2.GetStatisticsRequest,
            instrument_id=await self.instrument_id(instrument),
            min_sequence=min_sequence,
        )
        response = await self._call(self._matching.GetStatistics, request)
        return read(TradingStatistics, response.statistics)

    async def publish_quotes(
        self,
        quotes: Iterable[NewQuote] | AsyncIterable[NewQuote],
        *,
        source: str,
        batch: int = 1,
    ) -> PublishedQuotes:
        """Publish quotes of one source as they come, `batch` in a message, until they end.

        Quotes that the venue refuses are counted. Never sent again by itself: how far
        a broken stream came is not known. Raises what the iterator of the quotes raises.
        """
        batch_size(batch)
        call: Any = self._quotes.PublishQuotes(None, metadata=self._metadata)
        try:
            await self._send_quotes(call, _each(quotes), source, batch)
            await call.done_writing()
            return read(PublishedQuotes, await call)
        except grpc.aio.AioRpcError as failure:
            raise call_failed(failure) from failure
        finally:
            call.cancel()

    async def quote(self, instrument: int | str, *, source: str = "") -> NewestQuote:
        """Read the newest quote, of one source where it is named. Raises NotFound."""
        request = market_data_service_pb2.GetQuoteRequest(
            instrument_id=await self.instrument_id(instrument), source=source
        )
        return read(NewestQuote, await self._call(self._quotes.GetQuote, request))

    async def _send_quotes(
        self, call: Any, quotes: AsyncIterable[NewQuote], source: str, batch: int
    ) -> None:
        waiting: list[quote_pb2.Quote] = []
        first = True
        async for quote in quotes:
            waiting.append(quote_message(quote, await self.instrument_id(quote.instrument)))
            if len(waiting) == batch:
                await call.write(_message(source if first else "", waiting))
                first, waiting = False, []
        if waiting or first:
            await call.write(_message(source if first else "", waiting))


async def _each(
    quotes: Iterable[NewQuote] | AsyncIterable[NewQuote],
) -> AsyncGenerator[NewQuote, None]:
    if isinstance(quotes, AsyncIterable):
        async for quote in quotes:
            yield quote
        return
    for quote in quotes:
        yield quote


def _message(
    source: str, quotes: list[quote_pb2.Quote]
) -> market_data_service_pb2.PublishQuotesRequest:
    return market_data_service_pb2.PublishQuotesRequest(source=source, quotes=quotes)
