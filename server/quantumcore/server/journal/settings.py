"""What an operator can set about the journal."""

from dataclasses import dataclass
from enum import StrEnum


class Durability(StrEnum):
    """The watermark at which a command is acknowledged.

    `PROCESS`: written to the operating system; survives the death of the process.
    `DISK`: synced to the device; survives the loss of power.
    """

    PROCESS = "process"
    DISK = "disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSettings:
    """Tune the journal; every value is checked when the object is made.

    `segment_bytes`: size at which a new segment is begun, 4 KiB to 4 GiB, default 256 MiB.
    `commit_window_ms`: least pause between two syncs with `DISK`, 0 to 1000, default 1.
    `background_sync_ms`: the same with `PROCESS`, 1 to 60000, default 50.
    """

    durability: Durability = Durability.PROCESS
    segment_bytes: int = 256 * 1024 * 1024
    commit_window_ms: float = 1.0
    background_sync_ms: float = 50.0

    def __post_init__(self) -> None:
        _require("segment_bytes", self.segment_bytes, 4096, 4 * 1024**3)
        _require("commit_window_ms", self.commit_window_ms, 0, 1000)
        _require("background_sync_ms", self.background_sync_ms, 1, 60_000)

    @property
    def sync_window_s(self) -> float:
        """Return the least pause between two syncs in the chosen durability, in seconds."""
        disk = self.durability is Durability.DISK
        return (self.commit_window_ms if disk else self.background_sync_ms) / 1000


def _require(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} must lie between {low} and {high}, not {value}")
