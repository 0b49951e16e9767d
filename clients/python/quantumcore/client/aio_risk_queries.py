"""Ask what would become of orders, what strategies have brought, follow positions, for asyncio."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any

from quantumcore.client import risk_messages
from quantumcore.client.aio_risk_terms_calls import AsyncRiskTerms
from quantumcore.client.aio_streams import follow_sequence
from quantumcore.client.commands import CreateOrder
from quantumcore.client.multi_leg_commands import CreateMultiLegOrder
from quantumcore.client.multi_leg_requests import instruments_of
from quantumcore.client.risk import OrderCheck, Position, StrategyProfit
from quantumcore.v1 import risk_service_pb2


class AsyncRiskQueries(AsyncRiskTerms):
    """What can be asked beside what an account has; nothing changes by asking."""

    async def check_order(
        self, order: CreateOrder | CreateMultiLegOrder, *, min_sequence: int = 0
    ) -> OrderCheck:
        """Tell what would become of an order that came now: rule by rule, and its margin.

        Nothing is reserved, so that the answer holds for its `sequence` alone.
        """
        named = [order.instrument] if isinstance(order, CreateOrder) else instruments_of(order)
        account_id = await self.account_id(order.account)
        ids = {name: await self.instrument_id(name) for name in named}
        request = risk_messages.check_order(
            order,
            account=lambda _: account_id,
            instrument=ids.__getitem__,
            min_sequence=min_sequence,
        )
        response = await self._call(self._risk.CheckOrder, request)
        return risk_messages.order_check(
            response, await self._digits(risk_messages.margins(response))
        )

    async def strategy_profit(
        self, multi_leg_order_id: int, *, min_sequence: int = 0
    ) -> StrategyProfit:
        """Compute profit and loss of one multi-leg order, leg by leg. Raises NotFound."""
        request = risk_service_pb2.GetStrategyProfitRequest(
            multi_leg_order_id=multi_leg_order_id, min_sequence=min_sequence
        )
        profit = (await self._call(self._risk.GetStrategyProfit, request)).profit
        return risk_messages.strategy_profit(profit, await self._digits([profit]))

    async def stream_positions(
        self, *, accounts: Iterable[int | str], max_rate_hz: int = 0
    ) -> AsyncGenerator[Position, None]:
        """Follow positions of accounts: how they stand, then as they change.

        `max_rate_hz` sends changes of marks too, at most so often; 0: changes of positions alone.
        A lost connection is taken up again. Close the iterator to end it.
        """
        ids = [await self.account_id(account) for account in accounts]

        def start(position: int) -> Any:
            request = risk_service_pb2.StreamPositionsRequest(
                account_ids=ids, max_rate_hz=max_rate_hz, from_sequence=position
            )
            return self._risk.StreamPositions(request, metadata=self._metadata)

        messages = follow_sequence(start, "positions", 0, delays=self._delays)
        async with aclosing(messages):
            async for message in messages:
                yield risk_messages.position(message, await self._digits([message]))
