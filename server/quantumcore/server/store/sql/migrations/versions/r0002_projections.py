"""Make the tables of the first projections."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _numbers(*names: str) -> list["sa.Column[int]"]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _identified(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)


def _text(name: str, length: int = 64) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _message() -> "sa.Column[bytes]":
    return sa.Column("message", sa.LargeBinary, nullable=False)


def upgrade() -> None:
    """Make them empty: they are filled from the events that are there."""
    op.create_table(
        "orders",
        _identified("order_id"),
        *_numbers("account_id", "instrument_id", "multi_leg_order_id", "status"),
        *_numbers("created_time_ns", "updated_time_ns", "sequence"),
        _text("client_order_id"),
        _message(),
    )
    op.create_index("orders_by_account", "orders", ["account_id", "order_id"])
    op.create_table(
        "multi_leg_orders",
        _identified("multi_leg_order_id"),
        *_numbers("account_id", "status", "created_time_ns", "updated_time_ns", "sequence"),
        _text("client_order_id"),
        _message(),
    )
    op.create_index(
        "multi_leg_orders_by_account", "multi_leg_orders", ["account_id", "multi_leg_order_id"]
    )
    _make_money()
    _make_statistics()
    op.create_table(
        "projection_checkpoint",
        sa.Column("name", sa.String(64), primary_key=True),
        *_numbers("version", "sequence"),
    )


def _make_money() -> None:
    op.create_table(
        "positions",
        *_numbers("account_id", "instrument_id", "net_quantity", "open_tick_lots"),
        *_numbers("realised_profit_minor_units", "fees_minor_units"),
        *_numbers("updated_time_ns", "sequence"),
        _message(),
        sa.PrimaryKeyConstraint("account_id", "instrument_id", name="positions_by_account"),
    )
    op.create_table(
        "accounts",
        _identified("account_id"),
        *_numbers("status", "sequence"),
        _text("name"),
        _message(),
    )
    op.create_table(
        "balances",
        *_numbers("account_id"),
        _text("currency", 16),
        *_numbers("cash_minor_units", "reserved_minor_units", "margin_minor_units", "sequence"),
        sa.PrimaryKeyConstraint("account_id", "currency", name="balances_by_account"),
    )


def _make_statistics() -> None:
    op.create_table(
        "trades",
        _identified("trade_id"),
        *_numbers("instrument_id", "day", "price", "quantity", "time_ns", "busted"),
    )
    op.create_index("trades_by_day", "trades", ["instrument_id", "day", "trade_id"])
    op.create_table(
        "daily_statistics",
        *_numbers("instrument_id", "day", "trade_count", "volume"),
        *_numbers("open_price", "high_price", "low_price", "last_price"),
        sa.PrimaryKeyConstraint("instrument_id", "day", name="daily_statistics_by_day"),
    )
