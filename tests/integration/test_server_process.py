"""The server as a process: started, told to stop, killed, started again."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from quantumcore.server.main import EXIT_JOURNAL, EXIT_SETTINGS, EXIT_START
from quantumcore.v1.instrument_service_pb2 import ListInstrumentsRequest
from quantumcore.v1.stream_pb2 import StreamEndReason
from quantumcore.v1.types_pb2 import OrderStatus
from tests.server.api.running import Client, batch, order, until

ROOT = Path(__file__).resolve().parents[2]
SOURCES = os.pathsep.join(str(ROOT / name) for name in ("proto", "server", "clients/python"))


async def launch(data: Path, *arguments: str, listen: str = "127.0.0.1:0") -> Process:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("QC_")}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "quantumcore.server.main",
        f"--listen={listen}",
        f"--data={data}",
        *arguments,
        env=environment | {"PYTHONPATH": SOURCES},
        stdout=PIPE,
        stderr=PIPE,
    )


@asynccontextmanager
async def served(data: Path, *arguments: str) -> AsyncIterator[tuple[Process, Client]]:
    """Start a server; yield it with a client that bears its generated token."""
    process = await launch(data, *arguments)
    assert process.stdout is not None
    address = (await process.stdout.readline()).decode().split()[-1]
    token = (await process.stdout.readline()).decode().split()[-1]
    client = Client(int(address.rpartition(":")[2]), token)
    try:
        yield process, client
    finally:
        await client.channel.close()
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def refused(process: Process) -> tuple[int, str]:
    """Wait for a server that does not start; return its exit code and what it says."""
    _out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, err.decode()


async def test_the_demonstration_is_listed_once(tmp_path: Path) -> None:
    for _start in range(2):
        async with served(tmp_path, "--demo") as (_process, client):
            answer = await client.call(client.instruments.ListInstruments, ListInstrumentsRequest())
            symbols = [one.symbol for one in answer.instruments]
            assert len(symbols) == len(set(symbols)) == 15
            assert {"AMZN", "BTC/USD", "ES-NEAR", "AAPL-200C"} <= set(symbols)


async def test_sigterm_drains_and_exits_with_zero(tmp_path: Path) -> None:
    async with served(tmp_path, "--demo") as (process, client):
        stream = client.trade()
        await stream.write(batch(order("first")))
        await stream.read()
        process.send_signal(signal.SIGTERM)
        message = await until(stream, lambda found: found.HasField("end"))
        assert message.end.reason == StreamEndReason.STREAM_END_REASON_DRAINING
        assert await process.wait() == 0


async def test_a_killed_server_comes_back_with_all_that_it_acknowledged(tmp_path: Path) -> None:
    names: set[str] = set()
    for start in range(3):
        async with served(tmp_path, "--demo") as (process, client):
            assert await rejected(client, names) == names
            stream = client.trade()
            for number in range(50):
                await stream.write(batch(order(f"{start}-{number}")))
                answer = await stream.read()
                names.update(one.client_order_id for one in answer.acknowledgements)
            process.kill()
            await process.wait()
    async with served(tmp_path, "--demo") as (_process, client):
        assert await rejected(client, names) == names


async def rejected(client: Client, names: set[str]) -> set[str]:
    """Enter the same orders again; return the names that the venue still knows."""
    found = set()
    for name in sorted(names):
        answer = await client.create_order(name)
        if answer.status == OrderStatus.ORDER_STATUS_REJECTED:
            found.add(answer.client_order_id)
    return found


@pytest.mark.parametrize(
    ("listen", "arguments", "text"),
    [
        ("0.0.0.0:0", ("--dev",), "loopback only"),
        ("127.0.0.1:0", (), "no identities"),
        ("127.0.0.1:notaport", ("--dev",), "listen"),
    ],
)
async def test_wrong_settings_are_a_sentence(
    tmp_path: Path, listen: str, arguments: tuple[str, ...], text: str
) -> None:
    code, said = await refused(await launch(tmp_path, *arguments, listen=listen))
    assert code == EXIT_SETTINGS
    assert text in said
    assert "Traceback" not in said


async def test_a_second_server_on_the_same_data_says_so(tmp_path: Path) -> None:
    async with served(tmp_path, "--dev"):
        code, said = await refused(await launch(tmp_path, "--dev"))
        assert code == EXIT_JOURNAL
        assert "already open" in said


async def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    async with served(tmp_path / "first", "--dev") as (_process, client):
        taken = client.port
        code, said = await refused(
            await launch(tmp_path / "second", "--dev", listen=f"127.0.0.1:{taken}")
        )
        assert code == EXIT_START
        assert "cannot listen" in said
        assert "Traceback" not in said
