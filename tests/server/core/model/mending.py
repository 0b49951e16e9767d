"""Busts and corrections of trades."""

from collections.abc import Iterator
from dataclasses import replace

from quantumcore.server.core import enums, kinds
from tests.server.core.model.admission import Refusal, against_price, against_quantity
from tests.server.core.model.holdings import rebook, side_of
from tests.server.core.model.instrument import Instrument, Trade
from tests.server.core.model.order import Order
from tests.server.core.model.world import World


def against_mending(world: World, trade_id: int) -> Iterator[Refusal]:
    """Tell whether there is no such trade that stands."""
    trade = world.trades.get(trade_id)
    if trade is None or trade.quantity == 0:
        yield Refusal(enums.REJECT_REASON_UNKNOWN_TRADE, 2, 0, trade_id)


def against_correction(
    world: World, trade: Trade, price: int | None, quantity: int | None
) -> Iterator[Refusal]:
    """Tell what is wrong with a correction of a trade that stands."""
    instrument = world.instruments[trade.instrument_id]
    if quantity is not None:
        yield from against_quantity(instrument, quantity, instrument.max_quantity, 4)
        if quantity > trade.quantity:
            reason = enums.REJECT_REASON_QUANTITY_TOO_LARGE
            yield Refusal(reason, 4, trade.quantity, quantity)
    if price is not None:
        yield from against_price(instrument, price, 3)
    if price in {None, trade.price} and quantity in {None, trade.quantity}:
        yield Refusal(enums.REJECT_REASON_NOTHING_TO_REPLACE)


def mend(world: World, trade: Trade, price: int, quantity: int) -> None:
    """Give a trade another price or less quantity: 0 undoes it."""
    instrument = world.instruments[trade.instrument_id]
    had = (trade.price, trade.quantity)
    trade.price, trade.quantity = price, quantity
    told, fees = [], []
    for order, reference, how, charged in zip(
        trade.orders, trade.told, trade.liquidity, trade.fees, strict=True
    ):
        before = replace(side_of(instrument, order, *had, how, trade.terms), fee=charged)
        since = side_of(instrument, order, price, quantity, how, trade.terms)
        change_order(instrument, order, had, (price, quantity))
        kind = kinds.ORDER_FILL_CORRECTED if quantity else kinds.ORDER_FILL_BUSTED
        last_price, last_quantity = (price, quantity) if quantity else had
        world.tell(
            order,
            kind,
            liquidity=how,
            last_price=last_price,
            last_quantity=last_quantity,
            trade_id=trade.trade_id,
            reference_sequence=reference,
            **rebook(world, before, since),
        )
        told.append(world.sequence)
        fees.append(since.fee)
    trade.told, trade.fees = (told[0], told[1]), (fees[0], fees[1])
    if trade in instrument.day.trades:
        instrument.day.look_again()


def change_order(
    instrument: Instrument, order: Order, had: tuple[int, int], has: tuple[int, int]
) -> None:
    """Let one side of a trade follow; what is undone does not come back to the book."""
    undone = had[1] - has[1]
    order.cumulative -= undone
    order.tick_lots += instrument.tick_lots(*has) - instrument.tick_lots(*had)
    if order.is_working:
        order.quantity -= undone
        if order.cumulative == 0:
            order.status = enums.ORDER_STATUS_NEW
    elif order.status == enums.ORDER_STATUS_FILLED and undone:
        order.status = enums.ORDER_STATUS_CANCELLED
        order.cancel_reason = enums.CANCEL_REASON_TRADE_BUSTED
