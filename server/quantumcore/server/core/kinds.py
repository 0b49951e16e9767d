"""Name the kinds of records, the words of each, and what bounds them.

A *record* is a run of little-endian int64 words in the turn buffer. Its first word is
`kind | length_in_words << 16 | extra << 32`. In an event, extra counts the events of its
order; in a command it is the RejectReason with which the door refused it, 0 when it was
let in. Each command is followed by the events that it caused. Text is stored as bytes, eight to
a word, the last word padded with zeros; its length stands in a word before it.

Prices and quantities in records are the contract's fixed-point numbers (1e-9). The values of
the contract's enums stand in `enums.py`, rows that the core keeps for itself in `tables.py`.
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
OPEN_SESSION: Final = 27  # has the shared words alone; RESULT_AFFECTED is the session's number
MOVE_CASH: Final = 28
SET_LIMITS: Final = 29
SET_SPREAD_CREDIT: Final = 30  # the words of these three stand in risk_records.py
SET_SCAN_RANGE: Final = 31
SET_GROUP_LIMITS: Final = 32
RECORD_ACT: Final = 33  # of administration, which changes nothing in the core: told as it is
FIRST_ADMINISTRATIVE: Final = 16  # commands from here on act for no account

# Words that all commands share.
HEADER: Final = 0
COMMAND_REQUEST_ID: Final = 1
COMMAND_PARTIES: Final = 2  # account_id | instrument_id << 32
COMMAND_ACTOR: Final = 3  # identity number | session number << 32 | SESSION_CANCELS << 32

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

# Bit positions in CREATE_TERMS. An enum out of 0..254 is stored as 255, and what was sent stands
# in a word behind all others: of several the one with the lowest position.
TERM_SIDE: Final = 0
TERM_ORDER_TYPE: Final = 8
TERM_TIME_IN_FORCE: Final = 16
TERM_STOP_TRIGGER: Final = 24
TERM_PEG_REFERENCE: Final = 32
TERM_SELF_TRADE_PREVENTION: Final = 40
TERM_FLAGS: Final = 48

FLAG_HAS_PRICE: Final = 1  # bits of the flags byte
FLAG_HAS_STOP_PRICE: Final = 2
FLAG_POST_ONLY: Final = 4
FLAG_REDUCE_ONLY: Final = 8
# Further bits of an order's traits.
TRAIT_SEQUENTIAL: Final = 16  # a sequential order, or a leg of one
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

CANCEL_ORDER_ID: Final = 4  # CANCEL_ORDER
CANCEL_TEXT_LENGTH: Final = 5
CANCEL_TEXT: Final = 6

MASS_SIDE: Final = 4  # CANCEL_ORDERS; 0: both
MASS_SESSION: Final = 5  # only orders entered by this session number; 0: all
MASS_ENDED: Final = 6  # 1: sessions have ended, only what their end cancels: told as DISCONNECT
MASS_WORDS: Final = 7

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
AMEND_FLAGS: Final = 5  # FLAG_HAS_PRICE, FLAG_HAS_QUANTITY, bits AMEND_* | such a leg << 32
AMEND_UNITS: Final = 6
AMEND_NET_PRICE: Final = 7
AMEND_LEG_PRICES: Final = 8  # MAX_LEGS of them
AMEND_TEXT_LENGTHS: Final = 12  # client_order_id | new_client_order_id << 32
AMEND_TEXT: Final = 13
AMEND_LEG: Final = 8  # bit position: the leg's price is to change; bits 8 to 11
AMEND_LEG_PRICE: Final = 12  # bit position: it has one from now on; bits 12 to 15
AMEND_OTHER_LEG: Final = 1 << 16  # a leg is named that no package has
AMEND_LEG_TWICE: Final = 17  # bit position: the leg is named twice; bits 17 to 20

# Bit positions in PACKAGE_TERMS. Values out of 0..254 are stored as 255; what was sent as the first
# of the sides of the legs, mode, time in force and prevention stands in a word behind all others.
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
LEG_TERMS: Final = 0  # instrument, then packed as LEG_TERM_*
LEG_TERM_SIDE: Final = 32
LEG_TERM_FLAGS: Final = 40  # FLAG_HAS_PRICE
LEG_RATIO: Final = 1  # 1e-9
LEG_PRICE: Final = 2
MAX_CONSTRAINTS: Final = 8
CONSTRAINT_WORDS: Final = 3
CONSTRAINT_TERMS: Final = 0  # CONSTRAINT_*, then packed as CONSTRAINT_TERM_*
CONSTRAINT_TERM_LEG_A: Final = 8
CONSTRAINT_TERM_LEG_B: Final = 16
CONSTRAINT_FIRST: Final = 1
CONSTRAINT_SECOND: Final = 2
CONSTRAINT_RATIO_BAND: Final = 1  # A / B from first to second, 1e-9
CONSTRAINT_MAX_DEVIATION: Final = 2  # |A - B| at most first / 10,000 of |B|
CONSTRAINT_MAX_SPREAD: Final = 3  # |A - B| at most first
MAX_LEG_DEADLINE_MS: Final = 86_400_000
MAX_SLIPPAGE_BASIS_POINTS: Final = 10_000
UNIT: Final = 10**9  # one unit of a package, as quantities of its events have it

# CREATE_INSTRUMENT, UPDATE_INSTRUMENT; the definition is the serialised contract message.
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
LIST_KIND: Final = 16  # from here on as tables.INSTRUMENT_KIND ..
LIST_TEXT_LENGTH: Final = 25
LIST_TEXT: Final = 26

PHASE_PHASE: Final = 4  # SET_TRADING_PHASE
PHASE_TEXT_LENGTH: Final = 5
PHASE_TEXT: Final = 6

# CREATE_ACCOUNT, UPDATE_ACCOUNT, which replaces all; the definition is the serialised message.
ACCOUNT_SELF_TRADE_GROUP: Final = 4  # below 2**29; 0: the account alone
ACCOUNT_SELF_TRADE_PREVENTION: Final = 5  # 0: NONE
ACCOUNT_MARGIN_MODEL: Final = 6  # MarginModel
ACCOUNT_STATUS: Final = 7  # AccountStatus; 0: ACTIVE
ACCOUNT_TEXT_LENGTH: Final = 8
ACCOUNT_TEXT: Final = 9

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

# SET_KILL_SWITCH; account 0: the group, or without one the venue
KILL_ENABLED: Final = 4  # 0 or 1 | group << 32
KILL_TEXT_LENGTH: Final = 5
KILL_TEXT: Final = 6

CASH_CURRENCY: Final = 4  # MOVE_CASH: its number at the door
CASH_AMOUNT: Final = 5  # minor units; negative: paid out
CASH_TEXT_LENGTH: Final = 6
CASH_TEXT: Final = 7

LIMITS_VALUES: Final = 4  # SET_LIMITS: as tables.LIMIT_ORDER_QUANTITY ..; instrument 0: over all
LIMITS_WORDS: Final = 14

# RECORD_ACT: an EventType of the contract; the text is its serialised payload
ACT_EVENT_TYPE: Final = 4
ACT_TEXT_LENGTH: Final = 5
ACT_TEXT: Final = 6

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
ORDER_UNWINDING: Final = 76  # of a sequential order, then of each leg in excess
ORDER_UNWOUND: Final = 77  # its end; of a leg: it had filled, and leaves an excess
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
CASH_MOVED: Final = 90  # subject: account | currency << 32; value: cash since
LIMITS_SET: Final = 91  # subject: account; value: instrument, 0: over all
MARGIN_CHANGED: Final = 92  # subject: account | currency << 32; value: margin of positions since
SPREAD_CREDIT_SET: Final = 93  # subject: priority; value: basis points
SCAN_RANGE_SET: Final = 94  # subject: instrument
GROUP_LIMITS_SET: Final = 95  # subject: group
GROUP_KILL_SWITCH_SET: Final = 96  # subject: group; value: 1 on, 0 off
ACT_RECORDED: Final = 97  # subject: EventType of the contract

EVENT_SEQUENCE: Final = 1
# Order events have this form; the version in the header counts the events of the order, from 1.
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
EVENT_REJECT: Final = 14  # reject_reason | packed as REJECT_*
EVENT_REJECT_LIMIT: Final = 15
EVENT_REJECT_VALUE: Final = 16
EVENT_REFUSED_PACKAGE: Final = 12  # refused commands on packages: order id of the one named, or 0
EVENT_REFERENCE_SEQUENCE: Final = 14  # ORDER_FILL_*: the fill that is busted or corrected
EVENT_RESTATEMENT: Final = 14  # ORDER_RESTATED: RESTATEMENT_*
EVENT_SHOWN_QUANTITY: Final = 15  # ORDER_RESTATED: what the book shows of it
EVENT_EXCESS_QUANTITY: Final = 15  # of a sequential order's leg, but ORDER_RESTATED: its excess
EVENT_PACKAGE_EXECUTION: Final = 14  # ORDER_FILLED of a package or leg: which execution of it
EVENT_PACKAGE: Final = 16  # of a package or leg, without a refusal: order id of the package
EVENT_TEXT_LENGTHS: Final = 17  # client_order_id | original_client_order_id << 32
EVENT_TEXT: Final = 18
# Behind the text two words, four, six or none: what is reserved, where an account's funds are
# checked; then, of fills, what became of position and cash. Sums beyond 62 bits are told as it.
RESERVED_ORDER: Final = 0  # for the order since, minor units
RESERVED_ACCOUNT: Final = 1  # for all of the account's orders in the currency
RESERVED_WORDS: Final = 2
FILL_POSITION_LOTS: Final = 0  # held since, signed
FILL_OPEN_TICK_LOTS: Final = 1  # what they cost
FILL_REALISED_TICK_LOTS: Final = 2  # by this fill
FILL_CASH: Final = 3  # of the account in the currency since, minor units
FILL_WORDS: Final = 4

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
STATE_UNWIND: Final = 62  # 1: it reverses an earlier fill of the leg, on the opposite side
LEG_NUMBER: Final = 7  # mask of a leg's number

# Bit positions in EVENT_REJECT and RESULT_STATE.
REJECT_FIELD: Final = 32  # 16 bits: number of the field in the request
REJECT_LEG: Final = 48  # 8 bits: number of the leg of a multi-leg order, from 1; 0: none

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
RESULT_STATE: Final = 2  # status | repeated << 8 | reject_reason << 16 | packed as REJECT_*
RESULT_LIMIT: Final = 3
RESULT_VALUE: Final = 4
RESULT_CUMULATIVE_QUANTITY: Final = 5
RESULT_LEAVES_QUANTITY: Final = 6
RESULT_CUMULATIVE_TICK_LOTS: Final = 7
RESULT_SEQUENCE: Final = 8
RESULT_RECORD: Final = 9  # word index of the command in the turn buffer
RESULT_AFFECTED: Final = 10
RESULT_PACKAGE: Final = 10  # of a multi-leg order: word of its package answer, and 1; 0: none
RESULT_TIME_NS: Final = 11
RESULT_WORDS: Final = 12

# --- Package answers: one for each command that is about a multi-leg order, not journaled ---
# How the order stood right after the command; unknown legs have the order id 0.
ANSWER_FILLED_UNITS: Final = 0
ANSWER_LEAVES_UNITS: Final = 1
ANSWER_LEG_COUNT: Final = 2
ANSWER_TEXT_LENGTH: Final = 3
ANSWER_TEXT: Final = 4  # client_order_id
ANSWER_PENDING: Final = 12  # 1: its first leg could not work so far
ANSWER_LEGS: Final = 13  # LEG_ANSWER_WORDS each, MAX_LEGS of them
ANSWER_WORDS: Final = 57
LEG_ANSWER_WORDS: Final = 11
LEG_ANSWER_TERMS: Final = 0  # instrument, then LEG_TERM_*, then packed as LEG_ANSWER_*
LEG_ANSWER_STATUS: Final = 48
LEG_ANSWER_LEG_NUMBER: Final = 56
LEG_ANSWER_RATIO: Final = 1
LEG_ANSWER_PRICE: Final = 2
LEG_ANSWER_ORDER_ID: Final = 3
LEG_ANSWER_QUANTITY: Final = 4
LEG_ANSWER_CUMULATIVE_QUANTITY: Final = 5
LEG_ANSWER_LEAVES_QUANTITY: Final = 6
LEG_ANSWER_CUMULATIVE_TICK_LOTS: Final = 7
LEG_ANSWER_RESIDUAL_QUANTITY: Final = 8  # from here on of legs of sequential orders
LEG_ANSWER_UNWOUND_QUANTITY: Final = 9
LEG_ANSWER_UNWOUND_TICK_LOTS: Final = 10

# --- Level changes: one row for each change of a price level, not journaled -----
# Each names the order that changed it: in order, rows give the book by level and by order.
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

# --- Limits and marks ------------------------------------------------------------
CLIENT_ORDER_ID_BYTES: Final = 64
NOT_PRINTABLE: Final = 65535  # stated length of an id that is not printable ASCII; no bytes follow
IDS_OF_AN_ORDER: Final = 4  # client order ids that are remembered of one order, the newest
LEVEL_QUANTITY_LIMIT: Final = 1 << 62  # greatest quantity of a price level, 1e-9
SESSION_NUMBER: Final = 0x3FFFFFFF  # mask of a session number, from 1 on
SESSION_CANCELS: Final = 0x40000000  # beside it: the session's end cancels what it entered
LOW_HALF: Final = 0xFFFFFFFF  # mask of the lower half of a word
NO_SLOT: Final = -1
ACTIVATIONS_PER_COMMAND: Final = 1000
PEGS_PER_INSTRUMENT: Final = 1000
MONEY_LIMIT: Final = 1 << 62  # a sum that messages tell is within it
