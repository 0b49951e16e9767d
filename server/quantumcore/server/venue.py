"""One running venue: everything built from settings, recovered, served, drained."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import perf_counter, time_ns
from typing import Any

import grpc
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer as AsyncHealthServicer

from quantumcore.server.api.admin_service import AdminService
from quantumcore.server.api.auth import Identities
from quantumcore.server.api.catch_up import CatchUp
from quantumcore.server.api.execution_stream import ExecutionStreams
from quantumcore.server.api.history import History
from quantumcore.server.api.instrument_service import InstrumentService
from quantumcore.server.api.market_data_service import MarketDataService
from quantumcore.server.api.matching_service import MatchingService
from quantumcore.server.api.order_service import OrderService
from quantumcore.server.api.position_stream import PositionStreams
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.reads import Reads
from quantumcore.server.api.risk_service import RiskService
from quantumcore.server.api.rpc import Door, contract_rpcs
from quantumcore.server.api.snapshot_service import SnapshotService
from quantumcore.server.api.status_stream import StatusStreams
from quantumcore.server.api.streams import Streams
from quantumcore.server.api.timekeeper import Timekeeper
from quantumcore.server.api.trade_stream import TradeStreams
from quantumcore.server.api.turn import Turn
from quantumcore.server.api.writer import Writer
from quantumcore.server.core.admin_commands import configure
from quantumcore.server.core.order_commands import cancel_orders
from quantumcore.server.door import add_development_services, options, server_credentials
from quantumcore.server.events import Events
from quantumcore.server.feed.books import Books
from quantumcore.server.feed.quotes import Quotes
from quantumcore.server.feed.tape import Tape
from quantumcore.server.journal.errors import JournalFailed
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.journal import Journal
from quantumcore.server.journal.settings import Durability, JournalSettings
from quantumcore.server.recovery import Recovery
from quantumcore.server.settings import Settings
from quantumcore.server.snapshot_process import SnapshotProcess
from quantumcore.server.snapshots.directory import SnapshotDirectory
from quantumcore.server.status import Started, status_of
from quantumcore.v1.status_pb2 import VenueState, VenueStatus
from quantumcore.v1.stream_pb2 import StreamEndReason

log = structlog.get_logger("quantumcore.venue")


class Venue:
    """Open the journal and recover, serve, and drain; on one event loop.

    `clock` gives ns since the Unix epoch; `files` is the file system that the journal uses.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], int] = time_ns,
        files: Files | None = None,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._events = Events(settings)
        self._recovery = Recovery(
            order_capacity=settings.order_capacity, prefault=settings.prefault
        )
        self.journal = self._recover(files)
        self.exchange = self._recovery.exchange
        self._started = Started(clock())
        self._wire()
        self._health = AsyncHealthServicer()
        self._snapshots = SnapshotProcess(settings, self._recovery.snapshot_sequence)
        self._publisher.after_turn(self._look_at_snapshots)
        self._server: grpc.aio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Serve; `port` is set when this returns. Raises OSError where the address is taken."""
        self._begin_journal()
        self._cancel_orphans()
        server = grpc.aio.server(options=options())
        server.add_generic_rpc_handlers(tuple(self._handlers()))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        if self.settings.development:
            add_development_services(server)
        self.port = self._bind(server)
        await server.start()
        self._server = server
        self.streams.start()
        self._events.start(accepted=lambda: self.journal.accepted_sequence, clock=self._clock)
        self._look_at_snapshots()
        self.timekeeper.look()
        await self._set_health(health_pb2.HealthCheckResponse.SERVING)
        log.info("serving", address=f"{self.settings.host}:{self.port}", epoch=self.journal.epoch)

    def _begin_journal(self) -> None:
        """Write down first of all what the exchange is built with."""
        if self.exchange.sequence == 0:
            self.writer.command(configure)
            self.writer.flush()

    def _cancel_orphans(self) -> None:
        """Cancel the orders of sessions that a crash ended, as their end would have done."""
        for account_id in self.exchange.accounts_with_sessions():
            log.info("cancelling orders of ended sessions", account_id=account_id)
            self.writer.command(partial(cancel_orders, account_id=account_id, ended=True))
        self.writer.flush()

    async def drain(self) -> None:
        """End all streams with a reason, refuse commands, store everything, and stop."""
        await self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        reason = StreamEndReason.STREAM_END_REASON_DRAINING
        self.writer.stop_accepting()
        self.timekeeper.stop()
        self.streams.end_all(reason, "the venue is shutting down")
        if self._server is not None:
            await self._server.stop(self.settings.drain_timeout_s)
        self.streams.stop()
        await self._events.stop()
        await self._snapshots.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._trades.all_left(), self.settings.drain_timeout_s)
        self._books.close()
        self.writer.flush()
        await self._health.enter_graceful_shutdown()
        self.close()
        log.info("drained", sequence=self.exchange.sequence)

    def close(self) -> None:
        """Sync and close the journal; where it has failed, say so again."""
        try:
            self.journal.close()
        except JournalFailed:
            log.exception("journal not closed cleanly")

    def _recover(self, files: Files | None) -> Journal:
        """Begin with the newest snapshot, replay the journal behind it, and be ready to append."""
        began_s, recovery = perf_counter(), self._recovery
        snapshots = SnapshotDirectory(self.settings.data, files=files)
        if self.settings.snapshots:
            recovery.begin(snapshots)
        before = recovery.command_count
        journal = self._open_journal(files)
        snapshots.set_foreign_aside(journal.accepted_sequence)
        log.info(
            "recovered",
            sequence=recovery.exchange.sequence,
            snapshot_sequence=recovery.snapshot_sequence,
            commands=recovery.command_count,
            replayed=recovery.command_count - before,
            seconds=round(perf_counter() - began_s, 3),
        )
        return journal

    def _open_journal(self, files: Files | None) -> Journal:
        return Journal.open(
            self.settings.journal_directory,
            after=self._recovery.mark,
            settings=JournalSettings(
                durability=Durability(self.settings.durability),
                segment_bytes=self.settings.segment_bytes,
                commit_window_ms=self.settings.commit_window_ms,
            ),
            visit=self._recovery.visit,
            on_durable=lambda sequence: self._from_sync_thread(self.writer.durable, sequence),
            on_failure=lambda failure: self._from_sync_thread(self.writer.fail, failure),
            files=files,
        )

    def _from_sync_thread(self, action: Callable[..., None], argument: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(action, argument)

    def _wire(self) -> None:
        self.catalogue = self._recovery.catalogue
        self.writer = Writer(
            self.exchange,
            self.journal,
            clock=self._clock,
            waits_for_disk=self.settings.durability == "disk",
            max_turn_bytes=self.settings.max_turn_bytes,
            max_unsynced_bytes=self.settings.max_unsynced_bytes,
            publish=self._publish,
            on_failure=self._fail,
        )
        self.writer.command_count = self._recovery.command_count
        self.timekeeper = Timekeeper(self.exchange, self.writer, self._clock)
        self.writer.after_turn = self.timekeeper.look
        self._books = Books(
            self.exchange, self.writer, self._recovery.last_changes, epoch=self.journal.epoch
        )
        self._publisher = Publisher(
            Tape(),
            self._books,
            time_ns=self._recovery.time_ns,
            sequence=self.exchange.sequence,
            trade_count=self._recovery.trade_count,
        )
        self.streams = Streams(self.settings.streams, self._publisher.position)
        self._statuses = StatusStreams(self.catalogue, self.streams)
        self._publisher.listen(self.catalogue.apply)
        self._publisher.listen(self._statuses.publish)

    def _look_at_snapshots(self) -> None:
        self._snapshots.look(self._publisher.sequence)

    def _publish(self, turn: Turn) -> None:
        self._publisher.publish(turn)

    def _handlers(self) -> "list[grpc.GenericRpcHandler[Any, Any]]":
        settings, exchange, writer = self.settings, self.exchange, self.writer
        reads = Reads(exchange, writer, timeout_s=settings.read_timeout_s)
        history = History(settings.journal_directory)
        catch_up = CatchUp(history, self._publisher)
        self._trades = TradeStreams(
            exchange,
            writer,
            self.journal,
            self._publisher,
            self.streams,
            settings.streams,
            self._clock,
        )
        executions = ExecutionStreams(exchange, self._publisher, self.streams, catch_up)
        positions = PositionStreams(exchange, reads, self.streams, self._clock)
        self._publisher.after_turn(positions.publish)
        services: dict[str, object] = {
            "OrderService": OrderService(
                exchange, writer, self.catalogue, reads, self._trades, executions
            ),
            "MatchingService": MatchingService(
                exchange,
                reads,
                self._books,
                self._publisher.tape,
                self.streams,
                catch_up,
                settings.streams,
            ),
            "InstrumentService": InstrumentService(
                exchange, writer, self.catalogue, reads, self._statuses
            ),
            "AdminService": AdminService(
                exchange,
                writer,
                self.catalogue,
                reads,
                history,
                self._status,
                self._trades.sessions,
            ),
            "RiskService": RiskService(
                exchange, writer, self.catalogue, reads, positions, self._clock
            ),
            "MarketDataService": MarketDataService(exchange, writer, Quotes(clock=self._clock)),
        }
        self._events.add_to(services, self._publisher, self.streams, writer, exchange, self._clock)
        snapshots = SnapshotService(
            SnapshotDirectory(settings.data),
            reads,
            sequence=lambda: self.exchange.sequence,
            take=self._snapshots.take,
            timeout_s=settings.read_timeout_s,
        )
        services["EventStoreService"] = snapshots, services.get("EventStoreService")
        return Door(Identities(settings.identities)).handlers(services)

    def _bind(self, server: grpc.aio.Server) -> int:
        address, tls = self.settings.listen, self.settings.tls
        try:
            if tls is None:
                return server.add_insecure_port(address)
            return server.add_secure_port(address, server_credentials(tls))
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}: {error}") from error

    def _fail(self) -> None:
        if self.writer.faulted:
            reason = StreamEndReason.STREAM_END_REASON_VENUE_FAULTED
            self.streams.end_all(reason, "a command broke half way")
        else:
            reason = StreamEndReason.STREAM_END_REASON_JOURNAL_FAILED
            self.streams.end_all(reason, "the journal cannot be written")
        not_serving = health_pb2.HealthCheckResponse.NOT_SERVING
        self._failing = asyncio.ensure_future(self._set_health(not_serving))

    async def _set_health(self, status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        services = {rpc.service.full_name for rpc in contract_rpcs()}
        for name in ("", *sorted(services)):
            await self._health.set(name, status)

    def _status(self) -> VenueStatus:
        return status_of(
            self.exchange,
            self.journal,
            self._started,
            state=self._state(),
            time_ns=self._clock(),
            command_count=self.writer.command_count,
            trade_count=self._publisher.trade_count,
            session_count=len(self.streams),
            order_capacity=self.exchange.configuration[1],
            venue_killed=self.catalogue.venue_killed,
            projections=self._events.standing(),
        )

    def _state(self) -> VenueState.ValueType:
        if self.writer.faulted:
            return VenueState.VENUE_STATE_FAULTED
        if self.writer.failed:
            return VenueState.VENUE_STATE_JOURNAL_FAILED
        if self.writer.draining:
            return VenueState.VENUE_STATE_DRAINING
        return VenueState.VENUE_STATE_SERVING
