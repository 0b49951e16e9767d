"""Put what the core tells of accounts into messages of the contract."""

from quantumcore.server.api.currencies import CURRENCY_CODES
from quantumcore.server.core.account_reading_cy import unrealised
from quantumcore.server.core.account_views import (
    BalanceView,
    MarginView,
    PositionView,
    StrategyView,
)
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.margin.explanation import Component
from quantumcore.server.core.views import GREATEST
from quantumcore.v1.account_pb2 import Balance, MarginModel
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.margin_pb2 import MarginComponent, MarginHolding, MarginReport, MarginRule
from quantumcore.v1.position_pb2 import Position, StrategyProfit
from quantumcore.v1.risk_pb2 import RiskLimits, StaleReferencePolicy
from quantumcore.v1.types_pb2 import Money

LIMIT_FIELDS = (
    "max_order_quantity",
    "max_order_value_minor_units",
    "max_position_quantity",
    "max_open_order_value_minor_units",
    "price_collar_basis_points",
    "max_working_orders",
    "max_command_rate_hz",
    "max_reference_age_ms",
    "stale_reference_policy",
    "stale_haircut_basis_points",
)


def clipped(value: int) -> int:
    """Return a sum, or the greatest that a message can tell where it is beyond that."""
    return max(-GREATEST, min(GREATEST, value))


def balance_message(view: BalanceView) -> Balance:
    """Return an account's money in one currency."""
    return Balance(
        currency=CURRENCY_CODES[view.currency],
        cash_minor_units=clipped(view.cash),
        reserved_minor_units=clipped(view.reserved),
        margin_minor_units=clipped(view.margin),
        available_minor_units=clipped(view.available),
        realised_profit_minor_units=clipped(view.realised),
        unrealised_profit_minor_units=clipped(view.unrealised),
        fees_minor_units=clipped(view.fees),
    )


def position_message(view: PositionView, instrument: Instrument) -> Position:
    """Return what an account holds of an instrument."""
    lot, money = instrument.lot_size, instrument.tick_value
    message = Position(
        account_id=view.account_id,
        instrument_id=view.instrument_id,
        net_quantity=clipped(view.lots * lot),
        bought_quantity=clipped(view.bought_lots * lot),
        sold_quantity=clipped((view.bought_lots - view.lots) * lot),
        open_tick_lots=clipped(view.open_tick_lots),
        working_buy_quantity=clipped(view.buying_lots * lot),
        working_sell_quantity=clipped(view.selling_lots * lot),
        mark_time_ns=view.mark_time_ns,
        realised_profit=_money(view.realised_tick_lots * money, instrument),
        fees=_money(view.fees, instrument),
        updated_time_ns=view.updated_time_ns,
        sequence=view.sequence,
    )
    if view.mark_ticks is not None:
        message.mark_price = clipped(view.mark_ticks * instrument.tick_size)
        if view.lots:
            message.unrealised_profit.CopyFrom(_money(unrealised(view) * money, instrument))
    return message


def _money(amount: int, instrument: Instrument) -> Money:
    return Money(currency=instrument.currency, minor_units=clipped(amount))


def profit_message(view: StrategyView, instrument: Instrument) -> StrategyProfit:
    """Return profit and loss of a multi-leg order, whose legs all settle in one currency."""
    profit = StrategyProfit(
        multi_leg_order_id=view.order_id,
        realised_profit=_money(sum(leg.realised for leg in view.legs), instrument),
        unrealised_profit=_money(sum(leg.unrealised for leg in view.legs), instrument),
        fees=_money(sum(leg.fees for leg in view.legs), instrument),
        net_paid=_money(sum(leg.paid for leg in view.legs), instrument),
    )
    for leg in view.legs:
        profit.legs.add(
            leg_number=leg.leg_number,
            instrument_id=leg.instrument_id,
            net_quantity=clipped(leg.net_quantity),
            realised_profit=_money(leg.realised, instrument),
            unrealised_profit=_money(leg.unrealised, instrument),
            fees=_money(leg.fees, instrument),
            untold_quantity=clipped(leg.untold_quantity),
        )
    return profit


def limits_message(values: list[int]) -> RiskLimits:
    """Return limits as the core keeps them."""
    fields = dict(zip(LIMIT_FIELDS, values, strict=True))
    policy = StaleReferencePolicy.ValueType(fields.pop("stale_reference_policy"))
    return RiskLimits(**fields, stale_reference_policy=policy)


def margin_message(
    exchange: Exchange, account_id: int, view: MarginView, model: MarginModel.ValueType
) -> MarginReport:
    """Return an account's margin in one currency, and what it is made of."""
    return MarginReport(
        account_id=account_id,
        currency=CURRENCY_CODES[view.currency],
        model=model,
        position_margin_minor_units=clipped(view.position_margin),
        order_margin_minor_units=clipped(view.order_margin),
        available_minor_units=clipped(view.available),
        components=[_component(exchange, part) for part in view.components[:1000]],
        pairing_is_optimal=view.pairing_is_optimal,
        oldest_mark_age_ns=clipped(view.oldest_mark_age_ns),
    )


def _component(exchange: Exchange, part: Component) -> MarginComponent:
    return MarginComponent(
        rule=MarginRule.ValueType(part.rule),
        holdings=[
            MarginHolding(
                instrument_id=held.instrument_id,
                quantity=clipped(held.lots * exchange.lot_size(held.instrument_id)),
                mark_price=clipped(held.mark_ticks * exchange.tick_size(held.instrument_id)),
                working=held.working,
            )
            for held in part.holdings
        ],
        units=part.units,
        requirement_minor_units=part.requirement_minor_units,
        separate_minor_units=part.separate_minor_units,
        explanation=part.explanation,
    )
