"""The rpcs of OrderService on multi-leg orders."""

from collections.abc import Callable
from functools import partial

from quantumcore.server.api.catalogue import Catalogue
from quantumcore.server.api.errors import InvalidField, InvalidPageToken, NotFound
from quantumcore.server.api.multi_leg import (
    acknowledgement,
    changes_of,
    multi_leg_order,
    terms_of,
)
from quantumcore.server.api.pages import Page
from quantumcore.server.api.reads import Reads
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.trade_stream import TradeStreams
from quantumcore.server.api.writer import Writer
from quantumcore.server.core import package_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.views import PackageView
from quantumcore.v1.multi_leg_order_pb2 import MultiLegOrder, MultiLegOrderAcknowledgement
from quantumcore.v1.order_service_pb2 import (
    CancelMultiLegOrderRequest,
    CancelMultiLegOrderResponse,
    CreateMultiLegOrderRequest,
    CreateMultiLegOrderResponse,
    GetMultiLegOrderRequest,
    GetMultiLegOrderResponse,
    ListMultiLegOrdersRequest,
    ListMultiLegOrdersResponse,
    ReplaceMultiLegOrderRequest,
    ReplaceMultiLegOrderResponse,
)

MAX_ORDER_ID = 2**63 - 1


class MultiLegOrders:
    """Create, change, cancel and read multi-leg orders."""

    _exchange: Exchange
    _catalogue: Catalogue
    _writer: Writer
    _reads: Reads
    _trades: TradeStreams

    async def create_multi_leg_order(
        self, request: CreateMultiLegOrderRequest, call: Call
    ) -> CreateMultiLegOrderResponse:
        """Enter a multi-leg order; a refusal is an answer with status REJECTED."""
        call.identity.require_account(request.account_id)
        command = partial(
            package_commands.create_package, actor=call.identity.actor(), **terms_of(request)
        )
        answer = await self._commanded(command, request.request_id, request.client_order_id)
        marks = self._trades.watermarks()
        return CreateMultiLegOrderResponse(acknowledgement=answer, watermarks=marks)

    async def replace_multi_leg_order(
        self, request: ReplaceMultiLegOrderRequest, call: Call
    ) -> ReplaceMultiLegOrderResponse:
        """Change a multi-leg order, all legs in one step."""
        call.identity.require_account(request.account_id)
        command = partial(
            package_commands.replace_package, actor=call.identity.actor(), **changes_of(request)
        )
        name = request.new_client_order_id or request.client_order_id
        answer = await self._commanded(command, request.request_id, name)
        marks = self._trades.watermarks()
        return ReplaceMultiLegOrderResponse(acknowledgement=answer, watermarks=marks)

    async def cancel_multi_leg_order(
        self, request: CancelMultiLegOrderRequest, call: Call
    ) -> CancelMultiLegOrderResponse:
        """Cancel a multi-leg order with all its legs."""
        call.identity.require_account(request.account_id)
        command = partial(
            package_commands.cancel_package,
            account_id=request.account_id,
            order_id=request.multi_leg_order_id,
            client_order_id=request.client_order_id,
            request_id=request.request_id,
            actor=call.identity.actor(),
        )
        answer = await self._commanded(command, request.request_id, request.client_order_id)
        marks = self._trades.watermarks()
        return CancelMultiLegOrderResponse(acknowledgement=answer, watermarks=marks)

    async def get_multi_leg_order(
        self, request: GetMultiLegOrderRequest, call: Call
    ) -> GetMultiLegOrderResponse:
        """Read one; orders of accounts that the caller may not use are not there."""
        await self._reads.wait_for(request.min_sequence, call)
        order_id = request.multi_leg_order_id or self._package_named(request, call)
        view = self._exchange.package(order_id) if 0 < order_id <= MAX_ORDER_ID else None
        if view is None or not call.identity.may_use(view.order.account_id):
            raise NotFound("no such multi-leg order")
        sequence = self._exchange.sequence
        await self._reads.settled()
        return GetMultiLegOrderResponse(multi_leg_order=self._message(view), sequence=sequence)

    async def list_multi_leg_orders(
        self, request: ListMultiLegOrdersRequest, call: Call
    ) -> ListMultiLegOrdersResponse:
        """List multi-leg orders of an account in the order of their creation."""
        call.identity.require_account(request.account_id)
        page = Page.of(request, "account_id", "instrument_id", "working_only")
        await self._reads.wait_for(request.min_sequence, call)
        found = self._packages(request, page)
        sequence = self._exchange.sequence
        await self._reads.settled()
        shown, token = page.cut(found, lambda view: view.order.order_id)
        return ListMultiLegOrdersResponse(
            multi_leg_orders=[self._message(view) for view in shown],
            next_page_token=token,
            sequence=sequence,
        )

    async def _commanded(
        self, command: Callable[[Exchange], int], request_id: int, client_order_id: str
    ) -> MultiLegOrderAcknowledgement:
        row = self._writer.administer(command)
        order_id = row.result.order_id
        view = self._exchange.package(order_id) if order_id else None
        self._writer.end_of_submission()
        result = await row.stored()
        return acknowledgement(result, view, request_id=request_id, client_order_id=client_order_id)

    def _message(self, view: PackageView) -> MultiLegOrder:
        prevention = self._exchange.prevention(view.order.account_id)
        return multi_leg_order(view, self._catalogue.instruments, prevention)

    def _package_named(self, request: GetMultiLegOrderRequest, call: Call) -> int:
        if not request.client_order_id:
            problem = "set multi_leg_order_id, or account_id and client_order_id"
            raise InvalidField("multi_leg_order_id", problem)
        call.identity.require_account(request.account_id)
        if request.account_id > self._exchange.account_count:
            return 0
        return self._exchange.find_order(request.account_id, request.client_order_id)

    def _packages(self, request: ListMultiLegOrdersRequest, page: Page) -> list[PackageView]:
        if request.account_id > self._exchange.account_count:
            raise NotFound(f"there is no account {request.account_id}", value=request.account_id)
        try:
            return self._exchange.packages_of(
                request.account_id,
                instrument_id=request.instrument_id,
                working_only=request.working_only,
                after_order_id=page.after,
                limit=page.size + 1,
            )
        except KeyError:
            raise InvalidPageToken from None
