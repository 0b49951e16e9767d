"""Read the state of the exchange: orders, books, auctions, the day's numbers."""

from hashlib import sha256

import cython

from quantumcore.server.core.views import AuctionView, Level, OrderView, PackageView, StatisticsView

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.auction_price_cy import AuctionPrice
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.requests_cy import RequestWindow
    from cython.cimports.quantumcore.server.core.settling_cy import Settling
    from cython.cimports.quantumcore.server.core.trades_cy import Trades
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.auction_price_cy import AuctionPrice
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.requests_cy import RequestWindow
    from quantumcore.server.core.settling_cy import Settling
    from quantumcore.server.core.trades_cy import Trades
    from quantumcore.server.core.words_cy import Words


@cython.cclass
class Reading:
    """All that the exchange holds, and what can be asked of it without changing it."""

    accounts: Accounts
    arena: Arena
    instruments: Instruments
    orders: Orders
    placing: Placing
    positions: Positions
    report: Reporter
    requests: RequestWindow
    settling: Settling
    trades: Trades

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
        return self.accounts.count

    @property
    def working_orders(self) -> int:
        """How many orders work."""
        return self.orders.working

    @property
    def next_due_ns(self) -> int:
        """When the next order, auction or instrument ends; 0: none does."""
        return self.settling.next_due_ns()

    @property
    def unsettled(self) -> bool:
        """Whether activations are left over that the next command is to go on with."""
        return self.instruments.touched_count > 0

    def order(self, order_id: int) -> OrderView | None:
        """Return a single order or a leg, or None where its id is not known (any more)."""
        row: cython.int = self.orders.row_of(order_id)
        if row == kinds.NO_SLOT or self.orders.is_package(row):
            return None
        return self._view(row)

    def package(self, order_id: int) -> PackageView | None:
        """Return a multi-leg order, or None where its id is not known (any more)."""
        row: cython.int = self.orders.row_of(order_id)
        if row == kinds.NO_SLOT or not self.orders.is_package(row):
            return None
        return self._package_view(row)

    def _package_view(self, row: cython.int) -> PackageView | None:
        orders: Orders = self.orders
        words = memoryview(orders.packages.words)
        at = orders.packages.at(orders.package(row))
        if words[at + kinds.PACKAGE_ROW_ORDER] != orders.order_id[row]:
            return None  # its row has been taken for a later one
        count = words[at + kinds.PACKAGE_ROW_LEG_COUNT]
        first = at + kinds.PACKAGE_ROW_CONSTRAINTS
        constraints = words[at + kinds.PACKAGE_ROW_CONSTRAINT_COUNT] * kinds.CONSTRAINT_WORDS
        legs = [
            self._view(orders.row_of(words[at + kinds.PACKAGE_ROW_LEGS + number]))
            for number in range(count)
        ]
        return PackageView(
            order=self._view(row),
            legs=legs,
            ratios=words[at + kinds.PACKAGE_ROW_RATIOS :][:count].tolist(),
            min_units=words[at + kinds.PACKAGE_ROW_MIN_UNITS],
            mode=words[at + kinds.PACKAGE_ROW_MODE],
            sequential=words[at + kinds.PACKAGE_ROW_SEQUENTIAL],
            self_trade_prevention=words[at + kinds.PACKAGE_ROW_PREVENTION],
            constraints=words[first : first + constraints].tolist(),
        )

    def packages_of(
        self,
        account_id: int,
        *,
        instrument_id: int = 0,
        working_only: bool = False,
        after_order_id: int = 0,
        limit: int = 100,
    ) -> list[PackageView]:
        """Return multi-leg orders of an account in order of creation, from behind one of them.

        Raises KeyError where that order is not known any more.
        """
        if not 1 <= account_id <= self.accounts.count:
            return []
        orders: Orders = self.orders
        row: cython.int = self._first(account_id, working_only, after_order_id)
        found: list[PackageView] = []
        while row != kinds.NO_SLOT and len(found) < limit:
            if orders.is_package(row) and (not working_only or orders.is_working(row)):
                view = self._package_view(row)
                if view is not None and (
                    instrument_id == 0 or instrument_id in [leg.instrument_id for leg in view.legs]
                ):
                    found.append(view)
            row = orders.next_working[row] if working_only else orders.next_of_account[row]
        return found

    def _view(self, row: cython.int) -> OrderView:
        orders: Orders = self.orders
        terms, traits = orders.terms[row], orders.traits[row]
        stop = traits & kinds.FLAG_HAS_STOP_PRICE
        iceberg = orders.order_type(row) == kinds.ORDER_TYPE_ICEBERG
        pegged = orders.order_type(row) == kinds.ORDER_TYPE_PEGGED
        dated = orders.time_in_force(row) == kinds.TIME_IN_FORCE_GTD
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
            has_stop_price=bool(stop),
            stop_price=orders.stop_price[row] if stop else 0,
            stop_trigger=traits >> 16 & 0xFF,
            display_quantity=orders.display[row] if iceberg else 0,
            shown_quantity=self.placing.shown(row),
            peg_reference=traits >> 24 & 0xFF,
            peg_offset=orders.peg_offset[row] if pegged else 0,
            post_only=bool(traits & kinds.FLAG_POST_ONLY),
            reduce_only=bool(traits & kinds.FLAG_REDUCE_ONLY),
            min_quantity=orders.min_quantity[row] if traits & kinds.TRAIT_MIN_QUANTITY else 0,
            expire_time_ns=orders.expire_ns[row] if dated else 0,
            self_trade_prevention=traits >> 8 & 0xFF,
            created_time_ns=orders.created_ns[row],
            updated_time_ns=orders.updated_ns[row],
            sequence=orders.sequence[row],
            version=orders.version[row],
            cancel_reason=orders.cancel_reason[row],
            multi_leg_order_id=orders.package_id(row) if terms >> kinds.STATE_LEG else 0,
            leg_number=terms >> kinds.STATE_LEG & kinds.LEG_NUMBER,
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
        if not 1 <= account_id <= self.accounts.count:
            return []
        orders: Orders = self.orders
        row: cython.int = self._first(account_id, working_only, after_order_id)
        found: list[OrderView] = []
        while row != kinds.NO_SLOT and len(found) < limit:
            if (
                (instrument_id == 0 or orders.instrument[row] == instrument_id)
                and (side == 0 or orders.side(row) == side)
                and (not working_only or orders.is_working(row))
                and not orders.is_package(row)
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
        for account in range(1, self.accounts.count + 1):
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
        return self.accounts.definitions[account_id]

    def last_price(self, instrument_id: int) -> int | None:
        """Return the price of the last trade of a listed instrument, 1e-9; None: none yet."""
        if not self.instruments.has(instrument_id, kinds.HAS_LAST):
            return None
        return self._price(instrument_id, kinds.INSTRUMENT_LAST_TICKS)

    def _price(self, instrument_id: int, column: int) -> int:
        ticks = self.instruments.get(instrument_id, column)
        return ticks * self.instruments.get(instrument_id, kinds.INSTRUMENT_TICK_SIZE)

    def auction_end_ns(self, instrument_id: int) -> int:
        """Return when the auction of a listed instrument ends by itself; 0: it does not."""
        return self.instruments.get(instrument_id, kinds.INSTRUMENT_AUCTION_END_NS)

    def auction(self, instrument_id: int) -> AuctionView:
        """Return what an auction of a listed instrument would give now."""
        price: AuctionPrice = self.settling.phases.auction.price
        price.find(instrument_id)
        tick = self.instruments.get(instrument_id, kinds.INSTRUMENT_TICK_SIZE)
        lot = self.instruments.get(instrument_id, kinds.INSTRUMENT_LOT_SIZE)
        side = 0
        if price.imbalance:
            side = kinds.SIDE_BUY if price.imbalance > 0 else kinds.SIDE_SELL
        return AuctionView(
            price.ticks * tick if price.has_price else None,
            price.lots * lot,
            abs(price.imbalance) * lot,
            side,
        )

    def statistics(self, instrument_id: int) -> StatisticsView:
        """Return the numbers of the trading day: since the instrument last left CLOSED."""
        get = self.instruments.get
        lot = get(instrument_id, kinds.INSTRUMENT_LOT_SIZE)
        traded = get(instrument_id, kinds.INSTRUMENT_DAY_TRADES) > 0
        opened, high, low = (
            self._price(instrument_id, column) if traded else None
            for column in (
                kinds.INSTRUMENT_DAY_OPEN_TICKS,
                kinds.INSTRUMENT_DAY_HIGH_TICKS,
                kinds.INSTRUMENT_DAY_LOW_TICKS,
            )
        )
        return StatisticsView(
            open=opened,
            high=high,
            low=low,
            last=self.last_price(instrument_id),
            volume=get(instrument_id, kinds.INSTRUMENT_DAY_LOTS) * lot,
            tick_lots=get(instrument_id, kinds.INSTRUMENT_DAY_TICK_LOTS),
            trades=get(instrument_id, kinds.INSTRUMENT_DAY_TRADES),
        )

    def book_orders(
        self, instrument_id: int
    ) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
        """Return bids and asks of a listed instrument in order of priority.

        Each as order id, price and the quantity that it shows, 1e-9.
        """
        book: Book = self.instruments.book(instrument_id)
        tick = self.instruments.get(instrument_id, kinds.INSTRUMENT_TICK_SIZE)
        lot = self.instruments.get(instrument_id, kinds.INSTRUMENT_LOT_SIZE)
        bids, asks = (
            [
                (self.orders.order_id[tag & kinds.TAG_NAME], ticks * tick, lots * lot)
                for tag, ticks, lots in book.queue(side)
            ]
            for side in (kinds.SIDE_BUY, kinds.SIDE_SELL)
        )
        return bids, asks

    def position(self, account_id: int, instrument_id: int) -> int:
        """Return what an account bought less what it sold, 1e-9."""
        entry: cython.int = self.positions.find(account_id, instrument_id)
        lot = self.instruments.get(instrument_id, kinds.INSTRUMENT_LOT_SIZE)
        return 0 if entry == kinds.NO_SLOT else self.positions.lots[entry] * lot

    def is_killed(self, account_id: int) -> bool:
        """Whether a kill switch, the account's or the venue's, stops its new orders."""
        return bool(self.accounts.is_killed(account_id))

    def state_hash(self) -> bytes:
        """Return SHA-256 over all state that later commands can see."""
        digest = sha256()
        ends = (self.settling.phases.auction_ends, self.settling.phases.expiries)
        touched = memoryview(self.instruments.touched).tolist()
        first, capacity = self.instruments.first_touched, self.instruments.capacity
        waiting = [touched[(first + i) % capacity] for i in range(self.instruments.touched_count)]
        numbers = (self.report.sequence, self.report.time_ns, waiting, self.instruments.definitions)
        digest.update(repr((numbers, [heap.counters() for heap in ends])).encode())
        for part in (
            self.accounts,
            self.arena,
            self.instruments.rows,
            self.orders,
            self.orders.ids,
            self.orders.packages,
            self.positions,
            self.requests,
            self.trades,
        ):
            digest.update(repr(part.counters()).encode())
            for column in part.columns():
                digest.update(column)
        return digest.digest()


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
