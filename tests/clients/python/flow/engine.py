"""A venue without a wire: the exchange itself behind what a replay needs of a client."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from quantumcore.client.enums import TradingPhase
from quantumcore.client.flow.comparison import Terms
from quantumcore.client.market import Book, BookLevel
from quantumcore.server.core import admin_commands, kinds, order_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.views import Level
from quantumcore.v1.order_pb2 import OrderAcknowledgement
from quantumcore.v1.order_service_pb2 import TradeCommand
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.types_pb2 import OrderStatus

_NANOS = 1_000_000_000


class Answered:
    def __init__(self, messages: list[OrderAcknowledgement]) -> None:
        self._messages = messages

    def messages(self) -> list[OrderAcknowledgement]:
        return self._messages


class EngineVenue:
    """One instrument, one account; each batch is a turn."""

    def __init__(self, terms: Terms) -> None:
        self.exchange = Exchange(order_capacity=1 << 17, live_order_capacity=1 << 16)
        self._time_ns = 0
        self._begin_turn()
        admin_commands.create_account(self.exchange)
        admin_commands.create_instrument(
            self.exchange,
            tick_size=terms.tick_nanos,
            lot_size=terms.lot_nanos,
            min_price=terms.tick_nanos,
            max_price=terms.max_price_nanos,
            max_quantity=terms.max_quantity_nanos,
            protection_band=terms.max_price_nanos,
            tick_value=1,
        )

    @contextmanager
    def trade(self) -> Iterator["EngineVenue"]:
        yield self

    def submit_messages(self, messages: Sequence[TradeCommand]) -> Answered:
        self._begin_turn()
        return Answered([self._acknowledgement(self._apply(message)) for message in messages])

    def book(self, instrument: int | str, *, depth: int = 0, min_sequence: int = 0) -> Book:
        assert isinstance(instrument, int)
        assert self.exchange.sequence >= min_sequence
        bids, asks = self.exchange.depth(instrument, depth)
        return Book(
            instrument_id=instrument,
            epoch=1,
            sequence=self.exchange.sequence,
            time_ns=self.exchange.time_ns,
            bids=_decimals(bids),
            asks=_decimals(asks),
            checksum=0,
            phase=TradingPhase.CONTINUOUS,
        )

    def _begin_turn(self) -> None:
        self._time_ns += 1
        self.exchange.begin_turn(self._time_ns)

    def _apply(self, message: TradeCommand) -> int:
        match message.WhichOneof("command"):
            case "create_order":
                new = message.create_order
                return order_commands.create_order(
                    self.exchange,
                    account_id=new.account_id,
                    instrument_id=new.instrument_id,
                    client_order_id=new.client_order_id,
                    side=new.side,
                    quantity=new.quantity,
                    price=new.price,
                    order_type=new.order_type,
                    time_in_force=new.time_in_force,
                )
            case "replace_order":
                change = message.replace_order
                return order_commands.replace_order(
                    self.exchange,
                    account_id=change.account_id,
                    order_id=change.order_id,
                    client_order_id=change.client_order_id,
                    quantity=change.quantity,
                    price=change.price if change.HasField("price") else None,
                )
            case _:
                cancel = message.cancel_order
                return order_commands.cancel_order(
                    self.exchange,
                    account_id=cancel.account_id,
                    order_id=cancel.order_id,
                    client_order_id=cancel.client_order_id,
                )

    def _acknowledgement(self, row: int) -> OrderAcknowledgement:
        start = row * kinds.RESULT_WORDS
        result = self.exchange.results.words[start : start + kinds.RESULT_WORDS]
        state = result[kinds.RESULT_STATE]
        return OrderAcknowledgement(
            order_id=result[kinds.RESULT_ORDER_ID],
            status=OrderStatus.ValueType(state & 0xFF),
            reject_reason=RejectReason.ValueType(state >> 16 & 0xFFFF),
            cumulative_quantity=result[kinds.RESULT_CUMULATIVE_QUANTITY],
            leaves_quantity=result[kinds.RESULT_LEAVES_QUANTITY],
            sequence=result[kinds.RESULT_SEQUENCE],
        )


def _decimals(levels: Sequence[Level]) -> tuple[BookLevel, ...]:
    return tuple(
        BookLevel(
            price=Decimal(level.price) / _NANOS,
            quantity=Decimal(level.quantity) / _NANOS,
            order_count=level.order_count,
        )
        for level in levels
    )
