"""A process beside a venue, kept running for as long as the venue runs."""

import asyncio
import sys

import structlog

STOP_TIMEOUT_S = 10.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0

log = structlog.get_logger("quantumcore.processes")


class KeptProcess:
    """Starts a module of the server, and again where it ends unasked.

    It has an interpreter of its own, so that it takes nothing from orders but processor time; its
    log goes where the venue's goes. With an exit code in `final` it is not started again.
    """

    def __init__(
        self, module: str, arguments: list[str], *, final: frozenset[int] = frozenset()
    ) -> None:
        self._module, self._arguments, self._final = module, arguments, final
        self._running: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_started(self) -> bool:
        """Whether it was started and not stopped."""
        return self._running is not None

    def start(self) -> None:
        """Begin to keep it running."""
        self._running = asyncio.ensure_future(self._keep())

    async def stop(self) -> None:
        """End it: it stores what it has begun, or is killed where that takes too long."""
        if self._running is None:
            return
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
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
        while True:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self._module, *self._arguments
            )
            code = await self._process.wait()
            if code in self._final:
                log.critical("a process ended for good", module=self._module, code=code)
                return
            log.error("a process ended", module=self._module, code=code, again_in_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
