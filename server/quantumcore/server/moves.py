"""The move of a venue's store: its processes and its readers follow its phase."""

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import structlog

from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.api.shadow_reads import ShadowReads
from quantumcore.server.kept_process import KeptProcess
from quantumcore.server.store.errors import MoveUnderWay
from quantumcore.server.store.migration.ledger import Ledger
from quantumcore.server.store.migration.moving import Advanced, Moving
from quantumcore.server.store.migration.phases import (
    COMPLETED,
    IDLE,
    READ_NEW,
    Side,
    is_moving,
    is_read,
    is_written,
    phase_name,
)
from quantumcore.server.store.opening import STORE_VARIABLE, TARGET_VARIABLE, named

log = structlog.get_logger("quantumcore.migration")

STORE = "quantumcore.server.store"
NICE = 5  # of the processes of a move: on a machine with few cores orders go first


class Moves:
    """Steers a move at run time; each store is fed by a process of its own.

    Feeding one store waits neither for the other nor for what compares them, and orders wait for
    none: all of these read the journal, each for itself.
    """

    def __init__(self, data: Path, source: str, target: str) -> None:
        """Open the ledger; raise MoveUnderWay where it tells of a move between other stores."""
        self.moving = Moving(data, source, target)
        self._steps = asyncio.Lock()
        self._stepping: set[asyncio.Task[Advanced]] = set()
        self._following: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._following.set_result(None)
        urls = self.moving.urls
        parent = ["--data", str(data), "--parent", str(os.getpid())]
        parent += ["--nice", str(NICE)]
        self._feeders = {
            side: KeptProcess(
                STORE,
                ["feed", "--migrate", "--side", side.name.lower(), *parent],
                environment={STORE_VARIABLE: urls[side]},
                on_end=partial(self._note_end, side),
            )
            for side in Side
        }
        self._mover = KeptProcess(
            STORE,
            ["move", *parent],
            environment={STORE_VARIABLE: source, TARGET_VARIABLE: target},
        )
        self.shadow: ShadowReads | None = None
        self.access = EventAccess(self._read_url(self.moving.phase))

    def start(self) -> None:
        """Begin to feed, copy and compare as the phase says."""
        self._follow(self.moving.phase)

    async def advance(
        self, expected: int, wanted: int, *, sequence: Callable[[], int], principal_id: int,
        request_id: int,
    ) -> Advanced:  # fmt: skip
        """Take a step and let readers and processes follow it; see Moving.advance.

        A caller who does not wait any longer changes nothing: what is begun is done. Processes that
        have to end are not waited for here, but before the next step.
        """
        step = asyncio.ensure_future(
            self._advance(
                partial(
                    self.moving.advance,
                    expected,
                    wanted,
                    principal_id=principal_id,
                    request_id=request_id,
                ),
                sequence,
            )
        )
        self._stepping.add(step)
        step.add_done_callback(self._concluded)
        return await asyncio.shield(step)

    async def _advance(
        self, take: Callable[..., Advanced], sequence: Callable[[], int]
    ) -> Advanced:
        async with self._steps:
            await self._arranged()
            done = await asyncio.to_thread(take, sequence=sequence())
            self._follow(await asyncio.to_thread(lambda: self.moving.phase))
            return done

    async def phase(self) -> int:
        """Return the phase once no step is under way."""
        async with self._steps:
            return await asyncio.to_thread(lambda: self.moving.phase)

    def _concluded(self, step: "asyncio.Task[Advanced]") -> None:
        """Forget a step; what it was refused for is told to the caller, if he is still there."""
        self._stepping.discard(step)
        if not step.cancelled() and (failure := step.exception()) is not None:
            log.debug("a step was not taken", reason=str(failure))

    async def stop(self) -> None:
        """End all processes and give back all connections."""
        await asyncio.gather(*self._stepping, return_exceptions=True)
        await self._arranged()
        await asyncio.gather(*(one.stop() for one in (self._mover, *self._feeders.values())))
        await self._shadow(wanted=False)
        await self.access.close()
        await asyncio.to_thread(self.moving.close)

    def _follow(self, phase: int) -> None:
        """Read what a phase says from now on, and begin to let processes be as it says."""
        self.access.read_from(self._read_url(phase))
        self._following = asyncio.ensure_future(self._arrange(phase))

    async def _arranged(self) -> None:
        """Wait until processes are as the last step wanted them, or could not be."""
        (problem,) = await asyncio.gather(self._following, return_exceptions=True)
        if problem is not None:
            log.error("the processes of the move are not as they should be", reason=str(problem))

    async def _arrange(self, phase: int) -> None:
        """Start and end processes; what is as it has to be is left alone."""
        await self._shadow(wanted=phase == READ_NEW)
        for side, feeder in self._feeders.items():
            await _run(feeder, wanted=is_written(side, phase))
        await _run(self._mover, wanted=is_moving(phase))

    async def _shadow(self, *, wanted: bool) -> None:
        """Ask the old store too, while both are written and the new one answers."""
        if wanted and self.shadow is None:
            self.shadow = ShadowReads(self.moving.urls[Side.SOURCE], self.moving.ledger)
        elif not wanted and self.shadow is not None:
            shadow, self.shadow = self.shadow, None
            await shadow.close()

    def _read_url(self, phase: int) -> str:
        side = Side.TARGET if is_read(Side.TARGET, phase) else Side.SOURCE
        return self.moving.urls[side]

    async def _note_end(self, side: Side, code: int) -> None:
        await asyncio.to_thread(self.moving.note_end, side, code)


async def _run(process: KeptProcess, *, wanted: bool) -> None:
    if wanted and not process.is_started:
        process.start()
    elif not wanted:
        await process.stop()


def check_no_move(data: Path, url: str) -> None:
    """Raise MoveUnderWay where a venue was moved, or is being, and its settings do not say so."""
    if not Ledger.is_there(data):
        return
    ledger = Ledger(data)
    held = ledger.move()
    ledger.close()
    if held is None or held.phase == IDLE:
        return
    if held.phase != COMPLETED:
        raise MoveUnderWay(
            f"a move to {held.target} is in phase {phase_name(held.phase)}: name it in "
            "migration_target, or take the move back first"
        )
    if url and held.source == named(url):
        raise MoveUnderWay(f"the store was moved to {held.target}: name that one in event_store")
