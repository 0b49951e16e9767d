"""Read the state of the exchange: books, auctions, the day's numbers, and all of it as a hash."""

from hashlib import sha256

import cython

from quantumcore.server.core.views import AuctionView, Level, StatisticsView

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.account_reading_cy import AccountReading
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.auction_price_cy import AuctionPrice
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.requests_cy import RequestWindow
    from cython.cimports.quantumcore.server.core.settling_cy import Settling
    from cython.cimports.quantumcore.server.core.trades_cy import Trades
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.account_reading_cy import AccountReading
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.auction_price_cy import AuctionPrice
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.requests_cy import RequestWindow
    from quantumcore.server.core.settling_cy import Settling
    from quantumcore.server.core.trades_cy import Trades


@cython.cclass
class Reading(AccountReading):
    """All that the exchange holds, and what can be asked of it without changing it."""

    arena: Arena
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

    def depth(self, instrument_id: int, levels: int = 0) -> tuple[list[Level], list[Level]]:
        """Return bids and asks of a listed instrument, best first; `levels` 0: all."""
        book: Book = self.instruments.book(instrument_id)
        tick = self.instruments.get(instrument_id, tables.INSTRUMENT_TICK_SIZE)
        lot = self.instruments.get(instrument_id, tables.INSTRUMENT_LOT_SIZE)
        bids = [
            Level(at.price * tick, at.lots * lot, at.orders)
            for at in book.depth(enums.SIDE_BUY, levels)
        ]
        asks = [
            Level(at.price * tick, at.lots * lot, at.orders)
            for at in book.depth(enums.SIDE_SELL, levels)
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
        return self.instruments.get(instrument_id, tables.INSTRUMENT_PHASE)

    def definition(self, instrument_id: int) -> bytes:
        """Return the contract message that listed an instrument."""
        return self.instruments.definitions[instrument_id]

    def account_definition(self, account_id: int) -> bytes:
        """Return the contract message that opened an account."""
        return self.accounts.definitions[account_id]

    def last_price(self, instrument_id: int) -> int | None:
        """Return the price of the last trade of a listed instrument, 1e-9; None: none yet."""
        if not self.instruments.has(instrument_id, tables.HAS_LAST):
            return None
        return self._price(instrument_id, tables.INSTRUMENT_LAST_TICKS)

    def _price(self, instrument_id: int, column: int) -> int:
        ticks = self.instruments.get(instrument_id, column)
        return ticks * self.instruments.get(instrument_id, tables.INSTRUMENT_TICK_SIZE)

    def auction_end_ns(self, instrument_id: int) -> int:
        """Return when the auction of a listed instrument ends by itself; 0: it does not."""
        return self.instruments.get(instrument_id, tables.INSTRUMENT_AUCTION_END_NS)

    def auction(self, instrument_id: int) -> AuctionView:
        """Return what an auction of a listed instrument would give now."""
        price: AuctionPrice = self.settling.phases.auction.price
        price.find(instrument_id)
        tick = self.instruments.get(instrument_id, tables.INSTRUMENT_TICK_SIZE)
        lot = self.instruments.get(instrument_id, tables.INSTRUMENT_LOT_SIZE)
        side = 0
        if price.imbalance:
            side = enums.SIDE_BUY if price.imbalance > 0 else enums.SIDE_SELL
        return AuctionView(
            price.ticks * tick if price.has_price else None,
            price.lots * lot,
            abs(price.imbalance) * lot,
            side,
        )

    def statistics(self, instrument_id: int) -> StatisticsView:
        """Return the numbers of the trading day: since the instrument last left CLOSED."""
        get = self.instruments.read
        lot = get(instrument_id, tables.INSTRUMENT_LOT_SIZE)
        traded = get(instrument_id, tables.INSTRUMENT_DAY_TRADES) > 0
        opened, high, low = (
            self._price(instrument_id, column) if traded else None
            for column in (
                tables.INSTRUMENT_DAY_OPEN_TICKS,
                tables.INSTRUMENT_DAY_HIGH_TICKS,
                tables.INSTRUMENT_DAY_LOW_TICKS,
            )
        )
        return StatisticsView(
            open=opened,
            high=high,
            low=low,
            last=self.last_price(instrument_id),
            volume=get(instrument_id, tables.INSTRUMENT_DAY_LOTS) * lot,
            tick_lots=self.instruments.day_tick_lots(instrument_id),
            trades=get(instrument_id, tables.INSTRUMENT_DAY_TRADES),
        )

    def book_orders(
        self, instrument_id: int
    ) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
        """Return bids and asks of a listed instrument in order of priority.

        Each as order id, price and the quantity that it shows, 1e-9.
        """
        book: Book = self.instruments.book(instrument_id)
        tick = self.instruments.get(instrument_id, tables.INSTRUMENT_TICK_SIZE)
        lot = self.instruments.get(instrument_id, tables.INSTRUMENT_LOT_SIZE)
        bids, asks = (
            [
                (self.orders.order_id[tag & tables.TAG_NAME], ticks * tick, lots * lot)
                for tag, ticks, lots in book.queue(side)
            ]
            for side in (enums.SIDE_BUY, enums.SIDE_SELL)
        )
        return bids, asks

    def position(self, account_id: int, instrument_id: int) -> int:
        """Return what an account bought less what it sold, 1e-9."""
        entry: cython.int = self.positions.find(account_id, instrument_id)
        lot = self.instruments.get(instrument_id, tables.INSTRUMENT_LOT_SIZE)
        return 0 if entry == kinds.NO_SLOT else self.positions.lots[entry] * lot

    def is_killed(self, account_id: int) -> bool:
        """Whether a kill switch, the account's or the venue's, stops its new orders."""
        return bool(self.accounts.is_killed(account_id))

    def prevention(self, account_id: int) -> int:
        """Return what keeps an account's orders from one another, where they do not say it."""
        none = enums.SELF_TRADE_PREVENTION_NONE
        return self.accounts.self_trade_prevention[account_id] or none

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
            self.limits.rows,
            self.positions.balances,
            self.instruments.rows,
            self.instruments.margin_terms,
            self.orders,
            self.orders.ids,
            self.orders.packages,
            self.placing.waiting_packages.strategies,
            self.positions,
            self.requests,
            self.trades,
            self.attribution.notes,
            self.attribution.shares,
            self.attribution.strategies,
        ):
            digest.update(repr(part.counters()).encode())
            for column in part.columns():
                digest.update(column)
        return digest.digest()


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
