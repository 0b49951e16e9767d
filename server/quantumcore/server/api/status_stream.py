"""StreamInstrumentStatus: how instruments stand, then every change."""

from quantumcore.server.api.catalogue import Catalogue
from quantumcore.server.api.errors import InvalidField, NotFound, NotSupported
from quantumcore.server.api.outbox import Outbox
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.streams import Streams, pump
from quantumcore.server.core import kinds
from quantumcore.server.feed.scan_cy import Notice
from quantumcore.v1.instrument_pb2 import InstrumentStatus
from quantumcore.v1.instrument_service_pb2 import (
    StreamInstrumentStatusRequest,
    StreamInstrumentStatusResponse,
)
from quantumcore.v1.types_pb2 import TradingPhase

MAX_INSTRUMENTS = 1000


class Follower:
    """One stream, and the last status of each instrument that it was sent."""

    def __init__(self, instruments: frozenset[int], outbox: Outbox, catalogue: Catalogue) -> None:
        self._instruments = instruments
        self._outbox = outbox
        self._catalogue = catalogue
        self._sent: dict[int, int] = {}

    def follows(self, instrument_id: int) -> bool:
        """Tell whether it wants this instrument."""
        return not self._instruments or instrument_id in self._instruments

    def send(self, instrument_id: int, phase: int, sequence: int, time_ns: int) -> None:
        """Send how an instrument stands; its terms too, the first time."""
        previous = self._sent.get(instrument_id, 0)
        status = InstrumentStatus(
            instrument_id=instrument_id,
            previous_sequence=previous,
            sequence=sequence,
            time_ns=time_ns,
            phase=TradingPhase.ValueType(phase),
            instrument=None if previous else self._catalogue.instruments[instrument_id],
        )
        self._sent[instrument_id] = sequence
        self._outbox.put(StreamInstrumentStatusResponse(updates=[status]).SerializeToString())


class StatusStreams:
    """Serve streams of statuses; told of every published turn that has notices."""

    def __init__(self, catalogue: Catalogue, streams: Streams) -> None:
        self._catalogue = catalogue
        self._streams = streams
        self._followers: set[Follower] = set()

    def publish(self, notices: list[Notice], time_ns: int) -> None:
        """Take the notices of a stored turn."""
        for notice in notices:
            if notice.kind in {kinds.INSTRUMENT_LISTED, kinds.PHASE_CHANGED}:
                for follower in self._followers:
                    if follower.follows(notice.subject):
                        follower.send(notice.subject, notice.value, notice.sequence, time_ns)

    async def serve(self, request: StreamInstrumentStatusRequest, call: Call) -> None:
        """Serve one stream until either side ends it."""
        self._check(request)
        with self._streams.opened(StreamInstrumentStatusResponse) as outbox:
            wanted = frozenset(request.instrument_ids)
            follower = Follower(wanted, outbox, self._catalogue)
            for instrument_id, instrument in sorted(self._catalogue.instruments.items()):
                if follower.follows(instrument_id):
                    time_ns = self._catalogue.changed_time_ns[instrument_id]
                    follower.send(instrument_id, instrument.phase, instrument.sequence, time_ns)
            self._followers.add(follower)
            try:
                await pump(call, outbox)
            finally:
                self._followers.discard(follower)

    def _check(self, request: StreamInstrumentStatusRequest) -> None:
        count = len(request.instrument_ids)
        if count > MAX_INSTRUMENTS:
            problem = f"holds more than {MAX_INSTRUMENTS}"
            raise InvalidField("instrument_ids", problem, limit=MAX_INSTRUMENTS, value=count)
        if request.from_sequence:
            raise NotSupported("from_sequence of this stream is not in this release; leave it 0")
        for instrument_id in request.instrument_ids:
            if instrument_id not in self._catalogue.instruments:
                raise NotFound(f"there is no instrument {instrument_id}", value=instrument_id)
