"""`quantumcore instrument create` and `update`: list things, and change their bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.choices import KindName, RightName, StyleName
from quantumcore.client.cli.exit_codes import UsageError
from quantumcore.client.cli.options import Address, Authorities, Json, Token
from quantumcore.client.cli.times import DURATION_HELP, MOMENT_HELP, duration_ns, moment_ns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quantumcore.client.client import Client
    from quantumcore.client.operations import (
        FutureSpecification,
        InstrumentBounds,
        InstrumentChanges,
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
BroadIndex = Annotated[
    bool,
    typer.Option("--broad-index", help="Options: on a broad index; short ones need less margin."),
]
OutrightMargin = Annotated[
    str | None, typer.Option(help="Futures: margin of one lot held alone, money of the currency.")
]
MakerFee = Annotated[
    int | None,
    typer.Option(help="Fee of what rested, millionths of the traded value; negative: a rebate."),
]
TakerFee = Annotated[
    int | None, typer.Option(help="Fee of what came to trade, and of both sides in an auction.")
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
    broad_index: BroadIndex = False,
    product: Product = None,
    outright_margin: OutrightMargin = None,
    maker_fee: MakerFee = None,
    taker_fee: TakerFee = None,
    description: Description = "",
    is_open: IsOpen = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Create an instrument, closed unless --open is given; the lowest price is one tick."""
    from quantumcore.client.enums import InstrumentKind

    bounds = _bounds(
        {"min_price": min_price or tick, "max_price": max_price, "max_quantity": max_quantity},
        {"protection_band": protection_band, "price_band": price_band, "description": description},
        {"maker_fee_millionths": maker_fee, "taker_fee_millionths": taker_fee},
        auction_duration=auction_duration,
    )
    option = option_terms(kind, underlying, right, style, strike, broad_index)
    future = future_terms(kind, underlying, product, outright_margin)
    with options.connection(address, token, authorities) as client:
        if future is not None and outright_margin is not None:
            future["outright_margin_minor_units"] = _minor_units(client, outright_margin, currency)
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
            created = _open(client, created)
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
    maker_fee: MakerFee = None,
    taker_fee: TakerFee = None,
    outright_margin: OutrightMargin = None,
    description: Description = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Change what orders are checked against from now on; resting orders stay."""
    bounds = _bounds(
        {"min_price": min_price, "max_price": max_price, "max_quantity": max_quantity},
        {"protection_band": protection_band, "price_band": price_band, "description": description},
        {"maker_fee_millionths": maker_fee, "taker_fee_millionths": taker_fee},
        auction_duration=auction_duration,
    )
    changes = cast("InstrumentChanges", bounds)
    if not bounds and outright_margin is None:
        raise UsageError("name at least one thing to change, see --help")
    with options.connection(address, token, authorities) as client:
        instrument = options.reference(symbol)
        if outright_margin is not None:
            currency = client.instrument(instrument).currency
            changes["outright_margin_minor_units"] = _minor_units(client, outright_margin, currency)
        _report(client.update_instrument(instrument, **changes), as_json)


def option_terms(
    kind: KindName,
    underlying: str | None,
    right: RightName | None,
    style: StyleName,
    strike: str | None,
    is_on_broad_index: bool,
) -> OptionSpecification | None:
    """Collect the terms of an option; None for other kinds. Raises UsageError."""
    from quantumcore.client.enums import ExerciseStyle, OptionRight

    if kind is not KindName.OPTION:
        broad_index = True if is_on_broad_index else None
        _refuse(kind, {"right": right, "strike": strike, "broad-index": broad_index})
        return None
    if underlying is None or right is None or strike is None:
        raise UsageError("an option needs --underlying, --right and --strike, and --expires")
    return {
        "underlying": options.reference(underlying),
        "right": OptionRight[right.name],
        "exercise_style": ExerciseStyle[style.name],
        "strike_price": strike,
        "broad_index": is_on_broad_index,
    }


def future_terms(
    kind: KindName, underlying: str | None, product: str | None, outright_margin: str | None
) -> FutureSpecification | None:
    """Collect the terms of a future but its margin; None for other kinds. Raises UsageError."""
    if kind is not KindName.FUTURE:
        _refuse(kind, {"product": product, "outright-margin": outright_margin})
        if kind is not KindName.OPTION:
            _refuse(kind, {"underlying": underlying})
        return None
    if product is None:
        raise UsageError("a future needs --product and --expires")
    return {
        "underlying": None if underlying is None else options.reference(underlying),
        "product": product,
    }


def _refuse(kind: KindName, given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if value is not None:
            raise UsageError(f"--{name} does not go with --kind {kind}")


def _bounds(
    *given: Mapping[str, str | int | None], auction_duration: str | None
) -> InstrumentBounds:
    """Collect what is named of the bounds of an instrument."""
    named = {name: value for names in given for name, value in names.items() if value is not None}
    if auction_duration is not None:
        named["auction_duration_ns"] = duration_ns(auction_duration, name="auction-duration")
    return cast("InstrumentBounds", named)


def _minor_units(client: Client, amount: str, currency: str) -> int:
    from quantumcore.client.fixed import to_fixed

    return to_fixed(amount, scale=client.minor_digits(currency), name="outright-margin")


def _open(client: Client, instrument: Instrument) -> Instrument:
    from quantumcore.client.enums import TradingPhase

    client.set_trading_phase(instrument.instrument_id, TradingPhase.CONTINUOUS)
    return client.instrument(instrument.instrument_id)


def _report(instrument: Instrument, as_json: bool) -> None:
    from quantumcore.client.cli.output import print_json, text

    if as_json:
        print_json(instrument)
    else:
        print(
            f"instrument {instrument.instrument_id} {instrument.symbol}: {text(instrument.phase)}"
        )
