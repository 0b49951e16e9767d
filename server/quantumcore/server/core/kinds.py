"""Name the constants of the core: record kinds, word positions, contract enum values.

A *record* is a run of little-endian int64 words in the turn buffer. Its first word is
`kind | length_in_words << 16 | extra << 32`. In an event, extra counts the events of its
order; in a command it is the RejectReason with which the door refused it, 0 when it was
let in. Commands and the events they caused follow one another: command, its events,
next command, its events. Text is stored as bytes, eight to a word, the last word padded
with zeros; its length stands in a word before it.

Prices and quantities in records are the contract's fixed-point numbers (1e-9);
`kinds.pxd` holds the same names for compiled modules, and a test holds both equal.
"""

from typing import Final

# --- Commands -----------------------------------------------------------------
CREATE_ORDER: Final = 1
REPLACE_ORDER: Final = 2
CANCEL_ORDER: Final = 3
CANCEL_ORDERS: Final = 4
CREATE_PACKAGE: Final = 5
REPLACE_PACKAGE: Final = 6
CANCEL_PACKAGE: Final = 7  # has the words of CANCEL_ORDER
CREATE_INSTRUMENT: Final = 16
SET_TRADING_PHASE: Final = 17
CREATE_ACCOUNT: Final = 18
CONFIGURE: Final = 19
ADVANCE_TIME: Final = 20  # nothing but that time has come: expiries, auction ends, leftovers
SET_REFERENCE: Final = 21
BUST_TRADE: Final = 22
CORRECT_TRADE: Final = 23
SET_KILL_SWITCH: Final = 24
UPDATE_ACCOUNT: Final = 25
UPDATE_INSTRUMENT: Final = 26
FIRST_ADMINISTRATIVE: Final = 16  # commands from here on act for no account

# Words that all commands share.
HEADER: Final = 0
COMMAND_REQUEST_ID: Final = 1
COMMAND_PARTIES: Final = 2  # account_id | instrument_id << 32
COMMAND_ACTOR: Final = 3  # identity number | session number << 32

# CREATE_ORDER
CREATE_TERMS: Final = 4  # packed as TERM_*
CREATE_QUANTITY: Final = 5
CREATE_PRICE: Final = 6
CREATE_STOP_PRICE: Final = 7
CREATE_DISPLAY_QUANTITY: Final = 8
CREATE_PEG_OFFSET: Final = 9
CREATE_MIN_QUANTITY: Final = 10
CREATE_EXPIRE_TIME_NS: Final = 11
CREATE_TEXT_LENGTH: Final = 12  # bytes of client_order_id
CREATE_TEXT: Final = 13

# Bit positions in CREATE_TERMS; enums out of 0..254 are stored as 255.
TERM_SIDE: Final = 0
TERM_ORDER_TYPE: Final = 8
TERM_TIME_IN_FORCE: Final = 16
TERM_STOP_TRIGGER: Final = 24
TERM_PEG_REFERENCE: Final = 32
TERM_SELF_TRADE_PREVENTION: Final = 40
TERM_FLAGS: Final = 48

# Bits of the flags byte.
FLAG_HAS_PRICE: Final = 1
FLAG_HAS_STOP_PRICE: Final = 2
FLAG_POST_ONLY: Final = 4
FLAG_REDUCE_ONLY: Final = 8
# Further bits of an order's traits.
TRAIT_MIN_QUANTITY: Final = 32
TRAIT_PEG_LIMIT: Final = 64
TRAIT_REACHED: Final = 128  # a stop that a trade reached before another one came

# REPLACE_ORDER
REPLACE_ORDER_ID: Final = 4
REPLACE_FLAGS: Final = 5  # FLAG_HAS_PRICE, FLAG_HAS_STOP_PRICE, FLAG_HAS_QUANTITY
REPLACE_QUANTITY: Final = 6
REPLACE_PRICE: Final = 7
REPLACE_STOP_PRICE: Final = 8
REPLACE_TEXT_LENGTHS: Final = 9  # client_order_id | new_client_order_id << 32
REPLACE_TEXT: Final = 10  # client_order_id, then from the next whole word new_client_order_id
FLAG_HAS_QUANTITY: Final = 16

# CANCEL_ORDER
CANCEL_ORDER_ID: Final = 4
CANCEL_TEXT_LENGTH: Final = 5
CANCEL_TEXT: Final = 6

# CANCEL_ORDERS
MASS_SIDE: Final = 4  # 0: both
MASS_SESSION: Final = 5  # only orders entered by this session number; 0: all; or ANY_SESSION
MASS_WORDS: Final = 6

# CREATE_PACKAGE: a multi-leg order; more legs or constraints than fit are counted, not stored
PACKAGE_TERMS: Final = 4  # packed as PACKAGE_TERM_*
PACKAGE_UNITS: Final = 5
PACKAGE_MIN_UNITS: Final = 6
PACKAGE_NET_PRICE: Final = 7
PACKAGE_EXPIRE_TIME_NS: Final = 8
PACKAGE_SEQUENTIAL: Final = 9  # deadline in ms | slippage in basis points << 32
PACKAGE_LEGS: Final = 10  # LEG_WORDS each, MAX_LEGS of them
PACKAGE_CONSTRAINTS: Final = 22  # CONSTRAINT_WORDS each, MAX_CONSTRAINTS of them
PACKAGE_TEXT_LENGTH: Final = 46
PACKAGE_TEXT: Final = 47

# REPLACE_PACKAGE
AMEND_ORDER_ID: Final = 4
AMEND_FLAGS: Final = 5  # FLAG_HAS_PRICE, FLAG_HAS_QUANTITY, bits AMEND_*
AMEND_UNITS: Final = 6
AMEND_NET_PRICE: Final = 7
AMEND_LEG_PRICES: Final = 8  # MAX_LEGS of them
AMEND_TEXT_LENGTHS: Final = 12  # client_order_id | new_client_order_id << 32
AMEND_TEXT: Final = 13
AMEND_LEG: Final = 8  # bit position: the leg's price is to change; bits 8 to 11
AMEND_LEG_PRICE: Final = 12  # bit position: it has one from now on; bits 12 to 15
AMEND_OTHER_LEG: Final = 1 << 16  # a leg is named that no package has

# Bit positions in PACKAGE_TERMS; values out of 0..254 are stored as 255.
PACKAGE_TERM_MODE: Final = 0
PACKAGE_TERM_TIME_IN_FORCE: Final = 8
PACKAGE_TERM_SELF_TRADE_PREVENTION: Final = 16
PACKAGE_TERM_UNWIND_POLICY: Final = 24
PACKAGE_TERM_LEGS: Final = 32  # how many
PACKAGE_TERM_CONSTRAINTS: Final = 40  # how many
PACKAGE_TERM_FLAGS: Final = 48  # FLAG_HAS_PRICE: a net price; FLAG_SEQUENTIAL: sequential terms
FLAG_SEQUENTIAL: Final = 2

MAX_LEGS: Final = 4
LEG_WORDS: Final = 3
LEG_TERMS: Final = 0  # instrument | side << 32 | FLAG_HAS_PRICE << 40
LEG_RATIO: Final = 1  # 1e-9
LEG_PRICE: Final = 2
MAX_CONSTRAINTS: Final = 8
CONSTRAINT_WORDS: Final = 3
CONSTRAINT_TERMS: Final = 0  # CONSTRAINT_* | leg a << 8 | leg b << 16
CONSTRAINT_FIRST: Final = 1
CONSTRAINT_SECOND: Final = 2
CONSTRAINT_RATIO_BAND: Final = 1  # A / B from first to second, 1e-9
CONSTRAINT_MAX_DEVIATION: Final = 2  # |A - B| at most first / 10,000 of |B|
CONSTRAINT_MAX_SPREAD: Final = 3  # |A - B| at most first
UNIT: Final = 10**9  # one unit of a package, as quantities of its events have it

# CREATE_INSTRUMENT; the definition is the serialised contract message, opaque to the core.
LIST_TICK_SIZE: Final = 4
LIST_LOT_SIZE: Final = 5
LIST_MIN_PRICE: Final = 6
LIST_MAX_PRICE: Final = 7
LIST_MAX_QUANTITY: Final = 8
LIST_PROTECTION_BAND: Final = 9
LIST_TICK_VALUE: Final = 10
LIST_EXPIRY_TIME_NS: Final = 11
LIST_PHASE: Final = 12
LIST_PRICE_BAND: Final = 13  # 0: none
LIST_AUCTION_DURATION_NS: Final = 14  # of volatility auctions; 0: an operator ends them
LIST_CURRENCY: Final = 15  # its number at the door
LIST_TEXT_LENGTH: Final = 16
LIST_TEXT: Final = 17

# SET_TRADING_PHASE
PHASE_PHASE: Final = 4
PHASE_TEXT_LENGTH: Final = 5
PHASE_TEXT: Final = 6

# CREATE_ACCOUNT; the definition is the serialised contract message, opaque to the core.
ACCOUNT_SELF_TRADE_GROUP: Final = 4  # below 2**29; 0: the account alone
ACCOUNT_SELF_TRADE_PREVENTION: Final = 5  # 0: NONE
ACCOUNT_TEXT_LENGTH: Final = 6
ACCOUNT_TEXT: Final = 7
# UPDATE_ACCOUNT has the same words; it replaces all of them.

# UPDATE_INSTRUMENT has the words of CREATE_INSTRUMENT; tick and lot size and phase stay.

# SET_REFERENCE: a quote from outside that stops, pegs and marks consult; 1e-9
REFERENCE_HAS: Final = 4  # 1: bid, 2: ask, 4: last
REFERENCE_BID: Final = 5
REFERENCE_ASK: Final = 6
REFERENCE_LAST: Final = 7
REFERENCE_WORDS: Final = 8

# BUST_TRADE, CORRECT_TRADE; the text says why
TRADE_TRADE_ID: Final = 4
TRADE_FLAGS: Final = 5  # FLAG_HAS_PRICE, FLAG_HAS_QUANTITY
TRADE_PRICE: Final = 6
TRADE_QUANTITY: Final = 7
TRADE_TEXT_LENGTH: Final = 8
TRADE_TEXT: Final = 9

# SET_KILL_SWITCH; account 0: the venue
KILL_ENABLED: Final = 4
KILL_TEXT_LENGTH: Final = 5
KILL_TEXT: Final = 6

# CONFIGURE, the first command of a journal: what the exchange that wrote it was built with
CONFIGURE_ORDERS: Final = 4
CONFIGURE_LIVE_ORDERS: Final = 5
CONFIGURE_LEVELS: Final = 6
CONFIGURE_REQUESTS: Final = 7
CONFIGURE_ACCOUNTS: Final = 8
CONFIGURE_INSTRUMENTS: Final = 9
CONFIGURE_HASH_KEY: Final = 10
CONFIGURE_TRADES: Final = 11
CONFIGURE_POSITIONS: Final = 12
CONFIGURE_WORDS: Final = 13

# --- Events -------------------------------------------------------------------
FIRST_EVENT: Final = 64
ORDER_ACCEPTED: Final = 64
ORDER_REJECTED: Final = 65
ORDER_FILLED: Final = 66  # one for each side of a trade: maker first, then taker
ORDER_CANCELLED: Final = 67
ORDER_REPLACED: Final = 68
ORDER_EXPIRED: Final = 69
CANCEL_REJECTED: Final = 70
REPLACE_REJECTED: Final = 71
ORDER_TRIGGERED: Final = 72
ORDER_RESTATED: Final = 73
ORDER_FILL_BUSTED: Final = 74
ORDER_FILL_CORRECTED: Final = 75
LAST_ORDER_EVENT: Final = 79
INSTRUMENT_LISTED: Final = 80
PHASE_CHANGED: Final = 81
ACCOUNT_OPENED: Final = 82
ORDERS_CANCELLED: Final = 83  # end of a mass cancel
REQUEST_REPEATED: Final = 84  # a request_id seen before: nothing was done
CONFIGURED: Final = 85
AUCTION_ENDED: Final = 86
KILL_SWITCH_SET: Final = 87  # subject: account, 0: the venue; value: 1 on, 0 off
ACCOUNT_UPDATED: Final = 88
INSTRUMENT_UPDATED: Final = 89

EVENT_SEQUENCE: Final = 1

# Order events (ORDER_ACCEPTED .. LAST_ORDER_EVENT) all have this form. The version in
# the header counts the events of the order, from 1.
EVENT_ORDER_ID: Final = 2
EVENT_PARTIES: Final = 3  # account_id | instrument_id << 32
EVENT_STATE: Final = 4  # packed as STATE_*
EVENT_REQUEST_ID: Final = 5
EVENT_PRICE: Final = 6
EVENT_QUANTITY: Final = 7
EVENT_CUMULATIVE_QUANTITY: Final = 8
EVENT_LEAVES_QUANTITY: Final = 9
EVENT_LAST_PRICE: Final = 10
EVENT_LAST_QUANTITY: Final = 11
EVENT_TRADE_ID: Final = 12
EVENT_CUMULATIVE_TICK_LOTS: Final = 13
EVENT_REJECT: Final = 14  # reject_reason | reject_field << 32
EVENT_REJECT_LIMIT: Final = 15
EVENT_REJECT_VALUE: Final = 16
# Events without a refusal use these words so:
EVENT_REFERENCE_SEQUENCE: Final = 14  # ORDER_FILL_*: the fill that is busted or corrected
EVENT_RESTATEMENT: Final = 14  # ORDER_RESTATED: RESTATEMENT_*
EVENT_SHOWN_QUANTITY: Final = 15  # ORDER_RESTATED: what the book shows of it
EVENT_PACKAGE_EXECUTION: Final = 14  # ORDER_FILLED of a package or leg: which execution of it
EVENT_PACKAGE: Final = 16  # of a package or leg, without a refusal: order id of the package
EVENT_TEXT_LENGTHS: Final = 17  # client_order_id | original_client_order_id << 32
EVENT_TEXT: Final = 18

# Bit positions in EVENT_STATE, a byte each.
STATE_EXECUTION_TYPE: Final = 0
STATE_STATUS: Final = 8
STATE_SIDE: Final = 16
STATE_ORDER_TYPE: Final = 24
STATE_TIME_IN_FORCE: Final = 32
STATE_LIQUIDITY: Final = 40
STATE_CANCEL_REASON: Final = 48
STATE_FLAGS: Final = 56  # FLAG_HAS_PRICE, then the leg's number, and whether it is a package
STATE_LEG: Final = 57  # 1 to 4; 0: no leg
STATE_PACKAGE: Final = 60  # 1: a package as a whole: no side, no order type, no instrument
LEG_NUMBER: Final = 7  # mask of a leg's number

# INSTRUMENT_LISTED, PHASE_CHANGED, ACCOUNT_OPENED, ORDERS_CANCELLED, REQUEST_REPEATED
NOTICE_SUBJECT: Final = 2  # instrument_id, account_id, or order_id
NOTICE_VALUE: Final = 3  # phase, number of cancelled orders, or request_id
NOTICE_WORDS: Final = 4
# PHASE_CHANGED: its value is phase | phase before << 8 | caused by the price band << 16.
# AUCTION_ENDED: its value is the phase it ended | side left over << 8 | has a price << 16.
AUCTION_PRICE: Final = 4
AUCTION_QUANTITY: Final = 5
AUCTION_IMBALANCE: Final = 6
AUCTION_WORDS: Final = 7

# --- Results: one row for each command of the turn, not journaled ---------------
RESULT_REQUEST_ID: Final = 0
RESULT_ORDER_ID: Final = 1
RESULT_STATE: Final = 2  # status | repeated << 8 | reject_reason << 16 | reject_field << 32
RESULT_LIMIT: Final = 3
RESULT_VALUE: Final = 4
RESULT_CUMULATIVE_QUANTITY: Final = 5
RESULT_LEAVES_QUANTITY: Final = 6
RESULT_CUMULATIVE_TICK_LOTS: Final = 7
RESULT_SEQUENCE: Final = 8
RESULT_RECORD: Final = 9  # word index of the command in the turn buffer
RESULT_AFFECTED: Final = 10
RESULT_TIME_NS: Final = 11
RESULT_WORDS: Final = 12

# --- Level changes: one row for each change of a price level, not journaled -----
# Each names the order that changed it too: applied in order, rows give the book by level
# and by order.
LEVEL_INSTRUMENT: Final = 0  # instrument_id | side << 32 | action << 40
LEVEL_PRICE: Final = 1
LEVEL_QUANTITY: Final = 2  # shown, after the change; 0: the level is gone
LEVEL_ORDERS: Final = 3
LEVEL_SEQUENCE: Final = 4  # of the event that caused it
LEVEL_ORDER_ID: Final = 5
LEVEL_ORDER_QUANTITY: Final = 6  # shown of this order, after the change; 0: it left the level
LEVEL_WORDS: Final = 7
LEVEL_ACTION: Final = 40  # bit position
LEVEL_ACTION_TO_BACK: Final = 1  # the order is now the last of its level
LEVEL_ACTION_IN_PLACE: Final = 2  # the order stays where it is, or leaves

# --- Book events: what the book reports to the exchange, in ticks and lots -------
BOOK_ADDED: Final = 1
BOOK_TRADED: Final = 2
BOOK_REDUCED: Final = 3
BOOK_REMOVED: Final = 4
BOOK_REFRESHED: Final = 5  # an iceberg shows its next part, at the back
BOOK_STATE: Final = 0  # kind | side << 8 | orders left on the level << 32
BOOK_TAG: Final = 1  # the caller's name of the order
BOOK_SLOT: Final = 2
BOOK_PRICE: Final = 3
BOOK_LOTS: Final = 4  # added, traded, or taken away
BOOK_LEAVES: Final = 5
BOOK_LEVEL_LOTS: Final = 6  # on the level after it
BOOK_WORDS: Final = 8

# The tag by which a book knows an order: the caller's name in the lower 28 bits, these flags,
# and from bit 32 on its owner, whom self-trade prevention compares; 0: nobody.
TAG_NAME: Final = 0x0FFFFFFF
TAG_ICEBERG: Final = 1 << 28
TAG_GUARDED: Final = 1 << 29  # a sweep stops before it and asks
TAG_PEGGED: Final = 1 << 30
TAG_FLAGS: Final = 0x70000000

# Books of orders that wait elsewhere: by stop price for each trigger, and in two queues.
BOOK_OF_STOPS: Final = 0  # and the StopTrigger less 1: 0, 1, 2
BOOK_OF_MARKET_ORDERS: Final = 3
BOOK_OF_CLOSING_ORDERS: Final = 4
BOOK_OF_REACHED_STOPS: Final = 5  # by trades, before another stop came
BOOKS_ELSEWHERE: Final = 6

# --- Trades: one row each ----------------------------------------------------------
TRADE_INSTRUMENT: Final = 0
TRADE_TICKS: Final = 1
TRADE_LOTS: Final = 2  # 0: busted
TRADE_FIRST_ORDER: Final = 3  # maker, in an auction the buyer
TRADE_SECOND_ORDER: Final = 4
TRADE_FIRST_SEQUENCE: Final = 5  # of the event that holds now
TRADE_SECOND_SEQUENCE: Final = 6
TRADE_IN_AUCTION: Final = 7  # 1: at an auction's price
TRADE_WORDS: Final = 8

# --- Packages: one row each --------------------------------------------------------
PACKAGE_ROW_ORDER: Final = 0  # order id of the package
PACKAGE_ROW_MODE: Final = 1
PACKAGE_ROW_MIN_UNITS: Final = 2
PACKAGE_ROW_MOST_COST: Final = 3  # of one unit, minor units; NO_LIMIT where it has no net price
PACKAGE_ROW_SEQUENTIAL: Final = 4  # deadline in ms | slippage in basis points << 32
PACKAGE_ROW_LEG_COUNT: Final = 5
PACKAGE_ROW_CONSTRAINT_COUNT: Final = 6
PACKAGE_ROW_PREVENTION: Final = 7
PACKAGE_ROW_LEGS: Final = 8  # order id of each leg
PACKAGE_ROW_RATIOS: Final = 12  # lots of each leg in one unit
PACKAGE_ROW_LIMITS: Final = 16  # worst price of each leg, ticks; NO_LIMIT where it has none
PACKAGE_ROW_CONSTRAINTS: Final = 20  # as in the command
PACKAGE_ROW_WORDS: Final = 44
NO_LIMIT: Final = 1 << 62
NOTIONAL_LIMIT: Final = 1 << 61  # greatest value of a package and a minor unit, minor units

# --- Where a working order is -----------------------------------------------------
PLACE_NOWHERE: Final = 0  # parked, or being worked
PLACE_BOOK: Final = 1
PLACE_STOPS: Final = 2
PLACE_MARKET: Final = 3  # a market order that waits for its auction to end
PLACE_WAITING: Final = 4  # for the closing auction to begin
PLACE_PACKAGES: Final = 5  # a package, and its legs, that wait until they can trade

# --- Instruments: one row each ---------------------------------------------------
INSTRUMENT_TICK_SIZE: Final = 0
INSTRUMENT_LOT_SIZE: Final = 1
INSTRUMENT_MIN_PRICE: Final = 2
INSTRUMENT_MAX_PRICE: Final = 3
INSTRUMENT_MAX_QUANTITY: Final = 4
INSTRUMENT_PROTECTION_BAND: Final = 5
INSTRUMENT_TICK_VALUE: Final = 6
INSTRUMENT_EXPIRY_TIME_NS: Final = 7
INSTRUMENT_PHASE: Final = 8
INSTRUMENT_PRICE_BAND: Final = 9
INSTRUMENT_AUCTION_DURATION_NS: Final = 10
INSTRUMENT_CURRENCY: Final = 11  # its number at the door
INSTRUMENT_LISTED_WORDS: Final = 12  # so far in the order of LIST_TICK_SIZE ..
INSTRUMENT_HAS: Final = 12  # bits HAS_*
INSTRUMENT_LAST_TICKS: Final = 13  # the last trade
INSTRUMENT_HIGH_TICKS: Final = 14  # of trades since the stops were last looked at
INSTRUMENT_LOW_TICKS: Final = 15
INSTRUMENT_REFERENCE_PRICE: Final = 16  # 1e-9
INSTRUMENT_FIRM_BID_TICKS: Final = 17  # what pegs last followed
INSTRUMENT_FIRM_ASK_TICKS: Final = 18
INSTRUMENT_PEGS: Final = 19  # how many
INSTRUMENT_STOPS: Final = 20
# The trading day: since the instrument last left CLOSED.
INSTRUMENT_DAY_FIRST_TRADE: Final = 21  # its trade id; 0: none
INSTRUMENT_DAY_OPEN_TICKS: Final = 22
INSTRUMENT_DAY_HIGH_TICKS: Final = 23
INSTRUMENT_DAY_LOW_TICKS: Final = 24
INSTRUMENT_DAY_LOTS: Final = 25
INSTRUMENT_DAY_TICK_LOTS: Final = 26
INSTRUMENT_DAY_TRADES: Final = 27
INSTRUMENT_BAND_COMMAND: Final = 28  # the command for which the next one holds
INSTRUMENT_BAND_TICKS: Final = 29  # the last trade before it
INSTRUMENT_PACKAGES: Final = 30  # how many legs of packages wait for this book
INSTRUMENT_AUCTION_END_NS: Final = 31  # 0: none is timed
INSTRUMENT_WORDS: Final = 32

HAS_LAST: Final = 1
HAS_RANGE: Final = 2  # trades since the stops were last looked at
HAS_REFERENCE: Final = 4
HAS_FIRM_BID: Final = 8
HAS_FIRM_ASK: Final = 16
HAS_REACHED: Final = 32  # stops in BOOK_OF_REACHED_STOPS
HAS_BAND: Final = 64  # a trade before the command
HAS_PEGS_STOOD: Final = 128  # pegs did not follow in the phase before
HAS_BETTER_BID: Final = 256  # there is more to sell to than when packages were last tried
HAS_BETTER_ASK: Final = 512

# --- Values of contract enums that the core decides upon ------------------------
SIDE_BUY: Final = 1
SIDE_SELL: Final = 2

ORDER_TYPE_LIMIT: Final = 1
ORDER_TYPE_MARKET: Final = 2
ORDER_TYPE_STOP: Final = 3
ORDER_TYPE_STOP_LIMIT: Final = 4
ORDER_TYPE_ICEBERG: Final = 5
ORDER_TYPE_PEGGED: Final = 6

TIME_IN_FORCE_DAY: Final = 1
TIME_IN_FORCE_GTC: Final = 2
TIME_IN_FORCE_GTD: Final = 3
TIME_IN_FORCE_IOC: Final = 4
TIME_IN_FORCE_FOK: Final = 5
TIME_IN_FORCE_AT_OPEN: Final = 6
TIME_IN_FORCE_AT_CLOSE: Final = 7

ORDER_STATUS_NEW: Final = 1
ORDER_STATUS_PARTIALLY_FILLED: Final = 2
ORDER_STATUS_FILLED: Final = 3
ORDER_STATUS_CANCELLED: Final = 4
ORDER_STATUS_REJECTED: Final = 5
ORDER_STATUS_EXPIRED: Final = 6
ORDER_STATUS_PENDING_TRIGGER: Final = 7

TRADING_PHASE_PRE_OPEN: Final = 1
TRADING_PHASE_OPENING_AUCTION: Final = 2
TRADING_PHASE_CONTINUOUS: Final = 3
TRADING_PHASE_VOLATILITY_AUCTION: Final = 4
TRADING_PHASE_HALTED: Final = 5
TRADING_PHASE_CLOSING_AUCTION: Final = 6
TRADING_PHASE_CLOSED: Final = 7

STOP_TRIGGER_LAST_TRADE: Final = 1
STOP_TRIGGER_BID_ASK: Final = 2
STOP_TRIGGER_REFERENCE: Final = 3

PEG_REFERENCE_PRIMARY: Final = 1
PEG_REFERENCE_MARKET: Final = 2
PEG_REFERENCE_MIDPOINT: Final = 3

EXECUTION_MODE_SIMULTANEOUS: Final = 1
EXECUTION_MODE_SEQUENTIAL: Final = 2

UNWIND_POLICY_UNWIND: Final = 1
UNWIND_POLICY_HOLD: Final = 2
UNWIND_POLICY_COMPLETE_AT_MARKET: Final = 3

EXECUTION_TYPE_NEW: Final = 1
EXECUTION_TYPE_REJECTED: Final = 2
EXECUTION_TYPE_TRADE: Final = 3
EXECUTION_TYPE_CANCELLED: Final = 4
EXECUTION_TYPE_REPLACED: Final = 5
EXECUTION_TYPE_EXPIRED: Final = 6
EXECUTION_TYPE_TRIGGERED: Final = 7
EXECUTION_TYPE_RESTATED: Final = 8
EXECUTION_TYPE_TRADE_CANCEL: Final = 9
EXECUTION_TYPE_TRADE_CORRECT: Final = 10
EXECUTION_TYPE_CANCEL_REJECTED: Final = 11
EXECUTION_TYPE_REPLACE_REJECTED: Final = 12

LIQUIDITY_MAKER: Final = 1
LIQUIDITY_TAKER: Final = 2
LIQUIDITY_AUCTION: Final = 3

RESTATEMENT_PEG_MOVED: Final = 1
RESTATEMENT_DISPLAY_REFRESHED: Final = 2
RESTATEMENT_SELF_TRADE_DECREMENT: Final = 3
RESTATEMENT_POSITION_REDUCED: Final = 4

CANCEL_REASON_REQUESTED: Final = 1
CANCEL_REASON_MASS_CANCEL: Final = 2
CANCEL_REASON_IMMEDIATE_OR_CANCEL: Final = 3
CANCEL_REASON_FILL_OR_KILL: Final = 4
CANCEL_REASON_MARKET_PROTECTION: Final = 5
CANCEL_REASON_SELF_TRADE_PREVENTION: Final = 6
CANCEL_REASON_DISCONNECT: Final = 7
CANCEL_REASON_KILL_SWITCH: Final = 8
CANCEL_REASON_INSTRUMENT_STATUS: Final = 9
CANCEL_REASON_END_OF_DAY: Final = 10
CANCEL_REASON_EXPIRE_TIME: Final = 11
CANCEL_REASON_MINIMUM_QUANTITY: Final = 12
CANCEL_REASON_REDUCE_ONLY: Final = 13
CANCEL_REASON_REPLACED_TO_FILLED: Final = 14
CANCEL_REASON_AUCTION_ENDED: Final = 15
CANCEL_REASON_PACKAGE_ENDED: Final = 16
CANCEL_REASON_TRADE_BUSTED: Final = 17
CANCEL_REASON_CAPACITY_EXHAUSTED: Final = 18

REJECT_REASON_NOT_SUPPORTED: Final = 11
REJECT_REASON_NOT_PERMITTED: Final = 12
REJECT_REASON_CAPACITY_EXHAUSTED: Final = 14
REJECT_REASON_REQUEST_ID_REUSED: Final = 15
REJECT_REASON_UNKNOWN_ACCOUNT: Final = 20
REJECT_REASON_UNKNOWN_INSTRUMENT: Final = 22
REJECT_REASON_INVALID_CLIENT_ORDER_ID: Final = 23
REJECT_REASON_DUPLICATE_CLIENT_ORDER_ID: Final = 24
REJECT_REASON_UNKNOWN_ORDER: Final = 25
REJECT_REASON_TOO_LATE_TO_CANCEL: Final = 26
REJECT_REASON_INVALID_ENUM: Final = 27
REJECT_REASON_FIELD_NOT_ALLOWED: Final = 28
REJECT_REASON_FIELD_REQUIRED: Final = 29
REJECT_REASON_UNKNOWN_TRADE: Final = 33
REJECT_REASON_VALUE_OUT_OF_RANGE: Final = 34
REJECT_REASON_WRONG_PHASE: Final = 40
REJECT_REASON_INSTRUMENT_EXPIRED: Final = 41
REJECT_REASON_PHASE_TRANSITION: Final = 42
REJECT_REASON_QUANTITY_NOT_POSITIVE: Final = 50
REJECT_REASON_QUANTITY_OFF_LOT: Final = 51
REJECT_REASON_QUANTITY_TOO_LARGE: Final = 52
REJECT_REASON_PRICE_OFF_TICK: Final = 53
REJECT_REASON_PRICE_OUT_OF_RANGE: Final = 54
REJECT_REASON_EXPIRE_TIME_PASSED: Final = 55
REJECT_REASON_NOTHING_TO_REPLACE: Final = 56
REJECT_REASON_LEG_COUNT: Final = 60
REJECT_REASON_DUPLICATE_LEG: Final = 61
REJECT_REASON_LEG_RATIO: Final = 62
REJECT_REASON_LEG_CURRENCY: Final = 63
REJECT_REASON_CONTRADICTORY_CONSTRAINTS: Final = 64
REJECT_REASON_NOTIONAL_OVERFLOW: Final = 66
REJECT_REASON_KILL_SWITCH: Final = 70
REJECT_REASON_REDUCE_ONLY: Final = 79
REJECT_REASON_POST_ONLY_WOULD_TRADE: Final = 90
REJECT_REASON_PACKAGE_NOT_EXECUTABLE: Final = 91
REJECT_REASON_PRICE_CONSTRAINT: Final = 92

SELF_TRADE_PREVENTION_NONE: Final = 1
SELF_TRADE_PREVENTION_CANCEL_NEWEST: Final = 2
SELF_TRADE_PREVENTION_CANCEL_OLDEST: Final = 3
SELF_TRADE_PREVENTION_CANCEL_BOTH: Final = 4
SELF_TRADE_PREVENTION_DECREMENT_AND_CANCEL: Final = 5

# --- Field numbers of the contract's request messages, for reject_field ----------
CREATE_FIELD_ACCOUNT_ID: Final = 2
CREATE_FIELD_INSTRUMENT_ID: Final = 3
CREATE_FIELD_CLIENT_ORDER_ID: Final = 4
CREATE_FIELD_SIDE: Final = 5
CREATE_FIELD_ORDER_TYPE: Final = 6
CREATE_FIELD_TIME_IN_FORCE: Final = 7
CREATE_FIELD_QUANTITY: Final = 8
CREATE_FIELD_PRICE: Final = 9
CREATE_FIELD_STOP_PRICE: Final = 10
CREATE_FIELD_STOP_TRIGGER: Final = 11
CREATE_FIELD_DISPLAY_QUANTITY: Final = 12
CREATE_FIELD_PEG_REFERENCE: Final = 13
CREATE_FIELD_PEG_OFFSET: Final = 14
CREATE_FIELD_POST_ONLY: Final = 15
CREATE_FIELD_REDUCE_ONLY: Final = 16
CREATE_FIELD_MIN_QUANTITY: Final = 17
CREATE_FIELD_EXPIRE_TIME_NS: Final = 18
CREATE_FIELD_SELF_TRADE_PREVENTION: Final = 19
REPLACE_FIELD_ORDER_ID: Final = 3
REPLACE_FIELD_CLIENT_ORDER_ID: Final = 4
REPLACE_FIELD_NEW_CLIENT_ORDER_ID: Final = 5
REPLACE_FIELD_QUANTITY: Final = 6
REPLACE_FIELD_PRICE: Final = 7
REPLACE_FIELD_STOP_PRICE: Final = 8
PHASE_FIELD_INSTRUMENT_ID: Final = 2
PHASE_FIELD_PHASE: Final = 3
TRADE_FIELD_TRADE_ID: Final = 2
TRADE_FIELD_PRICE: Final = 3
TRADE_FIELD_QUANTITY: Final = 4
CANCEL_FIELD_ACCOUNT_ID: Final = 2
CANCEL_FIELD_ORDER_ID: Final = 3
CANCEL_FIELD_INSTRUMENT_ID: Final = 3
CANCEL_FIELD_SIDE: Final = 4
PACKAGE_FIELD_ACCOUNT_ID: Final = 2
PACKAGE_FIELD_CLIENT_ORDER_ID: Final = 3
PACKAGE_FIELD_LEGS: Final = 4
PACKAGE_FIELD_UNITS: Final = 5
PACKAGE_FIELD_MIN_UNITS: Final = 6
PACKAGE_FIELD_NET_PRICE: Final = 7
PACKAGE_FIELD_PRICE_CONSTRAINTS: Final = 8
PACKAGE_FIELD_EXECUTION_MODE: Final = 9
PACKAGE_FIELD_TIME_IN_FORCE: Final = 10
PACKAGE_FIELD_EXPIRE_TIME_NS: Final = 11
PACKAGE_FIELD_SEQUENTIAL_TERMS: Final = 12
PACKAGE_FIELD_SELF_TRADE_PREVENTION: Final = 13
AMEND_FIELD_NEW_CLIENT_ORDER_ID: Final = 5
AMEND_FIELD_UNITS: Final = 6
AMEND_FIELD_NET_PRICE: Final = 7
AMEND_FIELD_LEG_PRICES: Final = 8

CLIENT_ORDER_ID_BYTES: Final = 64
NOT_PRINTABLE: Final = (
    65535  # stated length of a client order id that is not printable ASCII; no bytes follow
)
IDS_OF_AN_ORDER: Final = 4  # client order ids that are remembered of one order, the newest
LEVEL_QUANTITY_LIMIT: Final = 1 << 62  # greatest quantity of a price level, 1e-9
ANY_SESSION: Final = -1  # every order that its session's end cancels
LOW_HALF: Final = 0xFFFFFFFF  # mask of the lower half of a word
NO_SLOT: Final = -1
ACTIVATIONS_PER_COMMAND: Final = 1000
PEGS_PER_INSTRUMENT: Final = 1000
