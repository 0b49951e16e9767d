"""Change rows and bytes behind the back of a store, as somebody with every right could."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from sqlalchemy import Connection, text

from quantumcore.server.journal.layout import (
    BLOCK_HEADER,
    BLOCK_HEADER_BYTES,
    CHECKSUM,
    SEGMENT_HEADER_BYTES,
    BlockHeader,
    block_hash,
    decode_block_header,
)
from quantumcore.server.store.sql.engine import open_engine


@contextmanager
def unprotected(url: str, *tables: str) -> Iterator[Connection]:
    """Connect with the triggers of these tables off, and put them back at the end."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            sqlite = connection.dialect.name == "sqlite"
            with (_dropped if sqlite else _disabled)(connection, tables):
                yield connection
    finally:
        engine.dispose()


@contextmanager
def _dropped(connection: Connection, tables: Sequence[str]) -> Iterator[None]:
    statement = "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    triggers = [row for row in connection.execute(text(statement)) if row[2] in tables]
    for name, _sql, _table in triggers:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _name, sql, _table in triggers:
        connection.exec_driver_sql(sql)


@contextmanager
def _disabled(connection: Connection, tables: Sequence[str]) -> Iterator[None]:
    for state in ("DISABLE", "ENABLE"):
        for table in tables:
            connection.execute(text(f"ALTER TABLE {table} {state} TRIGGER USER"))
        if state == "DISABLE":
            yield


def segment_of(directory: Path, number: int = 0) -> Path:
    return sorted(directory.glob("*.qcj"))[number]


def flip(path: Path, offset: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1 << bit
    path.write_bytes(data)


def block_offsets(path: Path) -> list[int]:
    """Return where the blocks of a segment begin."""
    data, at, found = path.read_bytes(), SEGMENT_HEADER_BYTES, []
    while at < len(data):
        found.append(at)
        header = decode_block_header(memoryview(data)[at : at + BLOCK_HEADER_BYTES])
        at += BLOCK_HEADER_BYTES + header.payload_bytes
    return found


def rewrite(path: Path, number: int, old: bytes, new: bytes) -> None:
    """Change bytes in the payload of a block, and every check sum and hash from there on."""
    data = bytearray(path.read_bytes())
    chain = None
    for index, at in enumerate(block_offsets(path)):
        header = decode_block_header(memoryview(bytes(data))[at : at + BLOCK_HEADER_BYTES])
        start, end = at + BLOCK_HEADER_BYTES, at + BLOCK_HEADER_BYTES + header.payload_bytes
        if index == number:
            payload = bytes(data[start:end])
            assert old in payload
            data[start:end] = payload.replace(old, new, 1)
        if chain is not None or index == number:
            data[at:start] = _sealed(header, bytes(data[start:end]), chain)
        chain = block_hash(data[at:start]) if chain is not None or index == number else None
    path.write_bytes(data)


def _sealed(header: BlockHeader, payload: bytes, previous: bytes | None) -> bytes:
    fields = header._replace(payload_hash=sha256(payload).digest())
    if previous is not None:
        fields = fields._replace(previous_hash=previous)
    body = BLOCK_HEADER.pack(*fields)[:-4]
    return body + CHECKSUM.pack(crc32(body))
