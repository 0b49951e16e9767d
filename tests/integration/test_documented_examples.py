"""What the pages show people to type is run, in the order shown, against a real venue."""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from pathlib import Path

import pytest

from quantumcore.client.cli.main import main
from quantumcore.client.local import LocalSettings, LocalVenue, free_address, new_token

DOCS = Path(__file__).parents[2] / "docs"
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^\$ quantumcore (.*)$", re.MULTILINE)
REFUSED = "# refused"


@pytest.fixture
def demo_venue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalVenue:
    settings = LocalSettings(
        data=tmp_path / "data",
        address=free_address(),
        token=new_token(),
        demo=True,
        log=tmp_path / "server.log",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QC_ADDRESS", settings.address)
    monkeypatch.setenv("QC_TOKEN", settings.token)
    return LocalVenue(settings)


def test_the_examples_of_the_python_client_run_as_they_are_printed(
    demo_venue: LocalVenue,
) -> None:
    blocks = PYTHON.findall((DOCS / "interfaces" / "python-client.md").read_text())
    assert len(blocks) >= 6
    with demo_venue:
        namespace: dict[str, object] = {"__name__": "documented"}
        for block in blocks:
            exec(compile(block, "python-client.md", "exec"), namespace)
    asyncio.set_event_loop(None)


def test_the_tutorial_can_be_followed_word_for_word(
    demo_venue: LocalVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = CONSOLE.findall((DOCS / "tutorial.md").read_text())
    assert lines[0] == "up --demo"
    with demo_venue:
        for line in lines[1:]:
            words = shlex.split(line, comments=True)
            monkeypatch.setattr(sys, "argv", ["quantumcore", *words])
            with pytest.raises(SystemExit) as ended:
                main()
            assert int(ended.value.code or 0) == (1 if REFUSED in line else 0), line
