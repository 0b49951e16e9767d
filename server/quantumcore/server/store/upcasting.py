"""Read payloads of every version that was ever written as the newest one.

An upcaster leads from one version of an event type to the next. Adding a field needs none: what is
absent has the field's default. One is needed where an old payload has to be told differently.
"""

from collections.abc import Callable, Mapping

from google.protobuf.message import Message

from quantumcore.server.store.errors import EventVersionUnknown
from quantumcore.server.store.event_types import NEWEST_VERSIONS, name_of, payload_class

Upcaster = Callable[[Message], None]
"""Changes a payload of one version in place into one of the next."""

UPCASTERS: dict[tuple[int, int], Upcaster] = {}
"""By event type and the version that is led from."""


class Upcasting:
    """Bring stored payloads to their newest version."""

    def __init__(
        self,
        upcasters: Mapping[tuple[int, int], Upcaster] = UPCASTERS,
        newest_versions: Mapping[int, int] = NEWEST_VERSIONS,
    ) -> None:
        """Refuse, with ValueError, a version that no upcaster leads on from."""
        self._upcasters = upcasters
        self._newest = newest_versions
        for event_type, newest in newest_versions.items():
            for version in range(1, newest):
                if (event_type, version) not in upcasters:
                    raise ValueError(f"nothing leads on from {name_of(event_type)} {version}")

    def newest(self, event_type: int) -> int:
        """Return the version in which a type is written now."""
        return self._newest.get(event_type, 1)

    def read(self, event_type: int, version: int, data: bytes) -> Message:
        """Return a payload in its newest form.

        Raise EventTypeUnknown or EventVersionUnknown for what newer software has written, and
        protobuf's DecodeError for bytes that are no such message.
        """
        payload = payload_class(event_type)()
        self.read_into(payload, event_type, version, data)
        return payload

    def read_into(self, payload: Message, event_type: int, version: int, data: bytes) -> None:
        """Read a payload in its newest form into an empty message of its type, as `read` does."""
        newest = self.newest(event_type)
        if not 1 <= version <= newest:
            raise EventVersionUnknown(name_of(event_type), version, newest)
        payload.ParseFromString(data)
        for step in range(version, newest):
            self._upcasters[event_type, step](payload)
