"""Append for ever, telling each accepted sequence to standard output; the test kills it."""

import os
import sys
from pathlib import Path

from quantumcore.server.journal import Durability, Journal, JournalSettings


def main() -> None:
    settings = JournalSettings(segment_bytes=64 * 1024, durability=Durability(sys.argv[2]))
    journal = Journal.open(Path(sys.argv[1]), settings=settings)
    while True:
        sequence = journal.accepted_sequence + 1
        journal.append(
            sequence.to_bytes(8, "little") * (1 + sequence % 300),
            first_sequence=sequence,
            last_sequence=sequence,
            command_count=1,
            time_ns=sequence,
        )
        os.write(1, sequence.to_bytes(8, "little"))


main()
