"""MarketDataService: quotes from outside, which the core consults as reference prices."""

from functools import partial

from quantumcore.server.api.errors import InvalidField, NotFound, TooLarge
from quantumcore.server.api.rpc import Call, parse
from quantumcore.server.api.writer import Writer
from quantumcore.server.core import admin_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.feed.quotes import Quotes
from quantumcore.v1.market_data_service_pb2 import (
    GetQuoteRequest,
    GetQuoteResponse,
    PublishQuotesRequest,
    PublishQuotesResponse,
)
from quantumcore.v1.quote_pb2 import Quote

MAX_QUOTES = 10_000
MAX_SOURCE_LENGTH = 32
VENUE_SOURCE = "venue"


class MarketDataService:
    """Take quotes and show the newest."""

    def __init__(self, exchange: Exchange, writer: Writer, quotes: Quotes) -> None:
        self._exchange = exchange
        self._writer = writer
        self._quotes = quotes

    async def publish_quotes(self, call: Call) -> PublishQuotesResponse:
        """Take quotes until the client has sent all; each is a command of the venue's journal."""
        call.identity.require_admin()
        source, accepted, refused = "", 0, 0
        async for data in call.messages():
            request: PublishQuotesRequest = parse(PublishQuotesRequest, data)
            source = source or _source(request.source)
            _check_size(len(request.quotes))
            for quote in request.quotes:
                taken = self._take(quote, source, call)
                accepted, refused = accepted + taken, refused + (not taken)
            self._writer.end_of_submission()
        self._writer.flush()
        await self._writer.published(self._exchange.sequence)
        return PublishQuotesResponse(
            accepted_count=accepted, refused_count=refused, quote_sequence=self._quotes.sequence
        )

    async def get_quote(self, request: GetQuoteRequest, _call: Call) -> GetQuoteResponse:
        """Return the newest quote of an instrument."""
        quote = self._quotes.newest(request.instrument_id, request.source)
        if quote is None:
            problem = f"there is no quote of instrument {request.instrument_id}"
            raise NotFound(problem, value=request.instrument_id)
        return GetQuoteResponse(quote=quote, age_ns=self._quotes.age_ns(quote))

    def _take(self, quote: Quote, source: str, call: Call) -> bool:
        self._writer.check_accepting()
        if not self._quotes.take(quote, source, self._exchange.instrument_count):
            return False
        self._writer.command(
            partial(
                admin_commands.set_reference,
                instrument_id=quote.instrument_id,
                bid=quote.bid_price if quote.HasField("bid_price") else None,
                ask=quote.ask_price if quote.HasField("ask_price") else None,
                last=quote.last_price if quote.HasField("last_price") else None,
                actor=call.identity.actor(),
            )
        )
        return True


def _source(name: str) -> str:
    if not (1 <= len(name) <= MAX_SOURCE_LENGTH and name.isascii() and name.isprintable()):
        problem = f"needs 1 to {MAX_SOURCE_LENGTH} printable ASCII characters on the first message"
        raise InvalidField("source", problem, limit=MAX_SOURCE_LENGTH, value=len(name))
    if name == VENUE_SOURCE:
        raise InvalidField("source", f"{VENUE_SOURCE!r} is the venue's own book")
    return name


def _check_size(count: int) -> None:
    if count > MAX_QUOTES:
        problem = f"a message holds {count} quotes, more than {MAX_QUOTES}"
        raise TooLarge(problem, limit=MAX_QUOTES, value=count)
