"""Look after accounts: their money, positions, margin and limits, for asyncio."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from typing import Any

from quantumcore.client import risk_messages
from quantumcore.client.aio_directory import AsyncDirectory
from quantumcore.client.convert import read
from quantumcore.client.enums import MarginModel
from quantumcore.client.fixed import Number
from quantumcore.client.risk import (
    AccountDetails,
    CashMovement,
    LimitsChange,
    MarginReport,
    Position,
    RiskLimits,
)


class AsyncRiskAccounts(AsyncDirectory):
    """Pay in and out, set limits, and read what an account has; see docs/accounts.md.

    `min_sequence` on a read waits until it reflects that sequence.
    """

    async def account(
        self, account: int | str, *, instrument: int | str | None = None, min_sequence: int = 0
    ) -> AccountDetails:
        """Read an account with its balances and limits, for `instrument` too. Raises NotFound."""
        request = risk_messages.get_account(
            await self.account_id(account),
            0 if instrument is None else await self.instrument_id(instrument),
            min_sequence,
        )
        response = await self._call(self._risk.GetAccount, request)
        return risk_messages.account_details(response, await self._digits(response.balances))

    async def positions(
        self, account: int | str, *, include_flat: bool = False, min_sequence: int = 0
    ) -> AsyncGenerator[Position, None]:
        """Go through the positions of an account, ascending by instrument, page by page."""
        request = risk_messages.list_positions(
            await self.account_id(account), include_flat=include_flat, min_sequence=min_sequence
        )
        async for page in self._pages(self._risk.ListPositions, request):
            digits = await self._digits(page.positions)
            for message in page.positions:
                yield risk_messages.position(message, digits)

    async def margin(
        self, account: int | str, *, model: MarginModel | None = None, min_sequence: int = 0
    ) -> tuple[MarginReport, ...]:
        """Compute and explain the margin of an account, a report for each currency in use.

        By the account's own model, unless another is named: nothing changes by asking.
        """
        request = risk_messages.get_margin(await self.account_id(account), model, min_sequence)
        response = await self._call(self._risk.GetMargin, request)
        digits = await self._digits(response.reports)
        return tuple(risk_messages.margin_report(one, digits) for one in response.reports)

    async def set_limits(
        self,
        account: int | str,
        limits: RiskLimits,
        *,
        instrument: int | str | None = None,
        request_id: int = 0,
    ) -> LimitsChange:
        """Set all limits of an account, or of it for one instrument; working orders stay.

        They replace those that were set before: `dataclasses.replace(account.limits, ...)`
        changes one.
        """
        request = risk_messages.set_limits(
            await self.account_id(account),
            limits,
            instrument_id=None if instrument is None else await self.instrument_id(instrument),
            request_id=request_id,
        )
        return read(LimitsChange, await self._call(self._risk.SetLimits, request))

    async def move_cash(
        self,
        account: int | str,
        amount: Number,
        *,
        currency: str,
        text: str = "",
        request_id: int = 0,
    ) -> CashMovement:
        """Pay a positive amount in, or a negative one out; `text` says why.

        Raises PreconditionFailed where more would go out than is available. The same
        `request_id` again pays nothing and returns the first answer.
        """
        request = risk_messages.move_cash(
            await self.account_id(account),
            amount,
            currency=currency,
            digits=await self.minor_digits(currency),
            text=text,
            request_id=request_id,
        )
        response = await self._call(self._admin.MoveCash, request)
        return risk_messages.cash_movement(response, await self._digits([response.balance]))

    async def deposit(
        self,
        account: int | str,
        amount: Number,
        *,
        currency: str,
        text: str = "",
        request_id: int = 0,
    ) -> CashMovement:
        """Pay an amount in. Raises ValueError unless it is positive."""
        paid = risk_messages.positive(amount)
        return await self.move_cash(
            account, paid, currency=currency, text=text, request_id=request_id
        )

    async def withdraw(
        self,
        account: int | str,
        amount: Number,
        *,
        currency: str,
        text: str = "",
        request_id: int = 0,
    ) -> CashMovement:
        """Pay an amount out. Raises ValueError unless it is positive."""
        paid = risk_messages.positive(amount).copy_negate()
        return await self.move_cash(
            account, paid, currency=currency, text=text, request_id=request_id
        )

    async def _digits(self, messages: Iterable[Any]) -> dict[str, int]:
        return {code: await self.minor_digits(code) for code in risk_messages.currencies(messages)}
