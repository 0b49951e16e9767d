from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumcore.client.retry import RetryPolicy


def test_pauses_double_up_to_the_longest() -> None:
    policy = RetryPolicy(attempts=6, first_delay_s=1, multiplier=2, max_delay_s=5, jitter=0)
    assert list(policy.delays(random.Random(1))) == [1, 2, 4, 5, 5]


def test_one_attempt_has_no_pause() -> None:
    assert list(RetryPolicy(attempts=1).delays(random.Random(1))) == []


@given(st.integers(), st.floats(0, 1))
def test_jitter_stays_within_its_share(seed: int, jitter: float) -> None:
    policy = RetryPolicy(attempts=8, first_delay_s=1, multiplier=1, max_delay_s=1, jitter=jitter)
    for delay_s in policy.delays(random.Random(seed)):
        assert delay_s == pytest.approx(1, abs=jitter + 1e-9)
