"""RiskService: what stops trading at once."""

from quantumcore.server.api.errors import InvalidField, NotFound
from quantumcore.server.api.instrument_service import check, check_text
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.writer import Writer
from quantumcore.server.core import admin_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1.risk_service_pb2 import SetKillSwitchRequest, SetKillSwitchResponse


class RiskService:
    """Turn kill switches."""

    def __init__(self, exchange: Exchange, writer: Writer) -> None:
        self._exchange = exchange
        self._writer = writer

    async def set_kill_switch(
        self, request: SetKillSwitchRequest, call: Call
    ) -> SetKillSwitchResponse:
        """Turn the kill switch of an account, or of the venue; on cancels its working orders."""
        account_id = self._scope(request, call)
        check_text(request.text)
        row = self._writer.administer(
            lambda exchange: admin_commands.set_kill_switch(
                exchange,
                enabled=request.enabled,
                account_id=account_id,
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

    def _scope(self, request: SetKillSwitchRequest, call: Call) -> int:
        """Return the account that the request is for, 0 for the venue, once the caller may."""
        match request.WhichOneof("scope"):
            case "account_id":
                call.identity.require_account(request.account_id)
                if not 1 <= request.account_id <= self._exchange.account_count:
                    problem = f"there is no account {request.account_id}"
                    raise NotFound(problem, value=request.account_id)
                return request.account_id
            case "venue" if request.venue:
                call.identity.require_admin()
                return 0
            case "venue":
                raise InvalidField("venue", "must be true where it is set")
        raise InvalidField("scope", "set account_id, or venue")
