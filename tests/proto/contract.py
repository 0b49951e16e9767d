"""The contract as its descriptor set tells it, comments included, for tests that walk it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
)

PROTO_ROOT = Path(__file__).resolve().parents[2] / "proto"
DESCRIPTOR_SET = PROTO_ROOT / "quantumcore" / "v1" / "contract.binpb"
PREFIX = ".quantumcore.v1."


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A named part of the contract with the comment that stands before it."""

    name: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rpc:
    """An rpc with its request and response messages."""

    name: str
    method: MethodDescriptorProto
    request: DescriptorProto
    response: DescriptorProto

    @property
    def verb(self) -> str:
        """Return the first word of the rpc's name: Create, List, Stream."""
        words = self.method.name
        return next((words[:i] for i in range(1, len(words)) if words[i].isupper()), words)


def load_files() -> list[FileDescriptorProto]:
    """Return the files of the contract, imports from elsewhere left out."""
    everything = FileDescriptorSet.FromString(DESCRIPTOR_SET.read_bytes())
    return [file for file in everything.file if file.package == "quantumcore.v1"]


FILES = load_files()
MESSAGES = {message.name: message for file in FILES for message in file.message_type}
ENUMS = {enum.name: enum for file in FILES for enum in file.enum_type}
RPCS = [
    Rpc(
        name=f"{service.name}.{method.name}",
        method=method,
        request=MESSAGES[method.input_type.removeprefix(PREFIX)],
        response=MESSAGES[method.output_type.removeprefix(PREFIX)],
    )
    for file in FILES
    for service in file.service
    for method in service.method
]


def fields() -> Iterator[tuple[str, FieldDescriptorProto]]:
    """Yield every field of every message as ("Message.field", descriptor)."""
    for message in MESSAGES.values():
        for field in message.field:
            yield f"{message.name}.{field.name}", field


def field_names(message: DescriptorProto) -> set[str]:
    """Return the names of the fields of a message."""
    return {field.name for field in message.field}


def elements() -> Iterator[Element]:
    """Yield every message, field, oneof, enum, enum value, service and rpc with its comment."""
    for file in FILES:
        comments = {
            tuple(location.path): location.leading_comments.strip()
            for location in file.source_code_info.location
        }
        for path, name in _paths(file):
            yield Element(name=name, comment=comments.get(path, ""))


def enum_value_comments(enum: EnumDescriptorProto) -> dict[str, str]:
    """Return the comment of each value of an enum."""
    prefix = f"{enum.name}."
    return {
        element.name.removeprefix(prefix): element.comment
        for element in elements()
        if element.name.startswith(prefix)
    }


def _paths(file: FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], str]]:
    for number, message in enumerate(file.message_type):
        yield from _message_paths(message, (4, number))
    for number, enum in enumerate(file.enum_type):
        yield (5, number), enum.name
        for place, value in enumerate(enum.value):
            yield (5, number, 2, place), f"{enum.name}.{value.name}"
    for number, service in enumerate(file.service):
        yield (6, number), service.name
        for place, method in enumerate(service.method):
            yield (6, number, 2, place), f"{service.name}.{method.name}"
    for number, extension in enumerate(file.extension):
        yield (7, number), extension.name


def _message_paths(
    message: DescriptorProto, path: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], str]]:
    yield path, message.name
    for place, field in enumerate(message.field):
        yield (*path, 2, place), f"{message.name}.{field.name}"
    synthetic = {field.oneof_index for field in message.field if field.proto3_optional}
    for place, oneof in enumerate(message.oneof_decl):
        if place not in synthetic:
            yield (*path, 8, place), f"{message.name}.{oneof.name}"
