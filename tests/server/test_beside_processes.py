"""Processes beside a venue: nobody reads a password off them, and none outlives the venue."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quantumcore.server.feeder_process import FeederProcess
from quantumcore.server.kept_process import KeptProcess
from quantumcore.server.moves import Moves
from quantumcore.server.settings import Settings
from quantumcore.server.snapshot_process import SnapshotProcess
from tests.server.snapshots.history import Storing

SOURCE = "postgresql://u:FIRST-SECRET@h/db"
TARGET = "postgresql://u:SECOND-SECRET@other/db"
VENUE = """
import asyncio, sys
from pathlib import Path
from quantumcore.server.feeder_process import FeederProcess
from quantumcore.server.settings import Settings
from quantumcore.server.snapshot_process import SnapshotProcess

async def main():
    data = Path(sys.argv[1])
    kept = [FeederProcess(data, f"sqlite:///{data / 'events.db'}")]
    kept.append(SnapshotProcess(Settings(dev=True, data=data, snapshot_interval_events=10), 0))
    for one in kept:
        one.start()
    await asyncio.sleep(0.1)
    print(*(one._process.pid for one in kept), flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_no_argument_tells_where_a_store_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = list[tuple[list[str], dict[str, str]]]()

    def start(command: list[str], *, env: dict[str, str]) -> Any:
        started.append((command, env))
        raise FileNotFoundError("nothing is started")

    monkeypatch.setattr(subprocess, "Popen", start)
    settings = Settings(dev=True, data=tmp_path, event_store=SOURCE, journal_retention=True)
    moves = Moves(tmp_path, SOURCE, TARGET)
    kept: list[KeptProcess] = [FeederProcess(tmp_path, SOURCE), SnapshotProcess(settings, 0)]
    kept += [*moves._feeders.values(), moves._mover]
    for process in kept:
        process.start()
    await asyncio.sleep(0.01)
    for process in kept:
        await process.stop()
    await moves.stop()
    assert len(started) == len(kept)
    assert not any("SECRET" in word for command, _ in started for word in command)
    stores = [environment["QC_STORE_URL"] for _, environment in started]
    assert stores == [SOURCE, SOURCE, SOURCE, TARGET, SOURCE]
    assert started[-1][1]["QC_TARGET_URL"] == TARGET
    assert all(str(os.getpid()) in command for command, _ in started)


async def test_none_outlives_a_venue_that_is_killed(tmp_path: Path) -> None:
    venue = Storing(tmp_path)
    venue.journal.close()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VENUE, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    beside = [int(word) for word in (await process.stdout.readline()).split()]
    async with asyncio.timeout(60):
        await until((tmp_path / "events.db").exists)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await until(lambda: not any(runs(one) for one in beside))
    assert len(beside) == 2


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for is another process
        await asyncio.sleep(0.02)


def runs(process: int) -> bool:
    """Tell whether a process runs; one that nobody has asked for its exit code does not."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
