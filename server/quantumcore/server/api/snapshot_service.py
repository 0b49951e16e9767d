"""The part of EventStoreService that lists snapshots, and has one taken now."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from quantumcore.server.api.errors import SequenceNotReached, WrongState
from quantumcore.server.api.pages import Page
from quantumcore.server.api.reads import Reads
from quantumcore.server.api.rpc import Call
from quantumcore.server.snapshots.directory import SnapshotDirectory
from quantumcore.server.snapshots.errors import SnapshotUnfit
from quantumcore.server.snapshots.layout import Header
from quantumcore.server.snapshots.snapshot import content_hash
from quantumcore.v1.event_store_service_pb2 import (
    CreateSnapshotRequest,
    CreateSnapshotResponse,
    ListSnapshotsRequest,
    ListSnapshotsResponse,
)
from quantumcore.v1.snapshot_pb2 import Snapshot

LOOK_AGAIN_S = 0.05
REMEMBERED_REQUESTS = 1000


class SnapshotService:
    """Read the directory of snapshots; `take` asks the process beside the venue for one.

    A snapshot's number is that of the journal's block that it stands behind.
    """

    def __init__(
        self,
        directory: SnapshotDirectory,
        reads: Reads,
        *,
        sequence: Callable[[], int],
        take: Callable[[], bool],
        timeout_s: float,
    ) -> None:
        """`sequence` tells how far the journal is; `take` whether anything takes snapshots."""
        self._directory, self._reads = directory, reads
        self._sequence, self._take, self._timeout_s = sequence, take, timeout_s
        self._answered: OrderedDict[int, Snapshot] = OrderedDict()

    async def list_snapshots(
        self, request: ListSnapshotsRequest, call: Call
    ) -> ListSnapshotsResponse:
        """Return a page of those whose header can be read, each verified now."""
        call.identity.require_admin()
        page = Page.of(request)
        headers = self._directory.headers()
        found = [one for one in headers if page.after == 0 or one[1].block_number < page.after]
        shown, token = page.cut(found[: page.size + 1], lambda one: one[1].block_number)
        described = [await asyncio.to_thread(self._described, *one) for one in shown]
        return ListSnapshotsResponse(snapshots=described, next_page_token=token)

    async def create_snapshot(
        self, request: CreateSnapshotRequest, call: Call
    ) -> CreateSnapshotResponse:
        """Return a snapshot that holds all that was stored when the request came."""
        call.identity.require_admin()
        answered = self._answered.get(request.request_id) if request.request_id else None
        if answered is not None:
            return CreateSnapshotResponse(snapshot=answered, repeated_request=True)
        await self._reads.wait_for(request.min_sequence, call)
        await self._reads.settled()
        within_s = call.seconds_left(self._timeout_s)
        taken = await self._reached(self._sequence(), within_s)
        snapshot = await asyncio.to_thread(self._described, *taken)
        if request.request_id:
            self._answered[request.request_id] = snapshot
            while len(self._answered) > REMEMBERED_REQUESTS:
                self._answered.popitem(last=False)
        return CreateSnapshotResponse(snapshot=snapshot)

    async def _reached(self, sequence: int, within_s: float) -> tuple[str, Header]:
        """Return the newest snapshot as soon as it holds this sequence."""
        loop = asyncio.get_running_loop()
        last_s = loop.time() + within_s
        while True:
            newest = self._directory.headers()[:1]
            if newest and newest[0][1].sequence >= sequence and self._is_own(newest[0][0]):
                return newest[0]
            if not self._take():
                raise WrongState("this venue takes no snapshots; set snapshots")
            if loop.time() >= last_s:
                problem = f"no snapshot of sequence {sequence} within {within_s:.3g} s"
                raise SequenceNotReached(problem, limit=sequence)
            await asyncio.sleep(LOOK_AGAIN_S)

    def _described(self, name: str, header: Header) -> Snapshot:
        """Read a snapshot's bytes and compare them with their hash."""
        size_bytes, stored, found = content_hash(self._directory.files, self._directory.path, name)
        return Snapshot(
            snapshot_id=header.block_number,
            sequence=header.sequence,
            time_ns=header.time_ns,
            created_time_ns=header.created_time_ns,
            size_bytes=size_bytes,
            content_hash=stored,
            format_version=header.format_version,
            verified=stored == found and self._is_own(name),
        )

    def _is_own(self, name: str) -> bool:
        """Tell whether the journal vouches for a snapshot; a foreign one is of no use here."""
        try:
            self._directory.check_own(name)
        except (SnapshotUnfit, FileNotFoundError):
            return False
        return True
