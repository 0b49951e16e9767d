"""One record of an order event, its words read once."""

from quantumcore.server.core import enums, kinds

ENDED = frozenset(
    {
        enums.ORDER_STATUS_FILLED,
        enums.ORDER_STATUS_CANCELLED,
        enums.ORDER_STATUS_REJECTED,
        enums.ORDER_STATUS_EXPIRED,
        enums.ORDER_STATUS_UNWOUND,
    }
)
WITH_POSITION = frozenset({kinds.ORDER_FILLED, kinds.ORDER_FILL_BUSTED, kinds.ORDER_FILL_CORRECTED})
REFUSALS = frozenset({kinds.ORDER_REJECTED, kinds.CANCEL_REJECTED, kinds.REPLACE_REJECTED})


class OrderRecord:
    """The words of an order event, and what is packed in them."""

    __slots__ = (
        "_data",
        "_lengths",
        "account_id",
        "instrument_id",
        "is_package",
        "kind",
        "leg_number",
        "order_id",
        "price",
        "state",
        "status",
        "tail",
        "version",
        "words",
    )

    def __init__(self, words: list[int], data: bytes) -> None:
        """Take a whole record, as words and as bytes."""
        self.words, self._data = words, data
        header, parties = words[kinds.HEADER], words[kinds.EVENT_PARTIES]
        self.kind, self.version = header & 0xFFFF, header >> 32
        self.order_id = words[kinds.EVENT_ORDER_ID]
        self.account_id = parties & kinds.LOW_HALF
        self.instrument_id = parties >> 32
        state = self.state = words[kinds.EVENT_STATE]
        self.status = state >> kinds.STATE_STATUS & 0xFF
        traits = state >> kinds.STATE_FLAGS
        self.leg_number = traits >> 1 & kinds.LEG_NUMBER
        self.is_package = traits >> kinds.STATE_PACKAGE - kinds.STATE_FLAGS & 1
        self.price = words[kinds.EVENT_PRICE] if traits & kinds.FLAG_HAS_PRICE else None
        lengths = self._lengths = words[kinds.EVENT_TEXT_LENGTHS]
        text_words = ((lengths & kinds.LOW_HALF) + 7 >> 3) + ((lengths >> 32) + 7 >> 3)
        self.tail = kinds.EVENT_TEXT + text_words

    @property
    def is_over(self) -> bool:
        """Whether the order has ended."""
        return self.status in ENDED

    @property
    def side(self) -> int:
        """Side on which it traded: of a fill that reverses, the opposite of the leg's own."""
        return self.state >> kinds.STATE_SIDE & 0xFF

    @property
    def is_unwind(self) -> bool:
        """Whether it reverses an earlier fill."""
        return bool(self.state >> kinds.STATE_UNWIND & 1)

    @property
    def liquidity(self) -> int:
        """Maker, taker or auction."""
        return self.state >> kinds.STATE_LIQUIDITY & 0xFF

    @property
    def cancel_reason(self) -> int:
        """Why it ended."""
        return self.state >> kinds.STATE_CANCEL_REASON & 0xFF

    @property
    def package_id(self) -> int:
        """The multi-leg order that it belongs to, itself where it is one; 0: none."""
        if self.kind in REFUSALS:
            return self.words[kinds.EVENT_REFUSED_PACKAGE]
        return self.words[kinds.EVENT_PACKAGE] if self.leg_number or self.is_package else 0

    @property
    def reserved(self) -> tuple[int, int] | None:
        """What is reserved for the order and for its account since, where that is told."""
        words, at = self.words, self.tail
        told = len(words) - at - (kinds.FILL_WORDS if self._tells_position else 0)
        return (words[at], words[at + 1]) if told == kinds.RESERVED_WORDS else None

    @property
    def _tells_position(self) -> bool:
        return self.kind in WITH_POSITION and not self.is_package

    @property
    def client_order_id(self) -> str:
        """The owner's id of the order."""
        start = 8 * kinds.EVENT_TEXT
        return self._data[start : start + (self._lengths & kinds.LOW_HALF)].decode("ascii")

    @property
    def original_client_order_id(self) -> str:
        """The owner's id of the order before it was replaced."""
        start = 8 * (kinds.EVENT_TEXT + ((self._lengths & kinds.LOW_HALF) + 7 >> 3))
        return self._data[start : start + (self._lengths >> 32)].decode("ascii")
