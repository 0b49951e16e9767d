"""Sequential orders on the Trade stream are answered as by the calls for them."""

from pathlib import Path
from typing import Any

from quantumcore.v1.leg_pb2 import LegTerms
from quantumcore.v1.multi_leg_order_pb2 import (
    ExecutionMode,
    MultiLegOrderStatus,
    SequentialTerms,
    UnwindPolicy,
)
from quantumcore.v1.order_service_pb2 import (
    CancelMultiLegOrderRequest,
    CreateMultiLegOrderRequest,
    ReplaceMultiLegOrderRequest,
)
from quantumcore.v1.types_pb2 import TimeInForce, TradingPhase
from tests.server.api.running import BUY, CENT, NANOS, SELL, order, running
from tests.server.api.test_sequential_orders import furnish, get
from tests.server.api.test_trade_packages import Answers, batch


def sequential(name: str) -> CreateMultiLegOrderRequest:
    """Return an order that buys AAA at 100.50 and then sells BBB at 130.50, three units."""
    return CreateMultiLegOrderRequest(
        account_id=1,
        client_order_id=name,
        units=3,
        execution_mode=ExecutionMode.EXECUTION_MODE_SEQUENTIAL,
        time_in_force=TimeInForce.TIME_IN_FORCE_GTC,
        sequential_terms=SequentialTerms(
            unwind_policy=UnwindPolicy.UNWIND_POLICY_UNWIND,
            leg_deadline_ms=60_000,
            max_slippage_basis_points=100,
        ),
        legs=[
            LegTerms(instrument_id=1, side=BUY, ratio=NANOS, price=10_050 * CENT),
            LegTerms(instrument_id=2, side=SELL, ratio=NANOS, price=13_050 * CENT),
        ],
    )


def seller(name: str, units: int) -> Any:
    """Return an order of account 2 that trades with leg 1."""
    terms: dict[str, Any] = {"account_id": 2, "instrument_id": 1, "side": SELL, "units": units}
    return order(name, cents=10_050, **terms)


async def test_answers_say_how_far_legs_are_from_whole_units(tmp_path: Path) -> None:
    async with running(tmp_path) as (_venue, client):
        await furnish(client)
        stream = client.trade()
        found = Answers()
        replace = ReplaceMultiLegOrderRequest(account_id=1, client_order_id="p", units=4)
        cancel = CancelMultiLegOrderRequest(account_id=1, client_order_id="p")
        await stream.write(batch(sequential("p"), seller("s", 2), replace))
        await found.read(stream, singles=1, packages=2)
        entered, replaced = found.packages
        assert entered.status == MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_WORKING
        assert [leg.residual_quantity for leg in entered.legs] == [0, 0]
        shown = await get(client, entered.multi_leg_order_id)
        assert [leg.residual_quantity for leg in replaced.legs] == [2 * NANOS, 0]
        assert (replaced.status, list(replaced.legs)) == (shown.status, list(shown.legs))
        await stream.write(batch(cancel))
        await found.read(stream, singles=1, packages=3)
        ended = found.packages[2]
        shown = await get(client, entered.multi_leg_order_id)
        assert ended.status == MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_UNWOUND
        assert [leg.unwound_quantity for leg in ended.legs] == [2 * NANOS, 0]
        assert (ended.status, list(ended.legs)) == (shown.status, list(shown.legs))
        await stream.done_writing()


async def test_an_order_whose_first_leg_may_not_work_yet_is_pending(tmp_path: Path) -> None:
    async with running(tmp_path) as (_venue, client):
        await furnish(client)
        await client.set_phase(TradingPhase.TRADING_PHASE_VOLATILITY_AUCTION, 2)
        stream = client.trade()
        found = Answers()
        await stream.write(batch(sequential("p")))
        await found.read(stream, singles=0, packages=1)
        assert found.packages[0].status == MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_PENDING
        await stream.done_writing()


async def test_enums_beyond_a_byte_are_refused_with_what_was_sent(tmp_path: Path) -> None:
    async with running(tmp_path) as (_venue, client):
        await furnish(client)
        wrong = [sequential(f"p{number}") for number in range(3)]
        wrong[0].legs[1].side = 300  # type: ignore[assignment]
        wrong[1].time_in_force = -7  # type: ignore[assignment]
        wrong[2].execution_mode = 2**31 - 1  # type: ignore[assignment]
        stream = client.trade()
        found = Answers()
        other = ReplaceMultiLegOrderRequest(account_id=1, client_order_id="p", units=1)
        other.leg_prices.add(leg_number=70_000, price=CENT)
        await stream.write(batch(*wrong, sequential("p"), other))
        await found.read(stream, singles=0, packages=5)
        assert [one.reject_value for one in found.packages] == [300, -7, 2**31 - 1, 0, 70_000]
        assert found.packages[4].reject_limit == 2
        await stream.done_writing()
