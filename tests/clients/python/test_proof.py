"""A proof is recomputed with SHA-256 alone; whatever is changed in it, it proves nothing."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quantumcore.client.audit_values import EventProof
from quantumcore.client.convert import read
from quantumcore.client.proof import ProofInvalid, check_proof
from quantumcore.server.store.audit.merkle import EMPTY_ROOT, Frontier, node, path
from quantumcore.server.store.audit.proof import prove
from quantumcore.server.store.errors import AuditRefused
from tests.server.store.audit.recorded import Recorded

SEQUENCE = 21


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recorded = Recorded(tmp_path_factory.mktemp("proven"), segment_bytes=8 * 1024)
    recorded.trades(20)
    recorded.journal.close()
    return recorded.journal_directory


@pytest.fixture(scope="module")
def proof(journal: Path) -> EventProof:
    return read(EventProof, prove(journal, SEQUENCE, 60, include_headers=True))


def test_every_event_of_a_journal_is_proven(journal: Path) -> None:
    for sequence in range(1, 61):
        found = read(EventProof, prove(journal, sequence, 60, include_headers=True))
        proven = check_proof(found, sequence)
        assert (proven.by_root, proven.by_chain) == (True, True)
        assert proven.head_sequence >= 60


def flipped(data: bytes, at: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("at", [0, 60, 100, 127])
def test_a_changed_header_proves_nothing(proof: EventProof, at: int) -> None:
    with pytest.raises(ProofInvalid):
        check_proof(replace(proof, block_header=flipped(proof.block_header, at)), SEQUENCE)


def test_a_changed_part_of_the_proof_proves_nothing(proof: EventProof) -> None:
    headers = proof.following_headers
    steps = proof.log_path
    step = replace(steps[0], sibling_hash=flipped(steps[0].sibling_hash))
    turned = replace(steps[0], sibling_on_left=not steps[0].sibling_on_left)
    changed: list[dict[str, Any]] = [
        {"event_bytes": flipped(proof.event_bytes, -1)},
        {"log_path": (step, *steps[1:])},
        {"log_path": (turned, *steps[1:])},
        {"log_path": steps[1:]},
        {"root_hash": flipped(proof.root_hash)},
        {"head": replace(proof.head, root_hash=flipped(proof.root_hash))},
        {"head": replace(proof.head, chain_hash=flipped(proof.head.chain_hash))},
        {"head": replace(proof.head, block_number=proof.head.block_number - 1)},
        {"following_headers": headers[1:]},
        {"following_headers": headers[:-1]},
        {"following_headers": (flipped(headers[0], 70), *headers[1:])},
        {"following_headers": (*headers[:-1], headers[-1][:-1])},
        {"record_offset": 0},
        {"record_offset": proof.record_offset + 8},
        {"record_length": proof.record_length - 8},
        {"record_length": 0},
    ]
    for values in changed:
        with pytest.raises(ProofInvalid):
            check_proof(replace(proof, **values), SEQUENCE)
    with pytest.raises(ProofInvalid, match="does not hold event"):
        check_proof(proof, SEQUENCE + 30)


def test_a_head_that_was_noted_has_to_agree(proof: EventProof) -> None:
    noted = {"root_hash": proof.root_hash, "chain_hash": proof.head.chain_hash}
    assert check_proof(proof, SEQUENCE, **noted).by_chain
    for name in noted:
        with pytest.raises(ProofInvalid, match="noted"):
            check_proof(proof, SEQUENCE, **noted | {name: bytes(32)})
    without = replace(proof, following_headers=())
    assert not check_proof(without, SEQUENCE, root_hash=proof.root_hash).by_chain
    with pytest.raises(ProofInvalid, match="headers"):
        check_proof(without, SEQUENCE, chain_hash=proof.head.chain_hash)


@pytest.mark.parametrize(
    ("asked", "field"),
    [((10**6, 60), "sequence"), ((50, 20), "head_sequence"), ((5, 10**6), "head_sequence")],
)
def test_what_the_journal_does_not_have_is_refused(
    journal: Path, asked: tuple[int, int], field: str
) -> None:
    with pytest.raises(AuditRefused) as refused:
        prove(journal, *asked)
    assert refused.value.field == field


def test_headers_are_bounded(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quantumcore.server.store.audit.proof.MAX_HEADERS", 3)
    with pytest.raises(AuditRefused) as refused:
        prove(journal, 5, 60, include_headers=True)
    assert (refused.value.field, refused.value.limit) == ("include_headers", 3)
    assert prove(journal, 5, 60).root_hash


def test_checking_needs_nothing_but_the_standard_library() -> None:
    program = (
        "import sys, quantumcore.client.proof;"
        "print([name for name in sys.modules if name.partition('.')[0] in {'grpc', 'google'}"
        " or name.startswith('quantumcore.') and name != 'quantumcore.client.proof'])"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert finished.stdout.strip() == "['quantumcore.client']"


def test_a_tree_grows_leaf_by_leaf_as_its_paths_say() -> None:
    leaves = [bytes([number]) * 32 for number in range(20)]
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT
    for count, leaf in enumerate(leaves, 1):
        frontier.add(leaf)
        for index in range(count):
            steps, root = path(leaves[:count], index)
            assert root == frontier.root()
            found = leaves[index]
            for step in steps:
                found = node(step.sibling, found) if step.on_left else node(found, step.sibling)
            assert found == root
