"""Place the lots of options in the ways that the search of a pairing begins with."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.options_cy import Options
    from cython.cimports.quantumcore.server.core.margin.places_cy import Places
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.options_cy import Options
    from quantumcore.server.core.margin.places_cy import Places


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def starts(options: Options) -> cython.int:
    """Return in how many ways lots can be placed to begin with."""
    count: cython.int = max(2 * options.layers, 1)
    if options.layers and (options.call_cover or options.put_cover):
        count += 1
    return count


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def place_start(options: Options, places: Places, start: cython.int) -> cython.void:
    """Place all lots in one of these ways, from 0.

    The first leaves short options alone. Of the others an odd one puts them in no layer before
    one of those there are, an even one long options in none behind one, and shares cover what
    they can. One way more, where there are shares, does as the first of these and covers nothing.
    """
    at: cython.int
    cell: cython.int
    for cell in range(options.count * options.places):
        places.placed[cell] = 0
    for at in range(options.count):
        cell = at * options.places + _place(options, places, at, start)
        places.placed[cell] = options.lots[at]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _place(options: Options, places: Places, at: cython.int, start: cython.int) -> cython.int:
    least: cython.int = rows.FIRST_LAYER
    most: cython.int = rows.FIRST_LAYER + options.layers - 1
    is_last: cython.bint = start == 2 * options.layers
    if options.is_short[at] and not is_last:
        if start == 0:
            return rows.ALONE
        if places.high[at * options.places + rows.COVERED] > 0:
            return rows.COVERED
    if start % 2:
        least += start // 2
    elif start and not is_last:
        most = rows.FIRST_LAYER + start // 2 - 1
    return _layer(options, places, at, least, most)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _layer(
    options: Options, places: Places, at: cython.int, least: cython.int, most: cython.int
) -> cython.int:
    """Return the first layer from `least` for a short option, the last up to `most` else."""
    first: cython.int = at * options.places
    place: cython.int
    if options.is_short[at]:
        for place in range(least, options.places):
            if places.high[first + place] > 0:
                return place
        return rows.ALONE
    place = most
    while place >= rows.FIRST_LAYER and places.high[first + place] == 0:
        place -= 1
    return place if place >= rows.FIRST_LAYER else rows.ALONE


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
