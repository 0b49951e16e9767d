"""A furnished venue for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantumcore.server.venue import Venue
from tests.server.api.running import TRADER_TOKEN, Client, running


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[Venue, Client]]:
    async with running(tmp_path) as pair:
        yield pair


@pytest.fixture
def venue(served: tuple[Venue, Client]) -> Venue:
    return served[0]


@pytest.fixture
def client(served: tuple[Venue, Client]) -> Client:
    return served[1]


@pytest.fixture
async def trader(venue: Venue) -> AsyncIterator[Client]:
    trader = Client(venue.port, TRADER_TOKEN)
    yield trader
    await trader.channel.close()
