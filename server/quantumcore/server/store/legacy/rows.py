"""A message of the contract as columns of a row, field by field, and back.

A sum of money takes two columns. What a message can leave unset is NULL.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from sqlalchemy import BigInteger, Column, String

from quantumcore.v1.types_pb2 import Money

CURRENCY, AMOUNT = "_currency", "_minor_units"
TEXT_LENGTH = 64
M = TypeVar("M", bound=Message)


def columns_of(message: type[Message], key: Iterable[str]) -> Iterator[Column[Any]]:
    """Yield the columns that hold a message; those of the key are its primary key."""
    keys = set(key)
    for field in message.DESCRIPTOR.fields:
        if _is_money(field):
            yield Column(field.name + CURRENCY, String(TEXT_LENGTH))
            yield Column(field.name + AMOUNT, BigInteger)
        else:
            yield Column(
                field.name,
                String(TEXT_LENGTH) if field.type == FieldDescriptor.TYPE_STRING else BigInteger,
                primary_key=field.name in keys,
                autoincrement=False,
                nullable=field.has_presence,
            )


def row_of(message: Message) -> dict[str, Any]:
    """Return a message as values of its columns."""
    row: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        name = field.name
        value = getattr(message, name)
        is_there = not field.has_presence or message.HasField(name)
        if _is_money(field):
            row[name + CURRENCY] = value.currency if is_there else None
            row[name + AMOUNT] = value.minor_units if is_there else None
        elif not is_there:
            row[name] = None
        else:
            row[name] = int(value) if field.type == FieldDescriptor.TYPE_BOOL else value
    return row


def message_of(row: Mapping[str, Any], kind: type[M]) -> M:
    """Return the message that a row holds."""
    message = kind()
    for field in message.DESCRIPTOR.fields:
        name = field.name
        if _is_money(field):
            if row[name + CURRENCY] is not None:
                money = Money(currency=row[name + CURRENCY], minor_units=row[name + AMOUNT])
                getattr(message, name).CopyFrom(money)
        elif row[name] is not None:
            value = row[name]
            setattr(
                message, name, bool(value) if field.type == FieldDescriptor.TYPE_BOOL else value
            )
    return message


def _is_money(field: Any) -> bool:
    return field.message_type is not None
