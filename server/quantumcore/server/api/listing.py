"""Decide whether an instrument can be listed, and complete its definition."""

import re
from typing import Literal, get_args

from quantumcore.server.api.currencies import CURRENCIES
from quantumcore.server.api.errors import InvalidField
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.margin.rows import MAX_VALUE
from quantumcore.v1.instrument_pb2 import ExerciseStyle, Instrument, OptionRight
from quantumcore.v1.instrument_service_pb2 import (
    CreateInstrumentRequest,
    UpdateInstrumentRequest,
)
from quantumcore.v1.types_pb2 import InstrumentKind

Changeable = Literal[
    "min_price",
    "max_price",
    "max_quantity",
    "protection_band",
    "price_band",
    "auction_duration_ns",
    "description",
    "maker_fee_millionths",
    "taker_fee_millionths",
]
NANOS = 10**9
NOTIONAL_LIMIT = 2**62
PRICE_LIMIT = 2**61  # so that a price and a protection band add up within 62 bits
LOTS_LIMIT = 2**40  # of an order, so that no sum over orders, trades or positions can wrap
SYMBOL = re.compile(r"[A-Z0-9./_-]{1,32}")
PRODUCT = re.compile(r"[A-Z0-9./_-]{1,16}")
MAX_DESCRIPTION_BYTES = 128
MOST_FEE = 100_000  # a tenth
LONGEST_AUCTION_NS = 86_400 * NANOS
CHANGEABLE: tuple[Changeable, ...] = get_args(Changeable)
EXPIRING = (InstrumentKind.INSTRUMENT_KIND_OPTION, InstrumentKind.INSTRUMENT_KIND_FUTURE)


def definition_of(
    request: CreateInstrumentRequest, exchange: Exchange, *, time_ns: int
) -> Instrument:
    """Check a request to list an instrument; return its definition, without id and phase.

    Raises InvalidField with the field, the limit and the value.
    """
    _check_names(request)
    _check_numbers(request)
    _check_expiry(request, time_ns)
    _check_terms(request, exchange)
    multiplier = request.multiplier or NANOS
    tick_value = _tick_value(request, multiplier)
    _check_bounds(request, tick_value)
    instrument = Instrument(
        symbol=request.symbol,
        kind=request.kind,
        currency=request.currency,
        tick_size=request.tick_size,
        lot_size=request.lot_size,
        multiplier=multiplier,
        min_price=request.min_price,
        max_price=request.max_price,
        max_quantity=request.max_quantity,
        protection_band=request.protection_band,
        tick_value=tick_value,
        expiry_time_ns=request.expiry_time_ns,
        description=request.description,
        price_band=request.price_band,
        auction_duration_ns=request.auction_duration_ns,
        maker_fee_millionths=request.maker_fee_millionths,
        taker_fee_millionths=request.taker_fee_millionths,
    )
    match request.WhichOneof("terms"):
        case "option":
            instrument.option.CopyFrom(request.option)
        case "future":
            instrument.future.CopyFrom(request.future)
    return instrument


def changed_definition(request: UpdateInstrumentRequest, listed: Instrument) -> Instrument:
    """Check a request to change an instrument; return its definition from now on.

    Raises InvalidField with the field, the limit and the value.
    """
    changed = Instrument()
    changed.CopyFrom(listed)
    given = [field for field in CHANGEABLE if request.HasField(field)]
    if request.HasField("outright_margin_minor_units"):
        _change_outright(changed, request.outright_margin_minor_units)
    elif not given:
        raise InvalidField("", f"nothing to change: set one of {', '.join(CHANGEABLE)}")
    for field in given:
        setattr(changed, field, getattr(request, field))
    _check_bounds(changed, listed.tick_value)
    return changed


def _change_outright(changed: Instrument, outright: int) -> None:
    field = "outright_margin_minor_units"
    if not changed.HasField("future"):
        raise InvalidField(field, "goes with futures alone", value=outright)
    _check_outright(field, outright)
    changed.future.outright_margin_minor_units = outright


def _check_outright(field: str, outright: int) -> None:
    if not 0 <= outright <= MAX_VALUE:
        raise InvalidField(field, "lies outside 0 to 2^44", limit=MAX_VALUE, value=outright)


def _check_names(request: CreateInstrumentRequest) -> None:
    if not SYMBOL.fullmatch(request.symbol):
        length = len(request.symbol)
        problem = "needs 1 to 32 characters of A-Z, 0-9, '.', '-', '/', '_'"
        raise InvalidField("symbol", problem, limit=32, value=length)
    if request.kind not in InstrumentKind.values() or not request.kind:
        raise InvalidField("kind", "is required", value=request.kind)
    if request.currency not in CURRENCIES:
        raise InvalidField("currency", "is not known to the venue")


def _check_numbers(request: CreateInstrumentRequest) -> None:
    for field in ("tick_size", "lot_size"):
        _require_positive(field, getattr(request, field))
    if request.multiplier < 0:
        raise InvalidField("multiplier", "is negative", limit=0, value=request.multiplier)


def _check_bounds(terms: CreateInstrumentRequest | Instrument, tick_value: int) -> None:
    """Check what can be changed later, too."""
    for field in ("max_quantity", "protection_band"):
        _require_positive(field, getattr(terms, field))
    for field in ("price_band", "auction_duration_ns"):
        if (value := getattr(terms, field)) < 0:
            raise InvalidField(field, "is negative", limit=0, value=value)
    for field in ("min_price", "max_price", "protection_band", "price_band"):
        _require_multiple(field, getattr(terms, field), terms.tick_size, "ticks")
    _require_multiple("max_quantity", terms.max_quantity, terms.lot_size, "lots")
    _require_at_most("max_quantity", terms.max_quantity, LOTS_LIMIT * terms.lot_size)
    for field in ("min_price", "protection_band", "price_band"):
        _require_at_most(field, abs(getattr(terms, field)), PRICE_LIMIT)
    _require_at_most("auction_duration_ns", terms.auction_duration_ns, LONGEST_AUCTION_NS)
    if terms.max_price < terms.min_price:
        problem = "lies below min_price"
        raise InvalidField("max_price", problem, limit=terms.min_price, value=terms.max_price)
    for fee in ("maker_fee_millionths", "taker_fee_millionths"):
        if abs(getattr(terms, fee)) > MOST_FEE:
            problem = f"lies outside -{MOST_FEE} to {MOST_FEE}"
            raise InvalidField(fee, problem, limit=MOST_FEE, value=getattr(terms, fee))
    size = len(terms.description.encode())
    if size > MAX_DESCRIPTION_BYTES:
        limit = MAX_DESCRIPTION_BYTES
        raise InvalidField("description", f"is above {limit} bytes", limit=limit, value=size)
    _check_notional(terms, tick_value)


def _require_at_most(field: str, value: int, limit: int) -> None:
    if value > limit:
        raise InvalidField(field, "is too large", limit=limit, value=value)


def _require_positive(field: str, value: int) -> None:
    if value <= 0:
        raise InvalidField(field, "must be positive", limit=1, value=value)


def _require_multiple(field: str, value: int, step: int, unit: str) -> None:
    if value % step:
        raise InvalidField(field, f"is not a whole number of {unit}", limit=step, value=value)


def _check_expiry(request: CreateInstrumentRequest, time_ns: int) -> None:
    expiry = request.expiry_time_ns
    if expiry == 0 and request.kind in EXPIRING:
        raise InvalidField("expiry_time_ns", "is required on options and futures")
    if expiry != 0 and expiry <= time_ns:
        raise InvalidField("expiry_time_ns", "is not in the future", limit=time_ns, value=expiry)


def _check_terms(request: CreateInstrumentRequest, exchange: Exchange) -> None:
    terms = {
        InstrumentKind.INSTRUMENT_KIND_OPTION: "option",
        InstrumentKind.INSTRUMENT_KIND_FUTURE: "future",
    }
    wanted = terms.get(request.kind)
    given = request.WhichOneof("terms")
    if given != wanted:
        field = wanted or given or "terms"
        problem = "is required for this kind" if wanted else "does not go with this kind"
        raise InvalidField(field, problem)
    if given == "option":
        _check_option(request, exchange)
    elif given == "future":
        _check_future(request, exchange)


def _check_option(request: CreateInstrumentRequest, exchange: Exchange) -> None:
    option = request.option
    underlying = option.underlying_instrument_id
    _require_underlying("option.underlying_instrument_id", underlying, exchange, least=1)
    if option.right not in OptionRight.values() or not option.right:
        raise InvalidField("option.right", "is required", value=option.right)
    if option.exercise_style not in ExerciseStyle.values() or not option.exercise_style:
        raise InvalidField("option.exercise_style", "is required", value=option.exercise_style)
    _require_positive("option.strike_price", option.strike_price)
    listed = Instrument.FromString(exchange.definition(underlying))
    _require_multiple(
        "option.strike_price", option.strike_price, listed.tick_size, "ticks of the underlying"
    )
    if listed.currency != request.currency:
        raise InvalidField("currency", f"is not that of the underlying, {listed.currency}")
    underlying_tick_value(request.currency, listed.tick_size, request.lot_size, request.multiplier)


def _check_future(request: CreateInstrumentRequest, exchange: Exchange) -> None:
    underlying = request.future.underlying_instrument_id
    _require_underlying("future.underlying_instrument_id", underlying, exchange, least=0)
    if not PRODUCT.fullmatch(request.future.product):
        raise InvalidField(
            "future.product",
            "needs 1 to 16 characters of A-Z, 0-9, '.', '-', '/', '_'",
            limit=16,
            value=len(request.future.product),
        )
    _check_outright(
        "future.outright_margin_minor_units", request.future.outright_margin_minor_units
    )


def _require_underlying(field: str, instrument_id: int, exchange: Exchange, *, least: int) -> None:
    highest = exchange.instrument_count
    if not least <= instrument_id <= highest:
        raise InvalidField(field, "is not listed", limit=highest, value=instrument_id)


def _tick_value(request: CreateInstrumentRequest, multiplier: int) -> int:
    """Return the money per tick per lot in minor units; raise where it is not whole."""
    minor_units: int = 10 ** CURRENCIES[request.currency].minor_digits
    value, rest = divmod(request.tick_size * request.lot_size * multiplier * minor_units, NANOS**3)
    if rest or value == 0:
        raise InvalidField(
            "tick_size",
            "times lot_size times multiplier is no whole number of minor units of "
            f"{request.currency}",
        )
    return value


def underlying_tick_value(currency: str, tick: int, lot: int, multiplier: int) -> int:
    """Return what a tick of the underlying is worth to a lot of an option, minor units."""
    minor_units: int = 10 ** CURRENCIES[currency].minor_digits
    value, rest = divmod(tick * lot * (multiplier or NANOS) * minor_units, NANOS**3)
    if rest or value == 0:
        raise InvalidField(
            "multiplier",
            "times lot_size times the underlying's tick is no whole number of minor units of "
            f"{currency}",
        )
    return value


def _check_notional(terms: CreateInstrumentRequest | Instrument, tick_value: int) -> None:
    ticks = max(abs(terms.max_price), abs(terms.min_price)) // terms.tick_size
    notional = ticks * (terms.max_quantity // terms.lot_size) * tick_value
    if notional >= NOTIONAL_LIMIT:
        raise InvalidField(
            "max_quantity",
            "times the highest price times the tick value does not fit 62 bits of minor units",
            limit=NOTIONAL_LIMIT - 1,
            value=notional,
        )
