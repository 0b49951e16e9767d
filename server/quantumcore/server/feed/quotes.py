"""The newest quote of each instrument and source, and which quotes are taken."""

from collections.abc import Callable

from quantumcore.v1.quote_pb2 import Quote


class Quotes:
    """Number the quotes that are taken and keep the newest.

    A quote is refused where its instrument is not listed, where it has no price, where bid lies
    above ask, or where its `source_sequence` is not above that of the one before.
    """

    def __init__(self, *, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._of_source: dict[tuple[int, str], Quote] = {}
        self._newest: dict[int, Quote] = {}
        self.sequence = 0

    def take(self, quote: Quote, source: str, instrument_count: int) -> bool:
        """Take a quote and complete it, or refuse it; return whether it is taken."""
        if not 1 <= quote.instrument_id <= instrument_count or not _is_sound(quote):
            return False
        before = self._of_source.get((quote.instrument_id, source))
        number = quote.source_sequence
        if before is not None and number and number <= before.source_sequence:
            return False
        self.sequence += 1
        quote.source = source
        quote.quote_sequence = self.sequence
        quote.received_time_ns = self._clock()
        self._of_source[quote.instrument_id, source] = quote
        self._newest[quote.instrument_id] = quote
        return True

    def age_ns(self, quote: Quote) -> int:
        """Return how long ago a quote was received."""
        return max(0, self._clock() - quote.received_time_ns)

    def newest(self, instrument_id: int, source: str) -> Quote | None:
        """Return the newest quote of a source (empty: of any), or None."""
        if source:
            return self._of_source.get((instrument_id, source))
        return self._newest.get(instrument_id)


def _is_sound(quote: Quote) -> bool:
    has_bid, has_ask = quote.HasField("bid_price"), quote.HasField("ask_price")
    if not (has_bid or has_ask or quote.HasField("last_price")):
        return False
    return not (has_bid and has_ask and quote.bid_price > quote.ask_price)
