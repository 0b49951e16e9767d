"""Accounts with funds and limits, for tests: opened, paid into, read."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from quantumcore.server.venue import Venue
from quantumcore.v1.account_pb2 import Balance, MarginModel
from quantumcore.v1.admin_service_pb2 import CreateAccountRequest, MoveCashRequest
from quantumcore.v1.instrument_pb2 import ExerciseStyle, OptionRight, OptionTerms
from quantumcore.v1.margin_pb2 import MarginReport
from quantumcore.v1.position_pb2 import Position
from quantumcore.v1.risk_pb2 import RiskLimits
from quantumcore.v1.risk_service_pb2 import (
    GetAccountRequest,
    GetMarginRequest,
    ListPositionsRequest,
    SetLimitsRequest,
)
from quantumcore.v1.types_pb2 import InstrumentKind, Money, TradingPhase
from tests.server.api.running import BUY, NANOS, SELL, Client, instrument, settings

CASH_ONLY = MarginModel.MARGIN_MODEL_NONE
STRATEGY = MarginModel.MARGIN_MODEL_STRATEGY
UNCHECKED = MarginModel.MARGIN_MODEL_UNSPECIFIED
FAR_NS = 4 * 10**18
REQUEST_IDS = itertools.count(10_000)


class Clock:
    """Venue time as a test sets it."""

    def __init__(self) -> None:
        self.now_ns = 1_800_000_000 * NANOS

    def __call__(self) -> int:
        return self.now_ns

    def advance_ms(self, milliseconds: int) -> None:
        self.now_ns += milliseconds * 1_000_000


@asynccontextmanager
async def timed(data: Path, clock: Clock) -> AsyncIterator[Client]:
    """Serve a furnished venue whose time is the clock's."""
    venue = Venue(settings(data), clock=clock)
    await venue.start()
    client = Client(venue.port)
    try:
        await client.furnish()
        yield client
    finally:
        await client.channel.close()
        await venue.drain()


async def open_account(
    client: Client, name: str, model: MarginModel.ValueType, minor_units: int = 0
) -> int:
    """Open an account, pay dollars into it, return its id."""
    request = CreateAccountRequest(name=name, margin_model=model)
    account_id: int = (await client.call(client.admin.CreateAccount, request)).account.account_id
    if minor_units:
        await pay(client, account_id, minor_units)
    return account_id


async def pay(client: Client, account_id: int, minor_units: int, **values: Any) -> Any:
    """Pay dollars in, or out where negative."""
    terms: dict[str, Any] = {"request_id": next(REQUEST_IDS), "currency": "USD"} | values
    amount = Money(currency=terms.pop("currency"), minor_units=minor_units)
    request = MoveCashRequest(account_id=account_id, amount=amount, **terms)
    return await client.call(client.admin.MoveCash, request)


async def account(client: Client, account_id: int) -> Any:
    return await client.call(client.risk.GetAccount, GetAccountRequest(account_id=account_id))


async def dollars(client: Client, account_id: int) -> Balance:
    """Return the balance of an account that has used dollars alone."""
    (balance,) = (await account(client, account_id)).balances
    assert balance.currency == "USD"
    found: Balance = balance
    return found


async def funds(client: Client, account_id: int) -> tuple[int, int, int, int]:
    """Return cash, reserved, margin and available, in minor units."""
    balance = await dollars(client, account_id)
    return (
        balance.cash_minor_units,
        balance.reserved_minor_units,
        balance.margin_minor_units,
        balance.available_minor_units,
    )


async def positions(client: Client, account_id: int, **values: Any) -> list[Position]:
    request = ListPositionsRequest(account_id=account_id, **values)
    found: list[Position] = list((await client.call(client.risk.ListPositions, request)).positions)
    return found


async def margin(client: Client, account_id: int, **values: Any) -> MarginReport:
    """Return the margin of an account that has used dollars alone."""
    request = GetMarginRequest(account_id=account_id, **values)
    (report,) = (await client.call(client.risk.GetMargin, request)).reports
    found: MarginReport = report
    return found


async def limit(client: Client, account_id: int, instrument_id: int = 0, **values: Any) -> Any:
    request = SetLimitsRequest(
        account_id=account_id, instrument_id=instrument_id, limits=RiskLimits(**values)
    )
    return await client.call(client.risk.SetLimits, request)


async def quote(client: Client, instrument_id: int, bid: int, ask: int, units: int = 50) -> None:
    """Let account 2 make a market, in cents."""
    terms: dict[str, Any] = {"account_id": 2, "instrument_id": instrument_id, "units": units}
    for side, cents in ((BUY, bid), (SELL, ask)):
        name = f"{instrument_id}-{side}-{cents}"
        answer = await client.create_order(name, side=side, cents=cents, **terms)
        assert not answer.reject_reason


async def list_option(client: Client, strike: int, right: str, **terms: Any) -> int:
    """List an option on instrument 1 with a multiplier of 100, open it, return its id."""
    request = instrument(
        f"{right}{strike}",
        kind=InstrumentKind.INSTRUMENT_KIND_OPTION,
        multiplier=100 * NANOS,
        expiry_time_ns=FAR_NS,
        option=OptionTerms(
            underlying_instrument_id=1,
            right=OptionRight.Value(f"OPTION_RIGHT_{right}"),
            exercise_style=ExerciseStyle.EXERCISE_STYLE_EUROPEAN,
            strike_price=strike * NANOS,
        ),
        **terms,
    )
    listed = (await client.call(client.instruments.CreateInstrument, request)).instrument
    await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, listed.instrument_id)
    number: int = listed.instrument_id
    return number
