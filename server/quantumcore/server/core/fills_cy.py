"""Record what a trade does: to both orders, to positions, to the day's statistics."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.attribution_cy import Attribution
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ledger_cy import Ledger
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.trades_cy import Trades
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.attribution_cy import Attribution
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ledger_cy import Ledger
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.trades_cy import Trades
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Fills:
    """Both sides of every trade pass here; trade ids count from 1."""

    attribution: Attribution
    instruments: Instruments
    ledger: Ledger
    orders: Orders
    placing: Placing
    positions: Positions
    report: Reporter
    trades: Trades

    def __init__(
        self, placing: Placing, ledger: Ledger, trades: Trades, attribution: Attribution
    ) -> None:
        self.placing, self.ledger, self.trades = placing, ledger, trades
        self.attribution = attribution
        self.instruments, self.orders = placing.instruments, placing.orders
        self.positions, self.report = placing.positions, placing.report

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def record(
        self,
        first: cython.int,
        second: cython.int,
        ticks: cython.longlong,
        lots: cython.longlong,
        in_auction: cython.bint,
    ) -> cython.int:
        """Record a trade of two orders: maker and taker, in an auction buyer and seller."""
        instrument: cython.int = self.orders.instrument[first]
        price: cython.longlong = ticks * self.instruments.get(
            instrument, tables.INSTRUMENT_TICK_SIZE
        )
        quantity: cython.longlong = lots * self.instruments.get(
            instrument, tables.INSTRUMENT_LOT_SIZE
        )
        maker: cython.int = enums.LIQUIDITY_AUCTION if in_auction else enums.LIQUIDITY_MAKER
        taker: cython.int = enums.LIQUIDITY_AUCTION if in_auction else enums.LIQUIDITY_TAKER
        self.trades.last_id += 1
        trade_id: cython.longlong = self.trades.last_id
        realised: cython.longlong = self._fill(first, quantity, ticks, lots, maker)
        self.report.fill_event(first, maker, price, quantity, trade_id, realised)
        realised = self._fill(second, quantity, ticks, lots, taker)
        self.report.fill_event(second, taker, price, quantity, trade_id, realised)
        self._remember(instrument, first, second, ticks, lots, in_auction)
        self._count(instrument, trade_id, ticks, lots)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _fill(
        self,
        row: cython.int,
        quantity: cython.longlong,
        ticks: cython.longlong,
        lots: cython.longlong,
        liquidity: cython.int,
    ) -> cython.longlong:
        """Let an order and its position have traded; return what that realised, ticks x lots."""
        orders: Orders = self.orders
        is_unwind: cython.bint = (orders.terms[row] >> kinds.STATE_UNWIND) & 1 != 0
        if not is_unwind:  # what reverses a fill was not counted among what works
            self.placing.exposure.change(row, -lots)
        held: cython.longlong = self.positions.lots[orders.position[row]]
        realised: cython.longlong = self.ledger.trade(
            orders.position[row], orders.side(row), ticks, lots, liquidity
        )
        if self.attribution.concerns(row):
            signed: cython.longlong = lots if orders.side(row) == enums.SIDE_BUY else -lots
            self.attribution.book(row, held, ticks, signed, self.ledger.charged)
        if orders.is_sequential(row):
            self._fill_leg(row, quantity, lots, ticks * lots)
            return realised
        orders.cumulative[row] += quantity
        orders.tick_lots[row] += ticks * lots
        if orders.cumulative[row] == orders.quantity[row]:
            self.placing.close(row, enums.ORDER_STATUS_FILLED, 0)
        else:
            orders.status[row] = enums.ORDER_STATUS_PARTIALLY_FILLED
        return realised

    @cython.cfunc
    @cython.exceptval(check=False)
    def _fill_leg(
        self,
        row: cython.int,
        quantity: cython.longlong,
        lots: cython.longlong,
        tick_lots: cython.longlong,
    ) -> cython.void:
        """Count a fill of a leg of a sequential order, or one that reverses it.

        The leg keeps its row to the end of its order, which is looked at when the trade is done.
        """
        orders: Orders = self.orders
        packages: Packages = orders.packages
        package: cython.int = orders.package(row)
        at: cython.Py_ssize_t = packages.at(package) + orders.leg_index(row)
        packages.words[at + tables.PACKAGE_ROW_OPEN] -= lots
        if (orders.terms[row] >> kinds.STATE_UNWIND) & 1:
            packages.words[at + tables.PACKAGE_ROW_UNWOUND] += lots
            packages.words[at + tables.PACKAGE_ROW_UNWOUND_TICK_LOTS] += tick_lots
        else:
            packages.words[at + tables.PACKAGE_ROW_TRADED] += lots
            orders.cumulative[row] += quantity
            orders.tick_lots[row] += tick_lots
            orders.status[row] = enums.ORDER_STATUS_PARTIALLY_FILLED
            if orders.cumulative[row] == orders.quantity[row]:
                orders.status[row] = enums.ORDER_STATUS_FILLED
        if packages.words[at + tables.PACKAGE_ROW_OPEN] == 0 and (
            orders.place[row] == tables.PLACE_BOOK
        ):
            orders.place[row] = tables.PLACE_NOWHERE
            orders.slot[row] = kinds.NO_SLOT
        self._begin_execution(package)
        self.placing.exposure.follow(orders.row_of(orders.package_id(row)))
        packages.stir(package)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _begin_execution(self, package: cython.int) -> cython.void:
        """Let the fills of a sequential order belong together until its legs are level again."""
        packages: Packages = self.orders.packages
        at: cython.Py_ssize_t = packages.at(package)
        row: cython.int = self.orders.row_of(packages.words[at + tables.PACKAGE_ROW_ORDER])
        if packages.words[at + tables.PACKAGE_ROW_EXECUTION] == 0:
            packages.last_execution += 1
            packages.words[at + tables.PACKAGE_ROW_EXECUTION] = packages.last_execution
        if self.orders.status[row] == enums.ORDER_STATUS_NEW:
            self.orders.status[row] = enums.ORDER_STATUS_PARTIALLY_FILLED

    @cython.cfunc
    @cython.exceptval(check=False)
    def _remember(
        self,
        instrument: cython.int,
        first: cython.int,
        second: cython.int,
        ticks: cython.longlong,
        lots: cython.longlong,
        in_auction: cython.longlong,
    ) -> cython.void:
        trades: Trades = self.trades
        before: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_LAST_TRADE)
        at: cython.Py_ssize_t = trades.at(trades.last_id)
        trades.rows[at + tables.TRADE_INSTRUMENT] = instrument
        trades.rows[at + tables.TRADE_TICKS] = ticks
        trades.rows[at + tables.TRADE_LOTS] = lots
        trades.rows[at + tables.TRADE_FIRST_ORDER] = self.orders.order_id[first]
        trades.rows[at + tables.TRADE_SECOND_ORDER] = self.orders.order_id[second]
        trades.rows[at + tables.TRADE_FIRST_SEQUENCE] = self.report.sequence - 1
        trades.rows[at + tables.TRADE_SECOND_SEQUENCE] = self.report.sequence
        trades.rows[at + tables.TRADE_BEFORE] = in_auction | (before << 1)
        self.instruments.set(instrument, tables.INSTRUMENT_LAST_TRADE, trades.last_id)
        trades.note_rates(
            trades.last_id,
            self.instruments.get(instrument, tables.INSTRUMENT_MAKER_FEE),
            self.instruments.get(instrument, tables.INSTRUMENT_TAKER_FEE),
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count(
        self,
        instrument: cython.int,
        trade_id: cython.longlong,
        ticks: cython.longlong,
        lots: cython.longlong,
    ) -> cython.void:
        """Bring last price, the range that stops look at, and the day's statistics up to date."""
        at: cython.Py_ssize_t = instrument * tables.INSTRUMENT_WORDS
        instruments: Instruments = self.instruments
        has: cython.longlong = instruments.rows.words[at + tables.INSTRUMENT_HAS]
        if (
            not has & tables.HAS_RANGE
            or ticks > instruments.rows.words[at + tables.INSTRUMENT_HIGH_TICKS]
        ):
            instruments.rows.words[at + tables.INSTRUMENT_HIGH_TICKS] = ticks
        if (
            not has & tables.HAS_RANGE
            or ticks < instruments.rows.words[at + tables.INSTRUMENT_LOW_TICKS]
        ):
            instruments.rows.words[at + tables.INSTRUMENT_LOW_TICKS] = ticks
        instruments.rows.words[at + tables.INSTRUMENT_LAST_TICKS] = ticks
        instruments.rows.words[at + tables.INSTRUMENT_LAST_TIME_NS] = self.report.time_ns
        instruments.rows.words[at + tables.INSTRUMENT_HAS] = (
            has | tables.HAS_LAST | tables.HAS_RANGE
        )
        first: cython.bint = instruments.rows.words[at + tables.INSTRUMENT_DAY_FIRST_TRADE] == 0
        if first:
            instruments.rows.words[at + tables.INSTRUMENT_DAY_FIRST_TRADE] = trade_id
            instruments.rows.words[at + tables.INSTRUMENT_DAY_OPEN_TICKS] = ticks
        if first or ticks > instruments.rows.words[at + tables.INSTRUMENT_DAY_HIGH_TICKS]:
            instruments.rows.words[at + tables.INSTRUMENT_DAY_HIGH_TICKS] = ticks
        if first or ticks < instruments.rows.words[at + tables.INSTRUMENT_DAY_LOW_TICKS]:
            instruments.rows.words[at + tables.INSTRUMENT_DAY_LOW_TICKS] = ticks
        instruments.rows.words[at + tables.INSTRUMENT_DAY_LOTS] += lots
        self._add_tick_lots(at, ticks * lots)
        instruments.rows.words[at + tables.INSTRUMENT_DAY_TRADES] += 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _add_tick_lots(self, at: cython.Py_ssize_t, tick_lots: cython.longlong) -> cython.void:
        """Add to a sum of two words, which a day's trades of many small lots need."""
        rows: Words = self.instruments.rows
        whole: cython.longlong = kinds.LEVEL_QUANTITY_LIMIT
        tick_lots += rows.words[at + tables.INSTRUMENT_DAY_TICK_LOTS]
        if tick_lots >= whole:
            tick_lots -= whole
            rows.words[at + tables.INSTRUMENT_DAY_TICK_LOTS_HIGH] += 1
        elif tick_lots <= -whole:
            tick_lots += whole
            rows.words[at + tables.INSTRUMENT_DAY_TICK_LOTS_HIGH] -= 1
        rows.words[at + tables.INSTRUMENT_DAY_TICK_LOTS] = tick_lots


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
