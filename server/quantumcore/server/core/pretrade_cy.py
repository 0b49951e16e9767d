"""Check an order of a watched account before it may match: limits first, then funds."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.exposure_cy import Exposure
    from cython.cimports.quantumcore.server.core.funds_cy import Funds
    from cython.cimports.quantumcore.server.core.group_limits_cy import GroupLimits
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.limits_cy import Limits
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.risk_cy import Risk
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.exposure_cy import Exposure
    from quantumcore.server.core.funds_cy import Funds
    from quantumcore.server.core.group_limits_cy import GroupLimits
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.limits_cy import Limits
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.risk_cy import Risk


@cython.final
@cython.cclass
class PreTrade:
    """Rates, limits and funds of accounts, and limits of their groups.

    What was found of the last order stands in `risk` and `funds`.
    """

    exposure: Exposure
    funds: Funds
    group: GroupLimits
    instruments: Instruments
    limits: Limits
    refusal: Refusal
    risk: Risk

    def __init__(self, exposure: Exposure, limits: Limits, refusal: Refusal) -> None:
        self.exposure, self.refusal = exposure, refusal
        self.limits = limits
        self.instruments = exposure.instruments
        self.risk = Risk(exposure, limits, refusal)
        self.funds, self.group = Funds(self.risk), GroupLimits(self.risk)

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_account(
        self, account: cython.longlong, now_ns: cython.longlong, field: cython.longlong
    ) -> cython.longlong:
        """Begin with a command of an account: check and count the rate of a watched one."""
        if account < 1 or account > self.risk.accounts.count:
            return 0
        if self.risk.accounts.watched[account] == 0:
            return 0
        return self.risk.check_rate(cython.cast(cython.int, account), now_ns, field)

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_active(self, account: cython.longlong, field: cython.longlong) -> cython.longlong:
        """Check that an account that exists is neither suspended nor closed."""
        status: cython.longlong = self.risk.accounts.status[account]
        if status == enums.ACCOUNT_STATUS_ACTIVE:
            return 0
        return self.refusal.fail(enums.REJECT_REASON_ACCOUNT_SUSPENDED, field, 0, status)

    @cython.cfunc
    @cython.exceptval(check=False)
    def find_position(self, account: cython.int, instrument: cython.int) -> cython.int:
        """Return where an account's position is counted, or NO_SLOT where there is no room."""
        kind: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_KIND)
        currency: cython.int = cython.cast(
            cython.int, self.instruments.get(instrument, tables.INSTRUMENT_CURRENCY)
        )
        if self.risk.is_dry:
            return self.risk.positions.lend(account, instrument, currency)
        return self.risk.positions.find_or_add(
            account,
            instrument,
            currency,
            kind == enums.INSTRUMENT_KIND_OPTION or kind == enums.INSTRUMENT_KIND_FUTURE,
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check(
        self,
        account: cython.int,
        entry: cython.int,
        terms: cython.longlong,
        price: cython.longlong,
        stop_price: cython.longlong,
        quantity: cython.longlong,
        row: cython.int,
        fields: cython.longlong,
    ) -> cython.longlong:
        """Return why an order is refused: a RejectReason, or 0.

        `terms` are packed as in EVENT_STATE, `quantity` is what would work, `row` the order that
        it replaces or NO_SLOT, `fields` the numbers of the fields for quantity | price << 32.
        """
        instrument: cython.int = self.risk.positions.instrument[entry]
        side: cython.int = cython.cast(cython.int, (terms >> kinds.STATE_SIDE) & 0xFF)
        priced: cython.bint = (terms >> kinds.STATE_FLAGS) & kinds.FLAG_HAS_PRICE != 0
        lots: cython.longlong = quantity // self.instruments.get(
            instrument, tables.INSTRUMENT_LOT_SIZE
        )
        ticks: cython.longlong
        if priced:
            ticks = price // self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        else:
            ticks = self.risk.marks.worst(
                instrument,
                side,
                cython.cast(cython.int, (terms >> kinds.STATE_ORDER_TYPE) & 0xFF),
                stop_price,
                (terms >> kinds.STATE_TIME_IN_FORCE) & 0xFF >= enums.TIME_IN_FORCE_AT_OPEN,
            )
        self.refusal.clear()
        self.risk.beside = 0
        self.risk.look_at(account, instrument, entry, side, lots, ticks, row)
        if row == kinds.NO_SLOT:
            self.risk.check_working(0)
            self.risk.check_working_here(0)
        if self.risk.check_limits(priced, fields & kinds.LOW_HALF, fields >> 32) != 0:
            return self.refusal.reason
        if self.funds.check(row, fields & kinds.LOW_HALF) != 0:
            return self.refusal.reason
        if not self.group.begin(account):
            return 0
        if self.group.add(fields & kinds.LOW_HALF) != 0:
            return self.refusal.reason
        counted = (int(self.funds.reserve) + int(self.funds.foreseen)) * int(lots)
        return self.group.check(row, counted, fields & kinds.LOW_HALF)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_active_stop(self, row: cython.int, now_ns: cython.longlong) -> cython.int:
        """Value a stop that becomes active anew, where it may cost more than it was valued at.

        It is then the market order that a check would see now. Where the funds do not suffice for
        that it stays valued as it was, and trades no further. Return whether funds were looked at.
        """
        risk: Risk = self.risk
        orders: Orders = risk.orders
        instrument: cython.int = orders.instrument[row]
        account: cython.int = orders.account[row]
        side: cython.int = orders.side(row)
        before: cython.longlong = orders.risk_ticks[row]
        ticks: cython.longlong
        lots: cython.longlong = self.exposure.lots(row)
        whole: cython.longlong = kinds.MONEY_LIMIT
        if risk.accounts.margin_model[account] == enums.MARGIN_MODEL_UNSPECIFIED:
            return 0
        if not risk.marks.has_best(instrument, 3 - side):
            return 0
        ticks = risk.marks.worst(instrument, side, enums.ORDER_TYPE_MARKET, 0, False)
        if ticks <= before if side == enums.SIDE_BUY else ticks >= before:
            return 0
        risk.now_ns, risk.beside = now_ns, 0
        self.refusal.clear()
        risk.look_at(account, instrument, orders.position[row], side, lots, ticks, row)
        if risk.value(lots, ticks) < whole and self.funds.check(row, 0) == 0:
            self.exposure.revalue(row, lots, ticks, self.funds.reserve, self.funds.foreseen)
        self.refusal.clear()
        return 1


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
