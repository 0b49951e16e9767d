"""What earlier events have told, as far as later ones need it.

The journal tells how a thing stands since; the contract also tells what changed. The state is a
function of the records alone. It is bounded as the core is: by its working orders, its orders in
all, its accounts, positions, instruments and remembered trades.
"""

from collections import deque
from typing import Self

from quantumcore.server.core import enums, kinds
from quantumcore.v1.account_pb2 import Account
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.multi_leg_order_pb2 import MultiLegOrder

DEFAULT_CAPACITY = 1 << 20


class WorkingOrder:
    """An order that works, or a multi-leg order as far as its account's funds go."""

    __slots__ = ("leaves", "price", "quantity", "reserved", "stop_price", "stop_trigger")

    def __init__(self, price: int, quantity: int, leaves: int) -> None:
        self.price, self.quantity, self.leaves = price, quantity, leaves
        self.reserved = self.stop_price = self.stop_trigger = 0


class Holding:
    """A position: lots held, bought and their cost; `realised` in ticks x lots, fees in money."""

    __slots__ = ("bought", "fees", "lots", "realised", "version")

    def __init__(self) -> None:
        self.version = self.lots = self.bought = self.realised = self.fees = 0


class Funds:
    """Money of an account in one currency, minor units."""

    __slots__ = ("cash", "margin", "reserved")

    def __init__(self) -> None:
        self.cash = self.reserved = self.margin = 0


class Terms:
    """Terms of an instrument that money depends on."""

    __slots__ = (
        "code",
        "currency",
        "definition",
        "lot_size",
        "maker_fee",
        "pays_profit_only",
        "taker_fee",
        "tick_size",
        "tick_value",
    )

    def __init__(
        self,
        definition: Instrument,
        *,
        code: str,
        tick_size: int,
        lot_size: int,
        tick_value: int,
        currency: int,
        maker_fee: int,
        taker_fee: int,
        pays_profit_only: bool,
    ) -> None:
        self.pays_profit_only = pays_profit_only
        self.definition, self.code, self.currency = definition, code, currency
        self.tick_size, self.lot_size, self.tick_value = tick_size, lot_size, tick_value
        self.maker_fee, self.taker_fee = maker_fee, taker_fee

    @classmethod
    def of_command(cls, definition: Instrument, words: list[int], code: str) -> Self:
        """Take the words of CREATE_INSTRUMENT or UPDATE_INSTRUMENT."""
        return cls(
            definition,
            code=code,
            tick_size=words[kinds.LIST_TICK_SIZE],
            lot_size=words[kinds.LIST_LOT_SIZE],
            tick_value=words[kinds.LIST_TICK_VALUE],
            currency=words[kinds.LIST_CURRENCY],
            maker_fee=words[kinds.LIST_KIND + 7],
            taker_fee=words[kinds.LIST_KIND + 8],
            pays_profit_only=words[kinds.LIST_KIND] == enums.INSTRUMENT_KIND_FUTURE,
        )


class Traded:
    """What a trade is since its last correction, and what it was before."""

    __slots__ = ("before", "command", "price", "quantity")

    def __init__(self, price: int, quantity: int) -> None:
        self.price, self.quantity = price, quantity
        self.before = (price, quantity)
        self.command = 0

    def correct(self, price: int, quantity: int, command: int) -> tuple[int, int]:
        """Take a correction, told once for each side; return price and quantity before it."""
        if self.command != command:
            self.before, self.command = (self.price, self.quantity), command
            self.price, self.quantity = price, quantity
        return self.before


class Package:
    """A multi-leg order that works, as it stands."""

    __slots__ = ("message",)

    def __init__(self, message: MultiLegOrder) -> None:
        self.message = message


class DecoderState:
    """All of it. Versions count the events of each aggregate."""

    def __init__(self) -> None:
        self.command_count = 0
        self.order_capacity = self.trade_capacity = DEFAULT_CAPACITY
        self.orders: dict[int, WorkingOrder] = {}
        self.packages: dict[int, Package] = {}
        self.package_versions: dict[int, int] = {}
        self.ended_packages: deque[int] = deque()
        self.holdings: dict[int, Holding] = {}
        self.funds: dict[tuple[int, int], Funds] = {}
        self.accounts: dict[int, Account] = {}
        self.limits: dict[tuple[int, int], list[int]] = {}
        self.account_versions: dict[int, int] = {}
        self.terms: dict[int, Terms] = {}
        self.instrument_versions: dict[int, int] = {}
        self.venue_version = 0
        self.trades: dict[int, Traded] = {}
        self.last_trade_id = 0

    def holding(self, key: int) -> Holding:
        """Return a position, flat where there was none."""
        found = self.holdings.get(key)
        if found is None:
            found = self.holdings[key] = Holding()
        return found

    def funds_of(self, account_id: int, currency: int) -> Funds:
        """Return an account's money in a currency."""
        found = self.funds.get((account_id, currency))
        if found is None:
            found = self.funds[account_id, currency] = Funds()
        return found

    def remember_trade(self, trade_id: int, price: int, quantity: int) -> None:
        """Remember a trade as long as the core does."""
        self.trades[trade_id] = Traded(price, quantity)
        self.trades.pop(trade_id - self.trade_capacity, None)

    def end_package(self, order_id: int) -> None:
        """Forget how a multi-leg order stands; its version stays as long as the core may ask."""
        self.packages.pop(order_id, None)
        self.orders.pop(order_id, None)
        self.ended_packages.append(order_id)
        if len(self.ended_packages) > self.order_capacity:
            self.package_versions.pop(self.ended_packages.popleft(), None)
