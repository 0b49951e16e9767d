"""The event store beside a venue: the processes that feed it, and the service that reads it."""

from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.api.event_store_service import EventStoreService
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.streams import Streams
from quantumcore.server.feeder_process import FeederProcess
from quantumcore.server.moves import Moves, check_no_move
from quantumcore.server.settings import Settings


class Events:
    """What a venue has of an event store; nothing where its settings name none."""

    def __init__(self, settings: Settings) -> None:
        """Raise MoveUnderWay where settings do not name the stores of a move that is under way."""
        self._settings, url = settings, settings.event_store
        self._feeder: FeederProcess | None = None
        self._moves: Moves | None = None
        self._access: EventAccess | None = None
        if settings.migration_target:
            self._moves = Moves(settings.data, url, settings.migration_target)
            self._access = self._moves.access
            return
        check_no_move(settings.data, url)
        if url:
            arguments = ["feed", "--migrate", "--data", str(settings.data), "--store", url]
            self._feeder = FeederProcess(arguments)
            self._access = EventAccess(url)

    def add_to(self, services: dict[str, object], publisher: Publisher, streams: Streams) -> None:
        """Add the service, where there is a store to read."""
        if self._access is not None:
            services["EventStoreService"] = EventStoreService(
                self._access,
                publisher,
                streams,
                timeout_s=self._settings.read_timeout_s,
                moves=self._moves,
            )

    async def start(self) -> None:
        """Begin to feed."""
        if self._feeder is not None:
            self._feeder.start()
        if self._moves is not None:
            await self._moves.start()

    async def stop(self) -> None:
        """End the processes and give back all connections."""
        if self._feeder is not None:
            await self._feeder.stop()
        if self._moves is not None:
            await self._moves.stop()
        elif self._access is not None:
            await self._access.close()
