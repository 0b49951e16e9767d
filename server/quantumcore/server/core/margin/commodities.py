"""State combined commodities: what is scanned together, and which of them offset one another."""

from array import array
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.errors import TermsRefused
from quantumcore.server.core.margin.risk_arrays import MAX_TICKS, MAX_VOLATILITY, Scan

MAX_AMOUNT = 1 << 44  # minor units


@dataclass(frozen=True, slots=True, kw_only=True)
class Commodity:
    """A combined commodity: futures, shares and options whose prices move together.

    `groups` are the futures products and instruments that it is made of, as `rates.future_product`
    and `rates.instrument` name them; an option belongs to its underlying's. The scan's price range
    is in ticks of the underlying. Options are valued at one volatility. A delta counts lots that
    gain `delta_weight` minor units with a tick, such as one future. `price_bucket_ticks` is how
    far the underlying may move before risk arrays are computed anew; a price counts as the middle
    of its bucket.
    """

    commodity_id: int
    groups: tuple[int, ...]
    scan: Scan
    volatility_ppm: int = 0
    delta_weight: int = 1
    price_bucket_ticks: int = 1
    short_option_minimum_minor_units: int = 0
    calendar_charge_minor_units: int = 0

    def __post_init__(self) -> None:
        _check("groups", len(self.groups), 1, rows.MAX_HOLDINGS)
        _check("volatility_ppm", self.volatility_ppm, 0, MAX_VOLATILITY)
        _check("delta_weight", self.delta_weight, 1, MAX_AMOUNT)
        _check("price_bucket_ticks", self.price_bucket_ticks, 1, MAX_TICKS)
        for name in ("short_option_minimum_minor_units", "calendar_charge_minor_units"):
            _check(name, getattr(self, name), 0, MAX_AMOUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommoditySpread:
    """Two commodities that offset one another, long against short, as SPAN's inter-commodity.

    A spread takes `deltas_a` of the one and `deltas_b` of the other, 1 to 1,000,000. The credit is
    a share of what the scan requires for the deltas used, 0 to 10,000 basis points. The spread
    that is stated first forms first, and the deltas that it uses are gone for those behind it.
    """

    commodity_a: int
    commodity_b: int
    deltas_a: int = 1
    deltas_b: int = 1
    credit_basis_points: int

    def __post_init__(self) -> None:
        _check("deltas_a", self.deltas_a, 1, 1_000_000)
        _check("deltas_b", self.deltas_b, 1, 1_000_000)
        _check("credit_basis_points", self.credit_basis_points, 0, rows.BASIS_POINTS)
        if self.commodity_a == self.commodity_b:
            raise TermsRefused("commodity_b", self.commodity_b, "another than commodity_a")


def commodity_spread_words(spreads: Sequence[CommoditySpread]) -> memoryview:
    """Return spreads as the words SPREAD_*, in order of priority; 256 at most."""
    if len(spreads) > rows.MAX_SPREADS:
        raise TermsRefused("spreads", len(spreads), f"{rows.MAX_SPREADS} at most")
    return memoryview(array("q", [word for spread in spreads for word in astuple(spread)] or [0]))


def _check(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise TermsRefused(field, value, f"{least:,} to {most:,}")
