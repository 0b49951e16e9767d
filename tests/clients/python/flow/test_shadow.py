from quantumcore.client.flow.actions import Cancel, New, Reduce, Reprice, Side
from quantumcore.client.flow.shadow import Fill, Level, ShadowBook


def limit(local_id: int, side: Side, price: int, quantity: int, *, immediate: bool = False) -> New:
    return New(
        local_id=local_id,
        side=side,
        price_nanos=price,
        quantity_nanos=quantity,
        time_ns=0,
        immediate=immediate,
    )


def test_a_taker_sweeps_levels_best_first_and_each_in_order_of_time() -> None:
    book = ShadowBook()
    for new in (
        limit(1, Side.SELL, 102, 5),
        limit(2, Side.SELL, 101, 3),
        limit(3, Side.SELL, 101, 4),
    ):
        assert book.apply(new) == []
    fills = book.apply(limit(4, Side.BUY, 102, 9))
    assert fills == [Fill(2, 4, 101, 3), Fill(3, 4, 101, 4), Fill(1, 4, 102, 2)]
    assert book.half(Side.SELL).levels(9) == [Level(102, 3)]
    assert book.half(Side.BUY).levels(9) == []


def test_the_rest_of_a_limit_order_rests_and_that_of_an_immediate_one_does_not() -> None:
    book = ShadowBook()
    book.apply(limit(1, Side.BUY, 100, 2))
    book.apply(limit(2, Side.SELL, 100, 5, immediate=True))
    assert len(book) == 0
    book.apply(limit(3, Side.BUY, 100, 2))
    book.apply(limit(4, Side.SELL, 100, 5))
    assert book.half(Side.SELL).levels(9) == [Level(100, 3)]


def test_a_reduction_keeps_priority_and_counts_what_has_traded() -> None:
    book = ShadowBook()
    book.apply(limit(1, Side.BUY, 100, 10))
    book.apply(limit(2, Side.BUY, 100, 10))
    book.apply(limit(3, Side.SELL, 100, 4))
    book.apply(Reduce(local_id=1, quantity_nanos=7, time_ns=0))
    assert book.half(Side.BUY).levels(9) == [Level(100, 13)]
    assert book.apply(limit(4, Side.SELL, 100, 5)) == [Fill(1, 4, 100, 3), Fill(2, 4, 100, 2)]


def test_a_reduction_to_what_has_traded_ends_the_order() -> None:
    book = ShadowBook()
    book.apply(limit(1, Side.BUY, 100, 10))
    book.apply(limit(2, Side.SELL, 100, 4))
    book.apply(Reduce(local_id=1, quantity_nanos=4, time_ns=0))
    assert len(book) == 0


def test_a_repriced_order_goes_to_the_back_and_trades_where_it_crosses() -> None:
    book = ShadowBook()
    book.apply(limit(1, Side.BUY, 100, 2))
    book.apply(limit(2, Side.BUY, 99, 2))
    book.apply(Reprice(local_id=1, price_nanos=99, quantity_nanos=2, time_ns=0))
    assert [order.local_id for order in book.half(Side.BUY).queue_at(99)] == [2, 1]
    book.apply(limit(3, Side.SELL, 103, 1))
    fills = book.apply(Reprice(local_id=2, price_nanos=103, quantity_nanos=2, time_ns=0))
    assert fills == [Fill(3, 2, 103, 1)]
    assert book.half(Side.BUY).levels(9) == [Level(103, 1), Level(99, 2)]


def test_changes_of_orders_that_do_not_rest_have_no_effect() -> None:
    book = ShadowBook()
    assert book.apply(Cancel(local_id=9, time_ns=0)) == []
    assert book.apply(Reduce(local_id=9, quantity_nanos=1, time_ns=0)) == []
    assert book.apply(Reprice(local_id=9, price_nanos=1, quantity_nanos=1, time_ns=0)) == []
    assert len(book) == 0


def test_touched_prices_are_reported_once() -> None:
    book = ShadowBook()
    book.apply(limit(1, Side.BUY, 100, 2))
    book.apply(limit(2, Side.BUY, 99, 2))
    book.apply(Cancel(local_id=1, time_ns=0))
    assert book.half(Side.BUY).take_touched() == {100, 99}
    assert book.half(Side.BUY).take_touched() == set()
