from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from quantumcore.client.aio import AsyncClient
from quantumcore.client.client import Client
from quantumcore.client.enums import (
    CancelReason,
    ExecutionType,
    Liquidity,
    OrderStatus,
    RejectReason,
    Side,
    TradeKind,
)
from quantumcore.client.errors import NotFound
from quantumcore.client.local import LocalVenue
from quantumcore.client.multi_leg_commands import CreateMultiLegOrder
from quantumcore.client.multi_leg_enums import MultiLegOrderStatus
from quantumcore.client.retry import RetryPolicy

from .spreads import LEGS, executions, list_instruments, net_price, quote, spread

TIMEOUT_S = 30
PATIENT = RetryPolicy(attempts=200, first_delay_s=0.05, max_delay_s=0.1)


@pytest.fixture(autouse=True)
def listed(client: Client) -> None:
    list_instruments(client)


def test_a_spread_waits_trades_by_units_and_its_executions_add_up(client: Client) -> None:
    quote(client, "10.05", None, lots=3)
    entered = spread(client, units=3, min_units=1, net_price="0.10", client_order_id="mine")
    assert (entered.status, entered.leaves_units) == (MultiLegOrderStatus.WORKING, 3)
    quote(client, None, "10", lots=2)
    bid = client.buy("FAR", quantity=4, price="10.05", account="bob")
    order = client.get_multi_leg_order(
        account="alice", client_order_id="mine", min_sequence=bid.sequence
    )
    assert order.status is MultiLegOrderStatus.FILLED
    assert [leg.cumulative_quantity for leg in order.legs] == [3, 6]
    # One unit at 10.05 x 2 - 10 x 2, two at 10.05 x 2 - 10.05 x 2: NEAR counts twice.
    assert net_price(client, order) == Decimal("0.1") / 3
    told = executions(client, order.sequence)
    assert {item.multi_leg_order_id for item in told} == {order.multi_leg_order_id}
    fills = [item for item in told if item.type is ExecutionType.TRADE]
    units: dict[int, Decimal] = {}
    legs: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for item in fills:
        assert item.liquidity is Liquidity.TAKER
        if item.leg_number:
            legs[item.package_execution_id][item.leg_number] += item.last_quantity
            assert item.order_id == order.legs[item.leg_number - 1].order_id
        else:
            units[item.package_execution_id] = item.last_quantity
            assert (item.order_id, item.side) == (order.multi_leg_order_id, Side.UNSPECIFIED)
            assert (item.instrument_id, item.trade_id) == (0, 0)
    assert sum(units.values()) == order.filled_units == 3
    for execution_id, traded in units.items():
        assert legs[execution_id] == {1: traded, 2: 2 * traded}
    tape = client.stream_trades("NEAR", "FAR", from_sequence=1)
    assert {next(tape).kind for _ in range(4)} == {TradeKind.PACKAGE_LEG}
    tape.close()


def test_a_spread_is_changed_in_one_step_and_trades(client: Client) -> None:
    quote(client, "10.05", "10")
    entered = spread(client, net_price=0, units=2)
    changed = client.replace_multi_leg_order(
        account="alice",
        multi_leg_order_id=entered.multi_leg_order_id,
        units=3,
        net_price="0.10",
        leg_prices={1: "10"},
        new_client_order_id="other",
    )
    assert (changed.status, changed.leaves_units) == (MultiLegOrderStatus.WORKING, 3)
    assert [leg.price for leg in changed.legs] == [10, None]
    freed = client.replace_multi_leg_order(
        account="alice", client_order_id="other", leg_prices={1: None}
    )
    assert (freed.status, freed.filled_units) == (MultiLegOrderStatus.FILLED, 3)
    late = client.cancel_multi_leg_order(account="alice", client_order_id="other")
    assert late.reject is not None
    assert late.reject.reason is RejectReason.TOO_LATE_TO_CANCEL
    assert late.reject.field == "multi_leg_order_id"


def test_a_cancel_ends_all_legs_and_the_list_shows_it(client: Client) -> None:
    names = [f"spread-{number}" for number in range(3)]
    for name in names:
        spread(client, units=2, client_order_id=name)
    ended = client.cancel_multi_leg_order(account="alice", client_order_id="spread-1")
    assert ended.status is MultiLegOrderStatus.CANCELLED
    assert {leg.status for leg in ended.legs} == {OrderStatus.CANCELLED}
    found = list(client.multi_leg_orders(account="alice"))
    assert [order.client_order_id for order in found] == names
    assert found[1].cancel_reason is CancelReason.REQUESTED
    working = client.multi_leg_orders(account="alice", instrument="FAR", working_only=True)
    assert [order.client_order_id for order in working] == ["spread-0", "spread-2"]
    assert list(client.multi_leg_orders(account="bob")) == []
    reasons = [item.cancel_reason for item in executions(client, ended.sequence)[-3:]]
    assert reasons == [CancelReason.PACKAGE_ENDED] * 2 + [CancelReason.REQUESTED]
    with pytest.raises(NotFound, match="no such multi-leg order"):
        client.get_multi_leg_order(account="alice", client_order_id="nope")


@pytest.mark.own_process
def test_a_spread_sent_while_the_venue_is_away_is_entered_once(
    venue: LocalVenue, client: Client
) -> None:
    quote(client, "10.05", "10")
    command = CreateMultiLegOrder(account="alice", legs=LEGS, client_order_id="late")
    with (
        Client(venue.address, token=venue.settings.token, retry=PATIENT) as patient,
        ThreadPoolExecutor() as pool,
    ):
        assert spread(patient, client_order_id="first").filled_units == 1
        venue.kill()
        waiting = pool.submit(patient.submit_multi_leg, command)
        venue.start().wait_until_ready()
        answer = waiting.result(TIMEOUT_S)
        assert answer.status is MultiLegOrderStatus.FILLED
        again = patient.submit_multi_leg(command)
        assert again.repeated_request
        assert again.multi_leg_order_id == answer.multi_leg_order_id
        found = list(patient.multi_leg_orders(account="alice"))
        assert [order.client_order_id for order in found] == ["first", "late"]
        assert [order.filled_units for order in found] == [1, 1]


async def test_the_asynchronous_client_trades_spreads_with_a_live_venue(
    venue: LocalVenue, client: Client
) -> None:
    quote(client, "10.05", None)
    async with AsyncClient(venue.address, token=venue.settings.token) as other:
        entered = await other.spread(*LEGS, account="alice", client_order_id="mine", units=2)
        assert entered.status is MultiLegOrderStatus.WORKING
        changed = await other.replace_multi_leg_order(
            account="alice", client_order_id="mine", units=1, net_price="0.10"
        )
        assert changed.leaves_units == 1
        bid = await other.buy("FAR", quantity=2, price="10", account="bob")
        order = await other.get_multi_leg_order(
            multi_leg_order_id=entered.multi_leg_order_id, min_sequence=bid.sequence
        )
        assert (order.status, order.filled_units) == (MultiLegOrderStatus.FILLED, 1)
        resting = await other.create_multi_leg_order(account="alice", legs=LEGS)
        ended = await other.cancel_multi_leg_order(
            account="alice", multi_leg_order_id=resting.multi_leg_order_id
        )
        assert ended.status is MultiLegOrderStatus.CANCELLED
        found = [one.status async for one in other.multi_leg_orders(account="alice")]
        assert found == [MultiLegOrderStatus.FILLED, MultiLegOrderStatus.CANCELLED]
