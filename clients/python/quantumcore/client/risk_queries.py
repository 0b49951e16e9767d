"""Ask what would become of orders, what strategies have brought, follow positions."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

from quantumcore.client import risk_messages
from quantumcore.client.commands import CreateOrder
from quantumcore.client.multi_leg_commands import CreateMultiLegOrder
from quantumcore.client.risk import OrderCheck, Position, StrategyProfit
from quantumcore.client.risk_terms_calls import RiskTerms
from quantumcore.client.streams import follow_sequence
from quantumcore.v1 import risk_service_pb2


class RiskQueries(RiskTerms):
    """What can be asked beside what an account has; nothing changes by asking."""

    def check_order(
        self, order: CreateOrder | CreateMultiLegOrder, *, min_sequence: int = 0
    ) -> OrderCheck:
        """Tell what would become of an order that came now: rule by rule, and its margin.

        Nothing is reserved, so that the answer holds for its `sequence` alone.
        """
        request = risk_messages.check_order(
            order,
            account=self.account_id,
            instrument=self.instrument_id,
            min_sequence=min_sequence,
        )
        response = self._call(self._risk.CheckOrder, request)
        return risk_messages.order_check(response, self._digits(risk_messages.margins(response)))

    def strategy_profit(self, multi_leg_order_id: int, *, min_sequence: int = 0) -> StrategyProfit:
        """Compute profit and loss of one multi-leg order, leg by leg. Raises NotFound."""
        request = risk_service_pb2.GetStrategyProfitRequest(
            multi_leg_order_id=multi_leg_order_id, min_sequence=min_sequence
        )
        profit = self._call(self._risk.GetStrategyProfit, request).profit
        return risk_messages.strategy_profit(profit, self._digits([profit]))

    def stream_positions(
        self, *, accounts: Iterable[int | str], max_rate_hz: int = 0
    ) -> Generator[Position, None, None]:
        """Follow positions of accounts: how they stand, then as they change.

        `max_rate_hz` sends changes of marks too, at most so often; 0: changes of positions alone.
        A lost connection is taken up again. Close the iterator to end it.
        """
        ids = [self.account_id(account) for account in accounts]

        def start(position: int) -> Any:
            request = risk_service_pb2.StreamPositionsRequest(
                account_ids=ids, max_rate_hz=max_rate_hz, from_sequence=position
            )
            return self._risk.StreamPositions(request, metadata=self._metadata)

        messages = follow_sequence(start, "positions", 0, clock=self._clock, delays=self._delays)
        return (risk_messages.position(one, self._digits([one])) for one in messages)
