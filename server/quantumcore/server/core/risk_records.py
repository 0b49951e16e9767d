"""Name the words of commands on margin terms and on groups of accounts.

`risk_records.pxd` holds the same names for compiled modules, and a test holds both equal.
"""

from typing import Final

# SET_SPREAD_CREDIT; a future names its product
CREDIT_PRIORITY: Final = 4
CREDIT_INSTRUMENT_A: Final = 5
CREDIT_INSTRUMENT_B: Final = 6
CREDIT_LOTS_A: Final = 7
CREDIT_LOTS_B: Final = 8
CREDIT_BASIS_POINTS: Final = 9  # 0: the credit ends
CREDIT_WORDS: Final = 10

# SET_SCAN_RANGE, of the command's instrument
SCAN_RANGE_VALUES: Final = 4  # as tables.SCAN_PRICE_RANGE ..
SCAN_RANGE_WORDS: Final = 10

# SET_GROUP_LIMITS
GROUP_NUMBER: Final = 4
GROUP_VALUES: Final = 5  # as tables.GROUP_POSITION ..
GROUP_WORDS: Final = 9

KILL_GROUP: Final = 32  # SET_KILL_SWITCH: bit position of the group

# Fields of the requests that these commands carry out, numbered as in the contract.
CREDIT_FIELD_PRIORITY: Final = 1
CREDIT_FIELD_INSTRUMENT_A: Final = 2
CREDIT_FIELD_INSTRUMENT_B: Final = 3
CREDIT_FIELD_LOTS_A: Final = 4
CREDIT_FIELD_LOTS_B: Final = 5
CREDIT_FIELD_BASIS_POINTS: Final = 6
SCAN_FIELD_INSTRUMENT: Final = 1
GROUP_FIELD_GROUP: Final = 2
