from itertools import islice

import pytest

from quantumcore.client.flow.actions import Cancel, New, Reduce, Reprice, Side
from quantumcore.client.flow.shadow import ShadowBook
from quantumcore.client.flow.synthetic import SyntheticFlow, SyntheticProfile

PROFILE = SyntheticProfile(
    tick_nanos=250_000_000,
    lot_nanos=2_000_000_000,
    mid_nanos=400_000_000_000,
    max_resting_orders=200,
)
LENGTH = 5_000


def test_the_same_seed_gives_the_same_flow_and_another_seed_another() -> None:
    first, again, other = (list(islice(SyntheticFlow(seed, PROFILE), LENGTH)) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_a_flow_starts_anew_with_each_iteration() -> None:
    flow = SyntheticFlow(3, PROFILE)
    assert list(islice(flow, 100)) == list(islice(flow, 100))


def test_prices_are_whole_ticks_and_quantities_whole_lots() -> None:
    for action in islice(SyntheticFlow(5, PROFILE), LENGTH):
        if isinstance(action, New | Reprice):
            assert action.price_nanos > 0
            assert action.price_nanos % PROFILE.tick_nanos == 0
        if not isinstance(action, Cancel):
            assert action.quantity_nanos > 0
            assert action.quantity_nanos % PROFILE.lot_nanos == 0


def test_every_cancel_and_change_names_a_resting_order_and_ids_are_dense() -> None:
    book = ShadowBook()
    last_local_id = 0
    for action in islice(SyntheticFlow(6, PROFILE), LENGTH):
        if isinstance(action, New):
            last_local_id += 1
            assert action.local_id == last_local_id
        else:
            order = book.order(action.local_id)
            assert order is not None
            if isinstance(action, Reprice):
                assert action.price_nanos != order.price_nanos
        book.apply(action)


def test_the_book_is_two_sided_bounded_and_trades() -> None:
    book = ShadowBook()
    trades = 0
    for count, action in enumerate(islice(SyntheticFlow(7, PROFILE), LENGTH)):
        trades += len(book.apply(action))
        assert len(book) <= PROFILE.max_resting_orders
        if count > LENGTH // 2:
            assert all(len(book.half(side).levels(3)) == 3 for side in Side)
    assert trades > LENGTH // 20


def test_every_kind_of_action_occurs_and_time_goes_forward() -> None:
    actions = list(islice(SyntheticFlow(8, PROFILE), LENGTH))
    assert {type(action) for action in actions} == {New, Cancel, Reduce, Reprice}
    assert any(isinstance(action, New) and action.immediate for action in actions)
    times = [action.time_ns for action in actions]
    assert times == sorted(set(times))


@pytest.mark.parametrize(
    "wrong",
    [
        {"tick_nanos": 0},
        {"lot_nanos": -1},
        {"max_resting_orders": 0},
        {"new_weight": 0},
        {"cancel_weight": -1},
        {"mid_nanos": 1_000_000_000},
    ],
)
def test_a_profile_out_of_range_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must"):
        SyntheticProfile(**wrong)
