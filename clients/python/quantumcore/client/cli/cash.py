"""`quantumcore account deposit` and `withdraw`: money into an account and out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.options import Address, Authorities, Json, NamedAccount, Token

if TYPE_CHECKING:
    from quantumcore.client.risk import CashMovement

Amount = Annotated[str, typer.Argument(help="How much: a positive decimal, as in 1000.50.")]
Currency = Annotated[str, typer.Option(help="Of which currency.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit trail, up to 128 bytes.")]
RequestId = Annotated[
    int,
    typer.Option(
        min=0,
        help="Number of the payment: the same again pays nothing. 0: a new one is drawn.",
    ),
]


def deposit(
    account: NamedAccount,
    amount: Amount,
    *,
    currency: Currency = "USD",
    reason: Reason = "",
    request_id: RequestId = 0,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Pay money into an account."""
    with options.connection(address, token, authorities) as client:
        moved = client.deposit(
            options.reference(account),
            amount,
            currency=currency,
            text=reason,
            request_id=request_id,
        )
    _report(moved, as_json)


def withdraw(
    account: NamedAccount,
    amount: Amount,
    *,
    currency: Currency = "USD",
    reason: Reason = "",
    request_id: RequestId = 0,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Pay money out of an account, no more than is available."""
    with options.connection(address, token, authorities) as client:
        moved = client.withdraw(
            options.reference(account),
            amount,
            currency=currency,
            text=reason,
            request_id=request_id,
        )
    _report(moved, as_json)


def _report(moved: CashMovement, as_json: bool) -> None:
    from quantumcore.client.cli.output import print_json, text

    if as_json:
        print_json(moved)
        return
    repeated = ", paid before" if moved.repeated_request else ""
    print(
        f"{moved.balance.currency}: cash {text(moved.balance.cash)}, "
        f"available {text(moved.balance.available)}, sequence {moved.sequence}{repeated}"
    )
