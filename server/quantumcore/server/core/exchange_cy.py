"""Apply commands one after the other: the only way to change the exchange's state."""

import cython

from quantumcore.server.core.errors import ReplayDiverged

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.amending_cy import Amending
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.attribution_cy import Attribution
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.cancelling_cy import Cancelling
    from cython.cimports.quantumcore.server.core.checking_cy import Checking
    from cython.cimports.quantumcore.server.core.entry_cy import Entry
    from cython.cimports.quantumcore.server.core.fills_cy import Fills
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ledger_cy import Ledger
    from cython.cimports.quantumcore.server.core.limits_cy import Limits
    from cython.cimports.quantumcore.server.core.listing_cy import Listing
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.mending_cy import Mending
    from cython.cimports.quantumcore.server.core.naming_cy import Naming
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.package_admission_cy import PackageAdmission
    from cython.cimports.quantumcore.server.core.package_answers_cy import PackageAnswers
    from cython.cimports.quantumcore.server.core.package_mending_cy import PackageMending
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.packaging_cy import Packaging
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.pretrade_cy import PreTrade
    from cython.cimports.quantumcore.server.core.reading_cy import Reading
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.replacing_cy import Replacing
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.requests_cy import RequestWindow
    from cython.cimports.quantumcore.server.core.settling_cy import Settling
    from cython.cimports.quantumcore.server.core.trades_cy import Trades
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.amending_cy import Amending
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.attribution_cy import Attribution
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.cancelling_cy import Cancelling
    from quantumcore.server.core.checking_cy import Checking
    from quantumcore.server.core.entry_cy import Entry
    from quantumcore.server.core.fills_cy import Fills
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ledger_cy import Ledger
    from quantumcore.server.core.limits_cy import Limits
    from quantumcore.server.core.listing_cy import Listing
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.mending_cy import Mending
    from quantumcore.server.core.naming_cy import Naming
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.package_admission_cy import PackageAdmission
    from quantumcore.server.core.package_answers_cy import PackageAnswers
    from quantumcore.server.core.package_mending_cy import PackageMending
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.packaging_cy import Packaging
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.pretrade_cy import PreTrade
    from quantumcore.server.core.reading_cy import Reading
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.replacing_cy import Replacing
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.requests_cy import RequestWindow
    from quantumcore.server.core.settling_cy import Settling
    from quantumcore.server.core.trades_cy import Trades
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Exchange(Reading):
    """Order books of all instruments, their orders, and the accounts that own them.

    Deterministic: the same commands at the same turn times give the same events, bit for
    bit. A command is a record at the end of `turn`; `apply` executes it whole, appends its
    events behind it, one row to `results` and the changed price levels to `levels`. What a
    user did wrong is an event and a result, never an exception. Where a defect raises one all the
    same, `is_torn` stays set: the state is not to be used, nor the turn to be stored.
    """

    admission: Admission
    entry: Entry
    cancelling: Cancelling
    checking: Checking
    replacing: Replacing
    listing: Listing
    turn: Words
    results: Words
    levels: Words
    package_answers: PackageAnswers
    journaled: Words
    is_torn: cython.bint

    def __init__(
        self,
        *,
        order_capacity: int = 1 << 20,
        live_order_capacity: int = 1 << 19,
        level_capacity: int = 1 << 18,
        request_capacity: int = 1 << 20,
        account_capacity: int = 1 << 16,
        instrument_capacity: int = 1 << 14,
        hash_key: int = 0,
        trade_capacity: int = 1 << 20,
        position_capacity: int = 1 << 20,
        prefault: bool = False,
    ) -> None:
        """Reserve memory for orders (ended ones too), working orders, levels and request ids.

        `hash_key`, a secret below 2**62, keeps clients from aiming at one place of an index.
        `prefault` commits all memory now instead of when it is first touched.
        """
        configuration = [
            order_capacity,
            live_order_capacity,
            level_capacity,
            request_capacity,
            account_capacity,
            instrument_capacity,
            hash_key,
            trade_capacity,
            position_capacity,
        ]
        self.arena = Arena(
            orders=live_order_capacity,
            levels=level_capacity,
            books=instrument_capacity,
            prefault=prefault,
        )
        self.instruments = Instruments(self.arena, instrument_capacity)
        packages = Packages(
            max(1, live_order_capacity // 8), order_capacity, instrument_capacity, hash_key
        )
        self.orders = Orders(
            order_capacity, live_order_capacity, account_capacity, hash_key, prefault, packages
        )
        self.accounts = Accounts(account_capacity)
        self.limits = Limits()
        balances = Balances(4 * account_capacity, account_capacity, hash_key, prefault)
        self.positions = Positions(balances, position_capacity, hash_key, prefault)
        self.report = Reporter(self.orders, self.instruments, self.accounts, self.positions)
        report = self.report
        self.turn, self.results, self.levels = report.turn, report.results, report.levels
        self.package_answers = PackageAnswers(self.orders, report.results)
        self.trades = Trades(trade_capacity, prefault)
        self.requests = RequestWindow(request_capacity, hash_key, prefault)
        self.journaled, self.is_torn = Words(), False
        self.placing = Placing(self.accounts, self.instruments, self.positions, self.report)
        self._connect(packages, configuration)

    def _connect(self, packages: Packages, configuration: list[int]) -> None:
        """Build what acts on the tables."""
        ledger = Ledger(self.positions, self.report)
        self.attribution = Attribution(self.report)
        fills = Fills(self.placing, ledger, self.trades, self.attribution)
        matching = Matching(self.placing, fills)
        self.admission = Admission(self.placing, self.limits, self.turn)
        self.checking = Checking(matching, self.limits)
        self.queries = PreTrade(self.placing.exposure, self.limits, Refusal())
        packaging = Packaging(matching, PackageAdmission(self.admission, packages))
        self.settling = Settling(matching, packaging)
        naming = Naming(self.admission, self.report)
        self.entry = Entry(self.admission, self.settling)
        self.cancelling = Cancelling(naming, self.placing)
        self.replacing = Replacing(naming, self.entry, Amending(packaging))
        mending = Mending(self.placing, ledger, self.trades, self.attribution)
        mends = PackageMending(mending, packaging.trading)
        self.listing = Listing(self.admission, self.settling, mends, configuration)

    @property
    def configuration(self) -> list[int]:
        """What it was built with, in the order of CONFIGURE_ORDERS to CONFIGURE_HASH_KEY."""
        return self.listing.configuration

    def begin_turn(self, time_ns: int) -> None:
        """Start a turn with empty buffers; its time holds from its first command on."""
        self.report.turn_time_ns = max(time_ns, self.report.time_ns)
        self.admission.time_ns = self.report.turn_time_ns
        self.turn.clear()
        self.results.clear()
        self.levels.clear()
        self.package_answers.words.clear()

    def apply(self, start: int) -> None:
        """Execute the command whose record is turn.words[start:turn.end]."""
        self._apply(start)

    def replay(self, payload: memoryview, time_ns: int) -> None:
        """Execute the commands of a journaled turn again.

        Raises ReplayDiverged when they do not give the journaled events, bit for bit.
        """
        self.begin_turn(time_ns)
        first = self.report.sequence + 1
        self.journaled.clear()
        self.journaled.load(payload)
        if not self._replay_commands():
            raise ReplayDiverged(first, "a record's length is not within the turn")
        if not self._same_turn():
            raise ReplayDiverged(first, "the commands gave other events than the journal holds")

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _replay_commands(self) -> cython.int:
        journaled: Words = self.journaled
        at: cython.Py_ssize_t = 0
        length: cython.Py_ssize_t
        start: cython.Py_ssize_t
        i: cython.Py_ssize_t
        while at < journaled.end:
            length = (journaled.words[at] >> 16) & 0xFFFF
            if length == 0 or at + length > journaled.end:
                return 0
            if journaled.words[at] & 0xFFFF < kinds.FIRST_EVENT:
                self.turn._reserve(length)
                start = self.turn.end
                for i in range(length):
                    self.turn.words[start + i] = journaled.words[at + i]
                self.turn.end += length
                self._apply(start)
            at += length
        return 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _same_turn(self) -> cython.bint:
        i: cython.Py_ssize_t
        if self.turn.end != self.journaled.end:
            return False
        for i in range(self.turn.end):
            if self.turn.words[i] != self.journaled.words[i]:
                return False
        return True

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _apply(self, start: cython.Py_ssize_t) -> cython.int:
        self.is_torn = True
        self._carry_out(start)
        self.is_torn = False
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _carry_out(self, start: cython.Py_ssize_t) -> cython.int:
        self.report.begin_result(start)
        if not self.requests.has_scope(self.turn, start, self.accounts.count):
            return self._execute(start)
        request_id: cython.longlong = self.turn.words[start + kinds.COMMAND_REQUEST_ID]
        account: cython.int = self.requests.scope_of(self.turn, start)
        self._expect(start, account)
        self.requests.expect(account, request_id)
        content: cython.longlong = self.requests.content_of(self.turn, start)
        entry: cython.int = self.requests.find(account, request_id)
        if entry == kinds.NO_SLOT:
            self._execute(start)
            self.requests.add(account, request_id, content, self.results, self.report.result)
            return 0
        if self.requests.contents[entry] != content:
            # Marked in its record, so that a replay refuses it as well.
            reused: cython.longlong = enums.REJECT_REASON_REQUEST_ID_REUSED
            self.turn.words[start] |= reused << 32
            return self._execute(start)
        self.requests.recall(entry, self.results, self.report.result)
        return self.report.notice(
            kinds.REQUEST_REPEATED,
            self.results.words[self.report.result + kinds.RESULT_ORDER_ID],
            request_id,
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _expect(self, start: cython.Py_ssize_t, account: cython.int) -> cython.int:
        """Have the processor fetch what the command will need, while its request id is checked."""
        kind: cython.longlong = self.turn.words[start] & 0xFFFF
        instrument: cython.longlong
        if kind == kinds.CREATE_ORDER:
            instrument = self.turn.words[start + kinds.COMMAND_PARTIES] >> 32
            self.instruments.expect(instrument)
            self.positions.expect(account, cython.cast(cython.int, instrument))
        elif kind == kinds.CANCEL_ORDER or kind == kinds.REPLACE_ORDER:
            self.orders.expect(self.turn.words[start + kinds.CANCEL_ORDER_ID])
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _execute(self, start: cython.Py_ssize_t) -> cython.int:
        kind: cython.longlong = self.turn.words[start] & 0xFFFF
        settling: Settling = self.settling
        due: cython.longlong = settling.next_due_ns()
        if due != 0 and due <= self.report.time_ns:
            settling.expire(self.report.time_ns)
        if settling.is_restless():
            settling.settle()
        if kind == kinds.CREATE_ORDER:
            self.entry.create(start)
        elif kind == kinds.CANCEL_ORDER:
            self.cancelling.cancel(start)
        elif kind == kinds.REPLACE_ORDER:
            self.replacing.replace(start)
        elif kind == kinds.CANCEL_ORDERS:
            self.cancelling.cancel_many(start)
        elif kind == kinds.CREATE_PACKAGE:
            settling.packaging.create(start)
        elif kind == kinds.REPLACE_PACKAGE:
            self.replacing.amend(start)
        elif kind == kinds.CANCEL_PACKAGE:
            self.cancelling.cancel(start)
        else:
            self.listing.execute(kind, start)
        if settling.is_restless():
            settling.settle()
        if self.positions.balances.queue_count > 0:
            self.listing.funding.tell_margins()
        self.report.conclude()
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
