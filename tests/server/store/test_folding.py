"""Orders rebuilt from their events are those that the exchange holds."""

from collections.abc import Callable
from typing import Any, TypeVar

from quantumcore.server.api.multi_leg import multi_leg_order
from quantumcore.server.core import enums
from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.folding.multi_leg_orders import fold_multi_leg_order
from quantumcore.server.store.folding.orders import fold_order
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import AggregateType, Event
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.multi_leg_order_pb2 import MultiLegOrder
from quantumcore.v1.order_pb2 import Order
from tests.server.store.histories import History

Thing = TypeVar("Thing", Order, MultiLegOrder)
UPCASTING = Upcasting()


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
    assert compared > 4_000


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
        "stop_trigger": order.stop_trigger,
        "multi_leg_order_id": order.multi_leg_order_id,
        "leg_number": order.leg_number,
    }


def facts_of_view(view: Any) -> dict[str, Any]:
    names = set(facts_of(Order())) - {"price"}
    return {name: getattr(view, name) for name in names} | {
        "price": view.price if view.has_price else None
    }


def test_every_multi_leg_order_is_as_the_exchange_holds_it(histories: list[History]) -> None:
    compared = residuals = busted = 0
    for history in histories:
        kind = AggregateType.AGGREGATE_TYPE_MULTI_LEG_ORDER
        definitions = definitions_of(history)
        found = folded(history, kind, MultiLegOrder, fold_multi_leg_order)
        for order_id, order in found.items():
            view = history.exchange.package(order_id)
            if view is None:
                continue
            compared += 1
            held = multi_leg_order(view, definitions, order.self_trade_prevention)
            residuals += any(leg.residual_quantity for leg in held.legs)
            busted += held.cancel_reason == enums.CANCEL_REASON_TRADE_BUSTED
            check_told_last(order, held)
            assert order == held, history.name
    assert compared > 500
    assert residuals > 3
    assert busted > 20


def definitions_of(history: History) -> dict[int, Instrument]:
    decoder = Decoder()
    for block in history.blocks:
        decoder.decode(block)
    return {number: terms.definition for number, terms in decoder.state.terms.items()}


def check_told_last(order: MultiLegOrder, held: MultiLegOrder) -> None:
    """Let `held` be as new as its events: fills of legs are among them, and are counted too."""
    assert order.version >= held.version
    assert order.sequence >= held.sequence
    if order.execution_mode == enums.EXECUTION_MODE_SIMULTANEOUS:
        assert order.sequence == held.sequence
        assert order.updated_time_ns == held.updated_time_ns
    held.version, held.sequence = order.version, order.sequence
    held.updated_time_ns = order.updated_time_ns
