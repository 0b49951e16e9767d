"""Read the records of a turn as named values: for people, tests and slow paths.

Prices and quantities are in 1e-9; enum values are the contract's numbers.
"""

from typing import Any, NamedTuple

from quantumcore.server.core import kinds

RECORDS = (
    "CREATE_ORDER REPLACE_ORDER CANCEL_ORDER CANCEL_ORDERS CREATE_PACKAGE REPLACE_PACKAGE "
    "CANCEL_PACKAGE CREATE_INSTRUMENT SET_TRADING_PHASE "
    "CREATE_ACCOUNT CONFIGURE ADVANCE_TIME SET_REFERENCE BUST_TRADE CORRECT_TRADE "
    "SET_KILL_SWITCH UPDATE_ACCOUNT UPDATE_INSTRUMENT OPEN_SESSION MOVE_CASH SET_LIMITS "
    "SET_SPREAD_CREDIT SET_SCAN_RANGE SET_GROUP_LIMITS RECORD_ACT "
    "ORDER_ACCEPTED ORDER_REJECTED ORDER_FILLED ORDER_CANCELLED ORDER_REPLACED ORDER_EXPIRED "
    "CANCEL_REJECTED REPLACE_REJECTED ORDER_TRIGGERED ORDER_RESTATED ORDER_FILL_BUSTED "
    "ORDER_FILL_CORRECTED ORDER_UNWINDING ORDER_UNWOUND INSTRUMENT_LISTED PHASE_CHANGED "
    "ACCOUNT_OPENED ORDERS_CANCELLED REQUEST_REPEATED CONFIGURED AUCTION_ENDED KILL_SWITCH_SET "
    "ACCOUNT_UPDATED INSTRUMENT_UPDATED CASH_MOVED LIMITS_SET MARGIN_CHANGED "
    "SPREAD_CREDIT_SET SCAN_RANGE_SET GROUP_LIMITS_SET GROUP_KILL_SWITCH_SET ACT_RECORDED"
)
NAMES: dict[int, str] = {getattr(kinds, name): name for name in RECORDS.split()}
FILLS = (kinds.ORDER_FILLED, kinds.ORDER_FILL_BUSTED, kinds.ORDER_FILL_CORRECTED)
REFUSALS = (kinds.ORDER_REJECTED, kinds.CANCEL_REJECTED, kinds.REPLACE_REJECTED)


class Command(NamedTuple):
    """A command as it was let in; `words` are those behind the shared ones, text included."""

    kind: int
    request_id: int
    account_id: int
    instrument_id: int
    identity: int
    session: int
    door_reason: int
    words: tuple[int, ...]


class OrderEvent(NamedTuple):
    """What happened to an order, or the refusal of a command on one."""

    kind: int
    sequence: int
    version: int
    order_id: int
    account_id: int
    instrument_id: int
    execution_type: int
    status: int
    side: int
    order_type: int
    time_in_force: int
    liquidity: int
    cancel_reason: int
    has_price: bool
    request_id: int
    price: int
    quantity: int
    cumulative_quantity: int
    leaves_quantity: int
    last_price: int
    last_quantity: int
    trade_id: int
    cumulative_tick_lots: int
    reject_reason: int
    reject_field: int
    reject_limit: int
    reject_value: int
    client_order_id: str
    original_client_order_id: str
    restatement: int
    shown_quantity: int
    reference_sequence: int
    multi_leg_order_id: int = 0
    leg_number: int = 0
    package_execution_id: int = 0
    reserved: int | None = None
    account_reserved: int | None = None
    position_lots: int | None = None
    open_tick_lots: int | None = None
    realised_tick_lots: int | None = None
    cash: int | None = None
    reject_leg_number: int = 0
    excess_quantity: int = 0
    unwind: bool = False


class Notice(NamedTuple):
    """An event that is not an order's; see kinds.NOTICE_*."""

    kind: int
    sequence: int
    subject: int
    value: int


class AuctionEnd(NamedTuple):
    """How an auction ended: AUCTION_ENDED; `price` is None where nothing traded."""

    kind: int
    sequence: int
    instrument_id: int
    phase: int
    price: int | None
    quantity: int
    imbalance: int
    imbalance_side: int


class Result(NamedTuple):
    """The answer to a command; `record` is its word position in the turn."""

    request_id: int
    order_id: int
    status: int
    repeated: bool
    reject_reason: int
    reject_field: int
    limit: int
    value: int
    cumulative_quantity: int
    leaves_quantity: int
    cumulative_tick_lots: int
    sequence: int
    record: int
    affected: int
    time_ns: int
    reject_leg_number: int = 0


class LevelChange(NamedTuple):
    """A price level after a change (quantity 0: it is gone), and the order that changed it."""

    instrument_id: int
    side: int
    price: int
    quantity: int
    order_count: int
    sequence: int
    action: int
    order_id: int
    order_quantity: int


Record = Command | OrderEvent | Notice | AuctionEnd


def decode(turn: bytes | memoryview) -> list[Record]:
    """Return the records of a turn, or of a journal block's payload, in order.

    Raises ValueError where the words are not whole records.
    """
    words = memoryview(turn).cast("B").cast("q").tolist()
    records: list[Record] = []
    at = 0
    while at < len(words):
        length = words[at] >> 16 & 0xFFFF
        if length == 0 or at + length > len(words):
            raise ValueError(f"no whole record at word {at}")
        records.append(_record(words[at : at + length]))
        at += length
    return records


def decode_results(results: bytes | memoryview) -> list[Result]:
    """Return the rows of `Exchange.results`."""
    return [_result(row) for row in _rows(results, kinds.RESULT_WORDS)]


def decode_levels(levels: bytes | memoryview) -> list[LevelChange]:
    """Return the rows of `Exchange.levels`."""
    return [
        LevelChange(
            instrument_id=row[kinds.LEVEL_INSTRUMENT] & kinds.LOW_HALF,
            side=row[kinds.LEVEL_INSTRUMENT] >> 32 & 0xFF,
            price=row[kinds.LEVEL_PRICE],
            quantity=row[kinds.LEVEL_QUANTITY],
            order_count=row[kinds.LEVEL_ORDERS],
            sequence=row[kinds.LEVEL_SEQUENCE],
            action=row[kinds.LEVEL_INSTRUMENT] >> kinds.LEVEL_ACTION,
            order_id=row[kinds.LEVEL_ORDER_ID],
            order_quantity=row[kinds.LEVEL_ORDER_QUANTITY],
        )
        for row in _rows(levels, kinds.LEVEL_WORDS)
    ]


def describe(record: Record) -> str:
    """Return a record as a line of text: its name, then what it says that is not zero."""
    values = {name: value for name, value in record._asdict().items() if value and name != "kind"}
    return " ".join([NAMES[record.kind], *(f"{name}={value}" for name, value in values.items())])


def _record(words: list[int]) -> Record:
    kind = words[kinds.HEADER] & 0xFFFF
    if kind < kinds.FIRST_EVENT:
        return _command(kind, words)
    if kind <= kinds.LAST_ORDER_EVENT:
        return _order_event(kind, words)
    if kind == kinds.AUCTION_ENDED:
        return _auction_end(words)
    return Notice(
        kind, words[kinds.EVENT_SEQUENCE], words[kinds.NOTICE_SUBJECT], words[kinds.NOTICE_VALUE]
    )


def _command(kind: int, words: list[int]) -> Command:
    return Command(
        kind=kind,
        request_id=words[kinds.COMMAND_REQUEST_ID],
        account_id=words[kinds.COMMAND_PARTIES] & kinds.LOW_HALF,
        instrument_id=words[kinds.COMMAND_PARTIES] >> 32 & kinds.LOW_HALF,
        identity=words[kinds.COMMAND_ACTOR] & kinds.LOW_HALF,
        session=words[kinds.COMMAND_ACTOR] >> 32 & kinds.SESSION_NUMBER,
        door_reason=words[kinds.HEADER] >> 32,
        words=tuple(words[kinds.COMMAND_ACTOR + 1 :]),
    )


def _auction_end(words: list[int]) -> AuctionEnd:
    value = words[kinds.NOTICE_VALUE]
    return AuctionEnd(
        kind=kinds.AUCTION_ENDED,
        sequence=words[kinds.EVENT_SEQUENCE],
        instrument_id=words[kinds.NOTICE_SUBJECT],
        phase=value & 0xFF,
        price=words[kinds.AUCTION_PRICE] if value >> 16 & 1 else None,
        quantity=words[kinds.AUCTION_QUANTITY],
        imbalance=words[kinds.AUCTION_IMBALANCE],
        imbalance_side=value >> 8 & 0xFF,
    )


def _order_event(kind: int, words: list[int]) -> OrderEvent:
    length = words[kinds.EVENT_TEXT_LENGTHS] & kinds.LOW_HALF
    original = kinds.EVENT_TEXT + (length + 7) // 8
    return OrderEvent(
        kind=kind,
        sequence=words[kinds.EVENT_SEQUENCE],
        version=words[kinds.HEADER] >> 32,
        order_id=words[kinds.EVENT_ORDER_ID],
        account_id=words[kinds.EVENT_PARTIES] & kinds.LOW_HALF,
        instrument_id=words[kinds.EVENT_PARTIES] >> 32 & kinds.LOW_HALF,
        **_state(words[kinds.EVENT_STATE]),
        request_id=words[kinds.EVENT_REQUEST_ID],
        price=words[kinds.EVENT_PRICE],
        quantity=words[kinds.EVENT_QUANTITY],
        cumulative_quantity=words[kinds.EVENT_CUMULATIVE_QUANTITY],
        leaves_quantity=words[kinds.EVENT_LEAVES_QUANTITY],
        last_price=words[kinds.EVENT_LAST_PRICE],
        last_quantity=words[kinds.EVENT_LAST_QUANTITY],
        cumulative_tick_lots=words[kinds.EVENT_CUMULATIVE_TICK_LOTS],
        client_order_id=_text(words[kinds.EVENT_TEXT :], length),
        original_client_order_id=_text(words[original:], words[kinds.EVENT_TEXT_LENGTHS] >> 32),
        **_particulars(kind, words),
        **_booked(kind, words),
    )


def _booked(kind: int, words: list[int]) -> dict[str, Any]:
    """Read what stands behind the text: what is reserved, and what became of the position."""
    lengths = words[kinds.EVENT_TEXT_LENGTHS]
    at = kinds.EVENT_TEXT + sum(
        (length + 7) // 8 for length in (lengths & kinds.LOW_HALF, lengths >> 32)
    )
    found, rest = dict[str, Any](), words[at:]
    if len(rest) in {kinds.RESERVED_WORDS, kinds.RESERVED_WORDS + kinds.FILL_WORDS}:
        found |= zip(("reserved", "account_reserved"), rest[:2], strict=True)
        rest = rest[kinds.RESERVED_WORDS :]
    if rest:
        assert kind in FILLS, f"{len(rest)} words behind an event of kind {kind}"
        names = ("position_lots", "open_tick_lots", "realised_tick_lots", "cash")
        found |= zip(names, rest, strict=True)
    return found


def _particulars(kind: int, words: list[int]) -> dict[str, Any]:
    """Read the words that mean something else in each kind of event."""
    refused, restated = kind in REFUSALS, kind == kinds.ORDER_RESTATED
    mended = kind in {kinds.ORDER_FILL_BUSTED, kinds.ORDER_FILL_CORRECTED}
    packaged = words[kinds.EVENT_STATE] >> kinds.STATE_LEG != 0 and not refused
    filled = packaged and kind == kinds.ORDER_FILLED
    package = kinds.EVENT_REFUSED_PACKAGE if refused else kinds.EVENT_PACKAGE
    return {
        "reject_reason": words[kinds.EVENT_REJECT] & kinds.LOW_HALF if refused else 0,
        "reject_field": words[kinds.EVENT_REJECT] >> kinds.REJECT_FIELD & 0xFFFF if refused else 0,
        "reject_leg_number": words[kinds.EVENT_REJECT] >> kinds.REJECT_LEG if refused else 0,
        "reject_limit": words[kinds.EVENT_REJECT_LIMIT] if refused else 0,
        "reject_value": words[kinds.EVENT_REJECT_VALUE] if refused else 0,
        "restatement": words[kinds.EVENT_RESTATEMENT] if restated else 0,
        "shown_quantity": words[kinds.EVENT_SHOWN_QUANTITY] if restated else 0,
        "reference_sequence": words[kinds.EVENT_REFERENCE_SEQUENCE] if mended else 0,
        "trade_id": 0 if refused else words[kinds.EVENT_TRADE_ID],
        "multi_leg_order_id": words[package] if packaged or refused else 0,
        "package_execution_id": words[kinds.EVENT_PACKAGE_EXECUTION] if filled else 0,
        "excess_quantity": (
            words[kinds.EVENT_EXCESS_QUANTITY]
            if packaged and not restated and not words[kinds.EVENT_STATE] >> kinds.STATE_PACKAGE & 1
            else 0
        ),
    }


def _state(word: int) -> dict[str, Any]:
    return {
        "execution_type": word >> kinds.STATE_EXECUTION_TYPE & 0xFF,
        "status": word >> kinds.STATE_STATUS & 0xFF,
        "side": word >> kinds.STATE_SIDE & 0xFF,
        "order_type": word >> kinds.STATE_ORDER_TYPE & 0xFF,
        "time_in_force": word >> kinds.STATE_TIME_IN_FORCE & 0xFF,
        "liquidity": word >> kinds.STATE_LIQUIDITY & 0xFF,
        "cancel_reason": word >> kinds.STATE_CANCEL_REASON & 0xFF,
        "has_price": bool(word >> kinds.STATE_FLAGS & kinds.FLAG_HAS_PRICE),
        "leg_number": word >> kinds.STATE_LEG & kinds.LEG_NUMBER,
        "unwind": bool(word >> kinds.STATE_UNWIND & 1),
    }


def _result(row: list[int]) -> Result:
    state = row[kinds.RESULT_STATE]
    return Result(
        request_id=row[kinds.RESULT_REQUEST_ID],
        order_id=row[kinds.RESULT_ORDER_ID],
        status=state & 0xFF,
        repeated=bool(state >> 8 & 1),
        reject_reason=state >> 16 & 0xFFFF,
        reject_field=state >> kinds.REJECT_FIELD & 0xFFFF,
        reject_leg_number=state >> kinds.REJECT_LEG,
        limit=row[kinds.RESULT_LIMIT],
        value=row[kinds.RESULT_VALUE],
        cumulative_quantity=row[kinds.RESULT_CUMULATIVE_QUANTITY],
        leaves_quantity=row[kinds.RESULT_LEAVES_QUANTITY],
        cumulative_tick_lots=row[kinds.RESULT_CUMULATIVE_TICK_LOTS],
        sequence=row[kinds.RESULT_SEQUENCE],
        record=row[kinds.RESULT_RECORD],
        affected=row[kinds.RESULT_AFFECTED],
        time_ns=row[kinds.RESULT_TIME_NS],
    )


def _rows(words: bytes | memoryview, size: int) -> list[list[int]]:
    values = memoryview(words).cast("B").cast("q").tolist()
    return [values[at : at + size] for at in range(0, len(values), size)]


def _text(words: list[int], length: int) -> str:
    data = b"".join((word & (1 << 64) - 1).to_bytes(8, "little") for word in words)
    return data[:length].decode("ascii")
