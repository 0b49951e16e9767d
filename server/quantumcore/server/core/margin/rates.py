"""State the rates of the strategy model and the spreads that earn a credit."""

from array import array
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.errors import TermsRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Rates in basis points (1/10,000), 0 to 30,000.

    The defaults are those of FINRA rule 4210(f)(2) and Cboe rule 10.3 for listed options, full
    payment for what is bought, and 150 % (Regulation T, section 220.12) for shares sold short.
    """

    short_option_basis_points: int = 2_000
    broad_index_basis_points: int = 1_500
    short_option_minimum_basis_points: int = 1_000
    long_share_basis_points: int = 10_000
    short_share_basis_points: int = 15_000

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if not 0 <= value <= rows.MAX_RATE:
                raise TermsRefused(name, value, f"0 to {rows.MAX_RATE}")

    def words(self) -> memoryview:
        """Return the rates as the words RATE_*."""
        return memoryview(array("q", astuple(self)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Two groups that offset one another, long against short.

    A group is a futures product (`future_product`) or one equity or spot instrument
    (`instrument`). The same product twice is a calendar spread. `ratio` counts lots in one
    spread, 1 to 1,000,000; the credit is a share of the outright requirement of the lots that
    the spread is made of, 0 to 10,000 basis points. Where groups offset one another in several
    ways, the spread that is stated first forms first.
    """

    group_a: int
    group_b: int
    ratio_a: int = 1
    ratio_b: int = 1
    credit_basis_points: int

    def __post_init__(self) -> None:
        for name in ("ratio_a", "ratio_b"):
            if not 1 <= getattr(self, name) <= 1_000_000:
                raise TermsRefused(name, getattr(self, name), "1 to 1,000,000")
        if not 0 <= self.credit_basis_points <= rows.BASIS_POINTS:
            raise TermsRefused("credit_basis_points", self.credit_basis_points, "0 to 10,000")
        if self.group_a == self.group_b and self.group_a > 0:
            raise TermsRefused("group_b", self.group_b, "another instrument than group_a")


def future_product(product_id: int) -> int:
    """Return the group of a futures product; ids from 1."""
    if product_id < 1:
        raise TermsRefused("product_id", product_id, "positive")
    return -product_id


def instrument(instrument_id: int) -> int:
    """Return the group of an equity or spot instrument; ids from 1."""
    if instrument_id < 1:
        raise TermsRefused("instrument_id", instrument_id, "positive")
    return instrument_id


def spread_words(spreads: Sequence[Spread]) -> memoryview:
    """Return spreads as the words SPREAD_*, in order of priority; 256 at most."""
    if len(spreads) > rows.MAX_SPREADS:
        raise TermsRefused("spreads", len(spreads), f"{rows.MAX_SPREADS} at most")
    return memoryview(array("q", [word for spread in spreads for word in astuple(spread)] or [0]))
