"""Trade from a program: the synchronous client."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Unpack

from quantumcore.client import requests
from quantumcore.client.commands import (
    CancelOrder,
    CancelOrders,
    Command,
    CreateOrder,
    ReplaceOrder,
)
from quantumcore.client.convert import build, read
from quantumcore.client.enums import (
    Side,
)
from quantumcore.client.fixed import Number
from quantumcore.client.multi_leg_trading import MultiLegTrading
from quantumcore.client.requests import (
    OrderTerms,
    PricedTerms,
)
from quantumcore.client.streams import follow_sequence
from quantumcore.client.trade_commands import AnyCommand, request_of, trade_command
from quantumcore.client.trading import TradeSession
from quantumcore.client.values import (
    Acknowledgement,
    Execution,
    Order,
)
from quantumcore.v1 import (
    order_service_pb2,
)


class Client(MultiLegTrading):
    """A connection to a venue. Close it, or use it in a `with` statement.

    Numbers are Decimal, int or str, never float. Instruments are symbols or ids, accounts
    names or ids. Every call that changes something carries a `request_id`, so that it is sent
    again where nobody answered, and done once. All calls raise the errors of
    `quantumcore.client.errors`; a rejected order is no error, see
    `Acknowledgement.raise_for_reject`. Safe to share between threads.
    """

    def create_order(self, **terms: Unpack[OrderTerms]) -> Acknowledgement:
        """Enter an order; the terms are the fields of `CreateOrder`."""
        return self.submit(CreateOrder(**terms))

    def buy(
        self,
        instrument: int | str,
        *,
        quantity: Number,
        price: Number | None = None,
        **terms: Unpack[PricedTerms],
    ) -> Acknowledgement:
        """Enter an order to buy; see `CreateOrder` for its terms and what follows from them."""
        named = {"instrument": instrument, "quantity": quantity, "price": price}
        return self.submit(requests.order_of(terms, side=Side.BUY, **named))

    def sell(
        self,
        instrument: int | str,
        *,
        quantity: Number,
        price: Number | None = None,
        **terms: Unpack[PricedTerms],
    ) -> Acknowledgement:
        """Enter an order to sell; see `CreateOrder` for its terms and what follows from them."""
        named = {"instrument": instrument, "quantity": quantity, "price": price}
        return self.submit(requests.order_of(terms, side=Side.SELL, **named))

    def replace_order(
        self,
        *,
        account: int | str,
        order_id: int = 0,
        client_order_id: str = "",
        new_client_order_id: str = "",
        quantity: Number | None = None,
        price: Number | None = None,
        stop_price: Number | None = None,
    ) -> Acknowledgement:
        """Change price, whole quantity or stop price of a working order; None keeps what it is."""
        return self.submit(
            ReplaceOrder(
                account=account,
                order_id=order_id,
                client_order_id=client_order_id,
                new_client_order_id=new_client_order_id,
                quantity=quantity,
                price=price,
                stop_price=stop_price,
            )
        )

    def cancel_order(
        self, *, account: int | str, order_id: int = 0, client_order_id: str = ""
    ) -> Acknowledgement:
        """Cancel what still works of an order."""
        return self.submit(
            CancelOrder(account=account, order_id=order_id, client_order_id=client_order_id)
        )

    def cancel_orders(
        self,
        *,
        account: int | str,
        instrument: int | str | None = None,
        side: Side | None = None,
        session_id: int = 0,
    ) -> Acknowledgement:
        """Cancel all working orders of an account in one step; 0: of all sessions and of none."""
        return self.submit(
            CancelOrders(account=account, instrument=instrument, side=side, session_id=session_id)
        )

    def submit(self, command: Command) -> Acknowledgement:
        """Send one command and wait for its answer.

        The same command again, after an error that leaves the outcome open, is answered as
        it was the first time.
        """
        message = self.encode(command)
        request = request_of(message)
        rpcs: dict[str, Callable[..., Any]] = {
            "create_order": self._orders.CreateOrder,
            "replace_order": self._orders.ReplaceOrder,
            "cancel_order": self._orders.CancelOrder,
            "cancel_orders": self._orders.CancelOrders,
        }
        rpc = rpcs[str(message.WhichOneof("command"))]
        response = self._call(rpc, request)
        return requests.acknowledgement(response.acknowledgement, request.DESCRIPTOR)

    def encode(self, command: AnyCommand) -> order_service_pb2.TradeCommand:
        """Put a command into the contract's form, names looked up."""
        return trade_command(command, account=self.account_id, instrument=self.instrument_id)

    def get_order(
        self,
        *,
        order_id: int = 0,
        account: int | str | None = None,
        client_order_id: str = "",
        min_sequence: int = 0,
    ) -> Order:
        """Read one order, by venue id or by account and client order id.

        `min_sequence` waits until the answer reflects that sequence. Raises NotFound.
        """
        request = build(
            order_service_pb2.GetOrderRequest,
            order_id=order_id,
            account_id=None if account is None else self.account_id(account),
            client_order_id=client_order_id,
            min_sequence=min_sequence,
        )
        return read(Order, self._call(self._orders.GetOrder, request).order)

    def orders(
        self,
        *,
        account: int | str,
        instrument: int | str | None = None,
        side: Side | None = None,
        working_only: bool = False,
    ) -> Iterator[Order]:
        """Go through the orders of an account, oldest first, page by page."""
        request = requests.list_orders(
            account_id=self.account_id(account),
            instrument_id=None if instrument is None else self.instrument_id(instrument),
            side=side,
            working_only=working_only,
        )
        for page in self._pages(self._orders.ListOrders, request):
            yield from (read(Order, order) for order in page.orders)

    def trade(
        self,
        *,
        executions_of: Iterable[int | str] = (),
        cancel_on_disconnect: bool = False,
        max_outstanding: int = 50_000,
    ) -> TradeSession:
        """Open the fast path: batches of commands, pipelined, answered in order.

        `executions_of` names the accounts whose executions are wanted on the same stream.
        """
        options = order_service_pb2.TradeOptions(
            execution_account_ids=[self.account_id(account) for account in executions_of],
            cancel_on_disconnect=cancel_on_disconnect,
        )
        return TradeSession(
            lambda batches: self._orders.Trade(batches, metadata=self._metadata),
            encode=self.encode,
            options=options,
            max_outstanding=max_outstanding,
        )

    def stream_executions(
        self, *, accounts: Iterable[int | str], from_sequence: int = 0
    ) -> Generator[Execution, None, None]:
        """Follow the executions of accounts, without gap or duplicate.

        History from `from_sequence`, then live; 0: live only. A lost connection is taken up
        again where it broke. Close the iterator to end it.
        """
        ids = [self.account_id(account) for account in accounts]

        def start(position: int) -> Any:
            request = order_service_pb2.StreamExecutionsRequest(
                account_ids=ids, from_sequence=position
            )
            return self._orders.StreamExecutions(request, metadata=self._metadata)

        messages = follow_sequence(
            start, "executions", from_sequence, clock=self._clock, delays=self._delays
        )
        return (requests.execution(message) for message in messages)
