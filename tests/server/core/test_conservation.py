"""Positions and money are conserved over any interleaving; what was bound comes free again."""

import os
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import admin_commands, enums, order_commands
from quantumcore.server.core.admin_commands import Limits
from quantumcore.server.core.events import OrderEvent, decode_results
from quantumcore.server.core.exchange_cy import Exchange, is_compiled
from tests.server.core.flow import SETTING, Flow
from tests.server.core.flow_risk import CASH_ACCOUNTS, FIRST_LIMITS
from tests.server.core.pair import CAPACITIES, Pair, Step
from tests.server.core.tally import Tally

VENUES = int(os.environ.get("QC_FUZZ_OPERATIONS") or (8_000 if is_compiled() else 2_000)) // 2_000
SEED = int(os.environ.get("QC_FUZZ_SEED", "1"))
BUY, SELL = enums.SIDE_BUY, enums.SIDE_SELL
RISK = settings(max_examples=25)
CONTINUOUS = enums.TRADING_PHASE_CONTINUOUS


def played(choose: random.Random, count: int) -> tuple[Tally, Flow]:
    tally = Tally(Pair())
    for step in SETTING:
        tally.play(step)
    flow = Flow(choose, tally.pair.model)
    for _ in range(count):
        tally.play(flow.next_step())
    return tally, flow


def check(tally: Tally) -> None:
    tally.check_positions()
    tally.check_cash()
    tally.check_sums()


@RISK
@given(choose=st.randoms(use_true_random=False), count=st.integers(1, 120))
def test_positions_and_money_are_conserved(choose: random.Random, count: int) -> None:
    check(played(choose, count)[0])


@pytest.mark.parametrize("venue", range(VENUES))
def test_positions_and_money_are_conserved_in_a_long_flow(venue: int) -> None:
    tally, _ = played(random.Random(SEED * 9_007 + venue), 3_000)
    check(tally)
    assert len(tally.parts) > 200
    assert any(part.fee < 0 for part in tally.parts.values())
    assert any(tally.realised.values())
    assert tally.most_reserved > 0


def working(pair: Pair) -> list[int]:
    return sorted({order.account_id for order in pair.model.world.working.values()})


@RISK
@given(choose=st.randoms(use_true_random=False), count=st.integers(20, 120))
def test_without_orders_nothing_is_reserved_nor_counted(choose: random.Random, count: int) -> None:
    """What would be too much tells what is counted already: nothing but what is held."""
    tally, _ = played(choose, count)
    pair = tally.pair
    for account_id in working(pair):
        tally.play(Step("cancel_orders", {"account_id": account_id}))
    assert not pair.exchange.working_orders
    assert not any(tally.reserved.values())
    for account_id in (6, 7, 8):
        for instrument_id in (1, 2, 3):
            tally.play(Step("set_limits", limits(account_id, instrument_id, Limits())))
        active(tally, account_id)
        for instrument_id in (1, 3):
            probe(tally, account_id, instrument_id, BUY)
            probe(tally, account_id, instrument_id, SELL)


def limits(account_id: int, instrument_id: int, values: Limits) -> dict[str, object]:
    return {"account_id": account_id, "instrument_id": instrument_id, "limits": values}


def active(tally: Tally, account_id: int) -> None:
    """Let an account trade, wherever the flow has left it."""
    tally.play(Step("set_kill_switch", {"enabled": False}))
    tally.play(Step("set_kill_switch", {"enabled": False, "account_id": account_id}))
    account = tally.pair.model.world.accounts[account_id]
    terms = {"account_id": account_id, "margin_model": account.margin_model}
    tally.play(Step("create_account", terms | {"status": enums.ACCOUNT_STATUS_ACTIVE}))


def probe(tally: Tally, account_id: int, instrument_id: int, side: int) -> None:
    """Hold that an order is refused for its own value, and for its own lots and those held."""
    pair, instrument = tally.pair, tally.pair.model.world.instruments[instrument_id]
    if instrument.phase != CONTINUOUS or account_id == 0:
        return
    quantity, price = 5 * instrument.lot_size, 4 * instrument.tick_size
    order = {
        "account_id": account_id, "instrument_id": instrument_id, "side": side,
        "client_order_id": f"probe {pair.now}", "quantity": quantity, "price": price,
    }  # fmt: skip
    value = 5 * 4 * instrument.tick_value
    lots = tally.held.get((account_id, instrument_id), (0, 0))[0] * (1 if side == BUY else -1) + 5
    tests = [(Limits(open_order_value=value - 1), enums.REJECT_REASON_OPEN_ORDER_LIMIT, value)]
    if lots > 1:
        most = Limits(position_quantity=(lots - 1) * instrument.lot_size)
        tests.append((most, enums.REJECT_REASON_POSITION_LIMIT, lots * instrument.lot_size))
    for which in (0, instrument_id):
        for values, reason, expected in tests:
            tally.play(Step("set_limits", limits(account_id, which, values)))
            tally.play(Step("create_order", order))
            result = decode_results(pair.exchange.results.view())[-1]
            if result.reject_reason >= enums.REJECT_REASON_KILL_SWITCH:
                assert (result.reject_reason, result.value) == (reason, expected)
        tally.play(Step("set_limits", limits(account_id, which, Limits())))


@RISK
@given(choose=st.randoms(use_true_random=False), count=st.integers(1, 80))
def test_turns_give_the_same_state_again(choose: random.Random, count: int) -> None:
    tally, _ = played(choose, count)
    assert copy_of(tally.pair).state_hash() == tally.pair.exchange.state_hash()


def copy_of(pair: Pair) -> Exchange:
    """Return another exchange that has replayed all turns."""
    exchange = Exchange(**CAPACITIES)
    pair.end_turn()
    for time_ns, turn in pair.turns:
        exchange.replay(memoryview(turn), time_ns)
    return exchange


@RISK
@given(choose=st.randoms(use_true_random=False), count=st.integers(1, 80))
def test_rejected_order_leaves_no_trace(choose: random.Random, count: int) -> None:
    """Another exchange tells something that changes nothing instead: both are in one state."""
    tally, flow = played(choose, count)
    for account_id in (6, 7, 8):  # a command that is refused counts against a rate all the same
        tally.play(Step("set_limits", FIRST_LIMITS | {"account_id": account_id}))
    one, other = tally.pair.exchange, copy_of(tally.pair)
    now = tally.pair.now
    for order in orders_to_refuse(flow):
        for exchange in (one, other):  # the first may make the empty entry of a position
            exchange.begin_turn(now + 1)
            order_commands.create_order(exchange, **order)
        now += 2
        one.begin_turn(now)
        order_commands.create_order(one, **order)
        answer = decode_results(one.results.view())[-1]
        other.begin_turn(now)
        admin_commands.set_trading_phase(other, instrument_id=1, phase=other.phase(1))
        assert answer.reject_reason, answer
        assert one.sequence == other.sequence
        assert one.state_hash() == other.state_hash()


def orders_to_refuse(flow: Flow) -> list[dict[str, Any]]:
    """Return orders that are surely refused, each for something else in most venues."""
    big: dict[str, Any] = {"client_order_id": "refused", "price": 100, "quantity": 500}
    world = flow.model.world
    names = [name for account_id, name in world.names if account_id == 1]
    return [
        {"account_id": 6, "instrument_id": 1, "side": SELL, **big},
        {"account_id": 8, "instrument_id": 1, "side": BUY, **big, "quantity": 505},
        {"account_id": 6, "instrument_id": 2, "side": BUY, **big, "price": 1, "quantity": 60},
        {"account_id": 7, "instrument_id": 3, "side": SELL, **big, "quantity": 900},
        {"account_id": 1, "instrument_id": 9, "side": SELL, **big},
        {"account_id": 1, "instrument_id": 1, "side": 0, **big},
        *({"account_id": 1, "instrument_id": 1, "side": 1, **big} | {"client_order_id": name}
          for name in names[-1:]),
    ]  # fmt: skip


def test_rejection_is_told_of_no_order() -> None:
    tally, flow = played(random.Random(SEED), 50)
    for order in orders_to_refuse(flow):
        tally.play(Step("create_order", order))
        (event,) = tally.pair.told[-1:]
        assert isinstance(event, OrderEvent)
        assert (event.order_id, event.status) == (0, enums.ORDER_STATUS_REJECTED)
        assert event.reserved is event.account_reserved is event.cash is None


BY_OPERATORS = {"bust_trade", "correct_trade", "create_instrument"}


def foreseen(step: Step) -> bool:
    """Whether a step keeps what cash accounts reserve enough: no fill or bound changes later.

    A stop is left out too: it may trade further from its price than it is valued at.
    """
    terms = step.arguments
    if step.command in BY_OPERATORS or (
        step.command == "create_account" and terms["account_id"] in CASH_ACCOUNTS
    ):
        return False
    stop = terms.get("order_type") == enums.ORDER_TYPE_STOP
    return not (stop and terms["account_id"] in CASH_ACCOUNTS)


def check_cash_accounts(tally: Tally) -> int:
    """Hold that cash accounts are not overdrawn, nor short; return how much is reserved."""
    reserved = 0
    for account_id in CASH_ACCOUNTS:
        for number in (0, 1):
            money = tally.pair.exchange.balance(account_id, number, tally.pair.now)
            assert money is not None
            assert money.cash >= money.reserved >= 0
            reserved += money.reserved
        for instrument_id in (1, 2, 3):
            assert tally.held.get((account_id, instrument_id), (0, 0))[0] >= 0
    return reserved


@RISK
@given(choose=st.randoms(use_true_random=False), count=st.integers(1, 120))
def test_cash_accounts_are_never_overdrawn(choose: random.Random, count: int) -> None:
    tally, flow = played(choose, 0)
    for _ in range(count):
        step = flow.next_step()
        if foreseen(step):
            tally.play(step)
            check_cash_accounts(tally)


@pytest.mark.parametrize("venue", range(VENUES))
def test_cash_accounts_are_never_overdrawn_in_a_long_flow(venue: int) -> None:
    tally, flow = played(random.Random(SEED * 5_003 + venue), 0)
    reserved = 0
    for _ in range(2_000):
        step = flow.next_step()
        if foreseen(step):
            tally.play(step)
            reserved += check_cash_accounts(tally) > 0
    assert reserved > 100
