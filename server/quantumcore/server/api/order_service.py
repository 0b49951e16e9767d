"""OrderService: orders in, their answers out; orders read."""

from quantumcore.server.api.catalogue import Catalogue
from quantumcore.server.api.errors import (
    InvalidField,
    InvalidPageToken,
    Malformed,
    NotFound,
)
from quantumcore.server.api.execution_stream import ExecutionStreams
from quantumcore.server.api.multi_leg_orders import MultiLegOrders
from quantumcore.server.api.pages import Page
from quantumcore.server.api.reads import Reads
from quantumcore.server.api.rpc import Call, raw
from quantumcore.server.api.trade_stream import TradeStreams
from quantumcore.server.api.wire import order_wire_cy as wire
from quantumcore.server.api.wire.errors import WireError
from quantumcore.server.api.writer import Answer, Decoder, Writer
from quantumcore.server.core.enums import REJECT_REASON_NOT_PERMITTED
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.views import OrderView
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.order_service_pb2 import (
    CreateOrderResponse,
    GetOrderRequest,
    GetOrderResponse,
    ListOrdersRequest,
    ListOrdersResponse,
    StreamExecutionsRequest,
)
from quantumcore.v1.types_pb2 import Side

MAX_ORDER_ID = 2**63 - 1


class OrderService(MultiLegOrders):
    """Hand commands to the writer and orders to their owners."""

    def __init__(
        self,
        exchange: Exchange,
        writer: Writer,
        catalogue: Catalogue,
        reads: Reads,
        trades: TradeStreams,
        executions: ExecutionStreams,
    ) -> None:
        self._exchange = exchange
        self._writer = writer
        self._catalogue = catalogue
        self._reads = reads
        self._trades = trades
        self._executions = executions

    @raw
    async def create_order(self, data: bytes, call: Call) -> bytes:
        """Enter an order; the answer is a CreateOrderResponse, encoded."""
        return await self._command(wire.decode_create_order, data, call)

    @raw
    async def replace_order(self, data: bytes, call: Call) -> bytes:
        """Change an order; the answer is a ReplaceOrderResponse, encoded."""
        return await self._command(wire.decode_replace_order, data, call)

    @raw
    async def cancel_order(self, data: bytes, call: Call) -> bytes:
        """Cancel an order; the answer is a CancelOrderResponse, encoded."""
        return await self._command(wire.decode_cancel_order, data, call)

    @raw
    async def cancel_orders(self, data: bytes, call: Call) -> bytes:
        """Cancel many orders; the answer is a CancelOrdersResponse, encoded."""
        return await self._command(wire.decode_cancel_orders, data, call)

    async def get_order(self, request: GetOrderRequest, call: Call) -> GetOrderResponse:
        """Read one order; orders of accounts that the caller may not use are not there."""
        await self._reads.wait_for(request.min_sequence, call)
        order_id = request.order_id or self._named(request, call)
        view = self._exchange.order(order_id) if 0 < order_id <= MAX_ORDER_ID else None
        if view is None or not call.identity.may_use(view.account_id):
            raise NotFound("no such order")
        sequence = self._exchange.sequence
        await self._reads.settled()
        return GetOrderResponse(order=self._order(view), sequence=sequence)

    async def list_orders(self, request: ListOrdersRequest, call: Call) -> ListOrdersResponse:
        """List orders of an account in the order of their creation."""
        call.identity.require_account(request.account_id)
        page = Page.of(request, "account_id", "instrument_id", "side", "working_only")
        await self._reads.wait_for(request.min_sequence, call)
        found = self._orders(request, page)
        sequence = self._exchange.sequence
        await self._reads.settled()
        shown, token = page.cut(found, lambda view: view.order_id)
        return ListOrdersResponse(
            orders=[self._order(view) for view in shown], next_page_token=token, sequence=sequence
        )

    async def trade(self, call: Call) -> None:
        """Serve a Trade stream until it ends."""
        await self._trades.serve(call)

    async def stream_executions(self, request: StreamExecutionsRequest, call: Call) -> None:
        """Serve a stream of executions until it ends."""
        await self._executions.serve(request, call)

    async def _command(self, decode: Decoder, data: bytes, call: Call) -> bytes:
        answer = Answer()
        first, _last = submit(self._writer, decode, data, call, answer)
        limited = call.identity.accounts is not None
        refused = limited and self._writer.row(first).reject_reason == REJECT_REASON_NOT_PERMITTED
        self._writer.end_of_submission()
        acknowledgement = await answer.wait()
        if refused:
            call.identity.deny()
        # The field is the same in the responses of all these rpcs.
        marks = CreateOrderResponse(watermarks=self._trades.watermarks())
        return acknowledgement + marks.SerializeToString()

    def _order(self, view: OrderView) -> Order:
        """Build the contract's order; prices that it does not have stay unset."""
        fields = view._asdict()
        for field in ("price", "stop_price"):
            if not fields.pop(f"has_{field}"):
                del fields[field]
        prevention = view.self_trade_prevention or self._exchange.prevention(view.account_id)
        fields["self_trade_prevention"] = prevention
        return Order(**fields)

    def _named(self, request: GetOrderRequest, call: Call) -> int:
        if not request.client_order_id:
            raise InvalidField("order_id", "set order_id, or account_id and client_order_id")
        call.identity.require_account(request.account_id)
        if request.account_id > self._exchange.account_count:
            return 0
        return self._exchange.find_order(request.account_id, request.client_order_id)

    def _orders(self, request: ListOrdersRequest, page: Page) -> list[OrderView]:
        if request.side not in Side.values():
            raise InvalidField("side", "is no side", value=request.side)
        if request.account_id > self._exchange.account_count:
            raise NotFound(f"there is no account {request.account_id}", value=request.account_id)
        try:
            return self._exchange.orders_of(
                request.account_id,
                instrument_id=request.instrument_id,
                side=request.side,
                working_only=request.working_only,
                after_order_id=page.after,
                limit=page.size + 1,
            )
        except KeyError:
            raise InvalidPageToken from None


def submit(
    writer: Writer, decode: Decoder, data: bytes, call: Call, answer: Answer
) -> tuple[int, int]:
    """Submit encoded commands; raise Malformed with nothing applied."""
    try:
        return writer.submit(decode, data, call.identity, answer)
    except WireError as error:
        raise Malformed("message of this rpc", str(error)) from None
