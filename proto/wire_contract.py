"""Name what the generators of the compiled codec share: the contract's fields and word names."""

import runpy
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

import build

PROTO = Path(__file__).resolve().parent
SERVER = PROTO.parent / "server" / "quantumcore" / "server"
CONSTANTS = {
    module: {
        name: value
        for name, value in runpy.run_path(str(SERVER / "core" / f"{module}.py")).items()
        if isinstance(value, int) and name.isupper()
    }
    for module in ("enums", "kinds", "tables")
}
KINDS = CONSTANTS["kinds"]

Messages = dict[str, DescriptorProto]
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

NOGIL = "@cython.cfunc\n@cython.nogil\n@cython.exceptval(check=False)\n"


class UnplacedField(Exception):
    """A field of the contract has no place in a record, or a type that is not known here."""


def load() -> dict[str, DescriptorProto]:
    """Return the contract's messages by name, from its .proto files as they are now."""
    build.build()
    return {message.name: message for file in _files() for message in file.message_type}


def load_enum(name: str) -> dict[str, int]:
    """Return the numbers of an enum of the contract by name, from what was built last."""
    enums = {enum.name: enum for file in _files() for enum in file.enum_type}
    return {value.name: value.number for value in enums[name].value}


def _files() -> list[FileDescriptorProto]:
    contract = FileDescriptorSet()
    contract.ParseFromString((PROTO / build.PACKAGE / build.DESCRIPTOR_SET).read_bytes())
    return [file for file in contract.file if file.package == "quantumcore.v1"]


def tag_of(message: DescriptorProto, name: str) -> int:
    return tag(next(field for field in message.field if field.name == name))


def tag(field: Field) -> int:
    if field.type not in WIRE_TYPES:
        raise UnplacedField(f"{field.name} has a type that the codec does not know")
    return field.number << 3 | WIRE_TYPES[field.type]
