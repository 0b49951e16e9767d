"""Hold what everybody may see: books, the tape, auctions, the day's numbers, quotes.

As in `values`, fields bear the contract's names and mean what the contract says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from quantumcore.client.enums import Side, TradeAction, TradeKind, TradingPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLevel:
    """One price of one side of a book, all its orders together."""

    price: Decimal
    quantity: Decimal
    order_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A book between two commands: bids highest first, asks lowest first."""

    instrument_id: int
    epoch: int
    sequence: int
    time_ns: int
    bids: tuple[BookLevel, ...]
    asks: tuple[BookLevel, ...]
    checksum: int
    phase: TradingPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class BookOrder:
    """One order of a book: what it shows, and at what price."""

    order_id: int
    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BookByOrder:
    """A whole book by order, between two commands: each side in order of priority."""

    instrument_id: int
    epoch: int
    sequence: int
    time_ns: int
    bids: tuple[BookOrder, ...]
    asks: tuple[BookOrder, ...]
    checksum: int
    phase: TradingPhase

    def by_price(self) -> Book:
        """Sum the orders of each price: the same book by level, to its full depth."""
        return Book(
            instrument_id=self.instrument_id,
            epoch=self.epoch,
            sequence=self.sequence,
            time_ns=self.time_ns,
            bids=tuple(_levels(self.bids)),
            asks=tuple(_levels(self.asks)),
            checksum=self.checksum,
            phase=self.phase,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One line of the tape: a trade, or what was done to one later, as `action` says."""

    trade_id: int
    instrument_id: int
    price: Decimal
    quantity: Decimal
    aggressor_side: Side
    sequence: int
    time_ns: int
    kind: TradeKind
    action: TradeAction
    package_execution_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Auction:
    """What a running auction would give if it ended now."""

    instrument_id: int
    phase: TradingPhase
    indicative_price: Decimal | None
    indicative_quantity: Decimal
    imbalance_quantity: Decimal
    imbalance_side: Side
    reference_price: Decimal | None
    end_time_ns: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingStatistics:
    """The numbers of an instrument's trading day, busts and corrections in them."""

    instrument_id: int
    open_price: Decimal | None
    high_price: Decimal | None
    low_price: Decimal | None
    last_price: Decimal | None
    volume: Decimal
    average_price: Decimal | None
    tick_lots: int
    trade_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Best prices of an instrument from one source; unset prices are None."""

    instrument_id: int
    source: str
    bid_price: Decimal | None
    bid_quantity: Decimal
    ask_price: Decimal | None
    ask_quantity: Decimal
    last_price: Decimal | None
    last_quantity: Decimal
    source_sequence: int
    source_time_ns: int
    quote_sequence: int
    received_time_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestQuote:
    """The newest quote of an instrument, and how long ago the venue received it."""

    quote: Quote
    age_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedQuotes:
    """What became of quotes that were published; refused ones were counted and left out."""

    accepted_count: int
    refused_count: int
    quote_sequence: int


def _levels(orders: Iterable[BookOrder]) -> Iterable[BookLevel]:
    for price, at_price in groupby(orders, key=lambda order: order.price):
        quantities = [order.quantity for order in at_price]
        yield BookLevel(
            price=price, quantity=sum(quantities, Decimal(0)), order_count=len(quantities)
        )
