"""A venue in a thread of the test, where that it is a process of its own is not the subject."""

import asyncio
import logging
import os
import threading
from time import time_ns
from typing import Self

import structlog
from pydantic import SecretStr

from quantumcore.client.local import IDENTITY_NUMBER, LocalSettings, LocalVenue
from quantumcore.server.demonstration import furnish
from quantumcore.server.main import development_token
from quantumcore.server.settings import IdentitySettings, Settings, StreamSettings
from quantumcore.server.venue import Venue

ORDER_CAPACITY = 1 << 16
HEARTBEAT_INTERVAL_S = 0.2
WAIT_S = 60.0


class VenueThread(LocalVenue):
    """Serves as the process would, without the second that starting and ending one takes."""

    def __init__(self, settings: LocalSettings) -> None:
        super().__init__(settings)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="test-venue", daemon=True)

    @property
    def process_id(self) -> int:
        """Tell the id of this process."""
        return os.getpid()

    def start(self) -> Self:
        """Start the thread."""
        silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
        structlog.configure(wrapper_class=silent)
        self.settings.data.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def wait_until_ready(self) -> Self:
        """Wait until it serves, the demonstration listing included."""
        assert self._ready.wait(WAIT_S)
        if self._failure is not None:
            raise self._failure
        return self

    def stop(self, timeout_s: float = WAIT_S) -> int:
        """Let it drain and end."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout_s)
        assert not self._thread.is_alive()
        structlog.reset_defaults()
        return 0

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:
            self._failure = failure
            raise
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        settings, token = development_token(self._venue_settings())
        venue = Venue(settings)
        await venue.start()
        if settings.demo:
            await furnish(venue.port, token, time_ns())
        self.address = f"{settings.host}:{venue.port}"
        self._ready.set()
        await self._stop.wait()
        await venue.drain()

    def _venue_settings(self) -> Settings:
        given = self.settings
        return Settings(
            listen=given.address,
            data=given.data,
            dev=not given.demo,
            demo=given.demo,
            order_capacity=ORDER_CAPACITY,
            streams=StreamSettings(heartbeat_interval_s=HEARTBEAT_INTERVAL_S),
            identities=(
                IdentitySettings(
                    name="local",
                    number=IDENTITY_NUMBER,
                    token=SecretStr(given.token),
                    accounts="all",
                    admin=True,
                ),
            ),
        )
