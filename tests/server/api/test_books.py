"""Books: read once, and followed."""

import zlib
from struct import pack
from typing import Any

import grpc
import pytest

from quantumcore.server.settings import StreamSettings
from quantumcore.server.venue import Venue
from quantumcore.v1.book_pb2 import BookMode, BookUpdate
from quantumcore.v1.matching_service_pb2 import GetBookRequest, StreamBookRequest
from quantumcore.v1.order_service_pb2 import CancelOrderRequest, CancelOrdersRequest
from quantumcore.v1.stream_pb2 import StreamEndReason
from quantumcore.v1.types_pb2 import Side, TradingPhase
from tests.server.api.running import (
    BUY,
    CENT,
    NANOS,
    SELL,
    Client,
    batch,
    order,
    refusal,
    running,
    until,
)

EVERY = BookMode.BOOK_MODE_EVERY_UPDATE
CONFLATED = BookMode.BOOK_MODE_CONFLATED
TOP = BookMode.BOOK_MODE_TOP_OF_BOOK


class Follower:
    """A book kept by the contract's rules alone; any break of them fails the test."""

    def __init__(self, client: Client, **request: Any) -> None:
        values: dict[str, Any] = {"instrument_ids": [1], "mode": EVERY} | request
        self.depth = 1 if values["mode"] == TOP else values.get("depth") or 10
        self.stream = client.matching.StreamBook(
            StreamBookRequest(**values), metadata=client.metadata
        )
        self.sides: dict[int, dict[int, int]] = {BUY: {}, SELL: {}}
        self.sequence = 0
        self.epoch = 0
        self.snapshots = 0
        self.phase = 0
        self.updates: list[BookUpdate] = []

    async def read(self) -> Any:
        """Apply one message."""
        message = await self.stream.read()
        for update in message.updates:
            self.apply(update)
        return message

    async def reach(self, bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> None:
        """Read until the book is this; (cents, units), best first."""
        while self.book() != (bids, asks):
            await self.read()

    def apply(self, update: BookUpdate) -> None:
        if update.snapshot:
            assert update.previous_sequence == 0
            self.sides = {BUY: {}, SELL: {}}
            self.snapshots += 1
        else:
            assert update.previous_sequence == self.sequence
            assert update.epoch == self.epoch
        assert update.sequence >= self.sequence
        self.sequence, self.epoch, self.phase = update.sequence, update.epoch, update.phase
        touched = [(change.side, change.price) for change in update.changes]
        assert len(set(touched)) == len(touched)
        for change in update.changes:
            if change.quantity:
                self.sides[change.side][change.price] = change.quantity
            else:
                del self.sides[change.side][change.price]
        assert all(len(side) <= self.depth for side in self.sides.values())
        assert update.checksum == self.checksum()
        self.updates.append(update)

    def levels(self, side: Side.ValueType) -> list[tuple[int, int]]:
        return sorted(self.sides[side].items(), reverse=side == BUY)

    def book(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        bids, asks = (
            [(price // CENT, quantity // NANOS) for price, quantity in self.levels(side)]
            for side in (BUY, SELL)
        )
        return bids, asks

    def checksum(self) -> int:
        checked = [*self.levels(BUY)[:10], *self.levels(SELL)[:10]]
        return zlib.crc32(b"".join(pack("<qq", *level) for level in checked))


async def cancel(client: Client, name: str) -> None:
    request = CancelOrderRequest(account_id=1, client_order_id=name)
    await client.call(client.orders.CancelOrder, request)


async def test_a_book_is_read_to_the_depth_asked_for(client: Client) -> None:
    for number in range(5):
        await client.create_order(f"bid-{number}", cents=10_000 - number)
    request = GetBookRequest(instrument_id=1, depth=2)
    answer = await client.call(client.matching.GetBook, request)
    assert [level.price // CENT for level in answer.book.bids] == [10_000, 9_999]
    assert answer.book.sequence == answer.sequence
    assert answer.book.time_ns > 0
    assert answer.book.phase == TradingPhase.TRADING_PHASE_CONTINUOUS


async def test_the_books_sequence_is_that_of_its_last_change(client: Client) -> None:
    created = await client.create_order("only")
    await client.create_order("refused", units=0)
    answer = await client.call(client.matching.GetBook, GetBookRequest(instrument_id=1))
    assert answer.book.sequence == created.sequence < answer.sequence


async def test_an_unlisted_book_is_not_found(client: Client) -> None:
    for instrument_id in (0, 2, 2**32 - 1):
        request = GetBookRequest(instrument_id=instrument_id)
        failed = await refusal(client.call(client.matching.GetBook, request))
        assert failed.code is grpc.StatusCode.NOT_FOUND


async def test_a_stream_starts_with_what_rests_and_follows_every_command(client: Client) -> None:
    await client.create_order("resting", units=5)
    follower = Follower(client)
    await follower.reach([(10_000, 5)], [])
    await client.create_order("better", cents=10_001)
    await client.create_order("taker", side=SELL, cents=10_000, units=3, account_id=2)
    await follower.reach([(10_000, 3)], [])
    assert follower.snapshots == 1
    assert len(follower.updates) == 3


async def test_a_level_enters_the_depth_when_a_better_one_leaves(client: Client) -> None:
    for number in range(4):
        await client.create_order(f"bid-{number}", cents=10_000 - number)
    follower = Follower(client, depth=2)
    await follower.reach([(10_000, 1), (9_999, 1)], [])
    await cancel(client, "bid-0")
    await follower.reach([(9_999, 1), (9_998, 1)], [])
    await client.create_order("best", cents=10_005)
    await follower.reach([(10_005, 1), (9_999, 1)], [])
    assert follower.snapshots == 1


async def test_a_sweep_in_one_command_is_one_update(client: Client) -> None:
    for number in range(5):
        await client.create_order(f"ask-{number}", side=SELL, cents=10_000 + number)
    follower = Follower(client)
    await follower.reach([], [(10_000 + number, 1) for number in range(5)])
    await client.create_order("sweep", cents=10_003, units=6, account_id=2)
    await follower.reach([(10_003, 2)], [(10_004, 1)])
    assert len(follower.updates) == 2


async def test_a_conflated_stream_arrives_at_the_same_book(client: Client) -> None:
    follower = Follower(client, mode=CONFLATED, max_rate_hz=100)
    await follower.read()
    stream = client.trade()
    await stream.write(batch(*(order(f"o-{n}", cents=10_000 + n % 7) for n in range(700))))
    await follower.reach([(10_006 - n, 100) for n in range(7)], [])
    assert len(follower.updates) < 100
    await stream.done_writing()


async def test_the_top_of_book_is_one_level_a_side(client: Client) -> None:
    follower = Follower(client, mode=TOP, max_rate_hz=1000)
    await follower.read()
    await client.create_order("low", cents=9_000)
    await client.create_order("high", cents=9_500)
    await client.create_order("ask", side=SELL, cents=9_600)
    await follower.reach([(9_500, 1)], [(9_600, 1)])


async def test_subscribers_of_one_book_see_the_same_steps(client: Client) -> None:
    followers = [Follower(client) for _ in range(3)]
    for follower in followers:
        await follower.read()
    await client.create_order("one")
    for follower in followers:
        await follower.reach([(10_000, 1)], [])
    assert len({follower.updates[-1].SerializeToString() for follower in followers}) == 1


async def test_a_change_of_phase_is_told(client: Client) -> None:
    followers = [Follower(client), Follower(client, mode=CONFLATED)]
    for follower in followers:
        await follower.read()
    await client.set_phase(TradingPhase.TRADING_PHASE_HALTED)
    for follower in followers:
        while follower.phase != TradingPhase.TRADING_PHASE_HALTED:
            await follower.read()


async def test_an_idle_stream_is_kept_alive(client: Client) -> None:
    follower = Follower(client)
    message = await until(follower.stream, lambda found: found.HasField("heartbeat"))
    assert message.heartbeat.sequence > 0


async def test_a_slow_follower_is_sent_the_book_anew_in_bounded_memory(tmp_path: Any) -> None:
    tight = StreamSettings(max_waiting_bytes=16 * 1024, heartbeat_interval_s=3600)
    async with running(tmp_path, streams=tight, order_capacity=1 << 18) as (venue, client):
        slow = Client(venue.port)
        follower = Follower(slow, depth=100)
        await follower.read()
        highest = await flood(venue, client)
        assert highest <= 2 * tight.max_waiting_bytes
        await client.call(client.orders.CancelOrders, CancelOrdersRequest(account_id=1))
        await client.create_order("last", cents=12_345)
        await follower.reach([(12_345, 1)], [])
        assert follower.snapshots > 1
        await slow.channel.close()


async def flood(venue: Venue, client: Client) -> int:
    """Move the book until a stream has fallen behind; return the most that ever waited."""
    highest = 0
    stream = client.trade()
    for round_number in range(1000):
        names = [f"{round_number}-{number}" for number in range(200)]
        await stream.write(batch(*(order(name, cents=5_000 + n) for n, name in enumerate(names))))
        await stream.read()
        waiting = max(outbox.waiting_bytes for outbox in venue.streams)
        if waiting < highest:
            return highest
        highest = max(highest, waiting)
    raise AssertionError("the slow stream never fell behind")


async def test_draining_ends_a_book_stream_with_its_reason(tmp_path: Any) -> None:
    async with running(tmp_path) as (venue, client):
        follower = Follower(client)
        await follower.read()
        await venue.drain()
        message = await until(follower.stream, lambda found: found.HasField("end"))
        assert message.end.reason == StreamEndReason.STREAM_END_REASON_DRAINING


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"instrument_ids": []}, "instrument_ids"),
        ({"instrument_ids": [1] * 1001}, "instrument_ids"),
        ({"mode": 0}, "mode"),
        ({"mode": 99}, "mode"),
        ({"depth": 1001}, "depth"),
        ({"max_rate_hz": 5}, "max_rate_hz"),
        ({"mode": CONFLATED, "max_rate_hz": 1001}, "max_rate_hz"),
    ],
)
async def test_a_wrong_subscription_names_its_field(
    client: Client, changed: dict[str, Any], field: str
) -> None:
    failed = await refusal(Follower(client, **changed).stream.read())
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.violations.keys() == {field}
