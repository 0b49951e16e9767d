from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quantumcore.client.client import Client
from quantumcore.client.local import LocalSettings, LocalVenue, free_address, new_token
from tests.threaded import VenueThread

RECORDINGS = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def recorded() -> Callable[[str], Path]:
    """Find a recording beside the checkout; skip the test where there is none."""

    def find(pattern: str) -> Path:
        found = sorted(RECORDINGS.glob(pattern))
        if not found:
            pytest.skip(f"no recording {pattern} in {RECORDINGS}")
        return found[0]

    return find


IN_A_THREAD = {"test_multi_leg_terms", "test_multi_leg", "test_market", "test_books_by_order"}
"""Modules whose venue need not be a process of its own: others start, kill and restart theirs."""


@pytest.fixture
def venue(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LocalVenue]:
    settings = LocalSettings(
        data=tmp_path / "data",
        address=free_address(),
        token=new_token(),
        log=tmp_path / "server.log",
        environment={"QC_STREAMS__HEARTBEAT_INTERVAL_S": "0.2"},
    )
    in_a_thread = request.path.stem in IN_A_THREAD and "own_process" not in request.keywords
    with (VenueThread if in_a_thread else LocalVenue)(settings) as running:
        yield running


@pytest.fixture
def client(venue: LocalVenue) -> Iterator[Client]:
    with Client(venue.address, token=venue.settings.token) as connected:
        yield connected
