"""What accounts hold and have paid: positions at average cost, cash, fees."""

from dataclasses import dataclass

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.admin_commands import Terms
from tests.server.core.model.instrument import Instrument
from tests.server.core.model.order import Order
from tests.server.core.model.world import World

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a trade: how many lots an order traded at how many ticks, and its fee."""

    order: Order
    ticks: int
    lots: int
    fee: int

    @property
    def signed_lots(self) -> int:
        """Return what it adds to the position."""
        return self.lots if self.order.buys else -self.lots


def side_of(
    instrument: Instrument, order: Order, price: int, quantity: int, how: int, terms: Terms
) -> Side:
    """Return an order's side of a trade at a price, with the fee that it costs by some terms."""
    ticks, lots = price // instrument.tick_size, quantity // instrument.lot_size
    return Side(order, ticks, lots, fee(instrument, abs(ticks) * lots, how, terms))


def fee(instrument: Instrument, tick_lots: int, how: int, terms: Terms) -> int:
    """Return the fee of so much, rounded up against the account; negative: a rebate."""
    millionths = terms.maker_fee if how == enums.LIQUIDITY_MAKER else terms.taker_fee
    return -(-tick_lots * instrument.tick_value * millionths // MILLION)


def book(world: World, side: Side) -> dict[str, int]:
    """Let a side of a trade have its effect; return what is told of it."""
    return told(world, side.order, move(world, side, side.signed_lots, side.fee))


def rebook(world: World, before: Side, since: Side) -> dict[str, int]:
    """Let one side of a trade be another from now on: its reverse, then what it is now."""
    realised = move(world, before, -before.signed_lots, -before.fee)
    return told(world, since.order, realised + move(world, since, since.signed_lots, since.fee))


def move(world: World, side: Side, lots: int, charged: int) -> int:
    """Add lots to a position, pay for them, and pay the fee; return what that realised."""
    order = side.order
    instrument, position = world.instrument(order), world.position(order)
    realised = position.add(lots, side.ticks)
    position.bought += 0 if not order.buys else lots
    position.fees += charged
    wallet = world.wallets[order.account_id, instrument.currency]
    paid = -realised if instrument.is_future else lots * side.ticks
    wallet.cash -= paid * instrument.tick_value + charged
    wallet.fees += charged
    return realised


def told(world: World, order: Order, realised: int) -> dict[str, int]:
    """Return what a fill's event says of the position, and of the cash."""
    position, wallet = world.position(order), world.wallet(order)
    return {
        "position_lots": position.lots,
        "open_tick_lots": bounded(position.cost),
        "realised_tick_lots": bounded(realised),
        "cash": bounded(wallet.cash),
    }


def bounded(amount: int) -> int:
    """Return what a message tells of a sum of any size."""
    return max(-kinds.MONEY_LIMIT, min(amount, kinds.MONEY_LIMIT))
