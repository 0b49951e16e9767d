"""Read and change what the venue lists: instruments, accounts, its own status, for asyncio."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Iterator
from types import TracebackType
from typing import Any, Self, Unpack

import grpc

from quantumcore.client import operations
from quantumcore.client.catalogue import Catalogue
from quantumcore.client.connection import (
    CHANNEL_OPTIONS,
    Tls,
    authorization,
    find_address,
    find_token,
)
from quantumcore.client.convert import build, read
from quantumcore.client.enums import (
    MarginModel,
    SelfTradePrevention,
)
from quantumcore.client.errors import NotFound
from quantumcore.client.failures import call_failed, is_unavailable
from quantumcore.client.operations import (
    FutureSpecification,
    InstrumentTerms,
    OptionSpecification,
)
from quantumcore.client.retry import RetryPolicy
from quantumcore.client.values import (
    Account,
    Currency,
    Instrument,
    Session,
    VenueStatus,
)
from quantumcore.v1 import (
    admin_service_pb2,
    admin_service_pb2_grpc,
    event_store_service_pb2_grpc,
    instrument_pb2,
    instrument_service_pb2,
    instrument_service_pb2_grpc,
    market_data_service_pb2_grpc,
    matching_service_pb2_grpc,
    order_service_pb2_grpc,
    risk_service_pb2_grpc,
)


class AsyncDirectory:
    """What the venue lists, names looked up and remembered, and how calls are made."""

    def __init__(
        self,
        address: str | None = None,
        *,
        token: str | None = None,
        tls: Tls | None = None,
        deadline_s: float = 10.0,
        retry: RetryPolicy | None = None,
        channel: grpc.aio.Channel | None = None,
    ) -> None:
        self.address = find_address(address)
        self._metadata = authorization(find_token(token))
        self._channel = channel or _open_channel(self.address, tls)
        self._deadline_s = deadline_s
        self._retry = retry or RetryPolicy()
        self._random = random.Random()  # noqa: S311 - jitter
        self._catalogue = Catalogue()
        self._orders: order_service_pb2_grpc.OrderServiceAsyncStub = (
            order_service_pb2_grpc.OrderServiceStub(self._channel)
        )
        self._matching: matching_service_pb2_grpc.MatchingServiceAsyncStub = (
            matching_service_pb2_grpc.MatchingServiceStub(self._channel)
        )
        self._instruments: instrument_service_pb2_grpc.InstrumentServiceAsyncStub = (
            instrument_service_pb2_grpc.InstrumentServiceStub(self._channel)
        )
        self._admin: admin_service_pb2_grpc.AdminServiceAsyncStub = (
            admin_service_pb2_grpc.AdminServiceStub(self._channel)
        )
        self._risk: risk_service_pb2_grpc.RiskServiceAsyncStub = (
            risk_service_pb2_grpc.RiskServiceStub(self._channel)
        )
        self._quotes: market_data_service_pb2_grpc.MarketDataServiceAsyncStub = (
            market_data_service_pb2_grpc.MarketDataServiceStub(self._channel)
        )
        self._events: event_store_service_pb2_grpc.EventStoreServiceAsyncStub = (
            event_store_service_pb2_grpc.EventStoreServiceStub(self._channel)
        )

    async def close(self) -> None:
        """Close the connection; open streams end."""
        await self._channel.close(None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def create_instrument(
        self,
        *,
        option: OptionSpecification | None = None,
        future: FutureSpecification | None = None,
        **terms: Unpack[InstrumentTerms],
    ) -> Instrument:
        """List a new instrument; it starts CLOSED. Raises AlreadyExists."""
        request = operations.create_instrument(
            terms,
            option=None
            if option is None
            else operations.option_terms(option, await self.instrument_id(option["underlying"])),
            future=None if future is None else await self._future_terms(future),
        )
        response = await self._call(self._instruments.CreateInstrument, request)
        return self._remember(read(Instrument, response.instrument))

    async def instrument(self, instrument: int | str) -> Instrument:
        """Read one instrument by symbol or id. Raises NotFound."""
        named = {"symbol" if isinstance(instrument, str) else "instrument_id": instrument}
        request = build(instrument_service_pb2.GetInstrumentRequest, **named)
        response = await self._call(self._instruments.GetInstrument, request)
        return self._remember(read(Instrument, response.instrument))

    async def instruments(self, *, symbol_prefix: str = "") -> AsyncGenerator[Instrument, None]:
        """Go through the instruments, ascending by id, page by page."""
        request = build(
            instrument_service_pb2.ListInstrumentsRequest,
            symbol_prefix=symbol_prefix,
            page_size=1000,
        )
        async for page in self._pages(self._instruments.ListInstruments, request):
            for message in page.instruments:
                yield self._remember(read(Instrument, message))

    async def currencies(self) -> AsyncGenerator[Currency, None]:
        """Go through the currencies, ascending by code, page by page."""
        request = instrument_service_pb2.ListCurrenciesRequest(page_size=1000)
        async for page in self._pages(self._instruments.ListCurrencies, request):
            for message in page.currencies:
                currency = read(Currency, message)
                self._catalogue.add_currency(currency)
                yield currency

    async def minor_digits(self, currency: str) -> int:
        """Tell how many decimal digits the minor unit of a currency has. Raises NotFound."""
        known = self._catalogue.minor_digits(currency)
        if known is None:
            async for candidate in self.currencies():
                if candidate.code == currency:
                    known = candidate.minor_digits
        if known is None:
            raise NotFound(f"there is no currency {currency!r}")
        return known

    async def instrument_id(self, instrument: int | str) -> int:
        """Find the id of a symbol; an id stands for itself. Raises NotFound."""
        known = self._catalogue.instrument_id(instrument)
        return (await self.instrument(instrument)).instrument_id if known is None else known

    async def symbol(self, instrument_id: int) -> str:
        """Find the symbol of an instrument. Raises NotFound."""
        known = self._catalogue.symbol(instrument_id)
        return known or (await self.instrument(instrument_id)).symbol

    async def create_account(
        self,
        *,
        name: str,
        self_trade_group: int = 0,
        self_trade_prevention: SelfTradePrevention | None = None,
        margin_model: MarginModel | None = None,
    ) -> Account:
        """Create an account. Raises AlreadyExists where the name is taken."""
        request = operations.create_account(
            name=name,
            self_trade_group=self_trade_group,
            self_trade_prevention=self_trade_prevention,
            margin_model=margin_model,
        )
        response = await self._call(self._admin.CreateAccount, request)
        account = read(Account, response.account)
        self._catalogue.add_account(account)
        return account

    async def accounts(self, *, name_prefix: str = "") -> AsyncGenerator[Account, None]:
        """Go through the accounts, ascending by id, page by page."""
        request = build(
            admin_service_pb2.ListAccountsRequest, name_prefix=name_prefix, page_size=1000
        )
        async for page in self._pages(self._admin.ListAccounts, request):
            for message in page.accounts:
                account = read(Account, message)
                self._catalogue.add_account(account)
                yield account

    async def account_id(self, account: int | str) -> int:
        """Find the id of an account's name; an id stands for itself. Raises NotFound."""
        known = self._catalogue.account_id(account)
        if known is not None:
            return known
        async for candidate in self.accounts(name_prefix=str(account)):
            if candidate.name == account:
                return candidate.account_id
        raise NotFound(f"there is no account named {account!r}")

    async def sessions(self) -> AsyncGenerator[Session, None]:
        """Go through the open sessions: your own, as an operator all; ascending by id."""
        request = admin_service_pb2.ListSessionsRequest(page_size=1000)
        async for page in self._pages(self._admin.ListSessions, request):
            for message in page.sessions:
                yield read(Session, message)

    async def status(self, *, include_state_hash: bool = False) -> VenueStatus:
        """Tell how the venue stands; the state hash stops its writer for some milliseconds."""
        request = admin_service_pb2.GetStatusRequest(include_state_hash=include_state_hash)
        response = await self._call(self._admin.GetStatus, request)
        return read(VenueStatus, response.status)

    async def _call(self, rpc: Callable[..., Any], request: Any) -> Any:
        delays = self._delays()
        while True:
            try:
                return await rpc(request, timeout=self._deadline_s, metadata=self._metadata)
            except grpc.aio.AioRpcError as failure:
                delay_s = next(delays, None) if is_unavailable(failure) else None
                if delay_s is None:
                    raise call_failed(failure, request.DESCRIPTOR) from failure
            await asyncio.sleep(delay_s)

    async def _pages(self, rpc: Callable[..., Any], request: Any) -> AsyncGenerator[Any, None]:
        while True:
            page = await self._call(rpc, request)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def _delays(self) -> Iterator[float]:
        return self._retry.delays(self._random)

    def _remember(self, instrument: Instrument) -> Instrument:
        self._catalogue.add_instrument(instrument)
        return instrument

    async def _future_terms(self, future: FutureSpecification) -> instrument_pb2.FutureTerms:
        underlying = future["underlying"]
        underlying_id = None if underlying is None else await self.instrument_id(underlying)
        return operations.future_terms(future, underlying_id)


def _open_channel(address: str, tls: Tls | None) -> grpc.aio.Channel:
    options = list(CHANNEL_OPTIONS)
    if tls is None:
        return grpc.aio.insecure_channel(address, options=options)
    return grpc.aio.secure_channel(address, tls.credentials(), options=options)
