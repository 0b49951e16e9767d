"""A tail yields each block once, also while the journal is written, rolls over, or is torn."""

from pathlib import Path

import pytest

from quantumcore.server.journal import Journal, JournalCorrupt
from quantumcore.server.journal.tail import Tail
from tests.server.journal.storage import SMALL_SEGMENTS, append, segments, write


def payloads(tail: Tail) -> list[bytes]:
    return [bytes(block.payload) for block in tail.blocks()]


def test_a_journal_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "journal")
    assert payloads(tail) == []
    (tmp_path / "journal").mkdir()
    assert payloads(tail) == []
    write(tmp_path / "journal", [b"a"], SMALL_SEGMENTS)
    assert payloads(tail) == [b"a"]
    tail.close()


def test_blocks_are_yielded_once_as_they_come(tmp_path: Path) -> None:
    tail = Tail(tmp_path)
    with Journal.open(tmp_path) as journal:
        assert payloads(tail) == []
        for number in range(5):
            append(journal, b"%d" % number)
            assert payloads(tail) == [b"%d" % number]
            assert payloads(tail) == []
        append(journal, b"x")
        append(journal, b"y")
        assert payloads(tail) == [b"x", b"y"]
    tail.close()


def test_a_tail_follows_from_segment_to_segment(tmp_path: Path) -> None:
    tail, seen = Tail(tmp_path), []
    with Journal.open(tmp_path, settings=SMALL_SEGMENTS) as journal:
        for number in range(60):
            append(journal, b"%03d" % number * 100)
            if number % 7 == 0:
                seen += payloads(tail)
    seen += payloads(tail)
    assert len(segments(tmp_path)) > 3
    assert seen == [b"%03d" % number * 100 for number in range(60)]
    tail.close()


def test_a_tail_begins_with_the_segment_of_a_sequence(tmp_path: Path) -> None:
    write(tmp_path, [b"%03d" % number * 100 for number in range(60)], SMALL_SEGMENTS)
    names = segments(tmp_path)
    tail = Tail(tmp_path, from_sequence=40)
    first = next(tail.blocks())
    assert first.position.segment in {path.name for path in names[1:]}
    assert first.first_sequence <= 40
    assert [block.first_sequence for block in tail.blocks()][-1] == 60
    tail.close()


def test_a_block_that_is_being_written_is_waited_for_at_every_byte(tmp_path: Path) -> None:
    write(tmp_path / "whole", [b"first", b"second block"], SMALL_SEGMENTS)
    stored = segments(tmp_path / "whole")[0]
    data = stored.read_bytes()
    begun = len(data) - 128 - len(b"second block")
    directory = tmp_path / "growing"
    directory.mkdir()
    growing = directory / stored.name
    growing.write_bytes(data[:begun])
    tail = Tail(directory)
    assert payloads(tail) == [b"first"]
    for length in range(begun + 1, len(data)):
        growing.write_bytes(data[:length])
        assert payloads(tail) == []
    growing.write_bytes(data)
    assert payloads(tail) == [b"second block"]
    tail.close()


def test_a_torn_block_that_a_restart_cut_off_is_not_yielded(tmp_path: Path) -> None:
    write(tmp_path, [b"first", b"second"], SMALL_SEGMENTS)
    path = segments(tmp_path)[0]
    path.write_bytes(path.read_bytes()[:-3])
    tail = Tail(tmp_path)
    assert payloads(tail) == [b"first"]
    with Journal.open(tmp_path) as journal:
        append(journal, b"another second")
    assert payloads(tail) == [b"another second"]
    tail.close()


def test_damage_with_something_behind_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, [b"first", b"second", b"third"], SMALL_SEGMENTS)
    path = segments(tmp_path)[0]
    data = bytearray(path.read_bytes())
    data[data.index(b"second")] ^= 1
    path.write_bytes(data)
    tail = Tail(tmp_path)
    with pytest.raises(JournalCorrupt, match="payload hash"):
        payloads(tail)
    tail.close()


def test_a_missing_segment_is_named(tmp_path: Path) -> None:
    write(tmp_path, [b"%03d" % number * 100 for number in range(60)], SMALL_SEGMENTS)
    segments(tmp_path)[1].unlink()
    tail = Tail(tmp_path)
    with pytest.raises(JournalCorrupt, match="one is missing"):
        payloads(tail)
    tail.close()
