"""Write command records the plain way: for tests, administration and slow paths.

Each function appends one record to the exchange's turn, applies it, and returns the
index of its row in `exchange.results`. `begin_turn` comes first.
"""

from quantumcore.server.core import kinds
from quantumcore.server.core.exchange_cy import Exchange


def create_order(
    exchange: Exchange,
    *,
    account_id: int,
    instrument_id: int,
    client_order_id: str,
    side: int,
    quantity: int,
    price: int | None = None,
    order_type: int = kinds.ORDER_TYPE_LIMIT,
    time_in_force: int = kinds.TIME_IN_FORCE_GTC,
    post_only: bool = False,
    request_id: int = 0,
    actor: int = 0,
    door_reason: int = 0,
) -> int:
    """Enter an order; price and quantity in 1e-9."""
    flags = (kinds.FLAG_HAS_PRICE if price is not None else 0) | (
        kinds.FLAG_POST_ONLY if post_only else 0
    )
    terms = (
        side << kinds.TERM_SIDE
        | order_type << kinds.TERM_ORDER_TYPE
        | time_in_force << kinds.TERM_TIME_IN_FORCE
        | flags << kinds.TERM_FLAGS
    )
    text, stated = _id_text(client_order_id)
    words = [terms, quantity, price or 0, 0, 0, 0, 0, 0, stated]
    return _apply(
        exchange,
        kinds.CREATE_ORDER,
        request_id,
        account_id,
        instrument_id,
        actor,
        words,
        text,
        door_reason,
    )


def replace_order(
    exchange: Exchange,
    *,
    account_id: int,
    order_id: int = 0,
    client_order_id: str = "",
    new_client_order_id: str = "",
    quantity: int | None = None,
    price: int | None = None,
    request_id: int = 0,
    actor: int = 0,
    door_reason: int = 0,
) -> int:
    """Change an order named by venue id, or by client order id where that is 0."""
    flags = (kinds.FLAG_HAS_PRICE if price is not None else 0) | (
        kinds.FLAG_HAS_QUANTITY if quantity is not None else 0
    )
    old, old_stated = _id_text(client_order_id)
    new, new_stated = _id_text(new_client_order_id)
    words = [order_id, flags, quantity or 0, price or 0, old_stated | new_stated << 32]
    return _apply(
        exchange,
        kinds.REPLACE_ORDER,
        request_id,
        account_id,
        0,
        actor,
        words,
        old + new,
        door_reason,
    )


def cancel_order(
    exchange: Exchange,
    *,
    account_id: int,
    order_id: int = 0,
    client_order_id: str = "",
    request_id: int = 0,
    actor: int = 0,
    door_reason: int = 0,
) -> int:
    """Cancel an order named by venue id, or by client order id where that is 0."""
    text, stated = _id_text(client_order_id)
    return _apply(
        exchange,
        kinds.CANCEL_ORDER,
        request_id,
        account_id,
        0,
        actor,
        [order_id, stated],
        text,
        door_reason,
    )


def cancel_orders(
    exchange: Exchange,
    *,
    account_id: int,
    instrument_id: int = 0,
    side: int = 0,
    session: int = 0,
    request_id: int = 0,
    actor: int = 0,
    door_reason: int = 0,
) -> int:
    """Cancel all working orders of an account that match; 0 matches all."""
    words = [side, session]
    return _apply(
        exchange,
        kinds.CANCEL_ORDERS,
        request_id,
        account_id,
        instrument_id,
        actor,
        words,
        b"",
        door_reason,
    )


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
    phase: int = kinds.TRADING_PHASE_CONTINUOUS,
    definition: bytes = b"",
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """List an instrument whose numbers the door has checked; RESULT_AFFECTED is its id."""
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
        len(definition),
    ]
    return _apply(
        exchange, kinds.CREATE_INSTRUMENT, request_id, 0, 0, actor, words, _padded(definition)
    )


def set_trading_phase(
    exchange: Exchange, *, instrument_id: int, phase: int, request_id: int = 0, actor: int = 0
) -> int:
    """Change what may happen in an instrument's book."""
    return _apply(
        exchange, kinds.SET_TRADING_PHASE, request_id, 0, instrument_id, actor, [phase], b""
    )


def configure(exchange: Exchange) -> int:
    """Write down how the exchange was built: the first command of a journal."""
    return _apply(exchange, kinds.CONFIGURE, 0, 0, 0, 0, exchange.configuration, b"")


def configuration_of(payload: memoryview) -> dict[str, int] | None:
    """Return what to build the exchange with, where a journal's first turn says it."""
    words = payload.cast("B").cast("q")
    if len(words) == 0 or words[0] & 0xFFFF != kinds.CONFIGURE:
        return None
    names = (
        "order_capacity",
        "live_order_capacity",
        "level_capacity",
        "request_capacity",
        "account_capacity",
        "instrument_capacity",
        "hash_key",
    )
    values = words[kinds.CONFIGURE_ORDERS : kinds.CONFIGURE_WORDS].tolist()
    return dict(zip(names, values, strict=True))


def create_account(
    exchange: Exchange, *, definition: bytes = b"", request_id: int = 0, actor: int = 0
) -> int:
    """Open an account; RESULT_AFFECTED is its id."""
    return _apply(
        exchange,
        kinds.CREATE_ACCOUNT,
        request_id,
        0,
        0,
        actor,
        [len(definition)],
        _padded(definition),
    )


def _apply(
    exchange: Exchange,
    kind: int,
    request_id: int,
    account_id: int,
    instrument_id: int,
    actor: int,
    words: list[int],
    text: bytes,
    door_reason: int = 0,
) -> int:
    start = exchange.turn.end
    length = 4 + len(words) + len(text) // 8
    exchange.turn.append(
        kind | length << 16 | door_reason << 32,
        _signed(request_id),
        _signed(account_id | instrument_id << 32),
        actor,
        *words,
    )
    exchange.turn.put_text(text)
    exchange.apply(start)
    return exchange.results.end // kinds.RESULT_WORDS - 1


def _id_text(text: str) -> tuple[bytes, int]:
    """Return the padded bytes and the stated length of a client order id."""
    if not all(" " <= character <= "~" for character in text):
        return b"", kinds.NOT_PRINTABLE
    data = text.encode("ascii")
    return _padded(data[: kinds.CLIENT_ORDER_ID_BYTES]), min(len(data), kinds.NOT_PRINTABLE - 1)


def _padded(data: bytes) -> bytes:
    return data.ljust((len(data) + 7) // 8 * 8, b"\0")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
