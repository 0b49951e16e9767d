"""The exchange and a plain model of it never differ, in any field of any event nor in what is held.

Flows are seeded; where one brings out a difference, it is made as small as it can be and printed
as a story: a line a command, then what each side told. `make fuzz` plays longer ones.
"""

import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import enums
from quantumcore.server.core.events import NAMES, OrderEvent, decode_results
from quantumcore.server.core.exchange_cy import is_compiled
from tests.server.core.flow import SETTING, Flow
from tests.server.core.model import trades
from tests.server.core.pair import Pair, Step, difference, explain, story

OPERATIONS = int(os.environ.get("QC_FUZZ_OPERATIONS") or (60_000 if is_compiled() else 10_000))
SEED = int(os.environ.get("QC_FUZZ_SEED", "1"))
PER_VENUE = 2_500  # commands on one venue, before the next begins with empty books
PARTS = 8
RISK_REASONS = {
    enums.REJECT_REASON_RATE_LIMITED,
    enums.REJECT_REASON_ACCOUNT_SUSPENDED,
    enums.REJECT_REASON_ACCOUNT_NOT_FLAT,
    *range(enums.REJECT_REASON_KILL_SWITCH, enums.REJECT_REASON_REDUCE_ONLY + 1),
}


def played(seed: int, count: int) -> tuple[Pair, list[Step]]:
    """Play a seeded flow on both; fail with the smallest story where they differ."""
    pair, steps = Pair(), list(SETTING)
    assert not difference(steps)
    for step in steps:
        pair.play(step)
    flow = Flow(random.Random(seed), pair.model)
    for _ in range(count):
        steps.append(flow.next_step())
        found = pair.play(steps[-1])
        if found:
            pytest.fail(f"seed {seed}: {found}\n{explain(steps, len(SETTING))}")
    return pair, steps


@pytest.mark.parametrize("part", range(PARTS))
def test_long_seeded_flow_of_commands(part: int) -> None:
    commands = OPERATIONS // PARTS
    count = 0
    for venue, first in enumerate(range(0, commands, PER_VENUE)):
        seed = SEED * 1_000_003 + part * 10_007 + venue
        pair, _ = played(seed, min(PER_VENUE, commands - first))
        count += pair.model.world.last_trade_id
    assert count > commands // 50


@settings(max_examples=25, derandomize=True, deadline=None)
@given(choose=st.randoms(use_true_random=False), count=st.integers(1, 80))
def test_generated_commands(choose: random.Random, count: int) -> None:
    pair, steps = Pair(), list(SETTING)
    for step in steps:
        assert not pair.play(step)
    flow = Flow(choose, pair.model)
    for _ in range(count):
        steps.append(flow.next_step())
        assert not pair.play(steps[-1]), story(steps)


def test_seeded_flow_meets_every_kind_of_event_and_most_reasons() -> None:
    """A flow that stopped reaching a feature would hold nothing against the model."""
    kinds_met: set[int] = set()
    reasons: set[int] = set()
    refused: set[int] = set()
    for seed in (0, 1, 2, 3, 7):
        pair, steps = Pair(), list(SETTING)
        flow = Flow(random.Random(seed), pair.model)
        for number in range(1_500 + len(SETTING)):
            step = steps[number] if number < len(SETTING) else flow.next_step()
            assert not pair.play(step)
            kinds_met |= {event.kind for event in pair.told}
            orders = [event for event in pair.told if isinstance(event, OrderEvent)]
            reasons |= {event.cancel_reason for event in orders}
            refused.add(decode_results(pair.exchange.results.view())[-1].reject_reason)
    # The model has neither packages nor margin, nor acts that are only recorded.
    never = {"CONFIGURED", "ACT_RECORDED", "MARGIN_CHANGED", "ORDER_UNWINDING", "ORDER_UNWOUND"}
    never |= {"SPREAD_CREDIT_SET", "SCAN_RANGE_SET", "GROUP_LIMITS_SET", "GROUP_KILL_SWITCH_SET"}
    events = {kind for kind, name in NAMES.items() if kind >= 64 and name not in never}
    assert kinds_met == events
    assert reasons >= set(range(16)) | {17}
    assert refused >= RISK_REASONS


def test_difference_is_made_small_and_told_as_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose stops do not see trades is found out, by the commands that it takes alone."""
    flows = [played(seed, 300)[1] for seed in range(6)]
    monkeypatch.setattr(trades, "reach", _see_nothing)
    steps = next(steps for steps in flows if difference(steps))
    told = explain(steps, len(SETTING)).splitlines()
    commands = [line for line in told if line.startswith("+")][len(SETTING) :]
    assert 3 <= len(commands) <= 5
    assert sum("create_order" in command for command in commands) >= 3
    at = told.index("the model tells:")
    assert any(" triggered: " in line for line in told[:at])
    assert not any(" triggered: " in line for line in told[at:])
    assert told[-1].startswith("events differ: ")


def _see_nothing(*_: object) -> None:
    pass
