"""Show accounts, positions and margins as named values; money is in minor units, exact."""

from typing import NamedTuple

from quantumcore.server.core.margin.explanation import Component


class BalanceView(NamedTuple):
    """Money of an account in one currency, named by its number at the door."""

    currency: int
    cash: int
    reserved: int
    margin: int
    available: int
    realised: int
    unrealised: int
    fees: int
    open_order_value: int


class GroupView(NamedTuple):
    """A group of accounts: its limits as tables.GROUP_*, and by currency what members have.

    `usage` holds currency, value of working orders, and margin with what is reserved. `is_known`
    tells that something was said of it.
    """

    number: int
    is_known: bool
    members: list[int]
    is_killed: bool
    limits: list[int]
    usage: list[tuple[int, int, int]]
    working_orders: int


class PositionView(NamedTuple):
    """What an account holds of an instrument; `mark_ticks` is None where it has no price."""

    account_id: int
    instrument_id: int
    lots: int
    bought_lots: int
    buying_lots: int
    selling_lots: int
    open_tick_lots: int
    realised_tick_lots: int
    fees: int
    mark_ticks: int | None
    mark_time_ns: int
    updated_time_ns: int
    sequence: int


class MarginView(NamedTuple):
    """Margin of an account in one currency; `refused` (rows.*): what the engine cannot hold."""

    currency: int
    position_margin: int
    order_margin: int
    available: int
    components: tuple[Component, ...]
    pairing_is_optimal: bool
    oldest_mark_age_ns: int
    refused: int


class LegProfitView(NamedTuple):
    """Profit and loss of one leg, minor units; `paid` is its part of the net price so far.

    `untold_quantity` is what it opened and there was no room to tell from lots of nobody.
    """

    leg_number: int
    instrument_id: int
    net_quantity: int = 0
    realised: int = 0
    unrealised: int = 0
    fees: int = 0
    paid: int = 0
    untold_quantity: int = 0


class StrategyView(NamedTuple):
    """Profit and loss of a multi-leg order."""

    order_id: int
    account_id: int
    legs: list[LegProfitView]


class CheckView(NamedTuple):
    """What would become of an order: `reason` 0 means that it would be let in.

    `compared` has limit, value and leg of each rule that compared any, by RejectReason: of several
    those that leave the least room. `before` and `after` are margins with the order as if it had
    filled whole; None where funds were not looked at.
    """

    reason: int
    field: int
    leg_number: int
    limit: int
    value: int
    compared: dict[int, tuple[int, int, int]]
    before: MarginView | None
    after: MarginView | None
