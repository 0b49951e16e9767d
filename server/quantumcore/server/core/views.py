"""Show orders and price levels as named values; prices and quantities in 1e-9."""

from typing import NamedTuple


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
    post_only: bool
    created_time_ns: int
    updated_time_ns: int
    sequence: int
    version: int
    cancel_reason: int


class Level(NamedTuple):
    """A price level of a book."""

    price: int
    quantity: int
    order_count: int
