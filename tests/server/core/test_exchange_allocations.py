"""No command on orders takes memory from the heap, whatever the kind of order."""

import shutil
import sys

import pytest

from benchmarks import exchange_allocations as allocations
from quantumcore.server.core import enums, kinds
from quantumcore.server.core.events import OrderEvent, decode
from quantumcore.server.core.exchange_cy import is_compiled

counted = pytest.mark.skipif(
    not is_compiled() or shutil.which("cc") is None or sys.platform != "linux",
    reason="Python itself allocates; counting needs cc",
)
EVERY = {kinds.ORDER_ACCEPTED, kinds.ORDER_FILLED, kinds.ORDER_CANCELLED}


@counted
@pytest.mark.parametrize("flow", allocations.FLOWS)
def test_thousands_of_commands_call_malloc_no_more_often_than_few(flow: str) -> None:
    assert allocations.per_command(flow) == 0


@pytest.mark.parametrize(
    ("flow", "more"),
    [
        ("limit", {kinds.ORDER_REPLACED}),
        ("iceberg", {kinds.ORDER_REPLACED, kinds.ORDER_RESTATED}),
        ("reduce", {kinds.ORDER_REPLACED}),
        ("dated", {kinds.ORDER_REPLACED}),
        ("stop", {kinds.ORDER_TRIGGERED}),
        ("peg", {kinds.ORDER_REPLACED, kinds.ORDER_RESTATED}),
    ],
)
def test_flows_do_what_they_are_named_for(flow: str, more: set[int]) -> None:
    _, turn = allocations.turns(flow, (60,))
    events = [record for record in decode(turn) if isinstance(record, OrderEvent)]
    expected = EVERY | more
    if flow == "peg":
        expected -= {kinds.ORDER_FILLED}
    assert {event.kind for event in events} == expected
    pending = enums.ORDER_STATUS_PENDING_TRIGGER
    assert any(event.status == pending for event in events) == (flow == "stop")
