"""`quantumcore log snapshot` and `log snapshots`."""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from quantumcore.client.cli.main import main
from tests.server.snapshots.history import Storing


@pytest.fixture(autouse=True)
def logging() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_snapshots_are_taken_listed_and_found_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["quantumcore", "log", *words, "--data", str(tmp_path)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capsys.readouterr()

    venue = Storing(tmp_path)
    venue.trade_at_random(random.Random(1), 40)
    status, taken, errors = run("snapshot", "--json")
    assert status == 0, errors
    assert json.loads(taken)["sequence"] == venue.exchange.sequence
    venue.journal.close()
    assert run("snapshots", "--json")[:2] == (0, taken)
    path = tmp_path / "snapshots" / json.loads(taken)["snapshot"]
    damaged = bytearray(path.read_bytes())
    damaged[-40] ^= 1
    path.write_bytes(damaged)
    status, _, errors = run("snapshots")
    assert status == 5
    assert "its hash does not match" in errors
