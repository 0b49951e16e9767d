"""`quantumcore instrument create` and `update`: list things, and change their bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.choices import KindName, RightName, StyleName
from quantumcore.client.cli.exit_codes import UsageError
from quantumcore.client.cli.options import Address, Authorities, Json, Token
from quantumcore.client.cli.times import DURATION_HELP, MOMENT_HELP, duration_ns, moment_ns

if TYPE_CHECKING:
    from quantumcore.client.operations import (
        FutureSpecification,
        InstrumentBounds,
        OptionSpecification,
    )
    from quantumcore.client.values import Instrument

NewSymbol = Annotated[str, typer.Argument(help="Symbol: A-Z, 0-9, '.', '-', '/', '_'.")]
Kind = Annotated[KindName, typer.Option(help="What kind of thing it is.")]
Currency = Annotated[str, typer.Option(help="Currency that it settles in.")]
Tick = Annotated[str, typer.Option(help="Smallest price step.")]
Lot = Annotated[str, typer.Option(help="Smallest quantity step.")]
Multiplier = Annotated[
    str, typer.Option(help="Units of the underlying per contract: 100 for most equity options.")
]
MinPrice = Annotated[str | None, typer.Option(help="Lowest price of an order: whole ticks.")]
MaxPrice = Annotated[str | None, typer.Option(help="Highest price of an order: whole ticks.")]
MaxQuantity = Annotated[str | None, typer.Option(help="Largest quantity of one order: whole lots.")]
ProtectionBand = Annotated[
    str | None,
    typer.Option(help="How far a market order sweeps from the best opposite price: whole ticks."),
]
PriceBand = Annotated[
    str | None,
    typer.Option(
        help="A trade further than this from the last one interrupts trading: whole ticks; 0: none."
    ),
]
AuctionDuration = Annotated[
    str | None,
    typer.Option(
        help=f"Length of a volatility auction: {DURATION_HELP}; 0s: until an operator ends it."
    ),
]
Expires = Annotated[
    str | None, typer.Option(help=f"Options, futures: last trading moment: {MOMENT_HELP}.")
]
Underlying = Annotated[
    str | None, typer.Option(help="Options, futures: symbol or id of the instrument that it is on.")
]
Right = Annotated[RightName | None, typer.Option(help="Options: put or call.")]
Style = Annotated[StyleName, typer.Option(help="Options: when it can be exercised.")]
Strike = Annotated[str | None, typer.Option(help="Options: strike price.")]
Product = Annotated[
    str | None, typer.Option(help="Futures: product whose expiries offset one another.")
]
Description = Annotated[str | None, typer.Option(help="A readable name, up to 128 bytes.")]
IsOpen = Annotated[bool, typer.Option("--open", help="Begin continuous trading at once.")]


def create(
    symbol: NewSymbol,
    *,
    kind: Kind = KindName.EQUITY,
    currency: Currency = "USD",
    tick: Tick = "0.01",
    lot: Lot = "1",
    multiplier: Multiplier = "1",
    min_price: MinPrice = None,
    max_price: MaxPrice = "100000",
    max_quantity: MaxQuantity = "1000000",
    protection_band: ProtectionBand = "10",
    price_band: PriceBand = "0",
    auction_duration: AuctionDuration = "0s",
    expires: Expires = None,
    underlying: Underlying = None,
    right: Right = None,
    style: Style = StyleName.AMERICAN,
    strike: Strike = None,
    product: Product = None,
    description: Description = "",
    is_open: IsOpen = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Create an instrument, closed unless --open is given; the lowest price is one tick."""
    from quantumcore.client.enums import InstrumentKind, TradingPhase

    bounds = _bounds(
        min_price or tick,
        max_price,
        max_quantity,
        protection_band,
        price_band,
        auction_duration,
        description,
    )
    option = option_terms(kind, underlying=underlying, right=right, style=style, strike=strike)
    future = future_terms(kind, underlying=underlying, product=product)
    with options.connection(address, token, authorities) as client:
        created = client.create_instrument(
            symbol=symbol,
            kind=InstrumentKind[kind.name],
            currency=currency,
            tick_size=tick,
            lot_size=lot,
            multiplier=multiplier,
            expiry_time_ns=0 if expires is None else moment_ns(expires, name="expires"),
            option=option,
            future=future,
            **bounds,
        )
        if is_open:
            client.set_trading_phase(created.instrument_id, TradingPhase.CONTINUOUS)
            created = client.instrument(created.instrument_id)
    _report(created, as_json)


def update(
    symbol: Annotated[str, typer.Argument(help="Symbol or id of the instrument.")],
    *,
    min_price: MinPrice = None,
    max_price: MaxPrice = None,
    max_quantity: MaxQuantity = None,
    protection_band: ProtectionBand = None,
    price_band: PriceBand = None,
    auction_duration: AuctionDuration = None,
    description: Description = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Change what orders are checked against from now on; resting orders stay."""
    bounds = _bounds(
        min_price,
        max_price,
        max_quantity,
        protection_band,
        price_band,
        auction_duration,
        description,
    )
    if not bounds:
        raise UsageError("name at least one thing to change, see --help")
    with options.connection(address, token, authorities) as client:
        _report(client.update_instrument(options.reference(symbol), **bounds), as_json)


def option_terms(
    kind: KindName,
    *,
    underlying: str | None,
    right: RightName | None,
    style: StyleName,
    strike: str | None,
) -> OptionSpecification | None:
    """Collect the terms of an option; None for other kinds. Raises UsageError."""
    from quantumcore.client.enums import ExerciseStyle, OptionRight

    if kind is not KindName.OPTION:
        _refuse(kind, right=right, strike=strike)
        return None
    if underlying is None or right is None or strike is None:
        raise UsageError("an option needs --underlying, --right and --strike, and --expires")
    return {
        "underlying": options.reference(underlying),
        "right": OptionRight[right.name],
        "exercise_style": ExerciseStyle[style.name],
        "strike_price": strike,
    }


def future_terms(
    kind: KindName, *, underlying: str | None, product: str | None
) -> FutureSpecification | None:
    """Collect the terms of a future; None for other kinds. Raises UsageError."""
    if kind is not KindName.FUTURE:
        _refuse(kind, product=product)
        if kind is not KindName.OPTION:
            _refuse(kind, underlying=underlying)
        return None
    if product is None:
        raise UsageError("a future needs --product and --expires")
    return {
        "underlying": None if underlying is None else options.reference(underlying),
        "product": product,
    }


def _refuse(kind: KindName, **given: object) -> None:
    for name, value in given.items():
        if value is not None:
            raise UsageError(f"--{name} does not go with --kind {kind}")


def _bounds(
    min_price: str | None,
    max_price: str | None,
    max_quantity: str | None,
    protection_band: str | None,
    price_band: str | None,
    auction_duration: str | None,
    description: str | None,
) -> InstrumentBounds:
    bounds: InstrumentBounds = {}
    if min_price is not None:
        bounds["min_price"] = min_price
    if max_price is not None:
        bounds["max_price"] = max_price
    if max_quantity is not None:
        bounds["max_quantity"] = max_quantity
    if protection_band is not None:
        bounds["protection_band"] = protection_band
    if price_band is not None:
        bounds["price_band"] = price_band
    if auction_duration is not None:
        bounds["auction_duration_ns"] = duration_ns(auction_duration, name="auction-duration")
    if description is not None:
        bounds["description"] = description
    return bounds


def _report(instrument: Instrument, as_json: bool) -> None:
    from quantumcore.client.cli.output import print_json, text

    if as_json:
        print_json(instrument)
    else:
        print(
            f"instrument {instrument.instrument_id} {instrument.symbol}: {text(instrument.phase)}"
        )
