"""What a command costs does not grow with what waits: shown by counting lines, not time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = (
    "enter a dated order",
    "cancel a dated order",
    "nothing is due",
    "one order expires",
    "trade above every stop",
    "enter a stop",
    "cancel a stop",
    "one stop is set off",
    "enter at a new price",
    "cancel a level",
    "trade with the best",
    "cancel in a long queue",
    "reduce in a long queue",
)


@pytest.fixture(scope="module")
def lines() -> tuple[dict[str, int], dict[str, int]]:
    """Lines that each command executes with a thousand orders there, and with ten thousand."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "server")])
    ran = subprocess.run(
        [sys.executable, "-m", "tests.server.core.work"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    few, many = json.loads(ran.stdout)
    return few, many


@pytest.mark.parametrize("command", COMMANDS)
def test_ten_times_as_many_orders_add_a_few_steps(
    lines: tuple[dict[str, int], dict[str, int]], command: str
) -> None:
    few, many = (each[command] for each in lines)
    assert few > 50
    assert many <= 1.25 * few + 40


def test_mass_cancel_costs_as_much_as_it_ends(
    lines: tuple[dict[str, int], dict[str, int]],
) -> None:
    few, many = (each["cancel all of a queue"] for each in lines)
    assert 9 * few < many < 11 * few


def test_every_command_is_looked_at(lines: tuple[dict[str, int], dict[str, int]]) -> None:
    assert tuple(lines[0]) == tuple(lines[1]) == (*COMMANDS, "cancel all of a queue")
