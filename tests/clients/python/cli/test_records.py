from __future__ import annotations

from quantumcore.client.cli.records import fields_of
from quantumcore.server.api.currencies import CURRENCY_NUMBERS
from quantumcore.server.core import kinds
from quantumcore.server.core.events import AuctionEnd, Notice, OrderEvent

RESTATED = OrderEvent(
    kind=kinds.ORDER_RESTATED,
    sequence=7,
    version=2,
    order_id=9,
    account_id=1,
    instrument_id=3,
    execution_type=8,
    status=1,
    side=1,
    order_type=5,
    time_in_force=2,
    liquidity=0,
    cancel_reason=0,
    has_price=True,
    request_id=0,
    price=99_500_000_000,
    quantity=5_000_000_000,
    cumulative_quantity=0,
    leaves_quantity=5_000_000_000,
    last_price=0,
    last_quantity=0,
    trade_id=0,
    cumulative_tick_lots=0,
    reject_reason=0,
    reject_field=0,
    reject_limit=0,
    reject_value=0,
    client_order_id="mine",
    original_client_order_id="",
    restatement=2,
    shown_quantity=1_000_000_000,
    reference_sequence=0,
)


def test_a_restated_order_says_why_and_what_it_shows() -> None:
    assert fields_of(RESTATED) == {
        "record": "ORDER_RESTATED",
        "sequence": "7",
        "version": 2,
        "order_id": "9",
        "account_id": 1,
        "instrument_id": 3,
        "type": "RESTATED",
        "status": "NEW",
        "side": "BUY",
        "order_type": "ICEBERG",
        "time_in_force": "GTC",
        "price": "99.5",
        "quantity": "5",
        "leaves_quantity": "5",
        "client_order_id": "mine",
        "restatement_reason": "DISPLAY_REFRESHED",
        "shown_quantity": "1",
    }


def test_a_refused_order_is_told_as_it_was_asked_for() -> None:
    refused = RESTATED._replace(
        kind=kinds.ORDER_REJECTED, side=9, restatement=0, reject_reason=27, reject_field=5,
        reject_leg_number=2, multi_leg_order_id=77, shown_quantity=0,
    )  # fmt: skip
    told = fields_of(refused)
    assert (told["side"], told["reject_reason"]) == (9, "INVALID_ENUM")
    assert (told["reject_leg_number"], told["multi_leg_order_id"]) == (2, "77")


def test_a_leg_in_excess_says_how_much() -> None:
    unwinding = RESTATED._replace(
        kind=kinds.ORDER_UNWINDING,
        execution_type=13,
        leg_number=2,
        multi_leg_order_id=8,
        restatement=0,
        shown_quantity=0,
        excess_quantity=2_000_000_000,
    )
    found = fields_of(unwinding)
    assert (found["record"], found["type"]) == ("ORDER_UNWINDING", "UNWINDING")
    assert (found["leg_number"], found["excess_quantity"]) == (2, "2")


def test_a_change_of_phase_names_both_and_a_breach_of_the_band() -> None:
    breach = Notice(kind=kinds.PHASE_CHANGED, sequence=8, subject=3, value=4 | 3 << 8 | 1 << 16)
    assert fields_of(breach) == {
        "record": "PHASE_CHANGED",
        "sequence": 8,
        "subject": 3,
        "phase": "VOLATILITY_AUCTION",
        "previous_phase": "CONTINUOUS",
        "price_band_breached": True,
    }


def test_an_auction_that_ended_names_its_price_where_it_has_one() -> None:
    ended = AuctionEnd(
        kind=kinds.AUCTION_ENDED,
        sequence=8,
        instrument_id=3,
        phase=2,
        price=0,
        quantity=2_000_000_000,
        imbalance=500_000_000,
        imbalance_side=2,
    )
    assert fields_of(ended) == {
        "record": "AUCTION_ENDED",
        "sequence": 8,
        "instrument_id": 3,
        "phase": "OPENING_AUCTION",
        "price": "0",
        "quantity": "2",
        "imbalance": "0.5",
        "imbalance_side": "SELL",
    }
    assert "price" not in fields_of(ended._replace(price=None))


def test_money_that_moved_names_the_account_and_the_currency() -> None:
    dollars = CURRENCY_NUMBERS["USD"] << 32
    moved = Notice(kind=kinds.CASH_MOVED, sequence=8, subject=3 | dollars, value=-5)
    assert fields_of(moved) == {
        "record": "CASH_MOVED",
        "sequence": 8,
        "account_id": 3,
        "currency": "USD",
        "cash_minor_units": "-5",
    }
    margin = fields_of(moved._replace(kind=kinds.MARGIN_CHANGED, value=7))
    assert (margin["record"], margin["margin_minor_units"]) == ("MARGIN_CHANGED", "7")


def test_a_fill_tells_what_is_held_and_reserved_since() -> None:
    booked = RESTATED._replace(
        kind=kinds.ORDER_FILLED,
        execution_type=3,
        restatement=0,
        shown_quantity=0,
        reserved=100,
        account_reserved=0,
        position_lots=-2,
        open_tick_lots=-200,
        realised_tick_lots=2**40,
        cash=5,
    )
    told = fields_of(booked)
    assert {name: told[name] for name in list(told)[-6:]} == {
        "reserved_minor_units": "100",
        "account_reserved_minor_units": "0",
        "position_lots": "-2",
        "open_tick_lots": "-200",
        "realised_tick_lots": str(2**40),
        "cash_minor_units": "5",
    }
