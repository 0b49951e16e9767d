"""Write commands on margin terms and on groups of accounts, as admin_commands does its own."""

from typing import NamedTuple

from quantumcore.server.core import kinds
from quantumcore.server.core.command_record import apply_command
from quantumcore.server.core.exchange_cy import Exchange


class ScanRange(NamedTuple):
    """How a combined commodity is scanned, as tables.SCAN_PRICE_RANGE ..; see the contract's."""

    price_range_basis_points: int = 0
    volatility_ppm: int = 0
    volatility_range_ppm: int = 0
    short_option_minimum: int = 0
    calendar_charge: int = 0
    ten_points: bool = False


class GroupLimits(NamedTuple):
    """Limits of a group as tables.GROUP_POSITION ..; 0: none. Quantities 1e-9, minor units."""

    position_quantity: int = 0
    open_order_value: int = 0
    working_orders: int = 0
    margin: int = 0


def set_spread_credit(
    exchange: Exchange,
    *,
    priority: int,
    instruments: tuple[int, int],
    lots: tuple[int, int] = (1, 1),
    credit_basis_points: int,
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Say what two instruments save against one another; a future stands for its product."""
    words = [priority, *instruments, *lots, credit_basis_points]
    kind = kinds.SET_SPREAD_CREDIT
    return apply_command(exchange, kind, request_id, 0, 0, actor, words, b"")


def set_scan_range(
    exchange: Exchange,
    *,
    instrument_id: int,
    scan: ScanRange,
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Say how far an instrument is scanned with the options on it; a future: its product."""
    words = [int(value) for value in scan]
    kind = kinds.SET_SCAN_RANGE
    return apply_command(exchange, kind, request_id, 0, instrument_id, actor, words, b"")


def set_group_limits(
    exchange: Exchange,
    *,
    group: int,
    limits: GroupLimits,
    request_id: int = 0,
    actor: int = 0,
) -> int:
    """Replace the limits of a group of accounts."""
    kind = kinds.SET_GROUP_LIMITS
    return apply_command(exchange, kind, request_id, 0, 0, actor, [group, *limits], b"")
