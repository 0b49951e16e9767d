"""`quantumcore margin`: what hedges save of margin, and how far prices are scanned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.choices import ScenarioSetName
from quantumcore.client.cli.options import Address, Authorities, Json, Token

if TYPE_CHECKING:
    from quantumcore.client.risk_terms import ScanRange, SpreadCredit

app = typer.Typer(
    help="Say what hedges save of margin, and how far prices are scanned.", no_args_is_help=True
)

Priority = Annotated[
    int, typer.Argument(min=1, max=256, help="Which spread forms first: 1 before 2.")
]
One = Annotated[str, typer.Argument(help="Symbol or id; a future: all expiries of its product.")]
Share = Annotated[
    int,
    typer.Option(
        "--saves", min=0, max=10_000, help="Basis points (1/10,000) of the margin; 0 ends it."
    ),
]
Lots = Annotated[
    str, typer.Option("--lots", help="Lots of the one and of the other in a spread: A:B.")
]
PriceRange = Annotated[
    int,
    typer.Option(min=0, max=30_000, help="How far prices move, basis points; 0: what is usual."),
]
Volatility = Annotated[
    int,
    typer.Option("--volatility-ppm", min=0, max=10_000_000, help="Of a year, parts per million."),
]
VolatilityRange = Annotated[
    int | None,
    typer.Option("--volatility-range-ppm", min=0, max=10_000_000, help="How far it moves."),
]
Minimum = Annotated[
    int, typer.Option("--short-option-minimum", min=0, help="Least of a lot, minor units.")
]
Charge = Annotated[
    int, typer.Option("--calendar-charge", min=0, help="Of a lot against another expiry.")
]
Scenarios = Annotated[ScenarioSetName | None, typer.Option(help="Which scenarios.")]


@app.command()
def credit(
    priority: Priority,
    instrument_a: One,
    instrument_b: One,
    *,
    saves: Share,
    lots: Lots = "1:1",
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Set what two instruments save of margin against one another, long against short."""
    from quantumcore.client.cli.output import print_json

    lots_a, lots_b = _pair(lots)
    with options.connection(address, token, authorities) as client:
        changed = client.set_spread_credit(
            priority,
            options.reference(instrument_a),
            options.reference(instrument_b),
            credit_basis_points=saves,
            lots_a=lots_a,
            lots_b=lots_b,
        )
    if as_json:
        print_json(changed)
    elif saves == 0:
        print(f"credit {priority} has ended, sequence {changed.sequence}")
    else:
        print(
            f"credit {priority}: {lots} lots of {instrument_a} and {instrument_b} save "
            f"{saves} basis points, sequence {changed.sequence}"
        )


@app.command("credits")
def list_credits(
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """List what hedges save, in the order in which spreads form."""
    from quantumcore.client.cli.output import print_json, print_table

    with options.connection(address, token, authorities) as client:
        found = list(client.spread_credits())
        names = {one: client.instrument(one).symbol for one in _instruments(found)}
    if as_json:
        print_json(found)
        return
    print_table(
        found,
        [
            ("PRIORITY", lambda one: one.priority),
            ("A", lambda one: names[one.instrument_a_id]),
            ("B", lambda one: names[one.instrument_b_id]),
            ("LOTS", lambda one: f"{one.lots_a}:{one.lots_b}"),
            ("BASIS POINTS", lambda one: one.credit_basis_points),
        ],
    )


@app.command()
def scan(
    instrument: One,
    *,
    price_range: PriceRange = 0,
    volatility: Volatility = 0,
    volatility_range: VolatilityRange = None,
    short_option_minimum: Minimum = 0,
    calendar_charge: Charge = 0,
    scenarios: Scenarios = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Set how far an instrument is scanned with the options on it: what is not named is usual."""
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.risk_enums import ScenarioSet

    with options.connection(address, token, authorities) as client:
        changed = client.set_scan_range(
            options.reference(instrument),
            price_range_basis_points=price_range,
            volatility_ppm=volatility,
            volatility_range_ppm=volatility_range,
            short_option_minimum_minor_units=short_option_minimum,
            calendar_charge_minor_units=calendar_charge,
            scenarios=options.member(ScenarioSet, scenarios) or ScenarioSet.UNSPECIFIED,
        )
    if as_json:
        print_json(changed)
    else:
        print(f"scan of {instrument}: {_scan(changed.scan_range)}, sequence {changed.sequence}")


@app.command("scans")
def list_scans(
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """List what was said of scans."""
    from quantumcore.client.cli.output import print_json, print_table

    with options.connection(address, token, authorities) as client:
        found = list(client.scan_ranges())
        names = {one.instrument_id: client.instrument(one.instrument_id).symbol for one in found}
    if as_json:
        print_json(found)
        return
    print_table(
        found,
        [
            ("OF", lambda one: names[one.instrument_id]),
            ("PRICE RANGE", lambda one: one.price_range_basis_points or "usual"),
            ("VOLATILITY PPM", lambda one: one.volatility_ppm),
            ("RANGE PPM", lambda one: one.volatility_range_ppm),
            ("SHORT OPTION", lambda one: one.short_option_minimum_minor_units),
            ("CALENDAR", lambda one: one.calendar_charge_minor_units),
            ("SCENARIOS", lambda one: one.scenarios),
        ],
    )


def _instruments(found: list[SpreadCredit]) -> set[int]:
    return {number for one in found for number in (one.instrument_a_id, one.instrument_b_id)}


def _scan(found: ScanRange) -> str:
    prices = found.price_range_basis_points
    how_far = f"prices by {prices} basis points" if prices else "prices as far as is usual"
    return (
        f"{how_far}, volatility {found.volatility_ppm} by {found.volatility_range_ppm} parts per "
        f"million, {found.scenarios.name}"
    )


def _pair(text: str) -> tuple[int, int]:
    parts = text.split(":")
    if len(parts) != 2 or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise ValueError(f"lots: {text!r} is not of the form A:B, such as 2:1")
    return int(parts[0]), int(parts[1])
