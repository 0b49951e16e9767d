"""Value what instruments trade at, in minor units."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import tables
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
else:
    from quantumcore.server.core import tables
    from quantumcore.server.core.instruments_cy import Instruments


@cython.cfunc
@cython.exceptval(check=False)
def notional_of(
    instruments: Instruments, instrument: cython.int, quantity: cython.longlong
) -> cython.longlong:
    """Return the greatest value of a quantity of an instrument, minor units.

    The quantity is at most the instrument's greatest, so that this fits 62 bits.
    """
    furthest: cython.longlong = max(
        instruments.get(instrument, tables.INSTRUMENT_HIGHEST_PRICE),
        -instruments.get(instrument, tables.INSTRUMENT_LOWEST_PRICE),
    )
    ticks: cython.longlong = furthest // instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
    lots: cython.longlong = quantity // instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
    return ticks * lots * instruments.get(instrument, tables.INSTRUMENT_TICK_VALUE)


def bounded_cost(most: int) -> int:
    """Return a greatest cost of a unit as the core holds it: NO_LIMIT where it is above that."""
    limit: cython.longlong = tables.NO_LIMIT
    return max(-limit, min(most, limit))


def least_money(instruments: Instruments, legs: list[int]) -> tuple[int, int]:
    """Return what 1e-9 of a net price means, in minor units, as a fraction.

    A net price is in units of the smallest multiplier among the instruments of the legs.
    """
    money, per = money_of_price(instruments, legs[0])
    for instrument in legs[1:]:
        other, other_per = money_of_price(instruments, instrument)
        if other * per < money * other_per:
            money, per = other, other_per
    return money, per


def money_of_price(instruments: Instruments, instrument: int) -> tuple[int, int]:
    """Return the minor units that 1e-9 of price means for a quantity of 1, as a fraction."""
    read = instruments.read
    tick, lot = (
        read(instrument, tables.INSTRUMENT_TICK_SIZE),
        read(instrument, tables.INSTRUMENT_LOT_SIZE),
    )
    return read(instrument, tables.INSTRUMENT_TICK_VALUE) * 10**9, tick * lot


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
