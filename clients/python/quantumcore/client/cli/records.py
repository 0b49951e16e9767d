"""Write the records of an event log as the contract writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor

from quantumcore.client.enums import RejectReason, Side, TradingPhase
from quantumcore.client.fixed import fixed_scale, from_fixed
from quantumcore.server.api.currencies import CURRENCY_CODES
from quantumcore.server.core.events import (
    NAMES,
    AuctionEnd,
    Command,
    Notice,
    OrderEvent,
    decode,
)
from quantumcore.server.core.kinds import CASH_MOVED, MARGIN_CHANGED, PHASE_CHANGED
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.reader import Walk
from quantumcore.v1 import execution_pb2

if TYPE_CHECKING:
    from quantumcore.server.core.events import Record

Fields = dict[str, Any]

_CONTRACT_NAMES = {
    "execution_type": "type",
    "restatement": "restatement_reason",
    "reserved": "reserved_minor_units",
    "account_reserved": "account_reserved_minor_units",
    "cash": "cash_minor_units",
}
_OF_MONEY = {CASH_MOVED: "cash_minor_units", MARGIN_CHANGED: "margin_minor_units"}
_BOOKED = frozenset(
    {
        "reserved_minor_units",
        "account_reserved_minor_units",
        "position_lots",
        "open_tick_lots",
        "realised_tick_lots",
        "cash_minor_units",
    }
)
_EXECUTION = execution_pb2.Execution.DESCRIPTOR.fields_by_name


def read_records(directory: Path, from_sequence: int, to_sequence: int) -> Iterator[Fields]:
    """Go through commands and events from one sequence to another, ends included; 0: the last.

    A command comes with its events. Raises JournalCorrupt where the log is damaged.
    """
    for block in Walk(Files(), directory, from_sequence=from_sequence):
        if to_sequence and block.first_sequence > to_sequence:
            return
        if block.last_sequence >= from_sequence:
            last = to_sequence or block.last_sequence
            for record in select(decode(bytes(block.payload)), from_sequence, last):
                yield {"time_ns": str(block.time_ns), **fields_of(record)}


def select(records: Iterable[Record], first: int, last: int) -> Iterator[Record]:
    """Keep the events from one sequence to another, and the commands that caused them."""
    command: Command | None = None
    for record in records:
        if isinstance(record, Command):
            command = record
        elif first <= record.sequence <= last:
            if command is not None:
                yield command
            command = None
            yield record


def fields_of(record: Record) -> Fields:
    """Name what a record says; what is zero or empty is left out."""
    match record:
        case Command():
            found = {**record._asdict(), "words": [str(word) for word in record.words]}
            found["request_id"] = _unsigned(record.request_id) if record.request_id else ""
            if record.door_reason:
                found["door_reason"] = RejectReason(record.door_reason).name
        case OrderEvent():
            found = dict(_order_event(record))
        case AuctionEnd():
            found = {**record._asdict(), **_auction_end(record)}
        case Notice():
            found = record._asdict()
            if record.kind == PHASE_CHANGED:
                found = _phase_change(record)
            elif record.kind in _OF_MONEY:
                found = _money(record)
    found["record"] = NAMES[found.pop("kind")]
    return {name: found[name] for name in ("record", *found) if found[name] or name == "record"}


def _auction_end(record: AuctionEnd) -> Fields:
    return {
        "phase": TradingPhase(record.phase).name,
        "price": None if record.price is None else _decimal(record.price),
        "quantity": _decimal(record.quantity),
        "imbalance": _decimal(record.imbalance),
        "imbalance_side": Side(record.imbalance_side).name if record.imbalance_side else "",
    }


def _phase_change(record: Notice) -> Fields:
    """Name both phases, and whether the price band was breached; see kinds.PHASE_CHANGED."""
    return {
        "kind": record.kind,
        "sequence": record.sequence,
        "subject": record.subject,
        "phase": TradingPhase(record.value & 0xFF).name,
        "previous_phase": TradingPhase(record.value >> 8 & 0xFF).name,
        "price_band_breached": bool(record.value >> 16 & 1),
    }


def _money(record: Notice) -> Fields:
    """Name the account, the currency and what there is since; see kinds.CASH_MOVED."""
    return {
        "kind": record.kind,
        "sequence": record.sequence,
        "account_id": record.subject & 0xFFFF_FFFF,
        "currency": CURRENCY_CODES[record.subject >> 32],
        _OF_MONEY[record.kind]: str(record.value),
    }


def _decimal(nanos: int) -> str:
    return f"{from_fixed(nanos, scale=9):f}"


def _order_event(event: OrderEvent) -> Iterator[tuple[str, Any]]:
    for name, value in event._asdict().items():
        contract_name = _CONTRACT_NAMES.get(name, name)
        if name == "price" and not event.has_price:
            continue
        if contract_name in _BOOKED:
            yield contract_name, None if value is None else str(value)
        elif name != "has_price":
            yield contract_name, _value(_EXECUTION.get(contract_name), value)


def _value(field: FieldDescriptor | None, value: Any) -> Any:
    if field is None or not value:
        return value
    scale = fixed_scale(field)
    if scale is not None:
        return f"{from_fixed(value, scale=scale):f}"
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        if known is None:
            return value  # a refused order is told as it was asked for
        return known.name.removeprefix(_prefix(field.enum_type.values_by_number[0].name))
    if field.cpp_type == FieldDescriptor.CPPTYPE_UINT64:
        return _unsigned(value)
    return str(value) if field.cpp_type == FieldDescriptor.CPPTYPE_INT64 else value


def _unsigned(word: int) -> str:
    return str(word & 0xFFFF_FFFF_FFFF_FFFF)


def _prefix(unspecified: str) -> str:
    return unspecified.removesuffix("UNSPECIFIED")
