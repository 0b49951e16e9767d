"""What a trade does: to both orders, to positions, to the day, to the stops that look at it."""

from quantumcore.server.core import enums, kinds
from tests.server.core.model import placing
from tests.server.core.model.holdings import book, side_of
from tests.server.core.model.instrument import Instrument, Trade
from tests.server.core.model.order import BOOK, Order
from tests.server.core.model.world import World


def trade(
    world: World,
    first: Order,
    second: Order,
    price: int,
    quantity: int,
    liquidity: tuple[int, int],
) -> None:
    """Let two orders trade: maker and taker, in an auction buyer and seller."""
    instrument = world.instrument(first)
    world.last_trade_id += 1
    told, fees = [], []
    for order, how in zip((first, second), liquidity, strict=True):
        side = side_of(instrument, order, price, quantity, how, instrument.terms)
        fill(world, instrument, order, price, quantity)
        world.tell(
            order,
            kinds.ORDER_FILLED,
            liquidity=how,
            last_price=price,
            last_quantity=quantity,
            trade_id=world.last_trade_id,
            **book(world, side),
        )
        told.append(world.sequence)
        fees.append(side.fee)
    done = Trade(
        trade_id=world.last_trade_id,
        instrument_id=instrument.instrument_id,
        price=price,
        quantity=quantity,
        orders=(first, second),
        told=(told[0], told[1]),
        liquidity=liquidity,
        fees=(fees[0], fees[1]),
        terms=instrument.terms,
    )
    world.trades[done.trade_id] = done
    instrument.day.add(done)
    instrument.last, instrument.last_ns = price, world.time_ns
    reach(instrument, price)
    world.touch(instrument)


def fill(world: World, instrument: Instrument, order: Order, price: int, quantity: int) -> None:
    """Let one side of a trade have its effect, but for the part shown next."""
    order.cumulative += quantity
    order.tick_lots += instrument.tick_lots(price, quantity)
    order.shown = max(0, order.shown - quantity)
    if order.cumulative == order.quantity:
        placing.leave(world, order)
        placing.forget(world, order, enums.ORDER_STATUS_FILLED, 0)
    else:
        order.status = enums.ORDER_STATUS_PARTIALLY_FILLED


def refresh(world: World, order: Order) -> None:
    """Show the next part of an iceberg whose shown part is used up, at the back."""
    if not order.is_working or not order.is_iceberg or order.place != BOOK or order.shown:
        return
    instrument = world.instrument(order)
    instrument.book[order.side].remove(order)
    order.shown = min(order.display_quantity, order.leaves)
    instrument.enter(order)
    world.restate(order, enums.RESTATEMENT_DISPLAY_REFRESHED, order.shown)


def reach(instrument: Instrument, price: int) -> None:
    """Note which stops that look at trades a trade at this price has reached."""
    for stop in instrument.stops:
        if stop.stop_trigger == enums.STOP_TRIGGER_LAST_TRADE and is_beyond(stop, price):
            stop.is_reached = True


def is_beyond(stop: Order, price: int) -> bool:
    """Whether a price reaches a stop's."""
    assert stop.stop_price is not None
    return price >= stop.stop_price if stop.buys else price <= stop.stop_price
