"""StreamInstrumentStatus: how instruments stand, then every change."""

from quantumcore.server.api.catalogue import Catalogue, PhaseChange
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

MAX_INSTRUMENTS = 1000
CHANGES = (kinds.INSTRUMENT_LISTED, kinds.INSTRUMENT_UPDATED, kinds.PHASE_CHANGED)


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

    def send_present(self, instrument_id: int) -> None:
        """Send how an instrument stands now, with its terms."""
        instrument = self._catalogue.instruments[instrument_id]
        status = InstrumentStatus(
            instrument_id=instrument_id,
            sequence=instrument.sequence,
            time_ns=self._catalogue.changed_time_ns[instrument_id],
            phase=instrument.phase,
        )
        if (change := self._catalogue.phase_changes.get(instrument_id)) is not None:
            status.price_band_breached, status.text = change[1:]
        self._send(status)

    def send(self, notice: Notice, time_ns: int) -> None:
        """Send what a notice changed: the phase, or the terms."""
        status = InstrumentStatus(
            instrument_id=notice.subject, sequence=notice.sequence, time_ns=time_ns
        )
        if notice.kind == kinds.PHASE_CHANGED:
            change = PhaseChange.of(notice)
            status.phase, status.price_band_breached, status.text = change
        else:
            instrument = self._catalogue.instruments[notice.subject]
            status.phase = instrument.phase
            status.instrument.CopyFrom(instrument)
        self._send(status)

    def _send(self, status: InstrumentStatus) -> None:
        status.previous_sequence = self._sent.get(status.instrument_id, 0)
        if status.previous_sequence == 0:
            status.instrument.CopyFrom(self._catalogue.instruments[status.instrument_id])
        self._sent[status.instrument_id] = status.sequence
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
            if notice.kind in CHANGES:
                for follower in self._followers:
                    if follower.follows(notice.subject):
                        follower.send(notice, time_ns)

    async def serve(self, request: StreamInstrumentStatusRequest, call: Call) -> None:
        """Serve one stream until either side ends it."""
        self._check(request)
        with self._streams.opened(StreamInstrumentStatusResponse) as outbox:
            wanted = frozenset(request.instrument_ids)
            follower = Follower(wanted, outbox, self._catalogue)
            for instrument_id in sorted(self._catalogue.instruments):
                if follower.follows(instrument_id):
                    follower.send_present(instrument_id)
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
