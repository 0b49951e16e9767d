"""Compare what releases of grpcio cost a bare grpc.aio echo, so that the pin is a measured one.

Needs only grpcio and uvloop. Give it one interpreter per release; the runs are interleaved, since
a machine's mood changes faster than its software:

    python -m benchmarks.grpc_versions A/bin/python B/bin/python --rounds 5

Server and client are two processes on the loopback interface. Unary calls carry 64 bytes with 64
calls outstanding; a stream carries 4,000-byte messages, about one hundred orders, back and forth.
Compare the medians of the rounds; on a machine that does other work at the same time the client's
processor time for each call is the steadier figure.
"""

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator
from time import perf_counter, process_time

import grpc
import grpc.aio

SERVICE = "bench.Echo"
UNARY_PAYLOAD = b"u" * 64
STREAM_PAYLOAD = b"s" * 4_000
OUTSTANDING = 64
WINDOW = 32
FIGURES = ("unary_per_s", "unary_client_cpu_us", "stream_per_s", "stream_client_cpu_us")


async def _echo(request: bytes, _context: object) -> bytes:
    return request


async def _echo_stream(requests: AsyncIterator[bytes], _context: object) -> AsyncIterator[bytes]:
    async for request in requests:
        yield request


async def serve(port: int) -> None:
    """Echo until the process is ended."""
    server = grpc.aio.server()
    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(_echo),
        "Stream": grpc.stream_stream_rpc_method_handler(_echo_stream),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


async def measure_unary(channel: grpc.aio.Channel, seconds: float) -> int:
    """Return how many calls were answered with a fixed number of calls outstanding."""
    call = channel.unary_unary(f"/{SERVICE}/Unary", None, None)
    end = perf_counter() + seconds

    async def caller() -> int:
        calls = 0
        while perf_counter() < end:
            await call(UNARY_PAYLOAD)
            calls += 1
        return calls

    return sum(await asyncio.gather(*(caller() for _ in range(OUTSTANDING))))


async def measure_stream(channel: grpc.aio.Channel, seconds: float) -> int:
    """Return how many messages one stream echoed, a bounded number of them under way."""
    call = channel.stream_stream(f"/{SERVICE}/Stream", None, None)(None)
    window = asyncio.Semaphore(WINDOW)
    start = perf_counter()

    async def write() -> None:
        while perf_counter() < start + seconds:
            await window.acquire()
            await call.write(STREAM_PAYLOAD)
        await call.done_writing()

    writer = asyncio.create_task(write())
    echoed = 0
    async for _ in call:
        echoed += 1
        window.release()
    await writer
    return echoed


async def measure(port: int, seconds: float) -> dict[str, float]:
    """Measure one server, after a short warm-up."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        await channel.channel_ready()
        await measure_unary(channel, seconds / 5)
        figures: dict[str, float] = {}
        for name, work in (("unary", measure_unary), ("stream", measure_stream)):
            start, start_cpu = perf_counter(), process_time()
            count = await work(channel, seconds)
            figures[f"{name}_per_s"] = count / (perf_counter() - start)
            figures[f"{name}_client_cpu_us"] = (process_time() - start_cpu) * 1e6 / count
        return figures


def run_side(action: str, port: int, seconds: float) -> None:
    """Be the server or the client of one round."""
    import uvloop

    if action == "serve":
        uvloop.run(serve(port))
    else:
        print(json.dumps(uvloop.run(measure(port, seconds)) | {"version": grpc.__version__}))


def run_round(python: str, seconds: float) -> dict[str, float | str]:
    """Measure one release once, in two processes of its interpreter."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [python, __file__, "--seconds", str(seconds), "--port", port, "--side"]
    server = subprocess.Popen([*command, "serve"])
    try:
        client = subprocess.run([*command, "measure"], check=True, capture_output=True, text=True)
    finally:
        server.terminate()
        server.wait()
    result: dict[str, float | str] = json.loads(client.stdout)
    return result


def main() -> None:
    """Print the median of every release."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("pythons", nargs="*", default=[sys.executable])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=2.0)
    arguments.add_argument("--side", choices=["serve", "measure"], help=argparse.SUPPRESS)
    arguments.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.side:
        run_side(options.side, options.port, options.seconds)
        return
    rounds = [
        run_round(python, options.seconds)
        for _ in range(options.rounds)
        for python in options.pythons
    ]
    for version in dict.fromkeys(str(one["version"]) for one in rounds):
        for key in FIGURES:
            values = [float(one[key]) for one in rounds if one["version"] == version]
            spread = f"{min(values):,.0f} to {max(values):,.0f}"
            print(f"{version}  {key:20} median {statistics.median(values):8,.0f}  ({spread})")


if __name__ == "__main__":
    main()
