"""Random commands of every kind, chosen by what the venue is like: good, odd and bad ones."""

import random
from typing import Any

from quantumcore.server.core import enums
from tests.server.core.flow_administration import INSTRUMENTS, AdministrationFlow
from tests.server.core.flow_orders import OrderFlow
from tests.server.core.flow_risk import FIRST_LIMITS, PAYMENTS, RiskFlow
from tests.server.core.model import Model
from tests.server.core.pair import Step

ACCOUNTS: list[dict[str, int]] = [
    {},
    {"self_trade_prevention": enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST},
    {"self_trade_group": 7, "self_trade_prevention": enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST},
    {"self_trade_group": 7},
    {"self_trade_prevention": enums.SELF_TRADE_PREVENTION_NONE},
    {"margin_model": enums.MARGIN_MODEL_NONE},
    {"margin_model": enums.MARGIN_MODEL_NONE},
    {},
]
SETTING = [
    *(Step("create_instrument", terms) for terms in INSTRUMENTS),
    *(Step("create_account", terms) for terms in ACCOUNTS),
    *(Step("move_cash", payment) for payment in PAYMENTS),
    Step("set_limits", FIRST_LIMITS),
]
SETTING += [Step("open_session", {"actor": 1})] * 2
WAITS_NS = (0, 1, 1, 1, 2, 5, 20)
LONG_WAITS_NS = (300_000, 2_000_000, 400_000_000)  # quotes grow old, rates are forgotten
FEW, CROWD = 16, 80  # working orders: below, more are entered; above, more are cancelled


class Flow:
    """Chooses steps that lead further; each says all it means, so that it can be played alone.

    Much is tuned so that things meet: prices are few, positions small, phases short. Each flow
    has its taste: some things come more often in one than in another.
    """

    def __init__(self, choose: random.Random, model: Model) -> None:
        self.choose, self.model = choose, model
        self.orders = OrderFlow(choose, model)
        self.administration = AdministrationFlow(choose, model, self.orders)
        self.risk = RiskFlow(choose, model)
        self.last: Step | None = None
        orders, administration = self.orders, self.administration
        self.verbs = (
            orders.create,
            orders.cancel,
            orders.replace,
            orders.cancel_many,
            administration.any_phase,
            administration.reference,
            administration.bust,
            administration.correct,
            administration.kill,
            administration.instrument,
            administration.advance,
            administration.session,
            self.risk.account,
            self.risk.limits,
            self.risk.move_cash,
        )
        often = (55, 9, 18, 0.5, 1, 5, 1, 1.5, 0.3, 0.8, 2, 0.1, 1, 1.2, 1.2)
        self.weights = [weight * choose.choice((0.5, 1, 1, 2)) for weight in often]

    def next_step(self) -> Step:
        """Return one more step."""
        choose = self.choose
        if self.last is not None and choose.random() < 0.01:
            return self.last._replace(wait_ns=1)
        command, arguments = self._chosen()
        waits = WAITS_NS if choose.random() < 0.994 else LONG_WAITS_NS
        step = Step(command, arguments, choose.choice(waits))
        if choose.random() < 0.05 and command not in {
            "advance_time",
            "set_reference",
            "open_session",
        }:
            arguments["request_id"] = choose.randint(1, 400)
            self.last = step
        return step

    def _chosen(self) -> tuple[str, dict[str, Any]]:
        """Choose a command; what keeps orders from trading does not last long."""
        choose, administration = self.choose, self.administration
        stuck, killed = administration.stuck(), administration.killed()
        if stuck and choose.random() < 0.05 * len(stuck):
            return administration.on_the_way(choose.choice(stuck))
        if killed and choose.random() < 0.08:
            return "set_kill_switch", {"enabled": False, "account_id": killed[0]}
        suspended = self.risk.suspended()
        if suspended and choose.random() < 0.03 * len(suspended):
            return self.risk.account(choose.choice(suspended), enums.ACCOUNT_STATUS_ACTIVE)
        if len(self.model.world.working) < FEW and choose.random() < 0.5:
            return self.orders.create()
        if len(self.model.world.working) > CROWD and choose.random() < 0.4:
            return choose.choice(
                (self.orders.cancel, self.orders.cancel, self.orders.cancel_many)
            )()
        (verb,) = choose.choices(self.verbs, self.weights)
        return verb()
