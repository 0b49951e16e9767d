"""Undo executions of multi-leg orders, and correct the prices of their legs' trades."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.mending_cy import Mending
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.package_trading_cy import PackageTrading
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.trades_cy import Trades
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.mending_cy import Mending
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.package_trading_cy import PackageTrading
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.trades_cy import Trades


@cython.final
@cython.cclass
class PackageMending:
    """What all legs have traded in one step is undone in one step: the ratio stays exact.

    Trades of sequential orders, whose legs trade one by one, are not mended.
    """

    instruments: Instruments
    mending: Mending
    orders: Orders
    packages: Packages
    report: Reporter
    trades: Trades
    trading: PackageTrading

    def __init__(self, mending: Mending, trading: PackageTrading) -> None:
        self.mending, self.trading = mending, trading
        self.instruments, self.orders = mending.instruments, mending.orders
        self.packages, self.trades = trading.packages, mending.trades
        self.report = mending.report

    def is_of_package(self, trade_id: int) -> bool:
        """Whether a trade that stands is one of a leg's."""
        at = self.trades.at(trade_id)
        return any(self.orders.is_leg(row) for row in self._rows(at))

    def _rows(self, at: int) -> list[int]:
        """Return the rows of both orders of a trade; NO_SLOT: not known any more."""
        columns = (tables.TRADE_FIRST_ORDER, tables.TRADE_SECOND_ORDER)
        return [int(self.orders.row_of(self.trades.rows[at + column])) for column in columns]

    def is_known(self, trade_id: int) -> bool:
        """Whether the execution of a leg's trade, and all that took part in it, are known still."""
        at = int(self.packages.find_execution(trade_id))
        if at == kinds.NO_SLOT or not self.packages.executions[at + tables.EXECUTION_UNITS]:
            return False
        rows = [row for one in self._trades(at) for row in self._rows(self.trades.at(one))]
        rows += [row for row, _sequence, _sign in self._wholes(at)]
        return all(self.trades.find(one) != kinds.NO_SLOT for one in self._trades(at)) and all(
            row != kinds.NO_SLOT and self._has_its_package(row) for row in rows
        )

    def _has_its_package(self, row: int) -> bool:
        """Whether an order is none of a package, or that is still in the table of packages."""
        if not self.orders.is_leg(row) and not self.orders.is_package(row):
            return True
        at = self.packages.at(self.orders.package(row))
        order = int(self.orders.order_id[row])
        whole = int(self.packages.words[at + tables.PACKAGE_ROW_ORDER])
        legs = at + tables.PACKAGE_ROW_LEGS
        return order == whole or order in list(self.packages.words[legs : legs + kinds.MAX_LEGS])

    def is_sequential(self, trade_id: int) -> bool:
        """Whether a leg of a sequential order took part in a trade, or in its execution."""
        at = int(self.packages.find_execution(trade_id))
        trades = [trade_id] if at == kinds.NO_SLOT else self._trades(at)
        return any(
            self.orders.is_sequential(row)
            for one in trades
            for row in self._rows(self.trades.at(one))
            if row != kinds.NO_SLOT
        )

    def _trades(self, at: int) -> list[int]:
        """Return the ids of an execution's trades."""
        words = self.packages.executions
        first = int(words[at + tables.EXECUTION_FIRST_TRADE])
        return list(range(first, int(words[at + tables.EXECUTION_LAST_TRADE]) + 1))

    def _wholes(self, at: int) -> list[tuple[int, int, int]]:
        """Return the multi-leg orders of an execution: row, word of its sequence, sign of cost."""
        words = self.packages.executions
        taker = int(self.orders.row_of(words[at + tables.EXECUTION_TAKER]))
        found = [(taker, at + tables.EXECUTION_TAKER_SEQUENCE, 1)]
        if words[at + tables.EXECUTION_MAKER]:
            maker = int(self.orders.row_of(words[at + tables.EXECUTION_MAKER]))
            found.insert(0, (maker, at + tables.EXECUTION_MAKER_SEQUENCE, -1))
        return found

    def bust(self, trade_id: int) -> int:
        """Undo the execution that a trade is part of; return how many trades it had."""
        at = int(self.packages.find_execution(trade_id))
        words = self.packages.executions
        units, cost = (
            int(words[at + column]) for column in (tables.EXECUTION_UNITS, tables.EXECUTION_COST)
        )
        words[at + tables.EXECUTION_UNITS] = words[at + tables.EXECUTION_COST] = 0
        self.mending.bust(self._trades(at))
        for row, word, sign in self._wholes(at):
            self.mending.take_back(row, units * kinds.UNIT, -sign * cost)
            self._tell(row, word, units, sign * cost, sign, kinds.ORDER_FILL_BUSTED)
        return len(self._trades(at))

    def correct(self, trade_id: int, ticks: int) -> None:
        """Give the trade of a leg another price; the net price of its execution follows."""
        at = int(self.packages.find_execution(trade_id))
        words = self.packages.executions
        more = self._dearer(trade_id, ticks)
        units = int(words[at + tables.EXECUTION_UNITS])
        lots = int(self.trades.rows[self.trades.at(trade_id) + tables.TRADE_LOTS])
        self.mending.correct(trade_id, ticks, lots)
        words[at + tables.EXECUTION_COST] += more
        cost = int(words[at + tables.EXECUTION_COST])
        for row, word, sign in self._wholes(at):
            self.orders.tick_lots[row] += sign * more
            self._tell(row, word, units, sign * cost, sign, kinds.ORDER_FILL_CORRECTED)

    def cost_at(self, trade_id: int, ticks: int) -> int:
        """Return what an execution costs its taker at another price of one trade."""
        at = int(self.packages.find_execution(trade_id))
        cost = int(self.packages.executions[at + tables.EXECUTION_COST])
        return cost + self._dearer(trade_id, ticks)

    def _dearer(self, trade_id: int, ticks: int) -> int:
        """Return how much more an execution costs its taker at another price of one trade."""
        rows, at = self.trades.rows, self.trades.at(trade_id)
        instrument = rows[at + tables.TRADE_INSTRUMENT]
        money = int(self.instruments.read(instrument, tables.INSTRUMENT_TICK_VALUE))
        taker: cython.int = self.orders.row_of(rows[at + tables.TRADE_SECOND_ORDER])
        sign = 1 if self.orders.side(taker) == enums.SIDE_BUY else -1
        change = int(ticks) - int(rows[at + tables.TRADE_TICKS])
        return sign * change * int(rows[at + tables.TRADE_LOTS]) * money

    def _tell(self, row: int, word: int, units: int, cost: int, sign: int, kind: int) -> None:
        words = self.packages.executions
        execution = enums.EXECUTION_TYPE_TRADE_CORRECT
        if kind == kinds.ORDER_FILL_BUSTED:
            execution = enums.EXECUTION_TYPE_TRADE_CANCEL
        liquidity = enums.LIQUIDITY_TAKER if sign > 0 else enums.LIQUIDITY_MAKER
        price = self.trading.price(row, units, cost)
        quantity = units * kinds.UNIT
        reference = words[word]
        self.report.mended_event(kind, execution, row, liquidity, price, quantity, 0, reference, 0)
        words[word] = self.report.sequence


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
