"""Generate the functions that check the structure of requests before anything is applied."""

from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import DescriptorProto

from wire_contract import NOGIL, Field, Messages, tag, tag_of
from wire_fields import texts_of
from wire_requests import COMMANDS, switch

MOST_LEVELS = 100  # of fields within fields, as protobuf's own parser has it
ARGUMENTS = "source: cython.p_const_uchar, at: cython.Py_ssize_t, end: cython.Py_ssize_t"


def functions(messages: Messages) -> Iterator[str]:
    """Yield the functions, each after those that it calls."""
    yield _strings_of_commands(messages)
    yield _parts_checker("price_constraint", messages["PriceConstraint"], messages, 3)
    for name in COMMANDS:
        message = messages[COMMANDS[name].message]
        if _parts(message):
            yield _parts_checker(name, message, messages, 2)
    yield _trade_command_checker(messages)
    yield _trade_request_checker(messages)


def _parts(message: DescriptorProto) -> list[Field]:
    """Return the fields that are messages."""
    return [field for field in message.field if field.type == Field.TYPE_MESSAGE]


def _strings_of_commands(messages: Messages) -> str:
    strings = [
        f"    if kind == {command.kind}:\n        return {_strings(messages[command.message])}"
        for command in COMMANDS.values()
    ]
    return (
        f"{NOGIL}def _strings(kind: cython.longlong) -> cython.ulonglong:\n"
        '    """Return the set of field numbers that are strings, as bits."""\n' + switch(strings)
    )


def _strings(message: DescriptorProto) -> int:
    return sum(1 << field.number for field in texts_of(message))


def _parts_checker(name: str, message: DescriptorProto, messages: Messages, levels: int) -> str:
    """Check the messages within a message; `levels` is how deep it stands itself."""
    fields: dict[str, list[Field]] = {}
    for field in _parts(message):
        fields.setdefault(_part_check(field, messages, levels), []).append(field)
    branches: list[str] = []
    for check, alike in fields.items():
        word = "el" if branches else ""
        tags = [str(tag(field)) for field in alike]
        test = f"== {tags[0]}" if len(tags) == 1 else f"in ({', '.join(tags)})"
        names = ", ".join(field.name for field in alike)
        branches.append(f"        {word}if tag {test}:  # {names}\n{check}")
    return f"""{NOGIL}def _check_{name}(
    {ARGUMENTS}
) -> cython.Py_ssize_t:
    \"\"\"Check the messages within a message whose own fields have been checked.\"\"\"
    length: cython.Py_ssize_t
    after: cython.Py_ssize_t
    tag: cython.ulonglong
    while 0 <= at < end:
        tag, at = _tag(source, at, end)
        if tag & 7 != 2:
            at = _skip(source, tag, at, end, {MOST_LEVELS})
            continue
        length, at = _length(source, at, end)
        after = at + length
{"".join(branches)}        at = after
    return at"""


def _part_check(field: Field, messages: Messages, levels: int) -> str:
    part = messages[field.type_name.rpartition(".")[2]]
    depth = MOST_LEVELS - levels - 1
    check = f"_check_fields(source, at, at + length, {_strings(part)}, {depth})"
    lines = f"            after = {check}\n"
    if _parts(part):
        lines += (
            "            if after >= 0:\n"
            f"                after = _check_{_snake(part.name)}(source, at, at + length)\n"
        )
    return lines


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def _trade_command_checker(messages: Messages) -> str:
    branches: list[str] = []
    for field in messages["TradeCommand"].field:
        word = "el" if branches else ""
        message = messages[COMMANDS[field.name].message]
        check = f"_check_fields(source, at, at + length, {_strings(message)}, {MOST_LEVELS - 2})"
        branches.append(f"""        {word}if tag == {tag(field)}:  # {field.name}
            length, at = _length(source, at, end)
""")
        if _parts(message):
            branches.append(f"""            after = at if at < 0 else {check}
            if after >= 0:
                after = _check_{field.name}(source, at, after)
            at = after
            filled = True
""")
        else:
            branches.append(f"""            at = at if at < 0 else {check}
            filled = True
""")
    return f"""{NOGIL}def _check_trade_command(
    {ARGUMENTS}
) -> cython.Py_ssize_t:
    start: cython.Py_ssize_t = at
    after: cython.Py_ssize_t
    length: cython.Py_ssize_t
    tag: cython.ulonglong
    filled: cython.bint = False
    while 0 <= at < end:
        tag, at = _tag(source, at, end)
        if at < 0:
            return at
{"".join(branches)}        else:
            at = _skip(source, tag, at, end, {MOST_LEVELS - 1})
    return at if at < 0 or filled else _fault(FAULT_EMPTY_COMMAND, start)"""


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
            at = at if at < 0 else _check_fields(source, at, at + length, 0, {MOST_LEVELS - 1})
        else:
            at = _skip(source, tag, at, end, {MOST_LEVELS})
    return at"""
