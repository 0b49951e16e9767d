"""`quantumcore kill-switch`: stop the trading of one account, of a group, or of the whole venue."""

from __future__ import annotations

from typing import Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.options import Address, Authorities, Json, Token

app = typer.Typer(
    help="Stop the trading of one account, of a group, or of the venue, and let it go on.",
    no_args_is_help=True,
)

Account = Annotated[
    str | None, typer.Option("--account", "-a", help="Of this account: name or id.")
]
Group = Annotated[int | None, typer.Option(min=1, help="Of all accounts of this group.")]
Venue = Annotated[bool, typer.Option("--venue", help="Of the whole venue.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit trail, up to 128 bytes.")]


@app.command()
def on(
    *,
    account: Account = None,
    venue: Venue = False,
    group: Group = None,
    reason: Reason = "",
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Cancel its working orders, and refuse new and changed ones from now on."""
    from quantumcore.client.cli.output import print_json

    with options.connection(address, token, authorities) as client:
        found = client.set_kill_switch(
            enabled=True, account=_reference(account), venue=venue, group=group, text=reason
        )
    if as_json:
        print_json(found)
    else:
        print(
            f"kill switch on, {found.affected_orders} orders cancelled, sequence {found.sequence}"
        )


@app.command()
def off(
    *,
    account: Account = None,
    venue: Venue = False,
    group: Group = None,
    reason: Reason = "",
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Take orders again; what was cancelled does not come back."""
    from quantumcore.client.cli.output import print_json

    with options.connection(address, token, authorities) as client:
        found = client.set_kill_switch(
            enabled=False, account=_reference(account), venue=venue, group=group, text=reason
        )
    if as_json:
        print_json(found)
    else:
        print(f"kill switch off, sequence {found.sequence}")


def _reference(account: str | None) -> int | str | None:
    return None if account is None else options.reference(account)
