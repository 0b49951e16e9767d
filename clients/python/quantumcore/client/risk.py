"""Hold what accounts have and may do: money, positions, margin, limits.

Fields bear the contract's names and mean what the contract says. Money is an exact decimal of
its currency, 12.34 of a dollar, where the contract counts minor units; limits of a value are
whole minor units, since orders of several currencies are held to one limit. Times are
nanoseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quantumcore.client.enums import MarginModel, RejectReason
from quantumcore.client.fixed import Number
from quantumcore.client.risk_enums import MarginRule, StaleReferencePolicy
from quantumcore.client.values import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount of one currency."""

    currency: str
    amount: Decimal

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Money of an account in one currency.

    `available` is cash less reserved less margin, and with the open profit of futures.
    """

    currency: str
    cash: Decimal
    reserved: Decimal
    margin: Decimal
    available: Decimal
    realised_profit: Decimal
    unrealised_profit: Decimal
    fees: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """Limits of an account, for one instrument or for all; 0: no limit."""

    max_order_quantity: Number = 0
    max_order_value_minor_units: int = 0
    max_position_quantity: Number = 0
    max_open_order_value_minor_units: int = 0
    price_collar_basis_points: int = 0
    max_working_orders: int = 0
    max_command_rate_hz: int = 0
    max_reference_age_ms: int = 0
    stale_reference_policy: StaleReferencePolicy = StaleReferencePolicy.UNSPECIFIED
    stale_haircut_basis_points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentLimits:
    """Limits of an account for one instrument; those of the account hold besides."""

    instrument_id: int
    limits: RiskLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsChange:
    """Limits as they are from now on; `instrument_limits` is None where no instrument is named."""

    limits: RiskLimits
    instrument_limits: InstrumentLimits | None
    sequence: int
    repeated_request: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMovement:
    """A payment into an account or out of it, and the balance after it."""

    balance: Balance
    sequence: int
    repeated_request: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDetails:
    """An account with its money in each currency that it has used, and its limits.

    `instrument_limits` is None where no instrument is asked about.
    """

    account: Account
    balances: tuple[Balance, ...]
    limits: RiskLimits
    sequence: int
    instrument_limits: InstrumentLimits | None = None

    def balance(self, currency: str) -> Balance | None:
        """Find the money in one currency; None where the account has never used it."""
        return next((one for one in self.balances if one.currency == currency), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What an account holds of one instrument: positive is bought, negative is sold.

    `mark_price` and `unrealised_profit` are None where no price is known.
    `Instrument.average_cost` tells what was paid on average.
    """

    account_id: int
    instrument_id: int
    net_quantity: Decimal
    bought_quantity: Decimal
    sold_quantity: Decimal
    open_tick_lots: int
    working_buy_quantity: Decimal
    working_sell_quantity: Decimal
    mark_price: Decimal | None
    mark_time_ns: int
    realised_profit: Money
    unrealised_profit: Money | None
    fees: Money
    updated_time_ns: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginHolding:
    """A quantity of one instrument within a component, signed, and the price it is valued at."""

    instrument_id: int
    quantity: Decimal
    mark_price: Decimal
    working: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginComponent:
    """One recognised position or spread, what it requires, and why in a sentence.

    `separate` is what its holdings would require each alone.
    """

    rule: MarginRule
    holdings: tuple[MarginHolding, ...]
    units: int
    requirement: Decimal
    separate: Decimal
    explanation: str

    @property
    def relief(self) -> Decimal:
        """Tell how much less it requires than its holdings each alone."""
        return self.separate - self.requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginReport:
    """Margin of an account in one currency and how it came about."""

    account_id: int
    currency: str
    model: MarginModel
    position_margin: Decimal
    order_margin: Decimal
    available: Decimal
    components: tuple[MarginComponent, ...]
    pairing_is_optimal: bool
    oldest_mark_age_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCheck:
    """A rule of an account and how an order fares by it, `limit` and `value` in its own unit.

    `rule` is the reason that the order would be refused with; `leg_number` 0: the whole order.
    """

    rule: RejectReason
    passed: bool
    limit: Decimal | int
    value: Decimal | int
    leg_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCheck:
    """What would become of an order now; nothing is reserved and nothing has changed.

    The margins are None where funds were not come to.
    """

    accepted: bool
    checks: tuple[RiskCheck, ...]
    margin_before: MarginReport | None
    margin_after: MarginReport | None
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegProfit:
    """Profit and loss of one leg of a multi-leg order; `unrealised_profit` None: no mark.

    `untold_quantity` is what the leg opened and the venue had no room to tell: it is in no profit.
    """

    leg_number: int
    instrument_id: int
    net_quantity: Decimal
    realised_profit: Money
    unrealised_profit: Money | None
    fees: Money
    untold_quantity: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyProfit:
    """Profit and loss of one multi-leg order, leg by leg and in sum; fees are not in it.

    `net_paid` is what its units cost so far, negative where it was received.
    """

    multi_leg_order_id: int
    legs: tuple[LegProfit, ...]
    realised_profit: Money
    unrealised_profit: Money | None
    fees: Money
    net_paid: Money
