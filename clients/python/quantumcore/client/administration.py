"""Run the venue: phases, bounds, accounts, kill switches, wrong trades."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Unpack

from quantumcore.client import operations
from quantumcore.client.convert import read
from quantumcore.client.enums import AccountStatus, MarginModel, SelfTradePrevention, TradingPhase
from quantumcore.client.fixed import Number
from quantumcore.client.market import Trade
from quantumcore.client.migration_calls import Migrations
from quantumcore.client.operations import InstrumentChanges
from quantumcore.client.streams import follow_sequence
from quantumcore.client.values import Account, Instrument, InstrumentStatus, KillSwitchChange
from quantumcore.v1 import instrument_service_pb2


class Administration(Migrations):
    """What operators do, beside listing; each call is done once, however often it is sent."""

    def set_trading_phase(
        self, instrument: int | str, phase: TradingPhase, *, text: str = ""
    ) -> InstrumentStatus:
        """Move an instrument to another phase at once; `text` says why.

        Raises PreconditionFailed where it cannot follow the present one, or the instrument expired.
        """
        request = operations.trading_phase(self.instrument_id(instrument), phase, text)
        response = self._call(self._instruments.SetTradingPhase, request)
        return read(InstrumentStatus, response.status)

    def update_instrument(
        self, instrument: int | str, **changes: Unpack[InstrumentChanges]
    ) -> Instrument:
        """Change the bounds that orders are checked against from now on.

        Resting orders stay, pegged ones move within new prices at once.
        """
        request = operations.update_instrument(self.instrument_id(instrument), changes)
        response = self._call(self._instruments.UpdateInstrument, request)
        return self._remember(read(Instrument, response.instrument))

    def stream_instrument_status(
        self, *instruments: int | str
    ) -> Generator[InstrumentStatus, None, None]:
        """Follow phases and terms of these instruments, or of all.

        First how each stands now, then every change; after a lost connection, or where the
        venue asks for it, again how each stands.
        """
        ids = [self.instrument_id(instrument) for instrument in instruments]

        def start(_position: int) -> Any:
            request = instrument_service_pb2.StreamInstrumentStatusRequest(instrument_ids=ids)
            return self._instruments.StreamInstrumentStatus(request, metadata=self._metadata)

        messages = follow_sequence(start, "updates", 0, clock=self._clock, delays=self._delays)
        return (read(InstrumentStatus, message) for message in messages)

    def update_account(
        self,
        account: int | str,
        *,
        status: AccountStatus | None = None,
        self_trade_group: int | None = None,
        self_trade_prevention: SelfTradePrevention | None = None,
        margin_model: MarginModel | None = None,
    ) -> Account:
        """Change an account; what is None stays as it is.

        Raises PreconditionFailed where it is to be closed and has money, positions or working
        orders, or its margin model is to change while it has working orders.
        """
        request = operations.update_account(
            self.account_id(account),
            status=status,
            self_trade_group=self_trade_group,
            self_trade_prevention=self_trade_prevention,
            margin_model=margin_model,
        )
        return read(Account, self._call(self._admin.UpdateAccount, request).account)

    def set_kill_switch(
        self,
        *,
        enabled: bool,
        account: int | str | None = None,
        venue: bool = False,
        group: int | None = None,
        text: str = "",
    ) -> KillSwitchChange:
        """Turn the kill switch of one account, of a group, or of the whole venue, on or off.

        On: working orders are cancelled in the same step, and new and changed ones are refused
        until it is off. Cancels are taken. Raises ValueError unless one is named.
        """
        operations.check_kill_switch_scope(account, venue=venue, group=group)
        request = operations.kill_switch(
            account_id=None if account is None else self.account_id(account),
            group=group,
            enabled=enabled,
            text=text,
        )
        return read(KillSwitchChange, self._call(self._risk.SetKillSwitch, request))

    def bust_trade(self, trade_id: int, *, text: str) -> tuple[Trade, ...]:
        """Undo a trade on both sides; `text` says why. The orders do not come back."""
        response = self._call(self._admin.BustTrade, operations.bust_trade(trade_id, text))
        return tuple(read(Trade, trade) for trade in response.trades)

    def correct_trade(
        self,
        trade_id: int,
        *,
        text: str,
        price: Number | None = None,
        quantity: Number | None = None,
    ) -> Trade:
        """Change the price, or lower the quantity, of a trade that stands; `text` says why."""
        request = operations.correct_trade(trade_id, price=price, quantity=quantity, text=text)
        return read(Trade, self._call(self._admin.CorrectTrade, request).trade)
