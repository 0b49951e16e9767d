"""Processes that stand behind the journal beside a venue, kept running."""

from pathlib import Path

from quantumcore.server.kept_process import KeptProcess


class FeederProcess(KeptProcess):
    """Runs `quantumcore.server.store feed`."""

    def __init__(self, data: Path, url: str) -> None:
        arguments = ["feed", "--migrate", "--data", str(data), "--store", url]
        super().__init__("quantumcore.server.store", arguments)
