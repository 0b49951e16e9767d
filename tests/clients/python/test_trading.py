from __future__ import annotations

from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumcore.client import errors
from quantumcore.client.batches import (
    AnswerMessage,
    AnswerQueue,
    PendingBatch,
    UnexpectedAcknowledgement,
)
from quantumcore.client.commands import CancelOrder, CreateOrder, ReplaceOrder
from quantumcore.client.enums import Side
from quantumcore.client.multi_leg import MultiLegOrderAcknowledgement
from quantumcore.client.multi_leg_commands import CancelMultiLegOrder, CreateMultiLegOrder
from quantumcore.client.values import Acknowledgement
from quantumcore.v1 import (
    execution_pb2,
    multi_leg_order_pb2,
    order_pb2,
    order_service_pb2,
    reject_pb2,
    stream_pb2,
)

from .conftest import ANSWER_TIMEOUT_S, FakeVenue

SEVERAL = st.lists(st.integers(1, 9), min_size=1, max_size=8)


def order(number: int) -> CreateOrder:
    return CreateOrder(
        account=1, instrument=3, side=Side.BUY, quantity=1, price=2, client_order_id=f"o{number}"
    )


def answers(*order_ids: int, **fields: Any) -> order_service_pb2.TradeResponse:
    acknowledgements = [order_pb2.OrderAcknowledgement(order_id=number) for number in order_ids]
    return order_service_pb2.TradeResponse(acknowledgements=acknowledgements, **fields)


@given(SEVERAL, st.data())
def test_answers_find_their_batch_however_they_are_cut(
    sizes: list[int], data: st.DataObject
) -> None:
    queue = AnswerQueue()
    batches = [PendingBatch([order_service_pb2.TradeCommand()] * size) for size in sizes]
    for batch in batches:
        queue.append(batch)
    rest = [order_pb2.OrderAcknowledgement(order_id=number) for number in range(sum(sizes))]
    completed: list[PendingBatch] = []
    while rest:
        cut = data.draw(st.integers(1, len(rest)))
        completed += queue.take(rest[:cut])
        rest = rest[cut:]
        assert queue.outstanding == len(rest)
    assert completed == batches
    numbers = [number_of(answer) for batch in batches for answer in batch.answers]
    assert numbers == list(range(sum(sizes)))
    assert [len(batch.answers) for batch in batches] == sizes


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=6), min_size=1, max_size=6), st.data())
def test_answers_of_both_sorts_find_their_commands_however_they_are_cut(
    batches: list[list[bool]], data: st.DataObject
) -> None:
    queue = AnswerQueue()
    pending = [PendingBatch([command_of(multi_leg) for multi_leg in batch]) for batch in batches]
    for batch in pending:
        queue.append(batch)
    rest = list(enumerate(multi_leg for batch in batches for multi_leg in batch))
    completed: list[PendingBatch] = []
    while rest:
        cut = data.draw(st.integers(1, len(rest)))
        completed += queue.take(
            [
                order_pb2.OrderAcknowledgement(order_id=number)
                for number, multi_leg in rest[:cut]
                if not multi_leg
            ],
            [
                multi_leg_order_pb2.MultiLegOrderAcknowledgement(multi_leg_order_id=number)
                for number, multi_leg in rest[:cut]
                if multi_leg
            ],
        )
        rest = rest[cut:]
        assert queue.outstanding == len(rest)
    assert completed == pending
    numbers = [number_of(answer) for batch in pending for answer in batch.answers]
    assert numbers == list(range(sum(map(len, batches))))


def command_of(multi_leg: bool) -> order_service_pb2.TradeCommand:
    command = order_service_pb2.TradeCommand()
    request = command.cancel_multi_leg_order if multi_leg else command.cancel_order
    request.account_id = 1
    return command


def number_of(answer: AnswerMessage) -> int:
    if isinstance(answer, order_pb2.OrderAcknowledgement):
        return answer.order_id
    return answer.multi_leg_order_id


def test_an_answer_of_another_sort_than_the_command_is_noticed() -> None:
    queue = AnswerQueue()
    queue.append(PendingBatch([command_of(multi_leg=False)]))
    with pytest.raises(UnexpectedAcknowledgement):
        queue.take([], [multi_leg_order_pb2.MultiLegOrderAcknowledgement()])


def test_commands_of_both_sorts_are_sent_and_answered_in_one_batch(venue: FakeVenue) -> None:
    session = venue.client().trade()
    spread = CreateMultiLegOrder(
        account=1, legs=[(3, "buy", 1), (4, "sell", 1)], net_price="2.5", client_order_id="s"
    )
    batch = session.submit(spread, order(1), CancelMultiLegOrder(account=1, client_order_id="s"))
    rpc = venue.take_both_ways("Trade")
    first, second, third = rpc.take_request().commands
    assert first.create_multi_leg_order.net_price == 2_500_000_000
    assert [leg.instrument_id for leg in first.create_multi_leg_order.legs] == [3, 4]
    assert second.create_order.client_order_id == "o1"
    assert third.cancel_multi_leg_order.client_order_id == "s"
    refused = multi_leg_order_pb2.MultiLegOrderAcknowledgement(
        reject_reason=reject_pb2.REJECT_REASON_LEG_RATIO, reject_field=4, reject_leg_number=2
    )
    cancelled = multi_leg_order_pb2.MultiLegOrderAcknowledgement(multi_leg_order_id=9)
    response = answers(7)
    response.multi_leg_acknowledgements.extend([refused, cancelled])
    rpc.send_response(response)
    entered, single, ended = batch.acknowledgements(ANSWER_TIMEOUT_S)
    assert isinstance(entered, MultiLegOrderAcknowledgement)
    assert entered.reject is not None
    assert (entered.reject.field, entered.reject.leg_number) == ("legs", 2)
    assert isinstance(single, Acknowledgement)
    assert single.order_id == 7
    assert isinstance(ended, MultiLegOrderAcknowledgement)
    assert ended.multi_leg_order_id == 9
    session.abort()


def test_an_answer_to_nothing_is_noticed() -> None:
    with pytest.raises(UnexpectedAcknowledgement):
        AnswerQueue().take([order_pb2.OrderAcknowledgement()])


def test_batches_are_pipelined_and_answered_in_order(venue: FakeVenue) -> None:
    session = venue.client().trade(cancel_on_disconnect=True)
    first = session.submit(order(1), order(2))
    second = session.submit(CancelOrder(account=1, order_id=9), ReplaceOrder(account=1, price=3))
    rpc = venue.take_both_ways("Trade")
    request = rpc.take_request()
    assert request.options.cancel_on_disconnect
    assert [one.create_order.client_order_id for one in request.commands] == ["o1", "o2"]
    request = rpc.take_request()
    assert not request.HasField("options")
    assert request.commands[0].cancel_order.order_id == 9
    assert request.commands[1].replace_order.price == 3_000_000_000
    rpc.send_response(answers(1, 2, 3))
    assert [one.order_id for one in first.acknowledgements(ANSWER_TIMEOUT_S)] == [1, 2]
    assert not second.done
    assert session.outstanding == 1
    assert session.session_id == 0
    watermarks = stream_pb2.Watermarks(accepted_sequence=12, durable_sequence=8)
    rpc.send_response(answers(4, watermarks=watermarks, session_id=5))
    assert [one.order_id for one in second.messages(ANSWER_TIMEOUT_S)] == [3, 4]
    assert (session.accepted_sequence, session.durable_sequence) == (12, 8)
    assert session.session_id == 5
    closing = venue.run(session.close)
    rpc.requests_closed()
    rpc.terminate((), grpc.StatusCode.OK, "")
    closing.result(ANSWER_TIMEOUT_S)


def test_commands_without_an_answer_fail_when_the_stream_is_lost(venue: FakeVenue) -> None:
    session = venue.client().trade()
    batch = session.submit(order(1), order(2))
    rpc = venue.take_both_ways("Trade")
    rpc.send_response(answers(1, watermarks=stream_pb2.Watermarks(accepted_sequence=1)))
    venue.run(session.wait_for_sequence, 1).result(ANSWER_TIMEOUT_S)
    rpc.terminate((), grpc.StatusCode.UNAVAILABLE, "gone")
    with pytest.raises(errors.Unreachable, match="gone"):
        batch.acknowledgements(ANSWER_TIMEOUT_S)
    assert [answer.order_id for answer in batch.received()] == [1]
    with pytest.raises(errors.Unreachable):
        session.submit(order(3))
    with pytest.raises(errors.Unreachable):
        session.drain(ANSWER_TIMEOUT_S)
    session.abort()


def test_the_reason_of_an_ended_stream_reaches_those_who_wait(venue: FakeVenue) -> None:
    session = venue.client().trade()
    batch = session.submit(order(1))
    rpc = venue.take_both_ways("Trade")
    end = stream_pb2.StreamEnd(reason=1, text="maintenance")  # type: ignore[arg-type]
    rpc.send_response(answers(end=end))
    with pytest.raises(errors.StreamEnded, match="maintenance"):
        batch.acknowledgements(ANSWER_TIMEOUT_S)
    session.abort()


def test_executions_come_on_the_same_stream(venue: FakeVenue) -> None:
    session = venue.client().trade(executions_of=[1])
    rpc = venue.take_both_ways("Trade")
    assert list(rpc.take_request().options.execution_account_ids) == [1]
    rpc.send_response(
        order_service_pb2.TradeResponse(executions=[execution_pb2.Execution(sequence=5)])
    )
    stream = session.executions()
    assert venue.run(next, stream).result(ANSWER_TIMEOUT_S).sequence == 5
    closing = venue.run(session.close)
    rpc.requests_closed()
    rpc.terminate((), grpc.StatusCode.OK, "")
    closing.result(ANSWER_TIMEOUT_S)
    assert list(stream) == []


def test_sending_waits_when_too_much_is_unanswered(venue: FakeVenue) -> None:
    session = venue.client().trade(max_outstanding=2)
    session.submit(order(1), order(2))
    rpc = venue.take_both_ways("Trade")
    waiting = venue.run(session.submit, order(3))
    rpc.send_response(answers(1))
    rpc.send_response(answers(2))
    assert len(waiting.result(ANSWER_TIMEOUT_S)) == 1
    session.abort()


@pytest.mark.parametrize("count", [0, 10_001])
def test_a_batch_has_bounds(venue: FakeVenue, count: int) -> None:
    session = venue.client().trade()
    with pytest.raises(ValueError, match="1 to 10000 commands"):
        session.submit_messages([order_service_pb2.TradeCommand()] * count)
    session.abort()


def test_leaving_by_an_error_does_not_wait_for_answers(venue: FakeVenue) -> None:
    session = venue.client().trade()
    batch = session.submit(order(1))
    session.__exit__(KeyError, KeyError("mine"), None)
    with pytest.raises(errors.QuantumCoreError):
        batch.acknowledgements(ANSWER_TIMEOUT_S)
