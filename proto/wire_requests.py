"""Generate the functions that turn the bytes of requests into the words of command records."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from google.protobuf.descriptor_pb2 import DescriptorProto

from wire_contract import KINDS, NOGIL, Messages, UnplacedField, tag
from wire_fields import READER, SENT_AT, SENT_SIDE_AT, reader, texts_of


class Command(NamedTuple):
    """A request message, and how the names of its record's words begin."""

    message: str
    kind: str
    prefix: str

    @property
    def reserved_words(self) -> int:
        """How many words _room() keeps free for it, and _clear() is given."""
        return LONG if self.kind.endswith("_PACKAGE") else SHORT


COMMANDS = {
    "create_order": Command("CreateOrderRequest", "CREATE_ORDER", "CREATE"),
    "replace_order": Command("ReplaceOrderRequest", "REPLACE_ORDER", "REPLACE"),
    "cancel_order": Command("CancelOrderRequest", "CANCEL_ORDER", "CANCEL"),
    "cancel_orders": Command("CancelOrdersRequest", "CANCEL_ORDERS", "MASS"),
    "create_multi_leg_order": Command("CreateMultiLegOrderRequest", "CREATE_PACKAGE", "PACKAGE"),
    "replace_multi_leg_order": Command("ReplaceMultiLegOrderRequest", "REPLACE_PACKAGE", "AMEND"),
    "cancel_multi_leg_order": Command("CancelMultiLegOrderRequest", "CANCEL_PACKAGE", "CANCEL"),
}
OF_PACKAGES = {name: one for name, one in COMMANDS.items() if one.kind.endswith("_PACKAGE")}
SINGLE = {name: one for name, one in COMMANDS.items() if name not in OF_PACKAGES}
# Messages within requests, and how the names of their words begin.
PARTS = {
    "leg_terms": ("LegTerms", "LEG"),
    "leg_price": ("LegPrice", "LEG_PRICE"),
    "sequential_terms": ("SequentialTerms", "SEQUENTIAL"),
}
# Members of PriceConstraint, and what a record calls them.
CONSTRAINTS = {
    "ratio_band": ("RatioBand", "CONSTRAINT_RATIO_BAND"),
    "max_deviation": ("MaxDeviation", "CONSTRAINT_MAX_DEVIATION"),
    "max_spread": ("MaxSpread", "CONSTRAINT_MAX_SPREAD"),
}

SHORT, LONG = 16, 72  # words of a command on a single order, text apart, and of any other
RESERVED_WORDS = 72  # what _room() keeps free
# How many enums have a byte that may be too small for what was sent, and a word apart for it.
ENUMS = {"CREATE": 6, "PACKAGE": 3}


def functions(messages: Messages) -> Iterator[str]:
    """Yield the functions, each after those that it calls."""
    for name, (message, prefix) in PARTS.items():
        yield NOGIL + reader(name, prefix, messages[message])
    for name, (message, _kind) in CONSTRAINTS.items():
        yield NOGIL + reader(name, "CONSTRAINT", messages[message])
    yield _constraint_reader(messages["PriceConstraint"])
    for name, command in COMMANDS.items():
        yield NOGIL + reader(name, command.prefix, messages[command.message])
    yield from (_closer(name, messages) for name in COMMANDS)
    for name, commands in (("command", SINGLE), ("package_command", OF_PACKAGES)):
        yield _command_reader(name, commands)
        yield _command_closer(name, commands)
    yield _trade_command_reader("trade_command", "command", SINGLE, messages)
    yield _trade_command_reader("trade_package_command", "package_command", OF_PACKAGES, messages)


def _constraint_reader(message: DescriptorProto) -> str:
    """Read a oneof: the member set last counts, and its occurrences since are merged."""
    names, reads = [], []
    for field in message.field:
        word = "el" if names else ""
        kind = CONSTRAINTS[field.name][1]
        names.append(f"        {word}if tag == {tag(field)}:\n            named = {kind}\n")
        reads.append(
            f"        {word}if named == {kind}:\n"
            f"            _read_{field.name}(source, at, at + length, words, start)\n"
        )
    return f"""{NOGIL}def _read_price_constraint{READER}) -> cython.Py_ssize_t:
    tag: cython.ulonglong
    length: cython.Py_ssize_t
    named: cython.longlong
    while 0 <= at < end:
        tag, at = _tag(source, at, end)
{"".join(names)}        else:
            at = _skip(source, tag, at, end, 100)
            continue
        if words[start + CONSTRAINT_TERMS] & 255 != named:
            _clear(words, start, CONSTRAINT_WORDS)
            words[start + CONSTRAINT_TERMS] = named
        length, at = _length(source, at, end)
{"".join(reads)}        at += length
    return at"""


def _closer(name: str, messages: Messages) -> str:
    command = COMMANDS[name]
    texts = len(texts_of(messages[command.message]))
    fixed = KINDS[f"{command.prefix}_TEXT" if texts else f"{command.prefix}_WORDS"]
    longest = fixed + texts * KINDS["CLIENT_ORDER_ID_BYTES"] // 8
    longest += command.prefix in SENT_AT
    most = SENT_AT.get(command.prefix, RESERVED_WORDS)
    if longest > most or fixed + texts > command.reserved_words:
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
    behind = _store_sent(prefix)
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


def _store_sent(prefix: str) -> str:
    """Return what puts an enum that was sent behind the text; sides of legs come first."""
    if prefix not in SENT_AT:
        return ""
    store = f"_store_sent(words, start, {prefix}_TERMS, {ENUMS[prefix]}, {SENT_AT[prefix]}, at)"
    if prefix != "PACKAGE":
        return f"    at = {store}\n"
    return (
        f"    sent: cython.Py_ssize_t = _store_sent_side(words, start, {SENT_SIDE_AT}, at)\n"
        f"    at = sent if sent > at else {store}\n"
    )


def _command_reader(name: str, commands: Mapping[str, Command]) -> str:
    reads = [
        f"    if kind == {command.kind}:\n        return _read_{one}(source, at, end, words, start)"
        for one, command in commands.items()
    ]
    head = f"def _read_{name}{READER}    kind: cython.longlong,\n) -> cython.Py_ssize_t:\n"
    return NOGIL + head + switch(reads)


def _command_closer(name: str, commands: Mapping[str, Command]) -> str:
    closes = [
        f"    if kind == {command.kind}:\n        return _close_{one}(source, words, start)"
        for one, command in commands.items()
    ]
    return (
        f"{NOGIL}def _close_{name}(\n    source: cython.p_const_uchar,\n"
        "    words: cython.p_longlong,\n    start: cython.Py_ssize_t,\n    kind: cython.longlong,\n"
        ") -> cython.Py_ssize_t:\n" + switch(closes)
    )


def switch(tests: list[str]) -> str:
    """Put tests that return one after the other; the last one stands for all that is left."""
    return "\n".join([*tests[:-1], "    return" + tests[-1].rpartition("return")[2]])


def _trade_command_reader(
    name: str, read: str, commands: Mapping[str, Command], messages: Messages
) -> str:
    tags: list[str] = []
    others: list[str] = []
    for field in messages["TradeCommand"].field:
        kind = COMMANDS[field.name].kind
        word = "if" if not tags else "elif"
        if field.name in commands:
            tags.append(f"        {word} tag == {tag(field)}:\n            named = {kind}\n")
        else:
            others.append(
                f"        elif tag == {tag(field)}:\n            kind = {kind}\n"
                "            at = _skip(source, tag, at, end, 100)\n            continue\n"
            )
    cleared = max(command.reserved_words for command in commands.values())
    return f"""{NOGIL}def _read_{name}{READER}) -> cython.longlong:
    \"\"\"Read the command that was set last, from all its occurrences since; return its kind.

    A command that is {"" if commands is OF_PACKAGES else "not "}on a single order is passed over.
    \"\"\"
    tag: cython.ulonglong
    length: cython.Py_ssize_t
    kind: cython.longlong = 0
    named: cython.longlong
    while 0 <= at < end:
        tag, at = _tag(source, at, end)
{"".join(tags + others)}        else:
            at = _skip(source, tag, at, end, 100)
            continue
        if named != kind:
            _clear(words, start, {cleared})
            kind = named
        length, at = _length(source, at, end)
        _read_{read}(source, at, at + length, words, start, kind)
        at += length
    return kind"""
