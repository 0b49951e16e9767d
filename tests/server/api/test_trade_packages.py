"""Multi-leg commands on the Trade stream: in their order, answered, told, cancelled at its end."""

from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from quantumcore.server.venue import Venue
from quantumcore.v1.execution_pb2 import Execution, ExecutionType
from quantumcore.v1.leg_pb2 import LegPrice
from quantumcore.v1.multi_leg_order_pb2 import PriceConstraint, RatioBand
from quantumcore.v1.order_service_pb2 import (
    CancelMultiLegOrderRequest,
    CancelOrderRequest,
    CancelOrdersRequest,
    CreateMultiLegOrderRequest,
    CreateOrderRequest,
    GetMultiLegOrderRequest,
    ReplaceMultiLegOrderRequest,
    TradeOptions,
    TradeRequest,
)
from quantumcore.v1.reject_pb2 import CancelReason, RejectReason
from quantumcore.v1.types_pb2 import TradingPhase
from tests.server.api.running import (
    CENT,
    END,
    NANOS,
    SELL,
    Client,
    instrument,
    order,
    refusal,
    running,
)
from tests.server.api.test_multi_leg_orders import PAIR, WRONG, create, get, request, status

COMMANDS = {
    CreateOrderRequest: "create_order",
    CancelOrderRequest: "cancel_order",
    CancelOrdersRequest: "cancel_orders",
    CreateMultiLegOrderRequest: "create_multi_leg_order",
    ReplaceMultiLegOrderRequest: "replace_multi_leg_order",
    CancelMultiLegOrderRequest: "cancel_multi_leg_order",
}


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[tuple[Venue, Client]]:
    """Two instruments, AAA at 100 to 101, BBB at 130 to 131, quoted by account 2."""
    async with running(tmp_path / "venue") as (venue, client):
        await furnish(client)
        yield venue, client


async def furnish(client: Client) -> None:
    await client.call(client.instruments.CreateInstrument, instrument("BBB"))
    await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, 2)
    for number, cents in ((1, 10_000), (2, 13_000)):
        terms: dict[str, Any] = {"account_id": 2, "instrument_id": number, "units": 10}
        await client.create_order(f"bid{number}", cents=cents, **terms)
        await client.create_order(f"ask{number}", side=SELL, cents=cents + 100, **terms)


def batch(*commands: Any, **options: Any) -> TradeRequest:
    """Put requests of any kind into one message."""
    message = TradeRequest(options=TradeOptions(**options)) if options else TradeRequest()
    for command in commands:
        getattr(message.commands.add(), COMMANDS[type(command)]).CopyFrom(command)
    return message


class Answers:
    """What a stream has answered."""

    def __init__(self) -> None:
        self.singles: list[Any] = []
        self.packages: list[Any] = []
        self.executions: list[Execution] = []

    async def read(self, stream: Any, singles: int, packages: int, executions: int = 0) -> None:
        """Read until so many of each have come."""
        while (
            len(self.singles) < singles
            or len(self.packages) < packages
            or len(self.executions) < executions
        ):
            message = await stream.read()
            assert message is not END
            self.singles += message.acknowledgements
            self.packages += message.multi_leg_acknowledgements
            self.executions += message.executions


async def answers(stream: Any, singles: int, packages: int, executions: int = 0) -> Answers:
    found = Answers()
    await found.read(stream, singles, packages, executions)
    return found


async def test_commands_of_both_sorts_are_applied_in_the_order_sent(
    market: tuple[Venue, Client],
) -> None:
    """The package takes what the order before it brought, and is cancelled before the next."""
    _venue, client = market
    stream = client.trade()
    await stream.write(
        batch(
            request("p", net=-2_950, units=2, min_units=1),
            order("better", account_id=2, cents=13_060, instrument_id=2, units=1),
            ReplaceMultiLegOrderRequest(
                account_id=1, client_order_id="p", new_client_order_id="q", net_price=-3_500 * CENT
            ),
            CancelMultiLegOrderRequest(account_id=1, client_order_id="q"),
            order("too late", account_id=2, cents=13_090, instrument_id=2, units=1),
        )
    )
    found = await answers(stream, 2, 3)
    created, replaced, cancelled = found.packages
    better, late = found.singles
    sequences = [one.sequence for one in (created, better, replaced, cancelled, late)]
    assert sequences == sorted(set(sequences))
    assert (created.status, created.filled_units, created.leaves_units) == (status("WORKING"), 0, 2)
    assert (replaced.status, replaced.filled_units) == (status("PARTIALLY_FILLED"), 1)
    assert (cancelled.status, cancelled.leaves_units) == (status("CANCELLED"), 0)
    assert [one.client_order_id for one in found.packages] == ["p", "q", "q"]
    assert {one.multi_leg_order_id for one in found.packages} == {created.multi_leg_order_id}
    assert [leg.cumulative_quantity for leg in created.legs] == [0, 0]
    assert [leg.cumulative_tick_lots for leg in replaced.legs] == [10_100, 13_060]
    await stream.done_writing()


def unlike(answer: Any) -> Any:
    """Take from an answer what no two commands have in common."""
    plain = type(answer)()
    plain.CopyFrom(answer)
    for name in ("multi_leg_order_id", "sequence", "time_ns"):
        plain.ClearField(name)
    for leg in plain.legs:
        leg.ClearField("order_id")
    return plain


LIMITED = ((1, 1, 2, 9_900), (2, 2, 1, None))
BAND = PriceConstraint(ratio_band=RatioBand(leg_a=1, leg_b=2, min_ratio=1, max_ratio=NANOS))
TERMS: list[dict[str, Any]] = [
    {"units": 3, "net": -2_900},
    {"net": -3_500, "units": 4, "min_units": 2, "request_id": 2**64 - 1},
    {"legs": LIMITED, "price_constraints": [BAND]},
    *(terms for terms, _reason, _leg in WRONG),
]


@pytest.mark.parametrize("terms", TERMS)
async def test_the_answer_is_that_of_the_unary_rpc(tmp_path: Path, terms: dict[str, Any]) -> None:
    async with running(tmp_path / "one") as (_venue, client):
        await furnish(client)
        expected = await create(client, **terms)
    async with running(tmp_path / "two") as (_venue, client):
        await furnish(client)
        stream = client.trade()
        await stream.write(batch(request(**terms)))
        (answer,) = (await answers(stream, 0, 1)).packages
        assert unlike(answer) == unlike(expected)
        assert (answer.sequence, answer.multi_leg_order_id) == (
            expected.sequence, expected.multi_leg_order_id,
        )  # fmt: skip
        await stream.done_writing()


async def test_a_refused_package_names_its_field_and_disturbs_nothing(
    market: tuple[Venue, Client],
) -> None:
    venue, client = market
    stream = client.trade()
    wrong = [request(f"w{number}", **terms) for number, (terms, _reason, _leg) in enumerate(WRONG)]
    mixed = [one for number, bad in enumerate(wrong) for one in (bad, order(f"o{number}"))]
    await stream.write(batch(*mixed))
    found = await answers(stream, len(wrong), len(wrong))
    assert [RejectReason.Name(one.reject_reason) for one in found.packages] == [
        f"REJECT_REASON_{reason}" for _terms, reason, _leg in WRONG
    ]
    assert [one.reject_leg_number for one in found.packages] == [leg for *_, leg in WRONG]
    assert {one.status for one in found.packages} == {status("REJECTED")}
    assert all(one.reject_field for one in found.packages)
    assert {one.order_id != 0 for one in found.singles} == {True}
    assert venue.exchange.working_orders == 4 + len(wrong)
    await stream.done_writing()


async def test_a_leg_that_is_named_twice_in_a_change_is_refused(
    market: tuple[Venue, Client],
) -> None:
    _venue, client = market
    await create(client, net=-3_500)
    change = ReplaceMultiLegOrderRequest(
        account_id=1,
        client_order_id="p",
        leg_prices=[LegPrice(leg_number=2, price=NANOS), LegPrice(leg_number=2)],
    )
    unary = (await client.call(client.orders.ReplaceMultiLegOrder, change)).acknowledgement
    stream = client.trade()
    await stream.write(batch(change))
    (answer,) = (await answers(stream, 0, 1)).packages
    assert answer.reject_reason == RejectReason.REJECT_REASON_DUPLICATE_LEG
    field = ReplaceMultiLegOrderRequest.DESCRIPTOR.fields_by_number[answer.reject_field]
    assert (field.name, answer.reject_value) == ("leg_prices", 2)
    assert unlike(answer) == unlike(unary)
    await stream.done_writing()


async def test_a_package_of_a_foreign_account_is_rejected_within_the_batch(
    market: tuple[Venue, Client], trader: Client
) -> None:
    del market
    stream = trader.trade()
    await stream.write(batch(request("mine", net=-3_500), request("not", net=-1, account_id=2)))
    mine, other = (await answers(stream, 0, 2)).packages
    assert mine.status == status("WORKING")
    assert (other.status, other.multi_leg_order_id) == (status("REJECTED"), 0)
    assert other.reject_reason == RejectReason.REJECT_REASON_NOT_PERMITTED
    await stream.done_writing()


@pytest.fixture
async def trader(market: tuple[Venue, Client]) -> AsyncIterator[Client]:
    """A client that may use account 1 only."""
    client = Client(market[0].port, "a-trader-with-account-one")
    yield client
    await client.channel.close()


async def test_executions_of_the_whole_and_of_its_legs_come_on_the_stream(
    market: tuple[Venue, Client],
) -> None:
    _venue, client = market
    stream = client.trade()
    await stream.write(batch(request("p", net=-2_900, units=2), execution_account_ids=[1]))
    found = await answers(stream, 0, 1, 6)
    (answer,) = found.packages
    assert answer.status == status("FILLED")
    assert [(one.type, one.leg_number) for one in found.executions] == [
        (ExecutionType.EXECUTION_TYPE_NEW, 0),
        (ExecutionType.EXECUTION_TYPE_NEW, 1),
        (ExecutionType.EXECUTION_TYPE_NEW, 2),
        (ExecutionType.EXECUTION_TYPE_TRADE, 1),
        (ExecutionType.EXECUTION_TYPE_TRADE, 2),
        (ExecutionType.EXECUTION_TYPE_TRADE, 0),
    ]
    assert {one.multi_leg_order_id for one in found.executions} == {answer.multi_leg_order_id}
    await stream.done_writing()


async def test_the_same_request_id_is_answered_again_and_done_once(
    market: tuple[Venue, Client],
) -> None:
    venue, client = market
    once = request("p", net=-3_500, request_id=7)
    stream = client.trade()
    await stream.write(batch(once, once))
    await stream.write(batch(once, request("other", net=-3_500, request_id=7)))
    first, *again, reused = (await answers(stream, 0, 4)).packages
    assert not first.repeated_request
    for answer in again:
        assert answer.repeated_request
        assert (answer.multi_leg_order_id, answer.sequence) == (
            first.multi_leg_order_id, first.sequence,
        )  # fmt: skip
        assert answer.legs == first.legs
    assert reused.reject_reason == RejectReason.REJECT_REASON_REQUEST_ID_REUSED
    assert venue.exchange.working_orders == 4 + 3
    await stream.done_writing()


async def test_the_end_of_a_stream_cancels_its_packages_alone(
    market: tuple[Venue, Client],
) -> None:
    venue, client = market
    stays = await create(client, "stays", net=-3_500)
    stream = client.trade()
    await stream.write(
        batch(request("one", net=-3_500), order("single", cents=9_000), cancel_on_disconnect=True)
    )
    (one,) = (await answers(stream, 1, 1)).packages
    await stream.done_writing()
    assert await stream.read() is END
    ended = await get(client, one.multi_leg_order_id)
    assert ended.status == status("CANCELLED")
    assert ended.cancel_reason == CancelReason.CANCEL_REASON_DISCONNECT
    assert (await get(client, stays.multi_leg_order_id)).status == status("WORKING")
    assert venue.exchange.working_orders == 4 + 3


async def test_packages_of_a_stream_that_a_crash_ended_are_cancelled_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "venue") as (venue, client):
        await furnish(client)
        stream = client.trade()
        await stream.write(batch(request("one", net=-3_500), cancel_on_disconnect=True))
        (one,) = (await answers(stream, 0, 1)).packages
        crashed = copytree(venue.settings.data, tmp_path / "crashed")
    async with running(crashed) as (_venue, client):
        ended = await get(client, one.multi_leg_order_id)
        assert ended.status == status("CANCELLED")


async def test_a_mass_cancel_of_the_batch_takes_the_packages_before_it(
    market: tuple[Venue, Client],
) -> None:
    _venue, client = market
    stream = client.trade()
    await stream.write(
        batch(
            request("one", net=-3_500),
            order("single", cents=9_000),
            CancelOrdersRequest(account_id=1),
            request("two", net=-3_500),
        )
    )
    found = await answers(stream, 2, 2)
    assert found.singles[1].affected_orders == 2
    assert (await get(client, found.packages[0].multi_leg_order_id)).status == status("CANCELLED")
    assert (await get(client, found.packages[1].multi_leg_order_id)).status == status("WORKING")
    await stream.done_writing()


async def test_a_package_that_is_cancelled_too_late_is_told_as_it_stands(
    market: tuple[Venue, Client],
) -> None:
    _venue, client = market
    stream = client.trade()
    cancel = CancelMultiLegOrderRequest(account_id=1, client_order_id="p")
    unknown = CancelMultiLegOrderRequest(account_id=1, multi_leg_order_id=77)
    await stream.write(batch(request("p", net=-2_900), cancel, unknown))
    _filled, late, nothing = (await answers(stream, 0, 3)).packages
    assert late.reject_reason == RejectReason.REJECT_REASON_TOO_LATE_TO_CANCEL
    assert (late.status, late.filled_units) == (status("FILLED"), 1)
    assert [leg.leg_number for leg in late.legs] == [1, 2]
    assert nothing.reject_reason == RejectReason.REJECT_REASON_UNKNOWN_ORDER
    assert not nothing.legs
    await stream.done_writing()


async def test_packages_entered_on_a_stream_outlive_the_process(tmp_path: Path) -> None:
    async with running(tmp_path) as (_venue, client):
        await furnish(client)
        stream = client.trade()
        await stream.write(batch(request("p", net=-3_500, legs=LIMITED), order("o", cents=9_000)))
        (answer,) = (await answers(stream, 1, 1)).packages
        await stream.done_writing()
        before = await get(client, answer.multi_leg_order_id)
        state = await client.state_hash()
    async with running(tmp_path) as (_venue, client):
        assert await client.state_hash() == state
        assert await get(client, answer.multi_leg_order_id) == before


async def test_a_malformed_leg_ends_the_stream_and_applies_nothing(
    market: tuple[Venue, Client],
) -> None:
    venue, client = market
    whole = batch(order("first"), request("p", legs=PAIR, net=-3_500)).SerializeToString()
    assert whole.count(b"\x22\x0a") == 2  # the legs' tag and length
    raw = client.channel.stream_stream("/quantumcore.v1.OrderService/Trade")
    stream = raw(metadata=client.metadata)
    await stream.write(whole.replace(b"\x22\x0a", b"\x22\x09", 1))
    failed = await refusal(stream.read())
    assert failed.reason == "ERROR_REASON_MALFORMED_MESSAGE"
    assert venue.exchange.working_orders == 4
    asked = GetMultiLegOrderRequest(account_id=1, client_order_id="p")
    hidden = await refusal(client.call(client.orders.GetMultiLegOrder, asked))
    assert hidden.reason == "ERROR_REASON_NOT_FOUND"
