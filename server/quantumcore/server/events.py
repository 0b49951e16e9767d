"""The event store beside a venue: the process that feeds it, and the service that reads it."""

from collections.abc import Callable

from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.api.event_store_service import EventStoreService
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.streams import Streams
from quantumcore.server.api.writer import Writer
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.feeder_process import FeederProcess
from quantumcore.server.settings import Settings


class Events:
    """What a venue has of an event store; nothing where its settings name none."""

    def __init__(self, settings: Settings) -> None:
        self._settings, url = settings, settings.event_store
        self._feeder = FeederProcess(settings.data, url) if url else None
        self._access = EventAccess(url) if url else None

    def add_to(
        self,
        services: dict[str, object],
        publisher: Publisher,
        streams: Streams,
        writer: Writer,
        exchange: Exchange,
        clock: Callable[[], int],
    ) -> None:
        """Add the service, where there is a store to read."""
        if self._access is not None:
            services["EventStoreService"] = EventStoreService(
                self._access, publisher, streams, writer, exchange, self._settings, clock
            )

    def start(self) -> None:
        """Begin to feed."""
        if self._feeder is not None:
            self._feeder.start()

    async def stop(self) -> None:
        """End the feeder and give back all connections."""
        if self._feeder is not None:
            await self._feeder.stop()
        if self._access is not None:
            await self._access.close()
