"""Say what a source outside the venue quotes, and put it into the contract's batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from quantumcore.client.convert import build
from quantumcore.client.fixed import Number
from quantumcore.v1 import market_data_service_pb2, quote_pb2

MAX_QUOTES_IN_A_MESSAGE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewQuote:
    """Best prices and last trade of an instrument; prices that are None are not known.

    `source_sequence` ascends for a source and instrument, 0: the source numbers nothing.
    `source_time_ns` is when the source made it, ns since the Unix epoch, UTC.
    """

    instrument: int | str
    bid_price: Number | None = None
    bid_quantity: Number = 0
    ask_price: Number | None = None
    ask_quantity: Number = 0
    last_price: Number | None = None
    last_quantity: Number = 0
    source_sequence: int = 0
    source_time_ns: int = 0


def quote_message(quote: NewQuote, instrument_id: int) -> quote_pb2.Quote:
    """Put a quote into the contract's form. Raises TypeError and ValueError naming the field."""
    return build(
        quote_pb2.Quote,
        instrument_id=instrument_id,
        bid_price=quote.bid_price,
        bid_quantity=quote.bid_quantity,
        ask_price=quote.ask_price,
        ask_quantity=quote.ask_quantity,
        last_price=quote.last_price,
        last_quantity=quote.last_quantity,
        source_sequence=quote.source_sequence,
        source_time_ns=quote.source_time_ns,
    )


def batch_size(count: int) -> int:
    """Check how many quotes are to go in one message. Raises ValueError."""
    if not 0 < count <= MAX_QUOTES_IN_A_MESSAGE:
        raise ValueError(f"batch: {count} is not 1 to {MAX_QUOTES_IN_A_MESSAGE} quotes")
    return count


class QuoteBatches:
    """The messages of a stream of quotes: the first names the source, and comes in any case.

    gRPC swallows what goes wrong in the iterator that it reads: it is kept in `error`.
    """

    def __init__(self, source: str, quotes: Iterable[quote_pb2.Quote], batch: int) -> None:
        self._source = source
        self._quotes = iter(quotes)
        self._batch = batch_size(batch)
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[market_data_service_pb2.PublishQuotesRequest]:
        try:
            yield from self._messages()
        except Exception as error:
            self.error = error
            raise

    def _messages(self) -> Iterator[market_data_service_pb2.PublishQuotesRequest]:
        first = list(islice(self._quotes, self._batch))
        yield market_data_service_pb2.PublishQuotesRequest(source=self._source, quotes=first)
        while quotes := list(islice(self._quotes, self._batch)):
            yield market_data_service_pb2.PublishQuotesRequest(quotes=quotes)
