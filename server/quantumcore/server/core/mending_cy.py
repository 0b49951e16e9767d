"""Undo and correct trades."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.attribution_cy import Attribution
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ledger_cy import Ledger
    from cython.cimports.quantumcore.server.core.mended_profit_cy import MendedProfit
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
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
    from quantumcore.server.core.mended_profit_cy import MendedProfit
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.trades_cy import Trades
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Mending:
    """Busts and corrections of trades that are remembered and stand.

    Both orders' fills, the positions and the day's volume follow. What was undone does not come
    back to the book: a working order's quantity falls by it, a FILLED one becomes CANCELLED.
    """

    instruments: Instruments
    ledger: Ledger
    orders: Orders
    placing: Placing
    positions: Positions
    profit: MendedProfit
    report: Reporter
    trades: Trades
    turn: Words

    def __init__(
        self, placing: Placing, ledger: Ledger, trades: Trades, attribution: Attribution
    ) -> None:
        self.placing, self.ledger, self.trades = placing, ledger, trades
        self.profit = MendedProfit(attribution)
        self.instruments, self.orders = placing.instruments, placing.orders
        self.positions, self.report = placing.positions, placing.report
        self.turn = placing.report.turn

    def find(self, trade_id: int) -> int:
        """Return the row of a trade whose orders are both still known, or NO_SLOT."""
        at = self.trades.find(trade_id)
        if at == kinds.NO_SLOT:
            return kinds.NO_SLOT
        rows = self.trades.rows
        first = self.orders.row_of(rows[at + tables.TRADE_FIRST_ORDER])
        second = self.orders.row_of(rows[at + tables.TRADE_SECOND_ORDER])
        return kinds.NO_SLOT if kinds.NO_SLOT in (first, second) else at

    def bust(self, trade_ids: list[int]) -> None:
        """Undo trades that `find` has found; the day is looked through once for each instrument."""
        ranges: dict[int, set[int]] = {}
        for trade_id in trade_ids:
            at = self.trades.at(trade_id)
            ticks = int(self.trades.rows[at + tables.TRADE_TICKS])
            if self._change(trade_id, at, ticks, 0):
                instrument = int(self.trades.rows[at + tables.TRADE_INSTRUMENT])
                ranges.setdefault(instrument, set()).add(ticks)
        self.profit.settle()
        for instrument, undone in ranges.items():
            if self.instruments.read(instrument, tables.INSTRUMENT_DAY_TRADES):
                self._change_range(instrument, undone)

    def correct(self, trade_id: int, ticks: int, lots: int) -> None:
        """Give a trade that `find` has found another price, or fewer lots."""
        at = self.trades.at(trade_id)
        had_ticks = int(self.trades.rows[at + tables.TRADE_TICKS])
        looks_on = self._change(trade_id, at, ticks, lots)
        self.profit.settle()
        if looks_on:
            instrument = int(self.trades.rows[at + tables.TRADE_INSTRUMENT])
            self._change_range(instrument, {had_ticks}, ticks)

    def _change(self, trade_id: int, at: int, ticks: int, lots: int) -> bool:
        """Give a trade this price and these lots; return whether the day's range is to follow."""
        rows = self.trades.rows
        instrument = rows[at + tables.TRADE_INSTRUMENT]
        had_ticks, had_lots = rows[at + tables.TRADE_TICKS], rows[at + tables.TRADE_LOTS]
        rows[at + tables.TRADE_TICKS], rows[at + tables.TRADE_LOTS] = ticks, lots
        less, tick_lots = had_lots - lots, ticks * lots - had_ticks * had_lots
        roles = (enums.LIQUIDITY_MAKER, enums.LIQUIDITY_TAKER)
        if rows[at + tables.TRADE_BEFORE] & 1:
            roles = (enums.LIQUIDITY_AUCTION, enums.LIQUIDITY_AUCTION)
        sides = (
            (tables.TRADE_FIRST_ORDER, tables.TRADE_FIRST_SEQUENCE, roles[0]),
            (tables.TRADE_SECOND_ORDER, tables.TRADE_SECOND_SEQUENCE, roles[1]),
        )
        shown = (ticks, lots) if lots else (had_ticks, had_lots)
        maker_rate, taker_rate = self.trades.rates_of(trade_id)
        for order, sequence, liquidity in sides:
            row = self.orders.row_of(rows[at + order])
            self._change_order(row, instrument, less, tick_lots)
            rate = maker_rate if liquidity == enums.LIQUIDITY_MAKER else taker_rate
            before = rows[at + sequence]
            realised = self._book(row, rate, (had_ticks, had_lots), (ticks, lots), before)
            self._tell(row, trade_id, shown, before, liquidity, lots == 0, realised)
            rows[at + sequence] = self.report.sequence
        return self._change_day(trade_id, instrument, less, tick_lots, lots == 0)

    def _change_order(self, row: int, instrument: int, less: int, tick_lots: int) -> None:
        lot = self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        self.take_back(row, less * lot, tick_lots)

    def take_back(self, row: int, quantity: int, tick_lots: int) -> None:
        """Take quantity back from an order, which does not come back to it, and change its cost."""
        orders: Orders = self.orders
        orders.cumulative[row] -= quantity
        orders.tick_lots[row] += tick_lots
        if orders.is_working(row):
            orders.quantity[row] -= quantity
            if orders.cumulative[row] == 0:
                orders.status[row] = enums.ORDER_STATUS_NEW
        elif orders.status[row] == enums.ORDER_STATUS_FILLED and quantity:
            orders.status[row] = enums.ORDER_STATUS_CANCELLED
            orders.cancel_reason[row] = enums.CANCEL_REASON_TRADE_BUSTED

    def _book(
        self,
        row: int,
        rate: int,
        before: tuple[int, int],
        since: tuple[int, int],
        sequence: int,
    ) -> int:
        """Take one side of a trade back and book what it is now; return what both realise.

        `sequence` is that of the event that told what it was before.
        """
        entry, side = self.orders.position[row], self.orders.side(row)
        sign = 1 if side == enums.SIDE_BUY else -1
        held = self.positions.lots[entry]
        undone: int = self.ledger.undo_at(entry, side, before[0], before[1], rate)
        realised: int = self.positions.whole(undone)
        fee = self.ledger.charged
        if since[1]:
            again: int = self.ledger.trade_at(entry, side, since[0], since[1], rate)
            realised += self.positions.whole(again)
            fee += self.ledger.charged
        was, now = (before[0], sign * before[1]), (since[0], sign * since[1])
        self.profit.note(row, held, was, now, (sequence, self.report.sequence + 1), fee)
        most: cython.longlong = kinds.MONEY_LIMIT
        return max(-most, min(most, realised))

    def _tell(
        self,
        row: int,
        trade_id: int,
        shown: tuple[int, int],
        reference: int,
        liquidity: int,
        busted: bool,
        realised: int,
    ) -> None:
        instrument = self.orders.instrument[row]
        price = shown[0] * self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        quantity = shown[1] * self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        kind, execution = kinds.ORDER_FILL_CORRECTED, enums.EXECUTION_TYPE_TRADE_CORRECT
        if busted:
            kind, execution = kinds.ORDER_FILL_BUSTED, enums.EXECUTION_TYPE_TRADE_CANCEL
        self.report.mended_event(
            kind, execution, row, liquidity, price, quantity, trade_id, reference, realised
        )

    def _change_day(
        self, trade_id: int, instrument: int, less: int, tick_lots: int, busted: bool
    ) -> bool:
        """Let the day's volume follow; return whether its high and low have to follow too."""
        first = self.instruments.get(instrument, tables.INSTRUMENT_DAY_FIRST_TRADE)
        if first == 0 or trade_id < first:
            return False
        self._add(instrument, tables.INSTRUMENT_DAY_LOTS, -less)
        tick_lots += self.instruments.day_tick_lots(instrument)
        high = tick_lots >> 62
        self.instruments.set(instrument, tables.INSTRUMENT_DAY_TICK_LOTS_HIGH, high)
        self.instruments.set(instrument, tables.INSTRUMENT_DAY_TICK_LOTS, tick_lots - (high << 62))
        if busted:
            self._add(instrument, tables.INSTRUMENT_DAY_TRADES, -1)
        if self.instruments.get(instrument, tables.INSTRUMENT_DAY_TRADES) == 0:
            self.instruments.set(instrument, tables.INSTRUMENT_DAY_FIRST_TRADE, 0)
            return False
        return bool(self.trades.remembers(first))

    def _change_range(
        self, instrument: int, undone: set[int], corrected: int | None = None
    ) -> None:
        """Let the day's high and low follow trades that were at prices, and one that is at another.

        Only one that was the high or the low makes it necessary to look for another.
        """
        get = self.instruments.get
        high = get(instrument, tables.INSTRUMENT_DAY_HIGH_TICKS)
        low = get(instrument, tables.INSTRUMENT_DAY_LOW_TICKS)
        most, least = high, low
        if corrected is not None:
            most, least = max(high, corrected), min(low, corrected)
        if high in undone or low in undone:
            last = get(instrument, tables.INSTRUMENT_LAST_TRADE)
            first = get(instrument, tables.INSTRUMENT_DAY_FIRST_TRADE)
            self.trades.find_range(last, first, most, least)
            most, least = self.trades.highest, self.trades.lowest
        self.instruments.set(instrument, tables.INSTRUMENT_DAY_HIGH_TICKS, most)
        self.instruments.set(instrument, tables.INSTRUMENT_DAY_LOW_TICKS, least)

    def _add(self, instrument: int, column: int, by: int) -> None:
        self.instruments.set(instrument, column, self.instruments.get(instrument, column) + by)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
