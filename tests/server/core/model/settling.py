"""What follows a command: stops that are reached become active, pegs move; and what time ends."""

from collections.abc import Iterable
from typing import TypeVar

from quantumcore.server.core import enums, kinds, tables
from tests.server.core.model import phases, placing
from tests.server.core.model.funds import reserve_again
from tests.server.core.model.instrument import BUY, SELL, Instrument
from tests.server.core.model.matching import work
from tests.server.core.model.order import BOOK, STOPS, Order
from tests.server.core.model.trades import is_beyond
from tests.server.core.model.world import World

Ending = TypeVar("Ending")


def end_what_is_due(world: World) -> None:
    """End orders, then instruments, then auctions whose time has come, the earliest first."""
    dated = [order for order in world.working.values() if order.expire_time_ns]
    for order in due(world, ((one.expire_time_ns, one.order_id, one) for one in dated)):
        placing.expire(world, order, enums.CANCEL_REASON_EXPIRE_TIME)
    listed = world.instruments.values()
    ending = [(one.expiry_time_ns, one.instrument_id, one) for one in listed if one.expires]
    for instrument in due(world, ending):
        phases.expire_instrument(world, instrument)
    timed = [(one.auction_end_ns, one.instrument_id, one) for one in listed if one.auction_end_ns]
    for instrument in due(world, timed):
        phases.move(world, instrument, enums.TRADING_PHASE_CONTINUOUS)


def due(world: World, ends: Iterable[tuple[int, int, Ending]]) -> list[Ending]:
    """Return what ends by now, the earliest first, then the lower id."""
    ended = [end for end in ends if end[0] <= world.time_ns]
    return [one for _, _, one in sorted(ended, key=lambda end: end[:2])]


def next_due_ns(world: World) -> int:
    """Return when something ends next; 0: nothing does."""
    listed = world.instruments.values()
    ends = [order.expire_time_ns for order in world.working.values() if order.expire_time_ns]
    ends += [one.expiry_time_ns for one in listed if one.expires]
    ends += [one.auction_end_ns for one in listed if one.auction_end_ns]
    return min(ends, default=0)


def enter(world: World, order: Order) -> None:
    """Bring an order that is nowhere to where it works, or waits."""
    if order.status == enums.ORDER_STATUS_PENDING_TRIGGER:
        if is_reached_on_entry(world, order):
            activate(world, order)
        else:
            placing.wait(world, order, STOPS)
    elif not order.is_peg or order.price is not None:
        work(world, order)
    phases.interrupt(world)


def settle(world: World) -> None:
    """Set off stops and move pegs until all is quiet, or this command has done its share."""
    left = kinds.ACTIVATIONS_PER_COMMAND
    while left > 0 and world.touched:
        share = step(world, world.touched[0])
        left -= share
        if not share:
            world.touched.pop(0)


def step(world: World, instrument: Instrument) -> int:
    """Do the next thing that an instrument asks for; return as how many it counts."""
    if not instrument.is_continuous:
        return 0
    stop, share = next_stop(instrument), 1
    if stop is not None:
        share = activate(world, stop)
    elif not follow(world, instrument):
        return 0
    phases.interrupt(world)
    return share


def activate(world: World, stop: Order) -> int:
    """Make a stop active; return as how many activations it counts."""
    placing.leave(world, stop)
    stop.status = enums.ORDER_STATUS_NEW
    looked = reserve_again(world, stop)
    world.tell(stop, kinds.ORDER_TRIGGERED)
    work(world, stop)
    return tables.SHARE_OF_FUNDS if looked else 1


def next_stop(instrument: Instrument) -> Order | None:
    """Return the stop that becomes active next; of equals the first to come."""
    reached = [stop for stop in instrument.stops if is_reached(instrument, stop)]
    return min(reached, key=rank, default=None)


def rank(stop: Order) -> tuple[int, int, int]:
    """Order stops: by trigger; buys, the lowest first; then sells, the highest first."""
    assert stop.stop_price is not None
    return stop.stop_trigger, stop.side, stop.stop_price if stop.buys else -stop.stop_price


def is_reached(instrument: Instrument, stop: Order) -> bool:
    if stop.stop_trigger == enums.STOP_TRIGGER_LAST_TRADE:
        return stop.is_reached
    price = instrument.reference
    if stop.stop_trigger == enums.STOP_TRIGGER_BID_ASK:
        price = instrument.best(stop.opposite)
    return price is not None and is_beyond(stop, price)


def is_reached_on_entry(world: World, stop: Order) -> bool:
    """Whether a stop becomes active at once: its trigger is looked at, the last trade for one."""
    instrument = world.instrument(stop)
    if not instrument.is_continuous:
        return False
    if stop.stop_trigger == enums.STOP_TRIGGER_LAST_TRADE:
        return instrument.last is not None and is_beyond(stop, instrument.last)
    return is_reached(instrument, stop)


def firm(instrument: Instrument) -> tuple[int | None, int | None]:
    """Return what pegs follow: best bid and ask of orders that are not pegged."""
    return instrument.best_unpegged(BUY), instrument.best_unpegged(SELL)


def follow(world: World, instrument: Instrument) -> bool:
    """Move the pegs whose price changes, if what they follow has moved; return whether it has."""
    if not instrument.pegs or instrument.followed == firm(instrument):
        return False
    instrument.followed = firm(instrument)
    for peg in list(instrument.pegs):
        if peg.is_working and world.breached is None:
            move_peg(world, instrument, peg)
    return True


def move_peg(world: World, instrument: Instrument, peg: Order) -> None:
    price = peg_price(instrument, peg)
    stands = peg.place == BOOK
    if price == peg.price and stands == (price is not None):
        return
    placing.leave(world, peg)
    peg.price = price
    shown = 0 if price is None else peg.leaves
    world.restate(peg, enums.RESTATEMENT_PEG_MOVED, shown)
    if price is not None:
        work(world, peg)


def peg_price(instrument: Instrument, peg: Order) -> int | None:
    """Return the price that a peg should have by what is followed now; None: none."""
    bid, ask = instrument.followed or (None, None)
    tick = instrument.tick_size
    if peg.peg_reference == enums.PEG_REFERENCE_MIDPOINT:
        if bid is None or ask is None:
            return None
        twice, both = 2 * tick, bid + ask
        follows = both // twice * tick if peg.buys else -(-both // twice) * tick
    else:
        primary = peg.peg_reference == enums.PEG_REFERENCE_PRIMARY
        side = bid if primary == peg.buys else ask
        if side is None:
            return None
        follows = side
    price = follows + peg.peg_offset if peg.buys else follows - peg.peg_offset
    if peg.worst_price is not None:
        price = peg.better_of(price, peg.worst_price)
    lowest = -(-instrument.min_price // tick) * tick
    return max(lowest, min(price, instrument.whole_ticks(instrument.max_price)))
