"""Read contract messages into value classes, and fill requests from plain arguments.

Both directions go by the descriptors: a field with the `(fixed)` option is a Decimal, an
enum is a member of `quantumcore.client.enums`, an unset optional field is None.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from quantumcore.client.enums import RejectReason
from quantumcore.client.errors import Reject
from quantumcore.client.fixed import fixed_scale, from_fixed, to_fixed

ValueT = TypeVar("ValueT")
MessageT = TypeVar("MessageT", bound=Message)
Getter = Callable[[Any, Descriptor | None], object]

_WHOLE = frozenset(
    {
        RejectReason.ORDER_VALUE_LIMIT,
        RejectReason.OPEN_ORDER_LIMIT,
        RejectReason.GROUP_OPEN_ORDER_LIMIT,
        RejectReason.GROUP_MARGIN_LIMIT,
        RejectReason.INSUFFICIENT_MARGIN,
        RejectReason.INSUFFICIENT_BALANCE,
        RejectReason.NOTIONAL_OVERFLOW,
        RejectReason.REFERENCE_PRICE_STALE,
        RejectReason.CAPACITY_EXHAUSTED,
    }
)
_IN_UNITS = frozenset({"units", "min_units"})
_IN_NANOS = frozenset(
    {
        RejectReason.QUANTITY_NOT_POSITIVE,
        RejectReason.QUANTITY_OFF_LOT,
        RejectReason.QUANTITY_TOO_LARGE,
        RejectReason.PRICE_OFF_TICK,
        RejectReason.PRICE_OUT_OF_RANGE,
        RejectReason.ORDER_QUANTITY_LIMIT,
        RejectReason.PRICE_COLLAR,
        RejectReason.POSITION_LIMIT,
        RejectReason.GROUP_POSITION_LIMIT,
        RejectReason.REDUCE_ONLY,
        RejectReason.POST_ONLY_WOULD_TRADE,
        RejectReason.LEG_RATIO,
    }
)
_NANO_SCALE = 9
_UNSIGNED = frozenset(  # ids, of which the greater half is told as negative numbers
    {
        RejectReason.REQUEST_ID_REUSED,
        RejectReason.UNKNOWN_ORDER,
        RejectReason.UNKNOWN_RESOURCE,
        RejectReason.UNKNOWN_TRADE,
    }
)


def read(view: type[ValueT], message: Message, request: Descriptor | None = None) -> ValueT:
    """Read a message into a value class whose fields bear the names of the message's.

    `request` is the kind of request that a `reject` field speaks of.
    """
    kind: Any = view
    plan = _plan(kind, message.DESCRIPTOR)
    return view(**{name: getter(message, request) for name, getter in plan})


def build(message_class: type[MessageT], **values: object) -> MessageT:
    """Make a message; arguments bear the names of its fields, None leaves a field unset.

    Raises TypeError and ValueError naming the field.
    """
    message = message_class()
    for name, value in values.items():
        if value is not None:
            _fill(message, name, value)
    return message


def _fill(message: Message, name: str, value: Any) -> None:
    scale = fixed_scale(message.DESCRIPTOR.fields_by_name[name])
    try:
        if scale is not None:
            setattr(message, name, to_fixed(value, scale=scale, name=name))
        elif isinstance(value, Message):
            getattr(message, name).CopyFrom(value)
        elif isinstance(value, list | tuple):
            getattr(message, name).extend(value)
        else:
            setattr(message, name, value)
    except (TypeError, ValueError) as error:
        if str(error).startswith(name):
            raise
        raise type(error)(f"{name}: {error}") from None


@functools.cache
def _plan(view: Any, descriptor: Descriptor) -> tuple[tuple[str, Getter], ...]:
    hints = typing.get_type_hints(view)
    names = [field.name for field in fields(view)]
    return tuple((name, _getter(name, hints[name], descriptor)) for name in names)


def _getter(name: str, hint: Any, descriptor: Descriptor) -> Getter:
    target = _target(hint)
    if target is Reject:
        return _reject
    field = descriptor.fields_by_name[name]
    get = _repeated(name, target) if field.is_repeated else _single(name, target, field)
    if field.has_presence:
        return lambda message, _: get(message) if message.HasField(name) else None
    return lambda message, _: get(message)


def _target(hint: Any) -> Any:
    """Find what `X | None` and `tuple[X, ...]` are about."""
    if typing.get_origin(hint) in {types.UnionType, typing.Union, tuple}:
        return typing.get_args(hint)[0]
    return hint


def _repeated(name: str, target: Any) -> Callable[[Any], object]:
    if target in {int, str, bytes}:
        return lambda message: tuple(getattr(message, name))
    if typing.get_origin(target) is types.UnionType:
        kinds = {kind.__name__: kind for kind in typing.get_args(target)}
        return lambda message: tuple(_alternatives(kinds, getattr(message, name)))
    return lambda message: tuple(read(target, element) for element in getattr(message, name))


def _alternatives(kinds: dict[str, Any], messages: Any) -> Iterator[object]:
    """Read the alternative that is set of each message; those of a newer venue are left out."""
    for message in messages:
        for _, content in message.ListFields():
            yield read(kinds[content.DESCRIPTOR.name], content)


def _single(name: str, target: Any, field: FieldDescriptor) -> Callable[[Any], object]:
    scale = fixed_scale(field)
    if scale is not None:
        return lambda message: from_fixed(getattr(message, name), scale=scale)
    if field.enum_type is not None:
        return lambda message: target(getattr(message, name))
    if field.message_type is not None:
        return lambda message: read(target, getattr(message, name))
    return lambda message: getattr(message, name)


def _reject(message: Any, request: Descriptor | None) -> Reject | None:
    if not message.reject_reason:
        return None
    reason = RejectReason(message.reject_reason)
    field = request.fields_by_number.get(message.reject_field) if request is not None else None
    scale = reason_scale(reason, field)

    def number(value: int) -> Decimal | int:
        if reason in _UNSIGNED:
            return value % (1 << 64)
        return value if scale is None else from_fixed(value, scale=scale)

    return Reject(
        reason=reason,
        field=None if field is None else field.name,
        limit=number(message.reject_limit),
        value=number(message.reject_value),
        leg_number=getattr(message, "reject_leg_number", 0),
    )


def reason_scale(reason: RejectReason, field: FieldDescriptor | None) -> int | None:
    """Tell how limit and value of a reason are scaled: some have a unit of their own."""
    if reason in _WHOLE or (field is not None and field.name in _IN_UNITS):
        return None
    if reason in _IN_NANOS:
        return _NANO_SCALE
    return None if field is None else fixed_scale(field)
