"""A feeder in a thread of the test, where that it is a process of its own is not the subject."""

import asyncio
import threading
from pathlib import Path

from quantumcore.server.store.feeder import Feeder, FeederSettings
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore

SETTINGS = FeederSettings(poll_interval_s=0.005)


class FeederThread:
    """Stands in for FeederProcess; starting a process takes a second of processor time."""

    def __init__(self, data: Path, url: str) -> None:
        self._data, self._url = data, url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._feed, name="test-feeder")

    def start(self) -> None:
        """Begin to feed."""
        self._thread.start()

    async def stop(self) -> None:
        """Store what was begun, and end."""
        self._stop.set()
        await asyncio.to_thread(self._thread.join)

    def _feed(self) -> None:
        engine = open_engine(self._url)
        migrate(engine)
        store = SqlEventStore(engine)
        feeder = Feeder(self._data / "journal", store, settings=SETTINGS)
        try:
            feeder.run(self._stop.wait)
        finally:
            feeder.close()
            store.close()
