"""Replay flows into the exchange itself and compare its book on the way."""

from collections.abc import Sequence

import pytest

from quantumcore.client.flow.actions import New, Side
from quantumcore.client.flow.comparison import (
    Comparison,
    SyntheticComparison,
)
from quantumcore.client.flow.pace import ConstantRate
from quantumcore.client.flow.replay import BookNotEmpty, Progress, Replay, ReplayOptions
from quantumcore.client.flow.synthetic import SyntheticFlow, SyntheticProfile
from quantumcore.client.flow.wire import Route
from quantumcore.v1.order_service_pb2 import TradeCommand
from tests.clients.python.flow.engine import Answered, EngineVenue

ROUTE = Route(account_id=1, instrument_id=1, prefix="t-")


def play(comparison: Comparison, options: ReplayOptions | None = None) -> Replay:
    replay = Replay(EngineVenue(comparison.terms), comparison, ROUTE, options=options)
    replay.run()
    assert replay.replayer.finished
    return replay


def synthetic(length: int, every: int) -> SyntheticComparison:
    profile = SyntheticProfile(max_resting_orders=300)
    return SyntheticComparison(SyntheticFlow(11, profile), length=length, every=every)


@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize("batch_size", [1, 7, 500])
def test_the_exchange_does_with_a_synthetic_flow_what_price_time_priority_gives(
    batch_size: int, prepared: bool
) -> None:
    options = ReplayOptions(batch_size=batch_size, prepared=prepared)
    replay = play(synthetic(3_000, 250), options)
    assert replay.comparison.failures() == []
    assert replay.comparison.figures() == {"compared": 24, "agreed": 24}
    assert replay.comparisons == 12
    assert replay.replayer.acknowledged == 3_000
    assert not replay.replayer.rejected
    assert replay.replayer.surprises == []
    assert replay.replayer.trades > 100


class LosingVenue(EngineVenue):
    """Does not carry out one of the orders, and answers as if it had."""

    def submit_messages(self, messages: Sequence[TradeCommand]) -> Answered:
        kept = [message for message in messages if message.create_order.client_order_id != "t-5"]
        answers = super().submit_messages(kept).messages()
        if len(kept) < len(messages):
            answers.insert(messages.index(next(m for m in messages if m not in kept)), answers[0])
        return Answered(answers)


def test_a_venue_that_loses_an_order_is_found_out() -> None:
    comparison = synthetic(400, 50)
    replay = Replay(LosingVenue(comparison.terms), comparison, ROUTE)
    replay.run()
    assert replay.comparison.failures() != []
    assert replay.replayer.surprising > 0


def test_a_book_that_holds_orders_is_refused() -> None:
    first = synthetic(100, 50)
    venue = EngineVenue(first.terms)
    Replay(venue, first, ROUTE).run()
    again = Replay(venue, synthetic(100, 50), Route(account_id=1, instrument_id=1, prefix="u-"))
    with pytest.raises(BookNotEmpty, match="instrument 1 is not empty"):
        again.run()
    assert again.replayer.acknowledged == 0


def test_progress_is_reported_until_the_end() -> None:
    seen: list[Progress] = []
    comparison = synthetic(100, 50)
    Replay(
        EngineVenue(comparison.terms), comparison, ROUTE, options=ReplayOptions(batch_size=10)
    ).run(seen.append)
    assert [progress.acknowledged for progress in seen] == sorted(
        progress.acknowledged for progress in seen
    )
    assert (seen[-1].sent, seen[-1].acknowledged, seen[-1].comparisons) == (100, 100, 2)


def test_a_paced_replay_sleeps_until_the_next_action_is_due() -> None:
    now_ns = 0
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now_ns
        slept.append(seconds)
        now_ns += round(seconds * 1_000_000_000)

    comparison = synthetic(5, 5)
    replay = Replay(
        EngineVenue(comparison.terms),
        comparison,
        ROUTE,
        options=ReplayOptions(pace=ConstantRate(4)),
        clock_ns=lambda: now_ns,
        sleep_s=sleep,
    )
    replay.run()
    assert slept == [0.25] * 4
    assert replay.elapsed_ns == 1_000_000_000
    assert replay.actions_per_s == 5


def test_a_command_names_the_order_by_the_venues_id_where_that_is_known() -> None:
    new = New(local_id=3, side=Side.SELL, price_nanos=7, quantity_nanos=9, time_ns=0)
    create = ROUTE.command(new).create_order
    assert (create.client_order_id, create.side, create.price, create.quantity) == ("t-3", 2, 7, 9)


@pytest.mark.parametrize("prefix", ["", "x" * 41, "é"])
def test_a_prefix_that_makes_no_client_order_id_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        Route(account_id=1, instrument_id=1, prefix=prefix)
