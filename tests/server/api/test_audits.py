"""A venue proves its log to an auditor while it trades, and shows nobody what was changed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import Parse

from quantumcore.client.audit_values import EventProof
from quantumcore.client.convert import read
from quantumcore.client.proof import ProofInvalid, check_proof
from quantumcore.server.api import audit_process
from quantumcore.server.venue import Venue
from quantumcore.v1.event_pb2 import Event
from quantumcore.v1.event_store_service_pb2 import (
    EventFilter,
    ExportEventsRequest,
    GetEventProofRequest,
    VerifyLogRequest,
)
from quantumcore.v1.log_pb2 import ExportFormat, LogDefect, LogHead, LogVerification
from quantumcore.v1.retention_pb2 import EventClass
from quantumcore.v1.stream_pb2 import StreamEndReason
from tests.server.api.running import Client, Refusal, refusal, running
from tests.server.api.test_event_store_service import journaled, trade
from tests.server.api.test_event_store_service import read as read_events
from tests.server.store.audit.altering import block_offsets, flip, segment_of, unprotected


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[Venue, Client]]:
    url = f"sqlite:///{tmp_path / 'events.db'}"
    async with running(tmp_path, event_store=url) as (venue, client):
        await read_events(client, min_sequence=venue.exchange.sequence)
        yield venue, client


async def verified(client: Client, **asked: Any) -> LogVerification:
    """Verify to the end; return the last update."""
    stream = client.events.VerifyLog(VerifyLogRequest(**asked), metadata=client.metadata)
    updates: list[LogVerification] = [
        update async for message in stream for update in message.updates
    ]
    assert updates[-1].finished
    return updates[-1]


async def refused(client: Client, rpc: Any, request: Any) -> Refusal:
    """Call a stream that has to be refused."""
    try:
        async for _message in rpc(request, metadata=client.metadata, timeout=30):
            pass
    except grpc.aio.AioRpcError as error:
        return Refusal(error)
    raise AssertionError("the stream was answered")


async def test_a_venue_verifies_its_log_while_it_trades_and_names_what_was_changed(
    venue: Venue, client: Client
) -> None:
    last = await trade(client)
    verifying = asyncio.ensure_future(verified(client, replay=True, compare_store=True))
    for number in range(20):
        assert (await client.create_order(f"meanwhile-{number}")).order_id
    sound = await verifying
    assert (sound.defect, sound.text.count("; ")) == (LogDefect.LOG_DEFECT_UNSPECIFIED, 2)
    assert sound.sequence >= last
    with unprotected(venue.settings.event_store, "account_events") as connection:
        connection.exec_driver_sql("UPDATE account_events SET time_ns = 5 WHERE sequence = 9")
    with pytest.raises(grpc.aio.AioRpcError) as damage:
        await read_events(client)
    told = Refusal(damage.value)
    assert (told.code, told.reason) == (grpc.StatusCode.DATA_LOSS, "ERROR_REASON_LOG_DAMAGED")
    assert told.metadata["value"] == "9"
    found = await verified(client, compare_store=True)
    assert (found.defect, found.defect_sequence) == (LogDefect.LOG_DEFECT_STORE, 9)
    assert "time_ns is 5" in found.text

    path = segment_of(venue.settings.journal_directory)
    flip(path, block_offsets(path)[3] + 150)
    found = await verified(client, anchor=sound.head)
    assert found.defect == LogDefect.LOG_DEFECT_CHECKSUM
    assert found.defect_position == block_offsets(path)[3]


async def test_an_event_is_proven_to_whoever_has_noted_a_head(venue: Venue, client: Client) -> None:
    await trade(client)
    noted = (await verified(client)).head
    for sequence in (9,):
        request = GetEventProofRequest(
            sequence=sequence, head_sequence=noted.sequence, include_headers=True
        )
        answer = await client.call(client.events.GetEventProof, request)
        proof = read(EventProof, answer.proof)
        proven = check_proof(
            proof, sequence, root_hash=noted.root_hash, chain_hash=noted.chain_hash
        )
        assert proven.by_root
        assert proven.by_chain
        assert int.from_bytes(proven.record[8:16], "little") == sequence
        short = GetEventProofRequest(sequence=sequence, head_sequence=noted.sequence)
        answer = await client.call(client.events.GetEventProof, short)
        proof_by_root = read(EventProof, answer.proof)
        assert check_proof(proof_by_root, sequence, root_hash=noted.root_hash).by_root
    changed = bytearray(proof.event_bytes)
    changed[-1] ^= 1
    with pytest.raises(ProofInvalid, match="payload"):
        check_proof(replace(proof, event_bytes=bytes(changed)), sequence)
    with pytest.raises(ProofInvalid, match="noted"):
        check_proof(proof, sequence, root_hash=bytes(32))


async def check_refusals(client: Client) -> None:
    """Ask for audits that make no sense."""
    asked: dict[str, Any]
    for request, code, field in (
        (GetEventProofRequest(), "INVALID_ARGUMENT", "sequence"),
        (GetEventProofRequest(sequence=10**6), "NOT_FOUND", ""),
        (GetEventProofRequest(sequence=5, head_sequence=4), "INVALID_ARGUMENT", "head_sequence"),
        (GetEventProofRequest(sequence=5, head_sequence=10**6), "NOT_FOUND", ""),
    ):
        told = await refusal(client.call(client.events.GetEventProof, request))
        assert told.code.name == code
        assert list(told.violations) == ([field] if field else [])
    for asked, field in (
        ({"from_sequence": -1}, "from_sequence"),
        ({"until_sequence": 10**6}, "until_sequence"),
        ({"from_sequence": 5, "until_sequence": 4}, "until_sequence"),
        ({"anchor": LogHead(sequence=1, chain_hash=bytes(32))}, "anchor.block_number"),
        ({"anchor": LogHead(sequence=1, block_number=1)}, "anchor.chain_hash"),
    ):
        told = await refused(client, client.events.VerifyLog, VerifyLogRequest(**asked))
        assert told.code == grpc.StatusCode.INVALID_ARGUMENT
        assert field in told.violations


async def test_audits_make_sense_are_for_operators_few_at_a_time_and_end_with_the_venue(
    venue: Venue, client: Client, trader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await check_refusals(client)
    for rpc, request in (
        (trader.events.VerifyLog, VerifyLogRequest()),
        (trader.events.ExportEvents, ExportEventsRequest(format=1)),  # type: ignore[arg-type]
    ):
        told = await refused(trader, rpc, request)
        assert told.code == grpc.StatusCode.PERMISSION_DENIED
    told = await refusal(trader.call(trader.events.GetEventProof, GetEventProofRequest()))
    assert told.code == grpc.StatusCode.PERMISSION_DENIED
    monkeypatch.setattr(audit_process, "MAX_PROCESSES", 1)
    stream = client.events.VerifyLog(VerifyLogRequest(replay=True), metadata=client.metadata)
    await stream.initial_metadata()
    told = await refused(client, client.events.VerifyLog, VerifyLogRequest())
    assert (told.code, told.metadata) == (grpc.StatusCode.RESOURCE_EXHAUSTED, {"limit": "1"})
    venue.streams.end_all(StreamEndReason.STREAM_END_REASON_DRAINING, "closing")
    messages = [message async for message in stream]
    assert messages[-1].end.reason == StreamEndReason.STREAM_END_REASON_DRAINING


async def exported(client: Client, **asked: Any) -> tuple[bytes, Any]:
    """Export to the end; return the file and the last piece."""
    request = ExportEventsRequest(**asked)
    data, last = b"", None
    async for message in client.events.ExportEvents(request, metadata=client.metadata):
        for chunk in message.chunks:
            data, last = data + chunk.data, chunk
    return data, last


async def test_an_export_is_what_is_read_and_says_so_by_its_hash(
    venue: Venue, client: Client, trader: Client
) -> None:
    from hashlib import sha256

    await trade(client)
    json_lines = ExportFormat.EXPORT_FORMAT_JSON_LINES
    data, last = await exported(client, format=json_lines)
    events = [Parse(line, Event()) for line in data.splitlines()]
    assert events == journaled(venue)
    assert last.content_hash == sha256(data).digest()
    assert (last.event_count, last.sequence) == (len(events), venue.exchange.sequence)
    assert last.head.chain_hash == venue.journal.head_hash
    ledger, _ = await exported(
        trader,
        format=json_lines,
        event_class=EventClass.EVENT_CLASS_LEDGER,
        filter=EventFilter(account_ids=[1]),
        from_sequence=5,
        until_sequence=venue.exchange.sequence - 3,
    )
    found = [Parse(line, Event()) for line in ledger.splitlines()]
    asked = EventFilter(account_ids=[1])
    assert found
    assert found == [
        one
        for one in await read_events(trader, filter=asked, from_sequence=5)
        if 80 <= one.event_type < 109 and one.sequence <= venue.exchange.sequence - 3
    ]
    told = await refused(client, client.events.ExportEvents, ExportEventsRequest())
    assert told.violations == {"format": "is none of its values"}
