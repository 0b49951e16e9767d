"""Write command records the plain way: for tests, administration and slow paths.

Each function appends one record to the exchange's turn, applies it, and returns the
index of its row in `exchange.results`. `begin_turn` comes first.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from quantumcore.server.core import kinds
from quantumcore.server.core.exchange_cy import Exchange


class Leg(NamedTuple):
    """A leg of a multi-leg order; ratio and price in 1e-9."""

    instrument_id: int
    side: int
    ratio: int
    price: int | None = None

    def words(self) -> tuple[int, ...]:
        """Return the words of a command that say it."""
        has_price = kinds.FLAG_HAS_PRICE if self.price is not None else 0
        terms = self.instrument_id | self.side << 32 | has_price << 40
        return terms, self.ratio, self.price or 0


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
    stop_price: int | None = None,
    stop_trigger: int = 0,
    display_quantity: int = 0,
    peg_reference: int = 0,
    peg_offset: int = 0,
    post_only: bool = False,
    reduce_only: bool = False,
    min_quantity: int = 0,
    expire_time_ns: int = 0,
    self_trade_prevention: int = 0,
    request_id: int = 0,
    actor: int = 0,
    door_reason: int = 0,
) -> int:
    """Enter an order; price and quantity in 1e-9."""
    flags = (
        (kinds.FLAG_HAS_PRICE if price is not None else 0)
        | (kinds.FLAG_HAS_STOP_PRICE if stop_price is not None else 0)
        | (kinds.FLAG_POST_ONLY if post_only else 0)
        | (kinds.FLAG_REDUCE_ONLY if reduce_only else 0)
    )
    terms = (
        side << kinds.TERM_SIDE
        | order_type << kinds.TERM_ORDER_TYPE
        | time_in_force << kinds.TERM_TIME_IN_FORCE
        | stop_trigger << kinds.TERM_STOP_TRIGGER
        | peg_reference << kinds.TERM_PEG_REFERENCE
        | self_trade_prevention << kinds.TERM_SELF_TRADE_PREVENTION
        | flags << kinds.TERM_FLAGS
    )
    text, stated = _id_text(client_order_id)
    words = [
        terms,
        quantity,
        price or 0,
        stop_price or 0,
        display_quantity,
        peg_offset,
        min_quantity,
        expire_time_ns,
        stated,
    ]
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
    stop_price: int | None = None,
    request_id: int = 0,
    actor: int = 0,
    door_reason: int = 0,
) -> int:
    """Change an order named by venue id, or by client order id where that is 0."""
    flags = (
        (kinds.FLAG_HAS_PRICE if price is not None else 0)
        | (kinds.FLAG_HAS_STOP_PRICE if stop_price is not None else 0)
        | (kinds.FLAG_HAS_QUANTITY if quantity is not None else 0)
    )
    old, old_stated = _id_text(client_order_id)
    new, new_stated = _id_text(new_client_order_id)
    words = [
        order_id,
        flags,
        quantity or 0,
        price or 0,
        stop_price or 0,
        old_stated | new_stated << 32,
    ]
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


def create_package(
    exchange: Exchange,
    *,
    account_id: int,
    client_order_id: str,
    legs: Sequence[Leg],
    units: int,
    min_units: int = 0,
    net_price: int | None = None,
    constraints: Sequence[tuple[int, int, int, int, int]] = (),
    mode: int = kinds.EXECUTION_MODE_SIMULTANEOUS,
    time_in_force: int = kinds.TIME_IN_FORCE_GTC,
    expire_time_ns: int = 0,
    sequential: tuple[int, int, int] | None = None,
    self_trade_prevention: int = 0,
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Enter a multi-leg order.

    A constraint is kind (CONSTRAINT_*), leg, leg, and two bounds; sequential terms are unwind
    policy, deadline in ms and slippage in basis points.
    """
    policy, deadline_ms, slippage = sequential or (0, 0, 0)
    flags = (kinds.FLAG_HAS_PRICE if net_price is not None else 0) | (
        kinds.FLAG_SEQUENTIAL if sequential else 0
    )
    counts = (len(legs) & 0xFF) << kinds.PACKAGE_TERM_LEGS
    counts |= min(len(constraints), 0xFF) << kinds.PACKAGE_TERM_CONSTRAINTS
    terms = (
        mode << kinds.PACKAGE_TERM_MODE
        | time_in_force << kinds.PACKAGE_TERM_TIME_IN_FORCE
        | self_trade_prevention << kinds.PACKAGE_TERM_SELF_TRADE_PREVENTION
        | policy << kinds.PACKAGE_TERM_UNWIND_POLICY
        | flags << kinds.PACKAGE_TERM_FLAGS
        | counts
    )
    text, stated = _id_text(client_order_id)
    words = [terms, units, min_units, net_price or 0, expire_time_ns, deadline_ms | slippage << 32]
    words += _rows([leg.words() for leg in legs], kinds.MAX_LEGS, kinds.LEG_WORDS)
    rows = [(kind | a << 8 | b << 16, first, second) for kind, a, b, first, second in constraints]
    words += _rows(rows, kinds.MAX_CONSTRAINTS, kinds.CONSTRAINT_WORDS)
    return _apply(
        exchange, kinds.CREATE_PACKAGE, request_id, account_id, 0, actor, [*words, stated], text
    )


def replace_package(
    exchange: Exchange,
    *,
    account_id: int,
    order_id: int = 0,
    client_order_id: str = "",
    new_client_order_id: str = "",
    units: int | None = None,
    net_price: int | None = None,
    leg_prices: Mapping[int, int | None] | None = None,
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Change a multi-leg order; `leg_prices` are by leg number, None takes a leg's limit away."""
    flags = (kinds.FLAG_HAS_PRICE if net_price is not None else 0) | (
        kinds.FLAG_HAS_QUANTITY if units is not None else 0
    )
    prices = [0] * kinds.MAX_LEGS
    for number, price in (leg_prices or {}).items():
        if not 1 <= number <= kinds.MAX_LEGS:
            flags |= kinds.AMEND_OTHER_LEG
            continue
        flags |= 1 << (kinds.AMEND_LEG + number - 1)
        flags |= (price is not None) << (kinds.AMEND_LEG_PRICE + number - 1)
        prices[number - 1] = price or 0
    old, old_stated = _id_text(client_order_id)
    new, new_stated = _id_text(new_client_order_id)
    words = [_signed(order_id), flags, units or 0, net_price or 0, *prices]
    words.append(old_stated | new_stated << 32)
    return _apply(
        exchange, kinds.REPLACE_PACKAGE, request_id, account_id, 0, actor, words, old + new
    )


def cancel_package(
    exchange: Exchange,
    *,
    account_id: int,
    order_id: int = 0,
    client_order_id: str = "",
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Cancel a multi-leg order named by venue id, or by client order id where that is 0."""
    text, stated = _id_text(client_order_id)
    words = [_signed(order_id), stated]
    return _apply(exchange, kinds.CANCEL_PACKAGE, request_id, account_id, 0, actor, words, text)


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
    price_band: int = 0,
    auction_duration_ns: int = 0,
    currency: int = 0,
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
        len(definition),
    ]
    kind = kinds.UPDATE_INSTRUMENT if instrument_id else kinds.CREATE_INSTRUMENT
    text = _padded(definition)
    return _apply(exchange, kind, request_id, 0, instrument_id, actor, words, text)


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
    return _apply(
        exchange,
        kinds.SET_TRADING_PHASE,
        request_id,
        0,
        instrument_id,
        actor,
        words,
        _padded(text),
    )


def advance_time(exchange: Exchange) -> int:
    """Let the time of the turn take effect: expiries, auction ends, activations left over."""
    return _apply(exchange, kinds.ADVANCE_TIME, 0, 0, 0, 0, [], b"")


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
    return _apply(exchange, kinds.SET_REFERENCE, 0, 0, instrument_id, actor, words, b"")


def bust_trade(
    exchange: Exchange, *, trade_id: int, text: bytes = b"", request_id: int = 0, actor: int = 0
) -> int:
    """Undo a trade."""
    words = [trade_id, 0, 0, 0, len(text)]
    return _apply(exchange, kinds.BUST_TRADE, request_id, 0, 0, actor, words, _padded(text))


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
    flags = (kinds.FLAG_HAS_PRICE if price is not None else 0) | (
        kinds.FLAG_HAS_QUANTITY if quantity is not None else 0
    )
    words = [trade_id, flags, price or 0, quantity or 0, len(text)]
    return _apply(exchange, kinds.CORRECT_TRADE, request_id, 0, 0, actor, words, _padded(text))


def set_kill_switch(
    exchange: Exchange,
    *,
    enabled: bool,
    account_id: int = 0,
    text: bytes = b"",
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Turn the kill switch of an account, or with account 0 of the venue."""
    words = [int(enabled), len(text)]
    return _apply(
        exchange, kinds.SET_KILL_SWITCH, request_id, account_id, 0, actor, words, _padded(text)
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
        "trade_capacity",
        "position_capacity",
    )
    values = words[kinds.CONFIGURE_ORDERS : kinds.CONFIGURE_WORDS].tolist()
    return dict(zip(names, values, strict=True))


def create_account(
    exchange: Exchange,
    *,
    self_trade_group: int = 0,
    self_trade_prevention: int = 0,
    definition: bytes = b"",
    account_id: int = 0,
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Open an account; RESULT_AFFECTED is its id. With an `account_id`, change that one instead."""
    words = [self_trade_group, self_trade_prevention, len(definition)]
    kind = kinds.UPDATE_ACCOUNT if account_id else kinds.CREATE_ACCOUNT
    return _apply(exchange, kind, request_id, account_id, 0, actor, words, _padded(definition))


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


def _rows(rows: Iterable[tuple[int, ...]], most: int, width: int) -> list[int]:
    """Lay out the first rows one behind the other; what is not there is zeros."""
    words = [word for row in list(rows)[:most] for word in row]
    return words + [0] * (most * width - len(words))


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
