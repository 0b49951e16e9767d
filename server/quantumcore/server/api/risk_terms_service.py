"""What of RiskService is about margin terms and groups of accounts."""

from typing import Any

from google.protobuf.message import Message

from quantumcore.server.api.account_messages import clipped
from quantumcore.server.api.currencies import CURRENCY_CODES
from quantumcore.server.api.errors import InvalidField, NotFound
from quantumcore.server.api.instrument_service import check
from quantumcore.server.api.pages import Page
from quantumcore.server.api.reads import Reads
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.turn import ResultRow
from quantumcore.server.api.writer import Writer
from quantumcore.server.core import risk_commands, tables
from quantumcore.server.core.account_views import GroupView
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1.margin_pb2 import ScanRange, ScenarioSet, SpreadCredit
from quantumcore.v1.risk_pb2 import AccountGroup, GroupLimits
from quantumcore.v1.risk_service_pb2 import (
    GetGroupRequest,
    GetGroupResponse,
    ListScanRangesRequest,
    ListScanRangesResponse,
    ListSpreadCreditsRequest,
    ListSpreadCreditsResponse,
    SetGroupLimitsRequest,
    SetGroupLimitsResponse,
    SetScanRangeRequest,
    SetScanRangeResponse,
    SetSpreadCreditRequest,
    SetSpreadCreditResponse,
)

MAX_PRIORITY = 256
MAX_LOTS = 1_000_000
MAX_CREDIT = 10_000  # basis points
MAX_PRICE_RANGE = 30_000  # basis points
MAX_VOLATILITY = 10_000_000  # parts per million
MAX_AMOUNT = 2**44  # minor units
MAX_GROUP = 2**29 - 1
TEN_POINTS = ScenarioSet.SCENARIO_SET_TEN_POINTS


class RiskTermsService:
    """Say what spreads save, how far is scanned, and what groups of accounts may do."""

    _exchange: Exchange
    _writer: Writer
    _reads: Reads

    async def set_spread_credit(
        self, request: SetSpreadCreditRequest, call: Call
    ) -> SetSpreadCreditResponse:
        """Set, or end, the credit of one priority."""
        call.identity.require_admin()
        asked = request.credit
        _check_credit(request)
        row = self._writer.administer(
            lambda exchange: risk_commands.set_spread_credit(
                exchange,
                priority=asked.priority,
                instruments=(asked.instrument_a_id, asked.instrument_b_id),
                lots=(asked.lots_a or 1, asked.lots_b or 1),
                credit_basis_points=asked.credit_basis_points,
                request_id=request.request_id,
                actor=call.identity.actor(),
            )
        )
        result = await _stored(row, asked)
        found = {credit.priority: credit for credit in self._credits()}
        ended = SpreadCredit(priority=asked.priority, sequence=result.sequence)
        return SetSpreadCreditResponse(
            credit=found.get(asked.priority, ended),
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    async def list_spread_credits(
        self, request: ListSpreadCreditsRequest, call: Call
    ) -> ListSpreadCreditsResponse:
        """List credits in the order in which spreads form."""
        page = Page.of(request)
        await self._reads.wait_for(request.min_sequence, call)
        sequence = self._exchange.sequence
        found = [credit for credit in self._credits() if credit.priority > page.after]
        shown, token = page.cut(found, lambda credit: credit.priority)
        await self._reads.settled()
        return ListSpreadCreditsResponse(credits=shown, next_page_token=token, sequence=sequence)

    def _credits(self) -> list[SpreadCredit]:
        return [
            SpreadCredit(
                priority=priority,
                instrument_a_id=abs(group_a),
                instrument_b_id=abs(group_b),
                lots_a=lots_a,
                lots_b=lots_b,
                credit_basis_points=share,
                sequence=sequence,
            )
            for priority, (group_a, group_b, lots_a, lots_b, share), sequence in (
                self._exchange.credits()
            )
        ]

    async def set_scan_range(
        self, request: SetScanRangeRequest, call: Call
    ) -> SetScanRangeResponse:
        """Set how far one commodity is scanned."""
        call.identity.require_admin()
        asked = request.scan_range
        _check_scan(request)
        row = self._writer.administer(
            lambda exchange: risk_commands.set_scan_range(
                exchange,
                instrument_id=asked.instrument_id,
                scan=_scan(asked),
                request_id=request.request_id,
                actor=call.identity.actor(),
            )
        )
        result = await _stored(row, asked)
        scans = [_scan_message(*one) for one in self._exchange.scans()]
        group = abs(self._exchange.group_of(asked.instrument_id))
        (found,) = [one for one in scans if one.instrument_id == group]
        return SetScanRangeResponse(
            scan_range=found, sequence=result.sequence, repeated_request=result.repeated
        )

    async def list_scan_ranges(
        self, request: ListScanRangesRequest, call: Call
    ) -> ListScanRangesResponse:
        """List what was said of scans."""
        page = Page.of(request)
        await self._reads.wait_for(request.min_sequence, call)
        sequence = self._exchange.sequence
        scans = [_scan_message(*one) for one in self._exchange.scans()]
        numbered = list(enumerate(scans, 1))[page.after :]
        shown, token = page.cut(numbered, lambda one: one[0])
        await self._reads.settled()
        return ListScanRangesResponse(
            scan_ranges=[one for _, one in shown], next_page_token=token, sequence=sequence
        )

    async def set_group_limits(
        self, request: SetGroupLimitsRequest, call: Call
    ) -> SetGroupLimitsResponse:
        """Replace the limits of a group."""
        call.identity.require_admin()
        _check_group(request)
        limits = request.limits
        row = self._writer.administer(
            lambda exchange: risk_commands.set_group_limits(
                exchange,
                group=request.group,
                limits=risk_commands.GroupLimits(
                    limits.max_position_quantity,
                    limits.max_open_order_value_minor_units,
                    limits.max_working_orders,
                    limits.max_margin_minor_units,
                ),
                request_id=request.request_id,
                actor=call.identity.actor(),
            )
        )
        result = await _stored(row, request)
        return SetGroupLimitsResponse(
            limits=_group_limits(self._exchange.group(request.group)),
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    async def get_group(self, request: GetGroupRequest, call: Call) -> GetGroupResponse:
        """Read a group with what its members have together."""
        call.identity.require_admin()
        group = check_group_number(request.group)
        await self._reads.wait_for(request.min_sequence, call)
        view, sequence = self._exchange.group(group), self._exchange.sequence
        if not view.members and not view.is_known:
            raise NotFound(f"nothing is known of group {group}", value=group)
        await self._reads.settled()
        return GetGroupResponse(group=_group_message(view), sequence=sequence)


async def _stored(row: Any, asked: Message) -> ResultRow:
    result: ResultRow = await row.stored()
    check(result, asked)
    return result


def check_group_number(group: int) -> int:
    """Return a group's number. Raises InvalidField where it is none."""
    _within("group", group, 1, MAX_GROUP)
    return group


def _scan(asked: ScanRange) -> risk_commands.ScanRange:
    spread = tables.DEFAULT_VOLATILITY_RANGE
    if asked.HasField("volatility_range_ppm"):
        spread = asked.volatility_range_ppm
    return risk_commands.ScanRange(
        asked.price_range_basis_points,
        asked.volatility_ppm or tables.DEFAULT_VOLATILITY,
        spread,
        asked.short_option_minimum_minor_units,
        asked.calendar_charge_minor_units,
        asked.scenarios == TEN_POINTS,
    )


def _scan_message(words: list[int], sequence: int) -> ScanRange:
    commodity, share, volatility, spread, minimum, charge, ten_points = words
    return ScanRange(
        instrument_id=abs(commodity),
        price_range_basis_points=share,
        volatility_ppm=volatility,
        volatility_range_ppm=spread,
        short_option_minimum_minor_units=minimum,
        calendar_charge_minor_units=charge,
        scenarios=TEN_POINTS if ten_points else ScenarioSet.SCENARIO_SET_SPAN_16,
        sequence=sequence,
    )


def _group_limits(view: GroupView) -> GroupLimits:
    position, open_value, working, margin = view.limits
    return GroupLimits(
        max_position_quantity=position,
        max_open_order_value_minor_units=open_value,
        max_working_orders=working,
        max_margin_minor_units=margin,
    )


def _group_message(view: GroupView) -> AccountGroup:
    message = AccountGroup(
        group=view.number,
        account_ids=view.members,
        kill_switch=view.is_killed,
        limits=_group_limits(view),
        working_orders=view.working_orders,
    )
    for currency, opened, margin in view.usage:
        message.usage.add(
            currency=CURRENCY_CODES[currency],
            open_order_value_minor_units=clipped(opened),
            margin_minor_units=clipped(margin),
        )
    return message


def _check_credit(request: SetSpreadCreditRequest) -> None:
    asked = request.credit
    if not request.HasField("credit"):
        raise InvalidField("credit", "is required")
    _within("credit.priority", asked.priority, 1, MAX_PRIORITY)
    for field in ("lots_a", "lots_b"):
        _within(f"credit.{field}", getattr(asked, field), 0, MAX_LOTS)
    _within("credit.credit_basis_points", asked.credit_basis_points, 0, MAX_CREDIT)


def _check_scan(request: SetScanRangeRequest) -> None:
    asked = request.scan_range
    if not request.HasField("scan_range"):
        raise InvalidField("scan_range", "is required")
    for field, most in (
        ("price_range_basis_points", MAX_PRICE_RANGE),
        ("volatility_ppm", MAX_VOLATILITY),
        ("volatility_range_ppm", MAX_VOLATILITY),
        ("short_option_minimum_minor_units", MAX_AMOUNT),
        ("calendar_charge_minor_units", MAX_AMOUNT),
    ):
        _within(f"scan_range.{field}", getattr(asked, field), 0, most)
    if asked.scenarios not in ScenarioSet.values():
        raise InvalidField("scan_range.scenarios", "is none of its values", value=asked.scenarios)


def _check_group(request: SetGroupLimitsRequest) -> None:
    check_group_number(request.group)
    if not request.HasField("limits"):
        raise InvalidField("limits", "is required")
    for field in request.limits.DESCRIPTOR.fields_by_name:
        value = getattr(request.limits, field)
        if value < 0:
            raise InvalidField(f"limits.{field}", "is negative", limit=0, value=value)


def _within(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        limit = most if value > most else least
        raise InvalidField(field, f"lies outside {least} to {most}", limit=limit, value=value)
