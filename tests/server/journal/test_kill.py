"""A writer killed with -9 loses nothing that it had accepted."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from quantumcore.server.journal import Journal, verify

WRITER = Path(__file__).with_name("crash_writer.py")
ROOT = Path(__file__).resolve().parents[3]


def killed_writer(directory: Path, durability: str, told_at_least: int) -> int:
    """Kill a writer after it told that many sequences; return the last one it told."""
    command = [sys.executable, str(WRITER), str(directory), durability]
    environment = {"PYTHONPATH": str(ROOT / "server")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as writer:
        assert writer.stdout is not None
        told = writer.stdout.read(8 * told_at_least)
        writer.kill()
        told += writer.stdout.read()
    return int.from_bytes(told[-8:], "little") if len(told) % 8 == 0 else -1


@pytest.mark.crash
@pytest.mark.parametrize("durability", ["process", "disk"])
def test_every_accepted_block_survives_kill_9_and_the_log_goes_on(
    tmp_path: Path, durability: str
) -> None:
    chance = random.Random(durability)
    accepted = 0
    for _ in range(5):
        told = killed_writer(tmp_path, durability, chance.randrange(1, 700))
        assert told > accepted
        with Journal.open(tmp_path) as journal:
            accepted = journal.accepted_sequence
            payloads = [bytes(block.payload) for block in journal.blocks()]
        assert accepted in (told, told + 1)
        assert payloads == [n.to_bytes(8, "little") * (1 + n % 300) for n in range(1, accepted + 1)]
    assert verify(tmp_path).intact
