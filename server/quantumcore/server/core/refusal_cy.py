"""Say why a command is refused."""

import cython


@cython.final
@cython.cclass
class Refusal:
    """Which request field broke which limit with what value; `reason` 0: nothing is wrong.

    `leg` is the leg of a multi-leg order that is to blame, from 1, 0: none: that which the checks
    were `about`.
    `fail` states the one reason; `note` keeps the one that goes before the others, of several
    that are found: the lowest number, of equals the first.
    """

    reason: cython.longlong
    field: cython.longlong
    limit: cython.longlong
    value: cython.longlong
    leg: cython.longlong
    about: cython.longlong

    def __init__(self) -> None:
        self.reason = self.field = self.limit = self.value = self.leg = self.about = 0

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


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
