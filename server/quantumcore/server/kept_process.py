"""A process beside a venue, kept running for as long as the venue runs."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from time import monotonic

import structlog

STOP_TIMEOUT_S = 10.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0
"""After a run as long as this, the pause before the next start is the first one again."""
OnEnd = Callable[[int], Awaitable[None]]

log = structlog.get_logger("quantumcore.processes")


class KeptProcess:
    """Starts a module of the server, and again where it ends unasked.

    It has an interpreter of its own, so that it takes nothing from orders but processor time; its
    log goes where the venue's goes. With an exit code in `final` it is not started again; `on_end`
    is told the code of every other end that nobody asked for.
    """

    def __init__(
        self,
        module: str,
        arguments: list[str],
        *,
        environment: Mapping[str, str] | None = None,
        final: frozenset[int] = frozenset(),
        on_end: OnEnd | None = None,
    ) -> None:
        """`environment` is for what nobody else may see: arguments are shown to everybody."""
        self._module, self._arguments, self._final = module, arguments, final
        self._environment = environment or {}
        self._on_end = on_end
        self._running: asyncio.Task[None] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_started(self) -> bool:
        """Whether it was started and not stopped."""
        return self._running is not None

    def start(self) -> None:
        """Begin to keep it running."""
        self._running = asyncio.ensure_future(self._keep())

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs now."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    async def stop(self) -> None:
        """End it: it stores what it has begun, or is killed where that takes too long."""
        running, self._running = self._running, None
        if running is None:
            return
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)

    async def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            began_s = monotonic()
            try:
                code = await self._run()
            except OSError as problem:
                log.warning(
                    "a process cannot be started",
                    module=self._module,
                    reason=str(problem),
                    again_in_s=pause_s,
                )
            else:
                if code in self._final:
                    log.critical("a process ended for good", module=self._module, code=code)
                    return
                if monotonic() - began_s >= STEADY_AFTER_S:
                    pause_s = FIRST_PAUSE_S
                log.error("a process ended", module=self._module, code=code, again_in_s=pause_s)
                if self._on_end is not None:
                    await self._on_end(code)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _run(self) -> int:
        """Start it, and return its exit code when it has ended.

        The standard library starts it without running what gRPC does around a fork: that would
        shut down the connections which both processes share until the new one has begun.
        """
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        command = [sys.executable, "-m", self._module, *self._arguments]
        process = self._process = subprocess.Popen(  # noqa: ASYNC220, S603 - as said above
            command, env=os.environ | dict(self._environment)
        )

        def wait() -> None:
            code = process.wait()
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(_conclude, ended, code)

        threading.Thread(target=wait, name=f"wait-{self._module}", daemon=True).start()
        code: int = await ended
        return code


def _conclude(ended: "asyncio.Future[int]", code: int) -> None:
    if not ended.done():
        ended.set_result(code)
