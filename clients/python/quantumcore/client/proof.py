"""Check a proof that an event is in the log, with nothing but SHA-256.

This module needs no venue, no gRPC and nothing else of the client: an auditor may read it in a few
minutes, or write it anew from docs/concepts/proofs.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from quantumcore.client.audit_values import EventProof

HEADER = Struct("<8sHHIIIQqqq32s32sII")
MAGIC = b"QCJBLK\r\n"
WORD_BYTES = 8
FIRST_EVENT = 64


class ProofInvalid(Exception):
    """The proof does not prove what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEvent:
    """What a proof has shown.

    `by_root` and `by_chain` say which of the two ways led to a head: up the tree to its root hash,
    or from header to header to its chain hash. Either is worth what the head is: compare it with
    one that was written down outside the venue.
    """

    sequence: int
    block_number: int
    time_ns: int
    block_hash: bytes
    record: bytes
    head_sequence: int
    root_hash: bytes
    chain_hash: bytes
    by_root: bool
    by_chain: bool


def check_proof(
    proof: EventProof, sequence: int, *, root_hash: bytes = b"", chain_hash: bytes = b""
) -> ProvenEvent:
    """Recompute every hash of a proof; `root_hash` and `chain_hash` are of a head noted earlier.

    Raises ProofInvalid, naming what does not match.
    """
    header = _header(proof.block_header)
    block_hash = sha256(proof.block_header).digest()
    _equal("the payload's hash and that in the block's header",
           sha256(proof.event_bytes).digest(), header.payload_hash)  # fmt: skip
    if not header.first_sequence <= sequence <= header.last_sequence:
        raise ProofInvalid(f"the block does not hold event {sequence}")
    record = _record(proof, sequence)
    root = block_hash
    for step in proof.log_path:
        pair = (step.sibling_hash, root) if step.sibling_on_left else (root, step.sibling_hash)
        root = sha256(b"".join(pair)).digest()
    _equal("the root that the path leads to and the proof's", root, proof.root_hash)
    _equal("the proof's root and its head's", proof.root_hash, proof.head.root_hash)
    by_chain = bool(proof.following_headers) or header.number == proof.head.block_number
    if by_chain:
        _check_chain(proof, block_hash, header.number)
    if root_hash:
        _equal("the root and the one that was noted", root, root_hash)
    if chain_hash:
        if not by_chain:
            raise ProofInvalid("a chain hash is checked with the headers behind the block's")
        _equal("the chain's hash and the one that was noted", proof.head.chain_hash, chain_hash)
    return ProvenEvent(
        sequence=sequence,
        block_number=header.number,
        time_ns=header.time_ns,
        block_hash=block_hash,
        record=record,
        head_sequence=proof.head.sequence,
        root_hash=root,
        chain_hash=proof.head.chain_hash,
        by_root=True,
        by_chain=by_chain,
    )


def _check_chain(proof: EventProof, block_hash: bytes, number: int) -> None:
    """Go from header to header; each holds the hash of the one before."""
    hashed = block_hash
    for data in proof.following_headers:
        number += 1
        header = _header(data)
        if header.number != number:
            raise ProofInvalid(f"header {header.number} follows block {number - 1}")
        _equal(f"the hash before block {number}", header.previous_hash, hashed)
        hashed = sha256(data).digest()
    if number != proof.head.block_number:
        raise ProofInvalid(f"the chain ends with block {number}, not with the head's")
    _equal("the end of the chain and the head's hash", hashed, proof.head.chain_hash)


def _record(proof: EventProof, sequence: int) -> bytes:
    """Return the record of the event, which says its own sequence."""
    record = proof.event_bytes[proof.record_offset : proof.record_offset + proof.record_length]
    words = memoryview(record[: len(record) // WORD_BYTES * WORD_BYTES]).cast("q")
    if len(words) < 2 or len(record) != (words[0] >> 16 & 0xFFFF) * WORD_BYTES:
        raise ProofInvalid("there is no whole record where the event should be")
    if words[0] & 0xFFFF < FIRST_EVENT or words[1] != sequence:
        raise ProofInvalid(f"the record is not that of event {sequence}")
    return record


class _Header(NamedTuple):
    """The fields of a block's header, in the order of its bytes."""

    magic: bytes
    format_version: int
    flags: int
    header_bytes: int
    payload_bytes: int
    command_count: int
    number: int
    first_sequence: int
    last_sequence: int
    time_ns: int
    previous_hash: bytes
    payload_hash: bytes
    epoch: int
    checksum: int


def _header(data: bytes) -> _Header:
    if len(data) != HEADER.size or data[:8] != MAGIC:
        raise ProofInvalid("what should be a block's header is none")
    return _Header._make(HEADER.unpack(data))


def _equal(what: str, one: object, other: object) -> None:
    if one != other:
        raise ProofInvalid(f"{what} differ")
