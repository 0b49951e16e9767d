"""`quantumcore account`: list, create and change accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.choices import SelfTradeName
from quantumcore.client.cli.exit_codes import UsageError
from quantumcore.client.cli.options import Address, Authorities, Json, Token

if TYPE_CHECKING:
    from quantumcore.client.values import Account

app = typer.Typer(help="List, create and change accounts.", no_args_is_help=True)

Group = Annotated[
    int | None,
    typer.Option(
        "--group",
        min=0,
        help="Accounts of one group count as one owner in self-trade prevention; 0: none.",
    ),
]
SelfTrade = Annotated[
    SelfTradeName | None,
    typer.Option("--stp", help="Self-trade prevention of its orders that name none."),
]


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
                ("GROUP", lambda one: one.self_trade_group or None),
                ("SELF-TRADE PREVENTION", _prevention),
                ("KILL SWITCH", lambda one: one.kill_switch),
            ],
        )


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Unique name: 1 to 64 printable characters.")],
    *,
    group: Group = None,
    stp: SelfTrade = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Create an account."""
    from quantumcore.client.enums import SelfTradePrevention

    with options.connection(address, token, authorities) as client:
        created = client.create_account(
            name=name,
            self_trade_group=group or 0,
            self_trade_prevention=options.member(SelfTradePrevention, stp),
        )
    _report(created, as_json)


@app.command()
def update(
    account: Annotated[str, typer.Argument(help="Name or id of the account.")],
    *,
    group: Group = None,
    stp: SelfTrade = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Change how self-trade prevention treats an account, from now on."""
    from quantumcore.client.enums import SelfTradePrevention

    if group is None and stp is None:
        raise UsageError("name at least one thing to change, see --help")
    with options.connection(address, token, authorities) as client:
        changed = client.update_account(
            options.reference(account),
            self_trade_group=group,
            self_trade_prevention=options.member(SelfTradePrevention, stp),
        )
    _report(changed, as_json)


def _report(account: Account, as_json: bool) -> None:
    from quantumcore.client.cli.output import print_json, text

    if as_json:
        print_json(account)
        return
    words = [f"account {account.account_id} {account.name}: {text(account.status)}"]
    words.append(f"self-trade prevention {_prevention(account)}")
    if account.self_trade_group:
        words.append(f"group {account.self_trade_group}")
    print(", ".join(words))


def _prevention(account: Account) -> str:
    """Name the mode; an account that was given none has NONE."""
    from quantumcore.client.enums import SelfTradePrevention

    return (account.self_trade_prevention or SelfTradePrevention.NONE).name
