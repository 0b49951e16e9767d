"""`quantumcore order buy` and `order sell`: enter an order of any type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.answers import report, report_check
from quantumcore.client.cli.choices import (
    OrderTypeName,
    PegName,
    SelfTradeName,
    TimeInForceName,
    TriggerName,
)
from quantumcore.client.cli.options import (
    AccountName,
    Address,
    Authorities,
    Json,
    OnlyCheck,
    Token,
)
from quantumcore.client.cli.times import MOMENT_HELP, moment_ns

Symbol = Annotated[str, typer.Argument(help="Symbol or id of the instrument.")]
Quantity = Annotated[
    str, typer.Argument(help="Whole quantity, an exact decimal: a whole number of lots.")
]
Price = Annotated[
    str | None,
    typer.Argument(
        help="Limit price, an exact decimal: a whole number of ticks. On a pegged order the "
        "worst price it may take. Without one: a market or stop order."
    ),
]
TypeOption = Annotated[
    OrderTypeName | None,
    typer.Option("--type", help="Order type; default: told by the other options."),
]
TimeInForceOption = Annotated[
    TimeInForceName | None,
    typer.Option(
        "--tif", help="How long it stays; default: gtd with --expires, market orders ioc, else gtc."
    ),
]
Expires = Annotated[str | None, typer.Option(help=f"When it expires (gtd): {MOMENT_HELP}.")]
StopPrice = Annotated[
    str | None, typer.Option(help="Trigger price of a stop or stop-limit: whole ticks.")
]
Trigger = Annotated[
    TriggerName | None,
    typer.Option(help="Which price sets off the stop; default: last-trade."),
]
Display = Annotated[
    str | None,
    typer.Option(help="Quantity an iceberg shows at a time: whole lots, below the quantity."),
]
Peg = Annotated[PegName | None, typer.Option(help="What a pegged order follows.")]
Offset = Annotated[
    str | None,
    typer.Option(help="Distance of a peg: whole ticks, positive towards the other side."),
]
PostOnly = Annotated[bool, typer.Option("--post-only", help="Refuse it if it would trade at once.")]
ReduceOnly = Annotated[
    bool, typer.Option("--reduce-only", help="Never open, increase or turn a position.")
]
MinQuantity = Annotated[
    str | None, typer.Option(help="Trade at least this at once, or cancel: whole lots.")
]
SelfTrade = Annotated[
    SelfTradeName | None,
    typer.Option("--stp", help="Self-trade prevention; default: the account's."),
]
ClientOrderId = Annotated[
    str | None, typer.Option("--client-order-id", help="Your id of it; default: a random one.")
]


def entering(side_name: str) -> Callable[..., None]:
    """Make the command that enters orders of one side."""

    def enter(
        symbol: Symbol,
        quantity: Quantity,
        price: Price = None,
        *,
        account: AccountName,
        order_type: TypeOption = None,
        tif: TimeInForceOption = None,
        expires: Expires = None,
        stop_price: StopPrice = None,
        trigger: Trigger = None,
        display: Display = None,
        peg: Peg = None,
        offset: Offset = None,
        post_only: PostOnly = False,
        reduce_only: ReduceOnly = False,
        min_quantity: MinQuantity = None,
        stp: SelfTrade = None,
        client_order_id: ClientOrderId = None,
        check: OnlyCheck = False,
        address: Address = None,
        token: Token = None,
        authorities: Authorities = None,
        as_json: Json = False,
    ) -> None:
        from quantumcore.client import enums
        from quantumcore.client.commands import CreateOrder, new_client_order_id

        order = CreateOrder(
            account=options.reference(account),
            instrument=options.reference(symbol),
            side=enums.Side[side_name],
            quantity=quantity,
            price=price,
            order_type=options.member(enums.OrderType, order_type),
            time_in_force=options.member(enums.TimeInForce, tif),
            client_order_id=client_order_id or new_client_order_id(),
            stop_price=stop_price,
            stop_trigger=options.member(enums.StopTrigger, trigger),
            display_quantity=display,
            peg_reference=options.member(enums.PegReference, peg),
            peg_offset=offset,
            post_only=post_only,
            reduce_only=reduce_only,
            min_quantity=min_quantity,
            expire_time_ns=0 if expires is None else moment_ns(expires, name="expires"),
            self_trade_prevention=options.member(enums.SelfTradePrevention, stp),
        )
        with options.connection(address, token, authorities) as client:
            if check:
                report_check(client, order, as_json)
            else:
                report(client.submit(order), as_json)

    return enter
