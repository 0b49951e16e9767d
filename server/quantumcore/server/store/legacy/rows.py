"""A message of the contract as columns of a row, field by field, and back.

A sum of money takes two columns. What a message can leave unset is NULL.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from sqlalchemy import BigInteger, Column, String

from quantumcore.v1.types_pb2 import Money

CURRENCY, AMOUNT = "_currency", "_minor_units"
TEXT_LENGTH = 64
M = TypeVar("M", bound=Message)


class Field(NamedTuple):
    """What matters of a field here."""

    name: str
    is_optional: bool
    is_money: bool
    is_text: bool
    is_flag: bool


@cache
def _fields(descriptor: Any) -> tuple[Field, ...]:
    return tuple(
        Field(
            field.name,
            field.has_presence,
            field.message_type is not None,
            field.type == FieldDescriptor.TYPE_STRING,
            field.type == FieldDescriptor.TYPE_BOOL,
        )
        for field in descriptor.fields
    )


def columns_of(kind: type[Message], key: Iterable[str]) -> Iterator[Column[Any]]:
    """Yield the columns that hold a message; those of the key are its primary key."""
    keys = set(key)
    for field in _fields(kind.DESCRIPTOR):
        if field.is_money:
            yield Column(field.name + CURRENCY, String(TEXT_LENGTH))
            yield Column(field.name + AMOUNT, BigInteger)
        else:
            yield Column(
                field.name,
                String(TEXT_LENGTH) if field.is_text else BigInteger,
                primary_key=field.name in keys,
                autoincrement=False,
                nullable=field.is_optional,
            )


def row_of(message: Message) -> dict[str, Any]:
    """Return a message as values of its columns."""
    row: dict[str, Any] = {}
    for name, is_optional, is_money, _is_text, is_flag in _fields(message.DESCRIPTOR):
        is_there = not is_optional or message.HasField(name)
        value = getattr(message, name) if is_there else None
        if is_money:
            row[name + CURRENCY] = value.currency if value is not None else None
            row[name + AMOUNT] = value.minor_units if value is not None else None
        else:
            row[name] = int(value) if is_flag and value is not None else value
    return row


def message_of(row: Mapping[str, Any], kind: type[M]) -> M:
    """Return the message that a row holds."""
    message = kind()
    for name, is_optional, is_money, _is_text, is_flag in _fields(kind.DESCRIPTOR):
        if is_money:
            if row[name + CURRENCY] is not None:
                money = Money(currency=row[name + CURRENCY], minor_units=row[name + AMOUNT])
                getattr(message, name).CopyFrom(money)
        elif (value := row[name]) or (is_optional and value is not None):
            setattr(message, name, bool(value) if is_flag else value)
    return message
