"""A venue whose accounts have limits and money, for examples of what holds them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.admin_commands import Limits, Terms
from quantumcore.server.core.events import AuctionEnd, Notice, OrderEvent
from tests.server.core.venue import LISTING, Venue

NONE = enums.MARGIN_MODEL_NONE
FUTURE = Terms(kind=enums.INSTRUMENT_KIND_FUTURE)


class Refused(NamedTuple):
    """Why a command was refused; all 0: it was not."""

    reason: int
    field: int
    limit: int
    value: int


ACCEPTED = Refused(0, 0, 0, 0)


class Booked(NamedTuple):
    """What a fill's event tells of position and cash."""

    lots: int | None
    cost: int | None
    realised: int | None
    cash: int | None


class RiskVenue(Venue):
    """Instruments 1 and 2: a tick is 10, a lot is 5, both together are worth 1 minor unit."""

    def __init__(self, **options: Any) -> None:
        self.told: list[OrderEvent | Notice | AuctionEnd] = []
        super().__init__(**options)

    def do(
        self, command: Callable[..., int], **arguments: Any
    ) -> list[OrderEvent | Notice | AuctionEnd]:
        self.told = super().do(command, **arguments)
        return self.told

    def limit(self, account_id: int = 1, instrument_id: int = 0, **limits: int) -> Refused:
        self.do(
            admin_commands.set_limits,
            account_id=account_id,
            instrument_id=instrument_id,
            limits=Limits(**limits),
        )
        return self.refused

    def pay(self, amount: int, account_id: int = 1, currency: int = 0) -> Refused:
        self.do(admin_commands.move_cash, account_id=account_id, currency=currency, amount=amount)
        return self.refused

    def account(self, account_id: int = 1, **terms: int) -> Refused:
        """Change an account, or with 0 open one."""
        self.do(admin_commands.create_account, account_id=account_id, **terms)
        return self.refused

    def cash_account(self, amount: int, account_id: int = 1) -> None:
        """Let an account pay for all that it buys, out of an amount."""
        assert self.account(account_id, margin_model=NONE) == ACCEPTED
        assert self.pay(amount, account_id) == ACCEPTED

    def instrument(self, **terms: Any) -> int:
        """List one more instrument; return its id."""
        self.do(admin_commands.create_instrument, **LISTING | terms)
        return self.result.affected

    def ask(self, *order: Any, **more: Any) -> Refused:
        """Enter an order; return why it was refused."""
        self.order(*order, **more)
        return self.refused

    def change(self, name: str, **more: Any) -> Refused:
        """Replace an order; return why it was refused."""
        self.replace(name, **more)
        return self.refused

    @property
    def refused(self) -> Refused:
        result = self.result
        return Refused(result.reject_reason, result.reject_field, result.limit, result.value)

    def events_of(self, name: str) -> list[OrderEvent]:
        """Return what the last command told of an order."""
        orders = [event for event in self.told if isinstance(event, OrderEvent)]
        return [event for event in orders if event.client_order_id == name]

    def reserved(self, name: str) -> tuple[int | None, int | None]:
        """Return what the last command left reserved for an order, and for its account."""
        last = self.events_of(name)[-1]
        return last.reserved, last.account_reserved

    def booked(self, name: str) -> list[Booked]:
        """Return what fills of an order came to by the last command."""
        return [
            Booked(event.position_lots, event.open_tick_lots, event.realised_tick_lots, event.cash)
            for event in self.events_of(name)
            if event.cash is not None
        ]


def cash_venue(amount: int, **options: Any) -> RiskVenue:
    """Return a venue whose first account pays for all with so much."""
    venue = RiskVenue(**options)
    venue.cash_account(amount)
    return venue


def cash(venue: RiskVenue, account_id: int = 1) -> int:
    """Return the money of an account."""
    money = venue.exchange.balance(account_id, 0, venue.now)
    assert money is not None
    return money.cash
