"""The hot rpcs' messages, between bytes and records without a Python object per order."""
