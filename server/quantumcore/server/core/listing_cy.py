"""Carry out the commands on instruments and accounts."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Listing:
    """Lists instruments, moves them through their phases, and opens accounts."""

    admission: Admission
    instruments: Instruments
    matching: Matching
    orders: Orders
    report: Reporter
    turn: Words
    results: Words
    account_definitions: list[bytes]
    account_capacity: cython.int
    configuration: list[int]

    def __init__(self, admission: Admission, matching: Matching, configuration: list[int]) -> None:
        self.admission, self.matching = admission, matching
        self.instruments, self.orders, self.report = (
            matching.instruments,
            matching.orders,
            matching.report,
        )
        self.turn, self.results = self.report.turn, self.report.results
        self.account_definitions = [b""]
        self.configuration = configuration
        self.account_capacity = configuration[kinds.CONFIGURE_ACCOUNTS - kinds.CONFIGURE_ORDERS]

    def execute(self, kind: int, start: int) -> None:
        """Carry out one administrative command; one refused before has the reason in its record."""
        if self.turn.words[start] >> 32:
            self.report.refuse(self.turn.words[start] >> 32, 0, 0, 0)
            self.report.conclude(kinds.NO_SLOT)
        elif kind == kinds.SET_TRADING_PHASE:
            self.set_phase(start)
        elif kind == kinds.CREATE_INSTRUMENT:
            self.create_instrument(start)
        elif kind == kinds.CREATE_ACCOUNT:
            self.create_account(start)
        elif kind == kinds.CONFIGURE:
            self.configure(start)
        else:
            raise AssertionError(f"no such command: {kind}")

    def configure(self, start: int) -> None:
        """Note what the exchange is built with; the first command of a journal."""
        first, end = start + kinds.CONFIGURE_ORDERS, start + kinds.CONFIGURE_WORDS
        stated = memoryview(self.turn.words)[first:end].tolist()
        assert stated == self.configuration, "built otherwise than the journal says"
        assert self.report.sequence == 0, "configured once, before all else"
        self.report.notice(kinds.CONFIGURED, stated[0], 0)
        self.report.conclude(kinds.NO_SLOT)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def set_phase(self, start: cython.Py_ssize_t) -> cython.int:
        instrument: cython.longlong = (
            self.turn.words[start + kinds.COMMAND_PARTIES] >> 32
        ) & kinds.LOW_HALF
        phase: cython.longlong = self.turn.words[start + kinds.PHASE_PHASE]
        if instrument == 0 or instrument > self.instruments.count:
            self.report.refuse(kinds.REJECT_REASON_UNKNOWN_INSTRUMENT, 0, 0, instrument)
        elif phase not in (
            kinds.TRADING_PHASE_CONTINUOUS,
            kinds.TRADING_PHASE_HALTED,
            kinds.TRADING_PHASE_CLOSED,
        ):
            self.report.refuse(kinds.REJECT_REASON_NOT_SUPPORTED, 0, 0, phase)
        else:
            self.instruments.set(cython.cast(cython.int, instrument), kinds.INSTRUMENT_PHASE, phase)
            self.report.notice(kinds.PHASE_CHANGED, instrument, phase)
            if phase == kinds.TRADING_PHASE_CLOSED:
                self._expire_day_orders(instrument)
        self.report.conclude(kinds.NO_SLOT)
        return 0

    def _expire_day_orders(self, instrument: int) -> None:
        """End the day orders of an instrument: bids, then asks, each in order of priority."""
        book: Book = self.instruments.book(instrument)
        for tag, _, _ in book.queue(kinds.SIDE_BUY) + book.queue(kinds.SIDE_SELL):
            row: cython.int = tag
            if (
                self.orders.terms[row] >> kinds.STATE_TIME_IN_FORCE
            ) & 0xFF == kinds.TIME_IN_FORCE_DAY:
                self.matching.leave_book(row)
                self.matching.end(
                    row,
                    kinds.ORDER_EXPIRED,
                    kinds.ORDER_STATUS_EXPIRED,
                    kinds.CANCEL_REASON_END_OF_DAY,
                    0,
                )

    def create_instrument(self, start: int) -> None:
        row = memoryview(self.turn.words)[
            start + kinds.LIST_TICK_SIZE : start + kinds.LIST_PHASE + 1
        ].tolist()
        if self.instruments.count >= self.instruments.capacity:
            self.report.refuse(
                kinds.REJECT_REASON_CAPACITY_EXHAUSTED,
                0,
                self.instruments.capacity,
                self.instruments.count,
            )
        else:
            definition = self._definition(start + kinds.LIST_TEXT_LENGTH)
            self.report.notice(
                kinds.INSTRUMENT_LISTED, self.instruments.add(row, definition), row[len(row) - 1]
            )
        self.report.conclude(kinds.NO_SLOT)
        self.results.words[self.report.result + kinds.RESULT_AFFECTED] = self.instruments.count

    def create_account(self, start: int) -> None:
        if self.admission.account_count >= self.account_capacity:
            self.report.refuse(
                kinds.REJECT_REASON_CAPACITY_EXHAUSTED,
                0,
                self.account_capacity,
                self.admission.account_count,
            )
        else:
            self.account_definitions.append(self._definition(start + kinds.ACCOUNT_TEXT_LENGTH))
            self.admission.account_count += 1
            self.report.notice(kinds.ACCOUNT_OPENED, self.admission.account_count, 0)
        self.report.conclude(kinds.NO_SLOT)
        self.results.words[self.report.result + kinds.RESULT_AFFECTED] = (
            self.admission.account_count
        )

    def _definition(self, at: int) -> bytes:
        length = self.turn.words[at]
        return bytes(self.turn.view(at + 1, at + 1 + (length + 7) // 8)[:length])


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
