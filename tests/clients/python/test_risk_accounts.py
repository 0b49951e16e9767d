"""Money, positions, margin and limits: what the client asks, and how it reads the answers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from decimal import Decimal
from typing import Any

import grpc
import pytest

from quantumcore.client import MarginModel, MarginRule, RiskLimits, StaleReferencePolicy, errors
from quantumcore.client.convert import read
from quantumcore.client.values import Instrument
from quantumcore.v1 import (
    account_pb2,
    admin_service_pb2,
    currency_pb2,
    instrument_pb2,
    instrument_service_pb2,
    margin_pb2,
    position_pb2,
    risk_pb2,
    risk_service_pb2,
    types_pb2,
)

from .conftest import ANSWER_TIMEOUT_S, FakeVenue
from .test_administration import refusal, without_id

CURRENCIES = instrument_service_pb2.ListCurrenciesResponse(
    currencies=[
        currency_pb2.Currency(code="JPY", minor_digits=0),
        currency_pb2.Currency(code="USD", minor_digits=2),
    ]
)
BALANCE = account_pb2.Balance(
    currency="USD",
    cash_minor_units=1_234_567,
    reserved_minor_units=500,
    margin_minor_units=100_000,
    available_minor_units=-1,
    fees_minor_units=7,
)


def money(minor_units: int) -> types_pb2.Money:
    return types_pb2.Money(currency="USD", minor_units=minor_units)


def result(call: Future[Any]) -> Any:
    return call.result(ANSWER_TIMEOUT_S)


def test_money_is_read_in_decimals_of_its_currency(venue: FakeVenue) -> None:
    call = venue.run(venue.client().account, 4, min_sequence=9)
    yen = account_pb2.Balance(currency="JPY", cash_minor_units=250)
    response = risk_service_pb2.GetAccountResponse(
        account=account_pb2.Account(account_id=4, name="desk", margin_model=2),  # type: ignore[arg-type]
        balances=[yen, BALANCE],
        limits=risk_pb2.RiskLimits(max_order_quantity=2_500_000_000),
        sequence=11,
    )
    asked = venue.answer("GetAccount", response)
    assert asked == risk_service_pb2.GetAccountRequest(account_id=4, min_sequence=9)
    venue.answer("ListCurrencies", CURRENCIES)
    found = result(call)
    assert (found.account.margin_model, found.sequence) == (MarginModel.STRATEGY, 11)
    assert found.limits == RiskLimits(max_order_quantity=Decimal("2.5"))
    dollars = found.balance("USD")
    assert [str(amount) for amount in (dollars.cash, dollars.reserved, dollars.available)] == [
        "12345.67",
        "5.00",
        "-0.01",
    ]
    assert (dollars.margin, dollars.fees) == (1000, Decimal("0.07"))
    assert str(found.balance("JPY").cash) == "250"
    assert found.balance("EUR") is None


def test_currencies_are_asked_for_once(venue: FakeVenue) -> None:
    client = venue.client()
    call = venue.run(client.deposit, 4, "12.5", currency="USD", text="salary", request_id=77)
    venue.answer("ListCurrencies", CURRENCIES)
    request = venue.answer(
        "MoveCash", admin_service_pb2.MoveCashResponse(balance=BALANCE, sequence=8)
    )
    assert request == admin_service_pb2.MoveCashRequest(
        request_id=77, account_id=4, amount=money(1_250), text="salary"
    )
    paid = result(call)
    assert (paid.balance.cash, paid.sequence, paid.repeated_request) == (
        Decimal("12345.67"),
        8,
        False,
    )
    call = venue.run(client.withdraw, 4, Decimal("0.01"), currency="USD")
    request = without_id(
        venue.answer("MoveCash", admin_service_pb2.MoveCashResponse(balance=BALANCE))
    )
    assert request == admin_service_pb2.MoveCashRequest(account_id=4, amount=money(-1))
    result(call)


@pytest.mark.parametrize("amount", [0, "-1", "NaN", "-Infinity"])
@pytest.mark.parametrize("name", ["deposit", "withdraw"])
def test_a_payment_whose_direction_is_named_is_positive(
    venue: FakeVenue, name: str, amount: str | int
) -> None:
    pay: Callable[..., Any] = getattr(venue.client(), name)
    with pytest.raises(ValueError, match=f"amount: {amount} is not positive"):
        pay(4, amount, currency="USD")


@pytest.mark.parametrize(
    ("amount", "error", "says"),
    [
        ("0.001", ValueError, "amount: 0.001 has more than 2 digits behind the point"),
        ("Infinity", ValueError, "amount: Infinity is not a finite number"),
        (1.5, TypeError, "amount: use Decimal, int or str, not float"),
    ],
)
def test_an_amount_that_the_currency_cannot_hold_is_refused(
    venue: FakeVenue, amount: Any, error: type[Exception], says: str
) -> None:
    call = venue.run(venue.client().move_cash, 4, amount, currency="USD")
    venue.answer("ListCurrencies", CURRENCIES)
    with pytest.raises(error, match=says):
        result(call)


def test_a_currency_that_the_venue_does_not_know_is_not_found(venue: FakeVenue) -> None:
    call = venue.run(venue.client().deposit, 4, 1, currency="XXX")
    venue.answer("ListCurrencies", CURRENCIES)
    with pytest.raises(errors.NotFound, match="no currency 'XXX'"):
        result(call)


def test_a_payment_that_is_not_covered_says_what_is_there(venue: FakeVenue) -> None:
    call = venue.run(venue.client().withdraw, 4, 60, currency="USD")
    venue.answer("ListCurrencies", CURRENCIES)
    trailing = refusal("REJECT_REASON_INSUFFICIENT_BALANCE", "amount", value="6000", limit="5000")
    venue.fail("MoveCash", grpc.StatusCode.FAILED_PRECONDITION, "no", trailing)
    with pytest.raises(errors.PreconditionFailed) as caught:
        result(call)
    assert (caught.value.field, caught.value.value, caught.value.limit) == (
        "amount",
        "6000",
        "5000",
    )


def test_positions_are_read_page_by_page(venue: FakeVenue) -> None:
    call = venue.run(lambda: list(venue.client().positions(4, include_flat=True)))
    first = position_pb2.Position(
        account_id=4,
        instrument_id=1,
        net_quantity=-3_000_000_000,
        bought_quantity=1_000_000_000,
        sold_quantity=4_000_000_000,
        open_tick_lots=-30_150,
        working_sell_quantity=500_000_000,
        mark_price=100_250_000_000,
        realised_profit=money(-25),
        unrealised_profit=money(75),
        fees=money(0),
    )
    page = risk_service_pb2.ListPositionsResponse(positions=[first], next_page_token="1")
    asked = venue.answer("ListPositions", page)
    assert asked == risk_service_pb2.ListPositionsRequest(
        account_id=4, include_flat=True, page_size=1000
    )
    venue.answer("ListCurrencies", CURRENCIES)
    unmarked = position_pb2.Position(instrument_id=2, realised_profit=money(0), fees=money(1))
    page = risk_service_pb2.ListPositionsResponse(positions=[unmarked])
    assert venue.answer("ListPositions", page).page_token == "1"
    one, two = result(call)
    assert (one.net_quantity, one.bought_quantity, one.sold_quantity) == (-3, 1, 4)
    assert (one.working_buy_quantity, one.working_sell_quantity) == (0, Decimal("0.5"))
    assert (one.mark_price, two.mark_price) == (Decimal("100.25"), None)
    assert [str(one.realised_profit), str(one.unrealised_profit)] == ["-0.25 USD", "0.75 USD"]
    assert (two.unrealised_profit, str(two.fees)) == (None, "0.01 USD")


def test_the_average_cost_of_what_is_held_is_exact() -> None:
    listed = read(
        Instrument,
        instrument_pb2.Instrument(tick_size=10_000_000, lot_size=500_000_000, multiplier=10**9),
    )

    class Short:
        net_quantity = Decimal("-1.5")
        open_tick_lots = -30_150

    assert listed.average_cost(Short()) == Decimal("100.5")
    Short.net_quantity = Decimal(0)
    assert listed.average_cost(Short()) is None


def test_a_margin_is_read_with_all_that_it_is_made_of(venue: FakeVenue) -> None:
    call = venue.run(venue.client().margin, 4, model=MarginModel.STRATEGY)
    short = margin_pb2.MarginHolding(instrument_id=7, quantity=-(10**9), mark_price=8 * 10**9)
    part = margin_pb2.MarginComponent(
        rule=5,  # type: ignore[arg-type]
        holdings=[short],
        units=1,
        requirement_minor_units=100_000,
        separate_minor_units=471_000,
        explanation="why",
    )
    report = margin_pb2.MarginReport(
        account_id=4,
        currency="USD",
        model=2,  # type: ignore[arg-type]
        position_margin_minor_units=100_000,
        order_margin_minor_units=5,
        available_minor_units=-1,
        components=[part],
        pairing_is_optimal=True,
        oldest_mark_age_ns=12,
    )
    asked = venue.answer("GetMargin", risk_service_pb2.GetMarginResponse(reports=[report]))
    assert asked == risk_service_pb2.GetMarginRequest(account_id=4, model=2)  # type: ignore[arg-type]
    venue.answer("ListCurrencies", CURRENCIES)
    (found,) = result(call)
    assert (found.model, found.position_margin) == (MarginModel.STRATEGY, 1000)
    assert (found.order_margin, found.available) == (Decimal("0.05"), Decimal("-0.01"))
    assert (found.pairing_is_optimal, found.oldest_mark_age_ns) == (True, 12)
    (component,) = found.components
    assert (component.rule, component.units) == (MarginRule.VERTICAL, 1)
    assert (component.requirement, component.separate, component.relief) == (1000, 4710, 3710)
    assert component.explanation == "why"
    (holding,) = component.holdings
    assert (holding.quantity, holding.mark_price, holding.working) == (-1, 8, False)


def test_limits_are_set_whole_and_of_one_instrument(venue: FakeVenue) -> None:
    limits = RiskLimits(
        max_order_quantity="2.5",
        price_collar_basis_points=500,
        stale_reference_policy=StaleReferencePolicy.USE_WITH_HAIRCUT,
    )
    call = venue.run(venue.client().set_limits, 4, limits, instrument=3)
    sent = risk_pb2.RiskLimits(
        max_order_quantity=2_500_000_000,
        price_collar_basis_points=500,
        stale_reference_policy=2,  # type: ignore[arg-type]
    )
    response = risk_service_pb2.SetLimitsResponse(
        limits=risk_pb2.RiskLimits(),
        instrument_limits=risk_pb2.InstrumentLimits(instrument_id=3, limits=sent),
        sequence=5,
    )
    request = without_id(venue.answer("SetLimits", response))
    assert request == risk_service_pb2.SetLimitsRequest(account_id=4, instrument_id=3, limits=sent)
    changed = result(call)
    assert (changed.limits, changed.sequence) == (RiskLimits(), 5)
    assert changed.instrument_limits.instrument_id == 3
    assert changed.instrument_limits.limits.stale_reference_policy is (
        StaleReferencePolicy.USE_WITH_HAIRCUT
    )
    call = venue.run(venue.client().set_limits, 4, RiskLimits(), request_id=6)
    request = venue.answer("SetLimits", risk_service_pb2.SetLimitsResponse())
    assert (request.request_id, request.instrument_id) == (6, 0)
    assert request.HasField("limits")
    assert result(call).instrument_limits is None


def test_the_terms_that_margin_and_fees_need_are_sent(venue: FakeVenue) -> None:
    client = venue.client()
    terms: dict[str, Any] = {
        "symbol": "X",
        "kind": 2,
        "currency": "USD",
        "tick_size": 1,
        "lot_size": 1,
        "max_price": 9,
        "max_quantity": 9,
        "protection_band": 1,
    }
    call = venue.run(
        client.create_instrument,
        **terms,
        maker_fee_millionths=-100,
        taker_fee_millionths=300,
        option={
            "underlying": 1,
            "right": 1,
            "exercise_style": 1,
            "strike_price": 5,
            "broad_index": True,
        },
    )
    listed = instrument_pb2.Instrument(
        instrument_id=3,
        maker_fee_millionths=-100,
        option=instrument_pb2.OptionTerms(broad_index=True),
    )
    response = instrument_service_pb2.CreateInstrumentResponse(instrument=listed)
    request = venue.answer("CreateInstrument", response)
    assert (request.maker_fee_millionths, request.taker_fee_millionths) == (-100, 300)
    assert request.option.broad_index
    found = result(call)
    assert (found.maker_fee_millionths, found.option.broad_index) == (-100, True)
    future = {"underlying": None, "product": "ES", "outright_margin_minor_units": 50_000}
    call = venue.run(client.create_instrument, **terms, future=future)
    listed = instrument_pb2.Instrument(future=request.future)
    response = instrument_service_pb2.CreateInstrumentResponse(instrument=listed)
    request = venue.answer("CreateInstrument", response)
    assert request.future == instrument_pb2.FutureTerms(
        product="ES", outright_margin_minor_units=50_000
    )
    result(call)
    call = venue.run(client.update_instrument, 3, outright_margin_minor_units=0)
    updated = instrument_service_pb2.UpdateInstrumentResponse(instrument=listed)
    request = without_id(venue.answer("UpdateInstrument", updated))
    assert request.HasField("outright_margin_minor_units")
    result(call)
