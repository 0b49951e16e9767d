"""Orders and multi-leg orders as they stand."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from quantumcore.server.store.folding.multi_leg_orders import fold_multi_leg_order
from quantumcore.server.store.folding.orders import fold_order
from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.projections.projection import Rows, Told, put, rows_of
from quantumcore.server.store.sql import projection_tables as tables
from quantumcore.v1.event_pb2 import AggregateType
from quantumcore.v1.multi_leg_order_pb2 import MultiLegOrder
from quantumcore.v1.order_pb2 import Order


class Orders(Rows):
    """One row for each order that was ever accepted, legs of multi-leg orders too."""

    name, version = "orders", 2
    tables = (tables.orders,)
    query = EventQuery(aggregate_type=AggregateType.AGGREGATE_TYPE_ORDER)

    def apply(self, connection: Connection, told: Sequence[Told]) -> None:
        """Take further events."""
        events = [one.event for one in told]
        (table,) = self.tables
        ids = {event.aggregate_id for event in events}
        found = {
            row["order_id"]: Order.FromString(row["message"])
            for row in rows_of(connection, table, [table.c.order_id], sorted(ids))
        }
        for event in events:
            fold_order(found.setdefault(event.aggregate_id, Order()), event)
        put(connection, table, [_order_row(order) for order in found.values()])


def _order_row(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "account_id": order.account_id,
        "instrument_id": order.instrument_id,
        "multi_leg_order_id": order.multi_leg_order_id,
        "status": order.status,
        "created_time_ns": order.created_time_ns,
        "updated_time_ns": order.updated_time_ns,
        "sequence": order.sequence,
        "client_order_id": order.client_order_id,
        "message": order.SerializeToString(deterministic=True),
    }


class MultiLegOrders(Rows):
    """One row for each multi-leg order that was ever accepted."""

    name, version = "multi_leg_orders", 2
    tables = (tables.multi_leg_orders,)
    query = EventQuery(aggregate_type=AggregateType.AGGREGATE_TYPE_MULTI_LEG_ORDER)

    def apply(self, connection: Connection, told: Sequence[Told]) -> None:
        """Take further events."""
        events = [one.event for one in told]
        (table,) = self.tables
        ids = {event.aggregate_id for event in events}
        found = {
            row["multi_leg_order_id"]: MultiLegOrder.FromString(row["message"])
            for row in rows_of(connection, table, [table.c.multi_leg_order_id], sorted(ids))
        }
        for event in events:
            fold_multi_leg_order(found.setdefault(event.aggregate_id, MultiLegOrder()), event)
        put(connection, table, [_multi_leg_order_row(order) for order in found.values()])


def _multi_leg_order_row(order: MultiLegOrder) -> dict[str, Any]:
    return {
        "multi_leg_order_id": order.multi_leg_order_id,
        "account_id": order.account_id,
        "status": order.status,
        "created_time_ns": order.created_time_ns,
        "updated_time_ns": order.updated_time_ns,
        "sequence": order.sequence,
        "client_order_id": order.client_order_id,
        "message": order.SerializeToString(deterministic=True),
    }
