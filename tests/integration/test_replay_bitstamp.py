from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from quantumcore.client.cli.replay import find_account, find_instrument
from quantumcore.client.client import Client
from quantumcore.client.flow.bitstamp import parse_raw_log
from quantumcore.client.flow.bitstamp_oracle import Explanation
from quantumcore.client.flow.comparison import BitstampComparison
from quantumcore.client.flow.recording import open_recording
from quantumcore.client.flow.wire import Route

from .sequenced import replay


def test_the_book_agrees_with_the_venues_own_snapshots_or_the_difference_is_explained(
    client: Client, recorded: Callable[[str], Path]
) -> None:
    with open_recording(recorded("bitstamp_*_raw_*.log.xz")) as lines:
        comparison = BitstampComparison(parse_raw_log(lines))
    route = Route(
        account_id=find_account(client, "replay"),
        instrument_id=find_instrument(client, "BITSTAMP", comparison),
        prefix="capture-",
    )
    outcome = replay(
        client, comparison.items(), route, depth=comparison.depth, compare=comparison.compare
    )
    figures = comparison.figures()
    assert outcome.snapshots == 1, "the venue sent the book anew: the recorder was too slow"
    assert comparison.failures() == []
    assert figures["snapshots"] > 5_000
    explained = sum(figures.get(why.name.lower(), 0) for why in Explanation)
    assert figures["agreed"] + explained == figures["compared"]
    assert figures["agreed"] > figures["compared"] * 93 // 100
    assert figures["touches_agreed"] > figures["touches_compared"] * 99 // 100, figures
