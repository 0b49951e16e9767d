"""Compute what one lot of each holding requires alone."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.portfolio_cy import Portfolio
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.portfolio_cy import Portfolio


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def share_up(value: cython.longlong, basis_points: cython.longlong) -> cython.longlong:
    """Return so many basis points of a value of 0 or more, rounded up."""
    rest: cython.longlong = value % rows.BASIS_POINTS * basis_points
    whole: cython.longlong = value // rows.BASIS_POINTS * basis_points
    return whole + (rest + rows.BASIS_POINTS - 1) // rows.BASIS_POINTS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def share_down(value: cython.longlong, basis_points: cython.longlong) -> cython.longlong:
    """Return so many basis points of a value of 0 or more, rounded down."""
    rest: cython.longlong = value % rows.BASIS_POINTS * basis_points
    return value // rows.BASIS_POINTS * basis_points + rest // rows.BASIS_POINTS


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def price_rows(portfolio: Portfolio, rates: cython.longlong[::1]) -> cython.void:
    """Write OWN and BEYOND of every row; shares of value are rounded up for each lot.

    Long options and shares: their value. Short options: FINRA rule 4210(f)(2), Cboe rule
    10.3: the option's value and the greater of the rate less what it is out of the money,
    and the minimum (of the underlying for calls, of the strike for puts).
    """
    row: cython.int
    kind: cython.longlong
    for row in range(portfolio.count):
        kind = portfolio.get(row, rows.KIND)
        portfolio.set(row, rows.BEYOND, 0)
        if kind == rows.KIND_FUTURE:
            portfolio.set(row, rows.OWN, portfolio.get(row, rows.OUTRIGHT))
        elif kind == rows.KIND_CALL or kind == rows.KIND_PUT:
            _price_option(portfolio, row, rates)
        else:
            _price_share(portfolio, row, rates)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _price_share(portfolio: Portfolio, row: cython.int, rates: cython.longlong[::1]) -> cython.void:
    short: cython.bint = portfolio.get(row, rows.LOTS) < 0
    rate: cython.longlong = rates[rows.RATE_SHORT_SHARE if short else rows.RATE_LONG_SHARE]
    portfolio.set(row, rows.OWN, share_up(portfolio.get(row, rows.MARK_VALUE), rate))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _price_option(
    portfolio: Portfolio, row: cython.int, rates: cython.longlong[::1]
) -> cython.void:
    weight: cython.longlong = portfolio.get(row, rows.WEIGHT)
    underlying: cython.longlong = portfolio.get(row, rows.UNDERLYING_TICKS) * weight
    strike: cython.longlong = portfolio.get(row, rows.STRIKE_TICKS) * weight
    value: cython.longlong = portfolio.get(row, rows.MARK_VALUE)
    beyond: cython.longlong = 0
    if portfolio.get(row, rows.LOTS) < 0:
        if portfolio.get(row, rows.FLAGS) & rows.FLAG_BROAD_INDEX:
            beyond = share_up(underlying, rates[rows.RATE_BROAD_INDEX])
        else:
            beyond = share_up(underlying, rates[rows.RATE_SHORT_OPTION])
        if portfolio.get(row, rows.KIND) == rows.KIND_CALL:
            beyond -= max(strike - underlying, 0)
            beyond = max(beyond, share_up(underlying, rates[rows.RATE_MINIMUM]))
        else:
            beyond -= max(underlying - strike, 0)
            beyond = max(beyond, share_up(strike, rates[rows.RATE_MINIMUM]))
    portfolio.set(row, rows.BEYOND, beyond)
    portfolio.set(row, rows.OWN, value + beyond)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
