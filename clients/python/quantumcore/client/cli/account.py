"""`quantumcore account`: list and create accounts."""

from __future__ import annotations

from typing import Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.options import Address, Authorities, Json, Token

app = typer.Typer(help="List and create accounts.", no_args_is_help=True)


@app.command("list")
def list_accounts(
    prefix: Annotated[str, typer.Argument(help="Only names that start with this.")] = "",
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """List accounts, ascending by id."""
    from quantumcore.client.cli.output import print_json, print_table

    with options.connection(address, token, authorities) as client:
        found = client.accounts(name_prefix=prefix)
        if as_json:
            print_json(list(found))
            return
        print_table(
            found,
            [
                ("ID", lambda one: one.account_id),
                ("NAME", lambda one: one.name),
                ("STATUS", lambda one: one.status),
                ("SELF-TRADE PREVENTION", lambda one: one.self_trade_prevention),
                ("KILL SWITCH", lambda one: one.kill_switch),
            ],
        )


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Unique name: 1 to 64 printable characters.")],
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Create an account."""
    from quantumcore.client.cli.output import print_json, text

    with options.connection(address, token, authorities) as client:
        created = client.create_account(name=name)
        if as_json:
            print_json(created)
        else:
            print(f"account {created.account_id} {created.name}: {text(created.status)}")
