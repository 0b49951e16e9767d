"""Give the contract's enums of the log and of retention Python names."""

from __future__ import annotations

from quantumcore.client.enums import OpenEnum


class LogDefect(OpenEnum):
    """What is wrong with the log at one place."""

    UNSPECIFIED = 0
    SEQUENCE_GAP = 1
    CHECKSUM = 2
    CHAIN = 3
    REPLAY = 4
    STORE = 5
    ANCHOR = 6
    PROJECTION = 7


class ExportFormat(OpenEnum):
    """In what form events are exported."""

    UNSPECIFIED = 0
    JSON_LINES = 1
    PROTOBUF_DELIMITED = 2
    CSV = 3
    PARQUET = 4


class EventClass(OpenEnum):
    """Events that are kept for the same time."""

    UNSPECIFIED = 0
    ORDERS = 1
    LEDGER = 2
    INSTRUMENTS = 3
    ADMINISTRATION = 4
