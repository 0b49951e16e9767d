"""What a bust brings an account that is closed, or takes from one that pays for all it buys."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.package_commands import Leg, create_package
from tests.server.core.risk_venue import ACCEPTED, NONE, Refused, RiskVenue, cash, cash_venue
from tests.server.core.venue import BUY, SELL

ACTIVE, CLOSED = enums.ACCOUNT_STATUS_ACTIVE, enums.ACCOUNT_STATUS_CLOSED
SUSPENDED = enums.ACCOUNT_STATUS_SUSPENDED
BALANCE = enums.REJECT_REASON_INSUFFICIENT_BALANCE
SHUT = Refused(enums.REJECT_REASON_ACCOUNT_SUSPENDED, 2, 0, CLOSED)


def bust(venue: RiskVenue, trade_id: int) -> None:
    venue.do(admin_commands.bust_trade, trade_id=trade_id)
    assert venue.refused == ACCEPTED


def deal(venue: RiskVenue, side: int, quantity: int, price: int) -> None:
    """Let account 1 trade with account 2."""
    name = f"{venue.now}"
    venue.order(f"{name} other", 3 - side, quantity, price, account_id=2)
    assert venue.ask(name, side, quantity, price) == ACCEPTED


def closed(*deals: tuple[int, int, int]) -> RiskVenue:
    """Return a venue whose first account has made trades 1, 2 ..., was emptied and closed."""
    venue = cash_venue(100)
    for one in deals:
        deal(venue, *one)
    venue.pay(-cash(venue))
    assert venue.account(margin_model=NONE, status=CLOSED) == ACCEPTED
    return venue


BOUGHT_AND_SOLD = ((BUY, 25, 100), (SELL, 25, 120))


def test_money_that_a_bust_brings_a_closed_account_is_paid_out() -> None:
    venue = closed(*BOUGHT_AND_SOLD)
    assert venue.pay(-1) == venue.pay(1) == SHUT, "it is empty"
    bust(venue, 1)
    # The 5 lots sold for 12 each were bought for 10 each, which came back, and are owed.
    assert (cash(venue), venue.exchange.position(1, 1)) == (50, -25)
    assert venue.pay(1) == SHUT, "it takes nothing in that it does not owe"
    assert venue.pay(-1).reason == BALANCE
    bust(venue, 2)
    assert (cash(venue), venue.exchange.position(1, 1)) == (-10, 0)
    assert venue.pay(-1) == SHUT
    assert venue.pay(11) == SHUT
    assert venue.pay(10) == ACCEPTED
    assert cash(venue) == 0
    assert venue.pay(1) == SHUT


def test_profit_that_a_correction_brings_a_closed_account_is_paid_out() -> None:
    venue = closed(*BOUGHT_AND_SOLD)
    venue.do(admin_commands.correct_trade, trade_id=2, price=160)
    assert cash(venue) == 20
    assert venue.ask("late", BUY, 5, 10) == SHUT
    assert venue.limit(order_value=5) == SHUT
    assert venue.pay(-21) == Refused(BALANCE, 3, 20, 21)
    assert venue.pay(-20) == ACCEPTED
    assert cash(venue) == 0


@pytest.mark.parametrize("status", [ACTIVE, SUSPENDED])
def test_closed_account_is_opened_again_while_it_has_anything(status: int) -> None:
    venue = closed(*BOUGHT_AND_SOLD)
    assert venue.account(margin_model=NONE, status=status) == SHUT
    bust(venue, 2)
    assert venue.account(margin_model=NONE, status=CLOSED) == SHUT, "nothing is changed of it"
    assert venue.account(margin_model=NONE, status=status) == ACCEPTED
    assert venue.pay(60) == ACCEPTED
    assert venue.account(margin_model=NONE, status=ACTIVE) == ACCEPTED
    deal(venue, SELL, 25, 120)
    venue.pay(-cash(venue))
    assert venue.account(margin_model=NONE, status=CLOSED) == ACCEPTED
    assert venue.account(margin_model=NONE, status=status) == SHUT


def short(*, sold_at: int = 120) -> RiskVenue:
    """Return a venue whose cash account, of 100, is short of 5 lots by a bust of what it bought."""
    venue = cash_venue(100)
    deal(venue, BUY, 25, 100)
    deal(venue, SELL, 25, sold_at)
    bust(venue, 1)
    assert venue.exchange.position(1, 1) == -25
    return venue


def available(venue: RiskVenue) -> int:
    money = venue.exchange.balance(1, 0, venue.now)
    assert money is not None
    return money.available


def test_proceeds_of_what_is_short_by_a_bust_are_not_spent() -> None:
    venue = short()
    assert (cash(venue), available(venue)) == (160, 100)
    other: dict[str, Any] = {"instrument_id": 2}
    assert venue.ask("a", BUY, 5 * 11, 100, **other) == Refused(BALANCE, 8, 100, 110)
    assert venue.pay(-101) == Refused(BALANCE, 3, 100, 101)
    assert venue.ask("b", BUY, 5 * 10, 100, **other) == ACCEPTED


def test_what_is_short_is_bought_back_with_its_proceeds_and_what_there_is_besides() -> None:
    venue = short()
    venue.pay(-100)
    assert (cash(venue), available(venue)) == (60, 0)
    assert venue.ask("dear", BUY, 25, 130) == Refused(BALANCE, 8, 60, 65)
    assert venue.ask("more", BUY, 30, 120) == Refused(BALANCE, 8, 60, 72)
    assert venue.ask("part", BUY, 10, 120) == ACCEPTED
    assert venue.ask("rest", BUY, 20, 120) == Refused(BALANCE, 8, 36, 48), "one lot too many"
    assert venue.ask("all", BUY, 15, 120) == ACCEPTED
    assert venue.reserved("all") == (36, 60)
    venue.order("ask", SELL, 25, 120, account_id=2)
    assert (cash(venue), available(venue), venue.exchange.position(1, 1)) == (0, 0, 0)


def test_debt_grows_with_the_price_and_is_never_less_than_the_sale() -> None:
    venue = short()
    venue.reference(1, last=150)
    assert available(venue) == 160 - 75
    venue.reference(1, last=50)
    assert available(venue) == 160 - 5 * 10, "it counts as sold for what the busted purchase cost"
    venue.pay(-110)
    assert venue.ask("back", BUY, 25, 100) == ACCEPTED


def test_order_that_closes_and_opens_binds_all_of_its_price() -> None:
    venue = short()
    venue.pay(-40)
    assert venue.ask("back", BUY, 50, 120) == ACCEPTED
    venue.order("half", SELL, 25, 120, account_id=2)
    assert (cash(venue), available(venue)) == (60, 0)
    assert venue.ask("other", BUY, 5, 100, instrument_id=2) == Refused(BALANCE, 8, 0, 10)
    assert venue.pay(-1) == Refused(BALANCE, 3, 0, 1)
    venue.order("rest", SELL, 25, 120, account_id=2)
    assert (cash(venue), available(venue)) == (0, 0)


def test_mark_that_falls_frees_nothing_that_a_working_order_is_to_pay() -> None:
    venue = short()
    venue.reference(1, last=150)
    venue.pay(-85)
    assert venue.ask("back", BUY, 25, 150) == ACCEPTED
    venue.reference(1, last=50)
    assert available(venue) == 0
    venue.order("sale", SELL, 25, 150, account_id=2)
    assert (cash(venue), available(venue)) == (0, 0)


def test_order_behind_the_one_that_buys_back_trades_first() -> None:
    venue = short()
    assert venue.ask("closes", BUY, 25, 120) == ACCEPTED
    assert venue.ask("opens", BUY, 25, 130) == ACCEPTED
    venue.order("dear", SELL, 25, 130, account_id=2)
    assert venue.pay(-available(venue)) == ACCEPTED
    venue.order("cheap", SELL, 25, 120, account_id=2)
    assert (cash(venue), available(venue)) == (0, 0)


def test_bust_of_the_sale_leaves_what_a_working_order_binds() -> None:
    venue = short()
    assert venue.ask("back", BUY, 25, 120) == ACCEPTED
    bust(venue, 2)
    assert (cash(venue), available(venue)) == (100, 40)
    venue.pay(-40)
    venue.order("sale", SELL, 25, 120, account_id=2)
    assert (cash(venue), available(venue)) == (0, 0)


def test_package_buys_back_with_the_proceeds_too() -> None:
    venue = short()
    venue.pay(-100)
    for name, price, reason in (("p", 130, BALANCE), ("q", 120, 0)):
        legs = [(1, BUY, 5, price), (2, BUY, 5, 0)]
        assert package(venue, name, legs, units=5).reason == reason


def package(
    venue: RiskVenue, name: str, legs: list[tuple[int, int, int, int]], units: int
) -> Refused:
    stated = tuple(Leg(*leg) for leg in legs)
    terms = {"account_id": 1, "client_order_id": name, "legs": stated, "units": units}
    venue.do(create_package, **terms)
    return venue.refused
