"""How far a store has been fed from its journal."""

from typing import NamedTuple

from quantumcore.server.journal.layout import NO_BLOCK_HASH


class FeedPosition(NamedTuple):
    """The last block of the journal that is in the store; all zeros before the first.

    The hash vouches for the whole journal up to it: two stores with one hash hold one history.
    """

    block_number: int = 0
    sequence: int = 0
    command_count: int = 0
    event_count: int = 0
    time_ns: int = 0
    block_hash: bytes = NO_BLOCK_HASH


BEGINNING = FeedPosition()
