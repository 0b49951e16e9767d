"""CheckOrder: what would become of an order, rule by rule, without entering it."""

from collections.abc import Mapping
from typing import Any, Literal

from quantumcore.server.api.account_messages import clipped, margin_message
from quantumcore.server.api.errors import InvalidField
from quantumcore.server.api.multi_leg import terms_of
from quantumcore.server.core import enums, order_commands, package_commands
from quantumcore.server.core.account_views import CheckView, MarginView
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1.account_pb2 import MarginModel
from quantumcore.v1.margin_pb2 import MarginReport
from quantumcore.v1.order_service_pb2 import CreateOrderRequest
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.risk_pb2 import RiskCheck
from quantumcore.v1.risk_service_pb2 import CheckOrderRequest, CheckOrderResponse

NAME = "-"  # stands for the client order id, which is not read
# The rules of an account, in order of precedence.
RULES = tuple(range(enums.REJECT_REASON_KILL_SWITCH, enums.REJECT_REASON_GROUP_MARGIN_LIMIT + 1))
FUNDS = {enums.REJECT_REASON_INSUFFICIENT_MARGIN, enums.REJECT_REASON_INSUFFICIENT_BALANCE}
OPTIONAL: tuple[Literal["price", "stop_price"], ...] = ("price", "stop_price")


def check_order(exchange: Exchange, request: CheckOrderRequest, now_ns: int) -> CheckOrderResponse:
    """Check the order of a request as it would be checked now."""
    checking = exchange.checking
    checking.begin(now_ns)
    match request.WhichOneof("order"):
        case "create_order":
            account_id = request.create_order.account_id
            order_commands.create_order(checking, **_terms(request.create_order))
        case "create_multi_leg_order":
            account_id = request.create_multi_leg_order.account_id
            terms = {**terms_of(request.create_multi_leg_order), "client_order_id": NAME}
            package_commands.create_package(checking, **terms)
        case _:
            raise InvalidField("order", "set create_order, or create_multi_leg_order")
    view = checking.view()
    answer = CheckOrderResponse(accepted=view.reason == 0, checks=_checks(view))
    for field, margin in (("margin_before", view.before), ("margin_after", view.after)):
        if margin is not None:
            getattr(answer, field).CopyFrom(_report(exchange, account_id, margin))
    return answer


def _report(exchange: Exchange, account_id: int, view: MarginView) -> MarginReport:
    model = MarginModel.ValueType(exchange.margin_model(account_id))
    return margin_message(exchange, account_id, view, model)


def _terms(request: CreateOrderRequest) -> Mapping[str, Any]:
    fields = (
        "account_id",
        "instrument_id",
        "side",
        "order_type",
        "time_in_force",
        "quantity",
        "stop_trigger",
        "display_quantity",
        "peg_reference",
        "peg_offset",
        "post_only",
        "reduce_only",
        "min_quantity",
        "expire_time_ns",
        "self_trade_prevention",
    )
    terms: dict[str, Any] = {name: getattr(request, name) for name in fields}
    terms |= {name: getattr(request, name) for name in OPTIONAL if request.HasField(name)}
    return {**terms, "client_order_id": NAME}


def _checks(view: CheckView) -> list[RiskCheck]:
    """Return the rules that were gone through: all that pass, up to the first that does not.

    Of funds there is the one that the account's margin model asks about, or none.
    """
    checks = []
    for rule in RULES:
        if rule in FUNDS and rule not in view.compared:
            continue
        if view.reason and rule >= view.reason:
            break
        limit, value, leg = view.compared.get(rule, (0, 0, 0))
        checks.append(
            RiskCheck(
                rule=RejectReason.ValueType(rule),
                passed=True,
                limit=clipped(limit),
                value=clipped(value),
                leg_number=leg,
            )
        )
    if view.reason:
        checks.append(
            RiskCheck(
                rule=RejectReason.ValueType(view.reason),
                passed=False,
                limit=view.limit,
                value=view.value,
                leg_number=view.leg_number,
            )
        )
    return checks
