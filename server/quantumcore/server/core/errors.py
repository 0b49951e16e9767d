"""What can go wrong in the exchange beside users' mistakes, which are values.

CoreError
├── ReplayDiverged   journaled commands did not give the journaled events
└── StateUnfit       a stored state is not one of this exchange
"""


class CoreError(Exception):
    """Any failure of the exchange itself."""


class ReplayDiverged(CoreError):
    """Journaled commands, executed again, did not give the journaled events."""

    def __init__(self, first_sequence: int, why: str) -> None:
        super().__init__(
            f"replay diverged in the turn that begins with sequence {first_sequence}: {why}"
        )
        self.first_sequence = first_sequence


class StateUnfit(CoreError):
    """A stored state is not one of an exchange that was built like this."""
