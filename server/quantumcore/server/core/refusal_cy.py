"""Say why a command is refused."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import tables
else:
    from quantumcore.server.core import tables


@cython.final
@cython.cclass
class Refusal:
    """Which request field broke which limit with what value; `reason` 0: nothing is wrong.

    `leg` is the leg of a multi-leg order that is to blame, from 1, 0: none: that which the checks
    were `about`.
    `fail` states the one reason; `note` keeps the one that goes before the others, of several
    that are found: the lowest number, of equals the first.

    `compare` notes what a rule has compared, where somebody `asks`: of each RejectReason what
    leaves the least room.
    """

    reason: cython.longlong
    field: cython.longlong
    limit: cython.longlong
    value: cython.longlong
    leg: cython.longlong
    about: cython.longlong
    asks: cython.bint
    compared: cython.longlong[::1]

    def __init__(self) -> None:
        self.asks, self.compared = (
            False,
            int64_column(tables.COMPARED_REASONS * tables.COMPARED_WORDS),
        )
        self.reason = self.field = self.limit = self.value = self.leg = self.about = 0

    def begin_asking(self) -> None:
        """Forget what was compared, and note it from now on."""
        self.asks = True
        memoryview(self.compared)[:] = memoryview(
            bytes(8 * tables.COMPARED_REASONS * tables.COMPARED_WORDS)
        ).cast("q")

    def answer(self) -> dict[int, tuple[int, int, int]]:
        """Return limit, value and leg of all that was compared, by RejectReason."""
        rows = (
            memoryview(self.compared)[at : at + tables.COMPARED_WORDS].tolist() for at in _starts()
        )
        first, last = tables.COMPARED_LIMIT, tables.COMPARED_LEG
        return {
            reason: (row[first], row[tables.COMPARED_VALUE], row[last])
            for reason, row in enumerate(rows)
            if row[0]
        }

    @cython.cfunc
    @cython.exceptval(check=False)
    def compare(
        self,
        reason: cython.int,
        limit: cython.longlong,
        value: cython.longlong,
        room: cython.longlong,
    ) -> cython.void:
        """Note that a rule lets this value be so far from its limit; negative: it does not.

        For who has looked that somebody `asks`: nobody does on the way of an order.
        """
        at: cython.Py_ssize_t = reason * tables.COMPARED_WORDS
        if self.compared[at] != 0 and self.compared[at + tables.COMPARED_ROOM] <= room:
            return
        self.compared[at] = 1
        self.compared[at + tables.COMPARED_LIMIT] = limit
        self.compared[at + tables.COMPARED_VALUE] = value
        self.compared[at + tables.COMPARED_LEG] = self.about
        self.compared[at + tables.COMPARED_ROOM] = room

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def fail(
        self,
        reason: cython.longlong,
        field: cython.longlong,
        limit: cython.longlong,
        value: cython.longlong,
    ) -> cython.longlong:
        """State why; return the reason."""
        self.reason, self.field, self.limit, self.value = reason, field, limit, value
        self.leg = self.about
        return reason

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def note(
        self,
        reason: cython.longlong,
        field: cython.longlong,
        limit: cython.longlong,
        value: cython.longlong,
    ) -> cython.longlong:
        """State why, unless a reason that goes before it is stated; return the one that is."""
        if self.reason == 0 or reason < self.reason:
            return self.fail(reason, field, limit, value)
        return self.reason

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def clear(self) -> cython.void:
        """Find nothing wrong so far."""
        self.reason = self.about = 0


def _starts() -> range:
    return range(0, tables.COMPARED_REASONS * tables.COMPARED_WORDS, tables.COMPARED_WORDS)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
