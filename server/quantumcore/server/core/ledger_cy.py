"""Book what trades do to positions and cash."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
else:
    from quantumcore.server.core import enums, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.reporter_cy import Reporter


@cython.final
@cython.cclass
class Ledger:
    """What one side pays the other receives; fees leave both. Nothing is rounded but fees.

    `charged` is the fee of the side that was booked last.

    Of futures nothing is paid but profit and loss, when a position closes.
    """

    accounts: Accounts
    balances: Balances
    instruments: Instruments
    positions: Positions
    report: Reporter
    charged: cython.longlong

    def __init__(self, positions: Positions, report: Reporter) -> None:
        self.positions, self.balances = positions, positions.balances
        self.instruments, self.report = report.instruments, report
        self.accounts = report.accounts
        self.charged = 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def trade(
        self,
        entry: cython.int,
        side: cython.int,
        ticks: cython.longlong,
        lots: cython.longlong,
        liquidity: cython.int,
    ) -> cython.longlong:
        """Book one side of a trade; return what it realised, ticks x lots."""
        instrument: cython.int = self.positions.instrument[entry]
        rate: cython.longlong = 0
        if self.instruments.has(instrument, tables.HAS_FEES):
            rate = self.instruments.get(
                instrument,
                tables.INSTRUMENT_MAKER_FEE
                if liquidity == enums.LIQUIDITY_MAKER
                else tables.INSTRUMENT_TAKER_FEE,
            )
        return self.trade_at(entry, side, ticks, lots, rate)

    @cython.cfunc
    @cython.exceptval(check=False)
    def trade_at(
        self,
        entry: cython.int,
        side: cython.int,
        ticks: cython.longlong,
        lots: cython.longlong,
        rate: cython.longlong,
    ) -> cython.longlong:
        """Book one side of a trade whose fee is so many millionths."""
        self.charged = 0
        realised: cython.longlong = self._book(
            entry, ticks, lots if side == enums.SIDE_BUY else -lots
        )
        if side == enums.SIDE_BUY:
            self.positions.bought[entry] += lots
        if rate != 0:
            self._pay(entry, self.fee(self.positions.instrument[entry], ticks, lots, rate))
        return realised

    @cython.cfunc
    @cython.exceptval(check=False)
    def undo_at(
        self,
        entry: cython.int,
        side: cython.int,
        ticks: cython.longlong,
        lots: cython.longlong,
        rate: cython.longlong,
    ) -> cython.longlong:
        """Book the reverse of one side of a trade, its fee too; return what that realised."""
        self.charged = 0
        realised: cython.longlong = self._book(
            entry, ticks, -lots if side == enums.SIDE_BUY else lots
        )
        if side == enums.SIDE_BUY:
            self.positions.bought[entry] -= lots
        if rate != 0:
            self._pay(entry, -self.fee(self.positions.instrument[entry], ticks, lots, rate))
        return realised

    @cython.cfunc
    @cython.exceptval(check=False)
    def _book(
        self, entry: cython.int, ticks: cython.longlong, lots: cython.longlong
    ) -> cython.longlong:
        instrument: cython.int = self.positions.instrument[entry]
        balance: cython.int = self.positions.balance[entry]
        money: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_TICK_VALUE)
        before: cython.longlong = self.positions.lots[entry]
        realised: cython.longlong = self.positions.trade(entry, ticks, lots)
        if self.instruments.has(instrument, tables.HAS_FUTURE_STYLE):
            if self.positions.is_long:
                self._settle_long(balance, money)
            else:
                self.balances.cash.add_product(balance, realised, money)
            self._count_margined(balance, before != 0, before + lots != 0)
        else:
            self.balances.cash.add(balance, -ticks * lots * money)
            self._count_margined(balance, before < 0, before + lots < 0)
        if self.accounts.margin_model[self.positions.account[entry]] > enums.MARGIN_MODEL_NONE:
            self.balances.note_margin(balance)
        self.positions.updated_ns[entry] = self.report.time_ns
        # The fill's event comes next; where both orders' do, each is booked right before its own.
        self.positions.sequence[entry] = self.report.sequence + 1
        return realised

    def _settle_long(self, balance: int, money: int) -> None:
        """Pay profit or loss that is beyond one word."""
        self.balances.cash.increase(balance, self.positions.long_realised * money)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count_margined(
        self, balance: cython.int, before: cython.bint, since: cython.bint
    ) -> cython.void:
        """Count positions that margin is required for: short ones, and all futures."""
        if since and not before:
            self.balances.margined[balance] += 1
        elif before and not since:
            self.balances.margined[balance] -= 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _pay(self, entry: cython.int, fee: cython.longlong) -> cython.void:
        balance: cython.int = self.positions.balance[entry]
        self.charged = fee
        self.balances.cash.add(balance, -fee)
        self.balances.fees.add(balance, fee)
        self.positions.fees.add(entry, fee)

    @cython.cfunc
    @cython.exceptval(check=False)
    def fee(
        self,
        instrument: cython.int,
        ticks: cython.longlong,
        lots: cython.longlong,
        rate: cython.longlong,
    ) -> cython.longlong:
        """Return the fee of a trade, minor units, rounded up; negative: a rebate."""
        value: cython.longlong = (
            abs(ticks) * lots * self.instruments.get(instrument, tables.INSTRUMENT_TICK_VALUE)
        )
        million: cython.longlong = tables.MILLION
        part: cython.longlong = value % million * rate
        whole: cython.longlong = part // million
        # Compiled division cuts towards zero, Python's rounds down: both end rounded up.
        if whole * million < part:
            whole += 1
        return value // million * rate + whole


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
