"""The commands of administration."""

from collections.abc import Iterator
from typing import Any

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.admin_commands import Limits, Terms
from tests.server.core.model import phases
from tests.server.core.model.accounts import (
    against_account,
    against_limits,
    against_payment,
    against_unknown,
)
from tests.server.core.model.admission import Refusal
from tests.server.core.model.desk import Desk
from tests.server.core.model.holdings import bounded
from tests.server.core.model.instrument import Account, Instrument
from tests.server.core.model.mending import against_correction, against_mending, mend
from tests.server.core.model.valuing import watch

CHANGEABLE = (
    "min_price",
    "max_price",
    "max_quantity",
    "protection_band",
    "price_band",
    "auction_duration_ns",
    "expiry_time_ns",
)


class Administration(Desk):
    """Each takes the arguments of the function of `commands` with its name."""

    def create_instrument(
        self,
        *,
        instrument_id: int = 0,
        request_id: int = 0,
        actor: int = 0,
        currency: int = 0,
        terms: Terms | None = None,
        phase: int = enums.TRADING_PHASE_CONTINUOUS,
        price_band: int = 0,
        auction_duration_ns: int = 0,
        expiry_time_ns: int = 0,
        **listed: Any,
    ) -> None:
        listed["price_band"], listed["auction_duration_ns"] = price_band, auction_duration_ns
        listed["expiry_time_ns"], listed["terms"] = expiry_time_ns, terms or Terms()
        if instrument_id:
            self._change_instrument(instrument_id, listed)
            return
        instrument_id = len(self.world.instruments) + 1
        instrument = Instrument(
            instrument_id=instrument_id, phase=phase, currency=currency, **listed
        )
        instrument.expires = expiry_time_ns != 0
        self.world.instruments[instrument_id] = instrument
        self.affected = instrument_id
        self.world.notice(kinds.INSTRUMENT_LISTED, instrument_id, phase)

    def _change_instrument(self, instrument_id: int, listed: dict[str, Any]) -> None:
        if self.refuse(self._unknown_instrument(instrument_id)):
            return
        instrument = self.world.instruments[instrument_id]
        for name in CHANGEABLE:
            setattr(instrument, name, listed[name])
        instrument.widen()
        asked: Terms = listed["terms"]
        instrument.terms = instrument.terms._replace(
            outright=asked.outright, maker_fee=asked.maker_fee, taker_fee=asked.taker_fee
        )
        instrument.expires = instrument.expiry_time_ns != 0
        instrument.followed = None
        self.world.touch(instrument)
        self.affected = instrument_id
        self.world.notice(kinds.INSTRUMENT_UPDATED, instrument_id, 0)

    def create_account(
        self,
        *,
        self_trade_group: int = 0,
        self_trade_prevention: int = 0,
        margin_model: int = 0,
        status: int = 0,
        account_id: int = 0,
        request_id: int = 0,
        actor: int = 0,
    ) -> None:
        kind = kinds.ACCOUNT_UPDATED if account_id else kinds.ACCOUNT_OPENED
        if not account_id:
            account_id = len(self.world.accounts) + 1
            self.world.accounts[account_id] = Account()
        status = status or enums.ACCOUNT_STATUS_ACTIVE
        if self.refuse(against_account(self.world, account_id, margin_model, status)):
            return
        account = self.world.accounts[account_id]
        account.margin_model, account.status = margin_model, status
        watch(self.world, account_id)
        account.self_trade_group = self_trade_group
        account.self_trade_prevention = self_trade_prevention
        self.affected = account_id
        self.world.notice(kind, account_id, 0)

    def _unknown_instrument(self, instrument_id: int) -> Iterator[Refusal]:
        if instrument_id not in self.world.instruments:
            yield Refusal(enums.REJECT_REASON_UNKNOWN_INSTRUMENT, 2, 0, instrument_id)

    def set_trading_phase(
        self, *, instrument_id: int, phase: int, request_id: int = 0, actor: int = 0
    ) -> None:
        if self.refuse(self._against_phase(instrument_id, phase)):
            return
        instrument = self.world.instruments[instrument_id]
        if phase == instrument.phase:
            phases.tell_phase(self.world, instrument, phase, breached=False)
        else:
            phases.move(self.world, instrument, phase)

    def _against_phase(self, instrument_id: int, phase: int) -> Iterator[Refusal]:
        yield from self._unknown_instrument(instrument_id)
        if instrument_id not in self.world.instruments:
            return
        before = self.world.instruments[instrument_id].phase
        expiry, now = self.world.instruments[instrument_id].expiry_time_ns, self.world.time_ns
        if phase not in phases.ALL:
            yield Refusal(enums.REJECT_REASON_INVALID_ENUM, 3, 0, phase)
        elif expiry and now >= expiry and phase != phases.CLOSED:
            yield Refusal(enums.REJECT_REASON_INSTRUMENT_EXPIRED, 2, expiry, now)
        elif phase != before and not phases.may_follow(before, phase):
            yield Refusal(enums.REJECT_REASON_PHASE_TRANSITION, 3, 0, before)

    def open_session(self, *, actor: int = 0) -> None:
        """Number one more session."""
        self.world.sessions += 1
        self.affected = self.world.sessions

    def advance_time(self) -> None:
        """Nothing but that time has come."""

    def set_reference(
        self,
        *,
        instrument_id: int,
        bid: int | None = None,
        ask: int | None = None,
        last: int | None = None,
        actor: int = 0,
    ) -> None:
        if self.refuse(self._unknown_instrument(instrument_id)):
            return
        instrument = self.world.instruments[instrument_id]
        middle = (bid + ask) // 2 if bid is not None and ask is not None else None
        instrument.reference = middle if last is None else last
        instrument.reference_ns = self.world.time_ns
        self.world.touch(instrument)

    def bust_trade(self, *, trade_id: int, request_id: int = 0, actor: int = 0) -> None:
        if not self.refuse(against_mending(self.world, trade_id)):
            trade = self.world.trades[trade_id]
            mend(self.world, trade, trade.price, 0)

    def correct_trade(
        self,
        *,
        trade_id: int,
        price: int | None = None,
        quantity: int | None = None,
        request_id: int = 0,
        actor: int = 0,
    ) -> None:
        if self.refuse(against_mending(self.world, trade_id)):
            return
        trade = self.world.trades[trade_id]
        if self.refuse(against_correction(self.world, trade, price, quantity)):
            return
        price = trade.price if price is None else price
        mend(self.world, trade, price, trade.quantity if quantity is None else quantity)

    def set_kill_switch(
        self, *, enabled: bool, account_id: int = 0, request_id: int = 0, actor: int = 0
    ) -> None:
        if account_id and self.refuse(against_unknown(self.world, account_id)):
            return
        if account_id:
            self.world.accounts[account_id].is_killed = enabled
        else:
            self.world.is_killed = enabled
        if enabled:
            self._cancel_accounts([account_id] if account_id else list(self.world.accounts))
        self.world.notice(kinds.KILL_SWITCH_SET, account_id, int(enabled))

    def move_cash(
        self,
        *,
        account_id: int,
        currency: int = 0,
        amount: int,
        request_id: int = 0,
        actor: int = 0,
    ) -> None:
        if self.refuse(against_payment(self.world, account_id, currency, amount)):
            return
        wallet = self.world.wallets[account_id, currency]
        wallet.cash += amount
        subject = account_id | currency << 32
        self.world.notice(kinds.CASH_MOVED, subject, bounded(wallet.cash))

    def set_limits(
        self,
        *,
        account_id: int,
        instrument_id: int = 0,
        limits: Limits,
        request_id: int = 0,
        actor: int = 0,
    ) -> None:
        if self.refuse(against_limits(self.world, account_id, instrument_id)):
            return
        self.world.accounts[account_id].limits[instrument_id] = limits
        watch(self.world, account_id)
        self.world.notice(kinds.LIMITS_SET, account_id, instrument_id)

    def _cancel_accounts(self, account_ids: list[int]) -> None:
        """Cancel the orders of accounts, one account after the other."""
        for account_id in account_ids:
            orders = self.world.working.values()
            own = [order for order in orders if order.account_id == account_id]
            self.cancel_all(own, enums.CANCEL_REASON_KILL_SWITCH)
