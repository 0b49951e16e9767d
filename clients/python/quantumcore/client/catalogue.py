"""Remember which id belongs to which symbol or account name, and what currencies count in."""

from __future__ import annotations

from quantumcore.client.values import Account, Currency, Instrument


class Catalogue:
    """Names and ids that the client has met; ids never change, so they are kept for ever."""

    def __init__(self) -> None:
        self._instruments: dict[str, int] = {}
        self._symbols: dict[int, str] = {}
        self._accounts: dict[str, int] = {}
        self._minor_digits: dict[str, int] = {}

    def add_instrument(self, instrument: Instrument) -> None:
        """Remember an instrument."""
        self._instruments[instrument.symbol] = instrument.instrument_id
        self._symbols[instrument.instrument_id] = instrument.symbol

    def add_account(self, account: Account) -> None:
        """Remember an account."""
        self._accounts[account.name] = account.account_id

    def add_currency(self, currency: Currency) -> None:
        """Remember a currency."""
        self._minor_digits[currency.code] = currency.minor_digits

    def minor_digits(self, currency: str) -> int | None:
        """Find the digits of a currency's minor unit; None: not met yet."""
        return self._minor_digits.get(currency)

    def instrument_id(self, reference: int | str) -> int | None:
        """Find the id that a symbol stands for; an id stands for itself; None: not met yet."""
        return _known_id(reference, self._instruments, "instrument")

    def account_id(self, reference: int | str) -> int | None:
        """Find the id that a name stands for; an id stands for itself; None: not met yet."""
        return _known_id(reference, self._accounts, "account")

    def symbol(self, instrument_id: int) -> str | None:
        """Find the symbol of an instrument; None: not met yet."""
        return self._symbols.get(instrument_id)


def _known_id(reference: int | str, known: dict[str, int], what: str) -> int | None:
    if isinstance(reference, bool) or not isinstance(reference, int | str):
        kind = type(reference).__name__
        raise TypeError(f"{what}: use a name or an id, not {kind}: {reference!r}")
    return reference if isinstance(reference, int) else known.get(reference)
