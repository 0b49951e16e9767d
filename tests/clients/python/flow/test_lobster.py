import pytest

from quantumcore.client.flow.actions import NANOS, Action, Cancel, New, Reduce, Side
from quantumcore.client.flow.lobster import (
    Message,
    MessageType,
    Touch,
    parse_messages,
    parse_touches,
)
from quantumcore.client.flow.lobster_flow import LobsterFlow, LobsterReason
from quantumcore.client.flow.lobster_oracle import Determination, TouchOracle
from quantumcore.client.flow.recording import FlowFormatError
from quantumcore.client.flow.shadow import Level

CENT = NANOS // 100


def replay(messages: str, touches: str) -> tuple[LobsterFlow, TouchOracle, list[list[Action]]]:
    """Replay rows of text and compare the touch after each of them."""
    recorded = list(parse_touches(touches.split()))
    flow = LobsterFlow(parse_messages(messages.split()), recorded)
    oracle = TouchOracle(recorded)
    sent = []
    for row, step in enumerate(flow):
        sent.append(list(step.actions))
        oracle.compare(row, flow.shadow.half(Side.BUY).best(), flow.shadow.half(Side.SELL).best())
    return flow, oracle, sent


def test_a_message_line_becomes_integers() -> None:
    line = "36000.25,4,77,30,1005000,-1\n"
    assert list(parse_messages([line])) == [
        Message(36_000_250_000_000, MessageType.EXECUTION, 77, 30 * NANOS, 10_050 * CENT, Side.SELL)
    ]


def test_only_the_best_level_of_a_deep_book_line_is_read() -> None:
    line = "1010000,5,1000000,7,1020000,50,990000,70\n"
    touch = Touch(bid=Level(100 * NANOS, 7 * NANOS), ask=Level(101 * NANOS, 5 * NANOS))
    assert list(parse_touches([line])) == [touch]


def test_an_empty_side_has_no_level() -> None:
    line = "9999999999,0,-9999999999,0\n"
    assert list(parse_touches([line])) == [Touch(None, None)]


@pytest.mark.parametrize("line", ["", "1,2,3", "1,9,7,1,10000,1", "1,1,x,1,10000,1", "1,1,1,1,1,0"])
def test_a_bad_message_line_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(FlowFormatError, match="line 2"):
        list(parse_messages(["1,1,7,1,10000,1", line]))


def test_a_bad_book_line_is_refused_with_its_number() -> None:
    with pytest.raises(FlowFormatError, match="line 1"):
        list(parse_touches(["1,2,3"]))


def test_files_of_different_length_do_not_belong_together() -> None:
    with pytest.raises(ValueError, match="1 messages but 0 order book lines"):
        LobsterFlow(parse_messages(["1,1,7,1,10000,1"]), [])


def test_orders_at_the_touch_are_sent_reduced_executed_and_deleted() -> None:
    _, oracle, sent = replay(
        """
        1.0,5,0,1,1000000,1
        2.0,1,11,50,1001000,1
        3.0,1,12,20,1001000,1
        4.0,2,11,10,1001000,1
        5.0,4,11,40,1001000,1
        6.0,3,12,20,1001000,1
        """,
        """
        1010000,5,1000000,7
        1010000,5,1001000,50
        1010000,5,1001000,70
        1010000,5,1001000,60
        1010000,5,1001000,20
        1010000,5,1000000,7
        """,
    )
    price = 10_010 * CENT
    assert sent[1] == [
        New(
            local_id=3,
            side=Side.BUY,
            price_nanos=price,
            quantity_nanos=50 * NANOS,
            time_ns=2 * NANOS,
        )
    ]
    assert sent[3] == [Reduce(local_id=3, quantity_nanos=40 * NANOS, time_ns=4 * NANOS)]
    assert sent[4] == [
        New(
            local_id=5,
            side=Side.SELL,
            price_nanos=price,
            quantity_nanos=40 * NANOS,
            time_ns=5 * NANOS,
            immediate=True,
        )
    ]
    assert sent[5] == [Cancel(local_id=4, time_ns=6 * NANOS)]
    assert oracle.mismatches == []
    assert oracle.agreed(Determination.FROM_MESSAGES) == 4
    assert oracle.compared(Determination.ADOPTED) == 3


def test_an_adopted_level_holds_the_orders_that_later_messages_name_oldest_first() -> None:
    flow, oracle, sent = replay(
        """
        1.0,5,0,1,1000000,1
        2.0,4,31,7,1000000,1
        3.0,4,20,5,990000,1
        4.0,3,21,4,990000,1
        """,
        """
        1010000,5,1000000,7
        1010000,5,990000,12
        1010000,5,990000,7
        1010000,5,990000,3
        """,
    )
    assert oracle.mismatches == []
    entered = [action.quantity_nanos // NANOS for action in sent[1] if isinstance(action, New)]
    assert entered == [7, 5, 4, 3]
    assert flow.deviations[LobsterReason.ADOPTED_ORDER] == 3
    assert flow.deviations[LobsterReason.PRIORITY_DIFFERS] == 0


def test_what_left_behind_the_touch_is_cancelled_when_the_touch_falls_back() -> None:
    flow, oracle, sent = replay(
        """
        1.0,5,0,1,1000000,1
        2.0,1,11,50,1001000,1
        3.0,1,12,20,1002000,1
        4.0,3,12,20,1002000,1
        """,
        """
        1010000,5,1000000,7
        1010000,5,1001000,50
        1010000,5,1002000,20
        1010000,5,1000000,7
        """,
    )
    assert oracle.mismatches == []
    assert Cancel(local_id=3, time_ns=4 * NANOS) in sent[3]
    assert flow.deviations[LobsterReason.GONE_BEHIND_TOUCH] == 1


def test_an_order_executed_out_of_turn_is_brought_to_the_front() -> None:
    flow, oracle, _ = replay(
        """
        1.0,5,0,1,1000000,1
        2.0,1,11,50,1001000,1
        3.0,1,12,20,1001000,1
        4.0,4,12,20,1001000,1
        5.0,3,11,50,1001000,1
        """,
        """
        1010000,5,1000000,7
        1010000,5,1001000,50
        1010000,5,1001000,70
        1010000,5,1001000,50
        1010000,5,1000000,7
        """,
    )
    assert oracle.mismatches == []
    assert flow.deviations[LobsterReason.PRIORITY_DIFFERS] == 1


def test_hidden_executions_and_halts_are_counted_and_send_nothing() -> None:
    flow, _, sent = replay(
        "1.0,5,0,1,1000000,1 2.0,5,0,1,1005000,1 3.0,7,0,0,-1,-1 4.0,6,0,9,1000000,1",
        " ".join(["1010000,5,1000000,7"] * 4),
    )
    assert sent[1:] == [[], [], []]
    assert flow.deviations.as_dict() == {
        "adopted_level": 2,
        "adopted_rest": 2,
        "hidden_execution": 1,
        "halt": 1,
        "cross_trade": 1,
    }


def test_the_end_of_an_order_that_never_was_in_the_book_is_counted() -> None:
    flow, oracle, sent = replay(
        "1.0,5,0,1,1000000,1 2.0,3,99,5,900000,1",
        "1010000,5,1000000,7 1010000,5,1000000,7",
    )
    assert sent[1] == []
    assert flow.deviations[LobsterReason.ENDED_BEHIND_TOUCH] == 1
    assert oracle.mismatches == []


def test_the_oracle_reports_a_touch_that_differs() -> None:
    touches = list(parse_touches(["1010000,5,1000000,7", "1010000,5,1001000,9"]))
    oracle = TouchOracle(touches)
    wrong = Level(1, 1)
    oracle.compare(1, wrong, touches[1].ask)
    assert [(m.row, m.side, m.replayed) for m in oracle.mismatches] == [(1, Side.BUY, wrong)]
    assert (oracle.determined, oracle.determined_agreed) == (2, 1)
