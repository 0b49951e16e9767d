"""The one price of an auction, and who trades at it."""

from typing import NamedTuple

from quantumcore.server.core import enums
from quantumcore.server.core.views import AuctionView
from tests.server.core.model import placing
from tests.server.core.model.instrument import BUY, SELL, Instrument
from tests.server.core.model.order import BOOK, Order
from tests.server.core.model.trades import trade
from tests.server.core.model.world import World

AUCTION = (enums.LIQUIDITY_AUCTION, enums.LIQUIDITY_AUCTION)


class Outcome(NamedTuple):
    """What an auction would give: a price, what trades at it, what buyers have over sellers."""

    price: int | None = None
    quantity: int = 0
    imbalance: int = 0

    def view(self) -> AuctionView:
        side = 0 if self.imbalance == 0 else BUY if self.imbalance > 0 else SELL
        return AuctionView(self.price, self.quantity, abs(self.imbalance), side)


def outcome(instrument: Instrument) -> Outcome:
    """Find the price by the four rules in turn."""
    orders = [*instrument.book[BUY], *instrument.book[SELL]]
    if not orders:
        return only_market_orders(instrument)
    prices = [order.price or 0 for order in orders]
    lowest, highest = min(prices), max(prices)
    found = [at(instrument, tick) for tick in range(lowest, highest + 1, instrument.tick_size)]
    most = max(one.quantity for one in found)
    if most == 0:
        return Outcome()
    found = [one for one in found if one.quantity == most]
    least = min(abs(one.imbalance) for one in found)
    found = [one for one in found if abs(one.imbalance) == least]
    if all(one.imbalance > 0 for one in found):
        return found[-1]
    if all(one.imbalance < 0 for one in found):
        return found[0]
    reference = instrument.last
    if reference is None:
        reference = middle(found, instrument.tick_size)
    return max(found, key=lambda one: (-abs((one.price or 0) - reference), one.price))


def middle(found: list[Outcome], tick_size: int) -> int:
    """Return the middle of prices, rounded down to the tick."""
    assert found[0].price is not None
    assert found[-1].price is not None
    return (found[0].price + found[-1].price) // 2 // tick_size * tick_size


def at(instrument: Instrument, price: int) -> Outcome:
    """Return what a price would give."""
    buyers = interest(instrument, BUY, price)
    sellers = interest(instrument, SELL, price)
    return Outcome(price, min(buyers, sellers), buyers - sellers)


def interest(instrument: Instrument, side: int, price: int) -> int:
    """Return what a side would trade at a price, market orders included."""
    market = [order for order in instrument.market if order.side == side]
    limited = [order for order in instrument.book[side] if order.accepts(price, order.price or 0)]
    return sum(order.leaves for order in market) + sum(order.leaves for order in limited)


def only_market_orders(instrument: Instrument) -> Outcome:
    """Market orders alone trade at the last trade's price."""
    if instrument.last is None:
        return Outcome()
    found = at(instrument, instrument.last)
    return found if found.quantity else Outcome()


def uncross(world: World, instrument: Instrument) -> Outcome:
    """Trade at the auction price; return the price, what traded, and what was left at the price.

    Reduce-only orders count whole for the price. Where one that is cut leaves orders that cross,
    these trade at a price found anew.
    """
    result, traded = Outcome(), 0
    price = outcome(instrument).price
    while price is not None:
        quantity = trade_at(world, instrument, price)
        traded += quantity
        if quantity:
            result = Outcome(price, traded, at(instrument, price).imbalance)
        else:
            end_unable(world, instrument)
        price = outcome(instrument).price
    return result


def end_unable(world: World, instrument: Instrument) -> None:
    """End the reduce-only orders that cross and have no position: they alone are at the price."""
    crossing = []
    for side in (BUY, SELL):
        other = SELL if side == BUY else BUY
        best = instrument.best(other)
        anywhere = any(order.side == other for order in instrument.market)
        crossing += [order for order in instrument.market if order.side == side]
        crossing += [
            order
            for order in instrument.book[side]
            if anywhere or (best is not None and order.accepts(best, order.price or 0))
        ]
    for order in crossing:
        party = (order.account_id, order.instrument_id, order.side)
        if order.reduce_only and not placing.reducible(world, *party):
            placing.cancel(world, order, enums.CANCEL_REASON_REDUCE_ONLY)


def trade_at(world: World, instrument: Instrument, price: int) -> int:
    """Trade until one side has nobody left at the price; return how much."""
    traded = 0
    while True:
        buyer, seller = first(instrument, BUY, price), first(instrument, SELL, price)
        if buyer is None or seller is None:
            return traded
        if placing.cut(world, buyer) and placing.cut(world, seller):
            quantity = min(buyer.leaves, seller.leaves)
            trade(world, buyer, seller, price, quantity, AUCTION)
            renew(world, buyer)
            renew(world, seller)
            traded += quantity


def renew(world: World, order: Order) -> None:
    """Let an iceberg whose shown part is used up show the next, in its place."""
    if order.is_working and order.is_iceberg and order.place == BOOK and not order.shown:
        order.shown = min(order.display_quantity, order.leaves)
        world.restate(order, enums.RESTATEMENT_DISPLAY_REFRESHED, order.shown)


def first(instrument: Instrument, side: int, price: int) -> Order | None:
    """Return the first of a side at a price: market orders, then better prices, then time."""
    for order in instrument.market:
        if order.side == side:
            return order
    for order in instrument.book[side]:
        return order if order.accepts(price, order.price or 0) else None
    return None
