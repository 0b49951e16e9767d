"""`quantumcore order spread` and its kin: enter, change, cancel and list multi-leg orders."""

from __future__ import annotations

from typing import Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.answers import report_check
from quantumcore.client.cli.choices import SelfTradeName, SpreadTimeName, UnwindPolicyName
from quantumcore.client.cli.exit_codes import UsageError
from quantumcore.client.cli.options import (
    ORDER_HELP,
    AccountName,
    Address,
    Authorities,
    Json,
    NewClientOrderId,
    OnlyCheck,
    OwnAccount,
    Token,
)
from quantumcore.client.cli.spread_terms import (
    BAND_FORM,
    DEVIATION_FORM,
    LEG_FORM,
    LEG_PRICE_FORM,
    SPREAD_FORM,
    constraints_of,
    leg_of,
    leg_prices_of,
    sequential_of,
)
from quantumcore.client.cli.times import MOMENT_HELP, moment_ns

Named = Annotated[str, typer.Argument(help=ORDER_HELP)]
Legs = Annotated[
    list[str],
    typer.Option(
        "--leg",
        help=f"A leg, 2 to 4 of them, numbered from 1 in this order: {LEG_FORM}. RATIO is its "
        "quantity in one unit, whole lots; PRICE its own worst price, whole ticks.",
    ),
]
Units = Annotated[int, typer.Option(help="How many units to trade.")]
Net = Annotated[
    str | None,
    typer.Option(
        help="Worst net price of one unit, bought legs minus sold legs: positive is paid, "
        "negative received. Without one only the legs' own prices count."
    ),
]
MinUnits = Annotated[
    int, typer.Option(help="Fewest units that may trade at once; 0: all of them or none.")
]
TimeOption = Annotated[
    SpreadTimeName | None,
    typer.Option(
        "--tif", help="How long it stays; ioc and fok never wait. Default: gtd with --expires, "
        "else gtc."
    ),
]  # fmt: skip
Expires = Annotated[str | None, typer.Option(help=f"When it expires (gtd): {MOMENT_HELP}.")]
Bands = Annotated[
    list[str] | None,
    typer.Option(
        "--ratio-band",
        help=f"Price of leg A divided by that of leg B stays within: {BAND_FORM}. Repeatable.",
    ),
]
Deviations = Annotated[
    list[str] | None,
    typer.Option(
        "--max-deviation",
        help="Price of leg A is no further from that of leg B than a share of it, in basis "
        f"points (1/10000): {DEVIATION_FORM}. Repeatable.",
    ),
]
Spreads = Annotated[
    list[str] | None,
    typer.Option(
        "--max-spread",
        help=f"Prices of legs A and B are no further apart: {SPREAD_FORM}. Repeatable.",
    ),
]
SelfTrade = Annotated[
    SelfTradeName | None,
    typer.Option(
        "--stp",
        help="Self-trade prevention; default: the account's. none passes your own orders over, "
        "cancel-oldest cancels those on the way, the others stop at the first.",
    ),
]
Sequential = Annotated[
    UnwindPolicyName | None,
    typer.Option(
        help="Work the legs one after the other, and do this with what has traded where others "
        "cannot: reverse it, hold it and go on, or complete the legs at market. Needs "
        "--leg-deadline-ms."
    ),
]
Deadline = Annotated[
    int | None,
    typer.Option(
        help="With --sequential: how long the legs may take from the first fill, 1 to 86400000 ms."
    ),
]
Slippage = Annotated[
    int | None,
    typer.Option(
        help="With --sequential unwind: how much worse than its fill a leg may be reversed, in "
        "basis points (1/10000), 0 to 10000.",
        show_default="0",
    ),
]
ClientOrderId = Annotated[
    str | None, typer.Option("--client-order-id", help="Your id of it; default: a random one.")
]


def enter(
    *,
    leg: Legs,
    units: Units = 1,
    net: Net = None,
    account: AccountName,
    tif: TimeOption = None,
    expires: Expires = None,
    min_units: MinUnits = 0,
    ratio_band: Bands = None,
    max_deviation: Deviations = None,
    max_spread: Spreads = None,
    stp: SelfTrade = None,
    sequential: Sequential = None,
    leg_deadline_ms: Deadline = None,
    max_slippage_bp: Slippage = None,
    client_order_id: ClientOrderId = None,
    check: OnlyCheck = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Enter a multi-leg order: all legs of a unit trade in one step, or none.

    With --sequential its legs are worked one after the other instead.
    """
    from quantumcore.client import enums
    from quantumcore.client.cli.spread_output import report
    from quantumcore.client.commands import new_client_order_id
    from quantumcore.client.multi_leg_commands import CreateMultiLegOrder

    order = CreateMultiLegOrder(
        account=options.reference(account),
        legs=[leg_of(text) for text in leg],
        units=units,
        net_price=net,
        min_units=min_units,
        price_constraints=constraints_of(ratio_band or (), max_deviation or (), max_spread or ()),
        time_in_force=options.member(enums.TimeInForce, tif),
        client_order_id=client_order_id or new_client_order_id(),
        expire_time_ns=0 if expires is None else moment_ns(expires, name="expires"),
        self_trade_prevention=options.member(enums.SelfTradePrevention, stp),
        **sequential_of(sequential, leg_deadline_ms, max_slippage_bp),
    )
    with options.connection(address, token, authorities) as client:
        if check:
            report_check(client, order, as_json)
        else:
            report(client, client.submit_multi_leg(order), as_json)


def replace(
    order: Named,
    *,
    account: AccountName,
    units: Annotated[
        int | None, typer.Option(help="New number of units, what has traded included.")
    ] = None,
    net: Annotated[str | None, typer.Option(help="New worst net price of one unit.")] = None,
    leg_price: Annotated[
        list[str] | None,
        typer.Option(
            "--leg-price", help=f"New worst price of a leg: {LEG_PRICE_FORM}. Repeatable."
        ),
    ] = None,
    new_client_order_id: NewClientOrderId = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Change units or prices of a working multi-leg order, all legs in one step."""
    from quantumcore.client.cli.spread_output import report

    order_id, client_order_id = options.order_ids(order)
    leg_prices = leg_prices_of(leg_price or ())
    with options.connection(address, token, authorities) as client:
        answer = client.replace_multi_leg_order(
            account=options.reference(account),
            multi_leg_order_id=order_id,
            client_order_id=client_order_id,
            new_client_order_id=new_client_order_id or "",
            units=units,
            net_price=net,
            leg_prices=leg_prices,
        )
        report(client, answer, as_json)


def cancel(
    order: Named,
    *,
    account: AccountName,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Cancel what still works of a multi-leg order, all legs in one step."""
    from quantumcore.client.cli.spread_output import report

    order_id, client_order_id = options.order_ids(order)
    with options.connection(address, token, authorities) as client:
        answer = client.cancel_multi_leg_order(
            account=options.reference(account),
            multi_leg_order_id=order_id,
            client_order_id=client_order_id,
        )
        report(client, answer, as_json)


def list_spreads(
    *,
    account: AccountName,
    instrument: Annotated[
        str | None, typer.Option("--instrument", help="With a leg in this instrument only.")
    ] = None,
    working: Annotated[bool, typer.Option("--working", help="Only those that still work.")] = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """List the multi-leg orders of an account, oldest first."""
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.cli.spread_output import show_list

    with options.connection(address, token, authorities) as client:
        found = client.multi_leg_orders(
            account=options.reference(account),
            instrument=None if instrument is None else options.reference(instrument),
            working_only=working,
        )
        if as_json:
            print_json(list(found))
        else:
            show_list(client, found)


def show(
    order: Named,
    *,
    account: OwnAccount = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Show one multi-leg order with its legs."""
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.cli.spread_output import show_one

    order_id, client_order_id = options.order_ids(order)
    if not order_id and account is None:
        raise UsageError("with your own id of it, name the --account")
    with options.connection(address, token, authorities) as client:
        found = client.get_multi_leg_order(
            multi_leg_order_id=order_id,
            account=None if account is None else options.reference(account),
            client_order_id=client_order_id,
        )
        if as_json:
            print_json(found)
        else:
            show_one(client, found)
