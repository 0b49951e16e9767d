"""Torn tails are cut off and kept; damage anywhere else is refused and named."""

from pathlib import Path
from zlib import crc32

import pytest

from quantumcore.server.journal import (
    Journal,
    JournalCorrupt,
    JournalSettings,
    JournalVersionUnknown,
    verify,
)
from quantumcore.server.journal.layout import (
    BLOCK_HEADER_BYTES,
    BLOCK_MAGIC,
    CHECKSUM,
    SEGMENT_HEADER_BYTES,
)
from tests.server.journal.storage import (
    SMALL_SEGMENTS,
    FaultyFiles,
    SimulatedCrashError,
    append,
    read,
    segments,
    write,
)

PAYLOADS = [b"first turn ", b"middle turn", b"last turn.."]
BLOCK_BYTES = BLOCK_HEADER_BYTES + 11
ONE_SEGMENT = JournalSettings()
HEADER_FIELDS = {
    "magic": 0,
    "version": 8,
    "flags": 10,
    "header length": 12,
    "payload length": 16,
    "command count": 20,
    "number": 24,
    "first sequence": 32,
    "last sequence": 40,
    "time": 48,
    "previous hash": 56,
    "payload hash": 88,
    "epoch": 120,
    "checksum": 124,
    "payload": 128,
    "payload end": 138,
}


def offset_of(block: int) -> int:
    return SEGMENT_HEADER_BYTES + block * BLOCK_BYTES


def flip(path: Path, offset: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1 << bit
    path.write_bytes(data)


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    write(tmp_path, PAYLOADS, ONE_SEGMENT)
    return tmp_path


@pytest.mark.parametrize("kept", range(1, BLOCK_BYTES))
def test_a_last_block_torn_at_any_byte_is_cut_off_and_kept(stored: Path, kept: int) -> None:
    path = segments(stored)[0]
    torn = path.read_bytes()[offset_of(2) : offset_of(2) + kept]
    path.write_bytes(path.read_bytes()[: offset_of(2) + kept])
    with Journal.open(stored) as journal:
        recovery = journal.recovery
        assert recovery.truncated_at == (path.name, offset_of(2))
        assert recovery.truncated_bytes == kept
        assert recovery.truncated_kept_in is not None
        assert recovery.truncated_kept_in.read_bytes() == torn
        append(journal, b"again")
    assert read(stored) == [*PAYLOADS[:2], b"again"]
    assert verify(stored).torn_at is None


@pytest.mark.parametrize("budget", range(0, BLOCK_BYTES, 7))
def test_a_crash_during_a_write_loses_only_the_block_never_accepted(
    tmp_path: Path, budget: int
) -> None:
    files = FaultyFiles()
    journal = Journal.open(tmp_path, files=files)
    append(journal, PAYLOADS[0])
    files.write_budget_bytes, files.write_failure = budget, SimulatedCrashError()
    with pytest.raises(SimulatedCrashError):
        append(journal, PAYLOADS[1])
    journal.close()
    with Journal.open(tmp_path) as reopened:
        assert reopened.accepted_sequence == 1
        assert reopened.recovery.truncated_bytes == budget


def test_two_tails_torn_at_the_same_place_are_both_kept(stored: Path) -> None:
    path = segments(stored)[0]
    for _ in range(2):
        with path.open("ab") as tail:
            tail.write(b"torn")
        Journal.open(stored).close()
    assert len(list(stored.glob("*.torn"))) == 2


def test_a_tail_of_zeros_is_a_torn_tail(stored: Path) -> None:
    with segments(stored)[0].open("ab") as tail:
        tail.write(bytes(5000))
    with Journal.open(stored) as journal:
        assert journal.recovery.truncated_bytes == 5000
        assert journal.recovery.last_sequence == 3


def test_a_magic_in_a_torn_payload_is_not_taken_for_a_block(tmp_path: Path) -> None:
    write(tmp_path, [b"one", BLOCK_MAGIC * 40], ONE_SEGMENT)
    path = segments(tmp_path)[0]
    flip(path, SEGMENT_HEADER_BYTES + BLOCK_HEADER_BYTES + 3)
    with Journal.open(tmp_path) as journal:
        assert journal.recovery.last_sequence == 1


@pytest.mark.parametrize("block", [0, 1])
@pytest.mark.parametrize("field", HEADER_FIELDS)
def test_a_flipped_bit_before_the_last_block_is_refused_with_its_position(
    stored: Path, block: int, field: str
) -> None:
    path = segments(stored)[0]
    flip(path, offset_of(block) + HEADER_FIELDS[field], bit=3)
    before = path.read_bytes()
    with pytest.raises(JournalCorrupt) as refused:
        Journal.open(stored)
    assert refused.value.segment == path.name
    assert refused.value.offset == offset_of(block)
    assert refused.value.sequence == block + 1
    assert "does not match" in refused.value.reason
    assert path.read_bytes() == before


@pytest.mark.parametrize("field", HEADER_FIELDS)
def test_a_flipped_bit_in_the_last_block_is_set_aside_and_reported(
    stored: Path, field: str
) -> None:
    flip(segments(stored)[0], offset_of(2) + HEADER_FIELDS[field], bit=3)
    assert verify(stored).torn_at == (segments(stored)[0].name, offset_of(2))
    with Journal.open(stored) as journal:
        assert journal.recovery.last_sequence == 2
        assert journal.recovery.truncated_bytes == BLOCK_BYTES
        assert journal.recovery.truncated_reason is not None
        assert "does not match" in journal.recovery.truncated_reason


@pytest.mark.parametrize("offset", [0, 8, 12, 16, 24, 32, 40, 72, 76])
def test_a_flipped_bit_in_a_segment_header_is_refused(stored: Path, offset: int) -> None:
    flip(segments(stored)[0], offset)
    with pytest.raises(JournalCorrupt, match="segment"):
        Journal.open(stored)


def test_damage_at_the_end_of_an_earlier_segment_is_corruption(tmp_path: Path) -> None:
    write(tmp_path, [b"x" * 900] * 12, SMALL_SEGMENTS)
    earlier = segments(tmp_path)[0]
    earlier.write_bytes(earlier.read_bytes()[:-1])
    with pytest.raises(JournalCorrupt, match="incomplete") as refused:
        Journal.open(tmp_path)
    assert refused.value.segment == earlier.name


@pytest.mark.parametrize("index", [0, 1])
def test_a_missing_segment_is_corruption(tmp_path: Path, index: int) -> None:
    write(tmp_path, [b"x" * 900] * 12, SMALL_SEGMENTS)
    segments(tmp_path)[index].unlink()
    with pytest.raises(JournalCorrupt, match="one is missing"):
        Journal.open(tmp_path)
    assert not verify(tmp_path).intact


def test_a_block_removed_from_the_middle_breaks_the_chain(stored: Path) -> None:
    path = segments(stored)[0]
    data = path.read_bytes()
    path.write_bytes(data[: offset_of(1)] + data[offset_of(2) :])
    with pytest.raises(JournalCorrupt, match="block number is 3, expected 2"):
        Journal.open(stored)


def test_a_block_rewritten_with_a_good_checksum_breaks_the_chain(stored: Path) -> None:
    path = segments(stored)[0]
    data = bytearray(path.read_bytes())
    data[offset_of(1) + 48] ^= 1
    repair_checksum(data, offset_of(1))
    path.write_bytes(data)
    with pytest.raises(JournalCorrupt, match="hash chain") as refused:
        Journal.open(stored)
    assert refused.value.offset == offset_of(2)


def test_a_block_of_a_later_format_is_refused_and_not_cut_off(stored: Path) -> None:
    path = segments(stored)[0]
    data = bytearray(path.read_bytes())
    data[offset_of(2) + 8] = 9
    repair_checksum(data, offset_of(2))
    path.write_bytes(data)
    with pytest.raises(JournalVersionUnknown, match="version 9 is unknown"):
        Journal.open(stored)


def test_verification_names_the_corruption_and_counts_what_lies_before(stored: Path) -> None:
    flip(segments(stored)[0], offset_of(1) + BLOCK_HEADER_BYTES)
    report = verify(stored)
    assert not report.intact
    assert report.blocks == 1
    assert report.corruption is not None
    assert report.corruption.sequence == 2


def test_a_refused_journal_is_left_unlocked(stored: Path) -> None:
    flip(segments(stored)[0], offset_of(0))
    for _ in range(2):
        with pytest.raises(JournalCorrupt):
            Journal.open(stored)


def test_a_segment_that_was_never_finished_is_removed(stored: Path) -> None:
    unfinished = stored / "00000000000000000004.qcj.new"
    unfinished.write_bytes(b"half a header")
    with Journal.open(stored) as journal:
        assert journal.accepted_sequence == 3
    assert not unfinished.exists()


def repair_checksum(data: bytearray, offset: int) -> None:
    end = offset + BLOCK_HEADER_BYTES
    data[end - 4 : end] = CHECKSUM.pack(crc32(data[offset : end - 4]))
