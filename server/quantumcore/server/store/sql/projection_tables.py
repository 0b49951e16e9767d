"""The tables of the projections: how things stand, as far as their checkpoint says.

Unlike events these are made from events alone and can be thrown away and made again. `message` is
the contract's message; what queries select by stands beside it in columns.
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, String, Table

from quantumcore.server.store.sql.tables import metadata


def _numbers(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


orders = Table(
    "orders",
    metadata,
    Column("order_id", BigInteger, primary_key=True, autoincrement=False),
    *_numbers("account_id", "instrument_id", "multi_leg_order_id", "status"),
    *_numbers("created_time_ns", "updated_time_ns", "sequence"),
    Column("client_order_id", String(64), nullable=False),
    Column("message", LargeBinary, nullable=False),
    Index("orders_by_account", "account_id", "order_id"),
)

multi_leg_orders = Table(
    "multi_leg_orders",
    metadata,
    Column("multi_leg_order_id", BigInteger, primary_key=True, autoincrement=False),
    *_numbers("account_id", "status", "created_time_ns", "updated_time_ns", "sequence"),
    Column("client_order_id", String(64), nullable=False),
    Column("message", LargeBinary, nullable=False),
    Index("multi_leg_orders_by_account", "account_id", "multi_leg_order_id"),
)

positions = Table(
    "positions",
    metadata,
    *_numbers("account_id", "instrument_id", "net_quantity", "open_tick_lots"),
    *_numbers("realised_profit_minor_units", "fees_minor_units", "updated_time_ns", "sequence"),
    Column("message", LargeBinary, nullable=False),
    PrimaryKeyConstraint("account_id", "instrument_id", name="positions_by_account"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    *_numbers("status", "sequence"),
    Column("name", String(64), nullable=False),
    Column("message", LargeBinary, nullable=False),
)

balances = Table(
    "balances",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    *_numbers("cash_minor_units", "reserved_minor_units", "margin_minor_units", "sequence"),
    PrimaryKeyConstraint("account_id", "currency", name="balances_by_account"),
)

trades = Table(
    "trades",
    metadata,
    Column("trade_id", BigInteger, primary_key=True, autoincrement=False),
    *_numbers("instrument_id", "day", "price", "quantity", "time_ns", "busted"),
    Index("trades_by_day", "instrument_id", "day", "trade_id"),
)

# Prices of a day without trades, all of them busted, are 0 and mean nothing.
daily_statistics = Table(
    "daily_statistics",
    metadata,
    *_numbers("instrument_id", "day", "trade_count", "volume"),
    *_numbers("open_price", "high_price", "low_price", "last_price"),
    PrimaryKeyConstraint("instrument_id", "day", name="daily_statistics_by_day"),
)

projection_checkpoint = Table(
    "projection_checkpoint",
    metadata,
    Column("name", String(64), primary_key=True),
    *_numbers("version", "sequence"),
)

PROJECTION_TABLES = (
    orders,
    multi_leg_orders,
    positions,
    accounts,
    balances,
    trades,
    daily_statistics,
    projection_checkpoint,
)
