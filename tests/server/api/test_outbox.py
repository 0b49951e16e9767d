"""What waits for a stream is bounded by what its client leaves unread, not by what happens."""

from quantumcore.server.api.outbox import Outbox
from quantumcore.v1.order_service_pb2 import StreamExecutionsResponse
from quantumcore.v1.stream_pb2 import StreamEndReason

SLOW = StreamEndReason.STREAM_END_REASON_SLOW_CONSUMER


async def test_much_at_once_makes_nobody_slow_but_more_behind_it_does() -> None:
    outbox = Outbox(StreamExecutionsResponse, max_bytes=10)
    outbox.put_all([b"12345678"] * 3, 5)
    assert not outbox.ended
    outbox.put(b"1", 8)
    assert outbox.end_reason == SLOW
    end = StreamExecutionsResponse.FromString(await outbox.take()).end
    assert (end.reason, end.resume_from_sequence) == (SLOW, 5)


async def test_a_stream_that_is_not_served_yet_is_neither_idle_nor_stalled() -> None:
    outbox = Outbox(StreamExecutionsResponse, max_bytes=1000)
    outbox.put(b"waits")
    outbox.tick(1, 1, stalled_after_s=-1.0)
    assert not outbox.ended
    assert await outbox.take() == b"waits"
    outbox.put(b"waits again")
    outbox.tick(1, 1, stalled_after_s=-1.0)
    assert outbox.end_reason == SLOW
