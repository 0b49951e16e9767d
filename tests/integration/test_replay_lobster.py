from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from quantumcore.client.cli.replay import find_account, find_instrument
from quantumcore.client.client import Client
from quantumcore.client.flow.comparison import LobsterComparison
from quantumcore.client.flow.lobster import parse_messages, parse_touches
from quantumcore.client.flow.recording import open_recording
from quantumcore.client.flow.wire import Route

from .sequenced import replay


def test_the_touch_of_a_day_agrees_after_every_message_that_determines_it(
    client: Client, recorded: Callable[[str], Path]
) -> None:
    with (
        open_recording(recorded("lobster_*_message_1.csv.xz")) as messages,
        open_recording(recorded("lobster_*_orderbook_1.csv.xz")) as touches,
    ):
        comparison = LobsterComparison(parse_messages(messages), parse_touches(touches), every=1)
    route = Route(
        account_id=find_account(client, "replay"),
        instrument_id=find_instrument(client, "LOBSTER", comparison),
        prefix="day-",
    )
    outcome = replay(
        client, comparison.items(), route, depth=comparison.depth, compare=comparison.compare
    )
    figures = comparison.figures()
    assert outcome.snapshots == 1, "the venue sent the book anew: the recorder was too slow"
    assert outcome.rejected == 0
    assert comparison.failures() == []
    assert figures["agreed"] == figures["compared"]
    assert figures["compared"] > 90_000
    assert figures["undetermined"] < figures["compared"] // 4
