"""`quantumcore order`: enter, change, cancel and list orders."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.exit_codes import ExitCode, UsageError
from quantumcore.client.cli.options import AccountName, Address, Authorities, Json, Token

if TYPE_CHECKING:
    from quantumcore.client.client import Client
    from quantumcore.client.values import Acknowledgement, Order

CLIENT_PREFIX = "client:"

app = typer.Typer(help="Enter, change, cancel and list orders.", no_args_is_help=True)


class OrderName(TypedDict):
    """How a person names an order: by the venue's id or by their own."""

    order_id: int
    client_order_id: str


class TimeInForceName(StrEnum):
    """How long an order stays in force, as typed."""

    GTC = "gtc"
    DAY = "day"
    IOC = "ioc"
    FOK = "fok"


class SideName(StrEnum):
    """A side of the book, as typed."""

    BUY = "buy"
    SELL = "sell"


Symbol = Annotated[str, typer.Argument(help="Symbol or id of the instrument.")]
Quantity = Annotated[str, typer.Argument(help="How much: an exact decimal.")]
Price = Annotated[str | None, typer.Argument(help="Limit price; without one a market order.")]
TimeInForceOption = Annotated[
    TimeInForceName | None,
    typer.Option("--tif", help="How long it stays; default gtc, market orders ioc."),
]
ClientOrderId = Annotated[
    str | None, typer.Option("--client-order-id", help="Your id of it; default: a random one.")
]
PostOnly = Annotated[bool, typer.Option("--post-only", help="Reject it if it would trade at once.")]
ORDER_HELP = f"The order: venue id, or your id of it ({CLIENT_PREFIX}ID where that is a number)."
Named = Annotated[str, typer.Argument(help=ORDER_HELP)]


def _entering(side_name: str) -> Callable[..., None]:
    def enter(
        symbol: Symbol,
        quantity: Quantity,
        price: Price = None,
        *,
        account: AccountName,
        tif: TimeInForceOption = None,
        client_order_id: ClientOrderId = None,
        post_only: PostOnly = False,
        address: Address = None,
        token: Token = None,
        authorities: Authorities = None,
        as_json: Json = False,
    ) -> None:
        from quantumcore.client.commands import CreateOrder, new_client_order_id
        from quantumcore.client.enums import Side, TimeInForce

        order = CreateOrder(
            account=options.reference(account),
            instrument=options.reference(symbol),
            side=Side[side_name],
            quantity=quantity,
            price=price,
            time_in_force=None if tif is None else TimeInForce[tif.name],
            client_order_id=client_order_id or new_client_order_id(),
            post_only=post_only,
        )
        with options.connection(address, token, authorities) as client:
            _report(client.submit(order), as_json)

    return enter


app.command("buy", help="Enter an order to buy.")(_entering("BUY"))
app.command("sell", help="Enter an order to sell.")(_entering("SELL"))


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
            )
        _report(answer, as_json)


@app.command()
def replace(
    order: Named,
    *,
    account: AccountName,
    quantity: Annotated[
        str | None, typer.Option(help="New whole quantity, what has traded included.")
    ] = None,
    price: Annotated[str | None, typer.Option(help="New limit price.")] = None,
    new_client_order_id: Annotated[
        str | None, typer.Option(help="Your id of it from now on.")
    ] = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Change price or quantity of a working order."""
    with options.connection(address, token, authorities) as client:
        answer = client.replace_order(
            account=options.reference(account),
            quantity=quantity,
            price=price,
            new_client_order_id=new_client_order_id or "",
            **_named(order),
        )
        _report(answer, as_json)


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
                ("PRICE", lambda one: one.price),
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
    account: Annotated[
        str | None,
        typer.Option(
            "--account", "-a", envvar="QC_CLIENT_ACCOUNT", help="Account; needed with your own id."
        ),
    ] = None,
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
    if order.isdigit():
        return OrderName(order_id=int(order), client_order_id="")
    return OrderName(order_id=0, client_order_id=order.removeprefix(CLIENT_PREFIX))


def _report(answer: Acknowledgement, as_json: bool) -> None:
    from quantumcore.client.cli.output import print_json, text

    if as_json:
        print_json(answer)
        if answer.reject is not None:
            raise typer.Exit(ExitCode.REJECTED)
        return
    answer.raise_for_reject()
    if not answer.order_id:
        print(f"{answer.affected_orders} orders cancelled, sequence {answer.sequence}")
        return
    repeated = ", answered before" if answer.repeated_request else ""
    print(
        f"order {answer.order_id} {answer.client_order_id}: {text(answer.status)}, "
        f"traded {text(answer.cumulative_quantity)}, working {text(answer.leaves_quantity)}, "
        f"sequence {answer.sequence}{repeated}"
    )


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
            ("accepted", clock_time(order.created_time_ns)),
            ("last change", clock_time(order.updated_time_ns)),
            ("sequence", order.sequence),
        ]
    )
