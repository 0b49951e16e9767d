"""Time takes effect by itself: once, when it is due, and never while the venue shuts down."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from quantumcore.server.api.timekeeper import Timekeeper
from quantumcore.server.core.admin_commands import advance_time


class Standing:
    """Stands for exchange and writer: what is due, what was written."""

    def __init__(self) -> None:
        self.unsettled = False
        self.next_due_ns = 0
        self.failed = self.draining = False
        self.written: list[Callable[..., Any]] = []
        self.rung = asyncio.Event()

    def command(self, command: Callable[..., Any]) -> None:
        self.written.append(command)
        self.next_due_ns, self.unsettled = 0, False
        self.rung.set()


@pytest.fixture
async def standing() -> Standing:
    return Standing()


@pytest.fixture
def now() -> list[int]:
    return [1_000]


@pytest.fixture
async def timekeeper(standing: Any, now: list[int]) -> Timekeeper:
    return Timekeeper(standing, standing, lambda: now[0])


async def test_what_is_due_already_is_written_at_once(
    timekeeper: Timekeeper, standing: Standing
) -> None:
    standing.next_due_ns = 999
    timekeeper.look()
    await asyncio.wait_for(standing.rung.wait(), 5)
    assert standing.written == [advance_time]


async def test_leftovers_go_on_at_once(timekeeper: Timekeeper, standing: Standing) -> None:
    standing.unsettled = True
    timekeeper.look()
    await asyncio.wait_for(standing.rung.wait(), 5)
    assert standing.written == [advance_time]


async def test_nothing_is_written_before_its_time(
    timekeeper: Timekeeper, standing: Standing, now: list[int]
) -> None:
    standing.next_due_ns = 2_000
    timekeeper.ring()
    assert standing.written == []
    now[0] = 2_000
    timekeeper.ring()
    assert standing.written == [advance_time]


async def test_a_sooner_end_moves_the_alarm(timekeeper: Timekeeper, standing: Standing) -> None:
    standing.next_due_ns = 10**18
    timekeeper.look()
    standing.next_due_ns = 1_001
    timekeeper.look()
    standing.next_due_ns = 999
    timekeeper.look()
    await asyncio.wait_for(standing.rung.wait(), 5)
    assert standing.written == [advance_time]


async def test_nothing_is_written_once_it_is_stopped(
    timekeeper: Timekeeper, standing: Standing
) -> None:
    standing.next_due_ns = 999
    timekeeper.look()
    timekeeper.stop()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert standing.written == []


@pytest.mark.parametrize("state", ["failed", "draining"])
async def test_a_venue_that_stops_writes_nothing(
    timekeeper: Timekeeper, standing: Standing, state: str
) -> None:
    standing.next_due_ns = 999
    setattr(standing, state, True)
    timekeeper.ring()
    assert standing.written == []
