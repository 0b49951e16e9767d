"""Executions of multi-leg orders that are undone or corrected, told behind what their legs tell."""

from quantumcore.server.core import kinds
from quantumcore.server.store.decoding.order_record import OrderRecord
from quantumcore.server.store.decoding.telling import Telling
from quantumcore.v1 import event_pb2
from quantumcore.v1.multi_leg_order_event_pb2 import (
    MendedLeg,
    MultiLegOrderExecutionBusted,
    MultiLegOrderExecutionCorrected,
)
from quantumcore.v1.types_pb2 import OrderStatus


def note_leg(telling: Telling, record: OrderRecord) -> None:
    """Keep how a leg stands since its fill was mended, until its order as a whole is told.

    A leg that traded at several prices tells several times: the last counts. The multi-leg order
    may have ended long ago, so that nothing else is known of its legs.
    """
    words = record.words
    telling.mended_legs[record.package_id, record.leg_number] = MendedLeg(
        leg_number=record.leg_number,
        quantity=words[kinds.EVENT_QUANTITY],
        cumulative_quantity=words[kinds.EVENT_CUMULATIVE_QUANTITY],
        leaves_quantity=words[kinds.EVENT_LEAVES_QUANTITY],
        cumulative_tick_lots=words[kinds.EVENT_CUMULATIVE_TICK_LOTS],
        status=OrderStatus.ValueType(record.status),
    )


def _mended_legs(telling: Telling, record: OrderRecord) -> list[MendedLeg]:
    mended = telling.mended_legs.items()
    return [
        leg
        for (package_id, _number), leg in sorted(mended, key=_key)
        if package_id == record.order_id
    ]


def _key(mended: tuple[tuple[int, int], MendedLeg]) -> tuple[int, int]:
    return mended[0]


def tell_busted(telling: Telling, record: OrderRecord, _legs: object) -> None:
    """Tell that an execution is undone, and let an order that works ask for less."""
    words = record.words
    units = words[kinds.EVENT_QUANTITY] // kinds.UNIT
    package = telling.state.packages.get(record.order_id)
    if package is not None:
        package.message.units = units
    payload = MultiLegOrderExecutionBusted(
        reference_sequence=words[kinds.EVENT_REFERENCE_SEQUENCE],
        executed_units=words[kinds.EVENT_LAST_QUANTITY] // kinds.UNIT,
        net_price=words[kinds.EVENT_LAST_PRICE],
        units=units,
        filled_units=words[kinds.EVENT_CUMULATIVE_QUANTITY] // kinds.UNIT,
        leaves_units=words[kinds.EVENT_LEAVES_QUANTITY] // kinds.UNIT,
        legs=_mended_legs(telling, record),
        text=_reason(telling),
    )
    event_type = event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_EXECUTION_BUSTED
    telling.package(record.order_id, event_type, record.account_id, payload)


def tell_corrected(telling: Telling, record: OrderRecord, _legs: object) -> None:
    """Tell that an execution has another net price from now on."""
    words = record.words
    payload = MultiLegOrderExecutionCorrected(
        reference_sequence=words[kinds.EVENT_REFERENCE_SEQUENCE],
        executed_units=words[kinds.EVENT_LAST_QUANTITY] // kinds.UNIT,
        net_price=words[kinds.EVENT_LAST_PRICE],
        legs=_mended_legs(telling, record),
        text=_reason(telling),
    )
    event_type = event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_EXECUTION_CORRECTED
    telling.package(record.order_id, event_type, record.account_id, payload)


def _reason(telling: Telling) -> str:
    return telling.command_text(kinds.TRADE_TEXT_LENGTH, kinds.TRADE_TEXT).decode()
