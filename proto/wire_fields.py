"""Say where each field of a request goes in the words of a command record."""

from collections.abc import Iterator
from typing import NamedTuple

from google.protobuf.descriptor_pb2 import DescriptorProto

from wire_contract import KINDS, Field, UnplacedField, tag

READER = """(
    source: cython.p_const_uchar,
    at: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    words: cython.p_longlong,
    start: cython.Py_ssize_t,
"""


class Element(NamedTuple):
    """A repeated message of a record: how many are counted where, how many stand where."""

    reader: str
    count_word: str
    count_shift: str
    most: str
    first_word: str
    width: str


# Words of which fields have a byte each, and how the names of the bytes' positions begin.
BYTES = {
    "CREATE": ("CREATE_TERMS", "TERM_"),
    "PACKAGE": ("PACKAGE_TERMS", "PACKAGE_TERM_"),
    "LEG": ("LEG_TERMS", "LEG_TERM_"),
    "CONSTRAINT": ("CONSTRAINT_TERMS", "CONSTRAINT_TERM_"),
    "SEQUENTIAL": ("PACKAGE_TERMS", "PACKAGE_TERM_"),
}
# Where enums that no byte holds wait until the record is closed: behind the longest one. What a
# byte is wanted for decides which word from here on it is.
SENT_AT = {"CREATE": 24, "PACKAGE": 56}
SENT_SIDE_AT = 60  # of the first leg; of the others LEG_WORDS further on each
# Where the flags of a record lie: word and shift.
FLAGS = {
    "CREATE": ("CREATE_TERMS", "TERM_FLAGS"),
    "REPLACE": ("REPLACE_FLAGS", "0"),
    "PACKAGE": ("PACKAGE_TERMS", "PACKAGE_TERM_FLAGS"),
    "AMEND": ("AMEND_FLAGS", "0"),
    "LEG": ("LEG_TERMS", "LEG_TERM_FLAGS"),
    "LEG_PRICE": ("LEG_PRICE_FLAGS", "0"),
}
# What names do not tell: halves of words, words, and names that a record knows otherwise.
HALVES = {
    ("LEG", "instrument_id"): ("_set_low", "LEG_TERMS"),
    ("SEQUENTIAL", "leg_deadline_ms"): ("_set_low", "PACKAGE_SEQUENTIAL"),
    ("SEQUENTIAL", "max_slippage_basis_points"): ("_set_high", "PACKAGE_SEQUENTIAL"),
    ("", "account_id"): ("_set_low", "COMMAND_PARTIES"),
    ("", "instrument_id"): ("_set_high", "COMMAND_PARTIES"),
}
CAPPED = {"leg_deadline_ms", "max_slippage_basis_points"}  # at the greatest int32
WORDS = {
    ("MASS", "session_id"): "MASS_SESSION",
    ("CONSTRAINT", "min_ratio"): "CONSTRAINT_FIRST",
    ("CONSTRAINT", "max_ratio"): "CONSTRAINT_SECOND",
    ("CONSTRAINT", "max_deviation_basis_points"): "CONSTRAINT_FIRST",
    ("CONSTRAINT", "max_spread"): "CONSTRAINT_FIRST",
}
RENAMED = {
    ("PACKAGE", "execution_mode"): "mode",
    ("CANCEL", "multi_leg_order_id"): "order_id",
    ("AMEND", "multi_leg_order_id"): "order_id",
}
PRESENCE = {"net_price": "price", "units": "quantity"}  # flags that stand for another field
ELEMENTS = {
    "legs": Element(
        "_read_leg_terms",
        "PACKAGE_TERMS",
        "PACKAGE_TERM_LEGS",
        "MAX_LEGS",
        "PACKAGE_LEGS",
        "LEG_WORDS",
    ),
    "price_constraints": Element(
        "_read_price_constraint",
        "PACKAGE_TERMS",
        "PACKAGE_TERM_CONSTRAINTS",
        "MAX_CONSTRAINTS",
        "PACKAGE_CONSTRAINTS",
        "CONSTRAINT_WORDS",
    ),
}
# Of a new limit of a leg, which is read apart and then put into the record.
LEG_PRICE_WORDS = {"LEG_PRICE_LEG_NUMBER": 0, "LEG_PRICE_PRICE": 1, "LEG_PRICE_FLAGS": 2}
APART = 32  # words behind the record's begin


def texts_of(message: DescriptorProto) -> list[Field]:
    """Return the fields that are strings."""
    return [field for field in message.field if field.type == Field.TYPE_STRING]


def reader(name: str, prefix: str, message: DescriptorProto) -> str:
    """Return the body of a function that reads a message into the words from `start` on."""
    branches: list[str] = []
    for field in message.field:
        word = "el" if branches else ""
        lines = "".join(_indented(line) for line in _read_field(prefix, message, field))
        branches.append(f"        {word}if tag == {tag(field)}:  # {field.name}\n{lines}")
    declared = _declarations("".join(branches))
    return (
        f"def _read_{name}{READER}) -> cython.Py_ssize_t:\n"
        f"    tag: cython.ulonglong\n{declared}"
        "    while 0 <= at < end:\n        tag, at = _tag(source, at, end)\n"
        + "".join(branches)
        + "        else:\n            at = _skip(source, tag, at, end, 100)\n    return at"
    )


def _indented(line: str) -> str:
    """Put a statement into a branch; a call that is too long for a line takes three."""
    if len(line) <= 88:
        return f"            {line}\n"
    head, _, arguments = line.partition("(")
    return f"            {head}(\n                {arguments[:-1]}\n            )\n"


def _declarations(body: str) -> str:
    types = {
        "value": "cython.ulonglong",
        "length": "cython.Py_ssize_t",
        "element": "cython.Py_ssize_t",
    }
    return "".join(
        f"    {name}: {kind}\n"
        for name, kind in types.items()
        if f" {name}, " in body or f" {name} = " in body
    )


def _read_field(prefix: str, message: DescriptorProto, field: Field) -> Iterator[str]:
    if field.type == Field.TYPE_STRING:
        yield from _read_text(prefix, message, field)
    elif field.type == Field.TYPE_MESSAGE:
        yield "length, at = _length(source, at, end)"
        yield from _read_message(message, field)
        yield "at += length"
    elif field.label == Field.LABEL_REPEATED:
        raise UnplacedField(f"{message.name}.{field.name} is repeated")
    else:
        read = "_fixed64" if field.type == Field.TYPE_FIXED64 else "_varint"
        yield f"value, at = {read}(source, at, end)"
        yield _place(prefix, message, field)
        if field.proto3_optional:
            name = PRESENCE.get(field.name, field.name)
            yield _flag(prefix, message, f"FLAG_HAS_{name.upper()}", "True")


def _read_message(message: DescriptorProto, field: Field) -> Iterator[str]:
    if field.name in ELEMENTS:
        element = ELEMENTS[field.name]
        counted = f"start + {element.count_word}, {element.count_shift}, {element.most}"
        yield f"element = _next_element(words, {counted})"
        yield "if element >= 0:"
        yield f"    element = start + {element.first_word} + element * {element.width}"
        yield f"    {element.reader}(source, at, at + length, words, element)"
    elif field.name == "leg_prices":
        yield f"_clear(words, start + {APART}, {len(LEG_PRICE_WORDS)})"
        yield f"_read_leg_price(source, at, at + length, words, start + {APART})"
        yield f"_amend_leg(words, start, start + {APART})"
    elif field.name == "sequential_terms":
        yield _flag("PACKAGE", message, "FLAG_SEQUENTIAL", "True")
        yield "_read_sequential_terms(source, at, at + length, words, start)"
    else:
        raise UnplacedField(f"{message.name}.{field.name} has no words in the record")


def _read_text(prefix: str, message: DescriptorProto, field: Field) -> Iterator[str]:
    texts = [text.name for text in texts_of(message)]
    index = texts.index(field.name)
    yield "length, at = _length(source, at, end)"
    if len(texts) == 1:
        yield f"words[start + {prefix}_TEXT_LENGTH] = length"
    else:
        half = ("_set_low", "_set_high")[index]
        yield f"{half}(words, start + {prefix}_TEXT_LENGTHS, length)"
    yield f"words[start + {prefix}_TEXT{f' + {index}' if index else ''}] = at"
    yield "at += length"


def _place(prefix: str, message: DescriptorProto, field: Field) -> str:
    name = RENAMED.get((prefix, field.name), field.name)
    half = HALVES.get((prefix, name)) or HALVES.get(("", name))
    if half:
        value = "min(_low(value), 0x7FFFFFFF)" if name in CAPPED else "value"
        return f"{half[0]}(words, start + {half[1]}, {value})"
    word, begins = BYTES.get(prefix, ("", ""))
    if begins and f"{begins}{name.upper()}" in KINDS:
        return _place_byte(prefix, field, word, f"{begins}{name.upper()}")
    if field.type == Field.TYPE_BOOL:
        return _flag(prefix, message, f"FLAG_{name.upper()}", "value != 0")
    return f"words[start + {_word(prefix, message, name)}] = {_number(field)}"


def _place_byte(prefix: str, field: Field, word: str, position: str) -> str:
    sent = SENT_AT.get(prefix)
    if prefix == "LEG":
        sent = SENT_SIDE_AT - (KINDS[position] >> 3) - KINDS["PACKAGE_LEGS"]
    if sent is None or field.type != Field.TYPE_ENUM:
        return f"_set_byte(words, start + {word}, {position}, _byte(value))"
    return f"_set_enum(words, start, {word}, {position}, {sent}, value)"


def _number(field: Field) -> str:
    if field.type == Field.TYPE_ENUM:
        return "_int32(value)"
    return "_low(value)" if field.type == Field.TYPE_UINT32 else "_signed(value)"


def _word(prefix: str, message: DescriptorProto, name: str) -> str:
    known = {**KINDS, **LEG_PRICE_WORDS}
    names = [WORDS.get((prefix, name)), f"{prefix}_{name}".upper(), f"COMMAND_{name}".upper()]
    word = next((word for word in names if word in known), None)
    if word is None:
        raise UnplacedField(f"{message.name}.{name} has no word in the record")
    return str(LEG_PRICE_WORDS.get(word, word))


def _flag(prefix: str, message: DescriptorProto, flag: str, on: str) -> str:
    if flag not in KINDS or prefix not in FLAGS:
        raise UnplacedField(f"{message.name}: no flag {flag}")
    word, shift = FLAGS[prefix]
    return f"_set_flag(words, start + {LEG_PRICE_WORDS.get(word, word)}, {shift}, {flag}, {on})"
