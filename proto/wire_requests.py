"""Generate the functions that turn the bytes of requests into the words of command records."""

from collections.abc import Iterator
from typing import NamedTuple

from google.protobuf.descriptor_pb2 import DescriptorProto

from wire_contract import KINDS, NOGIL, Field, Messages, UnplacedField, tag, tag_of


class Command(NamedTuple):
    """A request message, and how the names of its record's words begin."""

    message: str
    kind: str
    prefix: str


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
# Where enums that no byte holds wait until the record is closed: behind the longest one.
SENT_AT = 24
ENUMS = 6  # in the terms of a new order

RESERVED_WORDS = 32  # what _room() keeps free
CLEARED_WORDS = 16  # what _clear() is given

READER = """(
    source: cython.p_const_uchar,
    at: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    words: cython.p_longlong,
    start: cython.Py_ssize_t,
"""


def functions(messages: Messages) -> Iterator[str]:
    """Yield the functions, each after those that it calls."""
    yield from (_reader(name, messages) for name in COMMANDS)
    yield from (_closer(name, messages) for name in COMMANDS)
    yield from _command_switches(messages)
    yield _trade_command_checker(messages)
    yield _trade_request_checker(messages)
    yield _trade_command_reader(messages)


def _texts(message: DescriptorProto) -> list[Field]:
    return [field for field in message.field if field.type == Field.TYPE_STRING]


def _reader(name: str, messages: Messages) -> str:
    command = COMMANDS[name]
    message = messages[command.message]
    branches: list[str] = []
    for field in message.field:
        if field.label == Field.LABEL_REPEATED:
            raise UnplacedField(f"{message.name}.{field.name} is repeated")
        word = "el" if branches else ""
        lines = "".join(f"            {line}\n" for line in _read_field(command, message, field))
        branches.append(f"        {word}if tag == {tag(field)}:  # {field.name}\n{lines}")
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
    value = "_int32(value)" if field.type == Field.TYPE_ENUM else "_signed(value)"
    if field.name in HALVES:
        return f"{HALVES[field.name]}(words, start + COMMAND_PARTIES, value)"
    if command.prefix == "CREATE" and f"TERM_{name}" in KINDS:
        return f"_set_enum(words, start, CREATE_TERMS, TERM_{name}, {SENT_AT}, value)"
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


def _closer(name: str, messages: Messages) -> str:
    command = COMMANDS[name]
    texts = len(_texts(messages[command.message]))
    fixed = KINDS[f"{command.prefix}_TEXT" if texts else f"{command.prefix}_WORDS"]
    longest = fixed + texts * KINDS["CLIENT_ORDER_ID_BYTES"] // 8
    if command.prefix == "CREATE" and longest + 1 > SENT_AT:
        raise UnplacedField(f"the record of {command.message} reaches what waits behind it")
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
    behind = ""
    if prefix == "CREATE":
        behind = f"    at = _store_sent(words, start, CREATE_TERMS, {ENUMS}, {SENT_AT}, at)\n"
    if texts == 1:
        return f"""    at: cython.Py_ssize_t = {text}
    length: cython.longlong = words[start + {prefix}_TEXT_LENGTH]
    length, at = _store_text(source, words[at], length, words, at)
    words[start + {prefix}_TEXT_LENGTH] = length
{behind}    return at - start"""
    return f"""    at: cython.Py_ssize_t = {text}
    first: cython.longlong = _low(words[start + {prefix}_TEXT_LENGTHS])
    second: cython.longlong = _high(words[start + {prefix}_TEXT_LENGTHS])
    second_offset: cython.Py_ssize_t = words[at + 1]
    first, at = _store_text(source, words[at], first, words, at)
    second, at = _store_text(source, second_offset, second, words, at)
    words[start + {prefix}_TEXT_LENGTHS] = second << 32 | first
    return at - start"""


def _command_switches(messages: Messages) -> Iterator[str]:
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


def _trade_command_checker(messages: Messages) -> str:
    known: list[str] = []
    unknown: list[str] = []
    for field in messages["TradeCommand"].field:
        if field.name in COMMANDS:
            word = "el" if known else ""
            strings = _strings(messages[COMMANDS[field.name].message])
            known.append(f"""        {word}if tag == {tag(field)}:  # {field.name}
            length, at = _length(source, at, end)
            at = at if at < 0 else _check_fields(source, at, at + length, {strings}, 98)
            filled = True
""")
        else:
            unknown.append(str(tag(field)))
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


def _trade_request_checker(messages: Messages) -> str:
    request = messages["TradeRequest"]
    arguments = "source: cython.p_const_uchar, end: cython.Py_ssize_t"
    return f"""{NOGIL}def _check_trade_request({arguments}) -> cython.Py_ssize_t:
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
        if tag == {tag_of(request, "commands")}:  # commands
            count += 1
            if count > 10000:
                return _fault(FAULT_TOO_MANY, first)
            length, at = _length(source, at, end)
            at = at if at < 0 else _check_trade_command(source, at, at + length)
        elif tag == {tag_of(request, "options")}:  # options
            length, at = _length(source, at, end)
            at = at if at < 0 else _check_fields(source, at, at + length, 0, 99)
        else:
            at = _skip(source, tag, at, end, 100)
    return at"""


def _trade_command_reader(messages: Messages) -> str:
    tags: list[str] = []
    for field in messages["TradeCommand"].field:
        if field.name in COMMANDS:
            word = "el" if tags else ""
            kind = COMMANDS[field.name].kind
            tags.append(f"        {word}if tag == {tag(field)}:\n            named = {kind}\n")
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
