"""Events that are not an order's: of instruments, accounts and the venue."""

from collections.abc import Callable

from google.protobuf.message import DecodeError

from quantumcore.server.api.account_messages import limits_message
from quantumcore.server.api.currencies import CURRENCY_CODES
from quantumcore.server.core import enums, kinds, tables
from quantumcore.server.store.decoding import risk_notices
from quantumcore.server.store.decoding.state import Terms
from quantumcore.server.store.decoding.telling import Telling
from quantumcore.server.store.errors import EventTypeUnknown, JournalUndecodable
from quantumcore.server.store.event_types import payload_class
from quantumcore.v1 import (
    account_event_pb2,
    event_pb2,
    instrument_event_pb2,
    venue_event_pb2,
)
from quantumcore.v1.account_pb2 import Account, AccountStatus
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.types_pb2 import Money, TradingPhase

Teller = Callable[[Telling, list[int]], None]
NO_LIMITS = [0] * tables.LIMIT_WORDS
CAPACITIES = (
    ("order_capacity", kinds.CONFIGURE_ORDERS),
    ("live_order_capacity", kinds.CONFIGURE_LIVE_ORDERS),
    ("level_capacity", kinds.CONFIGURE_LEVELS),
    ("request_capacity", kinds.CONFIGURE_REQUESTS),
    ("account_capacity", kinds.CONFIGURE_ACCOUNTS),
    ("instrument_capacity", kinds.CONFIGURE_INSTRUMENTS),
    ("trade_capacity", kinds.CONFIGURE_TRADES),
    ("position_capacity", kinds.CONFIGURE_POSITIONS),
)


def tell_listed(telling: Telling, words: list[int]) -> None:
    instrument = _define(telling, words[kinds.NOTICE_SUBJECT], words[kinds.NOTICE_VALUE])
    payload = instrument_event_pb2.InstrumentListed(instrument=instrument)
    telling.instrument(instrument.instrument_id, event_pb2.EVENT_TYPE_INSTRUMENT_LISTED, payload)


def tell_updated(telling: Telling, words: list[int]) -> None:
    phase = telling.state.terms[words[kinds.NOTICE_SUBJECT]].definition.phase
    instrument = _define(telling, words[kinds.NOTICE_SUBJECT], phase)
    payload = instrument_event_pb2.InstrumentUpdated(instrument=instrument)
    telling.instrument(instrument.instrument_id, event_pb2.EVENT_TYPE_INSTRUMENT_UPDATED, payload)


def _define(telling: Telling, instrument_id: int, phase: int) -> Instrument:
    """Take the terms that a command gives an instrument."""
    definition = telling.command_text(kinds.LIST_TEXT_LENGTH, kinds.LIST_TEXT)
    instrument = Instrument.FromString(definition)
    instrument.instrument_id = instrument_id
    instrument.phase = TradingPhase.ValueType(phase)
    instrument.sequence = telling.sequence
    code = CURRENCY_CODES[telling.command[kinds.LIST_CURRENCY]]
    telling.state.terms[instrument_id] = Terms.of_command(instrument, telling.command, code)
    return instrument


def tell_phase(telling: Telling, words: list[int]) -> None:
    instrument_id, value = words[kinds.NOTICE_SUBJECT], words[kinds.NOTICE_VALUE]
    phase, before = TradingPhase.ValueType(value & 0xFF), TradingPhase.ValueType(value >> 8 & 0xFF)
    definition = telling.state.terms[instrument_id].definition
    definition.phase, definition.sequence = phase, telling.sequence
    text = ""
    if (
        telling.command_kind == kinds.SET_TRADING_PHASE
        and telling.command[kinds.COMMAND_PARTIES] >> 32 == instrument_id
    ):
        text = telling.command_text(kinds.PHASE_TEXT_LENGTH, kinds.PHASE_TEXT).decode()
    if phase == enums.TRADING_PHASE_HALTED:
        halted = instrument_event_pb2.InstrumentHalted(previous_phase=before, text=text)
        telling.instrument(instrument_id, event_pb2.EVENT_TYPE_INSTRUMENT_HALTED, halted)
        return
    changed = instrument_event_pb2.TradingPhaseChanged(
        phase=phase, previous_phase=before, price_band_breached=bool(value >> 16 & 1), text=text
    )
    telling.instrument(instrument_id, event_pb2.EVENT_TYPE_TRADING_PHASE_CHANGED, changed)


def tell_auction_ended(telling: Telling, words: list[int]) -> None:
    value = words[kinds.NOTICE_VALUE]
    payload = instrument_event_pb2.AuctionEnded(
        phase=value & 0xFF,  # type: ignore[arg-type]
        price=words[kinds.AUCTION_PRICE] if value >> 16 & 1 else None,
        quantity=words[kinds.AUCTION_QUANTITY],
        imbalance_quantity=words[kinds.AUCTION_IMBALANCE],
        imbalance_side=value >> 8 & 0xFF,  # type: ignore[arg-type]
    )
    telling.instrument(words[kinds.NOTICE_SUBJECT], event_pb2.EVENT_TYPE_AUCTION_ENDED, payload)


def tell_account_opened(telling: Telling, words: list[int]) -> None:
    account = _account(telling, words[kinds.NOTICE_SUBJECT])
    account.created_time_ns = telling.time_ns
    telling.state.accounts[account.account_id] = account
    payload = account_event_pb2.AccountCreated(account=account)
    telling.account(account.account_id, event_pb2.EVENT_TYPE_ACCOUNT_CREATED, payload)


def tell_account_updated(telling: Telling, words: list[int]) -> None:
    account = _account(telling, words[kinds.NOTICE_SUBJECT])
    before = telling.state.accounts[account.account_id]
    account.created_time_ns, account.kill_switch = before.created_time_ns, before.kill_switch
    telling.state.accounts[account.account_id] = account
    payload = account_event_pb2.AccountUpdated(account=account)
    telling.account(account.account_id, event_pb2.EVENT_TYPE_ACCOUNT_UPDATED, payload)


def _account(telling: Telling, account_id: int) -> Account:
    """Return the account as the command has it; what the core acts by is in its words."""
    definition = telling.command_text(kinds.ACCOUNT_TEXT_LENGTH, kinds.ACCOUNT_TEXT)
    account = Account.FromString(definition)
    command = telling.command
    account.account_id = account_id
    account.status = AccountStatus.ValueType(
        command[kinds.ACCOUNT_STATUS] or AccountStatus.ACCOUNT_STATUS_ACTIVE
    )
    account.self_trade_group = command[kinds.ACCOUNT_SELF_TRADE_GROUP]
    prevention = command[kinds.ACCOUNT_SELF_TRADE_PREVENTION]
    account.self_trade_prevention = prevention  # type: ignore[assignment]
    account.margin_model = command[kinds.ACCOUNT_MARGIN_MODEL]  # type: ignore[assignment]
    account.sequence = telling.sequence
    return account


def tell_kill_switch(telling: Telling, words: list[int]) -> None:
    account_id, enabled = words[kinds.NOTICE_SUBJECT], bool(words[kinds.NOTICE_VALUE])
    text = telling.command_text(kinds.KILL_TEXT_LENGTH, kinds.KILL_TEXT).decode()
    if account_id == 0:
        venue = venue_event_pb2.VenueKillSwitchSet(enabled=enabled, text=text)
        telling.venue(event_pb2.EVENT_TYPE_VENUE_KILL_SWITCH_SET, venue)
        return
    telling.state.accounts[account_id].kill_switch = enabled
    payload = account_event_pb2.AccountKillSwitchSet(enabled=enabled, text=text)
    telling.account(account_id, event_pb2.EVENT_TYPE_ACCOUNT_KILL_SWITCH_SET, payload)


def tell_cash_moved(telling: Telling, words: list[int]) -> None:
    account_id = words[kinds.NOTICE_SUBJECT] & kinds.LOW_HALF
    currency = words[kinds.NOTICE_SUBJECT] >> 32
    amount = telling.command[kinds.CASH_AMOUNT]
    telling.state.funds_of(account_id, currency).cash = words[kinds.NOTICE_VALUE]
    payload = account_event_pb2.CashMoved(
        movement=(
            account_event_pb2.CASH_MOVEMENT_DEPOSIT
            if amount > 0
            else account_event_pb2.CASH_MOVEMENT_WITHDRAWAL
        ),
        amount=Money(currency=CURRENCY_CODES[currency], minor_units=amount),
        cash_minor_units=words[kinds.NOTICE_VALUE],
        text=telling.command_text(kinds.CASH_TEXT_LENGTH, kinds.CASH_TEXT).decode(),
    )
    telling.account(account_id, event_pb2.EVENT_TYPE_CASH_MOVED, payload)


def tell_limits_set(telling: Telling, words: list[int]) -> None:
    account_id, instrument_id = words[kinds.NOTICE_SUBJECT], words[kinds.NOTICE_VALUE]
    values = telling.command[kinds.LIMITS_VALUES : kinds.LIMITS_WORDS]
    before = telling.state.limits.get((account_id, instrument_id), NO_LIMITS)
    telling.state.limits[account_id, instrument_id] = values
    payload = account_event_pb2.LimitsChanged(
        instrument_id=instrument_id,
        limits=limits_message(values),
        previous_limits=limits_message(before),
    )
    telling.account(account_id, event_pb2.EVENT_TYPE_LIMITS_CHANGED, payload, instrument_id)


def tell_margin_changed(telling: Telling, words: list[int]) -> None:
    account_id = words[kinds.NOTICE_SUBJECT] & kinds.LOW_HALF
    currency = words[kinds.NOTICE_SUBJECT] >> 32
    funds = telling.state.funds_of(account_id, currency)
    before, funds.margin = funds.margin, words[kinds.NOTICE_VALUE]
    payload = account_event_pb2.MarginRequirementChanged(
        amount=Money(currency=CURRENCY_CODES[currency], minor_units=funds.margin - before),
        margin_minor_units=funds.margin,
    )
    event_type = event_pb2.EVENT_TYPE_MARGIN_REQUIREMENT_CHANGED
    telling.account(account_id, event_type, payload)


def tell_repeated(telling: Telling, words: list[int]) -> None:
    payload = account_event_pb2.RequestRepeated(
        order_id=words[kinds.NOTICE_SUBJECT],
        request_id=words[kinds.NOTICE_VALUE] & (1 << 64) - 1,
    )
    event_type = event_pb2.EVENT_TYPE_REQUEST_REPEATED
    telling.account(_known_account(telling), event_type, payload)


def _known_account(telling: Telling) -> int:
    """Return the command's account where there is one of that number, else 0."""
    account_id = telling.command_account
    return account_id if account_id in telling.state.accounts else 0


def tell_orders_cancelled(telling: Telling, words: list[int]) -> None:
    payload = account_event_pb2.OrdersCancelled(cancelled_orders=words[kinds.NOTICE_VALUE])
    event_type = event_pb2.EVENT_TYPE_ORDERS_CANCELLED
    telling.account(words[kinds.NOTICE_SUBJECT], event_type, payload)


def tell_configured(telling: Telling, _words: list[int]) -> None:
    capacities = {name: telling.command[at] for name, at in CAPACITIES}
    telling.state.order_capacity = capacities["order_capacity"]
    telling.state.trade_capacity = capacities["trade_capacity"]
    payload = venue_event_pb2.VenueConfigured(**capacities)
    telling.venue(event_pb2.EVENT_TYPE_VENUE_CONFIGURED, payload)


def tell_act(telling: Telling, words: list[int]) -> None:
    """Tell an act of administration as it was written down: its command has the payload."""
    event_type = words[kinds.NOTICE_SUBJECT]
    data = telling.command_text(kinds.ACT_TEXT_LENGTH, kinds.ACT_TEXT)
    try:
        payload = payload_class(event_type).FromString(data)
    except (EventTypeUnknown, DecodeError) as problem:
        raise JournalUndecodable(telling.sequence - 1, str(problem)) from problem
    telling.venue(event_type, payload)


TELLERS: dict[int, Teller] = {
    kinds.INSTRUMENT_LISTED: tell_listed,
    kinds.INSTRUMENT_UPDATED: tell_updated,
    kinds.PHASE_CHANGED: tell_phase,
    kinds.AUCTION_ENDED: tell_auction_ended,
    kinds.ACCOUNT_OPENED: tell_account_opened,
    kinds.ACCOUNT_UPDATED: tell_account_updated,
    kinds.KILL_SWITCH_SET: tell_kill_switch,
    kinds.CASH_MOVED: tell_cash_moved,
    kinds.LIMITS_SET: tell_limits_set,
    kinds.MARGIN_CHANGED: tell_margin_changed,
    kinds.REQUEST_REPEATED: tell_repeated,
    kinds.ORDERS_CANCELLED: tell_orders_cancelled,
    kinds.CONFIGURED: tell_configured,
    kinds.SPREAD_CREDIT_SET: risk_notices.tell_spread_credit,
    kinds.SCAN_RANGE_SET: risk_notices.tell_scan_range,
    kinds.GROUP_LIMITS_SET: risk_notices.tell_group_limits,
    kinds.GROUP_KILL_SWITCH_SET: risk_notices.tell_group_kill_switch,
    kinds.ACT_RECORDED: tell_act,
}
