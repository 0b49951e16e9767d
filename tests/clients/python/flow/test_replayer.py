from itertools import islice

import pytest

from quantumcore.client.flow.actions import Action, Cancel, New, Reduce, Reprice, Side
from quantumcore.client.flow.pace import ConstantRate, FullSpeed, Pace, RecordedSpeed
from quantumcore.client.flow.replayer import Acknowledgement, Checkpoint, Replayer
from quantumcore.client.flow.synthetic import SyntheticFlow


def limit(local_id: int, side: Side, price: int, quantity: int, time_ns: int = 0) -> New:
    return New(
        local_id=local_id, side=side, price_nanos=price, quantity_nanos=quantity, time_ns=time_ns
    )


CROSSING: list[Action] = [
    limit(1, Side.SELL, 10, 5),
    limit(2, Side.BUY, 11, 3),
    Reduce(local_id=1, quantity_nanos=4, time_ns=0),
    Reprice(local_id=1, price_nanos=12, quantity_nanos=6, time_ns=0),
    Cancel(local_id=1, time_ns=0),
]
ANSWERS = [
    Acknowledgement(71, 0, 5),
    Acknowledgement(72, 3, 0),
    Acknowledgement(71, 3, 1),
    Acknowledgement(71, 3, 3),
    Acknowledgement(71, 3, 0),
]


def test_answers_that_price_time_priority_gives_are_no_surprise() -> None:
    replayer = Replayer(CROSSING)
    assert replayer.next_batch(10) == CROSSING
    for answer in ANSWERS:
        replayer.acknowledge(answer)
    assert replayer.finished
    assert (replayer.acknowledged, replayer.surprising, replayer.trades) == (5, 0, 1)
    assert replayer.traded_nanos == 3
    assert replayer.sent == {"new": 2, "reduce": 1, "reprice": 1, "cancel": 1}


def test_batches_may_be_taken_ahead_of_the_answers() -> None:
    replayer = Replayer(CROSSING)
    sizes = [len(replayer.next_batch(2)) for _ in range(4)]
    assert sizes == [2, 2, 1, 0]
    assert replayer.exhausted
    assert not replayer.finished
    assert replayer.outstanding == 5


def test_the_venues_id_of_an_order_is_known_while_it_works() -> None:
    replayer = Replayer(CROSSING)
    replayer.next_batch(10)
    seen = []
    for answer in ANSWERS:
        replayer.acknowledge(answer)
        seen.append((replayer.order_id(1), replayer.order_id(2)))
    assert seen == [(71, 0), (71, 0), (71, 0), (71, 0), (0, 0)]


def test_an_answer_that_differs_is_counted_and_kept() -> None:
    replayer = Replayer(CROSSING)
    replayer.next_batch(1)
    replayer.acknowledge(Acknowledgement(71, 1, 4))
    assert replayer.surprising == 1
    assert [(s.expected.leaves_nanos, s.answered.leaves_nanos) for s in replayer.surprises] == [
        (5, 4)
    ]


def test_a_rejection_is_counted_by_its_reason() -> None:
    replayer = Replayer(CROSSING)
    replayer.next_batch(1)
    replayer.acknowledge(Acknowledgement(0, 0, 0, "OFF_TICK"))
    assert replayer.rejected == {"OFF_TICK": 1}
    assert replayer.surprising == 1


def test_an_answer_without_an_action_is_refused() -> None:
    with pytest.raises(ValueError, match="without an action"):
        Replayer([]).acknowledge(Acknowledgement(1, 0, 0))


def test_an_empty_flow_is_finished_at_once() -> None:
    replayer = Replayer([])
    assert replayer.finished
    assert replayer.next_batch(5) == []


@pytest.mark.parametrize(
    ("pace", "due"),
    [
        (FullSpeed(), [0, 0, 0]),
        (ConstantRate(4), [0, 250_000_000, 500_000_000]),
        (RecordedSpeed(100), [0, 50, 900]),
        (RecordedSpeed(100, times=10), [0, 5, 90]),
    ],
)
def test_an_action_is_handed_out_when_its_pace_says(pace: Pace, due: list[int]) -> None:
    actions = [
        limit(number, Side.BUY, 1, 1, time_ns) for number, time_ns in enumerate((100, 150, 1000), 1)
    ]
    replayer = Replayer(actions, pace=pace)
    for action, due_ns in zip(actions, due, strict=True):
        if due_ns:
            assert replayer.next_batch(1, due_ns - 1) == []
            assert replayer.due_in_ns(due_ns - 1) == 1
        assert replayer.next_batch(1, due_ns) == [action]
    assert replayer.due_in_ns(0) == 0


@pytest.mark.parametrize("make", [lambda: ConstantRate(0), lambda: RecordedSpeed(0, times=0)])
def test_a_pace_that_never_moves_is_refused(make: type[Pace]) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        make()


def test_an_endless_flow_is_taken_as_it_is_needed() -> None:
    replayer = Replayer(SyntheticFlow(1))
    assert replayer.next_batch(300) == list(islice(SyntheticFlow(1), 300))
    assert not replayer.exhausted


def test_a_prepared_flow_is_the_same_flow() -> None:
    plain, prepared = Replayer(CROSSING), Replayer(CROSSING)
    assert prepared.prepare() == len(CROSSING)
    for replayer in (plain, prepared):
        assert replayer.next_batch(10) == CROSSING
        for answer in ANSWERS:
            replayer.acknowledge(answer)
    assert (plain.surprising, plain.trades) == (prepared.surprising, prepared.trades)


def test_nothing_behind_a_checkpoint_is_handed_out_before_it_is_resumed() -> None:
    first, second = CROSSING[:2]
    replayer = Replayer([first, Checkpoint(0), second, Checkpoint(1)])
    reached = []
    for action, answer in zip((first, second), ANSWERS, strict=False):
        assert replayer.next_batch(10) == [action]
        reached.append(replayer.checkpoint)
        replayer.acknowledge(answer)
        reached.append(replayer.checkpoint)
        assert replayer.next_batch(10) == []
        assert not replayer.finished
        replayer.resume()
    assert reached == [None, Checkpoint(0), None, Checkpoint(1)]
    assert replayer.finished
