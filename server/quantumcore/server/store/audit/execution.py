"""Execute the journaled commands again, in an exchange of its own."""

from quantumcore.server.core.admin_commands import configuration_of
from quantumcore.server.core.errors import ReplayDiverged
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.journal.layout import Block
from quantumcore.server.store.audit.defects import Deviation, replay_deviation
from quantumcore.v1.log_pb2 import LogDefect


class Execution:
    """Takes every block from the first on; holds the memory of one more exchange."""

    def __init__(self) -> None:
        self._exchange: Exchange | None = None

    def take(self, block: Block) -> None:
        """Execute one block; raise Deviation at the first record that is not the journal's."""
        payload = memoryview(bytearray(block.payload))
        try:
            if self._exchange is None:
                configuration = configuration_of(payload) or {}
                self._exchange = Exchange(**configuration, prefault=False)
            self._exchange.replay(payload, block.time_ns)
        except ReplayDiverged:
            executed = b"" if self._exchange is None else bytes(self._exchange.turn.view())
            raise replay_deviation(block.first_sequence, bytes(payload), executed) from None
        except Exception as problem:  # what forged commands do to an exchange is not foreseen
            text = f"the commands cannot be executed again: {type(problem).__name__} {problem}"
            raise Deviation(LogDefect.LOG_DEFECT_REPLAY, block.first_sequence, text) from problem
