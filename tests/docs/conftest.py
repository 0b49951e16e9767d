from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quantumcore.client.local import LocalSettings, LocalVenue, free_address, new_token
from tests.threaded import VenueThread


@pytest.fixture
def demo_venue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalVenue]:
    """Run a venue with the demonstration's listing, found through the environment."""
    settings = LocalSettings(
        data=tmp_path / "data",
        address=free_address(),
        token=new_token(),
        demo=True,
        log=tmp_path / "server.log",
    )
    monkeypatch.setenv("QC_ADDRESS", settings.address)
    monkeypatch.setenv("QC_TOKEN", settings.token)
    with VenueThread(settings) as running:
        yield running
