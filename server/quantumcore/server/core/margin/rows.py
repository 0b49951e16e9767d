"""Name the words of a holding, the rules and the bounds of the margin engine.

`rows.pxd` holds the same names for compiled modules, and a test holds both equal.
"""

from typing import Final

# --- What is held ---------------------------------------------------------------
KIND_EQUITY: Final = 1
KIND_SPOT: Final = 2
KIND_CALL: Final = 3
KIND_PUT: Final = 4
KIND_FUTURE: Final = 5

# --- The words of a holding -------------------------------------------------------
KIND: Final = 0
INSTRUMENT: Final = 1
GROUP: Final = 2  # options: the underlying; equity, spot: itself; futures: the product, negated
EXPIRY: Final = 3  # in any unit that orders expiries; 0: none
STRIKE_TICKS: Final = 4  # in ticks of the underlying
UNDERLYING_TICKS: Final = 5
WEIGHT: Final = 6  # minor units that one lot's worth changes by with a tick of the underlying
MARK_TICKS: Final = 7
MARK_VALUE: Final = 8  # minor units of one lot at its mark
OUTRIGHT: Final = 9  # futures: minor units that one lot requires
FLAGS: Final = 10
STATED_WORDS: Final = 11  # the words up to here are stated by whoever adds the holding
LOTS: Final = 11  # signed: positive is long
KEY_WORDS: Final = 12  # the words up to here are all that a requirement follows from
POSITION_LOTS: Final = 12  # of them, not from working orders
OWN: Final = 13  # minor units that one lot requires alone, as it is held
BEYOND: Final = 14  # short options: of OWN, what goes beyond the option's own value
ROW_WORDS: Final = 15

FLAG_BROAD_INDEX: Final = 1  # an option on a broad index, settled in cash

# --- Rules, as numbered in the contract -------------------------------------------
MARGIN_RULE_FULL_VALUE: Final = 1
MARGIN_RULE_SHORT_CALL: Final = 2
MARGIN_RULE_SHORT_PUT: Final = 3
MARGIN_RULE_SHORT_STRADDLE: Final = 4
MARGIN_RULE_VERTICAL: Final = 5
MARGIN_RULE_NET_DEBIT: Final = 6
MARGIN_RULE_STRIKE_INTERVAL: Final = 7
MARGIN_RULE_IRON_CONDOR: Final = 8
MARGIN_RULE_UNIVERSAL_SPREAD: Final = 9
MARGIN_RULE_FUTURE_OUTRIGHT: Final = 10
MARGIN_RULE_FUTURE_SPREAD: Final = 11
MARGIN_RULE_HEDGE_CREDIT: Final = 12
MARGIN_RULE_SHORT_STOCK: Final = 13
MARGIN_RULE_SCENARIO: Final = 14
MARGIN_RULE_COVERED: Final = 15

# --- Rates, basis points ------------------------------------------------------------
RATE_SHORT_OPTION: Final = 0
RATE_BROAD_INDEX: Final = 1
RATE_MINIMUM: Final = 2
RATE_LONG_SHARE: Final = 3
RATE_SHORT_SHARE: Final = 4
RATE_WORDS: Final = 5
BASIS_POINTS: Final = 10_000
MAX_RATE: Final = 30_000

# --- Bounds: no sum of the engine can leave 63 bits ---------------------------------
MAX_HOLDINGS: Final = 256
MAX_LOTS: Final = (1 << 31) - 1
MAX_VALUE: Final = 1 << 44  # minor units of one holding, at any price that is looked at

# --- Where a lot of an option goes in a pairing -------------------------------------
ALONE: Final = 0
COVERED: Final = 1
FIRST_LAYER: Final = 2
MAX_LAYERS: Final = 8
MAX_PLACES: Final = 10

# --- Spread credits -------------------------------------------------------------------
SPREAD_GROUP_A: Final = 0
SPREAD_GROUP_B: Final = 1
SPREAD_RATIO_A: Final = 2
SPREAD_RATIO_B: Final = 3
SPREAD_CREDIT: Final = 4  # basis points of the outright requirement
SPREAD_WORDS: Final = 5
MAX_SPREADS: Final = 256

# What spread formation writes down: so many lots of a holding went into a spread.
USE_SPREAD: Final = 0  # number of the spread, in order of priority
USE_FORMED: Final = 1  # number of the forming: a spread may form twice, once in each direction
USE_UNITS: Final = 2
USE_ROW: Final = 3
USE_LOTS: Final = 4
USE_WORDS: Final = 5
MAX_USES: Final = 4096

# --- What a portfolio answers when it is given a holding ------------------------------
TAKEN: Final = 0
REFUSED_KIND: Final = 1
REFUSED_NUMBER: Final = 2
REFUSED_LOTS: Final = 3
REFUSED_PRICE: Final = 4
REFUSED_VALUE: Final = 5
DISAGREES: Final = 6
DISAGREES_ON_UNDERLYING: Final = 7
FULL: Final = 8

SCENARIOS: Final = 16
DELTA: Final = 1_000_000  # millionths of one delta

# --- Risk arrays that are kept, and what a portfolio may lack -----------------------------
KEY_INSTRUMENT: Final = 0
KEY_SIDE: Final = 1  # 1: short
KEY_STRIKE: Final = 2
KEY_WEIGHT: Final = 3
KEY_PRICE: Final = 4  # of an option's underlying, as its bucket counts it
KEY_TIME: Final = 5  # whole buckets to an option's expiry
KEY_RANGE: Final = 6  # ticks of the price scan
KEY_VOLATILITY: Final = 7  # ppm | range of its scan << 24 | number of the scenario set << 48
KEY_DELTA_WEIGHT: Final = 8
ARRAY_KEYS: Final = 9
ARRAY_DELTA: Final = 9
ARRAY_GREATEST: Final = 10  # the greatest of the losses, whatever its sign
ARRAY_LOSSES: Final = 11
ARRAY_WORDS: Final = 27
KEY_VOLATILITY_RANGE: Final = 24  # bit position
KEY_SCENARIO_SET: Final = 48  # bit position
NO_ARRAY: Final = -1
NO_COMMODITY: Final = -2
AMOUNT_TOO_LARGE: Final = -3
SCAN_TOO_WIDE: Final = -4
MAX_TICKS: Final = 1 << 40  # of a price that options are valued at, and of a scan
MAX_DELTA: Final = 1 << 52  # millionths
DAY_S: Final = 86_400
FARTHEST_S: Final = 3_122_064_000  # 99 years: what expires later is valued as if it were then

MEMO_ENTRIES: Final = 8  # portfolios whose requirement is remembered

# --- The search -------------------------------------------------------------------------
UNBOUNDED: Final = 1 << 62  # more than any requirement
NEVER: Final = -(1 << 62)
STRADDLE_SIDES: Final = 16  # most calls, and most puts, that are paired to straddles
NO_SIDE: Final = -1
STACK_WORDS: Final = 1 << 16
EXACT_LEGS: Final = 8
EXACT_NODES: Final = 1 << 14  # nodes looked at, up to EXACT_LEGS options on an underlying
TABLEAU_HEIGHT: Final = 96  # rows and columns of its linear programs
TABLEAU_WIDTH: Final = 80
MAX_PIVOTS: Final = 64  # for one node of the search
TOLERANCE: Final = 1 << 14  # of the numbers there, which count 2**-36
LEAST_PIVOT: Final = 1 << 24
NO_VARIABLE: Final = -1
LOTS_AT: Final = 1  # what a variable of the linear program counts, see program_cy
LOSS: Final = 2
NET: Final = 3
BALANCE: Final = 4
COVER: Final = 5
STRADDLE: Final = 6
SINGLE: Final = 7
MAX_PRICES: Final = 16  # where a layer of so few options may lose most, at most
LOW_BITS: Final = 20  # of a total in two words
REST_BITS: Final = 12  # of the lots by which nodes are split
COVER_BITS: Final = 40
SOLVED: Final = 0
STOPPED: Final = 1
FIRST_TURNS: Final = 16  # lines drawn for a bound at first
TURNS: Final = 6  # and for that of each further node
MAX_LINES: Final = 360  # weight of all lines of one bound
MANY_LEGS_WORK: Final = 1 << 21  # steps of the search beyond that
ORDER_WORK: Final = 3 << 15  # what the search may cost on the order path
FEW_LEGS_WORK: Final = 1 << 18  # and that of a portfolio of up to EXACT_LEGS options
FULL_WORK_OPTIONS: Final = 24  # fewer options may take so many parts less of it
QUERY_WORK: Final = 1 << 40  # and for a query, where other bounds end it
