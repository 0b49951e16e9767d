"""`quantumcore account limits`: bound what an account may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.choices import StalePolicyName
from quantumcore.client.cli.exit_codes import UsageError
from quantumcore.client.cli.options import Address, Authorities, Json, NamedAccount, Token
from quantumcore.client.cli.times import DURATION_HELP, duration_ns

if TYPE_CHECKING:
    from quantumcore.client.risk import LimitsChange, RiskLimits

NS_PER_MS = 1_000_000

Instrument = Annotated[str | None, typer.Option(help="For this instrument alone: symbol or id.")]
OrderQuantity = Annotated[str | None, typer.Option(help="Largest quantity of one order.")]
OrderValue = Annotated[
    int | None, typer.Option(min=1, help="Largest value of one order, minor units: cents of USD.")
]
PositionQuantity = Annotated[
    str | None,
    typer.Option(help="Largest position, either way, that working orders could lead to."),
]
OpenValue = Annotated[
    int | None, typer.Option(min=1, help="Largest value of all working orders, minor units.")
]
Collar = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="How far beyond the reference price a limit price may lie, basis points (1/10,000).",
    ),
]
WorkingOrders = Annotated[int | None, typer.Option(min=1, help="Orders that may work at once.")]
CommandRate = Annotated[int | None, typer.Option(min=1, help="Order commands a second.")]
ReferenceAge = Annotated[
    str | None, typer.Option(help=f"Oldest reference price: {DURATION_HELP}; else 100ms.")
]
Stale = Annotated[
    StalePolicyName | None, typer.Option(help="What becomes of orders where it is older.")
]
Haircut = Annotated[
    int | None, typer.Option(min=1, help="By how much an older one is moved, basis points.")
]
Lifted = Annotated[bool, typer.Option("--none", help="Lift all limits.")]


def set_limits(
    account: NamedAccount,
    *,
    instrument: Instrument = None,
    max_order_quantity: OrderQuantity = None,
    max_order_value_minor_units: OrderValue = None,
    max_position_quantity: PositionQuantity = None,
    max_open_order_value_minor_units: OpenValue = None,
    price_collar: Collar = None,
    max_working_orders: WorkingOrders = None,
    max_command_rate: CommandRate = None,
    max_reference_age: ReferenceAge = None,
    stale_reference: Stale = None,
    stale_haircut: Haircut = None,
    none: Lifted = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Set all limits of an account, or of it for one instrument: what is not named has none."""
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.risk_enums import StaleReferencePolicy

    limits = _limits(
        max_order_quantity=max_order_quantity,
        max_order_value_minor_units=max_order_value_minor_units,
        max_position_quantity=max_position_quantity,
        max_open_order_value_minor_units=max_open_order_value_minor_units,
        price_collar_basis_points=price_collar,
        max_working_orders=max_working_orders,
        max_command_rate_hz=max_command_rate,
        max_reference_age_ms=None if max_reference_age is None else whole_ms(max_reference_age),
        stale_reference_policy=options.member(StaleReferencePolicy, stale_reference),
        stale_haircut_basis_points=stale_haircut,
        none=none,
    )
    with options.connection(address, token, authorities) as client:
        changed = client.set_limits(
            options.reference(account),
            limits,
            instrument=None if instrument is None else options.reference(instrument),
        )
    print_json(changed) if as_json else _report(changed, instrument)


def whole_ms(text: str) -> int:
    """Read a duration in whole milliseconds. Raises ValueError."""
    milliseconds, rest = divmod(duration_ns(text, name="max-reference-age"), NS_PER_MS)
    if rest:
        raise ValueError(f"max-reference-age: {text!r} is finer than a millisecond")
    return milliseconds


def _limits(*, none: bool, **given: Any) -> RiskLimits:
    from quantumcore.client.risk import RiskLimits

    named = {name: value for name, value in given.items() if value is not None}
    if none == bool(named):
        raise UsageError("name at least one limit, or lift all with --none, see --help")
    return RiskLimits(**named)


def _report(changed: LimitsChange, instrument: str | None) -> None:
    limits, of = changed.limits, "over all instruments"
    if changed.instrument_limits is not None:
        limits, of = changed.instrument_limits.limits, f"of {instrument}"
    print(f"limits {of}: {sentence(limits)}, sequence {changed.sequence}")


def sentence(limits: RiskLimits) -> str:
    """Write the limits that are set, by the contract's names; `none` where no one is."""
    from quantumcore.client.cli.output import text

    values = ((name, getattr(limits, name)) for name in limits.__dataclass_fields__)
    return ", ".join(f"{name} {text(value)}" for name, value in values if value) or "none"
