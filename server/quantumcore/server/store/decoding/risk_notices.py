"""What operators say of margin, and of groups of accounts: events of the venue.

The notices name little: what was said stands in the command.
"""

from quantumcore.server.core import kinds, risk_records
from quantumcore.server.store.decoding.telling import Telling
from quantumcore.v1 import event_pb2
from quantumcore.v1.margin_pb2 import ScanRange, ScenarioSet, SpreadCredit
from quantumcore.v1.risk_pb2 import GroupLimits
from quantumcore.v1.venue_event_pb2 import (
    GroupKillSwitchSet,
    GroupLimitsSet,
    ScanRangeSet,
    SpreadCreditSet,
)


def tell_spread_credit(telling: Telling, words: list[int]) -> None:
    command = telling.command
    credit = SpreadCredit(
        priority=words[kinds.NOTICE_SUBJECT],
        instrument_a_id=command[risk_records.CREDIT_INSTRUMENT_A],
        instrument_b_id=command[risk_records.CREDIT_INSTRUMENT_B],
        lots_a=command[risk_records.CREDIT_LOTS_A],
        lots_b=command[risk_records.CREDIT_LOTS_B],
        credit_basis_points=words[kinds.NOTICE_VALUE],
        sequence=telling.sequence,
    )
    telling.venue(event_pb2.EVENT_TYPE_SPREAD_CREDIT_SET, SpreadCreditSet(credit=credit))


def tell_scan_range(telling: Telling, words: list[int]) -> None:
    values = telling.command[risk_records.SCAN_RANGE_VALUES : risk_records.SCAN_RANGE_WORDS]
    share, volatility, spread, minimum, charge, ten_points = values
    instrument_id = words[kinds.NOTICE_SUBJECT]
    scan = ScanRange(
        instrument_id=instrument_id,
        price_range_basis_points=share,
        volatility_ppm=volatility,
        volatility_range_ppm=spread,
        short_option_minimum_minor_units=minimum,
        calendar_charge_minor_units=charge,
        scenarios=(
            ScenarioSet.SCENARIO_SET_TEN_POINTS if ten_points else ScenarioSet.SCENARIO_SET_SPAN_16
        ),
        sequence=telling.sequence,
    )
    event_type = event_pb2.EVENT_TYPE_SCAN_RANGE_SET
    telling.venue(event_type, ScanRangeSet(scan_range=scan), instrument_id)


def tell_group_limits(telling: Telling, words: list[int]) -> None:
    values = telling.command[risk_records.GROUP_VALUES : risk_records.GROUP_WORDS]
    position, open_value, working, margin = values
    limits = GroupLimits(
        max_position_quantity=position,
        max_open_order_value_minor_units=open_value,
        max_working_orders=working,
        max_margin_minor_units=margin,
    )
    payload = GroupLimitsSet(group=words[kinds.NOTICE_SUBJECT], limits=limits)
    telling.venue(event_pb2.EVENT_TYPE_GROUP_LIMITS_SET, payload)


def tell_group_kill_switch(telling: Telling, words: list[int]) -> None:
    payload = GroupKillSwitchSet(
        group=words[kinds.NOTICE_SUBJECT],
        enabled=bool(words[kinds.NOTICE_VALUE]),
        text=telling.command_text(kinds.KILL_TEXT_LENGTH, kinds.KILL_TEXT).decode(),
    )
    telling.venue(event_pb2.EVENT_TYPE_GROUP_KILL_SWITCH_SET, payload)
