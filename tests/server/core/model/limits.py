"""Limits of accounts, and what breaks them."""

from collections.abc import Iterator

from quantumcore.server.core import enums
from quantumcore.server.core.admin_commands import Limits
from quantumcore.server.core.views import GREATEST
from tests.server.core.model.admission import Refusal
from tests.server.core.model.instrument import Account, Instrument
from tests.server.core.model.order import Order
from tests.server.core.model.valuing import Asked, mark, value, worst_ticks
from tests.server.core.model.world import World

OVER_ALL = 0
MOST = 1 << 62  # values are below it
NEVER = 1 << 62  # the age of a price that there is none of
SECOND_NS, MILLISECOND_NS = 1_000_000_000, 1_000_000
BASIS_POINTS = 10_000


class Check:
    """Holds one order, as it is to be, against limits; `replaced` stands until then.

    `fields` are the numbers of the request's fields for quantity and price.
    """

    def __init__(
        self, world: World, asked: Asked, quantity: int, fields: tuple[int, int], *, new: bool
    ) -> None:
        self.world, self.asked, self.fields, self.is_new = world, asked, fields, new
        self.order = asked.order
        self.account: Account = world.accounts[self.order.account_id]
        self.instrument: Instrument = world.instrument(self.order)
        self.lots = quantity // self.instrument.lot_size
        self.whole = (quantity + self.order.cumulative) // self.instrument.lot_size
        self.ticks = worst_ticks(self.instrument, asked)
        self.value = value(self.instrument, self.lots, self.ticks)

    def others(self) -> list[Order]:
        """Return the account's other working orders."""
        working = self.world.working_of(self.order.account_id)
        return [order for order in working if order is not self.order]

    def alike(self) -> int:
        """Return the lots of its other working orders on this side of the instrument."""
        return sum(
            self.world.lots(other)
            for other in self.others()
            if (other.instrument_id, other.side) == (self.order.instrument_id, self.order.side)
        )

    def open_value(self, instrument_id: int) -> int:
        """Return the value of its other working orders in an instrument, or in the currency."""
        return sum(
            value(self.world.instrument(other), self.world.lots(other), other.risk_ticks)
            for other in self.others()
            if instrument_id in {OVER_ALL, other.instrument_id}
            and self.world.instrument(other).currency == self.instrument.currency
        )

    def refusals(self) -> Iterator[Refusal]:
        """Tell which limits are broken: the account's, and the account's for the instrument."""
        quantity_field = self.fields[0]
        if self.value + self.open_value(OVER_ALL) >= MOST:
            reason = enums.REJECT_REASON_NOTIONAL_OVERFLOW
            yield Refusal(reason, quantity_field, MOST - 1, self.value)
        for instrument_id in (OVER_ALL, self.order.instrument_id):
            limits = self.account.limits.get(instrument_id, Limits())
            yield from self._against_number(limits.working_orders, instrument_id)
            yield from self._against_row(limits, instrument_id)
            if limits.collar_basis_points and self.asked.limit is not None:
                yield from self._against_collar(limits.collar_basis_points, self.asked.limit)

    def _against_number(self, most: int, instrument_id: int) -> Iterator[Refusal]:
        """Tell whether a new order is one too many, of the account or of one instrument."""
        working = sum(
            instrument_id in {OVER_ALL, other.instrument_id}
            for other in self.world.working_of(self.order.account_id)
        )
        if self.is_new and most and working >= most:
            yield Refusal(enums.REJECT_REASON_OPEN_ORDER_LIMIT, 0, most, working + 1)

    def _against_row(self, limits: Limits, instrument_id: int) -> Iterator[Refusal]:
        lot_size, field, whole = self.instrument.lot_size, self.fields[0], self.whole
        worth = value(self.instrument, whole, self.ticks)
        open_value = self.value + self.open_value(instrument_id)
        position = self.world.position(self.order).lots
        position = (position if self.order.buys else -position) + self.alike() + self.lots
        rules = (
            (enums.REJECT_REASON_ORDER_QUANTITY_LIMIT, limits.order_quantity, whole * lot_size),
            (enums.REJECT_REASON_ORDER_VALUE_LIMIT, limits.order_value, worth),
            (enums.REJECT_REASON_POSITION_LIMIT, limits.position_quantity, position * lot_size),
            (enums.REJECT_REASON_OPEN_ORDER_LIMIT, limits.open_order_value, open_value),
        )
        for reason, most, asked in rules:
            if most and asked > most:
                yield Refusal(reason, field, most, asked)

    def _against_collar(self, share: int, price: int) -> Iterator[Refusal]:
        """Tell whether a price is too far beyond the mark, or whether there is none to go by."""
        most_age_ns = (self.account.first(self.order, "reference_age_ms") or 100) * MILLISECOND_NS
        found = mark(self.world, self.instrument, most_age_ns)
        policy = self.account.first(self.order, "stale_policy")
        may_be_old = policy == enums.STALE_REFERENCE_POLICY_USE_WITH_HAIRCUT
        field, tick_size = self.fields[1], self.instrument.tick_size
        if found is None or (found.age_ns > most_age_ns and not may_be_old):
            age_ns = NEVER if found is None else found.age_ns
            reason = enums.REJECT_REASON_REFERENCE_PRICE_STALE
            yield Refusal(reason, field, most_age_ns, age_ns)
            return
        if found.age_ns > most_age_ns:
            haircut = self.account.first(self.order, "haircut_basis_points")
            share = max(0, share - max(1, haircut))
        away = abs(found.ticks) * share // BASIS_POINTS
        furthest = found.ticks + (away if self.order.buys else -away)
        if not self.order.accepts(price, furthest * tick_size):
            reason = enums.REJECT_REASON_PRICE_COLLAR
            told = max(-GREATEST, min(GREATEST, furthest * tick_size))
            yield Refusal(reason, field, told, price)


def against_rate(world: World, account_id: int, field: int) -> Iterator[Refusal]:
    """Tell whether an account sends too many commands; one that is not too many is counted.

    As many as it may send in a second may come at once; then one for each interval.
    """
    account = world.accounts[account_id]
    rate = account.limits.get(OVER_ALL, Limits()).command_rate_hz
    if not rate:
        return
    interval_ns = SECOND_NS // rate
    if account.next_command_ns - world.time_ns > SECOND_NS - interval_ns:
        yield Refusal(enums.REJECT_REASON_RATE_LIMITED, field, rate, rate + 1)
    else:
        account.next_command_ns = max(account.next_command_ns, world.time_ns) + interval_ns
