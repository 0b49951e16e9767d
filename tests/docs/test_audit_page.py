"""What the page for auditors shows is what happens, on a venue with an event store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quantumcore.client.local import LocalSettings, LocalVenue, free_address, new_token

from .pages import DOCS, Command, differs, steps
from .test_order_pages import Reader


@pytest.fixture
def reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Reader]:
    settings = LocalSettings(
        data=tmp_path / "data",
        address=free_address(),
        token=new_token(),
        demo=True,
        log=tmp_path / "server.log",
        environment={
            "QC_EVENT_STORE": f"sqlite:///{tmp_path / 'data' / 'events.db'}",
            "QC_ORDER_CAPACITY": str(1 << 14),
        },
    )
    monkeypatch.setenv("QC_ADDRESS", settings.address)
    monkeypatch.setenv("QC_TOKEN", settings.token)
    monkeypatch.chdir(tmp_path)
    with LocalVenue(settings):
        yield Reader(monkeypatch, capsys)


def test_what_the_page_for_auditors_shows_is_what_happens(reader: Reader) -> None:
    told = []
    for step in steps((DOCS / "auditing.md").read_text()):
        assert isinstance(step, Command)
        printed = reader.type(step)
        if step.shown and (problem := differs(step.shown, printed)):
            told.append(f"{step.line}\n{problem}")
    assert told == []
    names = {path.name for path in Path.cwd().iterdir()}
    assert {"head.json", "events.jsonl", "events.jsonl.manifest.json"} <= names
