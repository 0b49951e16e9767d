"""Positions, accounts and their balances as they stand."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table

from quantumcore.server.store.folding.accounts import ACCOUNT_EVENTS, fold_account
from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.projections.projection import Rows, Told, put, rows_of
from quantumcore.server.store.sql import projection_tables as tables
from quantumcore.v1.account_pb2 import Account
from quantumcore.v1.event_pb2 import AggregateType, Event
from quantumcore.v1.position_pb2 import Position

Balance = dict[str, Any]


class Positions(Rows):
    """One row for each position that was ever opened, flat ones too."""

    name, version = "positions", 1
    tables = (tables.positions,)
    query = EventQuery(aggregate_type=AggregateType.AGGREGATE_TYPE_POSITION)

    def apply(self, connection: Connection, told: Sequence[Told]) -> None:
        """Take further events: each tells all of its position."""
        last = {}
        for event, _stored in told:
            change = getattr(event, str(event.WhichOneof("payload"))).change
            last[event.aggregate_id] = change.position
        put(connection, self.tables[0], [_position_row(position) for position in last.values()])


def _position_row(position: Position) -> dict[str, Any]:
    return {
        "account_id": position.account_id,
        "instrument_id": position.instrument_id,
        "net_quantity": position.net_quantity,
        "open_tick_lots": position.open_tick_lots,
        "realised_profit_minor_units": position.realised_profit.minor_units,
        "fees_minor_units": position.fees.minor_units,
        "updated_time_ns": position.updated_time_ns,
        "sequence": position.sequence,
        "message": position.SerializeToString(deterministic=True),
    }


class Accounts(Rows):
    """One row for each account, and one for its money in each currency."""

    name, version = "accounts", 1
    tables = (tables.accounts, tables.balances)
    query = EventQuery(aggregate_type=AggregateType.AGGREGATE_TYPE_ACCOUNT)

    def apply(self, connection: Connection, told: Sequence[Told]) -> None:
        """Take further events."""
        events = [one.event for one in told]
        ids = sorted({event.aggregate_id for event in events})
        account_table, balance_table = self.tables
        accounts = _accounts(connection, account_table, ids)
        balances = _balances(connection, balance_table, ids)
        changed: set[int] = set()
        for event in events:
            if event.event_type in ACCOUNT_EVENTS:
                fold_account(accounts.setdefault(event.aggregate_id, Account()), event)
                changed.add(event.aggregate_id)
            _fold_balance(balances, event)
        put(connection, account_table, [_account_row(accounts[number]) for number in changed])
        put(connection, balance_table, list(balances.values()))


def _accounts(connection: Connection, table: Table, ids: list[int]) -> dict[int, Account]:
    rows = rows_of(connection, table, [table.c.account_id], ids)
    return {row["account_id"]: Account.FromString(row["message"]) for row in rows}


def _balances(
    connection: Connection, table: Table, ids: list[int]
) -> dict[tuple[int, str], Balance]:
    rows = rows_of(connection, table, [table.c.account_id], ids)
    return {(row["account_id"], row["currency"]): row for row in rows}


def _fold_balance(balances: dict[tuple[int, str], Balance], event: Event) -> None:
    """Take what an event tells of money: always how much there is since."""
    told = getattr(event, str(event.WhichOneof("payload")))
    if "amount" not in told.DESCRIPTOR.fields_by_name:
        return
    key = event.aggregate_id, told.amount.currency
    row = balances.setdefault(key, _empty(*key))
    for name in ("cash_minor_units", "reserved_minor_units", "margin_minor_units"):
        if name in told.DESCRIPTOR.fields_by_name:
            row[name] = getattr(told, name)
    row["sequence"] = event.sequence


def _empty(account_id: int, currency: str) -> Balance:
    return {
        "account_id": account_id,
        "currency": currency,
        "cash_minor_units": 0,
        "reserved_minor_units": 0,
        "margin_minor_units": 0,
        "sequence": 0,
    }


def _account_row(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "status": account.status,
        "sequence": account.sequence,
        "name": account.name,
        "message": account.SerializeToString(deterministic=True),
    }
