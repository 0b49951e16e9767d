"""InstrumentService: what is listed, and what may happen to it now."""

from google.protobuf.message import Message

from quantumcore.server.api.catalogue import LOW_64, Catalogue
from quantumcore.server.api.currencies import CURRENCIES, CURRENCY_NUMBERS
from quantumcore.server.api.errors import AlreadyExists, InvalidField, NotFound, Refused
from quantumcore.server.api.listing import changed_definition, definition_of
from quantumcore.server.api.margin_terms import terms_of
from quantumcore.server.api.pages import Page
from quantumcore.server.api.reads import Reads
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.status_stream import StatusStreams
from quantumcore.server.api.turn import ResultRow
from quantumcore.server.api.writer import Writer
from quantumcore.server.core import admin_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1.currency_pb2 import Currency
from quantumcore.v1.instrument_pb2 import Instrument, InstrumentStatus
from quantumcore.v1.instrument_service_pb2 import (
    CreateInstrumentRequest,
    CreateInstrumentResponse,
    GetInstrumentRequest,
    GetInstrumentResponse,
    ListCurrenciesRequest,
    ListCurrenciesResponse,
    ListInstrumentsRequest,
    ListInstrumentsResponse,
    SetTradingPhaseRequest,
    SetTradingPhaseResponse,
    StreamInstrumentStatusRequest,
    UpdateInstrumentRequest,
    UpdateInstrumentResponse,
)
from quantumcore.v1.types_pb2 import TradingPhase

MAX_TEXT_BYTES = 128


class InstrumentService:
    """List instruments, read them, and set their phase."""

    def __init__(
        self,
        exchange: Exchange,
        writer: Writer,
        catalogue: Catalogue,
        reads: Reads,
        statuses: StatusStreams,
    ) -> None:
        self._exchange = exchange
        self._writer = writer
        self._catalogue = catalogue
        self._reads = reads
        self._statuses = statuses

    async def create_instrument(
        self, request: CreateInstrumentRequest, call: Call
    ) -> CreateInstrumentResponse:
        """List an instrument; it starts CLOSED."""
        call.identity.require_admin()
        symbols = self._catalogue.symbols
        if symbols.taken(request.symbol, request.request_id):
            raise AlreadyExists(f"there is an instrument {request.symbol}")
        definition = definition_of(request, self._exchange, time_ns=self._exchange.time_ns)
        row = self._writer.administer(
            lambda exchange: self._list(
                exchange, definition, request.request_id, call, instrument_id=0
            )
        )
        instrument_id = row.result.affected
        if not row.result.reject_reason:
            symbols.take(definition.symbol, instrument_id, request.request_id)
        result = await row.stored()
        check(result, request)
        return CreateInstrumentResponse(
            instrument=self._catalogue.instruments[instrument_id],
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    async def update_instrument(
        self, request: UpdateInstrumentRequest, call: Call
    ) -> UpdateInstrumentResponse:
        """Change the bounds of an instrument from now on."""
        call.identity.require_admin()
        instrument_id = request.instrument_id
        if not 1 <= instrument_id <= self._exchange.instrument_count:
            raise NotFound(f"there is no instrument {instrument_id}", value=instrument_id)
        listed = Instrument.FromString(self._exchange.definition(instrument_id))
        changed = changed_definition(request, listed)
        row = self._writer.administer(
            lambda exchange: self._list(
                exchange, changed, request.request_id, call, instrument_id=instrument_id
            )
        )
        result = await row.stored()
        check(result, request)
        return UpdateInstrumentResponse(
            instrument=self._catalogue.instruments[instrument_id],
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    async def get_instrument(
        self, request: GetInstrumentRequest, call: Call
    ) -> GetInstrumentResponse:
        """Read one instrument, by id or by symbol."""
        await self._reads.wait_for(request.min_sequence, call)
        instrument_id = request.instrument_id or self._catalogue.symbols.find(request.symbol)
        instrument = self._catalogue.instruments.get(instrument_id)
        if instrument is None:
            raise NotFound(f"there is no instrument {request.symbol or instrument_id}")
        return GetInstrumentResponse(instrument=instrument, sequence=self._writer.released_sequence)

    async def list_instruments(
        self, request: ListInstrumentsRequest, call: Call
    ) -> ListInstrumentsResponse:
        """List instruments in the order of their ids."""
        page = Page.of(request, "kind", "symbol_prefix", "underlying_instrument_id")
        await self._reads.wait_for(request.min_sequence, call)
        found = [
            instrument
            for instrument_id, instrument in sorted(self._catalogue.instruments.items())
            if instrument_id > page.after and _matches(instrument, request)
        ]
        shown, token = page.cut(found, lambda instrument: instrument.instrument_id)
        return ListInstrumentsResponse(
            instruments=shown, next_page_token=token, sequence=self._writer.released_sequence
        )

    async def set_trading_phase(
        self, request: SetTradingPhaseRequest, call: Call
    ) -> SetTradingPhaseResponse:
        """Change the phase of an instrument at once."""
        call.identity.require_admin()
        self._check_phase(request)
        row = self._writer.administer(
            lambda exchange: admin_commands.set_trading_phase(
                exchange,
                instrument_id=request.instrument_id,
                phase=request.phase,
                text=request.text.encode(),
                request_id=request.request_id,
                actor=call.identity.actor(),
            )
        )
        result = await row.stored()
        check(result, request)
        return SetTradingPhaseResponse(
            status=self._status(request.instrument_id),
            sequence=result.sequence,
            repeated_request=result.repeated,
        )

    async def stream_instrument_status(
        self, request: StreamInstrumentStatusRequest, call: Call
    ) -> None:
        """Serve a stream of statuses until it ends."""
        await self._statuses.serve(request, call)

    async def list_currencies(
        self, request: ListCurrenciesRequest, call: Call
    ) -> ListCurrenciesResponse:
        """List the currencies that instruments can settle in."""
        page = Page.of(request)
        await self._reads.wait_for(request.min_sequence, call)
        numbered = list(enumerate(CURRENCIES.values(), 1))[page.after :]
        shown, token = page.cut(numbered, lambda entry: entry[0])
        return ListCurrenciesResponse(
            currencies=[Currency(**known._asdict()) for _number, known in shown],
            next_page_token=token,
            sequence=self._writer.released_sequence,
        )

    def _check_phase(self, request: SetTradingPhaseRequest) -> None:
        if request.phase not in TradingPhase.values() or not request.phase:
            raise InvalidField("phase", "is required", value=request.phase)
        check_text(request.text)
        if not 1 <= request.instrument_id <= self._exchange.instrument_count:
            raise NotFound(f"there is no instrument {request.instrument_id}")

    def _status(self, instrument_id: int) -> InstrumentStatus:
        instrument = self._catalogue.instruments[instrument_id]
        change = self._catalogue.phase_changes[instrument_id]
        return InstrumentStatus(
            instrument_id=instrument_id,
            sequence=instrument.sequence,
            time_ns=self._catalogue.changed_time_ns[instrument_id],
            phase=instrument.phase,
            price_band_breached=change.price_band_breached,
            text=change.text,
        )

    def _list(
        self,
        exchange: Exchange,
        definition: Instrument,
        request_id: int,
        call: Call,
        *,
        instrument_id: int,
    ) -> int:
        product = self._catalogue.product(definition) if definition.HasField("future") else 0
        return admin_commands.create_instrument(
            exchange,
            tick_size=definition.tick_size,
            lot_size=definition.lot_size,
            min_price=definition.min_price,
            max_price=definition.max_price,
            max_quantity=definition.max_quantity,
            protection_band=definition.protection_band,
            tick_value=definition.tick_value,
            expiry_time_ns=definition.expiry_time_ns,
            phase=TradingPhase.TRADING_PHASE_CLOSED,
            price_band=definition.price_band,
            auction_duration_ns=definition.auction_duration_ns,
            currency=CURRENCY_NUMBERS[definition.currency],
            terms=terms_of(definition, exchange, product),
            definition=definition.SerializeToString(deterministic=True),
            instrument_id=instrument_id,
            request_id=request_id & LOW_64,
            actor=call.identity.actor(),
        )


def check_text(text: str) -> None:
    """Raise InvalidField where the reason that an operator gives is too long."""
    size = len(text.encode())
    if size > MAX_TEXT_BYTES:
        problem = f"is above {MAX_TEXT_BYTES} bytes"
        raise InvalidField("text", problem, limit=MAX_TEXT_BYTES, value=size)


def check(result: ResultRow, request: Message) -> None:
    """Raise Refused where the core has refused an administrative command."""
    if result.reject_reason:
        field = request.DESCRIPTOR.fields_by_number.get(result.reject_field)
        raise Refused(
            result.reject_reason,
            limit=result.limit,
            value=result.value,
            field=field.name if field is not None else "",
        )


def _matches(instrument: Instrument, request: ListInstrumentsRequest) -> bool:
    underlying = request.underlying_instrument_id
    return (
        request.kind in {0, instrument.kind}
        and instrument.symbol.startswith(request.symbol_prefix)
        and underlying
        in {
            0,
            instrument.option.underlying_instrument_id,
            instrument.future.underlying_instrument_id,
        }
    )
