"""Apply commands one after the other: the only way to change the exchange's state."""

from hashlib import sha256

import cython

from quantumcore.server.core.errors import ReplayDiverged
from quantumcore.server.core.views import Level, OrderView

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.listing_cy import Listing
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.requests_cy import RequestWindow
    from cython.cimports.quantumcore.server.core.trading_cy import Trading
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.listing_cy import Listing
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.requests_cy import RequestWindow
    from quantumcore.server.core.trading_cy import Trading
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Exchange:
    """Order books of all instruments, their orders, and the accounts that own them.

    Deterministic: the same commands at the same turn times give the same events, bit for
    bit. A command is a record at the end of `turn`; `apply` executes it whole, appends its
    events behind it, one row to `results` and the changed price levels to `levels`. What a
    user did wrong is an event and a result, never an exception.
    """

    arena: Arena
    admission: Admission
    instruments: Instruments
    orders: Orders
    report: Reporter
    requests: RequestWindow
    turn: Words
    results: Words
    levels: Words
    journaled: Words
    matching: Matching
    trading: Trading
    listing: Listing

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
        ]
        self.arena = Arena(
            orders=live_order_capacity,
            levels=level_capacity,
            books=instrument_capacity,
            prefault=prefault,
        )
        self.instruments = Instruments(self.arena, instrument_capacity)
        self.orders = Orders(
            order_capacity, live_order_capacity, account_capacity, hash_key, prefault
        )
        self.report = Reporter(self.orders, self.instruments)
        report = self.report
        self.turn, self.results, self.levels = report.turn, report.results, report.levels
        self.admission = Admission(self.arena, self.instruments, self.orders, self.turn)
        self.requests = RequestWindow(request_capacity, hash_key, prefault)
        self.journaled = Words()
        self.matching = Matching(self.arena, self.instruments, self.orders, self.report)
        self.trading = Trading(self.admission, self.matching, self.orders, self.report)
        self.listing = Listing(self.admission, self.matching, configuration)

    @property
    def configuration(self) -> list[int]:
        """What it was built with, in the order of CONFIGURE_ORDERS to CONFIGURE_HASH_KEY."""
        return self.listing.configuration

    @property
    def sequence(self) -> int:
        """Sequence of the last event; 0: none yet."""
        return self.report.sequence

    @property
    def time_ns(self) -> int:
        """Time of the last command's turn: ns since the Unix epoch, UTC."""
        return self.report.time_ns

    @property
    def instrument_count(self) -> int:
        """Highest instrument id; they run from 1."""
        return self.instruments.count

    @property
    def account_count(self) -> int:
        """Highest account id; they run from 1."""
        return self.admission.account_count

    @property
    def working_orders(self) -> int:
        """How many orders work."""
        return self.orders.working

    def begin_turn(self, time_ns: int) -> None:
        """Start a turn with empty buffers; its time holds from its first command on."""
        self.report.turn_time_ns = max(time_ns, self.report.time_ns)
        self.admission.time_ns = self.report.turn_time_ns
        self.turn.clear()
        self.results.clear()
        self.levels.clear()

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
        self.report.begin_result(start)
        if not self.requests.has_scope(self.turn, start, self.admission.account_count):
            return self._execute(start)
        request_id: cython.longlong = self.turn.words[start + kinds.COMMAND_REQUEST_ID]
        account: cython.int = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        )
        content: cython.longlong = self.requests.content_of(self.turn, start)
        entry: cython.int = self.requests.find(account, request_id)
        if entry == kinds.NO_SLOT:
            self._execute(start)
            self.requests.add(account, request_id, content, self.results, self.report.result)
            return 0
        if self.requests.contents[entry] != content:
            # Marked in its record, so that a replay refuses it as well.
            reused: cython.longlong = kinds.REJECT_REASON_REQUEST_ID_REUSED
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
    def _execute(self, start: cython.Py_ssize_t) -> cython.int:
        kind: cython.longlong = self.turn.words[start] & 0xFFFF
        if kind == kinds.CREATE_ORDER:
            self.trading.create(start)
        elif kind == kinds.CANCEL_ORDER:
            self.trading.cancel(start)
        elif kind == kinds.REPLACE_ORDER:
            self.trading.replace(start)
        elif kind == kinds.CANCEL_ORDERS:
            self.trading.cancel_many(start)
        else:
            self.listing.execute(kind, start)
        return 0

    # --- Reading -----------------------------------------------------------------

    def order(self, order_id: int) -> OrderView | None:
        """Return an order, or None where its id is not known (any more)."""
        row: cython.int = self.orders.row_of(order_id)
        return None if row == kinds.NO_SLOT else self._view(row)

    def _view(self, row: cython.int) -> OrderView:
        orders: Orders = self.orders
        terms = orders.terms[row]
        return OrderView(
            order_id=orders.order_id[row],
            client_order_id=orders.ids.text(orders.entry[row]),
            account_id=orders.account[row],
            instrument_id=orders.instrument[row],
            side=orders.side(row),
            order_type=terms >> kinds.STATE_ORDER_TYPE & 0xFF,
            time_in_force=terms >> kinds.STATE_TIME_IN_FORCE & 0xFF,
            status=orders.status[row],
            has_price=bool(terms >> kinds.STATE_FLAGS & kinds.FLAG_HAS_PRICE),
            price=orders.price[row],
            quantity=orders.quantity[row],
            cumulative_quantity=orders.cumulative[row],
            leaves_quantity=orders.leaves(row),
            cumulative_tick_lots=orders.tick_lots[row],
            post_only=bool(orders.post_only[row]),
            created_time_ns=orders.created_ns[row],
            updated_time_ns=orders.updated_ns[row],
            sequence=orders.sequence[row],
            version=orders.version[row],
            cancel_reason=orders.cancel_reason[row],
        )

    def find_order(self, account_id: int, client_order_id: str) -> int:
        """Return the venue id of an account's order by any client order id it has had, or 0."""
        text = client_order_id.encode("ascii", "replace")
        if not 1 <= len(text) <= kinds.CLIENT_ORDER_ID_BYTES:
            return 0
        words = Words(8)
        words.put_text(text)
        entry: cython.int = self.orders.ids.find(account_id, words, 0, len(text))
        return 0 if entry == kinds.NO_SLOT else self.orders.order_id[self.orders.ids.rows[entry]]

    def orders_of(
        self,
        account_id: int,
        *,
        instrument_id: int = 0,
        side: int = 0,
        working_only: bool = False,
        after_order_id: int = 0,
        limit: int = 100,
    ) -> list[OrderView]:
        """Return orders of an account in order of creation, from behind `after_order_id`.

        Raises KeyError where that order is not known any more.
        """
        if not 1 <= account_id <= self.admission.account_count:
            return []
        orders: Orders = self.orders
        row: cython.int = self._first(account_id, working_only, after_order_id)
        found: list[OrderView] = []
        while row != kinds.NO_SLOT and len(found) < limit:
            if (
                (instrument_id == 0 or orders.instrument[row] == instrument_id)
                and (side == 0 or orders.side(row) == side)
                and (not working_only or orders.is_working(row))
            ):
                found.append(self._view(row))
            row = orders.next_working[row] if working_only else orders.next_of_account[row]
        return found

    def _first(self, account_id: int, working_only: bool, after_order_id: int) -> int:
        orders: Orders = self.orders
        if after_order_id == 0:
            return orders.account_ends[account_id * 4 + (2 if working_only else 0)]
        row: cython.int = orders.row_of(after_order_id)
        if row == kinds.NO_SLOT or orders.account[row] != account_id:
            raise KeyError(after_order_id)
        row = orders.next_of_account[row]
        while working_only and row != kinds.NO_SLOT and not orders.is_working(row):
            row = orders.next_of_account[row]
        return row

    def accounts_with_sessions(self) -> list[int]:
        """Return the accounts with working orders that the end of their session cancels."""
        found: list[int] = []
        account: cython.int
        for account in range(1, self.admission.account_count + 1):
            row: cython.int = self.orders.first_working(account)
            while row != kinds.NO_SLOT and self.orders.session[row] == 0:
                row = self.orders.next_working[row]
            if row != kinds.NO_SLOT:
                found.append(account)
        return found

    def depth(self, instrument_id: int, levels: int = 0) -> tuple[list[Level], list[Level]]:
        """Return bids and asks of a listed instrument, best first; `levels` 0: all."""
        book: Book = self.instruments.book(instrument_id)
        tick = self.instruments.get(instrument_id, kinds.INSTRUMENT_TICK_SIZE)
        lot = self.instruments.get(instrument_id, kinds.INSTRUMENT_LOT_SIZE)
        bids = [
            Level(at.price * tick, at.lots * lot, at.orders)
            for at in book.depth(kinds.SIDE_BUY, levels)
        ]
        asks = [
            Level(at.price * tick, at.lots * lot, at.orders)
            for at in book.depth(kinds.SIDE_SELL, levels)
        ]
        return bids, asks

    def touch(self, instrument_id: int) -> tuple[int, int, int, int]:
        """Return best bid price and quantity, best ask price and quantity; quantity 0: none."""
        bids, asks = self.depth(instrument_id, 1)
        bid = bids[0] if bids else Level(0, 0, 0)
        ask = asks[0] if asks else Level(0, 0, 0)
        return bid.price, bid.quantity, ask.price, ask.quantity

    def phase(self, instrument_id: int) -> int:
        """Return the trading phase of a listed instrument."""
        return self.instruments.get(instrument_id, kinds.INSTRUMENT_PHASE)

    def definition(self, instrument_id: int) -> bytes:
        """Return the contract message that listed an instrument."""
        return self.instruments.definitions[instrument_id]

    def account_definition(self, account_id: int) -> bytes:
        """Return the contract message that opened an account."""
        return self.listing.account_definitions[account_id]

    def state_hash(self) -> bytes:
        """Return SHA-256 over all state that later commands can see."""
        digest = sha256()
        numbers = (
            self.report.sequence,
            self.report.time_ns,
            self.matching.trade_id,
            self.admission.account_count,
        )
        digest.update(
            repr((numbers, self.instruments.definitions, self.listing.account_definitions)).encode()
        )
        for part in (
            self.arena,
            self.instruments.rows,
            self.orders,
            self.orders.ids,
            self.requests,
        ):
            digest.update(repr(part.counters()).encode())
            for column in part.columns():
                digest.update(column)
        return digest.digest()


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
