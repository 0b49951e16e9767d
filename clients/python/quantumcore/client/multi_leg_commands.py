"""Say what to do with multi-leg orders: typed commands.

A command bears its ids from the moment it is made, so that sending it again can never do
it twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Required, TypedDict

from quantumcore.client.commands import new_client_order_id, new_request_id
from quantumcore.client.enums import SelfTradePrevention, Side, TimeInForce
from quantumcore.client.fixed import Number
from quantumcore.client.multi_leg import PriceConstraint, SequentialTerms
from quantumcore.client.multi_leg_enums import ExecutionMode


@dataclass(frozen=True, slots=True, kw_only=True)
class LegTerms:
    """One leg of a new multi-leg order.

    `instrument` is a symbol or id; `ratio` how much of it is in one unit, a whole number of
    lots; `price` the worst that this leg may trade at, None: only the net price counts.
    """

    instrument: int | str
    side: Side | str
    ratio: Number = 1
    price: Number | None = None


LegLike = (
    LegTerms
    | tuple[int | str, Side | str, Number]
    | tuple[int | str, Side | str, Number, Number | None]
)
"""A leg, typed or in short: `("AAPL-200C", "buy", 1)`, with its limit price as a fourth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMultiLegOrder:
    """A new multi-leg order of 2 to 4 legs.

    `units` is how many to trade, `net_price` the worst net price of one unit (positive is paid,
    negative received), `min_units` the fewest that may trade at once (0: all or none). Without
    `time_in_force` it is GTD with an `expire_time_ns`, else GTC.
    """

    account: int | str
    legs: Sequence[LegLike]
    units: int = 1
    net_price: Number | None = None
    min_units: int = 0
    price_constraints: Sequence[PriceConstraint] = ()
    execution_mode: ExecutionMode = ExecutionMode.SIMULTANEOUS
    time_in_force: TimeInForce | None = None
    client_order_id: str = field(default_factory=new_client_order_id)
    expire_time_ns: int = 0
    sequential_terms: SequentialTerms | None = None
    self_trade_prevention: SelfTradePrevention | None = None
    request_id: int = field(default_factory=new_request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceMultiLegOrder:
    """A change of a working multi-leg order, all legs in one step; what is None stays as it is.

    `units` is the whole number, what has traded included; `leg_prices` maps numbers of legs,
    from 1, to their limits from now on, None: no limit any more.
    """

    account: int | str
    multi_leg_order_id: int = 0
    client_order_id: str = ""
    new_client_order_id: str = ""
    units: int | None = None
    net_price: Number | None = None
    leg_prices: Mapping[int, Number | None] | None = None
    request_id: int = field(default_factory=new_request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelMultiLegOrder:
    """A cancel of one multi-leg order, named by `multi_leg_order_id`, else by `client_order_id`."""

    account: int | str
    multi_leg_order_id: int = 0
    client_order_id: str = ""
    request_id: int = field(default_factory=new_request_id)


MultiLegCommand = CreateMultiLegOrder | ReplaceMultiLegOrder | CancelMultiLegOrder


class SpreadTerms(TypedDict, total=False):
    """Terms of a multi-leg order whose legs, units and net price are named apart."""

    account: Required[int | str]
    min_units: int
    price_constraints: Sequence[PriceConstraint]
    execution_mode: ExecutionMode
    time_in_force: TimeInForce
    client_order_id: str
    expire_time_ns: int
    sequential_terms: SequentialTerms
    self_trade_prevention: SelfTradePrevention
    request_id: int


class MultiLegTerms(SpreadTerms, total=False):
    """All terms of a multi-leg order; the same as the fields of `CreateMultiLegOrder`."""

    legs: Required[Sequence[LegLike]]
    units: int
    net_price: Number | None
