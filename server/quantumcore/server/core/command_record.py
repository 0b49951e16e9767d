"""Write one command record the plain way: for tests, administration and slow paths."""

from collections.abc import Iterable
from typing import Protocol

from quantumcore.server.core import kinds
from quantumcore.server.core.words_cy import Words


class Taker(Protocol):
    """Takes commands: an exchange, or what stands in for one to check them."""

    turn: Words
    results: Words

    def apply(self, start: int) -> None:
        """Take the command whose record is turn.words[start:turn.end]."""


def apply_command(
    exchange: Taker,
    kind: int,
    request_id: int,
    account_id: int,
    instrument_id: int,
    actor: int,
    words: list[int],
    text: bytes,
    door_reason: int = 0,
    behind: Iterable[int] = (),
) -> int:
    """Append a record to the turn and apply it; return the index of its row in the results.

    What stands behind its text are values that have no room among its words.
    """
    behind = list(behind)
    start = exchange.turn.end
    length = 4 + len(words) + len(text) // 8 + len(behind)
    exchange.turn.append(
        kind | length << 16 | door_reason << 32,
        signed(request_id),
        signed(account_id | instrument_id << 32),
        actor,
        *words,
    )
    exchange.turn.put_text(text)
    exchange.turn.append(*behind)
    exchange.apply(start)
    return exchange.results.end // kinds.RESULT_WORDS - 1


def packed(values: dict[int, int]) -> tuple[int, list[int]]:
    """Pack bytes by their bit positions; return them, and what the first beyond a byte is."""
    whole = sum(min(value % (1 << 64), 0xFF) << shift for shift, value in values.items())
    return whole, unpacked(values[shift] for shift in sorted(values))


def unpacked(values: Iterable[int]) -> list[int]:
    """Return the first value that its byte cannot hold, which stands behind a record's words."""
    return [value for value in values if not 0 <= value < 0xFF][:1]


def given(
    price: int | None = None, stop_price: int | None = None, quantity: int | None = None
) -> int:
    """Return the flags that tell which of these a command gives."""
    return (
        (kinds.FLAG_HAS_PRICE if price is not None else 0)
        | (kinds.FLAG_HAS_STOP_PRICE if stop_price is not None else 0)
        | (kinds.FLAG_HAS_QUANTITY if quantity is not None else 0)
    )


def rows_of(rows: Iterable[tuple[int, ...]], most: int, width: int) -> list[int]:
    """Lay out the first rows one behind the other; what is not there is zeros."""
    words = [word for row in list(rows)[:most] for word in row]
    return words + [0] * (most * width - len(words))


def id_text(text: str) -> tuple[bytes, int]:
    """Return the padded bytes and the stated length of a client order id."""
    if not all(" " <= character <= "~" for character in text):
        return b"", kinds.NOT_PRINTABLE
    data = text.encode("ascii")
    return padded(data[: kinds.CLIENT_ORDER_ID_BYTES]), min(len(data), kinds.NOT_PRINTABLE - 1)


def padded(data: bytes) -> bytes:
    """Fill text up to whole words."""
    return data.ljust((len(data) + 7) // 8 * 8, b"\0")


def signed(value: int) -> int:
    """Return the signed number that has the bits of an unsigned one."""
    return value - (1 << 64) if value >= 1 << 63 else value
