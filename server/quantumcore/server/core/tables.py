"""Name the words of the rows that the core keeps: books, trades, packages, instruments.

None of them is journaled. `tables.pxd` holds the same names for compiled modules, and a test
holds both equal.
"""

from typing import Final

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
TRADE_BEFORE: Final = 7  # 1: at an auction's price | id of the instrument's trade before << 1
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
PACKAGE_ROW_EXECUTION: Final = 44  # that its legs' fills belong to; 0: none yet
# Of sequential orders only; lots are those of the leg's instrument, a word for each leg.
PACKAGE_ROW_POLICY: Final = 45  # UNWIND_POLICY_*
PACKAGE_ROW_STAGE: Final = 46  # STAGE_*
PACKAGE_ROW_REASON: Final = 47  # CancelReason that set the policy to work; 0: none
PACKAGE_ROW_BROKEN: Final = 48  # legs that may not work any more, a bit each
PACKAGE_ROW_BROKEN_REASON: Final = 49  # why the first of them: it ends once the legs are level
PACKAGE_ROW_ENDING: Final = 50  # kind of event | CancelReason << 8: it is to end; 0: it is not
PACKAGE_ROW_REQUEST: Final = 51  # request id of the command that ends it
PACKAGE_ROW_FILLED: Final = 52  # whole units that have traded
PACKAGE_ROW_LEVEL_UNITS: Final = 53  # whole units when all legs were last level
PACKAGE_ROW_LEVEL_COST: Final = 54  # what they cost, minor units
PACKAGE_ROW_STIRRED: Final = 55  # 1: it waits to be looked at
PACKAGE_ROW_REVERSED: Final = 56  # legs whose unwind is over, a bit each
PACKAGE_ROW_OPEN: Final = 57  # lots at work now
PACKAGE_ROW_TICKS: Final = 61  # price at which they rest
PACKAGE_ROW_TRADED: Final = 65  # lots, unwinds not counted
PACKAGE_ROW_LEVEL_TICK_LOTS: Final = 69  # ticks times lots when all legs were last level
PACKAGE_ROW_UNWOUND: Final = 73  # lots reversed
PACKAGE_ROW_UNWOUND_TICK_LOTS: Final = 77
PACKAGE_ROW_BETTER: Final = 81  # legs that wait and whose book has got better, a bit each
PACKAGE_ROW_STRATEGY: Final = 82  # its row among strategies, which may be another's by now
PACKAGE_ROW_NEEDS: Final = 83  # what a unit binds once its legs up to this one have traded
PACKAGE_ROW_BOUND: Final = 87  # what units that have begun bind more (less) than ones that have not
PACKAGE_ROW_REVERSIBLE: Final = 88  # lots of each leg that count as working to be reversed
PACKAGE_ROW_FORESEEN: Final = 92  # what margin of a unit may grow by beyond NEEDS, alike
PACKAGE_ROW_FORESEEN_BOUND: Final = 96  # what units that have begun have foreseen more (less)
PACKAGE_ROW_WORDS: Final = 97
STAGE_WORKING: Final = 0
STAGE_POLICY: Final = 1  # the unwind policy is at work

# --- Executions of multi-leg orders whose legs all traded in one step: one row each ---
EXECUTION_FIRST_TRADE: Final = 0
EXECUTION_LAST_TRADE: Final = 1
EXECUTION_UNITS: Final = 2  # 0: busted
EXECUTION_COST: Final = 3  # of all units for the taker, minor units
EXECUTION_TAKER: Final = 4  # order id
EXECUTION_MAKER: Final = 5  # order id of the one that it traded with; 0: with orders in the books
EXECUTION_TAKER_SEQUENCE: Final = 6  # of the event that holds now
EXECUTION_MAKER_SEQUENCE: Final = 7
EXECUTION_WORDS: Final = 8

# --- What multi-leg orders that traded have brought: one row each -------------------
STRATEGY_ORDER: Final = 0  # order id; 0: the row was never used
STRATEGY_ACCOUNT: Final = 1
STRATEGY_LEG_COUNT: Final = 2
STRATEGY_LEGS: Final = 3  # then words of each leg
OWNED_INSTRUMENT: Final = 0
OWNED_LOTS: Final = 1  # in the position now because of this leg, signed
OWNED_TICK_LOTS: Final = 2  # what they cost, signed alike
OWNED_NEWEST: Final = 3  # of its shares; 0: none
OWNED_UNTOLD: Final = 4  # lots that it opened and that there was no room to tell from nobody's
OWNED_WORDS: Final = 5
STRATEGY_WORDS: Final = 23
# --- Shares of positions that came from legs: one row each, from 1, oldest first -----
SHARE_OWNER: Final = 0  # row of the strategy * 4 + leg, from 0
SHARE_ORDER: Final = 1  # order id of the strategy
SHARE_BEFORE: Final = 2  # lots of nobody between the share before and this one
SHARE_LOTS: Final = 3  # no sign: the position has it
SHARE_TICK_LOTS: Final = 4
SHARE_NEXT: Final = 5  # of the position; 0: none
SHARE_PREVIOUS: Final = 6
SHARE_NEWER: Final = 7  # of the leg, in a ring
SHARE_OLDER: Final = 8
SHARE_POSITION: Final = 9
SHARE_NUMBER: Final = 10  # of the note of the fill that opened it
SHARE_WORDS: Final = 11
# --- Notes of fills in positions that legs have traded in, and of what each closed --
NOTE_SEQUENCE: Final = 0  # of the fill's event that holds now; 0: it undoes one that is forgotten
NOTE_PREVIOUS: Final = 1  # note of the position's fill before it, from 1; 0: none
NOTE_OWNER: Final = 2  # leg that traded, as in a share; NO_SLOT: nobody
NOTE_ORDER: Final = 3
NOTE_LOTS: Final = 4  # signed
NOTE_TICKS: Final = 5
NOTE_MORE: Final = 6  # FILL_* | shares closed, noted behind it, << 2
CLOSED_NUMBER: Final = 0  # of the share, as there
CLOSED_OWNER: Final = 1
CLOSED_ORDER: Final = 2
CLOSED_BEFORE: Final = 3  # lots of nobody that lay before it, and were closed with it unless IS_OWN
CLOSED_LOTS: Final = 4
CLOSED_TICK_LOTS: Final = 5  # what they had cost
CLOSED_IS_OWN: Final = 6
NOTE_WORDS: Final = 8
FILL_FORWARD: Final = 0
FILL_REVERSES: Final = 1  # it closes what its leg has opened, the newest first
FILL_UNDOES: Final = 2  # it does so too, and opens nothing for its leg

# --- What the rules of an order have compared, where somebody asks: by RejectReason -----
COMPARED_REASONS: Final = 128
COMPARED_LIMIT: Final = 1  # the first word says whether anything was
COMPARED_VALUE: Final = 2
COMPARED_LEG: Final = 3
COMPARED_ROOM: Final = 4
COMPARED_WORDS: Final = 5

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
INSTRUMENT_DAY_TICK_LOTS_HIGH: Final = 32  # to be added times 2^62
# Terms that margins and fees need; listed too, behind the others.
INSTRUMENT_KIND: Final = 33  # InstrumentKind
INSTRUMENT_UNDERLYING: Final = 34  # instrument id; 0: none
INSTRUMENT_STRIKE: Final = 35  # ticks of the underlying
INSTRUMENT_WEIGHT: Final = 36  # options: minor units a tick of the underlying, of one lot
INSTRUMENT_OUTRIGHT: Final = 37  # futures: margin of one lot, minor units
INSTRUMENT_PRODUCT: Final = 38  # futures: the same number for expiries of one product
INSTRUMENT_TRAITS: Final = 39  # INSTRUMENT_IS_*
INSTRUMENT_MAKER_FEE: Final = 40  # millionths of the value; negative: a rebate
INSTRUMENT_TAKER_FEE: Final = 41
INSTRUMENT_TERM_WORDS: Final = 9  # from INSTRUMENT_KIND, in the order of LIST_KIND ..
INSTRUMENT_REFERENCE_TIME_NS: Final = 42  # of the quote from outside
INSTRUMENT_LAST_TIME_NS: Final = 43  # of the last trade
INSTRUMENT_LAST_TRADE: Final = 44  # its trade id; 0: none
INSTRUMENT_LOWEST_PRICE: Final = 45  # that its bounds ever allowed: orders may rest as far
INSTRUMENT_HIGHEST_PRICE: Final = 46
INSTRUMENT_WORDS: Final = 48  # whole cache lines

INSTRUMENT_IS_PUT: Final = 1
INSTRUMENT_IS_BROAD_INDEX: Final = 2

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
HAS_FUTURE_STYLE: Final = 1024  # trades move no cash but profit and loss
HAS_FEES: Final = 2048

# --- Limits of an account, or of one for an instrument: one row each; 0: no limit --------
LIMIT_ORDER_QUANTITY: Final = 0  # quantities 1e-9
LIMIT_ORDER_VALUE: Final = 1
LIMIT_POSITION: Final = 2
LIMIT_OPEN_VALUE: Final = 3
LIMIT_COLLAR: Final = 4  # basis points
LIMIT_WORKING_ORDERS: Final = 5
LIMIT_COMMAND_RATE: Final = 6  # a second
LIMIT_REFERENCE_AGE: Final = 7  # ms
LIMIT_STALE_POLICY: Final = 8
LIMIT_HAIRCUT: Final = 9  # basis points
LIMIT_WORDS: Final = 10

# --- Scans of combined commodities by the scenario model: one row each ---------------------
SCAN_COMMODITY: Final = 0  # an instrument, or a product of futures, negated
SCAN_PRICE_RANGE: Final = 1  # basis points of the price; 0: what is usual
SCAN_VOLATILITY: Final = 2  # parts per million
SCAN_VOLATILITY_RANGE: Final = 3  # parts per million
SCAN_MINIMUM: Final = 4  # minor units of one short option
SCAN_CHARGE: Final = 5  # minor units of one calendar spread
SCAN_SET: Final = 6  # 0: 16 scenarios, 1: ten points
SCAN_WORDS: Final = 7
MAX_SCANS: Final = 256
DEFAULT_PRICE_RANGE: Final = 1_500
DEFAULT_VOLATILITY: Final = 300_000
DEFAULT_VOLATILITY_RANGE: Final = 100_000

# --- Limits of a group of accounts: one row each; 0: no limit ------------------------------
GROUP_POSITION: Final = 0  # 1e-9
GROUP_OPEN_VALUE: Final = 1  # minor units
GROUP_WORKING_ORDERS: Final = 2
GROUP_MARGIN: Final = 3  # minor units
GROUP_LIMIT_WORDS: Final = 4

# --- Which working orders a portfolio is looked at with, as if they had filled -------------
FILLED_NONE: Final = 0
FILLED_BUYS: Final = 1
FILLED_SELLS: Final = 2

# --- Of ACTIVATIONS_PER_COMMAND, as how many one counts that has funds looked at again -----
SHARE_OF_FUNDS: Final = 20

# --- Units -------------------------------------------------------------------------
BASIS_POINTS: Final = 10_000
MILLION: Final = 1_000_000
MILLISECOND_NS: Final = 1_000_000
SECOND_NS: Final = 1_000_000_000
DEFAULT_REFERENCE_AGE_MS: Final = 100

# What a plan of a package knows of each leg.
PLAN_INSTRUMENT: Final = 0
PLAN_SIDE: Final = 1
PLAN_RATIO: Final = 2  # lots in one unit
PLAN_WORST: Final = 3  # key of the worst level that may be met
PLAN_LEVEL: Final = 4  # slot of the level that is being used, or NO_SLOT
PLAN_LEFT: Final = 5  # lots that are surely there and not planned yet
PLAN_TICKS: Final = 6  # price of that level
PLAN_TICK_LOTS: Final = 7  # of the unit being planned
PLAN_TICK_VALUE: Final = 8
PLAN_NEXT_LEVEL: Final = 9  # of the unit being planned
PLAN_NEXT_LEFT: Final = 10
PLAN_NEXT_TICKS: Final = 11
PLAN_WORDS: Final = 12
