"""Number the events of a journal, one record after the other, and keep who caused them."""

from google.protobuf.message import Message

from quantumcore.server.core import kinds
from quantumcore.server.store.decoding.state import DecoderState
from quantumcore.server.store.event_types import NEWEST_VERSIONS
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1.event_pb2 import AggregateType
from quantumcore.v1.multi_leg_order_event_pb2 import MendedLeg

ORDER = int(AggregateType.AGGREGATE_TYPE_ORDER)
MULTI_LEG_ORDER = int(AggregateType.AGGREGATE_TYPE_MULTI_LEG_ORDER)
POSITION = int(AggregateType.AGGREGATE_TYPE_POSITION)
ACCOUNT = int(AggregateType.AGGREGATE_TYPE_ACCOUNT)
INSTRUMENT = int(AggregateType.AGGREGATE_TYPE_INSTRUMENT)
VENUE = int(AggregateType.AGGREGATE_TYPE_VENUE)
VENUE_ID = 1
GREATEST = 2**63 - 1
_stored = tuple.__new__  # StoredEvent's own way would be one more call for each event


def clipped(value: int) -> int:
    """Return a sum, or the greatest that a message can tell where it is beyond that."""
    return value if -GREATEST <= value <= GREATEST else max(-GREATEST, min(GREATEST, value))


class Telling:
    """Collects events; `begin_command` and `begin_record` say where the journal stands."""

    def __init__(self, state: DecoderState) -> None:
        self.state = state
        self.events: list[StoredEvent] = []
        self.command: list[int] = []
        self.command_bytes = b""
        self.mended_legs: dict[tuple[int, int], MendedLeg] = {}
        self.command_kind = self.command_id = self.time_ns = 0
        self.sequence = self.part = 0
        self._cause = (0, 0, 0, 0, 0)

    def begin_command(self, words: list[int], data: bytes) -> None:
        """Take a command; events that follow are its."""
        self.state.command_count += 1
        self.command, self.command_bytes = words, data
        self.command_id = self.state.command_count
        self.mended_legs.clear()
        self.command_kind = words[kinds.HEADER] & 0xFFFF
        actor = words[kinds.COMMAND_ACTOR]
        self._cause = (
            self.time_ns,
            self.command_id,
            words[kinds.COMMAND_REQUEST_ID],
            actor & kinds.LOW_HALF,
            actor >> 32 & kinds.SESSION_NUMBER,
        )

    def begin_record(self, sequence: int) -> None:
        """Take an event record; the events told next are its parts."""
        self.sequence, self.part = sequence, 0

    def command_text(self, at_length: int, at_text: int) -> bytes:
        """Return the text of the command, whose length and beginning stand at these words."""
        start = 8 * at_text
        return self.command_bytes[start : start + self.command[at_length]]

    @property
    def command_account(self) -> int:
        """The account that the command names; 0: none."""
        return self.command[kinds.COMMAND_PARTIES] & kinds.LOW_HALF

    def order(
        self,
        order_id: int,
        version: int,
        event_type: int,
        account_id: int,
        instrument_id: int,
        payload: Message,
    ) -> None:
        """Tell of an order, whose own events are counted by the core."""
        self._tell(ORDER, order_id, version, event_type, account_id, instrument_id, payload)

    def package(self, order_id: int, event_type: int, account_id: int, payload: Message) -> None:
        """Tell of a multi-leg order."""
        versions = self.state.package_versions
        version = versions[order_id] = versions.get(order_id, 0) + 1
        self._tell(MULTI_LEG_ORDER, order_id, version, event_type, account_id, 0, payload)

    def position(
        self, key: int, version: int, event_type: int, instrument_id: int, payload: Message
    ) -> None:
        """Tell of a position, which the caller counts."""
        self._tell(POSITION, key, version, event_type, key >> 32, instrument_id, payload)

    def account(
        self, account_id: int, event_type: int, payload: Message, instrument_id: int = 0
    ) -> None:
        """Tell of an account; where there is none, of the venue."""
        if account_id == 0:
            self.venue(event_type, payload)
            return
        versions = self.state.account_versions
        version = versions[account_id] = versions.get(account_id, 0) + 1
        self._tell(ACCOUNT, account_id, version, event_type, account_id, instrument_id, payload)

    def instrument(self, instrument_id: int, event_type: int, payload: Message) -> None:
        """Tell of an instrument."""
        versions = self.state.instrument_versions
        version = versions[instrument_id] = versions.get(instrument_id, 0) + 1
        self._tell(INSTRUMENT, instrument_id, version, event_type, 0, instrument_id, payload)

    def venue(self, event_type: int, payload: Message, instrument_id: int = 0) -> None:
        """Tell of the venue itself."""
        self.state.venue_version += 1
        version = self.state.venue_version
        self._tell(VENUE, VENUE_ID, version, event_type, 0, instrument_id, payload)

    def _tell(
        self,
        aggregate_type: int,
        aggregate_id: int,
        version: int,
        event_type: int,
        account_id: int,
        instrument_id: int,
        payload: Message,
    ) -> None:
        columns = (
            aggregate_type,
            self.sequence,
            self.part,
            aggregate_id,
            version,
            event_type,
            NEWEST_VERSIONS.get(event_type, 1),
            *self._cause,
            account_id,
            instrument_id,
            payload.SerializeToString(deterministic=True),
        )
        self.events.append(_stored(StoredEvent, columns))
        self.part += 1
