"""Generate the functions that turn result rows and event records into the bytes of responses."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from google.protobuf.descriptor_pb2 import DescriptorProto

from wire_contract import KINDS, NOGIL, Field, Messages, UnplacedField, load_enum, tag

ValueOf = Callable[[Field], str | None]


class Bits(NamedTuple):
    """Where a value lies within a word; no mask for half a word."""

    word: str
    shift: str
    mask: int = 0


ACKNOWLEDGEMENT_WORDS = {
    "reject_limit": "RESULT_LIMIT",
    "reject_value": "RESULT_VALUE",
    "affected_orders": "RESULT_AFFECTED",
}
ACKNOWLEDGEMENT_BITS = {
    "status": Bits("RESULT_STATE", "0", 0xFF),
    "repeated_request": Bits("RESULT_STATE", "8", 0xFF),
    "reject_reason": Bits("RESULT_STATE", "16", 0xFFFF),
    "reject_field": Bits("RESULT_STATE", "REJECT_FIELD", 0xFFFF),
}
PACKAGE_ANSWER_BITS = {
    "repeated_request": Bits("RESULT_STATE", "8", 0xFF),
    "reject_reason": Bits("RESULT_STATE", "16", 0xFFFF),
    "reject_field": Bits("RESULT_STATE", "REJECT_FIELD", 0xFFFF),
    "reject_leg_number": Bits("RESULT_STATE", "REJECT_LEG", 0xFF),
}
# What the statuses of an order that is a multi-leg order are called of it.
PACKAGE_STATUSES = {
    "NEW": "WORKING",
    "PARTIALLY_FILLED": "PARTIALLY_FILLED",
    "FILLED": "FILLED",
    "CANCELLED": "CANCELLED",
    "REJECTED": "REJECTED",
    "EXPIRED": "EXPIRED",
    "UNWINDING": "UNWINDING",
    "UNWOUND": "UNWOUND",
}
LEG_BITS = {
    "leg_number": Bits("LEG_ANSWER_TERMS", "LEG_ANSWER_LEG_NUMBER", 0xFF),
    "instrument_id": Bits("LEG_ANSWER_TERMS", "0"),
    "side": Bits("LEG_ANSWER_TERMS", "LEG_TERM_SIDE", 0xFF),
    "status": Bits("LEG_ANSWER_TERMS", "LEG_ANSWER_STATUS", 0xFF),
}
LEG_PRESENCE = {"price": "words[row + LEG_ANSWER_TERMS] >> LEG_TERM_FLAGS & FLAG_HAS_PRICE != 0"}
EXECUTION_BITS = {
    "type": Bits("EVENT_STATE", "STATE_EXECUTION_TYPE", 0xFF),
    "account_id": Bits("EVENT_PARTIES", "0"),
    "instrument_id": Bits("EVENT_PARTIES", "32"),
    "reject_reason": Bits("EVENT_REJECT", "0"),
    "reject_field": Bits("EVENT_REJECT", "REJECT_FIELD", 0xFFFF),
    "reject_leg_number": Bits("EVENT_REJECT", "REJECT_LEG", 0xFF),
    "leg_number": Bits("EVENT_STATE", "STATE_LEG", 7),
    "unwind": Bits("EVENT_STATE", "STATE_UNWIND", 1),
}
# When an optional field is there, and when a word means a field that does without presence.
REFUSED = "refused"
RESTATED = "kind == ORDER_RESTATED"
MENDED = "kind in (ORDER_FILL_BUSTED, ORDER_FILL_CORRECTED)"
PRESENCE = {
    "price": "words[row + EVENT_STATE] >> STATE_FLAGS & FLAG_HAS_PRICE != 0",
    "last_price": "kind in (ORDER_FILLED, ORDER_FILL_BUSTED, ORDER_FILL_CORRECTED)",
}
MEANING = {
    "reject_reason": REFUSED,
    "reject_limit": REFUSED,
    "reject_value": REFUSED,
    "reject_field": REFUSED,
    "reject_leg_number": REFUSED,
    "trade_id": "not refused",
    "reference_sequence": MENDED,
    "restatement_reason": RESTATED,
    "shown_quantity": RESTATED,
    "multi_leg_order_id": "(packaged or refused)",
    "package_execution_id": "packaged and kind == ORDER_FILLED",
    "excess_quantity": "packaged and not refused and kind != ORDER_RESTATED",
}
EXECUTION_WORDS = {
    "restatement_reason": "EVENT_RESTATEMENT",
    "multi_leg_order_id": "(EVENT_REFUSED_PACKAGE if refused else EVENT_PACKAGE)",
    "package_execution_id": "EVENT_PACKAGE_EXECUTION",
}
TEXTS = {
    "client_order_id": ("text", "length"),
    "original_client_order_id": ("original", "original_length"),
}
LONGEST_VALUES = {
    Field.TYPE_FIXED64: 8,
    Field.TYPE_INT64: 10,
    Field.TYPE_UINT32: 5,
    Field.TYPE_ENUM: 5,
    Field.TYPE_BOOL: 1,
    Field.TYPE_STRING: 1 + KINDS["CLIENT_ORDER_ID_BYTES"],
}
LONGEST_MESSAGE = 1024 - 16  # what Output.room() keeps free, less tag, length and padding
LONGEST_LEG = 160  # without tag and length


def functions(messages: Messages) -> Iterator[str]:
    """Yield the functions, each after those that it calls."""
    yield _acknowledged_text()
    yield _acknowledgement_writer(messages)
    yield _leg_writer(messages)
    yield _package_status()
    yield _package_text()
    yield _package_acknowledgement_writer(messages)
    yield _execution_writer(messages)


def _acknowledged_text() -> str:
    return f"""{NOGIL}def _acknowledged_text(
    turn: cython.p_const_longlong, record: cython.Py_ssize_t
) -> tuple[cython.Py_ssize_t, cython.Py_ssize_t]:
    \"\"\"Return word and length of the client order id that the answer to a command repeats.\"\"\"
    kind: cython.longlong = turn[record] & 0xFFFF
    lengths: cython.longlong
    old: cython.Py_ssize_t
    if kind == CREATE_ORDER:
        return record + CREATE_TEXT, _stored_bytes(turn[record + CREATE_TEXT_LENGTH])
    if kind == CANCEL_ORDER:
        return record + CANCEL_TEXT, _stored_bytes(turn[record + CANCEL_TEXT_LENGTH])
    if kind != REPLACE_ORDER:
        return record, 0
    lengths = turn[record + REPLACE_TEXT_LENGTHS]
    old = _stored_bytes(_low(lengths))
    if _high(lengths) == 0:
        return record + REPLACE_TEXT, old
    return record + REPLACE_TEXT + ((old + 7) >> 3), _stored_bytes(_high(lengths))"""


# Apart from that of single orders, so that the C compiler puts each where it is called.
def _package_text() -> str:
    return f"""{NOGIL}def _package_text(
    turn: cython.p_const_longlong, record: cython.Py_ssize_t
) -> tuple[cython.Py_ssize_t, cython.Py_ssize_t]:
    \"\"\"Return the same of a command on a multi-leg order.\"\"\"
    kind: cython.longlong = turn[record] & 0xFFFF
    lengths: cython.longlong = turn[record + AMEND_TEXT_LENGTHS]
    old: cython.Py_ssize_t = _stored_bytes(_low(lengths))
    if kind == CREATE_PACKAGE:
        return record + PACKAGE_TEXT, _stored_bytes(turn[record + PACKAGE_TEXT_LENGTH])
    if kind == CANCEL_PACKAGE:
        return record + CANCEL_TEXT, _stored_bytes(turn[record + CANCEL_TEXT_LENGTH])
    if _high(lengths) == 0:
        return record + AMEND_TEXT, old
    return record + AMEND_TEXT + ((old + 7) >> 3), _stored_bytes(_high(lengths))"""


def _acknowledgement_writer(messages: Messages) -> str:
    return f"""{NOGIL}def _put_acknowledgement(
    out: cython.p_uchar,
    at: cython.Py_ssize_t,
    words: cython.p_const_longlong,
    row: cython.Py_ssize_t,
    turn: cython.p_const_longlong,
) -> cython.Py_ssize_t:
    value: cython.longlong
    text: cython.Py_ssize_t
    length: cython.Py_ssize_t
    text, length = _acknowledged_text(turn, words[row + RESULT_RECORD])
{_writes(messages["OrderAcknowledgement"], _acknowledgement_value, {}, {}, "turn")}    return at"""


def _leg_writer(messages: Messages) -> str:
    return f"""{NOGIL}def _put_leg(
    out: cython.p_uchar,
    at: cython.Py_ssize_t,
    words: cython.p_const_longlong,
    row: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    value: cython.longlong
{_writes(messages["Leg"], _leg_value, LEG_PRESENCE, {}, "words")}    return at"""


def _package_status() -> str:
    numbers = load_enum("MultiLegOrderStatus")
    tests = "".join(
        f"    if status == ORDER_STATUS_{own}:\n"
        f"        return {numbers[f'MULTI_LEG_ORDER_STATUS_{name}']}  # {name}\n"
        for own, name in PACKAGE_STATUSES.items()
    )
    return (
        f"{NOGIL}def _package_status("
        "status: cython.longlong, pending: cython.longlong) -> cython.longlong:\n"
        "    if status == ORDER_STATUS_NEW and pending != 0:\n"
        f"        return {numbers['MULTI_LEG_ORDER_STATUS_PENDING']}  # PENDING\n"
        f"{tests}    return 0"
    )


def _package_acknowledgement_writer(messages: Messages) -> str:
    message = messages["MultiLegOrderAcknowledgement"]
    return f"""{NOGIL}def _put_package_acknowledgement(
    out: cython.p_uchar,
    at: cython.Py_ssize_t,
    words: cython.p_const_longlong,
    row: cython.Py_ssize_t,
    turn: cython.p_const_longlong,
    answers: cython.p_const_longlong,
) -> cython.Py_ssize_t:
    value: cython.longlong
    leg: cython.Py_ssize_t
    end: cython.Py_ssize_t
    texts: cython.p_const_longlong = turn
    text: cython.Py_ssize_t
    length: cython.Py_ssize_t
    answer: cython.Py_ssize_t = words[row + RESULT_PACKAGE] - 1
    pending: cython.longlong = answers[answer + ANSWER_PENDING] if answer >= 0 else 0
    text, length = _package_text(turn, words[row + RESULT_RECORD])
    if length == 0 and answer >= 0:
        texts, text, length = answers, answer + ANSWER_TEXT, answers[answer + ANSWER_TEXT_LENGTH]
{_writes(message, _package_acknowledgement_value, {}, {}, "texts")}    return at"""


def _execution_writer(messages: Messages) -> str:
    return f"""{NOGIL}def _put_execution(
    out: cython.p_uchar,
    at: cython.Py_ssize_t,
    words: cython.p_const_longlong,
    row: cython.Py_ssize_t,
    time_ns: cython.longlong,
) -> cython.Py_ssize_t:
    value: cython.longlong
    kind: cython.longlong = words[row] & 0xFFFF
    refused: cython.bint = kind in (ORDER_REJECTED, CANCEL_REJECTED, REPLACE_REJECTED)
    packaged: cython.bint = words[row + EVENT_STATE] >> STATE_LEG != 0
    text: cython.Py_ssize_t = row + EVENT_TEXT
    length: cython.Py_ssize_t = _stored_bytes(_low(words[row + EVENT_TEXT_LENGTHS]))
    original: cython.Py_ssize_t = text + ((length + 7) >> 3)
    original_length: cython.Py_ssize_t = _stored_bytes(_high(words[row + EVENT_TEXT_LENGTHS]))
{_writes(messages["Execution"], _execution_value, PRESENCE, MEANING, "words")}    return at"""


def _acknowledgement_value(field: Field) -> str | None:
    if field.name in ACKNOWLEDGEMENT_BITS:
        return _bits(ACKNOWLEDGEMENT_BITS[field.name])
    word = ACKNOWLEDGEMENT_WORDS.get(field.name, f"RESULT_{field.name.upper()}")
    if field.type == Field.TYPE_UINT32:
        return f"_low(words[row + {word}])"
    return f"words[row + {word}]" if word in KINDS else None


def _package_acknowledgement_value(field: Field) -> str | None:
    if field.name == "status":
        return "_package_status(words[row + RESULT_STATE] & 255, pending)"
    if field.name == "multi_leg_order_id":
        return "words[row + RESULT_ORDER_ID]"
    if field.name in ("filled_units", "leaves_units"):
        return f"answers[answer + ANSWER_{field.name.upper()}] if answer >= 0 else 0"
    if field.name in PACKAGE_ANSWER_BITS:
        return _bits(PACKAGE_ANSWER_BITS[field.name])
    return _acknowledgement_value(field)


def _leg_value(field: Field) -> str | None:
    if field.name in LEG_BITS:
        return _bits(LEG_BITS[field.name])
    word = f"LEG_ANSWER_{field.name.upper()}"
    return f"words[row + {word}]" if word in KINDS else None


def _execution_value(field: Field) -> str | None:
    name = field.name.upper()
    if field.name == "time_ns":
        return "time_ns"
    if field.name in EXECUTION_BITS:
        return _bits(EXECUTION_BITS[field.name])
    if f"STATE_{name}" in KINDS:
        return _bits(Bits("EVENT_STATE", f"STATE_{name}", 0xFF))
    word = EXECUTION_WORDS.get(field.name, f"EVENT_{name}")
    return f"words[row + {word}]" if word in KINDS or field.name in EXECUTION_WORDS else None


def _bits(bits: Bits) -> str:
    if not bits.mask:
        return f"{'_low' if bits.shift == '0' else '_high'}(words[row + {bits.word}])"
    shifted = "" if bits.shift == "0" else f" >> {bits.shift}"
    return f"words[row + {bits.word}]{shifted} & {bits.mask}"


def _writes(
    message: DescriptorProto,
    value_of: ValueOf,
    presence: dict[str, str],
    meaning: dict[str, str],
    texts: str,
) -> str:
    longest = 0
    lines = []
    for field in sorted(message.field, key=lambda field: field.number):
        if field.name == "legs":
            longest += KINDS["MAX_LEGS"] * (3 + LONGEST_LEG)
            lines += [f"    {line}\n" for line in _write_legs(field)]
            continue
        longest += 2 + LONGEST_VALUES[field.type]
        condition = presence.get(field.name, "value != 0")
        if field.name in meaning:
            condition = f"{condition} and {meaning[field.name]}"
        if field.type != Field.TYPE_STRING and field.proto3_optional != (field.name in presence):
            raise UnplacedField(f"{message.name}.{field.name}: present or not, does not fit")
        lines += [f"    {line}\n" for line in _write(message, field, value_of, condition, texts)]
    if longest > (LONGEST_LEG if message.name == "Leg" else LONGEST_MESSAGE):
        raise UnplacedField(f"{message.name} takes up to {longest} bytes, more than the room")
    return "".join(lines)


def _write_legs(field: Field) -> Iterator[str]:
    yield "if answer >= 0:  # legs"
    yield "    leg = answer + ANSWER_LEGS"
    yield "    end = leg + answers[answer + ANSWER_LEG_COUNT] * LEG_ANSWER_WORDS"
    yield "    while leg < end:"
    yield f"        out[at] = {tag(field)}"
    yield "        at = _close_message(out, at + 2, _put_leg(out, at + 2, answers, leg))"
    yield "        leg += LEG_ANSWER_WORDS"


def _write(
    message: DescriptorProto, field: Field, value_of: ValueOf, condition: str, texts: str
) -> Iterator[str]:
    number = tag(field)
    low = number if number < 128 else number & 127 | 128
    if field.type == Field.TYPE_STRING:
        start, length = TEXTS[field.name]
        yield f"if {length} != 0:  # {field.name}"
        put = f"_put_text(out, at, {texts}, {start}, {length})"
    else:
        value = value_of(field)
        if value is None:
            raise UnplacedField(f"{message.name}.{field.name} has no word in the record")
        yield f"value = {value}"
        yield f"if {condition}:  # {field.name}"
        put = _put_of(field)
    yield f"    out[at] = {low}"
    if number >= 128:
        yield f"    out[at + 1] = {number >> 7}"
    yield f"    at += {1 if number < 128 else 2}"
    yield f"    at = {put}"


def _put_of(field: Field) -> str:
    if field.type == Field.TYPE_FIXED64:
        return "_put_word(out, at, value)"
    if field.type == Field.TYPE_INT64:
        return "_put_signed(out, at, value)"
    if field.type == Field.TYPE_BOOL:
        return "_put_varint(out, at, 1)"
    return "_put_varint(out, at, value)"
