"""Write commands of administration: instruments, accounts, trades, quotes, time.

Each function appends one record to the exchange's turn, applies it, and returns the
index of its row in `exchange.results`. `begin_turn` comes first.
"""

from typing import NamedTuple

from quantumcore.server.core import enums, kinds, risk_records
from quantumcore.server.core.command_record import apply_command, given, padded
from quantumcore.server.core.exchange_cy import Exchange

CONFIGURATION = (
    "order_capacity",
    "live_order_capacity",
    "level_capacity",
    "request_capacity",
    "account_capacity",
    "instrument_capacity",
    "hash_key",
    "trade_capacity",
    "position_capacity",
)


class Terms(NamedTuple):
    """What margins and fees need to know of an instrument, as tables.INSTRUMENT_KIND ..

    `strike_ticks` are ticks of the underlying and `weight` is what one of them is worth to one
    lot, in minor units; `outright` is the margin of one lot of a future, `product` the number that
    expiries of one product share; fees are millionths of the value.
    """

    kind: int = enums.INSTRUMENT_KIND_EQUITY
    underlying_id: int = 0
    strike_ticks: int = 0
    weight: int = 0
    outright: int = 0
    product: int = 0
    traits: int = 0
    maker_fee: int = 0
    taker_fee: int = 0


class Limits(NamedTuple):
    """Limits as tables.LIMIT_ORDER_QUANTITY ..; 0: none. Quantities 1e-9, values minor units."""

    order_quantity: int = 0
    order_value: int = 0
    position_quantity: int = 0
    open_order_value: int = 0
    collar_basis_points: int = 0
    working_orders: int = 0
    command_rate_hz: int = 0
    reference_age_ms: int = 0
    stale_policy: int = 0
    haircut_basis_points: int = 0


def create_instrument(
    exchange: Exchange,
    *,
    tick_size: int,
    lot_size: int,
    min_price: int,
    max_price: int,
    max_quantity: int,
    protection_band: int,
    tick_value: int,
    expiry_time_ns: int = 0,
    phase: int = enums.TRADING_PHASE_CONTINUOUS,
    price_band: int = 0,
    auction_duration_ns: int = 0,
    currency: int = 0,
    terms: Terms | None = None,
    definition: bytes = b"",
    instrument_id: int = 0,
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """List an instrument whose numbers the door has checked; RESULT_AFFECTED is its id.

    With an `instrument_id`, change that one's bounds and definition instead.
    """
    words = [
        tick_size,
        lot_size,
        min_price,
        max_price,
        max_quantity,
        protection_band,
        tick_value,
        expiry_time_ns,
        phase,
        price_band,
        auction_duration_ns,
        currency,
        *(terms or Terms()),
        len(definition),
    ]
    kind = kinds.UPDATE_INSTRUMENT if instrument_id else kinds.CREATE_INSTRUMENT
    text = padded(definition)
    return apply_command(exchange, kind, request_id, 0, instrument_id, actor, words, text)


def set_trading_phase(
    exchange: Exchange,
    *,
    instrument_id: int,
    phase: int,
    text: bytes = b"",
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Change what may happen in an instrument's book."""
    words = [phase, len(text)]
    return apply_command(
        exchange,
        kinds.SET_TRADING_PHASE,
        request_id,
        0,
        instrument_id,
        actor,
        words,
        padded(text),
    )


def advance_time(exchange: Exchange) -> int:
    """Let the time of the turn take effect: expiries, auction ends, activations left over."""
    return apply_command(exchange, kinds.ADVANCE_TIME, 0, 0, 0, 0, [], b"")


def set_reference(
    exchange: Exchange,
    *,
    instrument_id: int,
    bid: int | None = None,
    ask: int | None = None,
    last: int | None = None,
    actor: int = 0,
) -> int:
    """Tell a quote from outside, in 1e-9; it replaces the one before."""
    has = sum(bit for bit, price in ((1, bid), (2, ask), (4, last)) if price is not None)
    words = [has, bid or 0, ask or 0, last or 0]
    return apply_command(exchange, kinds.SET_REFERENCE, 0, 0, instrument_id, actor, words, b"")


def bust_trade(
    exchange: Exchange, *, trade_id: int, text: bytes = b"", request_id: int = 0, actor: int = 0
) -> int:
    """Undo a trade."""
    words = [trade_id, 0, 0, 0, len(text)]
    return apply_command(exchange, kinds.BUST_TRADE, request_id, 0, 0, actor, words, padded(text))


def correct_trade(
    exchange: Exchange,
    *,
    trade_id: int,
    price: int | None = None,
    quantity: int | None = None,
    text: bytes = b"",
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Change the price, or lower the quantity, of a trade."""
    flags = given(price, quantity=quantity)
    words = [trade_id, flags, price or 0, quantity or 0, len(text)]
    return apply_command(
        exchange, kinds.CORRECT_TRADE, request_id, 0, 0, actor, words, padded(text)
    )


def set_kill_switch(
    exchange: Exchange,
    *,
    enabled: bool,
    account_id: int = 0,
    group: int = 0,
    text: bytes = b"",
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Turn the kill switch of an account or of a group; with neither, of the venue."""
    words = [int(enabled) | group << risk_records.KILL_GROUP, len(text)]
    return apply_command(
        exchange, kinds.SET_KILL_SWITCH, request_id, account_id, 0, actor, words, padded(text)
    )


def open_session(exchange: Exchange, *, actor: int = 0) -> int:
    """Number one more session; RESULT_AFFECTED is its number."""
    return apply_command(exchange, kinds.OPEN_SESSION, 0, 0, 0, actor, [], b"")


def record_act(
    exchange: Exchange, *, event_type: int, payload: bytes, request_id: int = 0, actor: int = 0
) -> int:
    """Write down an act of administration outside the core: an event type and its payload."""
    words = [event_type, len(payload)]
    text = padded(payload)
    return apply_command(exchange, kinds.RECORD_ACT, request_id, 0, 0, actor, words, text)


def configure(exchange: Exchange) -> int:
    """Write down how the exchange was built: the first command of a journal."""
    return apply_command(exchange, kinds.CONFIGURE, 0, 0, 0, 0, exchange.configuration, b"")


def configuration_of(payload: memoryview) -> dict[str, int] | None:
    """Return what to build the exchange with, where a journal's first turn says it."""
    words = payload.cast("B").cast("q")
    if len(words) == 0 or words[0] & 0xFFFF != kinds.CONFIGURE:
        return None
    values = words[kinds.CONFIGURE_ORDERS : kinds.CONFIGURE_WORDS].tolist()
    return named_configuration(values)


def named_configuration(values: list[int]) -> dict[str, int]:
    """Return what an exchange is built with by name, from the words of CONFIGURE."""
    return dict(zip(CONFIGURATION, values, strict=True))


def create_account(
    exchange: Exchange,
    *,
    self_trade_group: int = 0,
    self_trade_prevention: int = 0,
    margin_model: int = 0,
    status: int = 0,
    definition: bytes = b"",
    account_id: int = 0,
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Open an account; RESULT_AFFECTED is its id. With an `account_id`, change that one instead."""
    words = [self_trade_group, self_trade_prevention, margin_model, status, len(definition)]
    kind = kinds.UPDATE_ACCOUNT if account_id else kinds.CREATE_ACCOUNT
    return apply_command(
        exchange, kind, request_id, account_id, 0, actor, words, padded(definition)
    )


def move_cash(
    exchange: Exchange,
    *,
    account_id: int,
    currency: int = 0,
    amount: int,
    text: bytes = b"",
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Pay into an account, or with a negative amount out of it, minor units."""
    words = [currency, amount, len(text)]
    return apply_command(
        exchange, kinds.MOVE_CASH, request_id, account_id, 0, actor, words, padded(text)
    )


def set_limits(
    exchange: Exchange,
    *,
    account_id: int,
    instrument_id: int = 0,
    limits: Limits,
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Replace the limits of an account, or with an instrument those that it has for that one."""
    return apply_command(
        exchange, kinds.SET_LIMITS, request_id, account_id, instrument_id, actor, [*limits], b""
    )
