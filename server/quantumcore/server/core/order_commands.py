"""Write commands on single orders the plain way: for tests and slow paths.

Each function appends one record to the exchange's turn, applies it, and returns the
index of its row in `exchange.results`. `begin_turn` comes first.
"""

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.command_record import Taker, apply_command, given, id_text, packed


def create_order(
    exchange: Taker,
    *,
    account_id: int,
    instrument_id: int,
    client_order_id: str,
    side: int,
    quantity: int,
    price: int | None = None,
    order_type: int = enums.ORDER_TYPE_LIMIT,
    time_in_force: int = enums.TIME_IN_FORCE_GTC,
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
    flags = given(price, stop_price)
    flags |= kinds.FLAG_POST_ONLY * post_only | kinds.FLAG_REDUCE_ONLY * reduce_only
    terms, behind = packed(
        {
            kinds.TERM_SIDE: side,
            kinds.TERM_ORDER_TYPE: order_type,
            kinds.TERM_TIME_IN_FORCE: time_in_force,
            kinds.TERM_STOP_TRIGGER: stop_trigger,
            kinds.TERM_PEG_REFERENCE: peg_reference,
            kinds.TERM_SELF_TRADE_PREVENTION: self_trade_prevention,
        }
    )
    text, stated = id_text(client_order_id)
    words = [
        terms | flags << kinds.TERM_FLAGS,
        quantity,
        price or 0,
        stop_price or 0,
        display_quantity,
        peg_offset,
        min_quantity,
        expire_time_ns,
        stated,
    ]
    parties = (request_id, account_id, instrument_id, actor)
    return apply_command(exchange, kinds.CREATE_ORDER, *parties, words, text, door_reason, behind)


def replace_order(
    exchange: Taker,
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
    flags = given(price, stop_price, quantity)
    old, old_stated = id_text(client_order_id)
    new, new_stated = id_text(new_client_order_id)
    words = [
        order_id,
        flags,
        quantity or 0,
        price or 0,
        stop_price or 0,
        old_stated | new_stated << 32,
    ]
    return apply_command(
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
    exchange: Taker,
    *,
    account_id: int,
    order_id: int = 0,
    client_order_id: str = "",
    request_id: int = 0,
    actor: int = 0,
    door_reason: int = 0,
) -> int:
    """Cancel an order named by venue id, or by client order id where that is 0."""
    text, stated = id_text(client_order_id)
    return apply_command(
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
    exchange: Taker,
    *,
    account_id: int,
    instrument_id: int = 0,
    side: int = 0,
    session: int = 0,
    ended: bool = False,
    request_id: int = 0,
    actor: int = 0,
    door_reason: int = 0,
) -> int:
    """Cancel all working orders of an account that match; 0 matches all.

    With `ended` those that the end of their session cancels, of one session or of all.
    """
    words = [side, session, int(ended)]
    return apply_command(
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
