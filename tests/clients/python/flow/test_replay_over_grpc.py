"""Replay flows into a running venue, through its gRPC door."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quantumcore.client.cli.replay import prepare
from quantumcore.client.client import Client
from quantumcore.client.flow.bitstamp import parse_raw_log
from quantumcore.client.flow.comparison import (
    BitstampComparison,
    Comparison,
    LobsterComparison,
    SyntheticComparison,
)
from quantumcore.client.flow.lobster import parse_messages, parse_touches
from quantumcore.client.flow.recording import open_recording
from quantumcore.client.flow.synthetic import SyntheticFlow
from quantumcore.client.local import LocalSettings, LocalVenue, free_address, new_token


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    directory = tmp_path_factory.mktemp("venue")
    settings = LocalSettings(
        data=directory / "data",
        address=free_address(),
        token=new_token(),
        log=directory / "server.log",
    )
    with LocalVenue(settings) as venue, Client(venue.address, token=settings.token) as connected:
        yield connected


def play(client: Client, comparison: Comparison, symbol: str) -> dict[str, int]:
    """Replay, and return the figures of the comparison."""
    replay = prepare(client, comparison, symbol, account="replay", rate=0, batch=500)
    replay.run()
    assert replay.replayer.surprises == []
    assert not replay.replayer.rejected
    assert comparison.failures() == []
    return comparison.figures()


def test_a_synthetic_flow_gives_the_book_of_price_time_priority(client: Client) -> None:
    comparison = SyntheticComparison(SyntheticFlow(5), length=5_000, every=500)
    assert play(client, comparison, "SYNTHETIC") == {"compared": 20, "agreed": 20}


def test_a_lobster_day_keeps_the_touch_wherever_the_extract_determines_it(
    client: Client, recorded: Callable[[str], Path]
) -> None:
    with (
        open_recording(recorded("lobster_*_message_1.csv.xz")) as messages,
        open_recording(recorded("lobster_*_orderbook_1.csv.xz")) as touches,
    ):
        comparison = LobsterComparison(parse_messages(messages), parse_touches(touches), every=50)
    figures = play(client, comparison, "LOBSTER")
    assert figures["agreed"] == figures["compared"] > figures["undetermined"]


def test_a_bitstamp_day_gives_the_venues_own_snapshots_as_far_as_the_feed_allows(
    client: Client, recorded: Callable[[str], Path]
) -> None:
    with open_recording(recorded("bitstamp_*_raw_*.log.xz")) as lines:
        comparison = BitstampComparison(parse_raw_log(lines))
    figures = play(client, comparison, "BITSTAMP")
    assert figures["touches_agreed"] * 1000 >= figures["touches_compared"] * 998
    assert figures["agreed"] + figures["silent"] >= figures["compared"] * 999 // 1000
