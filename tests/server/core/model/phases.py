"""Phases of trading: what each move ends, and begins."""

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.events import AuctionEnd
from tests.server.core.model import placing
from tests.server.core.model.auction import Outcome, uncross
from tests.server.core.model.instrument import Day, Instrument
from tests.server.core.model.matching import collect
from tests.server.core.model.order import BOOK, CLOSING, MARKET, Order
from tests.server.core.model.trades import reach
from tests.server.core.model.world import World

PRE_OPEN = enums.TRADING_PHASE_PRE_OPEN
OPENING = enums.TRADING_PHASE_OPENING_AUCTION
CONTINUOUS = enums.TRADING_PHASE_CONTINUOUS
VOLATILITY = enums.TRADING_PHASE_VOLATILITY_AUCTION
HALTED = enums.TRADING_PHASE_HALTED
CLOSING_AUCTION = enums.TRADING_PHASE_CLOSING_AUCTION
CLOSED = enums.TRADING_PHASE_CLOSED
ALL = {PRE_OPEN, OPENING, CONTINUOUS, VOLATILITY, HALTED, CLOSING_AUCTION, CLOSED}
AUCTIONS = {OPENING, VOLATILITY, CLOSING_AUCTION}
FOLLOWING = {
    PRE_OPEN: {OPENING, CONTINUOUS},
    OPENING: {CONTINUOUS},
    CONTINUOUS: {VOLATILITY, CLOSING_AUCTION},
    VOLATILITY: {CONTINUOUS, CLOSING_AUCTION},
    HALTED: ALL,
    CLOSING_AUCTION: set[int](),
    CLOSED: {PRE_OPEN, OPENING, CONTINUOUS},
}


def may_follow(before: int, phase: int) -> bool:
    return phase in FOLLOWING[before] | {HALTED, CLOSED}


def interrupt(world: World) -> None:
    """Begin the auction that a breach of a price band asks for."""
    instrument, world.breached = world.breached, None
    if instrument is not None:
        move(world, instrument, VOLATILITY, breached=True)


def move(world: World, instrument: Instrument, phase: int, *, breached: bool = False) -> None:
    """Move an instrument to another phase, with all that comes of it."""
    before, instrument.phase = instrument.phase, phase
    tell_phase(world, instrument, before, breached=breached)
    timed = phase == VOLATILITY and instrument.auction_duration_ns
    instrument.auction_end_ns = world.time_ns + instrument.auction_duration_ns if timed else 0
    if before == CLOSED:
        instrument.day = Day()
    if before == HALTED and phase not in {CLOSING_AUCTION, CLOSED}:
        wait_for_close_again(world, instrument)
    crosses = phase == CONTINUOUS or (before == CLOSING_AUCTION and phase == CLOSED)
    gave = uncross(world, instrument) if crosses else Outcome()
    end_auction_orders(world, instrument)
    if phase == CLOSED:
        end_day(world, instrument)
    if crosses and (gave.quantity or before in AUCTIONS):
        tell_auction(world, instrument, before, gave)
    if phase == CONTINUOUS:
        resume(world, instrument)


def tell_phase(world: World, instrument: Instrument, before: int, *, breached: bool) -> None:
    value = instrument.phase | before << 8 | int(breached) << 16
    world.notice(kinds.PHASE_CHANGED, instrument.instrument_id, value)


def tell_auction(world: World, instrument: Instrument, before: int, gave: Outcome) -> None:
    """Tell how an auction ended."""
    world.sequence += 1
    view = gave.view()
    end = AuctionEnd(
        kind=kinds.AUCTION_ENDED,
        sequence=world.sequence,
        instrument_id=instrument.instrument_id,
        phase=before,
        price=view.price,
        quantity=view.quantity,
        imbalance=view.imbalance,
        imbalance_side=view.imbalance_side,
    )
    world.events.append(end)


def resume(world: World, instrument: Instrument) -> None:
    """Let stops and pegs that could not move look around."""
    instrument.followed = None
    if instrument.last is not None:
        reach(instrument, instrument.last)
    world.touch(instrument)


def wait_for_close_again(world: World, instrument: Instrument) -> None:
    """Take what had joined a closing auction, which was halted, out of the book again."""
    joined = [
        order
        for order in instrument.all_orders()
        if order.time_in_force == enums.TIME_IN_FORCE_AT_CLOSE and order.place in {BOOK, MARKET}
    ]
    for order in by_entry(joined):
        placing.leave(world, order)
        placing.wait(world, order, CLOSING)


def end_auction_orders(world: World, instrument: Instrument) -> None:
    """End what was for an auction that is over; let what waits for the closing one join it."""
    if instrument.phase not in {CONTINUOUS, VOLATILITY, CLOSING_AUCTION, CLOSED}:
        return
    over = [enums.TIME_IN_FORCE_AT_OPEN]
    if instrument.phase in {CONTINUOUS, CLOSED}:
        end_all(world, instrument.market)
    if instrument.phase == CLOSED:
        over.append(enums.TIME_IN_FORCE_AT_CLOSE)
    for good in over:
        end_all(world, [one for one in instrument.all_orders() if one.time_in_force == good])
    if instrument.phase == CLOSING_AUCTION:
        for order in by_entry(instrument.closing):
            placing.leave(world, order)
            collect(world, order)


def end_all(world: World, orders: list[Order]) -> None:
    for order in by_entry(orders):
        placing.cancel(world, order, enums.CANCEL_REASON_AUCTION_ENDED)


def by_entry(orders: list[Order]) -> list[Order]:
    return sorted(orders, key=lambda order: order.entered)


def end_day(world: World, instrument: Instrument) -> None:
    """Expire day orders in order of entry."""
    for order in by_entry(instrument.all_orders()):
        if order.time_in_force == enums.TIME_IN_FORCE_DAY:
            placing.expire(world, order, enums.CANCEL_REASON_END_OF_DAY)


def expire_instrument(world: World, instrument: Instrument) -> None:
    """End all orders of an instrument whose time is over, and close it."""
    instrument.expires, instrument.auction_end_ns = False, 0
    for order in instrument.all_orders():
        placing.expire(world, order, enums.CANCEL_REASON_INSTRUMENT_STATUS)
    before, instrument.phase = instrument.phase, CLOSED
    if before != CLOSED:
        tell_phase(world, instrument, before, breached=False)
