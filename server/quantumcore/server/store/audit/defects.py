"""What is wrong with a log, named: where, what was expected, what was found."""

from collections.abc import Sequence
from itertools import zip_longest

from quantumcore.server.core import events, kinds
from quantumcore.server.journal.errors import JournalCorrupt
from quantumcore.v1.log_pb2 import LogDefect

# What the journal says of damage that is not one of its bytes.
GAPS = ("one is missing", "should begin with block", "block number is", "first sequence is",
        "lies before the first", "names first sequence", "lies before epoch")  # fmt: skip
LINKS = ("hash chain",)
SHOWN_BYTES = 400


class Deviation(Exception):
    """The first thing that is wrong; verification ends with it."""

    def __init__(self, defect: int, sequence: int, text: str, position: int = 0) -> None:
        super().__init__(text)
        self.defect = LogDefect.ValueType(defect)
        self.sequence = sequence
        self.text = text
        self.position = position


def damage(found: JournalCorrupt) -> Deviation:
    """Return what damage of the journal is to an auditor."""
    if any(words in found.reason for words in LINKS):
        defect = LogDefect.LOG_DEFECT_CHAIN
    elif any(words in found.reason for words in GAPS):
        defect = LogDefect.LOG_DEFECT_SEQUENCE_GAP
    else:
        defect = LogDefect.LOG_DEFECT_CHECKSUM
    text = f"segment {found.segment}, byte {found.offset}: {found.reason}"
    return Deviation(defect, found.sequence, text, found.offset)


def replay_deviation(first_sequence: int, journaled: bytes, executed: bytes) -> Deviation:
    """Return the first record of a turn in which execution and journal differ."""
    sequence = first_sequence - 1
    for expected, found in zip_longest(_records(journaled), _records(executed)):
        told = found if expected is None else expected
        if told is not None and len(told) > 1 and told[0] & 0xFFFF >= kinds.FIRST_EVENT:
            sequence = told[kinds.EVENT_SEQUENCE]
        if expected != found:
            return Deviation(
                LogDefect.LOG_DEFECT_REPLAY,
                max(sequence, first_sequence),
                f"the commands, executed again, give {_told(found)}; "
                f"the journal has {_told(expected)}",
            )
    text = "the commands, executed again, give other records than the journal has"
    return Deviation(LogDefect.LOG_DEFECT_REPLAY, first_sequence, text)


def _records(turn: bytes) -> Sequence[list[int]]:
    """Cut a turn into records; what is no whole record is one more at its end."""
    words = memoryview(turn).cast("q").tolist()
    records: list[list[int]] = []
    at = 0
    while at < len(words):
        length = words[at] >> 16 & 0xFFFF
        if length == 0:
            length = len(words)
        records.append(words[at : at + length])
        at += length
    return records


def _told(record: list[int] | None) -> str:
    if record is None:
        return "nothing more"
    kind = record[0] & 0xFFFF
    if kind not in events.NAMES or len(record) != record[0] >> 16 & 0xFFFF:
        return f"no whole record of a known kind ({kind})"
    if kind >= kinds.FIRST_EVENT and len(record) < kinds.NOTICE_WORDS:
        return f"a record of kind {kind} that is too short"
    return _described(record)[:SHOWN_BYTES]


def _described(record: list[int]) -> str:
    data = b"".join(word.to_bytes(8, "little", signed=True) for word in record)
    try:
        (one,) = events.decode(data)
    except (IndexError, ValueError) as problem:
        return f"a record that cannot be read ({problem})"
    return events.describe(one)
