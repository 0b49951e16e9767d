"""The Trade stream: batches of commands in, acknowledgements and executions out."""

import asyncio
from collections.abc import Iterable

from quantumcore.server.api.auth import permitted_bytes
from quantumcore.server.api.errors import (
    Draining,
    InvalidField,
    JournalUnavailable,
    Malformed,
    NotFound,
    RpcFailure,
)
from quantumcore.server.api.outbox import Outbox
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.rpc import Call, parse
from quantumcore.server.api.streams import Streams, pump
from quantumcore.server.api.wire import order_wire_cy as wire
from quantumcore.server.api.wire.errors import WireError
from quantumcore.server.api.writer import Writer
from quantumcore.server.core import kinds, order_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.journal.journal import Journal
from quantumcore.server.settings import StreamSettings
from quantumcore.v1.order_service_pb2 import TradeOptions, TradeRequest, TradeResponse
from quantumcore.v1.stream_pb2 import Watermarks

LOW_32 = 0xFFFF_FFFF
LAST_SESSION = 2**31 - 1


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
    ) -> None:
        self.exchange = exchange
        self.writer = writer
        self.publisher = publisher
        self.settings = settings
        self._journal = journal
        self._streams = streams
        self._last_session = 0
        self._open = 0
        self._left = asyncio.Event()

    def new_session(self) -> int:
        """Number a session: unlike any other under way, and any before a restart."""
        number = self.exchange.sequence % LAST_SESSION + 1
        self._last_session = max(number, self._last_session % LAST_SESSION + 1)
        return self._last_session

    async def serve(self, call: Call) -> None:
        """Serve one stream until either side ends it."""
        with self._streams.opened(TradeResponse) as outbox:
            outbox.trailer = self._watermarks
            self._open += 1
            try:
                await TradeStream(self, call, outbox).serve()
            finally:
                self._open -= 1
                self._left.set()

    async def all_left(self) -> None:
        """Wait until no stream is open, each having cancelled what its end cancels."""
        while self._open:
            self._left.clear()
            await self._left.wait()

    def _watermarks(self) -> bytes:
        marks = Watermarks(
            accepted_sequence=self._journal.accepted_sequence,
            durable_sequence=self._journal.durable_sequence,
        )
        return TradeResponse(watermarks=marks).SerializeToString()


class TradeStream:
    """One stream: reads while there is room for its answers, so that a client cannot flood it."""

    def __init__(self, shared: TradeStreams, call: Call, outbox: Outbox) -> None:
        self._shared = shared
        self._call = call
        self._outbox = outbox
        self._failure: Exception | None = None
        self._executions: bytes | None = None
        self._cancels_on_disconnect = False
        self._session = 0
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
        except (Draining, JournalUnavailable):
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
        try:
            if wire.has_options(data):
                self._take_options(data)
            self._first = False
            self._submit(data)
        except WireError as error:
            raise Malformed(TradeRequest.DESCRIPTOR.full_name, str(error)) from None

    def _submit(self, data: bytes) -> None:
        writer = self._shared.writer
        if self._cancels_on_disconnect and not self._session:
            self._session = self._shared.new_session()
        self._unanswered.append(len(data))
        self._unanswered_bytes += len(data)
        try:
            first, last = writer.submit(
                wire.decode_trade_commands, data, self._call.identity, self, self._session
            )
        except BaseException:
            self._unanswered_bytes -= self._unanswered.pop()
            raise
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
        if self._session and not self._shared.writer.failed:
            for account_id in sorted(filter(self._call.identity.may_use, self._accounts)):
                self._cancel(account_id)

    def _cancel(self, account_id: int) -> None:
        actor = self._call.identity.actor(self._session)
        self._shared.writer.command(
            lambda exchange: order_commands.cancel_orders(
                exchange, account_id=account_id, session=self._session, actor=actor
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
