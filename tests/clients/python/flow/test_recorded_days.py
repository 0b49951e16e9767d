"""Replay recorded days through the shadow book and compare with what the venues published."""

from collections.abc import Callable
from pathlib import Path

from quantumcore.client.flow.actions import Side
from quantumcore.client.flow.bitstamp import (
    OrderEvent,
    parse_event_table,
    parse_raw_log,
)
from quantumcore.client.flow.lobster import parse_messages, parse_touches
from quantumcore.client.flow.lobster_flow import LobsterFlow
from quantumcore.client.flow.lobster_oracle import Determination, TouchOracle
from quantumcore.client.flow.recording import open_recording

_ROUNDING_NANOS = 10


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
