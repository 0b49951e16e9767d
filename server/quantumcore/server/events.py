"""The event store beside a venue: the processes that feed it, and the service that reads it."""

from collections.abc import Callable

from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.api.event_store_service import EventStoreService
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.streams import Streams
from quantumcore.server.api.writer import Writer
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.feeder_process import FeederProcess
from quantumcore.server.lag import Lag
from quantumcore.server.moves import Moves, check_no_move
from quantumcore.server.settings import Settings
from quantumcore.v1.status_pb2 import ProjectionStatus


class Events:
    """What a venue has of an event store; nothing where its settings name none."""

    def __init__(self, settings: Settings) -> None:
        """Raise MoveUnderWay where settings do not name the stores of a move that is under way."""
        self._settings, url = settings, settings.event_store
        self._feeder: FeederProcess | None = None
        self._moves: Moves | None = None
        self._access: EventAccess | None = None
        self._lag: Lag | None = None
        self._service: EventStoreService | None = None
        if settings.migration_target:
            self._moves = Moves(settings.data, url, settings.migration_target)
            self._access = self._moves.access
            return
        check_no_move(settings.data, url)
        if url:
            self._feeder = FeederProcess(settings.data, url)
            self._access = EventAccess(url)

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
            self._service = services["EventStoreService"] = EventStoreService(
                self._access,
                publisher,
                streams,
                writer,
                exchange,
                self._settings,
                clock,
                self._moves,
            )

    def start(self, *, accepted: Callable[[], int], clock: Callable[[], int]) -> None:
        """Begin to feed, and to look how far that is behind what the journal has accepted."""
        if self._feeder is not None:
            self._feeder.start()
        if self._moves is not None:
            self._moves.start()
        if self._access is not None:
            most_s = self._settings.event_store_max_lag_s
            self._lag = Lag(self._access, accepted=accepted, clock=clock, most_s=most_s)
            self._lag.start()

    def standing(self) -> list[ProjectionStatus]:
        """Tell how far what follows the journal is."""
        return self._lag.tell() if self._lag is not None else []

    async def stop(self) -> None:
        """End the processes and give back all connections."""
        if self._service is not None:
            await self._service.stop()
        if self._lag is not None:
            await self._lag.stop()
        if self._feeder is not None:
            await self._feeder.stop()
        if self._moves is not None:
            await self._moves.stop()
        elif self._access is not None:
            await self._access.close()
