"""What all commands share."""

from collections.abc import Iterator

from tests.server.core.model import placing
from tests.server.core.model.admission import Refusal, first_refusal
from tests.server.core.model.order import Order
from tests.server.core.model.world import World


class Desk:
    """Notes what the answer to the command is to say, beside what happens in the world."""

    def __init__(self) -> None:
        self.world = World()
        self.concerned: Order | None = None
        self.refused: Refusal | None = None
        self.affected = 0

    def refuse(self, refusals: Iterator[Refusal]) -> bool:
        """Note the first of the reasons against a command; return whether there is one."""
        self.refused = first_refusal(refusals)
        return self.refused is not None

    def particulars(self) -> dict[str, int]:
        """Return what a refusal's event says of it."""
        assert self.refused is not None
        return {f"reject_{name}": value for name, value in self.refused._asdict().items()}

    def cancel_all(self, orders: list[Order], reason: int) -> None:
        """Cancel orders one after the other, and count them."""
        for order in orders:
            placing.cancel(self.world, order, reason)
        self.affected += len(orders)
