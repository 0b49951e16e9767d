"""State what is held, as plain values, and write it as the words of a portfolio."""

from array import array
from dataclasses import dataclass

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.errors import TermsRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """An equity, or with `spot` a spot asset. Marks are in its ticks, 0 or more.

    `tick_value_minor_units` is the money of one tick of one lot, from 1.
    """

    instrument_id: int
    mark_ticks: int
    tick_value_minor_units: int
    spot: bool = False

    def words(self) -> memoryview:
        """Return the words that a portfolio keeps of it."""
        value = self.mark_ticks * self.tick_value_minor_units
        kind = rows.KIND_SPOT if self.spot else rows.KIND_EQUITY
        number, weight = self.instrument_id, self.tick_value_minor_units
        return _words(
            kind, number, number, 0, 0, self.mark_ticks, weight, self.mark_ticks, value, 0
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A call, or with `put` a put.

    Strike and underlying are in ticks of the underlying, 0 or more. One lot gains
    `underlying_tick_value_minor_units` (from 1) with a tick of the underlying once it is in the
    money: for 100 shares of a stock with a tick of 0.01 dollars these are 100 cents. The mark is
    in the option's own ticks. `expiry` is any integer that orders expiries, from 1.
    """

    instrument_id: int
    underlying_id: int
    put: bool
    strike_ticks: int
    expiry: int
    underlying_ticks: int
    underlying_tick_value_minor_units: int
    mark_ticks: int
    tick_value_minor_units: int
    broad_index: bool = False

    def words(self) -> memoryview:
        """Return the words that a portfolio keeps of it."""
        return _words(
            rows.KIND_PUT if self.put else rows.KIND_CALL,
            self.instrument_id,
            self.underlying_id,
            self.expiry,
            self.strike_ticks,
            self.underlying_ticks,
            self.underlying_tick_value_minor_units,
            self.mark_ticks,
            self.mark_ticks * self.tick_value_minor_units,
            0,
            rows.FLAG_BROAD_INDEX if self.broad_index else 0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Future:
    """A future of a product; expiries of one product may offset one another.

    `outright_minor_units` is what one lot requires alone, 0 or more. The mark, in ticks, may be
    negative; no rule of the strategy model reads it.
    """

    instrument_id: int
    product_id: int
    expiry: int
    mark_ticks: int
    tick_value_minor_units: int
    outright_minor_units: int

    def words(self) -> memoryview:
        """Return the words that a portfolio keeps of it."""
        value = self.mark_ticks * self.tick_value_minor_units
        weight, mark = self.tick_value_minor_units, self.mark_ticks
        return _words(
            rows.KIND_FUTURE,
            self.instrument_id,
            -self.product_id,
            self.expiry,
            0,
            0,
            weight,
            mark,
            value,
            self.outright_minor_units,
        )


Terms = Share | Option | Future


def _words(*values: int) -> memoryview:
    stated = [*values, *[0] * (rows.STATED_WORDS - len(values))]
    for value in stated:
        if not -(1 << 63) <= value < 1 << 63:
            raise TermsRefused("terms", value, "a number of 64 bits")
    return memoryview(array("q", stated))
