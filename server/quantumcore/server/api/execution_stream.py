"""StreamExecutions: what happened to orders of some accounts, from the past into the present."""

from quantumcore.server.api.catch_up import CatchUp
from quantumcore.server.api.errors import InvalidField
from quantumcore.server.api.history import Span
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.streams import Streams, pump
from quantumcore.server.api.trade_stream import wanted_accounts
from quantumcore.server.api.wire.order_wire_cy import STREAM_EXECUTIONS, encode_executions
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1.order_service_pb2 import StreamExecutionsRequest, StreamExecutionsResponse

MAX_ACCOUNTS = 1000


class ExecutionStreams:
    """Serve streams of executions."""

    def __init__(
        self, exchange: Exchange, publisher: Publisher, streams: Streams, catch_up: CatchUp
    ) -> None:
        self._exchange = exchange
        self._publisher = publisher
        self._streams = streams
        self._catch_up = catch_up

    async def serve(self, request: StreamExecutionsRequest, call: Call) -> None:
        """Serve one stream until either side ends it."""
        if not 1 <= len(request.account_ids) <= MAX_ACCOUNTS:
            raise InvalidField(
                "account_ids",
                f"needs 1 to {MAX_ACCOUNTS} accounts",
                limit=MAX_ACCOUNTS,
                value=len(request.account_ids),
            )
        accounts = wanted_accounts(call, self._exchange, request.account_ids)
        with self._streams.opened(StreamExecutionsResponse) as outbox:
            try:
                await self._catch_up.run(
                    call,
                    request.from_sequence,
                    encode=lambda span: _encode(span, accounts),
                    join=lambda: self._publisher.join(accounts, STREAM_EXECUTIONS, outbox),
                    outbox=outbox,
                )
                await pump(call, outbox)
            finally:
                self._publisher.leave(accounts, STREAM_EXECUTIONS, outbox)


def _encode(span: Span, accounts: bytes) -> bytes:
    return encode_executions(
        span.words, span.start, len(span.words), span.time_ns, accounts, STREAM_EXECUTIONS
    )
