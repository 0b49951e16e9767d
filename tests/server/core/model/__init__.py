"""A second exchange on plain objects, written from docs/concepts/matching.md alone.

It is obvious and slow: lists in order, scans, no cleverness, and nothing of the core but its
constants and the named values in which both tell what happened.
"""

from tests.server.core.model.exchange import Model
from tests.server.core.model.order import Order

__all__ = ["Model", "Order"]
