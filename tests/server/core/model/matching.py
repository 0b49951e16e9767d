"""What becomes of an order that comes to its book."""

from quantumcore.server.core import enums
from tests.server.core.model import placing
from tests.server.core.model.instrument import Instrument
from tests.server.core.model.order import CLOSING, MARKET, Order
from tests.server.core.model.trades import refresh, trade
from tests.server.core.model.world import World


def work(world: World, order: Order) -> None:
    """Let an order trade, rest, wait or end, as its phase and its terms say."""
    instrument = world.instrument(order)
    if not instrument.is_continuous:
        collect(world, order)
        return
    if order.time_in_force == enums.TIME_IN_FORCE_AT_CLOSE:
        placing.wait(world, order, CLOSING)
        return
    worst = worst_price(world, instrument, order)
    if worst is None:
        placing.cancel(world, order, enums.CANCEL_REASON_MARKET_PROTECTION)
        return
    within = band_limit(world, instrument, order, worst)
    if meets(instrument, order, within) and not placing.cut(world, order):
        return
    reason = reason_to_kill(world, instrument, order, within)
    order.is_new = False
    if not reason:
        sweep(world, instrument, order, within)
        if not order.is_working:
            return
        if meets(instrument, order, worst):
            world.breached = instrument
        reason = reason_not_to_rest(order)
    if reason:
        placing.cancel(world, order, reason)
    else:
        placing.rest(world, order)


def collect(world: World, order: Order) -> None:
    """Let an order wait for an auction."""
    closing = world.instrument(order).phase == enums.TRADING_PHASE_CLOSING_AUCTION
    if order.time_in_force == enums.TIME_IN_FORCE_AT_CLOSE and not closing:
        placing.wait(world, order, CLOSING)
    elif order.is_market:
        placing.wait(world, order, MARKET)
    else:
        placing.rest(world, order)


def worst_price(world: World, instrument: Instrument, order: Order) -> int | None:
    """Return the worst price an order may trade at; None: a market order that meets nobody.

    A stop that its account pays for goes no further than what was bound for it.
    """
    if not order.is_market:
        return order.price
    best = instrument.best(order.opposite)
    if best is None:
        return None
    band = instrument.whole_ticks(instrument.protection_band)
    furthest = best + band if order.buys else best - band
    if order.is_stop and world.accounts[order.account_id].margin_model:
        return order.better_of(furthest, order.risk_ticks * instrument.tick_size)
    return furthest


def band_limit(world: World, instrument: Instrument, order: Order, worst: int) -> int:
    """Return how far the price band lets an order go: from the last trade before the command."""
    if instrument.band_command != world.command:
        instrument.band_command, instrument.band_from = world.command, instrument.last
    if not instrument.price_band or instrument.band_from is None:
        return worst
    band = instrument.whole_ticks(instrument.price_band)
    last = instrument.band_from
    return order.better_of(worst, last + band if order.buys else last - band)


def meets(instrument: Instrument, order: Order, worst: int) -> bool:
    """Whether anybody stands opposite at this price or a better one."""
    best = instrument.best(order.opposite)
    return best is not None and order.accepts(best, worst)


def prevention(world: World, order: Order) -> int:
    """Return what is to happen where an order would meet one of its owner; 0: nothing."""
    mode = order.self_trade_prevention
    mode = mode or world.accounts[order.account_id].self_trade_prevention
    return 0 if mode == enums.SELF_TRADE_PREVENTION_NONE else mode


def is_own(world: World, order: Order, other: Order) -> bool:
    return world.owner(order.account_id) == world.owner(other.account_id)


def reason_to_kill(world: World, instrument: Instrument, order: Order, worst: int) -> int:
    """Return why an order must not trade at all, or 0."""
    sure = sure_quantity(world, instrument, order, worst)
    if order.time_in_force == enums.TIME_IN_FORCE_FOK and sure < order.leaves:
        return enums.CANCEL_REASON_FILL_OR_KILL
    if order.is_new and sure < order.min_quantity:
        return enums.CANCEL_REASON_MINIMUM_QUANTITY
    return 0


def sure_quantity(world: World, instrument: Instrument, order: Order, worst: int) -> int:
    """Return what would surely trade at once: nobody's own, nothing that may be cut.

    What is hidden at the price of an own order that ends the sweep would be shown behind it.
    """
    mode, found, hidden, price = prevention(world, order), 0, 0, None
    for maker in instrument.book[order.opposite]:
        if not order.accepts(maker.price or 0, worst):
            break
        if maker.price != price:
            found, hidden, price = found + hidden, 0, maker.price
        if mode and is_own(world, order, maker):
            if mode != enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST:
                return found
        elif not maker.reduce_only:
            found += maker.shown
            hidden += maker.leaves - maker.shown
    return found + hidden


def reason_not_to_rest(order: Order) -> int:
    if order.is_market:
        return enums.CANCEL_REASON_MARKET_PROTECTION
    if order.time_in_force == enums.TIME_IN_FORCE_IOC:
        return enums.CANCEL_REASON_IMMEDIATE_OR_CANCEL
    return 0


def sweep(world: World, instrument: Instrument, order: Order, worst: int) -> None:
    """Trade with the first opposite order for as long as there is one at a good price."""
    mode = prevention(world, order)
    renewed: set[int] = set()
    while order.is_working and meets(instrument, order, worst):
        level = first_level(instrument, order)
        maker = level[0]
        if all(id(one) in renewed for one in level):
            whole_rounds(world, instrument, order)
            renewed.clear()
        elif mode and is_own(world, order, maker):
            prevent(world, order, maker, mode)
        elif placing.cut(world, maker):
            meet(world, order, maker, maker.shown)
            renewed.add(id(maker))


def first_level(instrument: Instrument, order: Order) -> list[Order]:
    """Return the orders at the best opposite price, in turn."""
    best = instrument.best(order.opposite)
    return [one for one in instrument.book[order.opposite] if one.price == best]


def meet(world: World, order: Order, maker: Order, most: int) -> None:
    """Let an order trade with one that rests, no more than so much."""
    assert maker.price is not None
    taken = (enums.LIQUIDITY_MAKER, enums.LIQUIDITY_TAKER)
    trade(world, maker, order, maker.price, min(order.leaves, most), taken)
    refresh(world, maker)


def whole_rounds(world: World, instrument: Instrument, order: Order) -> None:
    """Trade as many rounds of one part of each iceberg as the order can fill, each in one trade.

    Nobody but icebergs that show a new part is left at the price.
    """
    level = first_level(instrument, order)
    rounds, rest = 0, order.leaves
    left = {id(one): one.leaves for one in level}
    while any(left.values()):
        parts = {id(one): min(one.display_quantity, left[id(one)]) for one in level}
        if sum(parts.values()) > rest:
            break
        rounds, rest = rounds + 1, rest - sum(parts.values())
        left = {name: quantity - parts[name] for name, quantity in left.items()}
    for maker in level if rounds else ():
        meet(world, order, maker, min(maker.leaves, rounds * maker.display_quantity))


def prevent(world: World, order: Order, maker: Order, mode: int) -> None:
    """Keep an order from trading with one of its owner."""
    reason = enums.CANCEL_REASON_SELF_TRADE_PREVENTION
    theirs, ours = maker.leaves, order.leaves
    if mode == enums.SELF_TRADE_PREVENTION_DECREMENT_AND_CANCEL:
        for one, less in ((maker, ours), (order, theirs)):
            if one.leaves <= less:
                placing.cancel(world, one, reason)
            else:
                placing.shrink(world, one, less)
                world.restate(one, enums.RESTATEMENT_SELF_TRADE_DECREMENT, one.shown)
        return
    if mode != enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST:
        placing.cancel(world, maker, reason)
    if mode != enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST:
        placing.cancel(world, order, reason)
