"""Let a process die between two steps of a database transaction."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event

from quantumcore.server.store.sql import bulk

FEW_ROWS = 12


class CrashedHereError(BaseException):
    """The process dies here: no handler may go on after it."""


@contextmanager
def crashing_at(step: int, engine: Engine) -> Iterator[None]:
    """Die at the `step`th of all points before and behind statements, COPY and commits."""
    left = step

    def point(name: str) -> None:
        nonlocal left
        if left == 0:
            raise CrashedHereError(name)
        left -= 1

    with ExitStack() as stack:
        for name in ("begin", "before_cursor_execute", "after_cursor_execute", "commit"):
            _listen(stack, engine, name, point)
        _wrap(stack, engine, point)
        yield


def _listen(stack: ExitStack, engine: Engine, name: str, point: Any) -> None:
    def listener(*_arguments: object) -> None:
        point(name)

    event.listen(engine, name, listener)
    stack.callback(event.remove, engine, name, listener)


def _wrap(stack: ExitStack, engine: Engine, point: Any) -> None:
    """Put a point behind each commit and before each few rows of COPY."""
    dialect: Any = engine.dialect
    do_commit, chunk = dialect.do_commit, bulk._chunk

    def commit(connection: Any) -> None:
        do_commit(connection)
        point("behind commit")

    def pointed(rows: Any) -> bytes:
        point("copy")
        return chunk(rows)

    stack.enter_context(patch.object(dialect, "do_commit", commit))
    stack.enter_context(patch.object(bulk, "_chunk", pointed))
    stack.enter_context(patch.object(bulk, "COPY_CHUNK_ROWS", FEW_ROWS))
