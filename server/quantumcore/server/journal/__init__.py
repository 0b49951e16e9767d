"""The append-only log on the order path."""

from quantumcore.server.journal.errors import (
    JournalClosed,
    JournalCorrupt,
    JournalError,
    JournalFailed,
    JournalLocked,
    JournalVersionUnknown,
)
from quantumcore.server.journal.journal import Journal
from quantumcore.server.journal.layout import Block, Position
from quantumcore.server.journal.reader import JournalReader
from quantumcore.server.journal.recovery import Recovery
from quantumcore.server.journal.settings import Durability, JournalSettings
from quantumcore.server.journal.verify import VerifyReport, verify

__all__ = [
    "Block",
    "Durability",
    "Journal",
    "JournalClosed",
    "JournalCorrupt",
    "JournalError",
    "JournalFailed",
    "JournalLocked",
    "JournalReader",
    "JournalSettings",
    "JournalVersionUnknown",
    "Position",
    "Recovery",
    "VerifyReport",
    "verify",
]
