"""`quantumcore account`: list, create and change accounts, and all that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import account_limits, cash, holdings, options
from quantumcore.client.cli.choices import AccountStatusName, MarginModelName, SelfTradeName
from quantumcore.client.cli.exit_codes import UsageError
from quantumcore.client.cli.options import Address, Authorities, Json, NamedAccount, Token

if TYPE_CHECKING:
    from quantumcore.client.values import Account

app = typer.Typer(
    help="List, create and change accounts: money, positions, margin, limits.",
    no_args_is_help=True,
)
app.command("show")(holdings.show)
app.command("positions")(holdings.positions)
app.command("margin")(holdings.margin)
app.command("deposit")(cash.deposit)
app.command("withdraw")(cash.withdraw)
app.command("limits")(account_limits.set_limits)

Group = Annotated[
    int | None,
    typer.Option(
        "--group",
        min=0,
        help="Accounts of one group count as one owner, see `quantumcore group`; 0: none.",
    ),
]
SelfTrade = Annotated[
    SelfTradeName | None,
    typer.Option("--stp", help="Self-trade prevention of its orders that name none."),
]
Model = Annotated[
    MarginModelName | None,
    typer.Option(
        "--margin-model",
        help="How its funds are checked: none: a cash account, strategy, scenario: with margin; "
        "without a model they are not checked.",
    ),
]
Status = Annotated[
    AccountStatusName | None,
    typer.Option(help="Whether it may trade; closed is for ever, and needs that it is empty."),
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
                ("MARGIN MODEL", lambda one: one.margin_model or None),
                ("GROUP", lambda one: one.self_trade_group or None),
                ("SELF-TRADE PREVENTION", holdings.prevention),
                ("KILL SWITCH", lambda one: one.kill_switch),
            ],
        )


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Unique name: 1 to 64 printable characters.")],
    *,
    margin_model: Model = None,
    group: Group = None,
    stp: SelfTrade = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Create an account."""
    from quantumcore.client.enums import MarginModel, SelfTradePrevention

    with options.connection(address, token, authorities) as client:
        created = client.create_account(
            name=name,
            self_trade_group=group or 0,
            self_trade_prevention=options.member(SelfTradePrevention, stp),
            margin_model=options.member(MarginModel, margin_model),
        )
    _report(created, as_json)


@app.command()
def update(
    account: NamedAccount,
    *,
    status: Status = None,
    margin_model: Model = None,
    group: Group = None,
    stp: SelfTrade = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Change status, margin model or self-trade prevention of an account, from now on."""
    from quantumcore.client.enums import AccountStatus, MarginModel, SelfTradePrevention

    if all(change is None for change in (status, margin_model, group, stp)):
        raise UsageError("name at least one thing to change, see --help")
    with options.connection(address, token, authorities) as client:
        changed = client.update_account(
            options.reference(account),
            status=options.member(AccountStatus, status),
            self_trade_group=group,
            self_trade_prevention=options.member(SelfTradePrevention, stp),
            margin_model=options.member(MarginModel, margin_model),
        )
    _report(changed, as_json)


def _report(account: Account, as_json: bool) -> None:
    from quantumcore.client.cli.output import print_json, text

    if as_json:
        print_json(account)
        return
    words = [f"account {account.account_id} {account.name}: {text(account.status)}"]
    if account.margin_model:
        words.append(f"margin model {text(account.margin_model)}")
    words.append(f"self-trade prevention {holdings.prevention(account)}")
    if account.self_trade_group:
        words.append(f"group {account.self_trade_group}")
    print(", ".join(words))
