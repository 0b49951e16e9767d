"""What keeps events and lets them go: retention, and legal holds, which are events themselves."""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog
from google.protobuf.message import Message

from quantumcore.server.api.audit_calls import AuditCalls
from quantumcore.server.api.errors import (
    AlreadyExists,
    InvalidField,
    NotFound,
    Refused,
    RpcFailure,
    WrongState,
)
from quantumcore.server.api.instrument_service import check, check_text
from quantumcore.server.api.pages import Page
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.turn import ResultRow
from quantumcore.server.api.writer import Writer
from quantumcore.server.core import admin_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.moves import Moves
from quantumcore.server.settings import RetentionSettings, Settings
from quantumcore.server.store.migration.phases import IDLE, is_moving, phase_name
from quantumcore.server.store.opening import named, same_database
from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.retention.classes import (
    ADMINISTRATION,
    CLASSES,
    INSTRUMENTS,
    LEDGER,
    ORDERS,
)
from quantumcore.server.store.retention.holds import HOLD_EVENTS, folded
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import AggregateType, Event, EventType
from quantumcore.v1.event_store_service_pb2 import (
    ApplyRetentionRequest,
    ApplyRetentionResponse,
    GetRetentionRequest,
    GetRetentionResponse,
    ListLegalHoldsRequest,
    ListLegalHoldsResponse,
    SetLegalHoldRequest,
    SetLegalHoldResponse,
)
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.retention_pb2 import LegalHold, RetentionPolicy
from quantumcore.v1.venue_event_pb2 import LegalHoldChanged, RetentionApplied

log = structlog.get_logger("quantumcore.retention")

MAX_NAME_BYTES = 64
MAX_ACCOUNTS = 1000
HOLD_CHANGED = EventType.EVENT_TYPE_LEGAL_HOLD_CHANGED
APPLIED = EventType.EVENT_TYPE_RETENTION_APPLIED


class RetentionCalls(AuditCalls):
    """GetRetention, ApplyRetention, SetLegalHold and ListLegalHolds; operators only.

    Who changes a hold or applies retention waits for whoever does so already. Acts are commands of
    the journal; how holds stand is folded from their events in the store.
    """

    _settings: Settings
    _writer: Writer
    _exchange: Exchange
    _clock: Callable[[], int]
    _acting: asyncio.Lock
    _moves: Moves | None
    _applying: "set[asyncio.Task[ApplyRetentionResponse]]"

    async def get_retention(self, request: GetRetentionRequest, call: Call) -> GetRetentionResponse:
        """Tell how long events are kept, and what would be removed now."""
        call.identity.require_admin()
        sequence = await self._caught_up(call)
        answer = GetRetentionResponse()
        if request.include_outcomes:
            task = self._task("plan", request, **self._terms(CLASSES))
            answer = GetRetentionResponse.FromString(await self._audits.message(task))
        for event_class, days in keep_days(self._settings.retention).items():
            answer.policies.append(
                RetentionPolicy(
                    event_class=event_class,  # type: ignore[arg-type]
                    keep_days=days,
                    keep_accessible_days=days,
                )
            )
        answer.first_sequence = await self._access.first_sequence()
        answer.sequence = sequence
        return answer

    async def apply_retention(
        self, request: ApplyRetentionRequest, call: Call
    ) -> ApplyRetentionResponse:
        """Archive and remove what has come of age and is not held; leave an event of it."""
        call.identity.require_admin()
        if request.event_class not in {0, *CLASSES}:
            raise InvalidField("event_class", "is none of its values", value=request.event_class)
        applying = asyncio.ensure_future(self._applied(request, call))
        self._applying.add(applying)
        applying.add_done_callback(self._concluded)
        return await asyncio.shield(applying)

    async def stop(self) -> None:
        """End an application that is under way: its next one goes on from there."""
        for applying in self._applying:
            applying.cancel()
        await asyncio.gather(*self._applying, return_exceptions=True)

    def _concluded(self, applying: "asyncio.Task[ApplyRetentionResponse]") -> None:
        """Forget an application; what it failed with is told to the caller, if he is still there.

        A caller who does not wait any longer changes nothing: what is removed is told by its event.
        """
        self._applying.discard(applying)
        if not applying.cancelled() and (failure := applying.exception()) is not None:
            log.info("retention was not applied", reason=str(failure))

    async def _applied(self, request: ApplyRetentionRequest, call: Call) -> ApplyRetentionResponse:
        async with self._acting:
            await self._caught_up(call)
            classes = (request.event_class,) if request.event_class else CLASSES
            if (event := await self._earlier(request.request_id, call)) is not None:
                told = event.retention_applied.outcomes
                if event.event_type != APPLIED or {one.event_class for one in told} != {*classes}:
                    raise _reused(request)
                return ApplyRetentionResponse(
                    outcomes=told, sequence=event.sequence, repeated_request=True
                )
            terms = self._terms(classes) | {
                "principal_id": call.identity.number,
                "archive": str(self._settings.archive_directory),
                "store": await self._store_to_clear(),
            }
            data = await self._audits.message(self._task("apply", request, **terms))
            answer = ApplyRetentionResponse.FromString(data)
            payload = RetentionApplied(outcomes=answer.outcomes)
            try:
                result = await self._recorded(APPLIED, payload, request, call)
            except Refused:
                # The id was used for a command of another kind; what is gone has to be told.
                await self._recorded(APPLIED, payload, ApplyRetentionRequest(), call)
                raise
            answer.sequence = result.sequence
            return answer

    async def set_legal_hold(
        self, request: SetLegalHoldRequest, call: Call
    ) -> SetLegalHoldResponse:
        """Set, change or lift a legal hold."""
        call.identity.require_admin()
        self._check_hold(request)
        async with self._acting:
            sequence = await self._caught_up(call)
            if (event := await self._earlier(request.request_id, call)) is not None:
                hold = event.legal_hold_changed.legal_hold
                if event.event_type != HOLD_CHANGED or not _makes(
                    request, hold, await self._holds(event.sequence - 1)
                ):
                    raise _reused(request)
                return SetLegalHoldResponse(
                    legal_hold=hold, sequence=event.sequence, repeated_request=True
                )
            hold = _changed(request, await self._holds(sequence))
            payload = LegalHoldChanged(legal_hold=hold)
            result = await self._recorded(HOLD_CHANGED, payload, request, call)
            return SetLegalHoldResponse(legal_hold=hold, sequence=result.sequence)

    async def list_legal_holds(
        self, request: ListLegalHoldsRequest, call: Call
    ) -> ListLegalHoldsResponse:
        """List legal holds, ascending by id."""
        call.identity.require_admin()
        page = Page.of(request, "include_lifted")
        await self._access.reach(request.min_sequence, within_s=call.seconds_left(self._timeout_s))
        sequence = await self._caught_up(call)
        holds = await self._holds(sequence)
        found = [
            hold
            for number, hold in sorted(holds.items())
            if number > page.after and (request.include_lifted or not hold.lifted)
        ]
        shown, token = page.cut(found, _number)
        return ListLegalHoldsResponse(legal_holds=shown, next_page_token=token, sequence=sequence)

    def _terms(self, classes: tuple[int, ...]) -> dict[str, object]:
        days = keep_days(self._settings.retention)
        return {"now_ns": self._clock(), "keep_days": {one: days[one] for one in classes}}

    async def _caught_up(self, call: Call) -> int:
        """Wait until the store has all that was published; return how far that is."""
        sequence = self._publisher.sequence
        await self._access.reach(sequence, within_s=call.seconds_left(self._timeout_s))
        return sequence

    async def _holds(self, sequence: int) -> dict[int, LegalHold]:
        events = await self._access.events(1, sequence, HOLD_EVENTS, backward=False, limit=None)
        return folded(events)

    async def _store_to_clear(self) -> str:
        """Return the URL of the store to remove from; raise WrongState where that is not to be."""
        if self._comparing:
            raise WrongState("a verification compares the event store now: try again later")
        phase = IDLE if self._moves is None else await self._moves.phase()
        if is_moving(phase):
            raise WrongState(
                f"the event store is moved, in phase {phase_name(phase)}: what is removed from one "
                "store is a difference; apply retention once the move is completed or taken back",
                value=phase,
            )
        read, named_store = self._access.url, self._settings.retention.store
        if named_store and not same_database(named_store, read):
            raise WrongState(
                f"retention.store is {named(named_store)}, and events are read from {named(read)}: "
                "name that database there too, as a role that may remove events"
            )
        return named_store or read

    async def _earlier(self, request_id: int, call: Call) -> Event | None:
        """Return the event of an earlier act of the caller with this request id, or None."""
        if not request_id:
            return None
        query = EventQuery(
            aggregate_type=AggregateType.AGGREGATE_TYPE_VENUE,
            event_types=(HOLD_CHANGED, APPLIED),
            principal_id=call.identity.number,
            correlation_id=request_id - (1 << 64) if request_id >= 1 << 63 else request_id,
        )
        last = self._access.sequence
        found = await self._access.events(1, last, query, backward=True, limit=1)
        return event_of(found[0], Upcasting()) if found else None

    async def _recorded(
        self,
        event_type: int,
        payload: Message,
        request: ApplyRetentionRequest | SetLegalHoldRequest,
        call: Call,
    ) -> ResultRow:
        """Write an act to the journal; wait until it is stored."""
        command = partial(
            admin_commands.record_act,
            event_type=event_type,
            payload=payload.SerializeToString(deterministic=True),
            request_id=request.request_id,
            actor=call.identity.actor(),
        )
        result = await self._writer.administer(command).stored()
        check(result, request)
        return result

    def _check_hold(self, request: SetLegalHoldRequest) -> None:
        if not request.text:
            raise InvalidField("text", "is required: why, for the audit trail")
        check_text(request.text)
        if request.lift:
            return
        if len(request.account_ids) > MAX_ACCOUNTS:
            problem, value = f"names more than {MAX_ACCOUNTS} accounts", len(request.account_ids)
            raise InvalidField("account_ids", problem, limit=MAX_ACCOUNTS, value=value)
        for account_id in request.account_ids:
            if not 1 <= account_id <= self._exchange.account_count:
                raise NotFound(f"there is no account {account_id}", value=account_id)
        first, until = request.from_time_ns, request.until_time_ns
        for field, value in (("from_time_ns", first), ("until_time_ns", until)):
            if value < 0:
                raise InvalidField(field, "is negative", limit=0, value=value)
        if until and until <= first:
            problem = "does not lie behind from_time_ns"
            raise InvalidField("until_time_ns", problem, limit=first, value=until)


def keep_days(settings: RetentionSettings) -> dict[int, int]:
    """Return for how many days each class of events is kept."""
    return {
        ORDERS: settings.orders_days,
        LEDGER: settings.ledger_days,
        INSTRUMENTS: settings.instruments_days,
        ADMINISTRATION: settings.administration_days,
    }


def _changed(request: SetLegalHoldRequest, holds: dict[int, LegalHold]) -> LegalHold:
    """Return the hold as the request makes it, which stands beside those that there are."""
    number = request.legal_hold_id
    before = holds.get(number)
    if number and before is None:
        raise NotFound(f"there is no legal hold {number}", value=number)
    if before is not None and before.lifted:
        raise WrongState(f"legal hold {number} is lifted: set a new one", value=number)
    if request.lift:
        if before is None:
            raise InvalidField("legal_hold_id", "is required to lift a hold")
        lifted = LegalHold()
        lifted.CopyFrom(before)
        lifted.lifted, lifted.text = True, request.text
        return lifted
    name = request.name or ("" if before is None else before.name)
    _check_name(name, number, holds)
    return LegalHold(
        legal_hold_id=number or max(holds, default=0) + 1,
        name=name,
        account_ids=sorted(set(request.account_ids)),
        from_time_ns=request.from_time_ns,
        until_time_ns=request.until_time_ns,
        text=request.text,
    )


def _makes(request: SetLegalHoldRequest, hold: LegalHold, holds: dict[int, LegalHold]) -> bool:
    """Tell whether a request makes this hold of those that there were."""
    try:
        return _changed(request, holds) == hold
    except RpcFailure:
        return False


def _reused(request: ApplyRetentionRequest | SetLegalHoldRequest) -> Refused:
    return Refused(RejectReason.REJECT_REASON_REQUEST_ID_REUSED, value=request.request_id)


def _check_name(name: str, number: int, holds: dict[int, LegalHold]) -> None:
    if not 1 <= len(name) <= MAX_NAME_BYTES or not all(" " <= one <= "~" for one in name):
        problem = f"is not 1 to {MAX_NAME_BYTES} printable ASCII characters"
        raise InvalidField("name", problem, limit=MAX_NAME_BYTES, value=len(name))
    for other, hold in holds.items():
        if hold.name == name and other != number:
            raise AlreadyExists(f"legal hold {other} has the name {name}", value=other)


def _number(hold: LegalHold) -> int:
    return hold.legal_hold_id
