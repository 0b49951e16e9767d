"""Fills, busts and corrections: what they did to orders, positions and cash."""

from typing import Any

from quantumcore.server.core import enums, kinds
from quantumcore.server.store.decoding.order_record import OrderRecord
from quantumcore.server.store.decoding.state import Funds, Holding, Terms
from quantumcore.server.store.decoding.telling import Telling, clipped
from quantumcore.v1 import account_event_pb2, event_pb2
from quantumcore.v1.account_event_pb2 import CashMoved
from quantumcore.v1.multi_leg_order_event_pb2 import MultiLegOrderLegFilled
from quantumcore.v1.order_event_pb2 import (
    OrderFillBusted,
    OrderFillCorrected,
    OrderFilled,
    OrderPartiallyFilled,
)
from quantumcore.v1.position_event_pb2 import (
    PositionChangeReason,
    PositionClosed,
    PositionOpened,
    PositionUpdated,
)

FEE_UNIT = 1_000_000
FILL = PositionChangeReason.POSITION_CHANGE_REASON_FILL
BUST = PositionChangeReason.POSITION_CHANGE_REASON_BUST
CORRECTION = PositionChangeReason.POSITION_CHANGE_REASON_CORRECTION
TRADED = account_event_pb2.CASH_MOVEMENT_TRADE
CHARGED = account_event_pb2.CASH_MOVEMENT_FEE
CORRECTED = account_event_pb2.CASH_MOVEMENT_CORRECTION


def tell_filled(telling: Telling, record: OrderRecord, counter_order_id: int) -> None:
    """Tell of one side of a trade."""
    words, state = record.words, telling.state
    terms = state.terms[record.instrument_id]
    price, quantity = words[kinds.EVENT_LAST_PRICE], words[kinds.EVENT_LAST_QUANTITY]
    trade_id = words[kinds.EVENT_TRADE_ID]
    fee = fee_of(terms, price, quantity, record.liquidity)
    fill: dict[str, int] = {
        "trade_id": trade_id,
        "price": price,
        "quantity": quantity,
        "cumulative_quantity": words[kinds.EVENT_CUMULATIVE_QUANTITY],
        "leaves_quantity": words[kinds.EVENT_LEAVES_QUANTITY],
        "cumulative_tick_lots": words[kinds.EVENT_CUMULATIVE_TICK_LOTS],
        "liquidity": record.liquidity,
        "counter_order_id": counter_order_id,
        "fee_minor_units": fee,
    }
    if record.leg_number:
        fill["package_execution_id"] = words[kinds.EVENT_PACKAGE_EXECUTION]
    ended = record.status == enums.ORDER_STATUS_FILLED
    telling.order(
        record.order_id,
        record.version,
        event_pb2.EVENT_TYPE_ORDER_FILLED if ended else event_pb2.EVENT_TYPE_ORDER_PARTIALLY_FILLED,
        record.account_id,
        record.instrument_id,
        (OrderFilled if ended else OrderPartiallyFilled)(fill=fill),  # type: ignore[arg-type]
    )
    if trade_id != state.last_trade_id:
        state.remember_trade(trade_id, price, quantity)
        state.last_trade_id = trade_id
    if record.leg_number:
        _tell_leg_filled(telling, record, fill)
    bought = quantity if record.side == enums.SIDE_BUY else 0
    tell_money(telling, record, terms, reason=FILL, bought=bought, fee=fee)


def _tell_leg_filled(telling: Telling, record: OrderRecord, fill: dict[str, int]) -> None:
    payload = MultiLegOrderLegFilled(
        leg_number=record.leg_number,
        order_id=record.order_id,
        instrument_id=record.instrument_id,
        side=record.side,  # type: ignore[arg-type]
        fill=fill,  # type: ignore[arg-type]
        unwind=record.is_unwind,
    )
    package = telling.state.packages.get(record.package_id)
    if package is not None:
        payload.unwound_tick_lots = package.message.legs[record.leg_number - 1].unwound_tick_lots
    event_type = event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_LEG_FILLED
    telling.package(record.package_id, event_type, record.account_id, payload)


def tell_busted(telling: Telling, record: OrderRecord) -> None:
    """Tell that a fill is undone, for one side of its trade."""
    words, terms = record.words, telling.state.terms[record.instrument_id]
    price, quantity = words[kinds.EVENT_LAST_PRICE], words[kinds.EVENT_LAST_QUANTITY]
    payload = OrderFillBusted(
        trade_id=words[kinds.EVENT_TRADE_ID],
        reference_sequence=words[kinds.EVENT_REFERENCE_SEQUENCE],
        price=price,
        quantity=quantity,
        cumulative_quantity=words[kinds.EVENT_CUMULATIVE_QUANTITY],
        cumulative_tick_lots=words[kinds.EVENT_CUMULATIVE_TICK_LOTS],
        text=_reason(telling),
    )
    _tell_mended(telling, record, event_pb2.EVENT_TYPE_ORDER_FILL_BUSTED, payload)
    fee = _fee_of_mending(telling, record, terms, (price, quantity), (0, 0))
    bought = -quantity if record.side == enums.SIDE_BUY else 0
    tell_money(telling, record, terms, reason=BUST, bought=bought, fee=fee)


def tell_corrected(telling: Telling, record: OrderRecord) -> None:
    """Tell that a fill is another from now on, for one side of its trade."""
    words, terms = record.words, telling.state.terms[record.instrument_id]
    price, quantity = words[kinds.EVENT_LAST_PRICE], words[kinds.EVENT_LAST_QUANTITY]
    trade_id = words[kinds.EVENT_TRADE_ID]
    trade = telling.state.trades[trade_id]
    had_price, had_quantity = trade.correct(price, quantity, telling.command_id)
    payload = OrderFillCorrected(
        trade_id=trade_id,
        reference_sequence=words[kinds.EVENT_REFERENCE_SEQUENCE],
        original_price=had_price,
        original_quantity=had_quantity,
        price=price,
        quantity=quantity,
        cumulative_quantity=words[kinds.EVENT_CUMULATIVE_QUANTITY],
        cumulative_tick_lots=words[kinds.EVENT_CUMULATIVE_TICK_LOTS],
        text=_reason(telling),
    )
    _tell_mended(telling, record, event_pb2.EVENT_TYPE_ORDER_FILL_CORRECTED, payload)
    before, since = (had_price, had_quantity), (price, quantity)
    fee = _fee_of_mending(telling, record, terms, before, since)
    bought = quantity - had_quantity if record.side == enums.SIDE_BUY else 0
    tell_money(telling, record, terms, reason=CORRECTION, bought=bought, fee=fee)


def _reason(telling: Telling) -> str:
    return telling.command_text(kinds.TRADE_TEXT_LENGTH, kinds.TRADE_TEXT).decode()


def _tell_mended(
    telling: Telling,
    record: OrderRecord,
    event_type: int,
    payload: OrderFillBusted | OrderFillCorrected,
) -> None:
    telling.order(
        record.order_id,
        record.version,
        event_type,
        record.account_id,
        record.instrument_id,
        payload,
    )


def fee_of(terms: Terms, price: int, quantity: int, liquidity: int) -> int:
    """Return the fee of a trade as the core charges it: rounded up to minor units."""
    rate = terms.maker_fee if liquidity == enums.LIQUIDITY_MAKER else terms.taker_fee
    if rate == 0:
        return 0
    lots = quantity // terms.lot_size
    return -(-abs(price // terms.tick_size) * lots * terms.tick_value * rate // FEE_UNIT)


def _fee_of_mending(
    telling: Telling,
    record: OrderRecord,
    terms: Terms,
    before: tuple[int, int],
    since: tuple[int, int],
) -> int:
    """Return the fee charged with a bust or correction, negative where it is given back.

    It is what cash has moved beyond the prices: which rate held is the core's business.
    """
    _lots, _opened, realised, cash = record.words[-kinds.FILL_WORDS :]
    moved = cash - telling.state.funds_of(record.account_id, terms.currency).cash
    if terms.pays_profit_only:
        return realised * terms.tick_value - moved
    paid = (_value(terms, *since) - _value(terms, *before)) * terms.tick_value
    return (-paid if record.side == enums.SIDE_BUY else paid) - moved


def _value(terms: Terms, price: int, quantity: int) -> int:
    """Return price times quantity in ticks and lots."""
    return price // terms.tick_size * (quantity // terms.lot_size)


def tell_money(
    telling: Telling,
    record: OrderRecord,
    terms: Terms,
    *,
    reason: PositionChangeReason.ValueType,
    bought: int,
    fee: int,
) -> None:
    """Tell what became of position and cash; the words for it end the record."""
    lots, opened, realised, cash = record.words[-kinds.FILL_WORDS :]
    state = telling.state
    key = record.account_id << 32 | record.instrument_id
    holding = state.holding(key)
    before, holding.lots = holding.lots, lots
    holding.bought += bought // terms.lot_size
    holding.realised += realised
    holding.fees += fee
    holding.version += 1
    change = {
        "reason": reason,
        "trade_id": record.words[kinds.EVENT_TRADE_ID],
        "position": _position(telling, record, terms, holding, opened),
        "multi_leg_order_id": record.package_id if record.leg_number else 0,
        "realised_profit_minor_units": clipped(realised * terms.tick_value),
    }
    event_type, payload = _position_event(before, lots)
    telling.position(key, holding.version, event_type, record.instrument_id, payload(change=change))
    funds = state.funds_of(record.account_id, terms.currency)
    _tell_cash(telling, record, terms, funds, cash, fee=fee, mended=reason != FILL)


def _position_event(before: int, since: int) -> tuple[int, Any]:
    """Return the type of a position's event, and the message that it carries."""
    if before == 0 and since != 0:
        return event_pb2.EVENT_TYPE_POSITION_OPENED, PositionOpened
    if before != 0 and since == 0:
        return event_pb2.EVENT_TYPE_POSITION_CLOSED, PositionClosed
    return event_pb2.EVENT_TYPE_POSITION_UPDATED, PositionUpdated


def _position(
    telling: Telling, record: OrderRecord, terms: Terms, holding: Holding, opened: int
) -> dict[str, Any]:
    """Return the fields of a position as it stands since."""
    lot, code = terms.lot_size, terms.code
    return {
        "account_id": record.account_id,
        "instrument_id": record.instrument_id,
        "net_quantity": clipped(holding.lots * lot),
        "bought_quantity": clipped(holding.bought * lot),
        "sold_quantity": clipped((holding.bought - holding.lots) * lot),
        "open_tick_lots": opened,
        "realised_profit": {
            "currency": code,
            "minor_units": clipped(holding.realised * terms.tick_value),
        },
        "fees": {"currency": code, "minor_units": clipped(holding.fees)},
        "updated_time_ns": telling.time_ns,
        "sequence": telling.sequence,
    }


def _tell_cash(
    telling: Telling,
    record: OrderRecord,
    terms: Terms,
    funds: Funds,
    cash: int,
    *,
    fee: int,
    mended: bool,
) -> None:
    """Tell how cash moved, price and fee apart; of a bust or correction both together."""
    moved = cash - funds.cash
    funds.cash = cash
    if mended:
        _tell_movement(telling, record, terms, CORRECTED, moved, cash)
        return
    if moved + fee:
        _tell_movement(telling, record, terms, TRADED, moved + fee, cash + fee)
    if fee:
        _tell_movement(telling, record, terms, CHARGED, -fee, cash)


def _tell_movement(
    telling: Telling,
    record: OrderRecord,
    terms: Terms,
    movement: account_event_pb2.CashMovement.ValueType,
    amount: int,
    since: int,
) -> None:
    if amount == 0:
        return
    payload = CashMoved(
        movement=movement,
        amount={"currency": terms.code, "minor_units": clipped(amount)},  # type: ignore[arg-type]
        trade_id=record.words[kinds.EVENT_TRADE_ID],
        cash_minor_units=clipped(since),
    )
    event_type = event_pb2.EVENT_TYPE_CASH_MOVED
    telling.account(record.account_id, event_type, payload, record.instrument_id)
