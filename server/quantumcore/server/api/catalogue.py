"""Instruments and accounts as the contract describes them, found by id and by name."""

from typing import Any, NamedTuple, Self

from quantumcore.server.core import kinds
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.feed.scan_cy import Notice
from quantumcore.v1.account_pb2 import Account, AccountStatus
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.types_pb2 import TradingPhase

LOW_64 = 0xFFFF_FFFF_FFFF_FFFF


class Names:
    """Unique names of one kind of thing.

    A name is taken from the moment its command is applied, before it is published, so that two
    commands of one turn cannot take the same.
    """

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._requests: dict[int, str] = {}

    def find(self, name: str) -> int:
        """Return the id that bears the name, 0 for none."""
        return self._ids.get(name, 0)

    def taken(self, name: str, request_id: int) -> bool:
        """Tell whether the name is taken, by another request than this."""
        return name in self._ids and not self.requested(name, request_id)

    def requested(self, name: str, request_id: int) -> bool:
        """Tell whether this request took this name."""
        return request_id != 0 and self._requests.get(request_id) == name

    def take(self, name: str, entry_id: int, request_id: int) -> None:
        """Give the name to an id."""
        self._ids[name] = entry_id
        if request_id:
            self._requests[request_id] = name

    def save(self) -> list[Any]:
        """Return all of it as lists, to be stored."""
        return [list(self._ids.items()), list(self._requests.items())]

    def load(self, saved: list[Any]) -> None:
        """Take over what was saved."""
        self._ids, self._requests = dict(saved[0]), dict(saved[1])


class PhaseChange(NamedTuple):
    """What a PHASE_CHANGED notice says."""

    phase: TradingPhase.ValueType
    price_band_breached: bool
    text: str

    @classmethod
    def of(cls, notice: Notice) -> Self:
        """Read the notice's value."""
        phase, breached = notice.value & 0xFF, bool(notice.value >> 16 & 1)
        return cls(TradingPhase.ValueType(phase), breached, "" if breached else notice.text)


class Catalogue:
    """What is listed, as of the last published turn."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.instruments: dict[int, Instrument] = {}
        self.changed_time_ns: dict[int, int] = {}
        self.phase_changes: dict[int, PhaseChange] = {}
        self.accounts: dict[int, Account] = {}
        self.symbols = Names()
        self.account_names = Names()
        self._products: dict[tuple[str, str], int] = {}
        self.venue_killed = False

    def apply(self, notices: list[Notice], time_ns: int) -> None:
        """Take what a stored turn has changed."""
        for notice in notices:
            match notice.kind:
                case kinds.INSTRUMENT_LISTED:
                    self._list(notice, time_ns)
                case kinds.INSTRUMENT_UPDATED:
                    self._update(notice, time_ns)
                case kinds.PHASE_CHANGED:
                    self._change_phase(notice, time_ns)
                case kinds.ACCOUNT_OPENED:
                    self._open(notice, time_ns)
                case kinds.ACCOUNT_UPDATED:
                    self._update_account(notice)
                case kinds.KILL_SWITCH_SET:
                    self._kill(notice)

    def save(self) -> dict[str, Any]:
        """Return all of it as what JSON can hold."""
        return {
            "instruments": [one.SerializeToString().hex() for one in self.instruments.values()],
            "changed": list(self.changed_time_ns.items()),
            "phases": [[each, *change] for each, change in self.phase_changes.items()],
            "accounts": [one.SerializeToString().hex() for one in self.accounts.values()],
            "symbols": self.symbols.save(),
            "account_names": self.account_names.save(),
            "products": [[*key, number] for key, number in self._products.items()],
            "venue_killed": self.venue_killed,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Take over what was saved."""
        instruments = (Instrument.FromString(bytes.fromhex(one)) for one in saved["instruments"])
        self.instruments = {one.instrument_id: one for one in instruments}
        self.changed_time_ns = dict(saved["changed"])
        self.phase_changes = {
            each: PhaseChange(TradingPhase.ValueType(phase), breached, text)
            for each, phase, breached, text in saved["phases"]
        }
        accounts = (Account.FromString(bytes.fromhex(one)) for one in saved["accounts"])
        self.accounts = {one.account_id: one for one in accounts}
        self.symbols.load(saved["symbols"])
        self.account_names.load(saved["account_names"])
        self._products = {(name, held): number for name, held, number in saved["products"]}
        self.venue_killed = saved["venue_killed"]

    def _list(self, notice: Notice, time_ns: int) -> None:
        phase = TradingPhase.ValueType(notice.value)
        instrument = self._define(notice, time_ns, phase)
        self.symbols.take(instrument.symbol, notice.subject, notice.request_id & LOW_64)
        if instrument.HasField("future"):
            self.product(instrument)

    def product(self, definition: Instrument) -> int:
        """Return the number of a future's product: that of the first instrument which has it."""
        key = definition.future.product, definition.currency
        number = definition.instrument_id or self._exchange.instrument_count + 1
        return self._products.setdefault(key, number)

    def _update(self, notice: Notice, time_ns: int) -> None:
        self._define(notice, time_ns, self.instruments[notice.subject].phase)

    def _define(self, notice: Notice, time_ns: int, phase: TradingPhase.ValueType) -> Instrument:
        instrument = Instrument.FromString(self._exchange.definition(notice.subject))
        instrument.instrument_id = notice.subject
        instrument.phase = phase
        instrument.sequence = notice.sequence
        self.instruments[notice.subject] = instrument
        self.changed_time_ns[notice.subject] = time_ns
        return instrument

    def _change_phase(self, notice: Notice, time_ns: int) -> None:
        change = self.phase_changes[notice.subject] = PhaseChange.of(notice)
        instrument = self.instruments[notice.subject]
        instrument.phase = change.phase
        instrument.sequence = notice.sequence
        self.changed_time_ns[notice.subject] = time_ns

    def _open(self, notice: Notice, time_ns: int) -> None:
        account = self._account(notice)
        account.created_time_ns = time_ns
        self.accounts[notice.subject] = account
        self.account_names.take(account.name, notice.subject, notice.request_id & LOW_64)

    def _update_account(self, notice: Notice) -> None:
        account, before = self._account(notice), self.accounts[notice.subject]
        account.created_time_ns, account.kill_switch = before.created_time_ns, before.kill_switch
        self.accounts[notice.subject] = account

    def _account(self, notice: Notice) -> Account:
        account = Account.FromString(self._exchange.account_definition(notice.subject))
        account.account_id = notice.subject
        account.status = account.status or AccountStatus.ACCOUNT_STATUS_ACTIVE
        account.sequence = notice.sequence
        return account

    def _kill(self, notice: Notice) -> None:
        if notice.subject == 0:
            self.venue_killed = bool(notice.value)
            return
        account = self.accounts[notice.subject]
        account.kill_switch, account.sequence = bool(notice.value), notice.sequence
