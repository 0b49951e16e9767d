"""Generate the compiled codec of the order rpcs from the contract's descriptors.

    python proto/wire.py            write it where it is not what the contract gives
    python proto/wire.py --check    exit with 1 where it is not, change nothing

The result, `server/quantumcore/server/api/wire/order_wire_cy.py`, is committed: field numbers and
wire types come from the descriptors, word positions from `core/kinds.py` by name, the functions
they are put together with from the hand-written files beside the result. A field of the contract
that has no place in a record stops the generator: nothing is dropped in silence.
"""

import argparse
import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import build
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorSet,
)

PROTO = Path(__file__).resolve().parent
SERVER = PROTO.parent / "server" / "quantumcore" / "server"
WIRE = SERVER / "api" / "wire"
OUTPUT = WIRE / "order_wire_cy.py"
FRAGMENTS = ("reading.py", "records.py", "writing.py", "rpcs.py")
COPY_MARK = "# Copied from here on.\n"
KINDS = {
    name: value
    for name, value in runpy.run_path(str(SERVER / "core" / "kinds.py")).items()
    if isinstance(value, int) and name.isupper()
}

VARINT, FIXED64, BYTES = 0, 1, 2
Field = FieldDescriptorProto
WIRE_TYPES = {
    Field.TYPE_FIXED64: FIXED64,
    Field.TYPE_INT64: VARINT,
    Field.TYPE_UINT32: VARINT,
    Field.TYPE_ENUM: VARINT,
    Field.TYPE_BOOL: VARINT,
    Field.TYPE_STRING: BYTES,
    Field.TYPE_MESSAGE: BYTES,
}
LONGEST_VALUES = {
    Field.TYPE_FIXED64: 8,
    Field.TYPE_INT64: 10,
    Field.TYPE_UINT32: 5,
    Field.TYPE_ENUM: 5,
    Field.TYPE_BOOL: 1,
    Field.TYPE_STRING: 1 + KINDS["CLIENT_ORDER_ID_BYTES"],
}


class Command(NamedTuple):
    """A request message, and how the names of its record's words begin."""

    message: str
    kind: str
    prefix: str


class Bits(NamedTuple):
    """Where a value lies within a word; no mask for half a word."""

    word: str
    shift: str
    mask: int = 0


COMMANDS = {
    "create_order": Command("CreateOrderRequest", "CREATE_ORDER", "CREATE"),
    "replace_order": Command("ReplaceOrderRequest", "REPLACE_ORDER", "REPLACE"),
    "cancel_order": Command("CancelOrderRequest", "CANCEL_ORDER", "CANCEL"),
    "cancel_orders": Command("CancelOrdersRequest", "CANCEL_ORDERS", "MASS"),
}
# Where the flags of a command lie: word and shift.
FLAGS = {"CREATE": ("CREATE_TERMS", "TERM_FLAGS"), "REPLACE": ("REPLACE_FLAGS", "0")}
# What names do not tell.
HALVES = {"account_id": "_set_low", "instrument_id": "_set_high"}
WORDS = {("MASS", "session_id"): "MASS_SESSION"}
ACKNOWLEDGEMENT_WORDS = {
    "reject_limit": "RESULT_LIMIT",
    "reject_value": "RESULT_VALUE",
    "affected_orders": "RESULT_AFFECTED",
}
ACKNOWLEDGEMENT_BITS = {
    "status": Bits("RESULT_STATE", "0", 0xFF),
    "repeated_request": Bits("RESULT_STATE", "8", 0xFF),
    "reject_reason": Bits("RESULT_STATE", "16", 0xFFFF),
    "reject_field": Bits("RESULT_STATE", "32"),
}
EXECUTION_BITS = {
    "type": Bits("EVENT_STATE", "STATE_EXECUTION_TYPE", 0xFF),
    "account_id": Bits("EVENT_PARTIES", "0"),
    "instrument_id": Bits("EVENT_PARTIES", "32"),
    "reject_reason": Bits("EVENT_REJECT", "0"),
    "reject_field": Bits("EVENT_REJECT", "32"),
}
PRESENCE = {
    "price": "words[row + EVENT_STATE] >> STATE_FLAGS & FLAG_HAS_PRICE != 0",
    "last_price": "words[row + EVENT_STATE] >> STATE_EXECUTION_TYPE & 255"
    " == EXECUTION_TYPE_TRADE",
}
TEXTS = {
    "client_order_id": ("text", "length"),
    "original_client_order_id": ("original", "original_length"),
}
# Fields of an Execution that single orders never have: no record holds them.
NOT_RECORDED = {"multi_leg_order_id", "leg_number", "package_execution_id", "reference_sequence"}

LONGEST_MESSAGE = 1024 - 16  # what Output.room() keeps free, less tag, length and padding
RESERVED_WORDS = 32  # what _room() keeps free
CLEARED_WORDS = 16  # what _clear() is given

NOGIL = "@cython.cfunc\n@cython.nogil\n@cython.exceptval(check=False)\n"
READER = """(
    source: cython.p_const_uchar,
    at: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    words: cython.p_longlong,
    start: cython.Py_ssize_t,
"""


class UnplacedField(Exception):
    """A field of the contract has no place in a record, or a type that is not known here."""


def load() -> dict[str, DescriptorProto]:
    """Return the contract's messages by name, from its .proto files as they are now."""
    build.build()
    contract = FileDescriptorSet()
    contract.ParseFromString((PROTO / build.PACKAGE / build.DESCRIPTOR_SET).read_bytes())
    files = [file for file in contract.file if file.package == "quantumcore.v1"]
    return {message.name: message for file in files for message in file.message_type}


def generate(messages: dict[str, DescriptorProto]) -> str:
    """Return the text of the module."""
    reading, records, writing, rpcs = (_fragment(name) for name in FRAGMENTS)
    generated = [
        *(_reader(name, messages) for name in COMMANDS),
        *(_closer(name, messages) for name in COMMANDS),
        *_command_switches(messages),
        _trade_command_checker(messages),
        _trade_request_checker(messages),
        _trade_command_reader(messages),
        _acknowledged_text(),
        _acknowledgement_writer(messages),
        _execution_writer(messages),
    ]
    functions = "\n\n\n".join([reading, records, writing, *generated, rpcs])
    return f"{_header(functions, messages)}\n\n\n{functions}\n"


def _fragment(name: str) -> str:
    return (WIRE / name).read_text().partition(COPY_MARK)[2].strip()


def _header(functions: str, messages: dict[str, DescriptorProto]) -> str:
    used = {name for name in re.findall(r"\b[A-Z_0-9]{4,}\b", functions) if name in KINDS}
    faults = set(re.findall(r"\bFAULT_\w+", functions))
    server = "quantumcore.server"
    imports = [
        (f"{server}.api.wire.errors", faults),
        (f"{server}.core.exchange_cy", {"Exchange"}),
        (f"{server}.core.kinds", used),
        (f"{server}.core.words_cy", {"Words"}),
    ]
    compiled = "".join(_import(f"cython.cimports.{module}", names) for module, names in imports)
    plain = "".join(_import(module, names) for module, names in imports)
    return f'''"""Turn the messages of the order rpcs into records and back, compiled.

Generated by `proto/wire.py` from the contract's descriptors and the hand-written files beside it;
do not edit.
"""

# ruff: noqa
# mypy: disable-error-code="unreachable"

from typing import Final

import cython

from {server}.api.wire.errors import wire_error

if cython.compiled:
    from cython.cimports.libc.string import memmove
{compiled}else:
{plain}
{_constants(messages)}'''


def _import(module: str, names: set[str]) -> str:
    line = f"    from {module} import {', '.join(sorted(names))}\n"
    if len(line) <= 101:
        return line
    listed = "".join(f"        {name},\n" for name in sorted(names))
    return f"    from {module} import (\n{listed}    )\n"


def _constants(messages: dict[str, DescriptorProto]) -> str:
    for name in ("CreateOrder", "ReplaceOrder", "CancelOrder", "CancelOrders"):
        if _tag_of(messages[f"{name}Response"], "acknowledgement") != _acknowledgement_tag(messages):
            raise UnplacedField(f"{name}Response.acknowledgement has another number")
    executions = {
        "TRADE_EXECUTIONS": messages["TradeResponse"],
        "STREAM_EXECUTIONS": messages["StreamExecutionsResponse"],
    }
    lines = [f"{name}: Final = {_tag_of(message, 'executions')}" for name, message in executions.items()]
    return "\n".join(
        [
            *lines,
            f"ACKNOWLEDGEMENT: Final = {_acknowledgement_tag(messages)}",
            f"TRADE_OPTIONS: Final = {_tag_of(messages['TradeRequest'], 'options')}",
            f"TRADE_COMMANDS: Final = {_tag_of(messages['TradeRequest'], 'commands')}",
        ]
    )


def _acknowledgement_tag(messages: dict[str, DescriptorProto]) -> int:
    return _tag_of(messages["TradeResponse"], "acknowledgements")


def _tag_of(message: DescriptorProto, name: str) -> int:
    return _tag(next(field for field in message.field if field.name == name))


def _tag(field: Field) -> int:
    if field.type not in WIRE_TYPES:
        raise UnplacedField(f"{field.name} has a type that the codec does not know")
    return field.number << 3 | WIRE_TYPES[field.type]


# --- Requests -----------------------------------------------------------------


def _texts(message: DescriptorProto) -> list[Field]:
    return [field for field in message.field if field.type == Field.TYPE_STRING]


def _reader(name: str, messages: dict[str, DescriptorProto]) -> str:
    command = COMMANDS[name]
    message = messages[command.message]
    branches = []
    for field in message.field:
        if field.label == Field.LABEL_REPEATED:
            raise UnplacedField(f"{message.name}.{field.name} is repeated")
        word = "el" if branches else ""
        lines = "".join(f"            {line}\n" for line in _read_field(command, message, field))
        branches.append(f"        {word}if tag == {_tag(field)}:  # {field.name}\n{lines}")
    return (
        f"{NOGIL}def _read_{name}{READER}) -> cython.Py_ssize_t:\n"
        "    tag: cython.ulonglong\n    value: cython.ulonglong\n    length: cython.Py_ssize_t\n"
        "    while 0 <= at < end:\n        tag, at = _tag(source, at, end)\n"
        + "".join(branches)
        + "        else:\n            at = _skip(source, tag, at, end, 100)\n    return at"
    )


def _read_field(command: Command, message: DescriptorProto, field: Field) -> Iterator[str]:
    if field.type == Field.TYPE_STRING:
        yield from _read_text(command, message, field)
        return
    read = "_fixed64" if field.type == Field.TYPE_FIXED64 else "_varint"
    yield f"value, at = {read}(source, at, end)"
    yield _place(command, message, field)
    if field.proto3_optional:
        yield _flag(command, f"FLAG_HAS_{field.name.upper()}", "True")


def _read_text(command: Command, message: DescriptorProto, field: Field) -> Iterator[str]:
    texts = [text.name for text in _texts(message)]
    index = texts.index(field.name)
    yield "length, at = _length(source, at, end)"
    if len(texts) == 1:
        yield f"words[start + {command.prefix}_TEXT_LENGTH] = length"
    else:
        half = ("_set_low", "_set_high")[index]
        yield f"{half}(words, start + {command.prefix}_TEXT_LENGTHS, length)"
    yield f"words[start + {command.prefix}_TEXT{f' + {index}' if index else ''}] = at"
    yield "at += length"


def _place(command: Command, message: DescriptorProto, field: Field) -> str:
    name = field.name.upper()
    value = "_enum(value)" if field.type == Field.TYPE_ENUM else "_signed(value)"
    if field.name in HALVES:
        return f"{HALVES[field.name]}(words, start + COMMAND_PARTIES, value)"
    if command.prefix == "CREATE" and f"TERM_{name}" in KINDS:
        return f"_set_byte(words, start + CREATE_TERMS, TERM_{name}, {value})"
    if field.type == Field.TYPE_BOOL:
        return _flag(command, f"FLAG_{name}", "value != 0")
    names = [WORDS.get((command.prefix, field.name)), f"{command.prefix}_{name}", f"COMMAND_{name}"]
    word = next((word for word in names if word in KINDS), None)
    if word is None:
        raise UnplacedField(f"{message.name}.{field.name} has no word in the record")
    return f"words[start + {word}] = {value}"


def _flag(command: Command, flag: str, on: str) -> str:
    if flag not in KINDS or command.prefix not in FLAGS:
        raise UnplacedField(f"{command.message}: no flag {flag}")
    word, shift = FLAGS[command.prefix]
    return f"_set_flag(words, start + {word}, {shift}, {flag}, {on})"


def _closer(name: str, messages: dict[str, DescriptorProto]) -> str:
    command = COMMANDS[name]
    texts = len(_texts(messages[command.message]))
    fixed = KINDS[f"{command.prefix}_TEXT" if texts else f"{command.prefix}_WORDS"]
    longest = fixed + texts * KINDS["CLIENT_ORDER_ID_BYTES"] // 8
    if longest > RESERVED_WORDS or fixed + texts > CLEARED_WORDS:
        raise UnplacedField(f"the record of {command.message} is longer than what is reserved")
    arguments = (
        "    source: cython.p_const_uchar, words: cython.p_longlong, start: cython.Py_ssize_t\n"
    )
    head = f"{NOGIL}def _close_{name}(\n{arguments}) -> cython.Py_ssize_t:\n"
    return head + _close_texts(command.prefix, texts)


def _close_texts(prefix: str, texts: int) -> str:
    if texts == 0:
        return f"    return {prefix}_WORDS"
    text = f"start + {prefix}_TEXT"
    if texts == 1:
        return f"""    at: cython.Py_ssize_t = {text}
    length: cython.longlong = words[start + {prefix}_TEXT_LENGTH]
    length, at = _store_text(source, words[at], length, words, at)
    words[start + {prefix}_TEXT_LENGTH] = length
    return at - start"""
    return f"""    at: cython.Py_ssize_t = {text}
    first: cython.longlong = _low(words[start + {prefix}_TEXT_LENGTHS])
    second: cython.longlong = _high(words[start + {prefix}_TEXT_LENGTHS])
    second_offset: cython.Py_ssize_t = words[at + 1]
    first, at = _store_text(source, words[at], first, words, at)
    second, at = _store_text(source, second_offset, second, words, at)
    words[start + {prefix}_TEXT_LENGTHS] = second << 32 | first
    return at - start"""


def _command_switches(messages: dict[str, DescriptorProto]) -> Iterator[str]:
    reads, closes, strings = [], [], []
    for name, command in COMMANDS.items():
        test = f"    if kind == {command.kind}:\n        return"
        reads.append(f"{test} _read_{name}(source, at, end, words, start)")
        closes.append(f"{test} _close_{name}(source, words, start)")
        strings.append(f"{test} {_strings(messages[command.message])}")
    yield (
        f"{NOGIL}def _read_command{READER}    kind: cython.longlong,\n) -> cython.Py_ssize_t:\n"
        + _switch(reads)
    )
    yield (
        f"{NOGIL}def _close_command(\n    source: cython.p_const_uchar,\n"
        "    words: cython.p_longlong,\n    start: cython.Py_ssize_t,\n    kind: cython.longlong,\n"
        ") -> cython.Py_ssize_t:\n" + _switch(closes)
    )
    yield (
        f"{NOGIL}def _strings(kind: cython.longlong) -> cython.ulonglong:\n"
        '    """Return the set of field numbers that are strings, as bits."""\n' + _switch(strings)
    )


def _switch(tests: list[str]) -> str:
    return "\n".join([*tests[:-1], "    return" + tests[-1].rpartition("return")[2]])


def _strings(message: DescriptorProto) -> int:
    return sum(1 << field.number for field in _texts(message))


# --- Trade --------------------------------------------------------------------


def _trade_command_checker(messages: dict[str, DescriptorProto]) -> str:
    known, unknown = [], []
    for field in messages["TradeCommand"].field:
        if field.name in COMMANDS:
            word = "el" if known else ""
            strings = _strings(messages[COMMANDS[field.name].message])
            known.append(f"""        {word}if tag == {_tag(field)}:  # {field.name}
            length, at = _length(source, at, end)
            at = at if at < 0 else _check_fields(source, at, at + length, {strings}, 98)
            filled = True
""")
        else:
            unknown.append(str(_tag(field)))
    refused = f"""        elif tag in ({", ".join(unknown)}):  # commands on multi-leg orders
            return _fault(FAULT_UNSUPPORTED, first)
"""
    return (
        f"""{NOGIL}def _check_trade_command(
    source: cython.p_const_uchar, at: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> cython.Py_ssize_t:
    start: cython.Py_ssize_t = at
    first: cython.Py_ssize_t
    length: cython.Py_ssize_t
    tag: cython.ulonglong
    filled: cython.bint = False
    while 0 <= at < end:
        first = at
        tag, at = _tag(source, at, end)
        if at < 0:
            return at
"""
        + "".join(known).replace("        if tag", "        if tag", 1)
        + (refused if unknown else "")
        + """        else:
            at = _skip(source, tag, at, end, 99)
    return at if at < 0 or filled else _fault(FAULT_EMPTY_COMMAND, start)"""
    )


def _trade_request_checker(messages: dict[str, DescriptorProto]) -> str:
    request = messages["TradeRequest"]
    return f"""{NOGIL}def _check_trade_request(
    source: cython.p_const_uchar, end: cython.Py_ssize_t
) -> cython.Py_ssize_t:
    at: cython.Py_ssize_t = 0
    first: cython.Py_ssize_t
    length: cython.Py_ssize_t
    tag: cython.ulonglong
    count: cython.Py_ssize_t = 0
    while 0 <= at < end:
        first = at
        tag, at = _tag(source, at, end)
        if at < 0:
            return at
        if tag == {_tag_of(request, "commands")}:  # commands
            count += 1
            if count > 10000:
                return _fault(FAULT_TOO_MANY, first)
            length, at = _length(source, at, end)
            at = at if at < 0 else _check_trade_command(source, at, at + length)
        elif tag == {_tag_of(request, "options")}:  # options
            length, at = _length(source, at, end)
            at = at if at < 0 else _check_fields(source, at, at + length, 0, 99)
        else:
            at = _skip(source, tag, at, end, 100)
    return at"""


def _trade_command_reader(messages: dict[str, DescriptorProto]) -> str:
    tags = []
    for field in messages["TradeCommand"].field:
        if field.name in COMMANDS:
            word = "el" if tags else ""
            kind = COMMANDS[field.name].kind
            tags.append(f"        {word}if tag == {_tag(field)}:\n            named = {kind}\n")
    return f"""{NOGIL}def _read_trade_command{READER}) -> cython.longlong:
    \"\"\"Read the command that was set last, from all its occurrences since; return its kind.\"\"\"
    tag: cython.ulonglong
    length: cython.Py_ssize_t
    kind: cython.longlong = 0
    named: cython.longlong
    while 0 <= at < end:
        tag, at = _tag(source, at, end)
{"".join(tags)}        else:
            at = _skip(source, tag, at, end, 100)
            continue
        if named != kind:
            _clear(words, start, {CLEARED_WORDS})
            kind = named
        length, at = _length(source, at, end)
        _read_command(source, at, at + length, words, start, kind)
        at += length
    return kind"""


# --- Responses ----------------------------------------------------------------


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


def _acknowledgement_writer(messages: dict[str, DescriptorProto]) -> str:
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
{_writes(messages["OrderAcknowledgement"], _acknowledgement_value, {}, "turn")}    return at"""


def _execution_writer(messages: dict[str, DescriptorProto]) -> str:
    return f"""{NOGIL}def _put_execution(
    out: cython.p_uchar,
    at: cython.Py_ssize_t,
    words: cython.p_const_longlong,
    row: cython.Py_ssize_t,
    time_ns: cython.longlong,
) -> cython.Py_ssize_t:
    value: cython.longlong
    text: cython.Py_ssize_t = row + EVENT_TEXT
    length: cython.Py_ssize_t = _stored_bytes(_low(words[row + EVENT_TEXT_LENGTHS]))
    original: cython.Py_ssize_t = text + ((length + 7) >> 3)
    original_length: cython.Py_ssize_t = _stored_bytes(_high(words[row + EVENT_TEXT_LENGTHS]))
{_writes(messages["Execution"], _execution_value, PRESENCE, "words")}    return at"""


def _acknowledgement_value(field: Field) -> str | None:
    if field.name in ACKNOWLEDGEMENT_BITS:
        return _bits(ACKNOWLEDGEMENT_BITS[field.name])
    word = ACKNOWLEDGEMENT_WORDS.get(field.name, f"RESULT_{field.name.upper()}")
    if field.type == Field.TYPE_UINT32:
        return f"_low(words[row + {word}])"
    return f"words[row + {word}]" if word in KINDS else None


def _execution_value(field: Field) -> str | None:
    name = field.name.upper()
    if field.name == "time_ns":
        return "time_ns"
    if field.name in EXECUTION_BITS:
        return _bits(EXECUTION_BITS[field.name])
    if f"STATE_{name}" in KINDS:
        return _bits(Bits("EVENT_STATE", f"STATE_{name}", 0xFF))
    return f"words[row + EVENT_{name}]" if f"EVENT_{name}" in KINDS else None


def _bits(bits: Bits) -> str:
    if not bits.mask:
        return f"{'_low' if bits.shift == '0' else '_high'}(words[row + {bits.word}])"
    shifted = "" if bits.shift == "0" else f" >> {bits.shift}"
    return f"words[row + {bits.word}]{shifted} & {bits.mask}"


def _writes(message: DescriptorProto, value_of, presence: dict[str, str], texts: str) -> str:
    longest = 0
    lines = []
    for field in sorted(message.field, key=lambda field: field.number):
        if field.name in NOT_RECORDED:
            continue
        longest += 2 + LONGEST_VALUES[field.type]
        lines += [f"    {line}\n" for line in _write(message, field, value_of, presence, texts)]
    if longest > LONGEST_MESSAGE:
        raise UnplacedField(f"{message.name} takes up to {longest} bytes, more than the room")
    return "".join(lines)


def _write(
    message: DescriptorProto, field: Field, value_of, presence: dict[str, str], texts: str
) -> Iterator[str]:
    tag = _tag(field)
    low = tag if tag < 128 else tag & 127 | 128
    if field.type == Field.TYPE_STRING:
        start, length = TEXTS[field.name]
        yield f"if {length} != 0:  # {field.name}"
        put = f"_put_text(out, at, {texts}, {start}, {length})"
    else:
        value = value_of(field)
        if value is None or field.proto3_optional != (field.name in presence):
            raise UnplacedField(f"{message.name}.{field.name} has no word in the record")
        yield f"value = {value}"
        yield f"if {presence.get(field.name, 'value != 0')}:  # {field.name}"
        put = _put_of(field)
    yield f"    out[at] = {low}"
    if tag >= 128:
        yield f"    out[at + 1] = {tag >> 7}"
    yield f"    at += {1 if tag < 128 else 2}"
    yield f"    at = {put}"


def _put_of(field: Field) -> str:
    if field.type == Field.TYPE_FIXED64:
        return "_put_word(out, at, value)"
    if field.type == Field.TYPE_INT64:
        return "_put_signed(out, at, value)"
    if field.type == Field.TYPE_BOOL:
        return "_put_varint(out, at, 1)"
    return "_put_varint(out, at, value)"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(description="Generate the compiled codec of the order rpcs.")
    parser.add_argument("--check", action="store_true", help="only tell whether it is stale")
    options = parser.parse_args(arguments)
    text = generate(load())
    fresh = OUTPUT.exists() and OUTPUT.read_text() == text
    if options.check:
        if not fresh:
            print(f"{OUTPUT.name} is not what the contract gives: run proto/wire.py", file=sys.stderr)
        return 0 if fresh else 1
    if not fresh:
        OUTPUT.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
