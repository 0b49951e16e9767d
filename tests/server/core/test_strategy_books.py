"""Packages that trade with one another: opposite legs, at the net price of the one that waited."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import admin_commands, enums, kinds, order_commands, package_commands
from quantumcore.server.core.events import OrderEvent, decode
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LISTED, LOT, PAIR, A, B, brief, enter, listed, quote
from tests.server.core.venue import BUY, SELL, Venue

C = 5
OPPOSITE = (Leg(B, BUY, LOT), Leg(A, SELL, LOT))  # the legs of PAIR, in another order


@pytest.fixture
def venue() -> Venue:
    """Two instruments: A at 90 to 100, B at 130 to 150, in ticks of 10."""
    venue = listed()
    quote(venue, A, 90, 100)
    quote(venue, B, 130, 150)
    return venue


def other(venue: Venue, name: str = "q", **terms: Any) -> list[str]:
    """Enter the opposite for account 3; return its events in short."""
    return enter(venue, name, **({"account_id": 3, "legs": OPPOSITE} | terms))


def test_opposites_trade_at_the_net_price_of_the_one_that_waited(venue: Venue) -> None:
    """A in the middle of its book, on a tick, is 90; B in the middle of its is 140."""
    assert enter(venue, units=3, min_units=1, net_price=-50) == [
        "P accepted", "L1 accepted", "L2 accepted",
    ]  # fmt: skip
    assert other(venue, units=2, net_price=55) == [
        "P accepted", "L1 accepted", "L2 accepted",
        "L2 filled 2@140", "L1 filled 2@140",
        "L1 filled 2@90", "L2 filled 2@90",
        "P filled 2@-50", "P filled 2@50",
    ]  # fmt: skip
    assert venue.exchange.position(1, A) == 2 * LOT
    assert venue.exchange.position(3, A) == -2 * LOT
    assert venue.exchange.position(1, B) == -2 * LOT


def test_the_one_that_waited_is_the_maker_and_both_name_one_execution(venue: Venue) -> None:
    enter(venue, net_price=-50)
    events = venue.do(
        package_commands.create_package,
        account_id=3,
        client_order_id="q",
        legs=OPPOSITE,
        units=1,
        net_price=50,
    )
    fills = [one for one in events if isinstance(one, OrderEvent) if one.kind == kinds.ORDER_FILLED]
    sides = Counter((one.account_id, one.liquidity) for one in fills)
    assert sides == {(1, enums.LIQUIDITY_MAKER): 3, (3, enums.LIQUIDITY_TAKER): 3}
    assert len({one.package_execution_id for one in fills}) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"net_price": -50}, {"net_price": 40}),  # do not cross
        (  # without a net price, kept from the books by a leg
            {"legs": (Leg(A, BUY, LOT, 80), Leg(B, SELL, LOT))},
            {"net_price": 50},
        ),
        ({"net_price": -50}, {}),  # takes what the books offer
        ({"net_price": -50}, {"net_price": 50, "account_id": 1}),  # one owner
        ({"net_price": -50, "units": 2}, {"net_price": 50}),  # fewer than at once at least
        ({"net_price": -50}, {"net_price": 50, "units": 2}),
        ({"net_price": -50}, {"net_price": 50, "legs": (Leg(B, BUY, LOT), Leg(A, SELL, 2 * LOT))}),
        ({"net_price": -50}, {"net_price": 50, "legs": PAIR}),
        (
            {"net_price": -50},  # A costs at least 90
            {"net_price": 50, "constraints": [(kinds.CONSTRAINT_MAX_SPREAD, 1, 2, 40, 0)]},
        ),
        ({"net_price": -50, "legs": (Leg(A, BUY, LOT, 80), Leg(B, SELL, LOT))}, {"net_price": 50}),
        ({"net_price": -50}, {"net_price": 50, "legs": (Leg(B, BUY, LOT, 120), OPPOSITE[1])}),
        ({"net_price": -70}, {"net_price": 70}),  # a leg would trade outside its book
    ],
)
def test_others_pass_one_another_over(
    venue: Venue, first: dict[str, Any], second: dict[str, Any]
) -> None:
    enter(venue, **{"units": 1} | first)
    other(venue, **second)
    assert status(venue, 1, "p") == enums.ORDER_STATUS_NEW


def test_the_best_net_price_comes_first_then_time(venue: Venue) -> None:
    for name, net_price in (("low", -60), ("first", -50), ("second", -50)):
        enter(venue, name, net_price=net_price)
    other(venue, units=3, min_units=1, net_price=50)
    assert [status(venue, 1, name) for name in ("low", "first", "second")] == [
        enums.ORDER_STATUS_NEW, enums.ORDER_STATUS_FILLED, enums.ORDER_STATUS_FILLED,
    ]  # fmt: skip


def test_a_change_loses_the_place_and_may_meet_at_once(venue: Venue) -> None:
    enter(venue, "first", net_price=-50)
    enter(venue, "second", net_price=-50)
    venue.do(package_commands.replace_package, account_id=1, client_order_id="first", net_price=-50)
    other(venue, "q", net_price=50)
    assert status(venue, 1, "second") == enums.ORDER_STATUS_FILLED
    enter(venue, "r", account_id=3, legs=OPPOSITE, net_price=40)
    told = brief(
        venue.do(package_commands.replace_package, account_id=3, client_order_id="r", net_price=60)
    )
    assert "P filled 1@50" in told
    assert status(venue, 1, "first") == enums.ORDER_STATUS_FILLED


def test_what_others_leave_trades_with_the_books(venue: Venue) -> None:
    """One unit at 50 with the package, two at 90 - 150 = -60 with the books."""
    enter(venue, net_price=-50)
    told = other(venue, units=3, min_units=1, net_price=60)
    assert [line for line in told if line.startswith("P filled")] == [
        "P filled 1@-50", "P filled 1@50", "P filled 2@60",
    ]  # fmt: skip


def test_one_that_may_not_wait_is_not_refused_for_want_of_books(venue: Venue) -> None:
    enter(venue, net_price=-50)
    told = other(venue, units=2, min_units=1, net_price=50, time_in_force=enums.TIME_IN_FORCE_IOC)
    assert told[-1] == f"P cancelled {enums.CANCEL_REASON_IMMEDIATE_OR_CANCEL}"
    assert "P filled 1@50" in told
    enter(venue, "again", net_price=-50)
    fok = other(venue, "f", units=2, net_price=50, time_in_force=enums.TIME_IN_FORCE_FOK)
    assert fok == [f"f rejected {enums.REJECT_REASON_PACKAGE_NOT_EXECUTABLE}"]


def test_nothing_meets_while_an_instrument_is_halted_or_after_it_has_ended(venue: Venue) -> None:
    enter(venue, net_price=-50)
    venue.do(
        admin_commands.set_trading_phase,
        instrument_id=A,
        phase=enums.TRADING_PHASE_VOLATILITY_AUCTION,
    )
    assert not any("filled" in line for line in other(venue, net_price=50))
    venue.do(
        admin_commands.set_trading_phase, instrument_id=A, phase=enums.TRADING_PHASE_CONTINUOUS
    )
    venue.do(package_commands.cancel_package, account_id=1, client_order_id="p")
    assert not any("filled" in line for line in other(venue, "z", net_price=50))


def test_a_net_price_between_ticks_gives_what_whole_ticks_leave(venue: Venue) -> None:
    enter(venue, net_price=-45)
    assert "P filled 1@50" in other(venue, net_price=50)


def test_three_legs_trade_at_prices_that_sum_to_the_net_price(venue: Venue) -> None:
    venue.do(admin_commands.create_instrument, **LISTED)
    quote(venue, C, 150, 200)
    wings = (Leg(A, BUY, LOT), Leg(B, SELL, 2 * LOT), Leg(C, BUY, LOT))
    enter(venue, legs=wings, net_price=-10)
    opposite = tuple(leg._replace(side=BUY + SELL - leg.side) for leg in reversed(wings))
    told = other(venue, legs=opposite, net_price=10)
    prices = {int(line.split("@")[1]) for line in told if line.startswith("P filled")}
    assert prices == {-10, 10}


def status(venue: Venue, account: int, name: str) -> int:
    view = venue.exchange.package(venue.exchange.find_order(account, name))
    assert view is not None
    return view.order.status


@pytest.mark.parametrize(("price_band", "meets"), [(0, True), (20, False)])
def test_no_leg_trades_outside_its_price_band(price_band: int, meets: bool) -> None:
    """A last traded at 100, so that 80 is the least within the band; 140 - 130 asks for 10."""
    venue = Venue()
    for _ in (A, B):
        venue.do(admin_commands.create_instrument, **LISTED | {"price_band": price_band})
    for instrument, price in ((A, 100), (B, 140)):
        quote(venue, instrument, price - 10, price, 1)
        venue.order("last", BUY, LOT, price, account_id=1, instrument_id=instrument)
        venue.do(order_commands.cancel_orders, account_id=2)
    quote(venue, A, 0, 200)
    quote(venue, B, 130, 150)
    enter(venue, net_price=-130)
    other(venue, net_price=130)
    assert (status(venue, 1, "p") == enums.ORDER_STATUS_FILLED) == meets


STEP = st.tuples(
    st.integers(1, 3),  # account
    st.booleans(),  # which side
    st.integers(1, 4),  # units
    st.integers(1, 4),
    st.integers(-7, -3).map(lambda tens: tens * 10),  # net price of A less B
    st.sampled_from(["enter", "enter", "enter", "replace", "cancel", "quote"]),
)


@given(st.lists(STEP, max_size=25))
@settings(max_examples=60)
def test_books_balance_and_a_replay_gives_the_same(steps: list[Any]) -> None:
    venue = listed()
    quote(venue, A, 90, 100)
    quote(venue, B, 130, 150)
    names: list[tuple[int, str]] = []
    for number, (account, bought, units, least, net, what) in enumerate(steps):
        act(venue, names, number, account, bought, units, min(units, least), net, what)
    exchange = venue.exchange
    for instrument in (A, B):
        assert sum(exchange.position(account, instrument) for account in range(1, 4)) == 0
    for account, name in names:
        view = exchange.package(exchange.find_order(account, name))
        assert view is not None
        traded = view.order.cumulative_quantity
        assert [leg.cumulative_quantity * kinds.UNIT for leg in view.legs] == [traded * LOT] * 2
        if view.order.has_price:
            assert cost(view) <= view.order.price * (traded // kinds.UNIT)
    again = Exchange()
    for time_ns, block in venue.blocks:
        again.replay(memoryview(block), time_ns)
    assert again.state_hash() == exchange.state_hash()


def act(
    venue: Venue,
    names: list[tuple[int, str]],
    number: int,
    account: int,
    bought: bool,
    units: int,
    least: int,
    net: int,
    what: str,
) -> None:
    """Do one step; packages are named in the order of their entry."""
    if what == "quote":
        quote(venue, A, 90 + 10 * (units % 2), 100 + 10 * (units % 2), 2)
    elif what == "enter" or not names:
        legs = PAIR if bought else OPPOSITE
        price = net if bought else -net
        name = f"p{number}"
        bounds = {instrument: best(venue, instrument) for instrument in (A, B)}
        told = enter(
            venue, name, account_id=account, legs=legs, units=units, min_units=least,
            net_price=price,
        )  # fmt: skip
        if told[0] == "P accepted":
            names.append((account, name))
        no_trade_through(venue, bounds)
    elif what == "cancel":
        owner, name = names[number % len(names)]
        venue.do(package_commands.cancel_package, account_id=owner, client_order_id=name)
    else:
        owner, name = names[number % len(names)]
        venue.do(
            package_commands.replace_package, account_id=owner, client_order_id=name, units=units
        )


def best(venue: Venue, instrument: int) -> tuple[int, int]:
    """Return the best bid and ask of a book, or what is surely beyond."""
    bids, asks = venue.exchange.depth(instrument, 1)
    return (bids[0].price if bids else -(10**6), asks[0].price if asks else 10**6)


def no_trade_through(venue: Venue, bounds: dict[int, tuple[int, int]]) -> None:
    """Assert that legs that traded with legs did so within the books as they were before."""
    for event in decode(memoryview(venue.blocks[-1][1])):
        if not isinstance(event, OrderEvent) or event.kind != kinds.ORDER_FILLED:
            continue
        if event.leg_number and event.liquidity == enums.LIQUIDITY_MAKER:
            bid, ask = bounds[event.instrument_id]
            assert bid <= event.last_price <= ask


def cost(view: Any) -> int:
    """Return what has been paid for a package so far, in units of price."""
    signed = (
        leg.cumulative_tick_lots * 10 if leg.side == BUY else -leg.cumulative_tick_lots * 10
        for leg in view.legs
    )
    return sum(signed)
