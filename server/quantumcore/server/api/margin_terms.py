"""State what margins and fees need to know of an instrument, as the core takes it."""

from quantumcore.server.api.listing import underlying_tick_value
from quantumcore.server.core import tables
from quantumcore.server.core.admin_commands import Terms
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1.instrument_pb2 import Instrument, OptionRight


def terms_of(definition: Instrument, exchange: Exchange, product: int) -> Terms:
    """Return the terms of a definition that was checked; `product` is its number, of futures."""
    terms = Terms(
        kind=definition.kind,
        maker_fee=definition.maker_fee_millionths,
        taker_fee=definition.taker_fee_millionths,
    )
    match definition.WhichOneof("terms"):
        case "option":
            return _option(definition, exchange, terms)
        case "future":
            future = definition.future
            return terms._replace(
                underlying_id=future.underlying_instrument_id,
                outright=future.outright_margin_minor_units,
                product=product,
            )
    return terms


def _option(definition: Instrument, exchange: Exchange, terms: Terms) -> Terms:
    option = definition.option
    tick = Instrument.FromString(exchange.definition(option.underlying_instrument_id)).tick_size
    traits = tables.INSTRUMENT_IS_PUT if option.right == OptionRight.OPTION_RIGHT_PUT else 0
    if option.broad_index:
        traits |= tables.INSTRUMENT_IS_BROAD_INDEX
    return terms._replace(
        underlying_id=option.underlying_instrument_id,
        strike_ticks=option.strike_price // tick,
        weight=underlying_tick_value(
            definition.currency, tick, definition.lot_size, definition.multiplier
        ),
        traits=traits,
    )
