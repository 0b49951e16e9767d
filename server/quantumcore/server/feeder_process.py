"""Processes that stand behind the journal beside a venue, kept running."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence

import structlog

STOP_TIMEOUT_S = 10.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0
OnEnd = Callable[[int], Awaitable[None]]

log = structlog.get_logger("quantumcore.feeder")


class FeederProcess:
    """Starts `quantumcore.server.store` with some arguments, and again where it ends unasked.

    It has an interpreter of its own, so that it takes nothing from orders but processor time; its
    log goes where the venue's goes. `on_end` is told the exit code of an end that nobody asked for.
    """

    def __init__(self, arguments: Sequence[str], *, on_end: OnEnd | None = None) -> None:
        self._arguments = list(arguments)
        self._on_end = on_end
        self._running: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_wanted(self) -> bool:
        """Tell whether it is kept running."""
        return self._running is not None

    def start(self) -> None:
        """Begin to keep it running."""
        self._running = asyncio.ensure_future(self._keep())

    async def stop(self) -> None:
        """End it: it stores what it has begun, or is killed where that takes too long."""
        running, self._running = self._running, None
        if running is None:
            return
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        clock = asyncio.get_running_loop().time
        while True:
            began_s = clock()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "quantumcore.server.store", *self._arguments
            )
            code = await self._process.wait()
            if clock() - began_s > STEADY_S:
                pause_s = FIRST_PAUSE_S
            name = self._arguments[0]
            log.error(
                "a process of the event store ended", name=name, code=code, again_in_s=pause_s
            )
            if self._on_end is not None:
                await self._on_end(code)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
