"""A real venue over real sockets, for tests: started, furnished, called, drained."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import time_ns
from typing import Any, cast

import grpc
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from pydantic import SecretStr

from quantumcore.server.journal.files import Files
from quantumcore.server.settings import IdentitySettings, Settings, StreamSettings
from quantumcore.server.venue import Venue
from quantumcore.v1 import (
    admin_service_pb2 as admin_messages,
)
from quantumcore.v1 import (
    admin_service_pb2_grpc as admin_rpcs,
)
from quantumcore.v1 import (
    event_store_service_pb2_grpc as event_rpcs,
)
from quantumcore.v1 import (
    instrument_service_pb2 as instrument_messages,
)
from quantumcore.v1 import (
    instrument_service_pb2_grpc as instrument_rpcs,
)
from quantumcore.v1 import (
    market_data_service_pb2_grpc as quote_rpcs,
)
from quantumcore.v1 import (
    matching_service_pb2_grpc as matching_rpcs,
)
from quantumcore.v1 import (
    order_service_pb2 as order_messages,
)
from quantumcore.v1 import (
    order_service_pb2_grpc as order_rpcs,
)
from quantumcore.v1 import (
    risk_service_pb2_grpc as risk_rpcs,
)
from quantumcore.v1.order_pb2 import OrderAcknowledgement
from quantumcore.v1.types_pb2 import InstrumentKind, OrderType, Side, TimeInForce, TradingPhase

NANOS = 10**9
CENT = NANOS // 100
ADMIN_TOKEN = "an-administrator-of-tests"
TRADER_TOKEN = "a-trader-with-account-one"
END: object = vars(grpc.aio)["EOF"]
OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.http2.bdp_probe", 0)]
BUY, SELL = Side.SIDE_BUY, Side.SIDE_SELL


def settings(data: Path, **changed: Any) -> Settings:
    identities = (
        IdentitySettings(
            name="admin", number=1, token=SecretStr(ADMIN_TOKEN), accounts="all", admin=True
        ),
        IdentitySettings(name="trader", number=2, token=SecretStr(TRADER_TOKEN), accounts=(1,)),
    )
    values: dict[str, Any] = {
        "listen": "127.0.0.1:0",
        "data": data,
        "identities": identities,
        "order_capacity": 1 << 14,
        "drain_timeout_s": 1.0,
        "streams": StreamSettings(heartbeat_interval_s=0.05),
    }
    return Settings(**(values | changed))


class Client:
    """Stubs of one identity, and short forms of what tests do often."""

    def __init__(self, port: int, token: str | None = ADMIN_TOKEN) -> None:
        self.channel = open_channel(port)
        self.port = port
        self.metadata = () if token is None else (("authorization", f"Bearer {token}"),)
        self.orders: Any = order_rpcs.OrderServiceStub(self.channel)
        self.matching: Any = matching_rpcs.MatchingServiceStub(self.channel)
        self.instruments: Any = instrument_rpcs.InstrumentServiceStub(self.channel)
        self.risk: Any = risk_rpcs.RiskServiceStub(self.channel)
        self.quotes: Any = quote_rpcs.MarketDataServiceStub(self.channel)
        self.events: Any = event_rpcs.EventStoreServiceStub(self.channel)
        self.admin: Any = admin_rpcs.AdminServiceStub(self.channel)
        self.health: Any = health_pb2_grpc.HealthStub(self.channel)

    async def call(self, method: Any, request: Any) -> Any:
        return await method(request, metadata=self.metadata, timeout=20)

    async def create_order(self, client_order_id: str, **terms: Any) -> OrderAcknowledgement:
        request = order(client_order_id, **terms)
        answer = await self.call(self.orders.CreateOrder, request)
        acknowledgement: OrderAcknowledgement = answer.acknowledgement
        return acknowledgement

    async def book(self, instrument_id: int = 1) -> tuple[list[tuple[int, int]], ...]:
        """Return bids and asks as (price in cents, whole units)."""
        from quantumcore.v1.matching_service_pb2 import GetBookRequest

        answer = await self.call(
            self.matching.GetBook, GetBookRequest(instrument_id=instrument_id, depth=1000)
        )
        return tuple(
            [(level.price // CENT, level.quantity // NANOS) for level in side]
            for side in (answer.book.bids, answer.book.asks)
        )

    async def health_status(self) -> int:
        answer = await self.health.Check(health_pb2.HealthCheckRequest(), timeout=20)
        status: int = answer.status
        return status

    async def state_hash(self) -> bytes:
        request = admin_messages.GetStatusRequest(include_state_hash=True)
        answer = await self.call(self.admin.GetStatus, request)
        state: bytes = answer.status.state_hash
        return state

    async def furnish(self) -> None:
        """List AAA, open it for trading, and open accounts 1 and 2."""
        await self.call(self.instruments.CreateInstrument, instrument("AAA"))
        await self.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS)
        for name in ("one", "two"):
            request = admin_messages.CreateAccountRequest(name=name)
            await self.call(self.admin.CreateAccount, request)

    async def set_phase(self, phase: TradingPhase.ValueType, instrument_id: int = 1) -> Any:
        request = instrument_messages.SetTradingPhaseRequest(
            instrument_id=instrument_id, phase=phase
        )
        return await self.call(self.instruments.SetTradingPhase, request)

    def trade(self) -> Any:
        return self.orders.Trade(metadata=self.metadata)


def open_channel(port: int) -> Any:
    """Open a channel that shares no connection and holds little in flight."""
    return grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS)


@asynccontextmanager
async def running(
    data: Path,
    *,
    furnished: bool = True,
    files: Files | None = None,
    clock: Callable[[], int] = time_ns,
    **changed: Any,
) -> AsyncIterator[tuple[Venue, Client]]:
    """Serve a venue for as long as the block runs, then drain it."""
    venue = Venue(settings(data, **changed), files=files, clock=clock)
    await venue.start()
    client = Client(venue.port)
    try:
        if furnished and venue.exchange.instrument_count == 0:
            await client.furnish()
        yield venue, client
    finally:
        await client.channel.close()
        await venue.drain()


def instrument(symbol: str, **changed: Any) -> instrument_messages.CreateInstrumentRequest:
    values: dict[str, Any] = {
        "symbol": symbol,
        "kind": InstrumentKind.INSTRUMENT_KIND_EQUITY,
        "currency": "USD",
        "tick_size": CENT,
        "lot_size": NANOS,
        "min_price": CENT,
        "max_price": 10_000 * NANOS,
        "max_quantity": 1_000_000 * NANOS,
        "protection_band": 10 * NANOS,
    }
    return instrument_messages.CreateInstrumentRequest(**(values | changed))


def order(client_order_id: str, **terms: Any) -> order_messages.CreateOrderRequest:
    """Build a limit order; `cents` and `units` are its price and quantity."""
    cents = terms.pop("cents", 10_000)
    units = terms.pop("units", 1)
    values: dict[str, Any] = {
        "account_id": 1,
        "instrument_id": 1,
        "client_order_id": client_order_id,
        "side": BUY,
        "order_type": OrderType.ORDER_TYPE_LIMIT,
        "time_in_force": TimeInForce.TIME_IN_FORCE_GTC,
        "quantity": units * NANOS,
        "price": cents * CENT,
    }
    values |= terms
    return order_messages.CreateOrderRequest(
        **{key: value for key, value in values.items() if value is not None}
    )


def batch(*orders: order_messages.CreateOrderRequest, **options: Any) -> Any:
    """Build a TradeRequest of new orders, with options where any are given."""
    commands = [order_messages.TradeCommand(create_order=one) for one in orders]
    request = order_messages.TradeRequest(commands=commands)
    if options:
        request.options.CopyFrom(order_messages.TradeOptions(**options))
    return request


class Refusal:
    """What a failed rpc says: code, reason, metadata, and violations by field."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        self.code = error.code()
        self.text = error.details() or ""
        self.reason = ""
        self.metadata: dict[str, str] = {}
        self.violations: dict[str, str] = {}
        status = rpc_status.from_call(cast("grpc.Call", error))
        for detail in status.details if status is not None else ():
            self._read(detail)

    def _read(self, detail: Any) -> None:
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            assert info.domain == "quantumcore"
            self.reason, self.metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(bad):
            self.violations = {one.field: one.description for one in bad.field_violations}


async def refusal(call: Any) -> Refusal:
    """Await a call that must fail and return what it says."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return Refusal(error)
    raise AssertionError(f"the call was answered: {answer}")


async def until(stream: Any, wanted: Callable[[Any], bool]) -> Any:
    """Read a stream up to the first message that is wanted."""
    while (message := await stream.read()) is not END:
        if wanted(message):
            return message
    raise AssertionError("the stream ended before")
