"""Reads begin near what they are asked for; an index that is missing or wrong changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from quantumcore.server.journal import Block, Journal, JournalReader, JournalSettings, index
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.scan import CHUNK_BYTES
from quantumcore.server.journal.tail import Tail
from tests.server.journal.storage import append, read, write

SETTINGS = JournalSettings(segment_bytes=64 * 1024)
PAYLOADS = [bytes([number]) * (100 + 7 * number) for number in range(200)]


@pytest.fixture
def dense(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry for every few blocks."""
    monkeypatch.setattr(index, "STEP_BYTES", 3_000)


def indexes(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.qci"))


def tailed(directory: Path, from_sequence: int) -> list[bytes]:
    tail = Tail(directory, from_sequence=from_sequence)
    blocks = [block for block in tail.blocks() if block.last_sequence >= from_sequence]
    tail.close()
    return [bytes(block.payload) for block in blocks]


def check_every_read(directory: Path) -> None:
    for sequence in range(1, len(PAYLOADS) + 2):
        assert read(directory, sequence) == PAYLOADS[sequence - 1 :]
        assert tailed(directory, sequence) == PAYLOADS[sequence - 1 :]


@pytest.mark.usefixtures("dense")
def test_a_read_from_any_sequence_is_the_same_as_without_an_index(tmp_path: Path) -> None:
    write(tmp_path, PAYLOADS, SETTINGS)
    assert len(indexes(tmp_path)) >= 3
    assert (
        sum(len(index.entries(Files(), one.with_suffix(".qcj"))) for one in indexes(tmp_path)) > 30
    )
    check_every_read(tmp_path)
    for path in indexes(tmp_path):
        path.unlink()
    check_every_read(tmp_path)


@pytest.mark.usefixtures("dense")
@pytest.mark.parametrize("damage", ["cut", "flipped", "of others", "shifted"])
def test_a_wrong_index_is_not_believed(tmp_path: Path, damage: str) -> None:
    directory = tmp_path / "journal"
    write(directory, PAYLOADS, SETTINGS)
    others = tmp_path / "others"
    write(others, [payload + b"!" for payload in PAYLOADS], SETTINGS)
    for path, other in zip(indexes(directory), indexes(others), strict=False):
        data = bytearray(path.read_bytes())
        match damage:
            case "cut":
                path.write_bytes(data[: len(data) // 2 + 5])
            case "flipped":
                data[len(data) // 2] ^= 1
                path.write_bytes(data)
            case "of others":
                path.write_bytes(other.read_bytes())
            case _:
                found = index.entries(Files(), path.with_suffix(".qcj"))
                path.write_bytes(
                    b"".join(index.encode(one.chain(), one.offset + 128) for one in found)
                )
    check_every_read(directory)


@pytest.mark.usefixtures("dense")
def test_an_index_goes_on_after_a_restart_and_forgets_what_was_cut_off(tmp_path: Path) -> None:
    write(tmp_path, PAYLOADS[:60], SETTINGS)
    segment = max(tmp_path.glob("*.qcj"))
    found = index.entries(Files(), segment)
    with segment.open("rb+") as torn:
        torn.truncate(found[-1].offset + 10)
    count = found[-1].first_sequence - 1
    with Journal.open(tmp_path, settings=SETTINGS) as journal:
        assert journal.accepted_sequence == count
        assert index.entries(Files(), segment) == found[:-1]
        for payload in PAYLOADS[count:]:
            append(journal, payload)
    assert len(index.entries(Files(), segment)) > len(found)
    check_every_read(tmp_path)


def test_a_read_near_the_end_of_a_large_segment_reads_little(tmp_path: Path) -> None:
    class Counting(Files):
        read_bytes = 0

        def pread(self, descriptor: int, length: int, offset: int) -> bytes:
            data = super().pread(descriptor, length, offset)
            self.read_bytes += len(data)
            return data

    write(tmp_path, [bytes([number]) * 300_000 for number in range(60)], JournalSettings())
    files = Counting()
    first = next(JournalReader(tmp_path, files=files).blocks(58))
    assert first.first_sequence == 58
    assert files.read_bytes < 4 * CHUNK_BYTES
    tail = Tail(tmp_path, from_sequence=58, files=files)
    files.read_bytes = 0
    assert next(tail.blocks()).first_sequence in {57, 58}
    assert files.read_bytes < 4 * CHUNK_BYTES
    tail.close()


@pytest.mark.usefixtures("dense")
def test_blocks_without_events_are_not_skipped(tmp_path: Path) -> None:
    with Journal.open(tmp_path, settings=SETTINGS) as journal:
        for number in range(40):
            append(journal, bytes([number]) * 500, events=number % 2)
    for sequence in range(1, 21):
        expected = [
            bytes(block.payload)
            for block in without_index(tmp_path)
            if max(block.first_sequence, block.last_sequence) >= sequence
        ]
        assert read(tmp_path, sequence) == expected


def without_index(directory: Path) -> Iterator[Block]:
    yield from JournalReader(directory).blocks()
