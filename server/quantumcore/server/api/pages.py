"""Page tokens: opaque, bound to the filter they were given for."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from struct import Struct, error
from typing import Any, NamedTuple, Self, TypeVar
from zlib import crc32

from quantumcore.server.api.errors import InvalidField, InvalidPageToken

DEFAULT_SIZE = 100
MAX_SIZE = 1000
TOKEN = Struct("<qI")
T = TypeVar("T")


class Page(NamedTuple):
    """Which part of a list is wanted: `size` entries whose key is greater than `after`."""

    size: int
    after: int
    filter_check: int

    @classmethod
    def of(cls, request: Any, *filters: str) -> Self:
        """Read page_size and page_token of a request; `filters` name the fields that select."""
        if not 0 <= request.page_size <= MAX_SIZE:
            problem = f"lies outside 0 to {MAX_SIZE}"
            raise InvalidField("page_size", problem, limit=MAX_SIZE, value=request.page_size)
        selected = repr([getattr(request, name) for name in filters])
        check = crc32(selected.encode())
        return cls(request.page_size or DEFAULT_SIZE, _after(request.page_token, check), check)

    def cut(self, found: Sequence[T], key: Callable[[T], int]) -> tuple[Sequence[T], str]:
        """Return the page and the token of the next; `found` holds one more where there is one."""
        if len(found) <= self.size:
            return found, ""
        shown = found[: self.size]
        token = urlsafe_b64encode(TOKEN.pack(key(shown[-1]), self.filter_check))
        return shown, token.decode()


def _after(token: str, check: int) -> int:
    if not token:
        return 0
    try:
        after, made_for = TOKEN.unpack(urlsafe_b64decode(token.encode()))
    except (binascii.Error, error, ValueError):
        raise InvalidPageToken from None
    if made_for != check or after < 0:
        raise InvalidPageToken
    return int(after)
