"""Histories are made once for all tests of a run."""

import pytest

from tests.server.store.histories import History, all_histories


@pytest.fixture(scope="session")
def histories() -> list[History]:
    """Journals that together hold every kind of event."""
    return all_histories()
