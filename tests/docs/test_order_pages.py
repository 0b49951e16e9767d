"""Every example of the pages on orders and accounts is run as printed, and prints what is shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from quantumcore.client.cli.main import main
from quantumcore.client.local import LocalVenue

from .pages import DOCS, Command, Program, differs, steps

ORDERS = [page for page in sorted((DOCS / "orders").glob("*.md")) if page.stem != "README"]
PAGES = [*ORDERS, DOCS / "accounts.md", DOCS / "portfolio-margin.md"]


class Reader:
    """Somebody who types what a page shows, line by line."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self._names: dict[str, Any] = {"__name__": "documented"}

    def type(self, command: Command) -> str:
        """Run a command; return what it printed, errors behind the rest."""
        self._monkeypatch.setattr(sys, "argv", ["quantumcore", *command.words])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        output = self._capsys.readouterr()
        assert int(ended.value.code or 0) == command.status, f"{command.line}\n{output.err}"
        return output.out + output.err

    def run(self, program: Program, page: str) -> str:
        """Run a program; return what it printed."""
        self._capsys.readouterr()
        exec(compile(program.source, page, "exec"), self._names)
        return self._capsys.readouterr().out


@pytest.fixture
def reader(
    demo_venue: LocalVenue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Reader:
    assert demo_venue.process_id
    return Reader(monkeypatch, capsys)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_is_what_happens(page: Path, reader: Reader) -> None:
    for step in steps(page.read_text()):
        match step:
            case Command():
                printed, name = reader.type(step), step.line
                shown = step.shown or None
            case Program():
                printed, name = reader.run(step, page.name), step.source
                shown = step.shown
        told = None if shown is None else differs(shown, printed)
        assert told is None, f"{page.name}: {name}\n{told}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_of_an_order_shows_shell_and_python(page: Path) -> None:
    found = steps(page.read_text())
    assert [step for step in found if isinstance(step, Command) and step.shown]
    assert [step for step in found if isinstance(step, Program) and step.shown]


def test_the_index_of_the_orders_names_every_page() -> None:
    index = (DOCS / "orders" / "README.md").read_text()
    assert [page.name for page in ORDERS if f"({page.name})" not in index] == []
