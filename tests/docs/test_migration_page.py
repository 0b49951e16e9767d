"""The page on moving a store is followed word for word, on a venue that has both stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quantumcore.client.local import LocalSettings, LocalVenue, free_address, new_token

from .pages import DOCS, Command, Program, differs, steps
from .test_order_pages import Reader

PAGE = DOCS / "migration.md"


@pytest.fixture
def moving_venue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalVenue]:
    """Run a venue with the demonstration's listing and the two stores of a move."""
    data = tmp_path / "data"
    settings = LocalSettings(
        data=data,
        address=free_address(),
        token=new_token(),
        demo=True,
        log=tmp_path / "server.log",
        environment={
            "QC_EVENT_STORE": f"legacy+sqlite:///{data / 'legacy.db'}",
            "QC_MIGRATION_TARGET": f"sqlite:///{data / 'events.db'}",
        },
    )
    monkeypatch.setenv("QC_ADDRESS", settings.address)
    monkeypatch.setenv("QC_TOKEN", settings.token)
    with LocalVenue(settings) as running:
        yield running


def test_the_move_goes_as_the_page_says(
    moving_venue: LocalVenue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert moving_venue.process_id
    reader = Reader(monkeypatch, capsys)
    for step in steps(PAGE.read_text()):
        match step:
            case Command():
                told = differs(step.shown, reader.type(step)) if step.shown else None
                assert told is None, f"{step.line}\n{told}"
            case Program():
                printed = reader.run(step, PAGE.name)
                told = None if step.shown is None else differs(step.shown, printed)
                assert told is None, f"{step.source}\n{told}"
