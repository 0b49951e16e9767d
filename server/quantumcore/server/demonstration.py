"""What `--demo` lists on an empty journal, through ordinary commands."""

from typing import Any

import grpc

from quantumcore.v1 import (
    admin_service_pb2,
    admin_service_pb2_grpc,
    instrument_service_pb2,
    instrument_service_pb2_grpc,
    risk_service_pb2,
    risk_service_pb2_grpc,
)
from quantumcore.v1.instrument_pb2 import ExerciseStyle, FutureTerms, OptionRight, OptionTerms
from quantumcore.v1.types_pb2 import InstrumentKind, Money, TradingPhase

NANOS = 10**9
CENT = NANOS // 100
DAY_NS = 86_400 * NANOS
ACCOUNTS = ("alice", "bob")
FUNDS = 1_000_000_00  # minor units of USD, each
FIRST_PAYMENT = 1 << 63  # request ids that no client counts up to
OPTION_STRIKES = (180, 190, 200, 210, 220)

Request = instrument_service_pb2.CreateInstrumentRequest


def equities() -> list[Request]:
    """Return two shares; their underlying ids are 1 and 2."""
    return [
        _instrument("AMZN", InstrumentKind.INSTRUMENT_KIND_EQUITY, description="Amazon.com"),
        _instrument("AAPL", InstrumentKind.INSTRUMENT_KIND_EQUITY, description="Apple"),
    ]


def crypto_pair() -> Request:
    """Return bitcoin against the dollar, to the cent and the satoshi."""
    return Request(
        symbol="BTC/USD",
        kind=InstrumentKind.INSTRUMENT_KIND_SPOT_PAIR,
        currency="XUSD",
        tick_size=CENT,
        lot_size=10,
        max_price=100_000 * NANOS,
        max_quantity=4_000 * NANOS,
        protection_band=1_000 * NANOS,
        description="Bitcoin against US dollar",
    )


def futures(today_ns: int) -> list[Request]:
    """Return two expiries of one product."""
    return [
        Request(
            symbol=f"ES-{name}",
            kind=InstrumentKind.INSTRUMENT_KIND_FUTURE,
            currency="USD",
            tick_size=NANOS // 4,
            lot_size=NANOS,
            multiplier=50 * NANOS,
            max_price=100_000 * NANOS,
            max_quantity=10_000 * NANOS,
            protection_band=100 * NANOS,
            expiry_time_ns=today_ns + days * DAY_NS,
            future=FutureTerms(product="ES"),
            description=f"Index future, {name.lower()} expiry",
        )
        for name, days in (("NEAR", 60), ("FAR", 150))
    ]


def options(today_ns: int, underlying_instrument_id: int) -> list[Request]:
    """Return a chain of calls and puts of one expiry on one share."""
    rights = (("C", OptionRight.OPTION_RIGHT_CALL), ("P", OptionRight.OPTION_RIGHT_PUT))
    return [
        _instrument(
            f"AAPL-{strike}{letter}",
            InstrumentKind.INSTRUMENT_KIND_OPTION,
            multiplier=100 * NANOS,
            expiry_time_ns=today_ns + 60 * DAY_NS,
            option=OptionTerms(
                underlying_instrument_id=underlying_instrument_id,
                right=right,
                exercise_style=ExerciseStyle.EXERCISE_STYLE_AMERICAN,
                strike_price=strike * NANOS,
            ),
            description=f"Apple {strike} {'call' if letter == 'C' else 'put'}",
        )
        for strike in OPTION_STRIKES
        for letter, right in rights
    ]


async def furnish(port: int, token: str, time_ns: int) -> None:
    """List, open for trading and open what is missing of the demonstration, by name.

    So a start that was cut short is completed by the next one; a complete one changes nothing.
    """
    metadata = (("authorization", f"Bearer {token}"),)
    today_ns = time_ns // DAY_NS * DAY_NS
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        instruments: Any = instrument_service_pb2_grpc.InstrumentServiceStub(channel)
        admin: Any = admin_service_pb2_grpc.AdminServiceStub(channel)
        there = await instruments.ListInstruments(
            instrument_service_pb2.ListInstrumentsRequest(page_size=1000), metadata=metadata
        )
        known = {instrument.symbol: instrument for instrument in there.instruments}
        for request in [*equities(), *options(today_ns, 2), *futures(today_ns), crypto_pair()]:
            instrument = known.get(request.symbol)
            if instrument is None:
                answer = await instruments.CreateInstrument(request, metadata=metadata)
                instrument = answer.instrument
            if instrument.phase == TradingPhase.TRADING_PHASE_CLOSED:
                opening = instrument_service_pb2.SetTradingPhaseRequest(
                    instrument_id=instrument.instrument_id,
                    phase=TradingPhase.TRADING_PHASE_CONTINUOUS,
                )
                await instruments.SetTradingPhase(opening, metadata=metadata)
        risk: Any = risk_service_pb2_grpc.RiskServiceStub(channel)
        await _open_accounts(admin, risk, metadata)


async def _open_accounts(admin: Any, risk: Any, metadata: tuple[tuple[str, str], ...]) -> None:
    """Open and fund the accounts; nothing holds them to their funds until they are told to."""
    there = await admin.ListAccounts(admin_service_pb2.ListAccountsRequest(), metadata=metadata)
    known = {account.name: account.account_id for account in there.accounts}
    for number, name in enumerate(ACCOUNTS):
        account_id = known.get(name)
        if account_id is None:
            request = admin_service_pb2.CreateAccountRequest(name=name)
            created = await admin.CreateAccount(request, metadata=metadata)
            account_id = created.account.account_id
        held = await risk.GetAccount(
            risk_service_pb2.GetAccountRequest(account_id=account_id), metadata=metadata
        )
        if not held.balances:
            payment = admin_service_pb2.MoveCashRequest(
                request_id=FIRST_PAYMENT + number,
                account_id=account_id,
                amount=Money(currency="USD", minor_units=FUNDS),
                text="demonstration",
            )
            await admin.MoveCash(payment, metadata=metadata)


def _instrument(symbol: str, kind: InstrumentKind.ValueType, **more: Any) -> Request:
    return Request(
        symbol=symbol,
        kind=kind,
        currency="USD",
        tick_size=CENT,
        lot_size=NANOS,
        max_price=100_000 * NANOS,
        max_quantity=1_000_000 * NANOS,
        protection_band=10 * NANOS,
        **more,
    )
