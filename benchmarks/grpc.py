"""Measure the gRPC front door against a bare grpc.aio echo, in the same run.

    python -m benchmarks.grpc [--smoke]

The server runs in a process of its own, the load generator in another. Every order is journaled
(process durability) before it is acknowledged. The echo servers do nothing with the same bytes.
"""

import argparse
import asyncio
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from benchmarks.pacing import Latencies
from benchmarks.report import Report

TOKEN = "a-token-of-the-benchmark"
OUTSTANDING = 64
IN_FLIGHT = 4
NANOS = 10**9
METHOD = "/quantumcore.v1.OrderService/"
METADATA = (("authorization", f"Bearer {TOKEN}"),)


def main(arguments: list[str] | None = None) -> None:
    """Run all measurements; write build/bench/grpc.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--smoke", action="store_true", help="a few seconds, figures mean little")
    scale = 1 if parser.parse_args(arguments).smoke else 20
    import uvloop

    report = Report("grpc", build={"durability": "process", "prefault": "yes"})
    with process(run_echo, "raw") as echo:
        echo_per_s = uvloop.run(unary_rate(echo, 1000 * scale))
        echo_100 = uvloop.run(stream_rate(echo, 100, 100 * scale, echoed=True))
        echo_1000 = uvloop.run(stream_rate(echo, 1000, 20 * scale, echoed=True))
    with process(run_echo, "upb") as echo:
        upb_per_s = uvloop.run(unary_rate(echo, 1000 * scale))
        upb_100 = uvloop.run(stream_rate(echo, 100, 20 * scale, echoed=True))
    with tempfile.TemporaryDirectory() as data, process(run_venue, data) as venue:
        uvloop.run(furnish(venue))
        unary_per_s = uvloop.run(unary_rate(venue, 1000 * scale))
        latencies = uvloop.run(paced(venue, 500, 1.0 * scale / 4))
        trade_100 = uvloop.run(stream_rate(venue, 100, 100 * scale))
        trade_1000 = uvloop.run(stream_rate(venue, 1000, 20 * scale))
    report.figure("unary_vs_echo_ratio", unary_per_s / echo_per_s)
    report.figure("unary_orders_per_s", unary_per_s)
    report.figure("unary_p99_us", latencies.percentile_us(99))
    report.figure("unary_p50_us", latencies.percentile_us(50))
    report.figure("trade_batch100_orders_per_s", trade_100)
    report.figure("trade_batch1000_orders_per_s", trade_1000)
    report.baseline("echo_raw_unary_per_s", echo_per_s)
    report.baseline("echo_upb_unary_per_s", upb_per_s)
    report.baseline("echo_raw_batch100_orders_per_s", echo_100)
    report.baseline("echo_raw_batch1000_orders_per_s", echo_1000)
    report.baseline("echo_upb_batch100_orders_per_s", upb_100)
    report.ratio("unary_to_raw_echo", unary_per_s, echo_per_s)
    report.ratio("batch100_to_raw_echo", trade_100, echo_100)
    report.ratio("batch1000_to_raw_echo", trade_1000, echo_1000)
    report.write()


@contextmanager
def process(run: Callable[[int, str], None], argument: str) -> Iterator[int]:
    """Run a server in a process of its own; yield its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    child = get_context("spawn").Process(target=run, args=(port, argument), daemon=True)
    child.start()
    try:
        yield port
    finally:
        child.terminate()
        child.join(10)


def run_venue(port: int, data: str) -> None:
    """Serve a venue until terminated."""
    import uvloop
    from pydantic import SecretStr

    from quantumcore.server.main import configure_logs, serve
    from quantumcore.server.settings import IdentitySettings, Settings

    identity = IdentitySettings(
        name="bench", number=1, token=SecretStr(TOKEN), accounts="all", admin=True
    )
    settings = Settings(
        listen=f"127.0.0.1:{port}",
        data=Path(data),
        identities=(identity,),
        prefault=True,
        log_level="error",
    )
    configure_logs(settings)
    sys.exit(uvloop.run(serve(settings)))


def run_echo(port: int, kind: str) -> None:
    """Serve unary and stream calls that return what they get: as bytes, or through upb."""
    import uvloop

    uvloop.run(_echo(port, kind))


async def _echo(port: int, kind: str) -> None:
    import grpc

    from quantumcore.server.door import options
    from quantumcore.v1.order_service_pb2 import CreateOrderRequest, TradeRequest

    codec = kind == "upb"

    async def unary(request: object, _context: object) -> object:
        return request

    async def stream(_requests: object, context: Any) -> None:
        while (request := await context.read()) is not end:
            await context.write(request)

    end = vars(grpc.aio)["EOF"]
    create = (CreateOrderRequest.FromString, CreateOrderRequest.SerializeToString)
    trade = (TradeRequest.FromString, TradeRequest.SerializeToString)
    handlers = {
        "CreateOrder": grpc.unary_unary_rpc_method_handler(unary, *(create if codec else ())),
        "Trade": grpc.stream_stream_rpc_method_handler(stream, *(trade if codec else ())),
    }
    server = grpc.aio.server(options=options())
    generic = grpc.method_handlers_generic_handler("quantumcore.v1.OrderService", handlers)
    server.add_generic_rpc_handlers((generic,))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


async def furnish(port: int) -> None:
    """Wait for the venue; list an instrument and open an account."""
    from quantumcore.v1 import admin_service_pb2, instrument_service_pb2
    from quantumcore.v1.types_pb2 import InstrumentKind, TradingPhase

    instrument = instrument_service_pb2.CreateInstrumentRequest(
        symbol="BENCH",
        kind=InstrumentKind.INSTRUMENT_KIND_EQUITY,
        currency="USD",
        tick_size=NANOS // 100,
        lot_size=NANOS,
        max_price=10_000 * NANOS,
        max_quantity=1_000_000 * NANOS,
        protection_band=NANOS,
    )
    phase = instrument_service_pb2.SetTradingPhaseRequest(
        instrument_id=1, phase=TradingPhase.TRADING_PHASE_CONTINUOUS
    )
    account = admin_service_pb2.CreateAccountRequest(name="bench")
    service = "/quantumcore.v1.InstrumentService/"
    async with channel_to(port) as channel:
        for path, request in (
            (f"{service}CreateInstrument", instrument),
            (f"{service}SetTradingPhase", phase),
            ("/quantumcore.v1.AdminService/CreateAccount", account),
        ):
            call = channel.unary_unary(path, request_serializer=type(request).SerializeToString)
            await call(request, metadata=METADATA, wait_for_ready=True)


def channel_to(port: int) -> Any:
    """Open a channel without a limit on what it receives."""
    import grpc

    options = [("grpc.max_receive_message_length", -1)]
    return grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options)


def order(number: int, prefix: int) -> bytes:
    """Encode one order; buys and sells meet, so that about half of them trade; ids count up."""
    from quantumcore.v1.order_service_pb2 import CreateOrderRequest
    from quantumcore.v1.types_pb2 import OrderType, Side, TimeInForce

    side = Side.SIDE_SELL if number % 2 else Side.SIDE_BUY
    return CreateOrderRequest(
        account_id=1,
        instrument_id=1,
        client_order_id=f"{prefix}-{number}",
        side=side,
        order_type=OrderType.ORDER_TYPE_LIMIT,
        time_in_force=TimeInForce.TIME_IN_FORCE_GTC,
        quantity=NANOS,
        price=100 * NANOS + (number * 7 % 20 - 10) * NANOS // 100,
    ).SerializeToString()


def batches(size: int, count: int) -> list[bytes]:
    """Encode batches of orders."""
    from quantumcore.v1.order_service_pb2 import CreateOrderRequest, TradeCommand, TradeRequest

    found = []
    prefix = perf_counter_ns()
    for start in range(0, size * count, size):
        orders = [CreateOrderRequest.FromString(order(start + at, prefix)) for at in range(size)]
        request = TradeRequest(commands=[TradeCommand(create_order=one) for one in orders])
        found.append(request.SerializeToString())
    return found


async def unary_rate(port: int, count: int) -> float:
    """Return unary calls a second with OUTSTANDING of them under way."""
    prefix = perf_counter_ns()
    requests = iter([order(number, prefix) for number in range(count)])
    async with channel_to(port) as channel:
        call = channel.unary_unary(f"{METHOD}CreateOrder")
        await call(order(count, prefix), metadata=METADATA, wait_for_ready=True)

        async def work() -> None:
            for request in requests:
                await call(request, metadata=METADATA)

        return await _rate(count, lambda: asyncio.gather(*(work() for _ in range(OUTSTANDING))))


async def paced(port: int, rate_per_s: int, seconds: float) -> Latencies:
    """Offer unary orders at a fixed rate; latencies count from the intended arrival."""
    from array import array

    count = int(rate_per_s * seconds)
    prefix = perf_counter_ns()
    requests = [order(number, prefix) for number in range(count)]
    samples_ns = array("q", bytes(8 * count))
    async with channel_to(port) as channel:
        call = channel.unary_unary(f"{METHOD}CreateOrder")
        await call(order(count, prefix), metadata=METADATA, wait_for_ready=True)
        first_ns = perf_counter_ns() + 1_000_000

        async def work(number: int, arrival_ns: int) -> None:
            await call(requests[number], metadata=METADATA)
            samples_ns[number] = perf_counter_ns() - arrival_ns

        tasks = []
        for number in range(count):
            arrival_ns = first_ns + number * NANOS // rate_per_s
            if (left_ns := arrival_ns - perf_counter_ns()) > 0:
                await asyncio.sleep(left_ns / NANOS)
            tasks.append(asyncio.ensure_future(work(number, arrival_ns)))
        await asyncio.gather(*tasks)
    return Latencies(samples_ns)


async def stream_rate(port: int, size: int, count: int, *, echoed: bool = False) -> float:
    """Return acknowledged orders a second on one Trade stream, IN_FLIGHT batches under way."""
    requests = batches(size, count)
    async with channel_to(port) as channel:
        call = channel.stream_stream(f"{METHOD}Trade")(metadata=METADATA, wait_for_ready=True)

        async def run() -> None:
            room = asyncio.Semaphore(IN_FLIGHT)
            reading = asyncio.ensure_future(_read(call, size, count, room, echoed=echoed))
            for request in requests:
                await room.acquire()
                await call.write(request)
            await reading

        rate = await _rate(size * count, run)
        await call.done_writing()
        return rate


async def _read(
    call: Any,
    size: int,
    count: int,
    room: asyncio.Semaphore,
    *,
    echoed: bool,
) -> None:
    """Read until every batch is answered, giving room for another with each."""
    from quantumcore.v1.order_service_pb2 import TradeResponse

    answered = 0
    while answered < size * count:
        data = await call.read()
        answers = size if echoed else len(TradeResponse.FromString(data).acknowledgements)
        for _ in range((answered + answers) // size - answered // size):
            room.release()
        answered += answers


async def _rate(count: int, run: Callable[[], Awaitable[object]]) -> float:
    began_ns = perf_counter_ns()
    await run()
    return count * 1e9 / (perf_counter_ns() - began_ns)


if __name__ == "__main__":
    main()
