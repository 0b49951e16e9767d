"""Run command records on an exchange in one compiled loop."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.bench.drive_cy import now_ns
    from cython.cimports.quantumcore.server.core.exchange_cy import Exchange
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.bench.drive_cy import now_ns
    from quantumcore.server.core.exchange_cy import Exchange
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class ExchangeDrive:
    """Copies each record to the end of the turn and applies it, as the door does.

    A turn has `size` commands; its time, events, answers and level changes are those that the
    journal and the clients would be given, and they are thrown away when the next one begins.
    """

    exchange: Exchange
    turn: Words

    def __init__(self, exchange: Exchange) -> None:
        self.exchange, self.turn = exchange, exchange.turn

    def run(self, commands: cython.longlong[::1], time_ns: int, size: int) -> int:
        """Execute all records; return how many there were."""
        at: cython.Py_ssize_t = 0
        end: cython.Py_ssize_t = len(commands)
        each: cython.longlong = size
        number: cython.longlong = 0
        while at < end:
            if number % each == 0:
                self.exchange.begin_turn(time_ns + number)
            at = self._step(commands, at)
            number += 1
        return number

    def run_timed(
        self,
        commands: cython.longlong[::1],
        time_ns: int,
        size: int,
        elapsed_ns: cython.longlong[::1],
    ) -> int:
        """Do the same, and put the time that each command took into `elapsed_ns`."""
        at: cython.Py_ssize_t = 0
        end: cython.Py_ssize_t = len(commands)
        each: cython.longlong = size
        number: cython.longlong = 0
        before: cython.longlong
        while at < end:
            if number % each == 0:
                self.exchange.begin_turn(time_ns + number)
            before = now_ns()
            at = self._step(commands, at)
            elapsed_ns[number] = now_ns() - before
            number += 1
        return number

    def run_paced(
        self,
        commands: cython.longlong[::1],
        time_ns: int,
        size: int,
        elapsed_ns: cython.longlong[::1],
        interval_ns: int,
    ) -> int:
        """Let commands arrive at a steady rate; time each from its arrival to its end.

        Arrivals do not wait: a command behind a slow one is late, and that counts.
        """
        at: cython.Py_ssize_t = 0
        end: cython.Py_ssize_t = len(commands)
        each: cython.longlong = size
        apart: cython.longlong = interval_ns
        number: cython.longlong = 0
        arrival: cython.longlong = now_ns()
        while at < end:
            arrival += apart
            while now_ns() < arrival:
                pass
            if number % each == 0:
                self.exchange.begin_turn(time_ns + number)
            at = self._step(commands, at)
            elapsed_ns[number] = now_ns() - arrival
            number += 1
        return number

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _step(self, commands: cython.longlong[::1], at: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Execute the record at word `at`; return where the next one is."""
        length: cython.Py_ssize_t = (commands[at] >> 16) & 0xFFFF
        turn: Words = self.turn
        turn._reserve(length)
        start: cython.Py_ssize_t = turn.end
        i: cython.Py_ssize_t
        for i in range(length):
            turn.words[start + i] = commands[at + i]
        turn.end += length
        self.exchange._apply(start)
        return at + length


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
