"""Orders rebuilt from their events are those that the exchange holds."""

from collections.abc import Callable
from typing import Any, TypeVar

from quantumcore.server.core import enums, kinds
from quantumcore.server.store.folding.multi_leg_orders import fold_multi_leg_order
from quantumcore.server.store.folding.orders import fold_order
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import AggregateType, Event
from quantumcore.v1.multi_leg_order_pb2 import MultiLegOrder
from quantumcore.v1.order_pb2 import Order
from tests.server.store.histories import History

Thing = TypeVar("Thing", Order, MultiLegOrder)
UPCASTING = Upcasting()
ENDED = {
    enums.ORDER_STATUS_CANCELLED,
    enums.ORDER_STATUS_EXPIRED,
    enums.ORDER_STATUS_UNWOUND,
}


def folded(
    history: History, kind: int, make: type[Thing], fold: Callable[[Thing, Event], None]
) -> dict[int, Thing]:
    """Fold all events of one kind of thing."""
    things: dict[int, Thing] = {}
    for stored in history.events():
        if stored.aggregate_type == kind:
            thing = things.setdefault(stored.aggregate_id, make())
            fold(thing, event_of(stored, UPCASTING))
    return things


def test_every_order_is_as_the_exchange_holds_it(histories: list[History]) -> None:
    compared = 0
    for history in histories:
        kind = AggregateType.AGGREGATE_TYPE_ORDER
        for order_id, order in folded(history, kind, Order, fold_order).items():
            view = history.exchange.order(order_id)
            if view is None:
                continue
            compared += 1
            assert facts_of(order) == facts_of_view(view), history.name
    assert compared > 2_000


def facts_of(order: Order) -> dict[str, Any]:
    return {
        "client_order_id": order.client_order_id,
        "status": order.status,
        "price": order.price if order.HasField("price") else None,
        "quantity": order.quantity,
        "cumulative_quantity": order.cumulative_quantity,
        "leaves_quantity": order.leaves_quantity,
        "cumulative_tick_lots": order.cumulative_tick_lots,
        "cancel_reason": order.cancel_reason,
        "version": order.version,
        "sequence": order.sequence,
        "updated_time_ns": order.updated_time_ns,
        "created_time_ns": order.created_time_ns,
    }


def facts_of_view(view: Any) -> dict[str, Any]:
    names = set(facts_of(Order())) - {"price"}
    return {name: getattr(view, name) for name in names} | {
        "price": view.price if view.has_price else None
    }


def test_every_multi_leg_order_is_as_the_exchange_holds_it(histories: list[History]) -> None:
    compared = residuals = 0
    for history in histories:
        kind = AggregateType.AGGREGATE_TYPE_MULTI_LEG_ORDER
        found = folded(history, kind, MultiLegOrder, fold_multi_leg_order)
        for order_id, order in found.items():
            view = history.exchange.package(order_id)
            if view is None:
                continue
            compared += 1
            assert order.units == view.order.quantity // kinds.UNIT
            assert order.filled_units == view.order.cumulative_quantity // kinds.UNIT
            assert order.leaves_units == view.order.leaves_quantity // kinds.UNIT
            assert order.client_order_id == view.order.client_order_id
            assert order.cancel_reason == view.order.cancel_reason
            assert order.min_units == view.min_units
            told_excess = [leg.residual_quantity for leg in order.legs]
            if view.excess and view.order.status in ENDED:
                assert told_excess == view.excess, (history.name, order)
                assert [leg.unwound_quantity for leg in order.legs] == view.unwound
                assert [leg.unwound_tick_lots for leg in order.legs] == view.unwound_tick_lots
                residuals += sum(told_excess) > 0
            for leg, told in zip(view.legs, order.legs, strict=True):
                assert (told.order_id, told.instrument_id) == (leg.order_id, leg.instrument_id)
                assert told.quantity == leg.quantity
                assert told.cumulative_quantity == leg.cumulative_quantity
                assert told.cumulative_tick_lots == leg.cumulative_tick_lots
                assert told.leaves_quantity == leg.leaves_quantity, (history.name, order)
                assert told.status == leg.status, (history.name, order)
    assert compared > 200
    assert residuals > 3
