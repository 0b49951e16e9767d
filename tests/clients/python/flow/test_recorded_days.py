"""Replay recorded days through the shadow book and compare with what the venues published."""

from collections.abc import Callable
from pathlib import Path

import pytest

from quantumcore.client.flow.actions import Side
from quantumcore.client.flow.bitstamp import (
    OrderEvent,
    VenueSnapshot,
    parse_event_table,
    parse_raw_log,
)
from quantumcore.client.flow.bitstamp_flow import BitstampFlow, BitstampReason
from quantumcore.client.flow.bitstamp_oracle import Explanation, SnapshotOracle
from quantumcore.client.flow.lobster import parse_messages, parse_touches
from quantumcore.client.flow.lobster_flow import LobsterFlow
from quantumcore.client.flow.lobster_oracle import Determination, TouchOracle
from quantumcore.client.flow.recording import open_recording

_DATA = Path(__file__).parents[4].parent / "shared" / "data"
_ROUNDING_NANOS = 10


@pytest.fixture
def recorded() -> Callable[[str], Path]:
    def find(pattern: str) -> Path:
        paths = sorted(_DATA.glob(pattern))
        if not paths:
            pytest.skip(f"no recording ../shared/data/{pattern} beside the checkout")
        return paths[0]

    return find


def test_the_touch_of_a_lobster_day_agrees_wherever_the_extract_determines_it(
    recorded: Callable[[str], Path],
) -> None:
    with open_recording(recorded("lobster_*_orderbook_1.csv.xz")) as lines:
        touches = list(parse_touches(lines))
    with open_recording(recorded("lobster_*_message_1.csv.xz")) as lines:
        flow = LobsterFlow(parse_messages(lines), touches)
    oracle = TouchOracle(touches)
    for row, _ in enumerate(flow):
        oracle.compare(row, *(flow.shadow.half(side).best() for side in Side))
    assert oracle.mismatches == []
    assert oracle.determined_agreed == oracle.determined
    assert oracle.determined + oracle.compared(Determination.ADOPTED) == 2 * len(touches)
    assert oracle.compared(Determination.ADOPTED) < len(touches) // 4


def test_a_bitstamp_day_agrees_with_the_venues_snapshots_as_far_as_the_feed_allows(
    recorded: Callable[[str], Path],
) -> None:
    with open_recording(recorded("bitstamp_*_raw_*.log.xz")) as lines:
        flow = BitstampFlow(parse_raw_log(lines))
    oracle = SnapshotOracle()
    for step in flow:
        oracle.follow(step.record.time_ns if step.record else 0, flow.shadow)
        if isinstance(step.record, VenueSnapshot):
            oracle.compare(step.record, *(flow.shadow.half(side).levels(40) for side in Side))
    report = oracle.report(flow.disputed)
    assert flow.deviations[BitstampReason.FILL_FORCED] == 0
    assert report.unexplained == []
    assert report.touches_agreed >= report.touches_compared * 998 // 1000
    levels = report.levels_agreed + report.explanations[Explanation.SILENT]
    assert levels >= report.levels_compared * 999 // 1000


def test_both_forms_of_a_bitstamp_capture_hold_the_same_events(
    recorded: Callable[[str], Path],
) -> None:
    with open_recording(recorded("bitstamp_*_l3_*.csv.xz")) as lines:
        table = sorted(parse_event_table(lines))
    with open_recording(recorded("bitstamp_*_raw_*.log.xz")) as lines:
        log = sorted(record for record in parse_raw_log(lines) if isinstance(record, OrderEvent))
    assert len(table) == len(log)
    for ours, theirs in zip(table, log, strict=True):
        assert ours[:5] == theirs[:5]
        assert abs(ours.remaining_nanos - theirs.remaining_nanos) <= _ROUNDING_NANOS
