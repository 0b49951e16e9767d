"""AdminService: accounts, wrong trades, and how the venue stands."""

from collections.abc import Callable

from quantumcore.server.api.account_messages import balance_message
from quantumcore.server.api.catalogue import LOW_64, Catalogue
from quantumcore.server.api.currencies import CURRENCY_NUMBERS
from quantumcore.server.api.errors import AlreadyExists, InvalidField, NotFound
from quantumcore.server.api.history import History
from quantumcore.server.api.instrument_service import check, check_text
from quantumcore.server.api.pages import Page
from quantumcore.server.api.reads import Reads
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.turn import ResultRow
from quantumcore.server.api.writer import Writer
from quantumcore.server.core import admin_commands, kinds
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.feed.scan_cy import scan
from quantumcore.server.feed.tape import trade_of
from quantumcore.v1.account_pb2 import Account, AccountStatus, MarginModel
from quantumcore.v1.admin_service_pb2 import (
    BustTradeRequest,
    BustTradeResponse,
    CorrectTradeRequest,
    CorrectTradeResponse,
    CreateAccountRequest,
    CreateAccountResponse,
    GetStatusRequest,
    GetStatusResponse,
    ListAccountsRequest,
    ListAccountsResponse,
    ListSessionsRequest,
    ListSessionsResponse,
    MoveCashRequest,
    MoveCashResponse,
    UpdateAccountRequest,
    UpdateAccountResponse,
)
from quantumcore.v1.principal_pb2 import Session
from quantumcore.v1.status_pb2 import VenueStatus
from quantumcore.v1.trade_pb2 import Trade
from quantumcore.v1.types_pb2 import SelfTradePrevention

MAX_NAME_LENGTH = 64
MAX_SELF_TRADE_GROUP = 2**29 - 1
MAX_TRADE_ID = 2**63 - 1
MAX_CASH = 2**60


class AdminService:
    """Open and change accounts, undo and correct trades, and tell how the venue stands."""

    def __init__(
        self,
        exchange: Exchange,
        writer: Writer,
        catalogue: Catalogue,
        reads: Reads,
        history: History,
        status: Callable[[], VenueStatus],
        sessions: Callable[[], list[Session]],
    ) -> None:
        self._exchange = exchange
        self._writer = writer
        self._catalogue = catalogue
        self._reads = reads
        self._history = history
        self._status = status
        self._sessions = sessions

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
            lambda exchange: admin_commands.create_account(
                exchange,
                self_trade_group=request.self_trade_group,
                self_trade_prevention=request.self_trade_prevention,
                margin_model=request.margin_model,
                definition=_definition(request),
                request_id=request.request_id & LOW_64,
                actor=call.identity.actor(),
            )
        )
        account_id = row.result.affected
        if not row.result.reject_reason:
            names.take(request.name, account_id, request.request_id)
        result = await row.stored()
        check(result, request)
        return CreateAccountResponse(
            account=self._catalogue.accounts[account_id],
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    async def update_account(
        self, request: UpdateAccountRequest, call: Call
    ) -> UpdateAccountResponse:
        """Change an account's status, self-trade prevention or margin model from now on."""
        call.identity.require_admin()
        account_id = request.account_id
        if not 1 <= account_id <= self._exchange.account_count:
            raise NotFound(f"there is no account {account_id}", value=account_id)
        account = Account.FromString(self._exchange.account_definition(account_id))
        _change(account, request)
        row = self._writer.administer(
            lambda exchange: admin_commands.create_account(
                exchange,
                self_trade_group=account.self_trade_group,
                self_trade_prevention=account.self_trade_prevention,
                margin_model=account.margin_model,
                status=account.status,
                definition=account.SerializeToString(deterministic=True),
                account_id=account_id,
                request_id=request.request_id & LOW_64,
                actor=call.identity.actor(),
            )
        )
        result = await row.stored()
        check(result, request)
        return UpdateAccountResponse(
            account=self._catalogue.accounts[account_id],
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    async def move_cash(self, request: MoveCashRequest, call: Call) -> MoveCashResponse:
        """Pay into an account, or out of it."""
        call.identity.require_admin()
        account_id = request.account_id
        if not 1 <= account_id <= self._exchange.account_count:
            raise NotFound(f"there is no account {account_id}", value=account_id)
        _check_cash(request)
        currency = CURRENCY_NUMBERS[request.amount.currency]
        row = self._writer.administer(
            lambda exchange: admin_commands.move_cash(
                exchange,
                account_id=account_id,
                currency=currency,
                amount=request.amount.minor_units,
                text=request.text.encode(),
                request_id=request.request_id,
                actor=call.identity.actor(),
            )
        )
        view = self._exchange.balance(account_id, currency, self._exchange.time_ns)
        result = await row.stored()
        check(result, request)
        return MoveCashResponse(
            balance=None if view is None else balance_message(view),
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    async def bust_trade(self, request: BustTradeRequest, call: Call) -> BustTradeResponse:
        """Undo a trade."""
        call.identity.require_admin()
        _check_reason(request.text)
        row = self._writer.administer(
            lambda exchange: admin_commands.bust_trade(
                exchange,
                trade_id=_known_trade(request.trade_id),
                text=request.text.encode(),
                request_id=request.request_id & LOW_64,
                actor=call.identity.actor(),
            )
        )
        result = await row.stored()
        check(result, request)
        return BustTradeResponse(
            trades=await self._mended(request.trade_id, result),
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    async def correct_trade(self, request: CorrectTradeRequest, call: Call) -> CorrectTradeResponse:
        """Change the price, or lower the quantity, of a trade."""
        call.identity.require_admin()
        _check_reason(request.text)
        row = self._writer.administer(
            lambda exchange: admin_commands.correct_trade(
                exchange,
                trade_id=_known_trade(request.trade_id),
                price=request.price if request.HasField("price") else None,
                quantity=request.quantity if request.HasField("quantity") else None,
                text=request.text.encode(),
                request_id=request.request_id & LOW_64,
                actor=call.identity.actor(),
            )
        )
        result = await row.stored()
        check(result, request)
        return CorrectTradeResponse(
            trade=(await self._mended(request.trade_id, result))[0],
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    async def _mended(self, trade_id: int, result: ResultRow) -> list[Trade]:
        """Return what the tape tells of a bust or correction; also when it is told again.

        A bust of a multi-leg order's execution has several trades, another one.
        """
        span = await self._history.block(result.sequence)
        told = [
            trade
            for trade in scan(span.words)[0]
            if trade.kind != kinds.ORDER_FILLED
            and trade.sequence <= result.sequence
            and (result.affected or trade.trade_id == trade_id)
        ]
        return [trade_of(trade, span.time_ns) for trade in told[-max(1, result.affected) :]]

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

    async def list_sessions(self, request: ListSessionsRequest, call: Call) -> ListSessionsResponse:
        """List the open sessions: all for who runs the venue, else the caller's own."""
        page = Page.of(request, "principal_id")
        identity = call.identity
        found = [
            session
            for session in self._sessions()
            if session.session_id > page.after
            and (identity.admin or session.principal_id == identity.number)
            and request.principal_id in {0, session.principal_id}
        ]
        shown, token = page.cut(found, lambda session: session.session_id)
        return ListSessionsResponse(sessions=shown, next_page_token=token)

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
    _check_self_trade(request.self_trade_group, request.self_trade_prevention)
    _check_margin_model(request.margin_model)


def _change(account: Account, request: UpdateAccountRequest) -> None:
    """Check a request to change an account, and change its definition."""
    if request.status not in AccountStatus.values():
        raise InvalidField("status", "is none of its values", value=request.status)
    if request.status:
        account.status = request.status
    if request.HasField("self_trade_group"):
        account.self_trade_group = request.self_trade_group
    if request.self_trade_prevention:
        account.self_trade_prevention = request.self_trade_prevention
    if request.margin_model:
        account.margin_model = request.margin_model
    _check_self_trade(account.self_trade_group, account.self_trade_prevention)
    _check_margin_model(account.margin_model)


def _check_self_trade(group: int, prevention: int) -> None:
    if group > MAX_SELF_TRADE_GROUP:
        problem = f"lies above {MAX_SELF_TRADE_GROUP}"
        raise InvalidField("self_trade_group", problem, limit=MAX_SELF_TRADE_GROUP, value=group)
    if prevention not in SelfTradePrevention.values():
        raise InvalidField("self_trade_prevention", "is none of its values", value=prevention)


def _check_margin_model(model: int) -> None:
    if model not in MarginModel.values():
        raise InvalidField("margin_model", "is none of its values", value=model)


def _check_cash(request: MoveCashRequest) -> None:
    amount = request.amount
    if not request.request_id:
        raise InvalidField("request_id", "is required, so that no payment is made twice")
    if amount.currency not in CURRENCY_NUMBERS:
        raise InvalidField("amount.currency", "is not known to the venue")
    if amount.minor_units == 0 or abs(amount.minor_units) > MAX_CASH:
        problem = f"lies outside -{MAX_CASH} to {MAX_CASH}, or is 0"
        raise InvalidField("amount", problem, limit=MAX_CASH, value=amount.minor_units)
    check_text(request.text)


def _check_reason(text: str) -> None:
    if not text:
        raise InvalidField("text", "is required: say why, for the audit trail")
    check_text(text)


def _known_trade(trade_id: int) -> int:
    """Return the id as the core counts them; one that cannot be is 0, which is no trade."""
    return trade_id if trade_id <= MAX_TRADE_ID else 0
