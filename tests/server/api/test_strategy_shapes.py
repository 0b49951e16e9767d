"""What shape the venue recognises in the legs of a multi-leg order."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumcore.server.api.strategy_shapes import shape_of
from quantumcore.v1.admin_service_pb2 import UpdateAccountRequest
from quantumcore.v1.instrument_pb2 import (
    ExerciseStyle,
    FutureTerms,
    Instrument,
    OptionRight,
    OptionTerms,
)
from quantumcore.v1.instrument_service_pb2 import CreateInstrumentRequest
from quantumcore.v1.multi_leg_order_pb2 import StrategyShape
from quantumcore.v1.order_service_pb2 import ListMultiLegOrdersRequest
from quantumcore.v1.types_pb2 import InstrumentKind, SelfTradePrevention, Side, TradingPhase
from tests.server.api.running import BUY, NANOS, SELL, Client, instrument, running
from tests.server.api.test_multi_leg_orders import create, get

PUT, CALL = OptionRight.OPTION_RIGHT_PUT, OptionRight.OPTION_RIGHT_CALL
STOCK, OTHER_STOCK = 1, 2


def day(year: int, month: int, number: int) -> int:
    return int(datetime(year, month, number, tzinfo=UTC).timestamp()) * NANOS


MARCH, JUNE, SEPTEMBER, DECEMBER = (
    day(2027, 3, 19), day(2027, 6, 18), day(2027, 9, 17), day(2027, 12, 17),
)  # fmt: skip


def listed() -> dict[str, Instrument]:
    """Two stocks; puts and calls on the first; futures of two products."""
    found = {
        name: Instrument(kind=InstrumentKind.INSTRUMENT_KIND_EQUITY, multiplier=NANOS)
        for name in ("S", "T")
    }
    for month, expiry in (("", MARCH), ("j", JUNE), ("s", SEPTEMBER)):
        for right, letter in ((PUT, "p"), (CALL, "c")):
            for strike in (90, 95, 100, 105, 110, 120):
                found[f"{letter}{strike}{month}"] = option(STOCK, right, strike, expiry)
    found["other"] = option(OTHER_STOCK, CALL, 105, MARCH)
    found["mini"] = option(STOCK, CALL, 105, MARCH, multiplier=10)
    for product in ("F", "G"):
        for letter, expiry in zip("hmuz", (MARCH, JUNE, SEPTEMBER, DECEMBER), strict=True):
            found[f"{product}{letter}"] = Instrument(
                kind=InstrumentKind.INSTRUMENT_KIND_FUTURE,
                multiplier=50 * NANOS,
                expiry_time_ns=expiry,
                future=FutureTerms(product=product),
            )
    for number, one in enumerate(found.values(), start=1):
        one.instrument_id = number
    return found


def option(
    underlying: int, right: OptionRight.ValueType, strike: int, expiry: int, multiplier: int = 100
) -> Instrument:
    return Instrument(
        kind=InstrumentKind.INSTRUMENT_KIND_OPTION,
        multiplier=multiplier * NANOS,
        expiry_time_ns=expiry,
        option=OptionTerms(
            underlying_instrument_id=underlying, right=right, strike_price=strike * NANOS
        ),
    )


LISTED = listed()
BY_ID = {one.instrument_id: one for one in LISTED.values()}
Legs = list[tuple[int, Side.ValueType, int]]


def legs_of(written: str) -> Legs:
    """Read legs as "+1 c100, -2 c105"."""
    found: Legs = []
    for leg in written.split(", "):
        ratio, name = leg.split()
        side = BUY if int(ratio) > 0 else SELL
        found.append((LISTED[name].instrument_id, side, abs(int(ratio)) * NANOS))
    return found


def opposite(side: Side.ValueType) -> Side.ValueType:
    return SELL if side == BUY else BUY


def shape(legs: Legs) -> str:
    return StrategyShape.Name(shape_of(legs, BY_ID)).removeprefix("STRATEGY_SHAPE_")


EXAMPLES = [
    ("+1 c100, -1 c110", "VERTICAL"),
    ("+3 p110, -3 p95", "VERTICAL"),
    ("+1 c100, -1 c100j", "CALENDAR"),
    ("+1 Fh, -1 Fm", "CALENDAR"),
    ("+1 c100, +1 p100", "STRADDLE"),
    ("+2 p95, +2 c105", "STRANGLE"),
    ("+1 c90, -2 c100, +1 c110", "BUTTERFLY"),
    ("+1 p90, -1 p100, -1 c100, +1 c110", "BUTTERFLY"),
    ("+1 c90, -1 p100, -1 c100, +1 p110", "BUTTERFLY"),
    ("+1 Fh, -2 Fm, +1 Fu", "BUTTERFLY"),
    ("+5 c100, -10 c100j, +5 c100s", "BUTTERFLY"),
    ("+1 c90, -1 c95, -1 c110, +1 c120", "CONDOR"),
    ("+1 p90, -1 p95, -1 c105, +1 c110", "CONDOR"),
    ("+1 c90, -1 c95, -1 p105, +1 p110", "CONDOR"),
    ("+1 Fh, -1 Fm, -1 Fu, +1 Fz", "CONDOR"),
    ("+1 c100, -1 c110, -1 p100, +1 p110", "BOX"),
    ("+100 S, +1 p95, -1 c105", "COLLAR"),
    ("+300 S, +3 p100, -3 c100", "COLLAR"),
    ("+1 c100, -2 c110", "RATIO"),
    ("+3 p100, -2 p95", "RATIO"),
    ("+10 S, -20 T", "PAIR"),
    ("+1 Fh, -1 Gh", "PAIR"),
    ("+1 Fh, -2 Fm", "PAIR"),
    ("+50 S, -1 Fh", "PAIR"),
]
NAMELESS = [
    "+1 c100, +1 c110",  # one side
    "+1 c100, -1 p100",  # a synthetic future
    "+1 c100, +2 p100",
    "+1 c100, -1 c110j",  # a diagonal
    "+1 c100, -1 p100j",
    "+1 c100, -1 other",  # two underlyings
    "+1 c100, -1 mini",  # two multipliers
    "+1 c100, -1 c100",  # one instrument
    "+1 c90, -2 c100, +1 c120",  # a broken wing
    "+1 c90, -2 p100, +1 c110",
    "+1 p90, -1 p100, -1 c100, +1 c120",
    "+1 c90, -1 p95, -1 c105, +1 p110",
    "+1 c90, +1 c95, -1 c105, -1 c110",
    "+1 c100, +1 c110, -1 p100, -1 p110",
    "+1 Fh, -2 Fm, +1 Fz",
    "+100 S, +1 p95, -1 c105j",
    "+100 S, +1 c95, -1 p105",
    "+50 S, +1 p95, -1 c105",  # half of it
    "+100 T, +1 p95, -1 c105",
    "-100 S, +1 p95, -1 c105",
    "+100 S, -1 c105",
    "+10 S, +20 T",
    "+1 S, -1 S",
    "+1 S, -1 T, +1 Fh",
]


@pytest.mark.parametrize(("written", "name"), EXAMPLES)
def test_a_strategy_is_named_bought_and_sold(written: str, name: str) -> None:
    legs = legs_of(written)
    assert shape(legs) == name
    assert shape([(one, opposite(side), ratio) for one, side, ratio in legs]) == name


@pytest.mark.parametrize("written", NAMELESS)
def test_what_no_rule_names_is_other(written: str) -> None:
    assert shape(legs_of(written)) == "OTHER"


def test_legs_in_what_is_not_listed_are_other() -> None:
    assert shape([(1, BUY, NANOS), (10_000, SELL, NANOS)]) == "OTHER"


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(BY_ID)), st.sampled_from([BUY, SELL]), st.integers(1, 3)),
        min_size=2,
        max_size=4,
    )
    | st.sampled_from([legs_of(written) for written, _name in EXAMPLES]),
    st.data(),
)
def test_the_order_of_legs_their_size_and_the_side_of_the_whole_do_not_matter(
    legs: Legs, data: st.DataObject
) -> None:
    times = data.draw(st.integers(1, 5))
    changed = [(one, side, ratio * times) for one, side, ratio in data.draw(st.permutations(legs))]
    if data.draw(st.booleans()):
        changed = [(one, opposite(side), ratio) for one, side, ratio in changed]
    assert shape(changed) == shape(legs)


def call(symbol: str, strike: int) -> CreateInstrumentRequest:
    request = instrument(symbol)
    request.kind = InstrumentKind.INSTRUMENT_KIND_OPTION
    request.expiry_time_ns = day(2100, 3, 19)
    request.option.CopyFrom(
        OptionTerms(
            underlying_instrument_id=1,
            right=CALL,
            exercise_style=ExerciseStyle.EXERCISE_STYLE_AMERICAN,
            strike_price=strike * NANOS,
        )
    )
    return request


async def test_orders_that_are_read_say_their_shape_and_the_prevention_in_force(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as (_venue, client):
        await options(client)
        vertical = await create(client, "v", ((2, BUY, 1, None), (3, SELL, 1, None)))
        ratio = await create(
            client,
            "r",
            ((2, BUY, 1, None), (3, SELL, 2, None)),
            self_trade_prevention=SelfTradePrevention.SELF_TRADE_PREVENTION_CANCEL_BOTH,
        )
        first = await get(client, vertical.multi_leg_order_id)
        second = await get(client, ratio.multi_leg_order_id)
        assert first.shape == StrategyShape.STRATEGY_SHAPE_VERTICAL
        assert first.self_trade_prevention == SelfTradePrevention.SELF_TRADE_PREVENTION_NONE
        assert second.shape == StrategyShape.STRATEGY_SHAPE_RATIO
        assert second.self_trade_prevention == SelfTradePrevention.SELF_TRADE_PREVENTION_CANCEL_BOTH
        oldest = SelfTradePrevention.SELF_TRADE_PREVENTION_CANCEL_OLDEST
        await client.call(
            client.admin.UpdateAccount,
            UpdateAccountRequest(account_id=1, self_trade_prevention=oldest),
        )
        asked = ListMultiLegOrdersRequest(account_id=1)
        listed = (await client.call(client.orders.ListMultiLegOrders, asked)).multi_leg_orders
        assert [one.shape for one in listed] == [first.shape, second.shape]
        assert [one.self_trade_prevention for one in listed] == [
            oldest, second.self_trade_prevention,
        ]  # fmt: skip


async def options(client: Client) -> None:
    for number, strike in ((2, 100), (3, 110)):
        await client.call(client.instruments.CreateInstrument, call(f"C{strike}", strike))
        await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, number)
