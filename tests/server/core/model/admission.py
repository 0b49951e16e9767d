"""Why a new order is refused: all reasons, of which the lowest number goes before the others."""

from collections.abc import Iterator
from typing import NamedTuple

from quantumcore.server.core import enums, kinds
from tests.server.core.model import placing
from tests.server.core.model.instrument import Instrument
from tests.server.core.model.order import Order
from tests.server.core.model.world import World

CLOSED_PHASES = {enums.TRADING_PHASE_HALTED, enums.TRADING_PHASE_CLOSED}
OPENING_PHASES = {enums.TRADING_PHASE_PRE_OPEN, enums.TRADING_PHASE_OPENING_AUCTION}
RESTING = {enums.TIME_IN_FORCE_DAY, enums.TIME_IN_FORCE_GTC, enums.TIME_IN_FORCE_GTD}
AT_ONCE = {enums.TIME_IN_FORCE_IOC, enums.TIME_IN_FORCE_FOK}
NEEDING_PRICE = {
    enums.ORDER_TYPE_LIMIT,
    enums.ORDER_TYPE_STOP_LIMIT,
    enums.ORDER_TYPE_ICEBERG,
}


class Refusal(NamedTuple):
    """Which field broke which limit with what value."""

    reason: int
    field: int = 0
    limit: int = 0
    value: int = 0


def at_the_door(reason: int, account_id: int, request_id: int) -> Refusal:
    """Return the refusal of a command that was not let in."""
    if reason == enums.REJECT_REASON_NOT_PERMITTED:
        return Refusal(reason, 2, 0, account_id)
    if reason == enums.REJECT_REASON_REQUEST_ID_REUSED:
        return Refusal(reason, 1, 0, request_id)
    return Refusal(reason)


def first_refusal(refusals: Iterator[Refusal]) -> Refusal | None:
    """Return the one that counts: the lowest reason, then the lowest field."""
    return min(refusals, key=lambda refusal: refusal[:2], default=None)


def against(world: World, order: Order) -> Iterator[Refusal]:
    """Tell all that is wrong with a new order."""
    if order.account_id not in world.accounts:
        yield Refusal(enums.REJECT_REASON_UNKNOWN_ACCOUNT, 2, 0, order.account_id)
        return
    yield from against_status(world, order.account_id, 2)
    if order.instrument_id not in world.instruments:
        yield Refusal(enums.REJECT_REASON_UNKNOWN_INSTRUMENT, 3, 0, order.instrument_id)
        return
    instrument = world.instrument(order)
    if order.is_peg and len(instrument.pegs) >= kinds.PEGS_PER_INSTRUMENT:
        yield Refusal(enums.REJECT_REASON_CAPACITY_EXHAUSTED, 6, 1000, 1000)
    yield from against_name(world, order.account_id, order.client_order_id, 4)
    yield from against_enums(order)
    yield from against_fields(order)
    yield from against_missing(order)
    yield from against_phase(instrument)
    yield from against_phase_of(instrument, order)
    yield from against_numbers(world, instrument, order)
    if world.stops_account(order.account_id):
        yield against_killed(world, order.account_id)
    if order.reduce_only:
        yield from against_increase(world, order, order.quantity, 16)
    if order.post_only and order.price is not None:
        yield from against_taking(instrument, order, order.price, 9)


def against_killed(world: World, account_id: int) -> Refusal:
    """Tell whose kill switch is on; 0: the venue's."""
    return Refusal(enums.REJECT_REASON_KILL_SWITCH, 2, 0, 0 if world.is_killed else account_id)


def against_status(world: World, account_id: int, field: int) -> Iterator[Refusal]:
    """Tell whether an account may not trade."""
    status = world.accounts[account_id].status
    if status != enums.ACCOUNT_STATUS_ACTIVE:
        yield Refusal(enums.REJECT_REASON_ACCOUNT_SUSPENDED, field, 0, status)


def against_name(world: World, account_id: int, name: str, field: int) -> Iterator[Refusal]:
    printable = all(" " <= character <= "~" for character in name)
    length = len(name) if printable else kinds.NOT_PRINTABLE
    if not 1 <= length <= kinds.CLIENT_ORDER_ID_BYTES:
        yield Refusal(enums.REJECT_REASON_INVALID_CLIENT_ORDER_ID, field, 64, length)
    elif (account_id, name) in world.names:
        known = world.names[account_id, name].order_id
        yield Refusal(enums.REJECT_REASON_DUPLICATE_CLIENT_ORDER_ID, field, 0, known)


def against_enums(order: Order) -> Iterator[Refusal]:
    choices = (
        (5, order.side, range(1, 3)),
        (6, order.order_type, range(1, 7)),
        (7, order.time_in_force, range(1, 8)),
        (11, order.stop_trigger, range(4)),
        (13, order.peg_reference, range(4)),
        (19, order.self_trade_prevention, range(6)),
    )
    for field, value, allowed in choices:
        if value not in allowed:
            yield Refusal(enums.REJECT_REASON_INVALID_ENUM, field, 0, value)


def against_fields(order: Order) -> Iterator[Refusal]:
    """Tell which fields do not go with type and time in force."""
    simple = order.order_type in {enums.ORDER_TYPE_LIMIT, enums.ORDER_TYPE_MARKET}
    passive = order.order_type in {enums.ORDER_TYPE_LIMIT, enums.ORDER_TYPE_ICEBERG}
    rests = order.time_in_force in RESTING
    partly = rests or order.time_in_force == enums.TIME_IN_FORCE_IOC
    dated = order.time_in_force == enums.TIME_IN_FORCE_GTD
    rules = (
        (7, order.time_in_force, not simple and not rests),
        (9, order.price, order.price is not None and order.is_market),
        (10, order.stop_price, order.stop_price is not None and not order.is_stop),
        (11, order.stop_trigger, order.stop_trigger and not order.is_stop),
        (12, order.display_quantity, order.display_quantity and not order.is_iceberg),
        (13, order.peg_reference, order.peg_reference and not order.is_peg),
        (14, order.peg_offset, order.peg_offset and not order.is_peg),
        (15, 1, order.post_only and not (passive and rests)),
        (16, 1, order.reduce_only and order.is_iceberg),
        (
            17,
            order.min_quantity,
            order.min_quantity and (not (simple or passive) or not partly or order.post_only),
        ),
        (18, order.expire_time_ns, order.expire_time_ns and not dated),
    )
    for field, value, broken in rules:
        if broken:
            yield Refusal(enums.REJECT_REASON_FIELD_NOT_ALLOWED, field, 0, value or 0)


def against_missing(order: Order) -> Iterator[Refusal]:
    dated = order.time_in_force == enums.TIME_IN_FORCE_GTD
    rules = (
        (9, order.price is None and order.order_type in NEEDING_PRICE),
        (10, order.stop_price is None and order.is_stop),
        (12, order.display_quantity == 0 and order.is_iceberg),
        (13, order.peg_reference == 0 and order.is_peg),
        (18, order.expire_time_ns == 0 and dated),
    )
    for field, missing in rules:
        if missing:
            yield Refusal(enums.REJECT_REASON_FIELD_REQUIRED, field)


def against_phase(instrument: Instrument) -> Iterator[Refusal]:
    """Tell whether the instrument takes neither new nor changed orders."""
    if instrument.phase in CLOSED_PHASES:
        yield Refusal(enums.REJECT_REASON_WRONG_PHASE, 3, 0, instrument.phase)


def against_phase_of(instrument: Instrument, order: Order) -> Iterator[Refusal]:
    """Tell whether the phase does not take an order of these terms."""
    at_once = order.time_in_force in AT_ONCE or order.min_quantity
    opening = order.time_in_force == enums.TIME_IN_FORCE_AT_OPEN
    if (at_once and not instrument.is_continuous) or (
        opening and instrument.phase not in OPENING_PHASES
    ):
        yield Refusal(enums.REJECT_REASON_WRONG_PHASE, 3, 0, instrument.phase)


def against_numbers(world: World, instrument: Instrument, order: Order) -> Iterator[Refusal]:
    yield from against_quantity(instrument, order.quantity, instrument.max_quantity, 8)
    if order.price is not None:
        yield from against_price(instrument, order.price, 9)
    if order.stop_price is not None:
        yield from against_price(instrument, order.stop_price, 10)
    if order.is_iceberg:
        yield from against_part(instrument, order, order.display_quantity, order.quantity - 1, 12)
    if order.is_peg:
        yield from against_offset(instrument, order.peg_offset)
    if order.min_quantity:
        yield from against_part(instrument, order, order.min_quantity, order.quantity, 17)
    if order.expire_time_ns and order.expire_time_ns <= world.time_ns:
        yield Refusal(
            enums.REJECT_REASON_EXPIRE_TIME_PASSED, 18, world.time_ns, order.expire_time_ns
        )


def against_offset(instrument: Instrument, offset: int) -> Iterator[Refusal]:
    furthest = instrument.max_price - instrument.min_price
    if offset % instrument.tick_size:
        yield Refusal(enums.REJECT_REASON_PRICE_OFF_TICK, 14, instrument.tick_size, offset)
    elif abs(offset) > furthest:
        yield Refusal(enums.REJECT_REASON_PRICE_OUT_OF_RANGE, 14, furthest, offset)


def against_quantity(
    instrument: Instrument, quantity: int, most: int, field: int
) -> Iterator[Refusal]:
    if quantity <= 0:
        yield Refusal(enums.REJECT_REASON_QUANTITY_NOT_POSITIVE, field, 0, quantity)
    elif quantity % instrument.lot_size:
        yield Refusal(enums.REJECT_REASON_QUANTITY_OFF_LOT, field, instrument.lot_size, quantity)
    elif quantity > most:
        yield Refusal(enums.REJECT_REASON_QUANTITY_TOO_LARGE, field, most, quantity)


def against_part(
    instrument: Instrument, order: Order, part: int, most: int, field: int
) -> Iterator[Refusal]:
    """Tell what is wrong with a part of an order's quantity; the limit told is the whole."""
    for refusal in against_quantity(instrument, part, most, field):
        too_large = refusal.reason == enums.REJECT_REASON_QUANTITY_TOO_LARGE
        yield refusal._replace(limit=order.quantity) if too_large else refusal


def against_price(instrument: Instrument, price: int, field: int) -> Iterator[Refusal]:
    if price % instrument.tick_size:
        yield Refusal(enums.REJECT_REASON_PRICE_OFF_TICK, field, instrument.tick_size, price)
    for bound, broken in (
        (instrument.min_price, price < instrument.min_price),
        (instrument.max_price, price > instrument.max_price),
    ):
        if broken:
            yield Refusal(enums.REJECT_REASON_PRICE_OUT_OF_RANGE, field, bound, price)


def against_increase(
    world: World, order: Order, quantity: int, field: int, own: int = 0
) -> Iterator[Refusal]:
    """Tell whether a reduce-only order could do more than reduce the position."""
    working = sum(
        other.leaves
        for other in world.working.values()
        if other.reduce_only
        and other.account_id == order.account_id
        and other.instrument_id == order.instrument_id
    )
    position = placing.reducible(world, order.account_id, order.instrument_id, order.side)
    most = max(0, position - working + own)
    if quantity > most:
        yield Refusal(enums.REJECT_REASON_REDUCE_ONLY, field, most, quantity)


def against_taking(
    instrument: Instrument, order: Order, price: int, field: int
) -> Iterator[Refusal]:
    """Tell whether a post-only order would trade at once."""
    best = instrument.best(order.opposite)
    if instrument.is_continuous and best is not None and order.accepts(best, price):
        yield Refusal(enums.REJECT_REASON_POST_ONLY_WOULD_TRADE, field, best, price)
