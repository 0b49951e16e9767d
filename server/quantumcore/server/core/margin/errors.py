"""What the door of the margin engine refuses.

CoreError
└── MarginError
    ├── TermsRefused        a holding's terms are outside their bounds
    ├── TermsDisagree       two holdings state different facts about one thing
    └── PortfolioTooLarge   more holdings than a portfolio has room for
"""

from quantumcore.server.core.errors import CoreError


class MarginError(CoreError):
    """Any refusal of the margin engine."""


class TermsRefused(MarginError):
    """A field of a holding, a rate or a risk array is outside its bounds."""

    def __init__(self, field: str, value: int, bounds: str) -> None:
        super().__init__(f"{field} is {value}: it must be {bounds}")
        self.field, self.value = field, value


class TermsDisagree(MarginError):
    """Two holdings state different facts about one instrument or one underlying."""

    def __init__(self, field: str, instrument_id: int) -> None:
        super().__init__(
            f"{field} of instrument {instrument_id} differs from what was stated before"
        )
        self.field, self.instrument_id = field, instrument_id


class PortfolioTooLarge(MarginError):
    """A portfolio holds more instruments than it has room for."""

    def __init__(self, capacity: int) -> None:
        super().__init__(f"a portfolio holds {capacity} instruments at most")
        self.capacity = capacity
