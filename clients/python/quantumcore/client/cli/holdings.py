"""`quantumcore account show`, `positions` and `margin`: what an account has and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import account_limits, options
from quantumcore.client.cli.choices import MarginModelName
from quantumcore.client.cli.options import Address, Authorities, Json, NamedAccount, Token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quantumcore.client.client import Client
    from quantumcore.client.risk import AccountDetails, MarginComponent, MarginReport, Position
    from quantumcore.client.values import Account


def show(
    account: NamedAccount,
    *,
    instrument: Annotated[
        str | None, typer.Option(help="Its limits for this instrument too: symbol or id.")
    ] = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Show an account: its money in each currency that it has used, and its limits."""
    from quantumcore.client.cli.output import print_json

    with options.connection(address, token, authorities) as client:
        named = None if instrument is None else options.reference(instrument)
        found = client.account(options.reference(account), instrument=named)
    print_json(found) if as_json else _show(found, instrument)


def positions(
    account: NamedAccount,
    *,
    flat: Annotated[
        bool, typer.Option("--flat", help="Flat ones too, that were held once.")
    ] = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """List what an account holds: quantity, average cost, mark, profit and loss."""
    from quantumcore.client.cli.output import print_json

    with options.connection(address, token, authorities) as client:
        found = client.positions(options.reference(account), include_flat=flat)
        if as_json:
            print_json(list(found))
        else:
            _list_positions(client, found)


def margin(
    account: NamedAccount,
    *,
    model: Annotated[
        MarginModelName | None, typer.Option(help="By this model; default: the account's own.")
    ] = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Explain the margin of an account: which rule requires what, each with its sentence.

    Sentences count in minor units of the currency.
    """
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.enums import MarginModel

    with options.connection(address, token, authorities) as client:
        reports = client.margin(
            options.reference(account), model=options.member(MarginModel, model)
        )
        if as_json:
            print_json(reports)
            return
        for report in reports:
            _explain(client, report)


def prevention(account: Account) -> str:
    """Name the mode of self-trade prevention; an account that was given none has NONE."""
    from quantumcore.client.enums import SelfTradePrevention

    return (account.self_trade_prevention or SelfTradePrevention.NONE).name


def _show(found: AccountDetails, instrument: str | None) -> None:
    from quantumcore.client.cli.output import print_fields, print_table

    account = found.account
    print_fields(
        [
            ("account", account.account_id),
            ("name", account.name),
            ("status", account.status),
            ("kill switch", "on" if account.kill_switch else "off"),
            ("margin model", account.margin_model or None),
            ("self-trade prevention", prevention(account)),
            ("self-trade group", account.self_trade_group or None),
            ("limits", account_limits.sentence(found.limits)),
            *(
                [(f"limits of {instrument}", account_limits.sentence(own.limits))]
                if (own := found.instrument_limits)
                else []
            ),
            ("sequence", found.sequence),
        ]
    )
    if found.balances:
        print_table(
            found.balances,
            [
                ("CURRENCY", lambda one: one.currency),
                ("CASH", lambda one: one.cash),
                ("RESERVED", lambda one: one.reserved),
                ("MARGIN", lambda one: one.margin),
                ("AVAILABLE", lambda one: one.available),
                ("REALISED", lambda one: one.realised_profit),
                ("UNREALISED", lambda one: one.unrealised_profit),
                ("FEES", lambda one: one.fees),
            ],
        )


def _list_positions(client: Client, found: Iterable[Position]) -> None:
    from quantumcore.client.cli.output import print_table

    print_table(
        ((one, client.instrument(one.instrument_id)) for one in found),
        [
            ("INSTRUMENT", lambda row: row[1].symbol),
            ("NET", lambda row: row[0].net_quantity),
            ("AVERAGE COST", lambda row: row[1].average_cost(row[0])),
            ("MARK", lambda row: row[0].mark_price),
            ("REALISED", lambda row: row[0].realised_profit),
            ("UNREALISED", lambda row: row[0].unrealised_profit),
            ("FEES", lambda row: row[0].fees),
            ("WORKING BUY", lambda row: row[0].working_buy_quantity),
            ("WORKING SELL", lambda row: row[0].working_sell_quantity),
        ],
    )


def _explain(client: Client, report: MarginReport) -> None:
    from quantumcore.client.cli.output import duration, text

    words = [
        f"{report.currency}: {text(report.model)}, positions {text(report.position_margin)}",
        f"working orders {text(report.order_margin)}",
        f"available {text(report.available)}",
    ]
    if report.components:
        words.append(f"oldest price {duration(report.oldest_mark_age_ns)}")
        words.append("no pairing requires less" if report.pairing_is_optimal else "search bounded")
    print(", ".join(words))
    for part in report.components:
        print(_component_line(client, part))
        print(f"    {part.explanation}")


def _component_line(client: Client, part: MarginComponent) -> str:
    from quantumcore.client.cli.output import text

    held = ", ".join(
        f"{text(one.quantity)} {client.symbol(one.instrument_id)} @ {text(one.mark_price)}"
        for one in part.holdings
    )
    return (
        f"  {text(part.requirement)}  {text(part.rule)}  {held}  (separately {text(part.separate)})"
    )
