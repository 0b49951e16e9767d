"""Turn the blocks of a journal into events of the contract, in order, once each."""

from collections.abc import Iterator
from typing import Protocol, Self

from quantumcore.server.core import kinds
from quantumcore.server.store.decoding import fills, notices, orders, packages
from quantumcore.server.store.decoding.margin import tell_reserved
from quantumcore.server.store.decoding.order_record import OrderRecord
from quantumcore.server.store.decoding.package_mending import note_leg
from quantumcore.server.store.decoding.package_terms import take_leg
from quantumcore.server.store.decoding.saving import loaded, saved
from quantumcore.server.store.decoding.state import DecoderState, WorkingOrder
from quantumcore.server.store.decoding.telling import Telling
from quantumcore.server.store.errors import JournalUndecodable
from quantumcore.server.store.stored_event import StoredEvent

MENDED = {
    kinds.ORDER_FILL_BUSTED: fills.tell_busted,
    kinds.ORDER_FILL_CORRECTED: fills.tell_corrected,
}
ORDER_KINDS = frozenset({*orders.TELLERS, *MENDED, kinds.ORDER_FILLED})
DECODED_KINDS = ORDER_KINDS | frozenset(notices.TELLERS)
"""Every kind of event record that is understood."""
PACKAGE_COMMANDS = frozenset({kinds.CREATE_PACKAGE, kinds.REPLACE_PACKAGE, kinds.CANCEL_PACKAGE})


class JournalBlock(Protocol):
    """What is needed of a block of the journal."""

    @property
    def payload(self) -> memoryview | bytes: ...
    @property
    def time_ns(self) -> int: ...
    @property
    def last_sequence(self) -> int: ...


class Decoder:
    """Decode blocks one after the other, from the first block of the journal on.

    The same blocks give the same events, byte for byte. A record that is not understood raises
    JournalUndecodable; the decoder is of no use from then on.
    """

    def __init__(self) -> None:
        self._begin(DecoderState(), 0, (0, 0))

    @classmethod
    def restored(cls, data: bytes, sequence: int) -> Self:
        """Return a decoder as it was saved behind a sequence; raise CheckpointUnreadable."""
        decoder = cls()
        state, last_fill = loaded(data)
        decoder._begin(state, sequence, last_fill)
        return decoder

    def save(self) -> bytes:
        """Return all that this decoder knows, for `restored`."""
        return saved(self.state, self._last_fill)

    def _begin(self, state: DecoderState, sequence: int, last_fill: tuple[int, int]) -> None:
        self.state = state
        self.sequence = sequence
        self._telling = Telling(self.state)
        self._words: list[int] = []
        self._data = b""
        self._last_fill = last_fill

    def decode(self, block: JournalBlock) -> list[StoredEvent]:
        """Return the events of the next block."""
        data = self._data = bytes(block.payload)
        words = self._words = memoryview(data).cast("q").tolist()
        telling = self._telling
        telling.events, telling.time_ns = [], block.time_ns
        at, end = 0, len(words)
        while at < end:
            header = words[at]
            length = header >> 16 & 0xFFFF
            if length == 0 or at + length > end:
                raise JournalUndecodable(self.sequence, f"no whole record at word {at}")
            if header & 0xFFFF < kinds.FIRST_EVENT:
                telling.begin_command(words[at : at + length], data[8 * at : 8 * (at + length)])
            else:
                self._event(header & 0xFFFF, at, length)
            at += length
        if self.sequence != block.last_sequence:
            problem = f"the block says that it ends at {block.last_sequence}"
            raise JournalUndecodable(self.sequence, problem)
        return telling.events

    def _event(self, kind: int, at: int, length: int) -> None:
        sequence = self._words[at + kinds.EVENT_SEQUENCE]
        if sequence != self.sequence + 1:
            raise JournalUndecodable(self.sequence, f"the next event has the number {sequence}")
        self.sequence = sequence
        self._telling.begin_record(sequence)
        if kind in ORDER_KINDS:
            self._order_event(at, length)
            return
        teller = notices.TELLERS.get(kind)
        if teller is None:
            raise JournalUndecodable(self.sequence - 1, f"records of kind {kind} are not known")
        teller(self._telling, self._words[at : at + length])

    def _record(self, at: int, length: int) -> OrderRecord:
        return OrderRecord(self._words[at : at + length], self._data[8 * at : 8 * (at + length)])

    def _order_event(self, at: int, length: int) -> None:
        record = self._record(at, length)
        if record.is_package or (not record.order_id and self._is_of_package()):
            self._package_event(record, at + length)
            return
        state = self._telling.state
        before = state.orders.get(record.order_id)
        if record.leg_number:
            self._take_leg(record)
        self._tell_order(record, before, at + length)
        if record.order_id:
            self._keep(record, before)

    def _is_of_package(self) -> bool:
        return self._telling.command_kind in PACKAGE_COMMANDS

    def _tell_order(self, record: OrderRecord, before: WorkingOrder | None, behind: int) -> None:
        kind = record.kind
        if kind == kinds.ORDER_FILLED:
            fills.tell_filled(self._telling, record, self._counter_order(record, behind))
        elif kind in MENDED:
            MENDED[kind](self._telling, record)
            if record.leg_number:
                note_leg(self._telling, record)
        else:
            orders.TELLERS[kind](self._telling, record, before)

    def _counter_order(self, record: OrderRecord, behind: int) -> int:
        """Return the order on the other side: both sides' records stand side by side."""
        trade_id = record.words[kinds.EVENT_TRADE_ID]
        last_trade, last_order = self._last_fill
        self._last_fill = (trade_id, record.order_id)
        if trade_id == last_trade:
            return last_order
        if behind >= len(self._words) or self._words[behind + kinds.EVENT_TRADE_ID] != trade_id:
            raise JournalUndecodable(record.words[kinds.EVENT_SEQUENCE], "a fill has one side only")
        return self._words[behind + kinds.EVENT_ORDER_ID]

    def _keep(self, record: OrderRecord, before: WorkingOrder | None) -> None:
        """Remember how the order stands, as long as it works."""
        state = self._telling.state
        before = state.orders.get(record.order_id, before)
        terms = state.terms.get(record.instrument_id)
        reserved = 0
        if terms is not None:
            reserved = tell_reserved(self._telling, record, terms, before)
        if record.is_over:
            state.orders.pop(record.order_id, None)
            return
        words = record.words
        if before is None:
            before = state.orders[record.order_id] = WorkingOrder(0, 0, 0)
        before.price, before.quantity = words[kinds.EVENT_PRICE], words[kinds.EVENT_QUANTITY]
        before.leaves, before.reserved = words[kinds.EVENT_LEAVES_QUANTITY], reserved

    def _take_leg(self, record: OrderRecord) -> None:
        """Let its multi-leg order know how a leg stands."""
        package = self._telling.state.packages.get(record.package_id)
        if package is None:
            return
        take_leg(package.message, record)
        if record.is_unwind and record.kind == kinds.ORDER_FILLED:
            leg, words = package.message.legs[record.leg_number - 1], record.words
            terms = self._telling.state.terms[record.instrument_id]
            quantity = words[kinds.EVENT_LAST_QUANTITY]
            leg.unwound_quantity += quantity
            ticks = words[kinds.EVENT_LAST_PRICE] // terms.tick_size
            leg.unwound_tick_lots += ticks * (quantity // terms.lot_size)

    def _package_event(self, record: OrderRecord, behind: int) -> None:
        telling, state = self._telling, self._telling.state
        teller = packages.TELLERS.get(record.kind)
        if teller is None:
            raise JournalUndecodable(
                self.sequence - 1, f"a multi-leg order has no event of kind {record.kind}"
            )
        teller(telling, record, self._legs_behind(record, behind))
        if not record.order_id:
            return
        working = state.orders.get(record.order_id)
        package = state.packages.get(record.order_id)
        if package is not None and package.message.legs:
            terms = state.terms[package.message.legs[0].instrument_id]
            reserved = tell_reserved(telling, record, terms, working)
            if working is not None:
                working.reserved = reserved
        packages.finish(telling, record)

    def _legs_behind(self, package: OrderRecord, at: int) -> Iterator[OrderRecord]:
        """Yield the records of its legs that follow at once."""
        words, end = self._words, len(self._words)
        while at < end:
            header = words[at]
            length = header >> 16 & 0xFFFF
            if header & 0xFFFF not in ORDER_KINDS:
                return
            record = self._record(at, length)
            if record.package_id != package.order_id or not record.leg_number:
                return
            yield record
            at += length
