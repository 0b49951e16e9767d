"""Say what is wrong with a message that is not valid protobuf, and where.

    ValueError
    └── WireError  the bytes are not a message of the type they stand for

Inside the compiled code a fault is a negative position, -(offset * 16 + fault); `errors.pxd`
holds the same numbers for it, and a test holds both equal.
"""

from typing import Final

FAULT_TRUNCATED: Final = 1
FAULT_VARINT: Final = 2
FAULT_TAG: Final = 3
FAULT_WIRE_TYPE: Final = 4
FAULT_LENGTH: Final = 5
FAULT_END_GROUP: Final = 6
FAULT_DEPTH: Final = 7
FAULT_TEXT: Final = 8
FAULT_EMPTY_COMMAND: Final = 9
FAULT_TOO_MANY: Final = 10

_TEXTS: Final = {
    FAULT_TRUNCATED: "the message ends within a field",
    FAULT_VARINT: "a varint is longer than 10 bytes",
    FAULT_TAG: "a field number is 0 or does not fit into 29 bits",
    FAULT_WIRE_TYPE: "wire types 6 and 7 do not exist",
    FAULT_LENGTH: "a field is longer than what is left of its message",
    FAULT_END_GROUP: "a group ends that did not begin",
    FAULT_DEPTH: "fields are nested deeper than 100 levels",
    FAULT_TEXT: "a string is not valid UTF-8",
    FAULT_EMPTY_COMMAND: "a command is empty",
    FAULT_TOO_MANY: "a message holds more than 10,000 commands",
}


class WireError(ValueError):
    """The bytes are not a valid message of the type they stand for."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(f"byte {offset}: {reason}")
        self.offset = offset
        self.reason = reason


def wire_error(position: int) -> WireError:
    """Return the error that a negative position stands for."""
    offset, fault = divmod(-position, 16)
    return WireError(offset, _TEXTS[fault])
