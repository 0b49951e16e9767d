from collections.abc import Iterable

import pytest

from quantumcore.client.flow.actions import Action, Cancel, New, Reduce, Reprice, Side
from quantumcore.client.flow.bitstamp import (
    OrderEvent,
    OrderEventKind,
    VenueSnapshot,
    VenueTrade,
    parse_event_table,
    parse_raw_log,
)
from quantumcore.client.flow.bitstamp_flow import BitstampFlow, BitstampReason
from quantumcore.client.flow.bitstamp_oracle import Explanation, SnapshotOracle, SnapshotReport
from quantumcore.client.flow.recording import FlowFormatError
from quantumcore.client.flow.shadow import Level

NS_PER_MS = 1_000_000
NANOS = 1_000_000_000
HEADER = "id,timestamp,exchange.timestamp,price,volume,action,direction"


def event(ms: int, kind: str, order_id: int, side: int, price: str, amount: str) -> str:
    return (
        f'{ms} order_{kind} {{"price": "{price}", "amount": "{amount}", "datetime": "0", '
        f'"id": {order_id}, "order_type": {side}}}'
    )


def trade(ms: int, price: str, amount: str) -> str:
    return f'{ms} trade {{"price": {price}, "amount": {amount}, "id": 1}}'


def snapshot(ms: int, bids: str, asks: str) -> str:
    def pairs(text: str) -> str:
        levels = [level.split("x") for level in text.split()]
        return "[" + ", ".join(f'["{price}", "{size}"]' for price, size in levels) + "]"

    return f'{ms} order_book {{"bids": {pairs(bids)}, "asks": {pairs(asks)}}}'


def replay(lines: Iterable[str]) -> tuple[BitstampFlow, SnapshotReport, list[list[Action]]]:
    """Replay a raw log and compare the book with every snapshot."""
    flow = BitstampFlow(parse_raw_log(lines))
    oracle = SnapshotOracle()
    sent = []
    for step in flow:
        sent.append(list(step.actions))
        oracle.follow(step.record.time_ns if step.record else 0, flow.shadow)
        if isinstance(step.record, VenueSnapshot):
            book = (flow.shadow.half(Side.BUY).levels(20), flow.shadow.half(Side.SELL).levels(20))
            oracle.compare(step.record, book, book)
    return flow, oracle.report(flow.disputed), sent


def test_an_event_of_the_table_becomes_integers() -> None:
    lines = [HEADER, "7,1500,1000,10.25,300000000,changed,ask"]
    assert list(parse_event_table(lines)) == [
        OrderEvent(
            1500 * NS_PER_MS, OrderEventKind.CHANGED, 7, Side.SELL, 10_250_000_000, 3 * NANOS
        )
    ]


def test_both_formats_tell_the_same_event() -> None:
    table = parse_event_table(["7,1500,0,10.25,200000001,created,bid"])
    log = parse_raw_log([event(1500, "created", 7, 0, "10.25", "2.00000001")])
    assert list(table) == list(log)


def test_the_binary_rounding_of_a_trade_is_undone() -> None:
    (record,) = parse_raw_log([trade(1, "10.5", "1.3300000000000001")])
    assert record == VenueTrade(NS_PER_MS, 1, 10_500_000_000, 1_330_000_000)


@pytest.mark.parametrize(
    "line", ["", "x", "1 order_lost {}", "1 trade {}", "1 trade []", '1 order_created {"id": 1}']
)
def test_a_bad_log_line_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(FlowFormatError, match="line 1"):
        list(parse_raw_log([line]))


@pytest.mark.parametrize("line", ["1,2,3", "7,1,1,1.0,1,lost,bid", "7,1,1,1.0,1,created,left"])
def test_a_bad_table_line_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(FlowFormatError, match="line 2"):
        list(parse_event_table([HEADER, line]))


def test_an_aggressive_order_is_matched_by_the_engine_and_its_fills_are_expected() -> None:
    flow, report, sent = replay(
        [
            event(1, "created", 1, 1, "10.00", "1.00000000"),
            event(2, "created", 2, 1, "10.10", "3.00000000"),
            event(3, "created", 3, 0, "10.20", "2.00000000"),
            event(4, "changed", 3, 0, "10.20", "1.00000000"),
            event(5, "deleted", 1, 1, "10.00", "0.00000000"),
            trade(6, "10.00", "1.0"),
            event(7, "deleted", 3, 0, "10.20", "0.00000000"),
            event(8, "changed", 2, 1, "10.10", "2.00000000"),
            trade(9, "10.10", "1.0"),
            snapshot(10, "", "10.10x2.00000000"),
        ]
    )
    assert [len(actions) for actions in sent] == [0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert flow.deviations.as_dict() == {"fill_confirmed": 3, "fill_pending": 1}
    assert (report.levels_compared, report.levels_agreed) == (1, 1)


def test_a_cancel_is_sent() -> None:
    _, _, sent = replay(
        [
            event(1, "created", 1, 0, "10.00", "1.00000000"),
            event(2, "deleted", 1, 0, "10.00", "1.00000000"),
        ]
    )
    assert sent[2] == [Cancel(local_id=1, time_ns=2 * NS_PER_MS)]


def test_a_fill_that_the_engine_cannot_match_is_forced_and_counted() -> None:
    flow, _, sent = replay(
        [
            event(1, "created", 1, 0, "10.00", "3.00000000"),
            event(2, "changed", 1, 0, "10.00", "2.00000000"),
            event(3, "deleted", 1, 0, "10.00", "0.00000000"),
        ]
    )
    assert sent[2] == [Reduce(local_id=1, quantity_nanos=2 * NANOS, time_ns=2 * NS_PER_MS)]
    assert sent[3] == [Cancel(local_id=1, time_ns=3 * NS_PER_MS)]
    assert flow.deviations[BitstampReason.FILL_FORCED] == 2


def test_a_moved_limit_is_sent_as_such() -> None:
    flow, _, sent = replay(
        [
            event(1, "created", 1, 0, "10.00", "3.00000000"),
            event(2, "changed", 1, 0, "10.50", "3.00000000"),
        ]
    )
    assert sent[2] == [
        Reprice(
            local_id=1,
            price_nanos=10_500_000_000,
            quantity_nanos=3 * NANOS,
            time_ns=2 * NS_PER_MS,
        )
    ]
    assert flow.deviations[BitstampReason.REPRICED] == 1


def test_events_delivered_after_the_end_of_their_order_are_counted_and_ignored() -> None:
    flow, _, sent = replay(
        [
            event(1, "created", 1, 0, "10.00", "3.00000000"),
            event(2, "deleted", 1, 0, "10.00", "3.00000000"),
            event(3, "changed", 1, 0, "10.00", "1.00000000"),
        ]
    )
    assert sent[3] == []
    assert flow.deviations[BitstampReason.EVENT_AFTER_END] == 1


def test_orders_from_before_the_capture_are_entered_first() -> None:
    flow, _, sent = replay(
        [
            event(5, "deleted", 2, 0, "9.00", "4.00000000"),
            event(6, "changed", 1, 0, "9.50", "1.00000000"),
            trade(7, "9.50", "0.5"),
            event(8, "deleted", 3, 1, "11.00", "0.00000000"),
        ]
    )
    warm = [
        New(
            local_id=local_id,
            side=Side.BUY,
            price_nanos=price,
            quantity_nanos=quantity,
            time_ns=5 * NS_PER_MS,
        )
        for local_id, price, quantity in (
            (1, 9_500_000_000, 1_500_000_000),
            (2, 9_000_000_000, 4 * NANOS),
        )
    ]
    assert sent[0] == warm
    assert flow.deviations[BitstampReason.WARM_ORDER] == 2
    assert flow.deviations[BitstampReason.WARM_SIZE_UNKNOWN] == 1


def test_the_first_snapshot_shows_what_else_was_there() -> None:
    flow, report, sent = replay(
        [
            event(1, "created", 1, 0, "10.00", "3.00000000"),
            snapshot(2, "10.00x5.00000000 9.90x1.00000000", "10.10x4.00000000"),
            snapshot(3, "10.00x5.00000000 9.90x1.00000000", "10.10x4.00000000"),
        ]
    )
    assert [len(actions) for actions in sent] == [0, 1, 3, 0]
    assert flow.deviations[BitstampReason.WARM_LEVEL] == 3
    assert report.touches_compared == report.touches_agreed == 4


def test_without_a_warm_start_the_flow_is_lazy() -> None:
    def endless() -> Iterable[OrderEvent]:
        order_id = 0
        while True:
            order_id += 1
            yield OrderEvent(order_id, OrderEventKind.CREATED, order_id, Side.BUY, NANOS, NANOS)

    steps = iter(BitstampFlow(endless(), warm_start=False))
    assert [len(next(steps).actions) for _ in range(3)] == [1, 1, 1]


def test_a_snapshot_ahead_of_its_events_is_explained_as_in_flight() -> None:
    _, report, _ = replay(
        [
            event(1, "created", 1, 0, "10.00", "3.00000000"),
            snapshot(2, "10.00x3.00000000", ""),
            snapshot(900, "10.00x1.00000000", ""),
            event(1000, "changed", 1, 0, "10.00", "1.00000000"),
        ]
    )
    assert report.explanations == {Explanation.IN_FLIGHT: 1}
    assert report.touch_explanations == {Explanation.IN_FLIGHT: 1}
    assert (report.touches_compared, report.touches_agreed) == (2, 1)


def test_a_constant_surplus_is_explained_as_silent_orders() -> None:
    _, report, _ = replay(
        [
            event(1, "created", 1, 0, "10.00", "3.00000000"),
            snapshot(2, "10.00x3.00000000", ""),
            snapshot(5000, "10.00x3.00000000 9.00x2.00000000", ""),
            snapshot(9000, "10.00x3.00000000 9.00x2.00000000", ""),
        ]
    )
    assert report.explanations == {Explanation.SILENT: 2}
    assert report.unexplained == []


def test_a_trade_that_the_feed_does_not_report_in_full_is_disputed() -> None:
    flow, report, _ = replay(
        [
            event(1, "created", 1, 1, "10.00", "5.00000000"),
            snapshot(2, "", "10.00x5.00000000"),
            event(3000, "created", 2, 0, "10.00", "2.00000001"),
            event(3001, "deleted", 2, 0, "10.00", "2.00000001"),
            event(3002, "changed", 1, 1, "10.00", "3.00000000"),
            snapshot(6000, "", "10.00x3.00000000"),
        ]
    )
    assert flow.deviations[BitstampReason.CANCEL_OF_FILLED] == 1
    assert report.explanations == {Explanation.DISPUTED: 1}


def test_a_level_that_nothing_explains_is_reported() -> None:
    _, report, _ = replay(
        [
            event(1, "created", 1, 0, "10.00", "3.00000000"),
            event(2, "created", 2, 0, "10.50", "7.00000000"),
            snapshot(5000, "10.00x3.00000000", ""),
        ]
    )
    assert report.explanations == {Explanation.UNEXPLAINED: 1}
    assert [level.replayed_nanos for level in report.unexplained] == [7 * NANOS]


def test_a_book_that_is_not_what_the_flow_makes_is_never_explained_away() -> None:
    oracle = SnapshotOracle()
    shown = Level(10 * NANOS, 3 * NANOS)
    stray = Level(11 * NANOS, NANOS)
    oracle.compare(VenueSnapshot(NS_PER_MS, (shown,), ()), ([stray, shown], []), ([shown], []))
    report = oracle.report()
    assert report.explanations == {Explanation.MISPLAYED: 1}
    assert [level.price_nanos for level in report.unexplained] == [11 * NANOS]
