"""Print for people and for programs.

JSON follows protobuf's mapping: names as in the contract, decimals and 64-bit whole numbers
as strings, enums by name, bytes in hexadecimal.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

ItemT = TypeVar("ItemT")
_MESSAGE_NAMES = {
    "AccountDetails": "GetAccountResponse",
    "Acknowledgement": "OrderAcknowledgement",
    "BookByOrder": "BookUpdate",
    "BookOrder": "BookOrderChange",
    "CashMovement": "MoveCashResponse",
    "KillSwitchChange": "SetKillSwitchResponse",
    "GroupLimitsChange": "SetGroupLimitsResponse",
    "LimitsChange": "SetLimitsResponse",
    "MigrationChange": "AdvanceMigrationResponse",
    "NewestQuote": "GetQuoteResponse",
    "OrderCheck": "CheckOrderResponse",
    "PublishedQuotes": "PublishQuotesResponse",
    "ScanRangeChange": "SetScanRangeResponse",
    "SpreadCreditChange": "SetSpreadCreditResponse",
}
_ALTERNATIVES = {
    "MaxDeviation": "max_deviation",
    "MaxSpread": "max_spread",
    "RatioBand": "ratio_band",
}
_WIDTH_WITHOUT_TERMINAL = 160


@cache
def console() -> Console:
    """Make the console; without a terminal its lines are wide and plain."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL)


def print_json(value: object) -> None:
    """Print one JSON document on one line."""
    print(json.dumps(plain(value), ensure_ascii=False), flush=True)


def print_table(
    items: Iterable[ItemT], columns: Sequence[tuple[str, Callable[[ItemT], object]]]
) -> None:
    """Print a table, a row for each item."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, _ in columns:
        table.add_column(title, overflow="fold")
    for item in items:
        table.add_row(*(text(value(item)) for _, value in columns))
    console().print(table)


def print_fields(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and values, a line each."""
    from rich.table import Table

    table = Table("", "", box=None, show_header=False, pad_edge=False)
    table.columns[1].overflow = "fold"
    for name, value in pairs:
        table.add_row(name, text(value))
    console().print(table)


def text(value: object) -> str:
    """Write a value as people read it."""
    match value:
        case None:
            return "—"
        case Enum():
            return value.name
        case Decimal():
            return f"{value:f}"
        case bytes():
            return value.hex()
        case _:
            return str(value)


def clock_time(time_ns: int) -> str:
    """Write a venue time as people read it, to the microsecond, UTC."""
    moment = datetime.fromtimestamp(time_ns // 1_000_000_000, tz=UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{time_ns // 1000 % 1_000_000:06d}"


def duration(length_ns: int) -> str:
    """Write a length of time in the largest unit that it fills, exactly."""
    for name, unit_ns in (("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)):
        if length_ns >= unit_ns:
            return f"{(Decimal(length_ns) / unit_ns).normalize():f} {name}"
    return f"{length_ns} ns"


def plain(value: object) -> Any:
    """Turn values into what JSON has."""
    if isinstance(value, Enum | Decimal | bytes):
        return text(value)
    if isinstance(value, list | tuple):
        return [plain(element) for element in value]
    if isinstance(value, dict):
        return {str(key): plain(element) for key, element in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        alternative = _ALTERNATIVES.get(type(value).__name__)
        fields = _plain_fields(value)
        return fields if alternative is None else {alternative: fields}
    return value


def _plain_fields(value: Any) -> dict[str, Any]:
    kind: Any = type(value)
    wide = _wide_fields(kind)
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        number = isinstance(content, int) and not isinstance(content, Enum)
        fields[field.name] = str(content) if number and field.name in wide else plain(content)
    return fields


@cache
def _wide_fields(kind: Any) -> frozenset[str]:
    """Find the 64-bit whole numbers of a value class by its message in the contract."""
    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.descriptor_pool import Default

    wide = {
        FieldDescriptor.CPPTYPE_INT64,
        FieldDescriptor.CPPTYPE_UINT64,
    }
    name = _MESSAGE_NAMES.get(kind.__name__, kind.__name__)
    try:
        message = Default().FindMessageTypeByName(f"quantumcore.v1.{name}")
    except KeyError:
        return frozenset()
    return frozenset(field.name for field in message.fields if field.cpp_type in wide)
