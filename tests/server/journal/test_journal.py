"""Appending, rolling over, reopening and locking."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.journal import (
    Journal,
    JournalClosed,
    JournalLocked,
    JournalReader,
    JournalSettings,
    verify,
)
from quantumcore.server.journal.layout import block_hash, segment_name
from tests.server.journal.storage import SMALL_SEGMENTS, START_NS, append, read, segments, write

SOURCES = {"PYTHONPATH": str(Path(__file__).resolve().parents[3] / "server")}


def test_a_new_journal_is_empty(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "deep" / "journal") as journal:
        assert (journal.accepted_sequence, journal.durable_sequence, journal.epoch) == (0, 0, 1)
        assert journal.recovery.blocks == 0
        assert list(journal.blocks()) == []


def test_an_appended_block_is_read_back_with_every_field(tmp_path: Path) -> None:
    with Journal.open(tmp_path) as journal:
        journal.append(
            b"turn", first_sequence=1, last_sequence=3, command_count=2, time_ns=START_NS
        )
        (block,) = journal.blocks()
        assert bytes(block.payload) == b"turn"
        assert block.payload.readonly
        assert (block.first_sequence, block.last_sequence, block.event_count) == (1, 3, 3)
        assert (block.number, block.command_count, block.epoch) == (1, 2, 1)
        assert block.time_ns == START_NS
        assert block.position == (segment_name(1), 80)
        assert block.hash == journal.head_hash
        assert journal.accepted_sequence == 3


def test_an_integer_buffer_is_stored_as_its_bytes(tmp_path: Path) -> None:
    turn = memoryview(bytearray(range(32))).cast("q")
    with Journal.open(tmp_path) as journal:
        journal.append(turn, first_sequence=1, last_sequence=1, command_count=1, time_ns=0)
    assert read(tmp_path) == [bytes(range(32))]


def test_each_block_names_the_hash_of_the_block_before(tmp_path: Path) -> None:
    write(tmp_path, [b"a", b"b", b"c"], SMALL_SEGMENTS)
    blocks = list(JournalReader(tmp_path).blocks())
    assert [block.previous_hash for block in blocks[1:]] == [block.hash for block in blocks[:-1]]
    stored = segments(tmp_path)[0].read_bytes()
    assert blocks[0].hash == block_hash(stored[80 : 80 + 128])


def test_a_block_without_events_leaves_the_sequence_alone(tmp_path: Path) -> None:
    with Journal.open(tmp_path) as journal:
        append(journal, b"one")
        append(journal, b"none", events=0)
        append(journal, b"two")
        assert journal.accepted_sequence == 2
        assert journal.block_count == 3
    assert read(tmp_path) == [b"one", b"none", b"two"]


@pytest.mark.parametrize(("first", "last"), [(1, 1), (3, 3), (0, 0), (2, 0)])
def test_a_gap_in_the_sequence_is_refused_before_writing(
    tmp_path: Path, first: int, last: int
) -> None:
    with Journal.open(tmp_path) as journal:
        append(journal, b"one")
        with pytest.raises(ValueError, match="block"):
            journal.append(
                b"x", first_sequence=first, last_sequence=last, command_count=1, time_ns=0
            )
        append(journal, b"two")
    assert read(tmp_path) == [b"one", b"two"]


def test_segments_roll_over_at_their_size_and_stay_one_chain(tmp_path: Path) -> None:
    payloads = [bytes([index]) * 500 for index in range(40)]
    write(tmp_path, payloads, SMALL_SEGMENTS)
    assert len(segments(tmp_path)) > 3
    assert all(path.stat().st_size <= 4096 for path in segments(tmp_path))
    assert read(tmp_path) == payloads
    assert verify(tmp_path).intact


def test_a_block_larger_than_a_segment_gets_one_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, [b"a", b"b" * 10_000, b"c"], SMALL_SEGMENTS)
    assert len(segments(tmp_path)) == 3
    assert read(tmp_path) == [b"a", b"b" * 10_000, b"c"]


def test_blocks_without_events_never_give_two_segments_one_name(tmp_path: Path) -> None:
    with Journal.open(tmp_path, settings=SMALL_SEGMENTS) as journal:
        for _ in range(20):
            append(journal, b"x" * 500, events=0)
        append(journal, b"event")
        append(journal, b"next")
    assert len(segments(tmp_path)) == 2
    assert len(read(tmp_path)) == 22


def test_reopening_continues_sequence_chain_and_epoch(tmp_path: Path) -> None:
    for index in range(5):
        with Journal.open(tmp_path, settings=SMALL_SEGMENTS) as journal:
            assert journal.recovery.last_sequence == index * 3
            assert journal.durable_sequence == index * 3
            for payload in (b"a", b"b" * 700, b""):
                append(journal, payload)
            head_hash = journal.head_hash
        assert verify(tmp_path).head_hash == head_hash
    assert {block.epoch for block in JournalReader(tmp_path).blocks()} == {1, 2, 3, 4, 5}


def test_opening_gives_every_stored_block_to_the_visitor(tmp_path: Path) -> None:
    write(tmp_path, [b"a", b"b"], SMALL_SEGMENTS)
    seen: list[bytes] = []
    with Journal.open(tmp_path, visit=lambda block: seen.append(bytes(block.payload))):
        assert seen == [b"a", b"b"]


def test_reading_starts_at_the_block_that_holds_the_sequence(tmp_path: Path) -> None:
    with Journal.open(tmp_path, settings=SMALL_SEGMENTS) as journal:
        for index in range(30):
            append(journal, bytes([index]) * 400, events=10)
    for sequence in (1, 10, 11, 150, 291, 300):
        assert read(tmp_path, sequence)[0][0] == (sequence - 1) // 10
    assert read(tmp_path, 301) == []


def test_a_second_writer_is_refused_with_the_owner_named(tmp_path: Path) -> None:
    with Journal.open(tmp_path), pytest.raises(JournalLocked, match=r"by process \d+"):
        Journal.open(tmp_path)
    Journal.open(tmp_path).close()


def test_a_writer_in_another_process_is_refused(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from quantumcore.server.journal import *\n"
        "try: Journal.open(Path(sys.argv[1]))\n"
        "except JournalLocked: sys.exit(42)"
    )
    with Journal.open(tmp_path):
        command = [sys.executable, "-c", code, str(tmp_path)]
        result = subprocess.run(command, env=SOURCES, check=False, timeout=30)
    assert result.returncode == 42


def test_a_closed_journal_refuses_appends_and_closes_again_quietly(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    append(journal, b"one")
    journal.close()
    journal.close()
    assert journal.durable_sequence == 1
    with pytest.raises(JournalClosed):
        append(journal, b"two")


def test_a_reader_follows_a_live_journal_over_a_roll(tmp_path: Path) -> None:
    with Journal.open(tmp_path, settings=SMALL_SEGMENTS) as journal:
        reader = JournalReader(tmp_path)
        append(journal, b"first")
        following = reader.blocks()
        assert bytes(next(following).payload) == b"first"
        for index in range(20):
            append(journal, bytes([index]) * 600)
        assert [block.number for block in following] == list(range(2, 22))
        assert [block.number for block in reader.blocks(22)] == []


def test_a_reader_stops_before_a_block_that_is_being_written(tmp_path: Path) -> None:
    write(tmp_path, [b"one", b"two"], SMALL_SEGMENTS)
    path = segments(tmp_path)[0]
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert read(tmp_path) == [b"one"]
    path.write_bytes(whole)
    assert read(tmp_path) == [b"one", b"two"]


def test_verification_reports_progress_to_the_last_byte(tmp_path: Path) -> None:
    write(tmp_path, [b"x" * 1000] * 10, SMALL_SEGMENTS)
    steps: list[tuple[int, int]] = []
    report = verify(tmp_path, progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (report.verified_bytes, report.verified_bytes)
    assert (report.blocks, report.commands, report.last_sequence) == (10, 10, 10)


@pytest.mark.parametrize("wrong", [{"segment_bytes": 0}, {"commit_window_ms": -1}])
def test_settings_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must lie between"):
        JournalSettings(**wrong)  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(
    turns=st.lists(
        st.tuples(st.binary(max_size=3000), st.integers(0, 5), st.booleans()), max_size=25
    )
)
def test_any_turns_are_read_back_over_any_reopenings(
    tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[bytes, int, bool]]
) -> None:
    directory = tmp_path_factory.mktemp("journal")
    journal = Journal.open(directory, settings=SMALL_SEGMENTS)
    for payload, events, reopen in turns:
        if reopen:
            journal.close()
            journal = Journal.open(directory, settings=SMALL_SEGMENTS)
        append(journal, payload, events=events)
    journal.close()
    assert read(directory) == [payload for payload, _, _ in turns]
    report = verify(directory)
    assert report.intact
    assert report.torn_at is None
    assert report.last_sequence == sum(events for _, events, _ in turns)
