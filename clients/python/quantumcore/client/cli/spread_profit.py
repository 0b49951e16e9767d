"""`quantumcore order spread-profit`: what a multi-leg order has brought, leg by leg."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.exit_codes import UsageError
from quantumcore.client.cli.options import (
    ORDER_HELP,
    Address,
    Authorities,
    Json,
    OwnAccount,
    Token,
)

if TYPE_CHECKING:
    from quantumcore.client.client import Client
    from quantumcore.client.risk import StrategyProfit


def profit(
    order: Annotated[str, typer.Argument(help=ORDER_HELP)],
    *,
    account: OwnAccount = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Show profit and loss of one multi-leg order at the marks of now; fees are told apart."""
    from quantumcore.client.cli.output import print_json

    order_id, client_order_id = options.order_ids(order)
    if not order_id and account is None:
        raise UsageError("with your own id of it, name the --account")
    with options.connection(address, token, authorities) as client:
        if not order_id and account is not None:
            order_id = client.get_multi_leg_order(
                account=options.reference(account), client_order_id=client_order_id
            ).multi_leg_order_id
        found = client.strategy_profit(order_id)
        print_json(found) if as_json else _show(client, found)


def _show(client: Client, found: StrategyProfit) -> None:
    from quantumcore.client.cli.output import print_fields, print_table

    print_fields(
        [
            ("spread", found.multi_leg_order_id),
            ("net paid", found.net_paid),
            ("realised", found.realised_profit),
            ("unrealised", found.unrealised_profit),
            ("fees", found.fees),
        ]
    )
    print_table(
        found.legs,
        [
            ("LEG", lambda leg: leg.leg_number),
            ("INSTRUMENT", lambda leg: client.symbol(leg.instrument_id)),
            ("NET", lambda leg: leg.net_quantity),
            ("REALISED", lambda leg: leg.realised_profit),
            ("UNREALISED", lambda leg: leg.unrealised_profit),
            ("FEES", lambda leg: leg.fees),
        ],
    )
