"""Processes that stand behind the journal beside a venue, kept running."""

import os
from pathlib import Path

from quantumcore.server.kept_process import KeptProcess
from quantumcore.server.store.opening import STORE_VARIABLE


class FeederProcess(KeptProcess):
    """Runs `quantumcore.server.store feed`, which ends with this process however that ends."""

    def __init__(self, data: Path, url: str) -> None:
        arguments = ["feed", "--migrate", "--data", str(data), "--parent", str(os.getpid())]
        super().__init__("quantumcore.server.store", arguments, environment={STORE_VARIABLE: url})
