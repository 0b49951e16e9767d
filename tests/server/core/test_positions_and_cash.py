"""Positions at average cost, cash and fees, as fills, busts and corrections move them."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.admin_commands import Terms
from quantumcore.server.core.exchange_cy import Exchange
from tests.server.core.risk_venue import ACCEPTED, FUTURE, Booked, Refused, RiskVenue, cash
from tests.server.core.venue import BUY, LISTING, SELL

UNIT = 10**9
BALANCE = enums.REJECT_REASON_INSUFFICIENT_BALANCE
MARKET, CONTINUOUS = enums.ORDER_TYPE_MARKET, enums.TRADING_PHASE_CONTINUOUS


class Desk:
    """Account 1 trades with account 2 in one instrument, and each trade is looked at."""

    def __init__(self, **listed: Any) -> None:
        self.venue = RiskVenue()
        self.instrument_id = self.venue.instrument(**listed)
        self.count = 0

    def trade(self, side: int, lots: int, ticks: int) -> Booked:
        """Let account 1 take; return what its fill tells."""
        self.count += 1
        terms = {"instrument_id": self.instrument_id}
        order = lots * 5, ticks * 10
        self.venue.order(f"m{self.count}", 3 - side, *order, account_id=2, **terms)
        self.venue.order(f"t{self.count}", side, *order, **terms)
        (booked,) = self.venue.booked(f"t{self.count}")
        return booked

    def view(self, account_id: int = 1) -> tuple[int, ...]:
        """Return lots, bought lots, cost, what was realised, and fees."""
        exchange, now = self.venue.exchange, self.venue.now
        view = exchange.position_view(account_id, self.instrument_id, now)
        assert view is not None
        return (
            view.lots,
            view.bought_lots,
            view.open_tick_lots,
            view.realised_tick_lots,
            view.fees,
        )


def test_cost_of_what_is_added_is_added() -> None:
    desk = Desk()
    assert desk.trade(BUY, 3, 10) == Booked(3, 30, 0, -30)
    assert desk.trade(BUY, 2, 15) == Booked(5, 60, 0, -60)
    assert desk.view() == (5, 5, 60, 0, 0)
    assert desk.view(2) == (-5, 0, -60, 0, 0)


def test_what_closes_is_valued_at_the_average_cut_towards_zero() -> None:
    desk = Desk()
    desk.trade(BUY, 2, 10)
    desk.trade(BUY, 1, 12)
    assert desk.trade(SELL, 1, 20) == Booked(2, 22, 10, -12)
    assert desk.trade(SELL, 1, 20) == Booked(1, 11, 9, 8)
    assert desk.trade(SELL, 1, 5) == Booked(0, 0, -6, 13)
    assert desk.view() == (0, 3, 0, 13, 0)


def test_part_that_is_no_whole_tick_stays_in_the_cost_of_the_rest() -> None:
    desk = Desk()
    desk.trade(BUY, 2, 3)
    desk.trade(BUY, 1, 4)
    assert desk.trade(SELL, 1, 3) == Booked(2, 7, 0, -7)
    assert desk.trade(SELL, 2, 3) == Booked(0, 0, -1, -1)


def test_cost_of_a_short_position_is_cut_towards_zero_too() -> None:
    desk = Desk()
    desk.trade(SELL, 2, 3)
    desk.trade(SELL, 1, 4)
    assert desk.trade(BUY, 1, 3) == Booked(-2, -7, 0, 7)
    assert desk.trade(BUY, 2, 3) == Booked(0, 0, 1, 1)


def test_negative_prices_cost_less_than_nothing() -> None:
    desk = Desk()
    assert desk.trade(BUY, 2, -3) == Booked(2, -6, 0, 6)
    assert desk.trade(BUY, 1, -4) == Booked(3, -10, 0, 10)
    assert desk.trade(SELL, 1, 1) == Booked(2, -7, 4, 11)
    assert desk.trade(SELL, 2, -5) == Booked(0, 0, -3, 1)


def test_position_that_turns_over_begins_anew_with_what_is_left() -> None:
    desk = Desk()
    desk.trade(BUY, 3, 10)
    assert desk.trade(SELL, 5, 12) == Booked(-2, -24, 6, 30)
    assert desk.trade(BUY, 3, 20) == Booked(1, 20, -16, -30)
    assert desk.view() == (1, 6, 20, -10, 0)
    assert desk.view(2) == (-1, 5, -20, 10, 0)


def test_trade_with_oneself_moves_through_both_fills() -> None:
    venue = RiskVenue()
    venue.order("a", SELL, 10, 100)
    venue.order("b", BUY, 10, 100, self_trade_prevention=enums.SELF_TRADE_PREVENTION_NONE)
    assert venue.booked("a") == [Booked(-2, -20, 0, 20)]
    assert venue.booked("b") == [Booked(0, 0, 0, 0)]


def test_of_futures_nothing_is_paid_but_profit_and_loss() -> None:
    desk = Desk(terms=FUTURE, tick_value=25)
    assert desk.trade(BUY, 3, 10) == Booked(3, 30, 0, 0)
    assert desk.trade(SELL, 1, 12) == Booked(2, 20, 2, 50)
    assert desk.trade(SELL, 4, 9) == Booked(-2, -18, -2, 0)
    assert desk.trade(BUY, 2, 10) == Booked(0, 0, -2, -50)
    assert desk.view(2)[3] == 2


@pytest.mark.parametrize(
    ("maker", "taker", "expected"),
    [
        pytest.param(0, 10_000, (0, 1), id="rounded up against the taker"),
        pytest.param(10_000, 20_000, (1, 1), id="both"),
        pytest.param(1, 1, (1, 1), id="the least fee is one minor unit"),
        pytest.param(-10_000, 30_000, (0, 2), id="a rebate is rounded up too: against the account"),
        pytest.param(-40_000, 0, (-2, 0), id="a rebate"),
        pytest.param(1_000_000, 2_000_000, (50, 100), id="as much as the value"),
    ],
)
def test_fees_are_millionths_of_the_value(
    maker: int, taker: int, expected: tuple[int, int]
) -> None:
    desk = Desk(terms=Terms(maker_fee=maker, taker_fee=taker))
    assert desk.trade(BUY, 5, 10).cash == -50 - expected[1]
    assert desk.view(2)[4] == expected[0]
    assert desk.view()[4] == expected[1]
    money = [desk.venue.exchange.balance(one, 0, desk.venue.now) for one in (1, 2)]
    assert [one and (one.cash, one.fees) for one in money] == [
        (-50 - expected[1], expected[1]),
        (50 - expected[0], expected[0]),
    ]


def test_fee_is_of_the_value_whatever_its_sign() -> None:
    desk = Desk(terms=Terms(taker_fee=100_000))
    assert desk.trade(BUY, 5, -10).cash == 50 - 5
    assert desk.trade(SELL, 5, -10).cash == -5 - 5


def test_both_sides_of_an_auction_pay_as_takers() -> None:
    venue = RiskVenue()
    listed = venue.instrument(
        terms=Terms(maker_fee=-100_000, taker_fee=200_000),
        phase=enums.TRADING_PHASE_OPENING_AUCTION,
    )
    venue.order("a", BUY, 25, 100, instrument_id=listed)
    venue.order("b", SELL, 25, 100, account_id=2, instrument_id=listed)
    venue.set_phase(CONTINUOUS, listed)
    assert venue.booked("a") == [Booked(5, 50, 0, -60)]
    assert venue.booked("b") == [Booked(-5, -50, 0, 40)]


def test_bust_books_the_reverse_at_the_old_price_and_gives_the_fee_back() -> None:
    desk = Desk(terms=Terms(maker_fee=-20_000, taker_fee=100_000))
    desk.trade(BUY, 4, 10)
    desk.trade(BUY, 4, 20)
    desk.venue.do(admin_commands.bust_trade, trade_id=1)
    assert desk.venue.booked("t1") == [Booked(4, 60, -20, -80 - 8)]
    assert desk.view() == (4, 4, 60, -20, 8)
    desk.venue.do(admin_commands.bust_trade, trade_id=2)
    assert desk.venue.booked("t2") == [Booked(0, 0, 20, 0)]
    assert desk.view() == (0, 0, 0, 0, 0)
    assert desk.view(2) == (0, 0, 0, 0, 0)


def relist(desk: Desk, **fees: int) -> None:
    """Let an instrument have other fees from now on."""
    terms = LISTING | {"terms": Terms(**fees), "instrument_id": desk.instrument_id}
    desk.venue.do(admin_commands.create_instrument, **terms)


def test_bust_gives_back_the_fee_that_was_charged() -> None:
    desk = Desk(terms=Terms(maker_fee=-20_000, taker_fee=100_000))
    assert desk.trade(BUY, 10, 10).cash == -100 - 10
    relist(desk)
    desk.venue.do(admin_commands.bust_trade, trade_id=1)
    assert [cash(desk.venue, number) for number in (1, 2)] == [0, 0]
    assert desk.view() == desk.view(2) == (0, 0, 0, 0, 0)


def test_bust_gives_no_fee_back_where_none_was_charged() -> None:
    desk = Desk()
    desk.trade(BUY, 10, 10)
    relist(desk, taker_fee=100_000)
    desk.venue.do(admin_commands.bust_trade, trade_id=1)
    assert [cash(desk.venue, number) for number in (1, 2)] == [0, 0]


def test_correction_is_charged_the_fee_of_its_trade() -> None:
    desk = Desk(terms=Terms(taker_fee=100_000))
    desk.trade(BUY, 10, 10)
    relist(desk, taker_fee=1_000)
    desk.venue.do(admin_commands.correct_trade, trade_id=1, price=200)
    assert cash(desk.venue) == -200 - 20
    desk.venue.do(admin_commands.bust_trade, trade_id=1)
    assert cash(desk.venue) == 0


def test_refused_payment_leaves_no_trace() -> None:
    venue = RiskVenue()
    assert venue.pay(-1, currency=7) == Refused(BALANCE, 3, 0, 1)
    assert venue.exchange.currencies_of(1) == []
    assert venue.pay(1, currency=7) == ACCEPTED
    assert venue.exchange.currencies_of(1) == [7]


def test_correction_books_the_reverse_and_the_new_trade() -> None:
    desk = Desk(terms=Terms(taker_fee=100_000))
    desk.trade(BUY, 4, 10)
    arguments = {"trade_id": 1, "price": 120, "quantity": 15}
    desk.venue.do(admin_commands.correct_trade, **arguments)
    assert desk.venue.booked("m1") == [Booked(-3, -36, 0, 36)]
    assert desk.venue.booked("t1") == [Booked(3, 36, 0, -36 - 4)]
    assert desk.view() == (3, 3, 36, 0, 4)


def test_bust_of_what_opened_a_future_realises_what_the_rest_then_cost() -> None:
    desk = Desk(terms=FUTURE)
    desk.trade(BUY, 2, 10)
    desk.trade(SELL, 2, 15)
    desk.venue.do(admin_commands.bust_trade, trade_id=1)
    assert desk.venue.booked("t1") == [Booked(-2, -20, 0, 10)]
    desk.venue.do(admin_commands.bust_trade, trade_id=2)
    assert desk.venue.booked("t2") == [Booked(0, 0, -10, 0)]
    assert desk.view()[3] == 0


WIDE = {
    "tick_size": UNIT // 100, "lot_size": UNIT, "min_price": -1_000_000 * UNIT,
    "max_price": 1_000_000 * UNIT, "max_quantity": ((1 << 61) // UNIT) * UNIT,
}  # fmt: skip
LOTS, TICKS = (1 << 61) // UNIT, 90_000_000


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("kind", [enums.INSTRUMENT_KIND_EQUITY, enums.INSTRUMENT_KIND_FUTURE])
def test_cost_and_cash_grow_beyond_64_bits(sign: int, kind: int) -> None:
    venue = RiskVenue(**WIDE)
    listed = venue.instrument(**WIDE, terms=Terms(kind=kind))
    price, order = sign * TICKS * UNIT // 100, (LOTS * UNIT, sign * TICKS * UNIT // 100)
    trades, whole = 60, LOTS * TICKS * sign
    assert trades * abs(whole) > 1 << 63
    for number in range(trades):
        venue.order(f"m{number}", SELL, *order, account_id=2, instrument_id=listed)
        venue.order(f"t{number}", BUY, *order, instrument_id=listed)
    told = venue.booked(f"t{trades - 1}")[0]
    assert (told.lots, told.cost) == (trades * LOTS, sign * (1 << 62))
    paid = 0 if kind == enums.INSTRUMENT_KIND_FUTURE else trades * whole
    assert held(venue, listed) == (trades * LOTS, trades * whole, 0, -paid)
    venue.order("bid", BUY, LOTS * UNIT, price + UNIT // 100, account_id=2, instrument_id=listed)
    venue.order("sale", SELL, LOTS * UNIT, price + UNIT // 100, instrument_id=listed)
    brought = LOTS if kind == enums.INSTRUMENT_KIND_FUTURE else whole + LOTS
    assert venue.booked("sale")[0].realised == LOTS
    rest = ((trades - 1) * LOTS, (trades - 1) * whole, LOTS, brought - paid)
    assert held(venue, listed) == rest
    assert replayed(venue) == venue.exchange.state_hash()


def held(venue: RiskVenue, instrument_id: int) -> tuple[int, ...]:
    """Return lots, cost and profit of account 1, and its cash."""
    view = venue.exchange.position_view(1, instrument_id, venue.now)
    money = venue.exchange.balance(1, 0, venue.now)
    assert view is not None
    assert money is not None
    return view.lots, view.open_tick_lots, view.realised_tick_lots, money.cash


def replayed(venue: RiskVenue) -> bytes:
    """Return the state's hash after another exchange has replayed all turns."""
    twin = Exchange()
    for now, block in venue.blocks:
        twin.replay(memoryview(block), now)
    return twin.state_hash()


def test_positions_of_billions_of_lots_keep_their_cost_to_the_last_tick() -> None:
    """From 2**31 lots on the share in the cost is computed with whole numbers without bounds."""
    listed = {"tick_size": 1, "lot_size": 1, "min_price": 0, "max_price": 1_000}
    desk = Desk(**listed, max_quantity=1 << 50)
    lots = (1 << 31) + 1
    desk.trade(BUY, lots // 5 + 1, 3)
    desk.trade(BUY, lots, 7)
    cost, many = desk.view()[2], desk.view()[0]
    closed = desk.trade(SELL, 12_345, 50)
    share = cost * (12_345 * 5) // many
    assert closed.realised == 12_345 * 5 * 500 - share
    assert desk.view()[2] == cost - share
