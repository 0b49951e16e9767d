"""Say what margin goes by, and what groups of accounts may do, for asyncio."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from quantumcore.client import risk_terms_messages
from quantumcore.client.aio_risk_accounts import AsyncRiskAccounts
from quantumcore.client.convert import build, read
from quantumcore.client.risk_enums import ScenarioSet
from quantumcore.client.risk_terms import (
    AccountGroup,
    GroupLimits,
    GroupLimitsChange,
    ScanRange,
    ScanRangeChange,
    SpreadCredit,
    SpreadCreditChange,
)
from quantumcore.v1 import risk_service_pb2


class AsyncRiskTerms(AsyncRiskAccounts):
    """Spread credits, scans, and groups of accounts; see docs/portfolio-margin.md.

    The same `request_id` again changes nothing and returns the first answer.
    """

    async def set_spread_credit(
        self,
        priority: int,
        instrument_a: int | str,
        instrument_b: int | str,
        *,
        credit_basis_points: int,
        lots_a: int = 1,
        lots_b: int = 1,
        request_id: int = 0,
    ) -> SpreadCreditChange:
        """Say what two instruments save of margin against one another; 0 ends the credit.

        A future stands for all expiries of its product. Spreads of priority 1 form first.
        """
        request = risk_terms_messages.set_spread_credit(
            priority,
            (await self.instrument_id(instrument_a), await self.instrument_id(instrument_b)),
            lots=(lots_a, lots_b),
            credit_basis_points=credit_basis_points,
            request_id=request_id,
        )
        return read(SpreadCreditChange, await self._call(self._risk.SetSpreadCredit, request))

    async def spread_credits(self, *, min_sequence: int = 0) -> AsyncGenerator[SpreadCredit, None]:
        """Go through the spread credits, ascending by priority, page by page."""
        request = build(risk_service_pb2.ListSpreadCreditsRequest, min_sequence=min_sequence)
        async for page in self._pages(self._risk.ListSpreadCredits, request):
            for one in page.credits:
                yield read(SpreadCredit, one)

    async def set_scan_range(
        self,
        instrument: int | str,
        *,
        price_range_basis_points: int = 0,
        volatility_ppm: int = 0,
        volatility_range_ppm: int | None = None,
        short_option_minimum_minor_units: int = 0,
        calendar_charge_minor_units: int = 0,
        scenarios: ScenarioSet = ScenarioSet.UNSPECIFIED,
        request_id: int = 0,
    ) -> ScanRangeChange:
        """Say how far an instrument is scanned with the options on it.

        What is left out is as usual.
        """
        request = risk_terms_messages.set_scan_range(
            await self.instrument_id(instrument),
            price_range_basis_points=price_range_basis_points,
            volatility_ppm=volatility_ppm,
            volatility_range_ppm=volatility_range_ppm,
            short_option_minimum_minor_units=short_option_minimum_minor_units,
            calendar_charge_minor_units=calendar_charge_minor_units,
            scenarios=scenarios,
            request_id=request_id,
        )
        return read(ScanRangeChange, await self._call(self._risk.SetScanRange, request))

    async def scan_ranges(self, *, min_sequence: int = 0) -> AsyncGenerator[ScanRange, None]:
        """Go through what was said of scans, in the order in which it was said first."""
        request = build(risk_service_pb2.ListScanRangesRequest, min_sequence=min_sequence)
        async for page in self._pages(self._risk.ListScanRanges, request):
            for one in page.scan_ranges:
                yield read(ScanRange, one)

    async def set_group_limits(
        self, group: int, limits: GroupLimits, *, request_id: int = 0
    ) -> GroupLimitsChange:
        """Set all limits of a group of accounts, over all its members; working orders stay."""
        request = risk_terms_messages.set_group_limits(group, limits, request_id=request_id)
        return read(GroupLimitsChange, await self._call(self._risk.SetGroupLimits, request))

    async def group(self, group: int, *, min_sequence: int = 0) -> AccountGroup:
        """Read a group with its limits and what its members have together. Raises NotFound."""
        request = build(risk_service_pb2.GetGroupRequest, group=group, min_sequence=min_sequence)
        return read(AccountGroup, (await self._call(self._risk.GetGroup, request)).group)
