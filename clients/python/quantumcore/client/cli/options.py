"""The options that commands share, and the connection that they ask for."""

from __future__ import annotations

from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quantumcore.client.audit import Audit
    from quantumcore.client.client import Client
    from quantumcore.client.enums import OpenEnum

EnumT = TypeVar("EnumT", bound="OpenEnum")
CLIENT_PREFIX = "client:"
AUDIT_DEADLINE_S = 3_600.0
ORDER_HELP = f"The order: venue id, or your id of it ({CLIENT_PREFIX}ID where that is a number)."

Address = Annotated[
    str | None,
    typer.Option(
        envvar="QC_ADDRESS",
        help="Address of the venue, host:port.",
        show_default="127.0.0.1:50051",
    ),
]
Token = Annotated[
    str | None,
    typer.Option(
        envvar="QC_TOKEN",
        help="Bearer token; else the file that QC_TOKEN_FILE names, else data/token.",
        show_envvar=True,
    ),
]
Authorities = Annotated[
    Path | None,
    typer.Option(
        "--tls-authorities",
        envvar="QC_CLIENT_TLS_AUTHORITIES",
        help="PEM file of those who signed the venue's certificate; turns TLS on.",
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print JSON: one document, or a line for each item of a stream."),
]
AccountName = Annotated[
    str,
    typer.Option(
        "--account", "-a", envvar="QC_CLIENT_ACCOUNT", help="Account to trade for: name or id."
    ),
]


NamedAccount = Annotated[str, typer.Argument(help="Name or id of the account.")]
OwnAccount = Annotated[
    str | None,
    typer.Option(
        "--account", "-a", envvar="QC_CLIENT_ACCOUNT", help="Account; needed with your own id."
    ),
]
OnlyCheck = Annotated[
    bool, typer.Option("--check", help="Only tell what would become of it; nothing is entered.")
]
NewClientOrderId = Annotated[str | None, typer.Option(help="Your id of it from now on.")]


@contextmanager
def connection(
    address: str | None, token: str | None, authorities: Path | None
) -> Iterator[Client]:
    """Connect for the time of a command; give up soon where nobody answers."""
    from quantumcore.client.client import Client
    from quantumcore.client.connection import Tls
    from quantumcore.client.retry import RetryPolicy

    tls = None if authorities is None else Tls(authorities=authorities)
    with Client(address, token=token, tls=tls, retry=RetryPolicy(attempts=3)) as client:
        yield client


@contextmanager
def audit_connection(
    address: str | None, token: str | None, authorities: Path | None
) -> Iterator[Audit]:
    """Connect as an auditor for the time of a command; what reads whole histories may take long."""
    from quantumcore.client.audit import Audit
    from quantumcore.client.connection import Tls
    from quantumcore.client.retry import RetryPolicy

    tls = None if authorities is None else Tls(authorities=authorities)
    retry = RetryPolicy(attempts=3)
    with Audit(address, token=token, tls=tls, retry=retry, deadline_s=AUDIT_DEADLINE_S) as audit:
        yield audit


def reference(text: str) -> int | str:
    """Take digits for an id, anything else for a name."""
    return int(text) if text.isdigit() else text


def order_ids(order: str) -> tuple[int, str]:
    """Tell the venue's id (or 0) and the owner's (or empty) that an order is named by."""
    if order.isdigit():
        return int(order), ""
    return 0, order.removeprefix(CLIENT_PREFIX)


def member(enum: type[EnumT], name: StrEnum | None) -> EnumT | None:
    """Find the contract's value that a choice stands for; None stays None."""
    return None if name is None else enum[name.name]
