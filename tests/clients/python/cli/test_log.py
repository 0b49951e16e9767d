"""`quantumcore log`: what it asks of the venue, what it prints, and what it ends with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from quantumcore.client.audit_enums import EventClass, ExportFormat
from quantumcore.client.audit_values import ExportPiece, LegalHold, LogHead, RetentionApplied
from quantumcore.client.cli import options
from quantumcore.client.cli.exit_codes import ExitCode
from quantumcore.client.convert import read
from quantumcore.server.store.audit.proof import prove
from tests.server.store.audit.altering import block_offsets, flip, segment_of
from tests.server.store.audit.recorded import Recorded

from .conftest import FakeClient, Run


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    client = FakeClient()

    @contextmanager
    def connection(*_: object) -> Iterator[FakeClient]:
        yield client

    monkeypatch.setattr(options, "audit_connection", connection)
    return client


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    made = Recorded(tmp_path / "data")
    made.trades(4)
    made.journal.close()
    monkeypatch.chdir(tmp_path)
    return made


def test_a_copy_of_a_venues_data_is_verified_without_a_venue(run: Run, recorded: Recorded) -> None:
    url = "sqlite:///data/events.db"
    recorded.fed(url).close()
    words = f"log verify --data data --replay --store {url}"
    outcome = run(f"{words} --save-head head.json")
    assert outcome.status == 0
    assert "executed again" in outcome.out
    assert outcome.err == ""
    noted = json.loads(Path("head.json").read_text())
    assert noted["sequence"] == recorded.exchange.sequence
    assert run(f"{words} --head head.json").status == 0
    told = json.loads(run(f"{words} --head head.json --json").out)
    assert (told["defect"], told["finished"]) == ("UNSPECIFIED", True)
    Path("head.json").write_text(json.dumps(noted | {"chain_hash": "00" * 32}))
    outcome = run(f"{words} --head head.json")
    assert outcome.status == ExitCode.CORRUPT
    assert "ANCHOR at sequence" in outcome.err


def test_damage_ends_with_its_place(run: Run, recorded: Recorded) -> None:
    path = segment_of(recorded.journal_directory)
    at = block_offsets(path)[5]
    flip(path, at + 140)
    outcome = run("log verify --data data --replay")
    assert outcome.status == ExitCode.CORRUPT
    assert "CHECKSUM at sequence 6" in outcome.err
    assert f"byte {at}" in outcome.err
    assert run("log verify --data data").status == ExitCode.CORRUPT


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sequence": "x"}'])
def test_a_file_that_holds_no_head_is_a_usage_error(
    run: Run, recorded: Recorded, text: str
) -> None:
    Path("head.json").write_text(text)
    outcome = run("log verify --data data --head head.json")
    assert outcome.status == ExitCode.USAGE
    assert "holds no head of a log" in outcome.err


def test_a_proof_is_shown_or_checked(run: Run, recorded: Recorded, audit: FakeClient) -> None:
    from quantumcore.client.audit_values import EventProof

    proof = read(EventProof, prove(recorded.journal_directory, 9, 12, include_headers=True))
    audit.answers["event_proof"] = proof
    assert proof.root_hash.hex() in run("log proof 9").out.replace("\n", "")
    assert json.loads(run("log proof 9 --json").out)["root_hash"] == proof.root_hash.hex()
    assert run("log proof 9 --check").out.endswith("by its root and chain hash\n")
    assert json.loads(run("log proof 9 --check --json").out)["by_chain"] is True
    outcome = run("log proof 10 --check")
    assert outcome.status == ExitCode.CORRUPT
    assert "event 10 is not proven" in outcome.err
    assert audit.calls[-1][2] == {"head_sequence": 0, "include_headers": False}


def pieces(*data: bytes, content_hash: bytes | None = None) -> list[ExportPiece]:
    head = LogHead(sequence=9, block_number=7, chain_hash=bytes(32))
    made = [ExportPiece(data=one, sequence=at, event_count=at, content_hash=b"", head=None)
            for at, one in enumerate(data, 1)]  # fmt: skip
    whole = sha256(b"".join(data)).digest() if content_hash is None else content_hash
    return [*made, ExportPiece(data=b"", sequence=9, event_count=3, content_hash=whole, head=head)]


def test_an_export_is_written_whole_with_its_manifest(
    run: Run, audit: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    audit.answers["export_events"] = pieces(b"one\n", b"two\n")
    outcome = run("log export out.csv --format csv --class ledger --account alice -a 7")
    assert outcome.out.startswith("3 events in out.csv, SHA-256 ")
    assert Path("out.csv").read_bytes() == b"one\ntwo\n"
    manifest = json.loads(Path("out.csv.manifest.json").read_text())
    assert manifest["sha256"] == sha256(b"one\ntwo\n").hexdigest()
    assert (manifest["head_sequence"], manifest["event_count"]) == (9, 3)
    ((_, args, named),) = audit.calls
    assert args == (ExportFormat.CSV,)
    assert (named["event_class"], named["accounts"]) == (EventClass.LEDGER, ["alice", 7])


@pytest.mark.parametrize("broken", [pieces(b"one", content_hash=bytes(32)), pieces(b"one")[:-1]])
def test_an_export_that_is_not_complete_leaves_no_file(
    run: Run, audit: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    audit.answers["export_events"] = broken
    assert run("log export out.jsonl").status == ExitCode.CORRUPT
    assert list(tmp_path.iterdir()) == []


def test_holds_and_retention_are_asked_for(run: Run, audit: FakeClient) -> None:
    audit.answers["set_legal_hold"] = LegalHold(
        legal_hold_id=4, name="case", account_ids=(1,), from_time_ns=0, until_time_ns=0,
        lifted=False, text="why",
    )  # fmt: skip
    since = "--since 2030-01-31T16:00:00Z"
    assert run(f"log hold set case --account alice {since} --reason why").out == (
        "legal hold 4 case: in force\n"
    )
    ((_, _, named),) = audit.calls
    assert named["from_time_ns"] == 1_896_105_600 * 10**9
    assert (named["accounts"], named["text"]) == (["alice"], "why")
    run("log hold lift 4 --reason over")
    assert audit.calls[-1][2] == {"legal_hold_id": 4, "lift": True, "text": "over"}
    audit.answers["apply_retention"] = RetentionApplied(
        outcomes=(), sequence=77, repeated_request=False
    )
    assert "recorded as sequence 77" in run("log retention --apply --class orders").out
    assert audit.calls[-1][2] == {"event_class": EventClass.ORDERS}
