"""Show orders and price levels as named values; prices and quantities in 1e-9."""

from typing import Final, NamedTuple

GREATEST: Final = (1 << 63) - 1  # what a message tells of a sum that is greater


class OrderView(NamedTuple):
    """A single order as it stands, with the names of the contract's Order message."""

    order_id: int
    client_order_id: str
    account_id: int
    instrument_id: int
    side: int
    order_type: int
    time_in_force: int
    status: int
    has_price: bool
    price: int
    quantity: int
    cumulative_quantity: int
    leaves_quantity: int
    cumulative_tick_lots: int
    has_stop_price: bool
    stop_price: int
    stop_trigger: int
    display_quantity: int
    shown_quantity: int
    peg_reference: int
    peg_offset: int
    post_only: bool
    reduce_only: bool
    min_quantity: int
    expire_time_ns: int
    self_trade_prevention: int
    created_time_ns: int
    updated_time_ns: int
    sequence: int
    version: int
    cancel_reason: int
    multi_leg_order_id: int = 0
    leg_number: int = 0


FORGOTTEN: Final = OrderView(
    0, "", 0, 0, 0, 0, 0, 0, False, 0, 0, 0, 0, 0,
    False, 0, 0, 0, 0, 0, 0, False, False, 0, 0, 0, 0, 0, 0, 0, 0,
)  # fmt: skip
"""A leg of a package that is still known, whose own row has been taken for a later order."""


class PackageView(NamedTuple):
    """A multi-leg order as it stands; of `order`, quantities are units of 1e9, price is net.

    `ratios` are lots of each leg in one unit; `constraints` are the words of the command. Of a
    sequential order `excess`, `unwound` and `unwound_tick_lots` say of each leg what it has traded
    beyond whole units and not reversed, and what was reversed; `is_tried` is false until a leg
    has come to its book.
    """

    order: OrderView
    legs: list[OrderView]
    ratios: list[int]
    min_units: int
    mode: int
    sequential: int
    self_trade_prevention: int
    constraints: list[int]
    policy: int
    excess: list[int]
    unwound: list[int]
    unwound_tick_lots: list[int]
    is_tried: bool


class Level(NamedTuple):
    """A price level of a book."""

    price: int
    quantity: int
    order_count: int


class AuctionView(NamedTuple):
    """What an auction would give if it ended now; without a price nothing would trade."""

    price: int | None
    quantity: int
    imbalance: int
    imbalance_side: int


class StatisticsView(NamedTuple):
    """The numbers of a trading day; prices are None before the first trade.

    The average price is tick_lots / (volume / lot size) * tick size.
    """

    open: int | None
    high: int | None
    low: int | None
    last: int | None
    volume: int
    tick_lots: int
    trades: int
