"""Random changes of what accounts may do: limits that bite, little cash, suspensions."""

import random
from typing import Any

from quantumcore.server.core import enums
from quantumcore.server.core.admin_commands import Limits
from tests.server.core.model import Model

Chosen = tuple[str, dict[str, Any]]

NONE = enums.MARGIN_MODEL_NONE
ACTIVE, SUSPENDED = enums.ACCOUNT_STATUS_ACTIVE, enums.ACCOUNT_STATUS_SUSPENDED
CASH_ACCOUNTS, LIMITED_ACCOUNTS = (6, 7), (4, 5, 8, 8, 8)
PAYMENTS: list[dict[str, int]] = [
    {"account_id": account_id, "currency": currency, "amount": amount}
    for account_id in CASH_ACCOUNTS
    for currency, amount in ((0, 4_000), (1, 150))
]
FIRST_LIMITS: dict[str, Any] = {
    "account_id": 8,
    "limits": Limits(order_quantity=60, order_value=900, open_order_value=2_500, working_orders=9),
}


class RiskFlow:
    """Chooses limits, payments, and what becomes of accounts."""

    def __init__(self, choose: random.Random, model: Model) -> None:
        self.choose, self.model = choose, model

    def suspended(self) -> list[int]:
        accounts = self.model.world.accounts.items()
        return [number for number, account in accounts if account.status == SUSPENDED]

    def account(self, account_id: int = 0, status: int = 0) -> Chosen:
        """Change an account; mostly it goes on with the margin model that it has."""
        choose = self.choose
        account_id = account_id or choose.choice((1, 2, 3, 4, 5, 6, 7, 8, 9))
        account = self.model.world.accounts.get(account_id)
        margin_model = account.margin_model if account else NONE
        if choose.random() < 0.25:
            margin_model = choose.choice((0, NONE))
        statuses = (ACTIVE, ACTIVE, ACTIVE, ACTIVE, SUSPENDED, enums.ACCOUNT_STATUS_CLOSED)
        return "create_account", {
            "account_id": account_id,
            "self_trade_group": choose.choice((0, 0, 7, 8)),
            "self_trade_prevention": choose.randint(0, 5),
            "margin_model": margin_model,
            "status": status or choose.choice(statuses),
        }

    def move_cash(self) -> Chosen:
        choose = self.choose
        currency = choose.choice((0, 0, 1))
        most = (2_000, 80)[currency]
        return "move_cash", {
            "account_id": choose.choice((*CASH_ACCOUNTS, *CASH_ACCOUNTS, 1, 9)),
            "currency": currency,
            "amount": choose.randint(-most, most) or 1,
        }

    def limits(self) -> Chosen:
        """Choose limits, few at a time."""
        choose, world = self.choose, self.model.world
        account_id = choose.choice((*LIMITED_ACCOUNTS, *CASH_ACCOUNTS, 9))
        instrument_id = choose.choice((0, 0, 0, 1, 2, 3, 9))
        lot = 5 if instrument_id not in world.instruments else self._lot(instrument_id)
        possible: dict[str, int] = {
            "order_quantity": choose.randint(4, 14) * lot,
            "order_value": choose.randint(100, 1_000),
            "position_quantity": choose.randint(3, 40) * lot,
            "open_order_value": choose.randint(300, 3_000),
            "collar_basis_points": choose.choice((1, 700, 2_500, 6_000)),
            "working_orders": choose.randint(2, 9),
            "command_rate_hz": 0 if instrument_id else choose.choice((3, 50, 400)),
            "reference_age_ms": choose.choice((1, 5)),
            "stale_policy": choose.choice((1, 2, 2)),
            "haircut_basis_points": choose.choice((100, 2_000)),
        }
        names = [name for name in possible if choose.random() < 0.35]
        limits = Limits(**{name: possible[name] for name in names})
        return "set_limits", {
            "account_id": account_id,
            "instrument_id": instrument_id,
            "limits": limits,
        }

    def _lot(self, instrument_id: int) -> int:
        return self.model.world.instruments[instrument_id].lot_size
