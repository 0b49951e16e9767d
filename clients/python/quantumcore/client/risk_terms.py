"""Hold what operators say of margin, and of groups of accounts.

Fields bear the contract's names and mean what the contract says. Instruments are ids; a future
stands for all expiries of its product. Amounts are whole minor units.
"""

from __future__ import annotations

from dataclasses import dataclass

from quantumcore.client.fixed import Number
from quantumcore.client.risk_enums import ScenarioSet


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadCredit:
    """What two instruments save of margin against one another; priority 1 forms first."""

    priority: int
    instrument_a_id: int
    instrument_b_id: int
    lots_a: int
    lots_b: int
    credit_basis_points: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadCreditChange:
    """A credit as it is from now on; with 0 basis points it has ended."""

    credit: SpreadCredit
    sequence: int
    repeated_request: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRange:
    """How far an instrument is scanned with the options on it."""

    instrument_id: int
    price_range_basis_points: int
    volatility_ppm: int
    volatility_range_ppm: int
    short_option_minimum_minor_units: int
    calendar_charge_minor_units: int
    scenarios: ScenarioSet
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRangeChange:
    """A scan as it is from now on."""

    scan_range: ScanRange
    sequence: int
    repeated_request: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLimits:
    """Limits of a group of accounts, over all its members; 0: no limit."""

    max_position_quantity: Number = 0
    max_open_order_value_minor_units: int = 0
    max_working_orders: int = 0
    max_margin_minor_units: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLimitsChange:
    """Limits of a group as they are from now on."""

    limits: GroupLimits
    sequence: int
    repeated_request: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupUsage:
    """What members of a group have together in one currency."""

    currency: str
    open_order_value_minor_units: int
    margin_minor_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountGroup:
    """Accounts that count as one owner, with their limits and what they have together."""

    group: int
    account_ids: tuple[int, ...]
    kill_switch: bool
    limits: GroupLimits
    usage: tuple[GroupUsage, ...]
    working_orders: int
