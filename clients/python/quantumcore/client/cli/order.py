"""`quantumcore order`: enter, change, cancel and list orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from quantumcore.client.cli import options, spread, spread_profit
from quantumcore.client.cli.answers import report
from quantumcore.client.cli.choices import SideName
from quantumcore.client.cli.exit_codes import UsageError
from quantumcore.client.cli.options import (
    ORDER_HELP,
    AccountName,
    Address,
    Authorities,
    Json,
    NewClientOrderId,
    OwnAccount,
    Token,
)
from quantumcore.client.cli.order_entry import entering

if TYPE_CHECKING:
    from quantumcore.client.client import Client
    from quantumcore.client.values import Order

app = typer.Typer(help="Enter, change, cancel and list orders.", no_args_is_help=True)


class OrderName(TypedDict):
    """How a person names an order: by the venue's id or by their own."""

    order_id: int
    client_order_id: str


Named = Annotated[str, typer.Argument(help=ORDER_HELP)]


app.command("buy", help="Enter an order to buy, of any type.")(entering("BUY"))
app.command("sell", help="Enter an order to sell, of any type.")(entering("SELL"))
app.command("spread")(spread.enter)
app.command("spread-replace")(spread.replace)
app.command("spread-cancel")(spread.cancel)
app.command("spreads")(spread.list_spreads)
app.command("spread-show")(spread.show)
app.command("spread-profit")(spread_profit.profit)


@app.command()
def cancel(
    order: Annotated[str | None, typer.Argument(help=ORDER_HELP)] = None,
    *,
    account: AccountName,
    all_orders: Annotated[
        bool, typer.Option("--all", help="Cancel all working orders instead of one.")
    ] = False,
    instrument: Annotated[
        str | None, typer.Option("--instrument", help="With --all: of this instrument only.")
    ] = None,
    side: Annotated[
        SideName | None, typer.Option("--side", help="With --all: of this side only.")
    ] = None,
    session: Annotated[
        int, typer.Option("--session", min=0, help="With --all: what this session entered only.")
    ] = 0,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Cancel one order, or all of an account."""
    from quantumcore.client.enums import Side

    if (order is None) == (not all_orders):
        raise UsageError("name one order, or say --all")
    with options.connection(address, token, authorities) as client:
        owner = options.reference(account)
        if order is not None:
            answer = client.cancel_order(account=owner, **_named(order))
        else:
            answer = client.cancel_orders(
                account=owner,
                instrument=None if instrument is None else options.reference(instrument),
                side=None if side is None else Side[side.name],
                session_id=session,
            )
        report(answer, as_json)


@app.command()
def replace(
    order: Named,
    *,
    account: AccountName,
    quantity: Annotated[
        str | None, typer.Option(help="New whole quantity, what has traded included: whole lots.")
    ] = None,
    price: Annotated[str | None, typer.Option(help="New limit price: whole ticks.")] = None,
    stop_price: Annotated[
        str | None, typer.Option(help="New trigger price of a stop that waits: whole ticks.")
    ] = None,
    new_client_order_id: NewClientOrderId = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Change price, quantity or stop price of a working order."""
    with options.connection(address, token, authorities) as client:
        answer = client.replace_order(
            account=options.reference(account),
            quantity=quantity,
            price=price,
            stop_price=stop_price,
            new_client_order_id=new_client_order_id or "",
            **_named(order),
        )
        report(answer, as_json)


@app.command("list")
def list_orders(
    *,
    account: AccountName,
    instrument: Annotated[
        str | None, typer.Option("--instrument", help="Of this instrument only.")
    ] = None,
    working: Annotated[bool, typer.Option("--working", help="Only those that still work.")] = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """List the orders of an account, oldest first."""
    from quantumcore.client.cli.output import print_json, print_table

    with options.connection(address, token, authorities) as client:
        found = client.orders(
            account=options.reference(account),
            instrument=None if instrument is None else options.reference(instrument),
            working_only=working,
        )
        if as_json:
            print_json(list(found))
            return
        print_table(
            found,
            [
                ("ORDER", lambda one: one.order_id),
                ("CLIENT ID", lambda one: one.client_order_id),
                ("INSTRUMENT", lambda one: client.symbol(one.instrument_id)),
                ("SIDE", lambda one: one.side),
                ("TYPE", lambda one: one.order_type),
                ("PRICE", lambda one: one.price),
                ("STOP", lambda one: one.stop_price),
                ("QUANTITY", lambda one: one.quantity),
                ("TRADED", lambda one: one.cumulative_quantity),
                ("WORKING", lambda one: one.leaves_quantity),
                ("TIF", lambda one: one.time_in_force),
                ("STATUS", lambda one: one.status),
            ],
        )


@app.command()
def show(
    order: Named,
    *,
    account: OwnAccount = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Show one order."""
    from quantumcore.client.cli.output import print_json

    with options.connection(address, token, authorities) as client:
        owner = None if account is None else options.reference(account)
        found = client.get_order(account=owner, **_named(order))
        if as_json:
            print_json(found)
        else:
            _show(client, found)


def _named(order: str) -> OrderName:
    order_id, client_order_id = options.order_ids(order)
    return OrderName(order_id=order_id, client_order_id=client_order_id)


def _show(client: Client, order: Order) -> None:
    from quantumcore.client.cli.output import clock_time, print_fields

    instrument = client.instrument(order.instrument_id)
    print_fields(
        [
            ("order", order.order_id),
            ("client order id", order.client_order_id),
            ("account", order.account_id),
            ("instrument", instrument.symbol),
            ("side", order.side),
            ("type", order.order_type),
            ("time in force", order.time_in_force),
            ("status", order.status),
            ("price", order.price),
            ("quantity", order.quantity),
            ("traded", order.cumulative_quantity),
            ("average price", instrument.average_price(order)),
            ("working", order.leaves_quantity),
            ("shown", order.shown_quantity),
            *((name, value) for name, value in _terms(order) if value),
            ("accepted", clock_time(order.created_time_ns)),
            ("last change", clock_time(order.updated_time_ns)),
            ("sequence", order.sequence),
        ]
    )


def _terms(order: Order) -> list[tuple[str, object]]:
    """List the terms that few orders have."""
    from quantumcore.client.cli.output import clock_time
    from quantumcore.client.enums import SelfTradePrevention

    prevented = order.self_trade_prevention is not SelfTradePrevention.NONE
    return [
        ("stop price", order.stop_price),
        ("stop trigger", order.stop_trigger),
        ("display quantity", order.display_quantity),
        ("follows", order.peg_reference),
        ("offset", order.peg_offset),
        ("post-only", order.post_only),
        ("reduce-only", order.reduce_only),
        ("minimum quantity", order.min_quantity),
        ("expires", clock_time(order.expire_time_ns) if order.expire_time_ns else None),
        ("self-trade prevention", order.self_trade_prevention if prevented else None),
        ("ended because", order.cancel_reason),
    ]
