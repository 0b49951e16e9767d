"""AdminService: accounts, and how the venue stands."""

from collections.abc import Callable

from quantumcore.server.api.catalogue import LOW_64, Catalogue
from quantumcore.server.api.errors import AlreadyExists, InvalidField
from quantumcore.server.api.instrument_service import check
from quantumcore.server.api.pages import Page
from quantumcore.server.api.reads import Reads
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.writer import Writer
from quantumcore.server.core import commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1.account_pb2 import Account, AccountStatus, MarginModel
from quantumcore.v1.admin_service_pb2 import (
    CreateAccountRequest,
    CreateAccountResponse,
    GetStatusRequest,
    GetStatusResponse,
    ListAccountsRequest,
    ListAccountsResponse,
)
from quantumcore.v1.status_pb2 import VenueStatus
from quantumcore.v1.types_pb2 import SelfTradePrevention

MAX_NAME_LENGTH = 64


class AdminService:
    """Open accounts, list them, and tell how the venue stands."""

    def __init__(
        self,
        exchange: Exchange,
        writer: Writer,
        catalogue: Catalogue,
        reads: Reads,
        status: Callable[[], VenueStatus],
    ) -> None:
        self._exchange = exchange
        self._writer = writer
        self._catalogue = catalogue
        self._reads = reads
        self._status = status

    async def create_account(
        self, request: CreateAccountRequest, call: Call
    ) -> CreateAccountResponse:
        """Open an account."""
        call.identity.require_admin()
        _check_account(request)
        names = self._catalogue.account_names
        if names.taken(request.name, request.request_id):
            raise AlreadyExists(f"there is an account {request.name}")
        row = self._writer.administer(
            lambda exchange: commands.create_account(
                exchange,
                definition=_definition(request),
                request_id=request.request_id & LOW_64,
                actor=call.identity.actor(),
            )
        )
        account_id = row.result.affected
        if not row.result.reject_reason:
            names.take(request.name, account_id, request.request_id)
        result = await row.stored()
        check(result)
        return CreateAccountResponse(
            account=self._catalogue.accounts[account_id],
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    async def list_accounts(self, request: ListAccountsRequest, call: Call) -> ListAccountsResponse:
        """List the accounts that the caller may use, in the order of their ids."""
        page = Page.of(request, "name_prefix", "status")
        await self._reads.wait_for(request.min_sequence, call)
        found = [
            account
            for account_id, account in sorted(self._catalogue.accounts.items())
            if account_id > page.after
            and call.identity.may_use(account_id)
            and account.name.startswith(request.name_prefix)
            and request.status in {0, account.status}
        ]
        shown, token = page.cut(found, lambda account: account.account_id)
        return ListAccountsResponse(
            accounts=shown, next_page_token=token, sequence=self._writer.released_sequence
        )

    async def get_status(self, request: GetStatusRequest, call: Call) -> GetStatusResponse:
        """Tell how the venue stands, also where its journal has failed."""
        if request.include_state_hash:
            call.identity.require_admin()
        if not self._writer.failed:
            await self._reads.wait_for(request.min_sequence, call)
        status = self._status()
        sequence = self._exchange.sequence
        if request.include_state_hash:
            status.state_hash = self._exchange.state_hash()
        if not self._writer.failed:
            await self._reads.settled()
        return GetStatusResponse(status=status, sequence=sequence)


def _definition(request: CreateAccountRequest) -> bytes:
    account = Account(
        name=request.name,
        status=AccountStatus.ACCOUNT_STATUS_ACTIVE,
        self_trade_group=request.self_trade_group,
        self_trade_prevention=request.self_trade_prevention,
        margin_model=request.margin_model,
    )
    return account.SerializeToString(deterministic=True)


def _check_account(request: CreateAccountRequest) -> None:
    name = request.name
    if not (1 <= len(name) <= MAX_NAME_LENGTH and name.isascii() and name.isprintable()):
        problem = f"needs 1 to {MAX_NAME_LENGTH} printable ASCII characters"
        raise InvalidField("name", problem, limit=MAX_NAME_LENGTH, value=len(name))
    allowed = {0, SelfTradePrevention.SELF_TRADE_PREVENTION_NONE}
    if request.self_trade_prevention not in allowed:
        problem = "is not supported in this release"
        raise InvalidField("self_trade_prevention", problem, value=request.self_trade_prevention)
    if request.margin_model not in {0, MarginModel.MARGIN_MODEL_NONE}:
        problem = "is not supported in this release"
        raise InvalidField("margin_model", problem, value=request.margin_model)
