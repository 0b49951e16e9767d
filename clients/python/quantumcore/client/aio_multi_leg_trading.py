"""Trade several instruments as one: multi-leg orders, for asyncio."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Unpack

from quantumcore.client.aio_market_data import AsyncMarketData
from quantumcore.client.convert import build, read
from quantumcore.client.fixed import Number
from quantumcore.client.multi_leg import MultiLegOrder, MultiLegOrderAcknowledgement
from quantumcore.client.multi_leg_commands import (
    CancelMultiLegOrder,
    CreateMultiLegOrder,
    LegLike,
    MultiLegCommand,
    MultiLegTerms,
    ReplaceMultiLegOrder,
    SpreadTerms,
)
from quantumcore.client.multi_leg_requests import (
    instruments_of,
    list_multi_leg_orders,
    multi_leg_request,
    spread_of,
)
from quantumcore.v1 import order_service_pb2


class AsyncMultiLegTrading(AsyncMarketData):
    """Enter, change, cancel and read multi-leg orders; see docs/orders/multi-leg.md."""

    async def create_multi_leg_order(
        self, **terms: Unpack[MultiLegTerms]
    ) -> MultiLegOrderAcknowledgement:
        """Enter a multi-leg order; the terms are the fields of `CreateMultiLegOrder`."""
        return await self.submit_multi_leg(CreateMultiLegOrder(**terms))

    async def spread(
        self,
        *legs: LegLike,
        units: int = 1,
        net_price: Number | None = None,
        **terms: Unpack[SpreadTerms],
    ) -> MultiLegOrderAcknowledgement:
        """Enter a multi-leg order of these legs, each `("AAPL-200C", "buy", 1)` or `LegTerms`.

        See `CreateMultiLegOrder` for its terms. Every unit trades on all legs in one step, at
        `net_price` or better (positive is paid, negative received), or not at all.
        """
        named = {"legs": legs, "units": units, "net_price": net_price}
        return await self.submit_multi_leg(spread_of(terms, **named))

    async def replace_multi_leg_order(
        self,
        *,
        account: int | str,
        multi_leg_order_id: int = 0,
        client_order_id: str = "",
        new_client_order_id: str = "",
        units: int | None = None,
        net_price: Number | None = None,
        leg_prices: Mapping[int, Number | None] | None = None,
    ) -> MultiLegOrderAcknowledgement:
        """Change units, net price, or limits of legs, in one step; None keeps what it is.

        `leg_prices` maps numbers of legs, from 1, to new limits, None: no limit any more.
        """
        return await self.submit_multi_leg(
            ReplaceMultiLegOrder(
                account=account,
                multi_leg_order_id=multi_leg_order_id,
                client_order_id=client_order_id,
                new_client_order_id=new_client_order_id,
                units=units,
                net_price=net_price,
                leg_prices=leg_prices,
            )
        )

    async def cancel_multi_leg_order(
        self, *, account: int | str, multi_leg_order_id: int = 0, client_order_id: str = ""
    ) -> MultiLegOrderAcknowledgement:
        """Cancel what still works of a multi-leg order, all legs in one step."""
        return await self.submit_multi_leg(
            CancelMultiLegOrder(
                account=account,
                multi_leg_order_id=multi_leg_order_id,
                client_order_id=client_order_id,
            )
        )

    async def submit_multi_leg(self, command: MultiLegCommand) -> MultiLegOrderAcknowledgement:
        """Send one command on a multi-leg order and wait for its answer.

        The same command again, after an error that leaves the outcome open, is answered as
        it was the first time.
        """
        account_id = await self.account_id(command.account)
        ids = {name: await self.instrument_id(name) for name in instruments_of(command)}
        request = multi_leg_request(
            command, account=lambda _: account_id, instrument=ids.__getitem__
        )
        rpcs: dict[type[MultiLegCommand], Callable[..., Any]] = {
            CreateMultiLegOrder: self._orders.CreateMultiLegOrder,
            ReplaceMultiLegOrder: self._orders.ReplaceMultiLegOrder,
            CancelMultiLegOrder: self._orders.CancelMultiLegOrder,
        }
        response = await self._call(rpcs[type(command)], request)
        return read(MultiLegOrderAcknowledgement, response.acknowledgement, request.DESCRIPTOR)

    async def get_multi_leg_order(
        self,
        *,
        multi_leg_order_id: int = 0,
        account: int | str | None = None,
        client_order_id: str = "",
        min_sequence: int = 0,
    ) -> MultiLegOrder:
        """Read one multi-leg order, by venue id or by account and client order id.

        `min_sequence` waits until the answer reflects that sequence. Raises NotFound.
        """
        request = build(
            order_service_pb2.GetMultiLegOrderRequest,
            multi_leg_order_id=multi_leg_order_id,
            account_id=None if account is None else await self.account_id(account),
            client_order_id=client_order_id,
            min_sequence=min_sequence,
        )
        response = await self._call(self._orders.GetMultiLegOrder, request)
        return read(MultiLegOrder, response.multi_leg_order)

    async def multi_leg_orders(
        self,
        *,
        account: int | str,
        instrument: int | str | None = None,
        working_only: bool = False,
    ) -> AsyncGenerator[MultiLegOrder, None]:
        """Go through the multi-leg orders of an account, oldest first, page by page.

        `instrument`: only those with a leg in it.
        """
        request = list_multi_leg_orders(
            account_id=await self.account_id(account),
            instrument_id=None if instrument is None else await self.instrument_id(instrument),
            working_only=working_only,
        )
        async for page in self._pages(self._orders.ListMultiLegOrders, request):
            for order in page.multi_leg_orders:
                yield read(MultiLegOrder, order)
