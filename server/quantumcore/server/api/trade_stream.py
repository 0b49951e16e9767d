"""The Trade stream: batches of commands in, acknowledgements and executions out."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

from quantumcore.server.api.auth import Identity, permitted_bytes
from quantumcore.server.api.errors import (
    Draining,
    InvalidField,
    JournalUnavailable,
    Malformed,
    NotFound,
    RpcFailure,
    TooMany,
    VenueFaulted,
)
from quantumcore.server.api.outbox import Outbox
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.rpc import Call, parse
from quantumcore.server.api.streams import Streams, pump
from quantumcore.server.api.wire import order_wire_cy as wire
from quantumcore.server.api.wire.errors import WireError
from quantumcore.server.api.writer import Writer
from quantumcore.server.core import admin_commands, kinds, order_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.journal.journal import Journal
from quantumcore.server.settings import StreamSettings
from quantumcore.v1.order_service_pb2 import TradeOptions, TradeRequest, TradeResponse
from quantumcore.v1.principal_pb2 import Session, SessionProtocol
from quantumcore.v1.stream_pb2 import Watermarks

LOW_32 = 0xFFFF_FFFF


class TradeStreams:
    """What Trade streams share."""

    def __init__(
        self,
        exchange: Exchange,
        writer: Writer,
        journal: Journal,
        publisher: Publisher,
        streams: Streams,
        settings: StreamSettings,
        clock: Callable[[], int],
    ) -> None:
        self.exchange = exchange
        self.writer = writer
        self.publisher = publisher
        self.settings = settings
        self.clock = clock
        self._journal = journal
        self._streams = streams
        self._sessions: dict[int, TradeStream] = {}
        self._open = 0
        self._left = asyncio.Event()

    def sessions(self) -> list[Session]:
        """Tell how the open sessions stand, ascending by id."""
        return [stream.session() for _number, stream in sorted(self._sessions.items())]

    async def serve(self, call: Call) -> None:
        """Serve one stream until either side ends it."""
        with self._streams.opened(TradeResponse) as outbox:
            self._open += 1
            stream = TradeStream(self, call, outbox)
            try:
                await stream.serve()
            finally:
                self._sessions.pop(stream.number, None)
                self._open -= 1
                self._left.set()

    def open_session(self, stream: "TradeStream", identity: Identity) -> int:
        """Number a session, unlike any other ever; raise a failure where none can begin."""
        self.writer.check_accepting()
        actor = identity.actor()
        row = self.writer.command(partial(admin_commands.open_session, actor=actor))
        if row.reject_reason:
            raise TooMany("the venue has numbered all sessions that it can", limit=row.limit)
        self._sessions[row.affected] = stream
        return row.affected

    async def all_left(self) -> None:
        """Wait until no stream is open, each having cancelled what its end cancels."""
        while self._open:
            self._left.clear()
            await self._left.wait()

    def watermarks(self) -> Watermarks:
        """Tell how far the journal is."""
        return Watermarks(
            accepted_sequence=self._journal.accepted_sequence,
            durable_sequence=self._journal.durable_sequence,
        )


class TradeStream:
    """One stream: reads while there is room for its answers, so that a client cannot flood it.

    It is a session from its first message on: `number` is 0 before.
    """

    def __init__(self, shared: TradeStreams, call: Call, outbox: Outbox) -> None:
        self._shared = shared
        self._call = call
        self._outbox = outbox
        self._failure: Exception | None = None
        self._executions: bytes | None = None
        self._cancels_on_disconnect = False
        self.number = self._untold = 0
        outbox.trailer = self._trailer
        self._started_ns = self._last_received_ns = shared.clock()
        self._command_count = 0
        self._accounts: set[int] = set()
        self._first = True
        self._unanswered: list[int] = []
        self._unanswered_bytes = 0
        self._progress = asyncio.Event()

    async def serve(self) -> None:
        """Read and send until either side ends the stream; raise what ended it, if anything."""
        reading = asyncio.ensure_future(self._read())
        try:
            await pump(self._call, self._outbox)
        finally:
            reading.cancel()
            self._leave()
            await asyncio.gather(reading, return_exceptions=True)
        if self._failure is not None:
            raise self._failure

    def session(self) -> Session:
        """Tell how the session stands."""
        return Session(
            session_id=self.number,
            principal_id=self._call.identity.number,
            protocol=SessionProtocol.SESSION_PROTOCOL_GRPC,
            peer_address=self._call.context.peer(),
            started_time_ns=self._started_ns,
            last_received_time_ns=self._last_received_ns,
            command_count=self._command_count,
            cancel_on_disconnect=self._cancels_on_disconnect,
            outbound_queue_messages=self._outbox.waiting_count,
        )

    def _trailer(self) -> bytes:
        """End a message: with the journal's watermarks, the next one also with the session's id."""
        told, self._untold = self._untold, 0
        marks = self._shared.watermarks()
        return TradeResponse(watermarks=marks, session_id=told).SerializeToString()

    def acknowledged(self, data: bytes) -> None:
        """Send the answers to one request."""
        self._outbox.put(data)
        self._unanswered_bytes -= self._unanswered.pop(0)
        self._progress.set()

    def refused(self, _failure: RpcFailure) -> None:
        """Answer nothing: the journal failed, and the stream ends with that reason."""
        self._unanswered_bytes -= self._unanswered.pop(0)
        self._progress.set()

    async def _read(self) -> None:
        try:
            async for data in self._call.messages():
                self._take(data)
                await self._room()
        except (Draining, JournalUnavailable, VenueFaulted):
            return  # the stream has been ended with that reason
        except Exception as failure:  # noqa: BLE001 - whatever it is, the stream ends with it
            self._failure = failure
        await self._answers_below(1)
        self._outbox.close()

    async def _room(self) -> None:
        limit = self._shared.settings.pause_reading_bytes
        await self._answers_below(limit)
        await self._outbox.room(limit)

    async def _answers_below(self, limit: int) -> None:
        while self._unanswered_bytes >= limit or (limit == 1 and self._unanswered):
            self._progress.clear()
            await self._progress.wait()

    def _take(self, data: bytes) -> None:
        self._last_received_ns = self._shared.clock()
        try:
            if wire.has_options(data):
                self._take_options(data)
            self._first = False
            self._submit(data)
        except WireError as error:
            raise Malformed(TradeRequest.DESCRIPTOR.full_name, str(error)) from None

    def _submit(self, data: bytes) -> None:
        writer = self._shared.writer
        if not self.number:
            wire.check_trade_request(data)
            self.number = self._untold = self._shared.open_session(self, self._call.identity)
        session = self.number | (kinds.SESSION_CANCELS if self._cancels_on_disconnect else 0)
        self._unanswered.append(len(data))
        self._unanswered_bytes += len(data)
        try:
            first, last = writer.submit(
                wire.decode_trade_commands, data, self._call.identity, self, session
            )
        except BaseException:
            self._unanswered_bytes -= self._unanswered.pop()
            raise
        self._command_count += last - first
        if self._cancels_on_disconnect:
            self._note_accounts(first, last)
        writer.end_of_submission()

    def _take_options(self, data: bytes) -> None:
        if not self._first:
            raise InvalidField("options", "is allowed on the first message only")
        options: TradeOptions = parse(TradeRequest, data).options
        self._cancels_on_disconnect = options.cancel_on_disconnect
        if options.execution_account_ids:
            self._executions = wanted_accounts(
                self._call, self._shared.exchange, options.execution_account_ids
            )
            self._shared.publisher.join(self._executions, wire.TRADE_EXECUTIONS, self._outbox)

    def _note_accounts(self, first: int, last: int) -> None:
        """Remember whose orders to cancel when the stream ends."""
        exchange = self._shared.exchange
        rows = exchange.results.view(first * kinds.RESULT_WORDS, last * kinds.RESULT_WORDS)
        records = rows.cast("q")[kinds.RESULT_RECORD :: kinds.RESULT_WORDS].tolist()
        words = exchange.turn.view().cast("q")
        self._accounts.update(words[at + kinds.COMMAND_PARTIES] & LOW_32 for at in records)

    def _leave(self) -> None:
        if self._executions is not None:
            self._shared.publisher.leave(self._executions, wire.TRADE_EXECUTIONS, self._outbox)
        if self._accounts and not self._shared.writer.failed:
            for account_id in sorted(filter(self._call.identity.may_use, self._accounts)):
                self._cancel(account_id)

    def _cancel(self, account_id: int) -> None:
        self._shared.writer.command(
            partial(
                order_commands.cancel_orders,
                account_id=account_id,
                session=self.number,
                ended=True,
                actor=self._call.identity.actor(self.number),
            )
        )


def wanted_accounts(call: Call, exchange: Exchange, account_ids: Iterable[int]) -> bytes:
    """Lay out the accounts whose executions are wanted; raise NotPermitted or NotFound."""
    wanted = frozenset(account_ids)
    for account_id in sorted(wanted):
        call.identity.require_account(account_id)
        if not 1 <= account_id <= exchange.account_count:
            raise NotFound(f"there is no account {account_id}", value=account_id)
    return permitted_bytes(wanted)
