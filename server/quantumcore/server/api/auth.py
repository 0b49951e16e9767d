"""Who calls, and what they may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Any, NoReturn

import grpc

from quantumcore.server.api.errors import NotPermitted, Unauthenticated
from quantumcore.server.settings import IdentitySettings

AUTHORIZATION = "authorization"
SCHEME = "bearer "
SESSION_SHIFT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A caller, known by its token.

    `accounts` is None where all are permitted. `permitted` is the form that compiled code
    reads: one byte for each account id, 1 where permitted; empty permits all.
    """

    name: str
    number: int
    accounts: frozenset[int] | None
    admin: bool
    permitted: bytes

    def may_use(self, account_id: int) -> bool:
        """Tell whether it may act for this account and read it."""
        return self.accounts is None or account_id in self.accounts

    def require_account(self, account_id: int) -> None:
        """Raise NotPermitted unless it may use the account."""
        if not self.may_use(account_id):
            raise NotPermitted(f"{self.name} may not use account {account_id}", value=account_id)

    def deny(self) -> NoReturn:
        """Raise NotPermitted for the account that a command named."""
        raise NotPermitted(f"{self.name} may not use this account")

    def require_admin(self) -> None:
        """Raise NotPermitted unless it runs the venue."""
        if not self.admin:
            raise NotPermitted(f"{self.name} may not administer the venue")

    def actor(self, session_number: int = 0) -> int:
        """Return what is stored with its commands: identity and session."""
        return self.number | session_number << SESSION_SHIFT


class Identities:
    """Find the caller of an rpc by its bearer token; tokens are held as hashes only."""

    def __init__(self, settings: Iterable[IdentitySettings]) -> None:
        self._known = {one.token_digest: _identity(one) for one in settings}

    def of_call(self, context: "grpc.aio.ServicerContext[Any, Any]") -> Identity:
        """Return who calls; raise Unauthenticated."""
        for key, value in context.invocation_metadata() or ():
            if key == AUTHORIZATION:
                return self._of_header(value)
        raise Unauthenticated("the call carries no authorization: send 'Bearer TOKEN'")

    def _of_header(self, header: str | bytes) -> Identity:
        text = header if isinstance(header, str) else header.decode("latin-1")
        if text[: len(SCHEME)].lower() != SCHEME:
            raise Unauthenticated("authorization is not of the form 'Bearer TOKEN'")
        digest = sha256(text[len(SCHEME) :].encode()).digest()
        for known, identity in self._known.items():
            if compare_digest(known, digest):
                return identity
        raise Unauthenticated("the token is not known")


def _identity(settings: IdentitySettings) -> Identity:
    accounts = None if settings.accounts == "all" else frozenset(map(int, settings.accounts))
    return Identity(
        name=settings.name,
        number=settings.number,
        accounts=accounts,
        admin=settings.admin,
        permitted=permitted_bytes(accounts),
    )


def permitted_bytes(accounts: Iterable[int] | None) -> bytes:
    """Lay out permissions for compiled code: a byte for each account id, or empty for all."""
    if accounts is None:
        return b""
    flags = bytearray(max(accounts, default=0) + 1)
    for account in accounts:
        flags[account] = 1
    return bytes(flags)
