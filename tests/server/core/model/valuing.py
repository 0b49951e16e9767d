"""What orders and instruments are valued at."""

from typing import NamedTuple

from quantumcore.server.core import enums
from tests.server.core.model.instrument import BUY, SELL, Instrument
from tests.server.core.model.order import Order
from tests.server.core.model.world import World


class Mark(NamedTuple):
    """The price that an instrument is valued at, in ticks, and how old it is."""

    ticks: int
    age_ns: int


def mark(world: World, instrument: Instrument, most_age_ns: int) -> Mark | None:
    """Return a quote that is young enough, else the book's middle, else the youngest price.

    Where bids reach asks, what is between them is no price that anybody stands for.
    """
    known = []
    if instrument.reference is not None:
        ticks = instrument.reference // instrument.tick_size
        known.append(Mark(ticks, world.time_ns - instrument.reference_ns))
        if known[0].age_ns <= most_age_ns:
            return known[0]
    bid, ask = instrument.best(BUY), instrument.best(SELL)
    if bid is not None and ask is not None and bid < ask:
        return Mark((bid + ask) // (2 * instrument.tick_size), 0)
    if instrument.last is not None:
        last = instrument.last // instrument.tick_size
        known.append(Mark(last, world.time_ns - instrument.last_ns))
    return min(known, key=lambda one: one.age_ns, default=None)


class Asked(NamedTuple):
    """What an order is to be, for a valuation: a replacement may change it."""

    order: Order
    price: int | None
    stop_price: int | None
    is_active: bool = False  # a stop that has become a market order

    @property
    def limit(self) -> int | None:
        """The worst price that its owner lets it trade at."""
        return self.order.worst_price if self.order.is_peg else self.price


def worst_ticks(instrument: Instrument, asked: Asked) -> int:
    """Return the worst price, in ticks, that an order is expected to trade at.

    Without a limit that is as far as the protection band from the best opposite price, or from
    its stop, but no further than anybody can ever have come to rest; where it waits for an auction,
    just as far as that. A peg stays within the bounds of now. In an empty book an order does not
    trade at all, and is worth nothing.
    """
    order, tick = asked.order, instrument.tick_size
    if asked.limit is not None:
        return asked.limit // tick
    lowest, highest = instrument.allowed
    if order.is_peg:
        lowest, highest = instrument.min_price, instrument.max_price
    bound = highest // tick if order.buys else -(-lowest // tick)
    start = asked.stop_price
    if order.order_type != enums.ORDER_TYPE_STOP or asked.is_active:
        closing = order.time_in_force == enums.TIME_IN_FORCE_AT_CLOSE
        if order.is_peg or closing or not instrument.is_continuous:
            return bound
        start = instrument.best(order.opposite)
        if start is None:
            return 0
    assert start is not None, "a stop has a price"
    band = instrument.protection_band // tick
    return order.better_of(bound, start // tick + (band if order.buys else -band))


def value(instrument: Instrument, lots: int, ticks: int) -> int:
    """Return the value of lots at a price, minor units."""
    return lots * abs(ticks) * instrument.tick_value


def revalue(world: World, order: Order) -> None:
    """Fix what an order's lots count for from now on."""
    asked = Asked(order, order.price, order.stop_price)
    order.risk_ticks = worst_ticks(world.instrument(order), asked)


def watch(world: World, account_id: int) -> None:
    """Count the working orders of an account from now on, where it is to be watched."""
    account = world.accounts[account_id]
    if account.is_watched or not (account.margin_model or account.limits):
        return
    account.is_watched = True
    for order in world.working_of(account_id):
        revalue(world, order)
