"""What is kept running beside a venue is started again, whatever ended it."""

import asyncio
import subprocess
from typing import Any

import pytest

from quantumcore.server import kept_process
from quantumcore.server.kept_process import KeptProcess


async def ended(kept: KeptProcess, codes: list[int], count: int) -> None:
    kept.start()
    async with asyncio.timeout(20):
        while len(codes) < count:  # noqa: ASYNC110 - what is waited for is another process
            await asyncio.sleep(0.01)
    await kept.stop()


async def test_a_process_that_cannot_be_started_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes, refused, popen = list[int](), list[int](), subprocess.Popen

    async def note(code: int) -> None:
        codes.append(code)

    def start(command: list[str], **more: Any) -> "subprocess.Popen[bytes]":
        if len(refused) < 2:
            refused.append(1)
            raise BlockingIOError("no more processes now")
        return popen(command, **more)

    monkeypatch.setattr(kept_process, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(subprocess, "Popen", start)
    await ended(KeptProcess("this", ["--x"], on_end=note), codes, 1)
    assert len(refused) == 2


async def test_after_a_long_run_the_pause_is_the_first_one_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes = list[int]()

    async def note(code: int) -> None:
        codes.append(code)

    monkeypatch.setattr(kept_process, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(kept_process, "STEADY_AFTER_S", 0.0)
    pauses, sleep = list[float](), asyncio.sleep

    async def note_pause(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", note_pause)
    kept = KeptProcess("json.tool", ["no file of that name"], on_end=note)
    kept.start()
    async with asyncio.timeout(20):
        while len(codes) < 3:
            await sleep(0.01)
    await kept.stop()
    assert set(pauses) == {0.01}
