"""RiskService: what accounts hold and may do, and what stops them."""

from collections.abc import Callable

from quantumcore.server.api.account_messages import (
    LIMIT_FIELDS,
    balance_message,
    limits_message,
    margin_message,
    position_message,
    profit_message,
)
from quantumcore.server.api.catalogue import Catalogue
from quantumcore.server.api.errors import InvalidField, NotFound
from quantumcore.server.api.instrument_service import check, check_text
from quantumcore.server.api.pages import Page
from quantumcore.server.api.position_stream import PositionStreams
from quantumcore.server.api.reads import Reads
from quantumcore.server.api.risk_terms_service import RiskTermsService, check_group_number
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.what_if import check_order
from quantumcore.server.api.writer import Writer
from quantumcore.server.core import admin_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1.account_pb2 import MarginModel
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.position_pb2 import Position
from quantumcore.v1.risk_pb2 import InstrumentLimits, RiskLimits, StaleReferencePolicy
from quantumcore.v1.risk_service_pb2 import (
    CheckOrderRequest,
    CheckOrderResponse,
    GetAccountRequest,
    GetAccountResponse,
    GetMarginRequest,
    GetMarginResponse,
    GetStrategyProfitRequest,
    GetStrategyProfitResponse,
    ListPositionsRequest,
    ListPositionsResponse,
    SetKillSwitchRequest,
    SetKillSwitchResponse,
    SetLimitsRequest,
    SetLimitsResponse,
    StreamPositionsRequest,
)

OVER_ALL_INSTRUMENTS = ("max_command_rate_hz",)
MOST_BASIS_POINTS = 1_000_000
MOST_AGE_MS = 86_400_000
MAX_ORDER_ID = 2**63 - 1


class RiskService(RiskTermsService):
    """Tell balances, positions and margins at the marks of now; set limits and kill switches."""

    def __init__(
        self,
        exchange: Exchange,
        writer: Writer,
        catalogue: Catalogue,
        reads: Reads,
        positions: PositionStreams,
        clock_ns: Callable[[], int],
    ) -> None:
        self._exchange = exchange
        self._writer = writer
        self._catalogue = catalogue
        self._reads = reads
        self._clock_ns = clock_ns
        self._positions = positions

    async def get_account(self, request: GetAccountRequest, call: Call) -> GetAccountResponse:
        """Read an account with its balances and limits."""
        account_id = self._known(request.account_id, call)
        await self._reads.wait_for(request.min_sequence, call)
        if request.instrument_id > self._exchange.instrument_count:
            instrument_id = request.instrument_id
            raise NotFound(f"there is no instrument {instrument_id}", value=instrument_id)
        now_ns, exchange = self._clock_ns(), self._exchange
        views = [
            exchange.balance(account_id, currency, now_ns)
            for currency in exchange.currencies_of(account_id)
        ]
        answer = GetAccountResponse(
            balances=[balance_message(view) for view in views if view is not None],
            limits=limits_message(exchange.limits_of(account_id)),
            sequence=exchange.sequence,
        )
        if request.instrument_id:
            own = exchange.limits_of(account_id, request.instrument_id)
            answer.instrument_limits.instrument_id = request.instrument_id
            answer.instrument_limits.limits.CopyFrom(limits_message(own))
        await self._reads.settled()
        answer.account.CopyFrom(self._catalogue.accounts[account_id])
        return answer

    async def list_positions(
        self, request: ListPositionsRequest, call: Call
    ) -> ListPositionsResponse:
        """List positions of an account, ascending by instrument."""
        account_id = self._known(request.account_id, call)
        page = Page.of(request, "account_id", "include_flat")
        await self._reads.wait_for(request.min_sequence, call)
        views = [
            view
            for view in self._exchange.positions_of(account_id, self._clock_ns())
            if view.instrument_id > page.after
            and (view.lots or (request.include_flat and view.sequence))
        ]
        sequence = self._exchange.sequence
        found = [position_message(view, self._definition(view.instrument_id)) for view in views]
        shown, token = page.cut(found, _instrument_of)
        await self._reads.settled()
        return ListPositionsResponse(positions=shown, next_page_token=token, sequence=sequence)

    async def stream_positions(self, request: StreamPositionsRequest, call: Call) -> None:
        """Serve a stream of positions until it ends."""
        await self._positions.serve(request, call)

    async def get_margin(self, request: GetMarginRequest, call: Call) -> GetMarginResponse:
        """Compute an account's margin at the marks of now, and explain it."""
        account_id = self._known(request.account_id, call)
        model = request.model or self._exchange.margin_model(account_id)
        if model not in MarginModel.values():
            raise InvalidField("model", "is none of its values", value=request.model)
        await self._reads.wait_for(request.min_sequence, call)
        now_ns, sequence = self._clock_ns(), self._exchange.sequence
        views = [
            self._exchange.margin(account_id, currency, now_ns, model)
            for currency in self._exchange.currencies_of(account_id)
        ]
        reports = [
            margin_message(self._exchange, account_id, view, MarginModel.ValueType(model))
            for view in views
            if view is not None
        ]
        await self._reads.settled()
        return GetMarginResponse(reports=reports, sequence=sequence)

    async def check_order(self, request: CheckOrderRequest, call: Call) -> CheckOrderResponse:
        """Answer what would become of an order or a package; nothing changes."""
        order = getattr(request, request.WhichOneof("order") or "", None)
        if order is not None:
            call.identity.require_account(order.account_id)
        await self._reads.wait_for(request.min_sequence, call)
        answer = check_order(self._exchange, request, self._clock_ns())
        answer.sequence = self._exchange.sequence
        await self._reads.settled()
        return answer

    async def get_strategy_profit(
        self, request: GetStrategyProfitRequest, call: Call
    ) -> GetStrategyProfitResponse:
        """Compute profit and loss of a multi-leg order at the marks of now, leg by leg."""
        await self._reads.wait_for(request.min_sequence, call)
        order_id = request.multi_leg_order_id
        known = order_id <= MAX_ORDER_ID
        view = self._exchange.strategy_profit(order_id, self._clock_ns()) if known else None
        if view is None or not call.identity.may_use(view.account_id):
            raise NotFound("no such multi-leg order", value=order_id)
        answer = GetStrategyProfitResponse(
            profit=profit_message(view, self._definition(view.legs[0].instrument_id)),
            sequence=self._exchange.sequence,
        )
        await self._reads.settled()
        return answer

    async def set_limits(self, request: SetLimitsRequest, call: Call) -> SetLimitsResponse:
        """Replace the limits of an account, or of one for an instrument."""
        call.identity.require_admin()
        account_id = self._known(request.account_id, call)
        _check_limits(request)
        row = self._writer.administer(
            lambda exchange: admin_commands.set_limits(
                exchange,
                account_id=account_id,
                instrument_id=request.instrument_id,
                limits=admin_commands.Limits(
                    *(getattr(request.limits, field) for field in LIMIT_FIELDS)
                ),
                request_id=request.request_id,
                actor=call.identity.actor(),
            )
        )
        result = await row.stored()
        check(result, request)
        answer = SetLimitsResponse(
            limits=limits_message(self._exchange.limits_of(account_id)),
            sequence=result.sequence,
            repeated_request=result.repeated,
        )
        if request.instrument_id:
            own = self._exchange.limits_of(account_id, request.instrument_id)
            answer.instrument_limits.CopyFrom(
                InstrumentLimits(instrument_id=request.instrument_id, limits=limits_message(own))
            )
        return answer

    def _known(self, account_id: int, call: Call) -> int:
        """Return an account that the caller may use."""
        call.identity.require_account(account_id)
        if not 1 <= account_id <= self._exchange.account_count:
            raise NotFound(f"there is no account {account_id}", value=account_id)
        return account_id

    def _definition(self, instrument_id: int) -> Instrument:
        return Instrument.FromString(self._exchange.definition(instrument_id))

    async def set_kill_switch(
        self, request: SetKillSwitchRequest, call: Call
    ) -> SetKillSwitchResponse:
        """Turn the kill switch of an account, or of the venue; on cancels its working orders."""
        account_id, group = self._scope(request, call)
        check_text(request.text)
        row = self._writer.administer(
            lambda exchange: admin_commands.set_kill_switch(
                exchange,
                enabled=request.enabled,
                account_id=account_id,
                group=group,
                text=request.text.encode(),
                request_id=request.request_id,
                actor=call.identity.actor(),
            )
        )
        result = await row.stored()
        check(result, request)
        return SetKillSwitchResponse(
            affected_orders=result.affected,
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    def _scope(self, request: SetKillSwitchRequest, call: Call) -> tuple[int, int]:
        """Return the account and the group that it is for, once the caller may; 0, 0: the venue."""
        match request.WhichOneof("scope"):
            case "account_id":
                call.identity.require_account(request.account_id)
                if not 1 <= request.account_id <= self._exchange.account_count:
                    problem = f"there is no account {request.account_id}"
                    raise NotFound(problem, value=request.account_id)
                return request.account_id, 0
            case "group":
                call.identity.require_admin()
                return 0, check_group_number(request.group)
            case "venue" if request.venue:
                call.identity.require_admin()
                return 0, 0
            case "venue":
                raise InvalidField("venue", "must be true where it is set")
        raise InvalidField("scope", "set account_id, group, or venue")


def _instrument_of(position: Position) -> int:
    return position.instrument_id


def _check_limits(request: SetLimitsRequest) -> None:
    """Raise InvalidField where a limit is out of its range, or does not go with an instrument."""
    limits: RiskLimits = request.limits
    if not request.HasField("limits"):
        raise InvalidField("limits", "is required")
    for field in LIMIT_FIELDS:
        value = getattr(limits, field)
        if value < 0:
            raise InvalidField(f"limits.{field}", "is negative", limit=0, value=value)
        if value and request.instrument_id and field in OVER_ALL_INSTRUMENTS:
            problem = "is counted over all instruments: set it without an instrument_id"
            raise InvalidField(f"limits.{field}", problem, value=value)
    for field, most in (
        ("price_collar_basis_points", MOST_BASIS_POINTS),
        ("stale_haircut_basis_points", MOST_BASIS_POINTS),
        ("max_reference_age_ms", MOST_AGE_MS),
    ):
        if getattr(limits, field) > most:
            value = getattr(limits, field)
            raise InvalidField(f"limits.{field}", f"lies above {most}", limit=most, value=value)
    if limits.stale_reference_policy not in StaleReferencePolicy.values():
        raise InvalidField(
            "limits.stale_reference_policy",
            "is none of its values",
            value=limits.stale_reference_policy,
        )
