"""Sessions of the fast path that carry single and multi-leg orders together."""

from __future__ import annotations

import pytest

from quantumcore.client.aio import AsyncClient
from quantumcore.client.client import Client
from quantumcore.client.commands import CreateOrder
from quantumcore.client.enums import ExecutionType, OrderStatus, RejectReason, Side
from quantumcore.client.local import LocalVenue
from quantumcore.client.multi_leg import MultiLegOrderAcknowledgement
from quantumcore.client.multi_leg_commands import (
    CancelMultiLegOrder,
    CreateMultiLegOrder,
    ReplaceMultiLegOrder,
)
from quantumcore.client.multi_leg_enums import MultiLegOrderStatus
from quantumcore.client.values import Acknowledgement

from .spreads import LEGS, list_instruments, quote

TIMEOUT_S = 30


@pytest.fixture(autouse=True)
def listed(client: Client) -> None:
    list_instruments(client)


def entry(name: str, net_price: str = "0.10", units: int = 2) -> CreateMultiLegOrder:
    return CreateMultiLegOrder(
        account="alice",
        legs=LEGS,
        units=units,
        min_units=1,
        net_price=net_price,
        client_order_id=name,
    )


def bid(price: str, quantity: int) -> CreateOrder:
    return CreateOrder(
        account="bob", instrument="FAR", side=Side.BUY, quantity=quantity, price=price
    )


def test_a_batch_of_both_sorts_is_answered_in_the_order_sent(client: Client) -> None:
    quote(client, "10.05", None)
    with client.trade(executions_of=["alice"]) as session:
        batch = session.submit(
            entry("s"),
            bid("10", 2),
            ReplaceMultiLegOrder(account="alice", client_order_id="s", units=3),
            CancelMultiLegOrder(account="alice", client_order_id="s"),
        )
        entered, single, replaced, ended = batch.acknowledgements(TIMEOUT_S)
        wrong = CreateMultiLegOrder(account="alice", legs=(LEGS[0], ("FAR", "sell", 0)))
        (refused,) = session.submit(wrong).acknowledgements(TIMEOUT_S)
    assert isinstance(entered, MultiLegOrderAcknowledgement)
    assert (entered.status, entered.leaves_units) == (MultiLegOrderStatus.WORKING, 2)
    assert isinstance(single, Acknowledgement)
    assert single.status is OrderStatus.FILLED
    assert isinstance(replaced, MultiLegOrderAcknowledgement)
    assert (replaced.filled_units, replaced.leaves_units) == (1, 2)
    assert isinstance(ended, MultiLegOrderAcknowledgement)
    assert ended.status is MultiLegOrderStatus.CANCELLED
    assert [str(leg.cumulative_quantity) for leg in ended.legs] == ["1", "2"]
    assert refused.reject is not None
    assert refused.reject.reason is RejectReason.LEG_RATIO
    assert (refused.reject.field, refused.reject.leg_number) == ("legs", 2)
    told = list(session.executions())
    wholes = [one.type for one in told if one.order_id == entered.multi_leg_order_id]
    assert wholes == [
        ExecutionType.NEW,
        ExecutionType.TRADE,
        ExecutionType.REPLACED,
        ExecutionType.CANCELLED,
    ]


def test_the_end_of_a_session_cancels_its_spreads(client: Client) -> None:
    with client.trade(cancel_on_disconnect=True) as session:
        entered = session.submit(entry("s")).acknowledgements(TIMEOUT_S)[0]
    order = client.get_multi_leg_order(
        multi_leg_order_id=entered.multi_leg_order_id, min_sequence=entered.sequence + 1
    )
    assert order.status is MultiLegOrderStatus.CANCELLED


async def test_the_asynchronous_client_sends_both_sorts(venue: LocalVenue) -> None:
    async with (
        AsyncClient(venue.address, token=venue.settings.token) as client,
        client.trade() as session,
    ):
        batch = await session.submit(entry("s"), bid("10", 2))
        entered, single = await batch.acknowledgements()
        assert isinstance(entered, MultiLegOrderAcknowledgement)
        assert entered.status is MultiLegOrderStatus.WORKING
        assert [leg.leg_number for leg in entered.legs] == [1, 2]
        assert isinstance(single, Acknowledgement)
        assert single.status is OrderStatus.NEW
