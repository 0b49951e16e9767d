"""Hold orders to the limits and the funds of their accounts, before they match."""

import cython

from quantumcore.server.core.views import GREATEST

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.exposure_cy import Exposure
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.limits_cy import Limits
    from cython.cimports.quantumcore.server.core.margin.own_cy import share_down
    from cython.cimports.quantumcore.server.core.margining_cy import Margining
    from cython.cimports.quantumcore.server.core.marks_cy import Marks
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.wide_cy import product
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.exposure_cy import Exposure
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.limits_cy import Limits
    from quantumcore.server.core.margin.own_cy import share_down
    from quantumcore.server.core.margining_cy import Margining
    from quantumcore.server.core.marks_cy import Marks
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.wide_cy import product


@cython.final
@cython.cclass
class Risk:
    """Pre-trade checks of watched accounts, in the order of precedence of RejectReason.

    The lots of one order or leg are looked at after another: their account, position, side, the
    price they are valued at, what works already of the order that they replace (`own_*`), the lots
    of the whole order with what has traded of it (`whole`), and what the legs looked at before are
    worth (`beside`). Of a leg of a sequential order that is changed half-way, `begun` is what has
    traded of units that are not whole, and `reversing` what of it counts as working to be reversed.
    Limits of the account and of the account for the
    instrument both hold; of several reasons the lowest is told. Nothing changes here.
    """

    accounts: Accounts
    balances: Balances
    exposure: Exposure
    instruments: Instruments
    limits: Limits
    margining: Margining
    marks: Marks
    orders: Orders
    positions: Positions
    refusal: Refusal
    is_dry: cython.bint
    now_ns: cython.longlong
    account: cython.int
    instrument: cython.int
    entry: cython.int
    side: cython.int
    lots: cython.longlong
    ticks: cython.longlong
    own_lots: cython.longlong
    own_value: cython.longlong
    whole: cython.longlong
    beside: cython.longlong
    begun: cython.longlong
    reversing: cython.longlong

    def __init__(self, exposure: Exposure, limits: Limits, refusal: Refusal) -> None:
        self.exposure, self.limits, self.refusal = exposure, limits, refusal
        self.accounts, self.orders = exposure.accounts, exposure.orders
        self.instruments, self.positions = exposure.instruments, exposure.positions
        self.balances = exposure.balances
        self.margining = Margining(self.positions, self.instruments)
        self.marks = self.margining.marks
        self.is_dry = False
        self.now_ns = self.lots = self.ticks = self.own_lots = self.own_value = 0
        self.account = self.instrument = self.entry = self.side = 0
        self.beside = self.whole = self.begun = self.reversing = 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_rate(
        self, account: cython.int, now_ns: cython.longlong, field: cython.longlong
    ) -> cython.longlong:
        """Check and count that an account sends no more commands a second than it may.

        As many as that may come at once; then one for each interval. Venue time counts.
        """
        rate: cython.longlong = self.limits.get(
            self.accounts.limits[account], tables.LIMIT_COMMAND_RATE
        )
        due: cython.longlong = self.accounts.next_command_ns[account]
        self.now_ns = now_ns
        if rate == 0:
            return 0
        self._compare(enums.REJECT_REASON_RATE_LIMITED, rate, 1)
        if due - now_ns > tables.SECOND_NS - tables.SECOND_NS // rate:
            return self.refusal.fail(enums.REJECT_REASON_RATE_LIMITED, field, rate, rate + 1)
        if not self.is_dry:
            self.accounts.next_command_ns[account] = max(due, now_ns) + tables.SECOND_NS // rate
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def look_at(
        self,
        account: cython.int,
        instrument: cython.int,
        entry: cython.int,
        side: cython.int,
        lots: cython.longlong,
        ticks: cython.longlong,
        row: cython.int,
    ) -> cython.void:
        """Look at lots from now on; `row` is the order that they replace, or NO_SLOT."""
        self.account, self.instrument, self.entry = account, instrument, entry
        self.side, self.lots, self.ticks = side, lots, ticks
        self.own_lots = self.own_value = 0
        self.whole, self.begun, self.reversing = lots, 0, 0
        if row != kinds.NO_SLOT:
            self.whole += self.orders.cumulative[row] // self.instruments.get(
                instrument, tables.INSTRUMENT_LOT_SIZE
            )
            self.own_lots = self.exposure.lots(row)
            self.own_value = self.value(self.own_lots, self.orders.risk_ticks[row])

    @cython.cfunc
    @cython.exceptval(check=False)
    def look_at_account(self, account: cython.int, now_ns: cython.longlong) -> cython.void:
        """Look at an account from now on, at no order of it."""
        self.account, self.now_ns = account, now_ns
        self.entry = kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def value(self, lots: cython.longlong, ticks: cython.longlong) -> cython.longlong:
        """Return the value of lots of the instrument looked at, minor units, at most 2**62."""
        return product(
            lots,
            abs(ticks) * self.instruments.get(self.instrument, tables.INSTRUMENT_TICK_VALUE),
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_limits(
        self, has_limit: cython.bint, field_quantity: cython.longlong, field_price: cython.longlong
    ) -> cython.longlong:
        """Note what breaks a limit of the account, or of the account for the instrument."""
        row: cython.int = self.accounts.limits[self.account]
        balance: cython.int = self.positions.balance[self.entry]
        value: cython.longlong = self.value(self.lots, self.ticks)
        most: cython.longlong = kinds.MONEY_LIMIT
        open_value: cython.longlong = self.balances.open_value.clipped_less(balance, self.own_value)
        open_value += self.beside
        if value >= most - open_value:
            self.refusal.note(
                enums.REJECT_REASON_NOTIONAL_OVERFLOW, field_quantity, most - 1, value
            )
            return self.refusal.reason
        if row != 0:
            self._check_row(row, value, open_value, field_quantity)
            if has_limit:
                self._check_collar(row, field_price)
        row = self.positions.limits[self.entry]
        if row != 0:
            open_value = self.positions.open_value.clipped_less(self.entry, self.own_value)
            self._check_row(row, value, open_value, field_quantity)
            if has_limit:
                self._check_collar(row, field_price)
        return self.refusal.reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _check_row(
        self,
        row: cython.int,
        value: cython.longlong,
        open_value: cython.longlong,
        field: cython.longlong,
    ) -> cython.void:
        lot: cython.longlong = self.instruments.get(self.instrument, tables.INSTRUMENT_LOT_SIZE)
        most: cython.longlong = self.limits.get(row, tables.LIMIT_ORDER_QUANTITY)
        worth: cython.longlong = value
        if most != 0:
            self._compare(enums.REJECT_REASON_ORDER_QUANTITY_LIMIT, most, self.whole * lot)
        if most != 0 and self.whole > most // lot:
            self.refusal.note(
                enums.REJECT_REASON_ORDER_QUANTITY_LIMIT, field, most, self.whole * lot
            )
        most = self.limits.get(row, tables.LIMIT_ORDER_VALUE)
        if most != 0:
            if self.whole != self.lots:
                worth = self.value(self.whole, self.ticks)
            self._compare(enums.REJECT_REASON_ORDER_VALUE_LIMIT, most, worth)
            if worth > most:
                self.refusal.note(enums.REJECT_REASON_ORDER_VALUE_LIMIT, field, most, worth)
        self._check_position(self.limits.get(row, tables.LIMIT_POSITION), lot, field)
        most = self.limits.get(row, tables.LIMIT_OPEN_VALUE)
        if most != 0:
            self._compare(enums.REJECT_REASON_OPEN_ORDER_LIMIT, most, open_value + value)
        if most != 0 and open_value + value > most:
            self.refusal.note(enums.REJECT_REASON_OPEN_ORDER_LIMIT, field, most, open_value + value)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _compare(
        self, reason: cython.int, limit: cython.longlong, value: cython.longlong
    ) -> cython.void:
        if self.refusal.asks:
            self.refusal.compare(reason, limit, value, limit - value)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _check_position(
        self, most: cython.longlong, lot: cython.longlong, field: cython.longlong
    ) -> cython.void:
        """Check the position that fills of all working orders on this side could lead to."""
        held: cython.longlong = self.positions.lots[self.entry]
        if most == 0:
            return
        if self.side == enums.SIDE_BUY:
            held += self.positions.buying[self.entry]
        else:
            held = self.positions.selling[self.entry] - held
        held += self.lots - self.own_lots
        if self.refusal.asks:
            told: cython.longlong = min(held, kinds.MONEY_LIMIT // lot) * lot
            self._compare(enums.REJECT_REASON_POSITION_LIMIT, most, told)
        if held > most // lot:
            self.refusal.note(
                enums.REJECT_REASON_POSITION_LIMIT,
                field,
                most,
                min(held, kinds.MONEY_LIMIT // lot) * lot,
            )

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_working(self, field: cython.longlong) -> cython.void:
        """Note where a new order would be one too many."""
        self._check_count(
            self.accounts.limits[self.account], self.accounts.working[self.account], field
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_working_here(self, field: cython.longlong) -> cython.void:
        """Note where a new order, or leg, would be one too many in its instrument."""
        row: cython.int = self.positions.limits[self.entry]
        if row != 0:
            self._check_count(row, self.positions.working[self.entry], field)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _check_count(
        self, row: cython.int, working: cython.longlong, field: cython.longlong
    ) -> cython.void:
        most: cython.longlong = self.limits.get(row, tables.LIMIT_WORKING_ORDERS)
        if most != 0 and working >= most:
            self.refusal.note(enums.REJECT_REASON_OPEN_ORDER_LIMIT, field, most, working + 1)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _check_collar(self, row: cython.int, field: cython.longlong) -> cython.void:
        """Note a limit price that lies too far beyond the reference price, to the owner's harm."""
        share: cython.longlong = self.limits.get(row, tables.LIMIT_COLLAR)
        tick: cython.longlong = self.instruments.get(self.instrument, tables.INSTRUMENT_TICK_SIZE)
        furthest: cython.longlong
        age_ns: cython.longlong = self.age_ns()
        haircut: cython.longlong = self.haircut()
        most: cython.longlong = kinds.MONEY_LIMIT
        if share == 0:
            return
        if not self.marks.find(self.instrument, self.now_ns, age_ns) and (
            haircut == 0 or self.marks.age_ns == tables.NO_LIMIT
        ):
            self.refusal.note(
                enums.REJECT_REASON_REFERENCE_PRICE_STALE, field, age_ns, self.marks.age_ns
            )
            return
        if self.marks.age_ns > age_ns:
            share = max(0, share - haircut)
        far: cython.longlong = most // (share // tables.BASIS_POINTS + 2) // tick
        if self.marks.ticks > far or self.marks.ticks < -far:
            self._check_far_collar(share, tick, field)
            return
        furthest = share_down(abs(self.marks.ticks), share)
        if self.side == enums.SIDE_BUY:
            furthest = self.marks.ticks + furthest
            if self.refusal.asks:
                self.refusal.compare(
                    enums.REJECT_REASON_PRICE_COLLAR,
                    furthest * tick,
                    self.ticks * tick,
                    furthest - self.ticks,
                )
            if self.ticks > furthest:
                self.refusal.note(
                    enums.REJECT_REASON_PRICE_COLLAR, field, furthest * tick, self.ticks * tick
                )
            return
        furthest = self.marks.ticks - furthest
        if self.refusal.asks:
            self.refusal.compare(
                enums.REJECT_REASON_PRICE_COLLAR,
                furthest * tick,
                self.ticks * tick,
                self.ticks - furthest,
            )
        if self.ticks < furthest:
            self.refusal.note(
                enums.REJECT_REASON_PRICE_COLLAR, field, furthest * tick, self.ticks * tick
            )

    def _check_far_collar(self, share: int, tick: int, field: int) -> None:
        """Check a price against one so far from zero that a collar about it leaves 64 bits."""
        furthest: int = self.marks.ticks
        away = abs(furthest) * share // tables.BASIS_POINTS
        buys = self.side == enums.SIDE_BUY
        furthest += away if buys else -away
        room = furthest - self.ticks if buys else self.ticks - furthest
        if self.refusal.asks:
            self.refusal.compare(
                enums.REJECT_REASON_PRICE_COLLAR,
                max(-GREATEST, min(GREATEST, furthest * tick)),
                self.ticks * tick,
                max(-GREATEST, min(GREATEST, room)),
            )
        if self.ticks > furthest if buys else self.ticks < furthest:
            told = max(-GREATEST, min(GREATEST, furthest * tick))
            self.refusal.note(enums.REJECT_REASON_PRICE_COLLAR, field, told, self.ticks * tick)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _first(self, word: cython.int) -> cython.longlong:
        """Return a setting of the account for the instrument, or else of the account."""
        value: cython.longlong = 0
        if self.entry != kinds.NO_SLOT:
            value = self.limits.get(self.positions.limits[self.entry], word)
        if value == 0:
            value = self.limits.get(self.accounts.limits[self.account], word)
        return value

    @cython.cfunc
    @cython.exceptval(check=False)
    def age_ns(self) -> cython.longlong:
        """Return the greatest age of a reference price."""
        age_ms: cython.longlong = self._first(tables.LIMIT_REFERENCE_AGE)
        return (age_ms if age_ms != 0 else tables.DEFAULT_REFERENCE_AGE_MS) * tables.MILLISECOND_NS

    @cython.cfunc
    @cython.exceptval(check=False)
    def haircut(self) -> cython.longlong:
        """Return what is taken off an older reference price, basis points; 0: it is refused."""
        policy: cython.longlong = self._first(tables.LIMIT_STALE_POLICY)
        if policy != enums.STALE_REFERENCE_POLICY_USE_WITH_HAIRCUT:
            return 0
        return max(1, self._first(tables.LIMIT_HAIRCUT))


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
