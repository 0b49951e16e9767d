"""Takes the commands that the exchange takes, by the same names."""

from functools import cache
from inspect import signature
from typing import Any

from quantumcore.server.core import admin_commands, enums, kinds, order_commands
from quantumcore.server.core.events import Result
from tests.server.core.model.administration import Administration
from tests.server.core.model.admission import Refusal, at_the_door
from tests.server.core.model.settling import end_what_is_due, next_due_ns, settle
from tests.server.core.model.trading import Trading
from tests.server.core.model.world import Event

NOTHING = Result(
    request_id=0,
    order_id=0,
    status=0,
    repeated=False,
    reject_reason=0,
    reject_field=0,
    limit=0,
    value=0,
    cumulative_quantity=0,
    leaves_quantity=0,
    cumulative_tick_lots=0,
    sequence=0,
    record=0,
    affected=0,
    time_ns=0,
)
ADMINISTRATION = {
    "create_instrument",
    "set_trading_phase",
    "create_account",
    "advance_time",
    "set_reference",
    "bust_trade",
    "correct_trade",
    "set_kill_switch",
    "open_session",
    "move_cash",
    "set_limits",
}


@cache
def defaults(command: str) -> dict[str, Any]:
    """Return what a command means where it says nothing: leaving out is as good as saying it."""
    built = getattr(order_commands, command, None) or getattr(admin_commands, command)
    said = {name: each.default for name, each in signature(built).parameters.items()}
    return {name: value for name, value in said.items() if value is not signature(built).empty}


class Model(Trading, Administration):
    """`do` carries out one command of `commands`, named with its arguments, at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[tuple[int, int], tuple[Any, Result]] = {}

    def do(self, command: str, time_ns: int, arguments: dict[str, Any]) -> Result:
        """Carry out a command; return its answer."""
        world = self.world
        world.time_ns = max(time_ns, world.time_ns)
        world.command += 1
        self.concerned, self.refused, self.affected = None, None, 0
        rest = {name: value for name, value in arguments.items() if name != "actor"}
        request_id = rest.pop("request_id", 0)
        scope = self._scope(command, rest, request_id)
        answer = self.answers.get((scope, request_id)) if scope is not None else None
        meant = command, defaults(command) | rest
        if answer and answer[0] == meant:
            world.notice(kinds.REQUEST_REPEATED, answer[1].order_id, request_id)
            return answer[1]._replace(repeated=True)
        if answer:
            arguments = arguments | {"door_reason": enums.REJECT_REASON_REQUEST_ID_REUSED}
        result = self._carry_out(command, arguments)
        if scope is not None and not answer:
            self.answers[scope, request_id] = meant, result
        return result

    def take_events(self) -> list[Event]:
        """Return the events since the last call."""
        events, self.world.events = self.world.events, []
        return events

    def next_due_ns(self) -> int:
        return next_due_ns(self.world)

    def _scope(self, command: str, arguments: dict[str, Any], request_id: int) -> int | None:
        """Return among whose request ids a command's counts; None: it has none that counts."""
        account_id: int = arguments.get("account_id", 0)
        if not request_id or arguments.get("door_reason"):
            return None
        if command in ADMINISTRATION:
            return 0
        return account_id if account_id in self.world.accounts else None

    def _carry_out(self, command: str, arguments: dict[str, Any]) -> Result:
        world = self.world
        end_what_is_due(world)
        settle(world)
        door_reason = arguments.pop("door_reason", 0) if command in ADMINISTRATION else 0
        if door_reason:
            self.refused = at_the_door(door_reason, 0, arguments.get("request_id", 0))
        else:
            getattr(self, command)(**arguments)
        settle(world)
        refused = self.refused or Refusal(0)
        order = self.concerned
        answer = NOTHING._replace(
            request_id=arguments.get("request_id", 0),
            reject_reason=refused.reason,
            reject_field=refused.field,
            limit=refused.limit,
            value=refused.value,
            sequence=world.sequence,
            affected=self.affected,
            time_ns=world.time_ns,
        )
        if order is None:
            rejected = command == "create_order" and self.refused is not None
            return answer._replace(status=enums.ORDER_STATUS_REJECTED if rejected else 0)
        return answer._replace(
            order_id=order.order_id,
            status=order.status,
            cumulative_quantity=order.cumulative,
            leaves_quantity=order.leaves,
            cumulative_tick_lots=order.tick_lots,
        )
