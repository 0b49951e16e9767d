# The faults of errors.py for compiled modules; a test holds both equal.
cdef enum:
    FAULT_TRUNCATED = 1
    FAULT_VARINT = 2
    FAULT_TAG = 3
    FAULT_WIRE_TYPE = 4
    FAULT_LENGTH = 5
    FAULT_END_GROUP = 6
    FAULT_DEPTH = 7
    FAULT_TEXT = 8
    FAULT_EMPTY_COMMAND = 9
    FAULT_TOO_MANY = 10
