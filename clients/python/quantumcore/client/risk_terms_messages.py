"""Make the requests about margin terms and groups of accounts."""

from __future__ import annotations

from quantumcore.client.commands import new_request_id
from quantumcore.client.convert import build
from quantumcore.client.risk_enums import ScenarioSet
from quantumcore.client.risk_terms import GroupLimits
from quantumcore.v1 import margin_pb2, risk_pb2, risk_service_pb2


def set_spread_credit(
    priority: int,
    instruments: tuple[int, int],
    *,
    lots: tuple[int, int],
    credit_basis_points: int,
    request_id: int,
) -> risk_service_pb2.SetSpreadCreditRequest:
    """Ask for what two instruments save against one another."""
    credit = build(
        margin_pb2.SpreadCredit,
        priority=priority,
        instrument_a_id=instruments[0],
        instrument_b_id=instruments[1],
        lots_a=lots[0],
        lots_b=lots[1],
        credit_basis_points=credit_basis_points,
    )
    return build(
        risk_service_pb2.SetSpreadCreditRequest,
        request_id=request_id or new_request_id(),
        credit=credit,
    )


def set_scan_range(
    instrument_id: int,
    *,
    price_range_basis_points: int,
    volatility_ppm: int,
    volatility_range_ppm: int | None,
    short_option_minimum_minor_units: int,
    calendar_charge_minor_units: int,
    scenarios: ScenarioSet,
    request_id: int,
) -> risk_service_pb2.SetScanRangeRequest:
    """Ask for how far an instrument is scanned."""
    scan_range = build(
        margin_pb2.ScanRange,
        instrument_id=instrument_id,
        price_range_basis_points=price_range_basis_points,
        volatility_ppm=volatility_ppm,
        volatility_range_ppm=volatility_range_ppm,
        short_option_minimum_minor_units=short_option_minimum_minor_units,
        calendar_charge_minor_units=calendar_charge_minor_units,
        scenarios=int(scenarios),
    )
    return build(
        risk_service_pb2.SetScanRangeRequest,
        request_id=request_id or new_request_id(),
        scan_range=scan_range,
    )


def set_group_limits(
    group: int, limits: GroupLimits, *, request_id: int
) -> risk_service_pb2.SetGroupLimitsRequest:
    """Ask for limits of a group."""
    values = {name: getattr(limits, name) for name in GroupLimits.__dataclass_fields__}
    return build(
        risk_service_pb2.SetGroupLimitsRequest,
        request_id=request_id or new_request_id(),
        group=group,
        limits=build(risk_pb2.GroupLimits, **values),
    )
