"""The fast way into each database: executemany for SQLite, binary COPY for PostgreSQL."""

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any

import psycopg
from sqlalchemy import Connection

from quantumcore.server.store.row_digest import DIGEST_BYTES
from quantumcore.server.store.sql.tables import NUMBERS

Row = tuple[Any, ...]
Insert = Callable[[Connection, str, Sequence[Row]], None]

COLUMNS = (*NUMBERS, "payload", "digest")
NUMBER_BYTES = 8
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TRAILER = b"\xff\xff"
# The count of fields; then of each its length and its value, big-endian; the payload's length, the
# payload, and behind it length and value of the digest.
COPY_ROW = Struct(">h" + "iq" * len(NUMBERS) + "i")
COPY_DIGEST = DIGEST_BYTES.to_bytes(4, "big")
COPY_CHUNK_ROWS = 1024


def insert_for(dialect: str) -> Insert:
    """Return what inserts rows of an event table, by the name of the dialect."""
    return _executemany if dialect == "sqlite" else _copy


def _executemany(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    marks = ", ".join("?" * len(COLUMNS))
    connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", list(rows))  # noqa: S608


def _copy(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    statement = f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(COPY_HEADER)
            for start in range(0, len(rows), COPY_CHUNK_ROWS):
                copy.write(_chunk(rows[start : start + COPY_CHUNK_ROWS]))
            copy.write(COPY_TRAILER)
    except psycopg.Error as error:
        if driver.broken:
            connection.invalidate(error)
        raise


def _chunk(rows: Sequence[Row]) -> bytes:
    return b"".join(map(_encoded, rows))


def _encoded(row: Row) -> bytes:
    """Return a row in the binary format of COPY."""
    (
        sequence, part, aggregate_id, version, event_type, schema_version, time_ns,
        command_id, correlation_id, principal_id, session_id, account_id, instrument_id, payload,
        digest,
    ) = row  # fmt: skip
    numbers = COPY_ROW.pack(
        15, 8, sequence, 8, part, 8, aggregate_id, 8, version, 8, event_type,
        8, schema_version, 8, time_ns, 8, command_id, 8, correlation_id, 8, principal_id,
        8, session_id, 8, account_id, 8, instrument_id, len(payload),
    )  # fmt: skip
    return b"".join((numbers, payload, COPY_DIGEST, digest))
