"""What the start page shows of trading works as it is printed there."""

from __future__ import annotations

import sys

import pytest

from quantumcore.client.cli.main import main
from quantumcore.client.local import LocalVenue

from .pages import DOCS, PROMPT, Command, Program, steps

LIVE = "book AAPL"
SECTION = "## Trade"


def test_the_start_page_trades(
    demo_venue: LocalVenue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo_venue.process_id
    page = (DOCS.parent / "README.md").read_text()
    section = page[page.index(SECTION) : page.index("## ", page.index(SECTION) + 1)]
    for step in steps(section):
        match step:
            case Program():
                exec(compile(step.source, "README.md", "exec"), {"__name__": "documented"})
            case Command(line) if line.startswith(PROMPT):
                once = ["--once"] if line.endswith(LIVE) else []  # it would go on for ever
                monkeypatch.setattr(sys, "argv", ["quantumcore", *step.words, *once])
                with pytest.raises(SystemExit) as ended:
                    main()
                assert not ended.value.code, line
    printed = capsys.readouterr().out
    assert "PENDING_TRIGGER" in printed
    assert "Order(order_id=" in printed
