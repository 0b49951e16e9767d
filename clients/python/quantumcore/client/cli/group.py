"""`quantumcore group`: what groups of accounts may do together, and have."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.exit_codes import UsageError
from quantumcore.client.cli.options import Address, Authorities, Json, Token

app = typer.Typer(
    help="Bound groups of accounts over all their members, and see what they have.",
    no_args_is_help=True,
)

Number = Annotated[int, typer.Argument(min=1, help="The group, as `account create --group`.")]
Position = Annotated[
    str | None,
    typer.Option(help="Largest position in one instrument, either way, of all members."),
]
OpenValue = Annotated[
    int | None, typer.Option(min=1, help="Largest value of all working orders, minor units.")
]
WorkingOrders = Annotated[int | None, typer.Option(min=1, help="Orders that may work at once.")]
Margin = Annotated[
    int | None,
    typer.Option(min=1, help="Most of margin and reservations in a currency, minor units."),
]
Lifted = Annotated[bool, typer.Option("--none", help="Lift all limits.")]


@app.command()
def limits(
    group: Number,
    *,
    max_position_quantity: Position = None,
    max_open_order_value_minor_units: OpenValue = None,
    max_working_orders: WorkingOrders = None,
    max_margin_minor_units: Margin = None,
    none: Lifted = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Set all limits of a group: what is not named has none. Each member's own hold besides."""
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.risk_terms import GroupLimits

    given: dict[str, Any] = {
        "max_position_quantity": max_position_quantity,
        "max_open_order_value_minor_units": max_open_order_value_minor_units,
        "max_working_orders": max_working_orders,
        "max_margin_minor_units": max_margin_minor_units,
    }
    named = {name: value for name, value in given.items() if value is not None}
    if none == bool(named):
        raise UsageError("name at least one limit, or lift all with --none, see --help")
    with options.connection(address, token, authorities) as client:
        changed = client.set_group_limits(group, GroupLimits(**named))
    if as_json:
        print_json(changed)
    else:
        print(f"limits of group {group}: {_sentence(changed.limits)}, sequence {changed.sequence}")


@app.command()
def show(
    group: Number,
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Show members, limits, kill switch, and what members have together."""
    from quantumcore.client.cli.output import print_json, print_table

    with options.connection(address, token, authorities) as client:
        found = client.group(group)
        names = {one.account_id: one.name for one in client.accounts()}
    if as_json:
        print_json(found)
        return
    members = ", ".join(names[member] for member in found.account_ids) or "none"
    print(f"group {group}: {members}")
    print(f"kill switch {'on' if found.kill_switch else 'off'}, limits {_sentence(found.limits)}")
    print(f"working orders {found.working_orders}")
    print_table(
        found.usage,
        [
            ("CURRENCY", lambda one: one.currency),
            ("OPEN VALUE", lambda one: one.open_order_value_minor_units),
            ("MARGIN", lambda one: one.margin_minor_units),
        ],
    )


def _sentence(limits: Any) -> str:
    """Write the limits that are set, by the contract's names; `none` where no one is."""
    from quantumcore.client.cli.output import text

    values = ((name, getattr(limits, name)) for name in limits.__dataclass_fields__)
    return ", ".join(f"{name} {text(value)}" for name, value in values if value) or "none"
