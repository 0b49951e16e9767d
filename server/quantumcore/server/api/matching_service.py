"""MatchingService: books and the tape."""

from quantumcore.server.api.catch_up import CatchUp
from quantumcore.server.api.errors import InvalidField, NotFound, WrongState
from quantumcore.server.api.history import Span
from quantumcore.server.api.reads import Reads
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.streams import Streams, pump
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.views import GREATEST
from quantumcore.server.feed.books import Books
from quantumcore.server.feed.channel import ChannelKey
from quantumcore.server.feed.mirror import depth_of
from quantumcore.server.feed.scan_cy import scan
from quantumcore.server.feed.subscriber import BookSubscriber
from quantumcore.server.feed.tape import Tape, encode_trades
from quantumcore.server.feed.updates import checksum
from quantumcore.server.settings import StreamSettings
from quantumcore.v1.book_pb2 import Book, BookLevel, BookMode
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.matching_service_pb2 import (
    GetAuctionRequest,
    GetAuctionResponse,
    GetBookRequest,
    GetBookResponse,
    GetStatisticsRequest,
    GetStatisticsResponse,
    StreamBookRequest,
    StreamBookResponse,
    StreamTradesRequest,
    StreamTradesResponse,
)
from quantumcore.v1.trade_pb2 import Auction, TradingStatistics
from quantumcore.v1.types_pb2 import Side, TradingPhase

DEFAULT_DEPTH = 10
MAX_DEPTH = 1000
MAX_INSTRUMENTS = 1000
MAX_RATE_HZ = 1000
AUCTIONS = (
    TradingPhase.TRADING_PHASE_OPENING_AUCTION,
    TradingPhase.TRADING_PHASE_VOLATILITY_AUCTION,
    TradingPhase.TRADING_PHASE_CLOSING_AUCTION,
)


class MatchingService:
    """Show books and trades; nothing here names an account."""

    def __init__(
        self,
        exchange: Exchange,
        reads: Reads,
        books: Books,
        tape: Tape,
        streams: Streams,
        catch_up: CatchUp,
        settings: StreamSettings,
    ) -> None:
        self._exchange = exchange
        self._reads = reads
        self._books = books
        self._tape = tape
        self._streams = streams
        self._catch_up = catch_up
        self._settings = settings

    async def get_book(self, request: GetBookRequest, call: Call) -> GetBookResponse:
        """Read a book between two commands."""
        depth = _depth(request.depth)
        await self._reads.wait_for(request.min_sequence, call)
        self._require(request.instrument_id)
        sequence, time_ns = self._exchange.sequence, self._exchange.time_ns
        book = self._book(request.instrument_id, depth)
        await self._reads.settled()
        last = self._books.last_change(request.instrument_id)
        book.sequence, book.time_ns = min(last, (sequence, time_ns))
        return GetBookResponse(book=book, sequence=sequence)

    async def stream_book(self, request: StreamBookRequest, call: Call) -> None:
        """Follow books: snapshots, then changes; a slow stream skips ahead by a new snapshot."""
        keys = self._keys(request)
        with self._streams.opened(StreamBookResponse) as outbox:
            subscriber = BookSubscriber(outbox, refill_bytes=self._settings.max_waiting_bytes // 2)
            try:
                for key in keys:
                    await self._books.join(key, subscriber)
                subscriber.start()
                await pump(call, outbox)
            finally:
                self._books.leave(subscriber)

    async def stream_trades(self, request: StreamTradesRequest, call: Call) -> None:
        """Follow the tape: history, then live."""
        instruments = self._wanted(request)
        with self._streams.opened(StreamTradesResponse) as outbox:
            try:
                await self._catch_up.run(
                    call,
                    request.from_sequence,
                    encode=lambda span: _encode(span, instruments),
                    join=lambda: self._tape.join(instruments, outbox),
                    outbox=outbox,
                )
                await pump(call, outbox)
            finally:
                self._tape.leave(instruments, outbox)

    async def get_auction(self, request: GetAuctionRequest, call: Call) -> GetAuctionResponse:
        """Tell what the running auction of an instrument would give now."""
        await self._reads.wait_for(request.min_sequence, call)
        self._require(request.instrument_id)
        phase = self._exchange.phase(request.instrument_id)
        if phase not in AUCTIONS:
            name = TradingPhase.Name(TradingPhase.ValueType(phase))
            raise WrongState(f"no auction runs: the phase is {name}", value=phase)
        auction = self._auction(request.instrument_id, phase)
        await self._reads.settled()
        return GetAuctionResponse(auction=auction, sequence=auction.sequence)

    async def get_statistics(
        self, request: GetStatisticsRequest, call: Call
    ) -> GetStatisticsResponse:
        """Tell the numbers of an instrument's trading day."""
        await self._reads.wait_for(request.min_sequence, call)
        self._require(request.instrument_id)
        sequence = self._exchange.sequence
        statistics = statistics_of(self._exchange, request.instrument_id)
        await self._reads.settled()
        return GetStatisticsResponse(statistics=statistics, sequence=sequence)

    def _auction(self, instrument_id: int, phase: int) -> Auction:
        view = self._exchange.auction(instrument_id)
        return Auction(
            instrument_id=instrument_id,
            phase=TradingPhase.ValueType(phase),
            indicative_price=view.price,
            indicative_quantity=min(view.quantity, GREATEST),
            imbalance_quantity=min(view.imbalance, GREATEST),
            imbalance_side=Side.ValueType(view.imbalance_side),
            reference_price=self._exchange.last_price(instrument_id),
            end_time_ns=self._exchange.auction_end_ns(instrument_id),
            sequence=self._exchange.sequence,
        )

    def _book(self, instrument_id: int, depth: int) -> Book:
        bids, asks = depth_of(self._exchange, instrument_id, depth)
        return Book(
            instrument_id=instrument_id,
            epoch=self._books.epoch,
            bids=[BookLevel(price=p, quantity=q, order_count=n) for p, q, n in bids],
            asks=[BookLevel(price=p, quantity=q, order_count=n) for p, q, n in asks],
            checksum=checksum(bids, asks),
            phase=TradingPhase.ValueType(self._exchange.phase(instrument_id)),
        )

    def _keys(self, request: StreamBookRequest) -> list[ChannelKey]:
        """Check a request for books; return the channels that it asks for."""
        _check_instrument_count(len(request.instrument_ids), least=1)
        by_order = request.mode == BookMode.BOOK_MODE_EVERY_ORDER
        every = by_order or request.mode == BookMode.BOOK_MODE_EVERY_UPDATE
        if request.mode not in BookMode.values() or not request.mode:
            raise InvalidField("mode", "is required", value=request.mode)
        if every and request.max_rate_hz:
            raise InvalidField("max_rate_hz", "does not go with EVERY_UPDATE and EVERY_ORDER")
        if request.max_rate_hz > MAX_RATE_HZ:
            rate = request.max_rate_hz
            raise InvalidField("max_rate_hz", "is too high", limit=MAX_RATE_HZ, value=rate)
        top = request.mode == BookMode.BOOK_MODE_TOP_OF_BOOK
        depth = 1 if top else MAX_DEPTH if by_order else _depth(request.depth)
        for instrument_id in request.instrument_ids:
            self._require(instrument_id)
        return [
            ChannelKey(instrument_id, depth, every, request.max_rate_hz, by_order)
            for instrument_id in dict.fromkeys(request.instrument_ids)
        ]

    def _wanted(self, request: StreamTradesRequest) -> frozenset[int] | None:
        _check_instrument_count(len(request.instrument_ids), least=0)
        for instrument_id in request.instrument_ids:
            self._require(instrument_id)
        return frozenset(request.instrument_ids) or None

    def _require(self, instrument_id: int) -> None:
        if not 1 <= instrument_id <= self._exchange.instrument_count:
            raise NotFound(f"there is no instrument {instrument_id}", value=instrument_id)


def statistics_of(exchange: Exchange, instrument_id: int) -> TradingStatistics:
    """Return the numbers of an instrument's trading day."""
    view = exchange.statistics(instrument_id)
    instrument = Instrument.FromString(exchange.definition(instrument_id))
    lots = view.volume // instrument.lot_size
    return TradingStatistics(
        instrument_id=instrument_id,
        open_price=view.open,
        high_price=view.high,
        low_price=view.low,
        last_price=view.last,
        volume=min(view.volume, GREATEST),
        average_price=view.tick_lots * instrument.tick_size // lots if lots else None,
        tick_lots=max(-GREATEST, min(view.tick_lots, GREATEST)),
        trade_count=view.trades,
    )


def _encode(span: Span, instruments: frozenset[int] | None) -> bytes:
    trades, _notices = scan(span.words[span.start :])
    return encode_trades(trades, span.time_ns, instruments)


def _depth(asked: int) -> int:
    if asked > MAX_DEPTH:
        raise InvalidField("depth", f"lies above {MAX_DEPTH}", limit=MAX_DEPTH, value=asked)
    return asked or DEFAULT_DEPTH


def _check_instrument_count(count: int, *, least: int) -> None:
    if not least <= count <= MAX_INSTRUMENTS:
        problem = f"needs {least} to {MAX_INSTRUMENTS} instruments"
        raise InvalidField("instrument_ids", problem, limit=MAX_INSTRUMENTS, value=count)
