"""The process that takes snapshots beside a venue: started when there is something to take."""

import os

from quantumcore.server.kept_process import KeptProcess
from quantumcore.server.settings import Settings
from quantumcore.server.snapshots.follower import EXIT_DIVERGED, TAKE_SIGNAL
from quantumcore.server.store.opening import STORE_VARIABLE


class SnapshotProcess(KeptProcess):
    """Runs `quantumcore.server.snapshots follow`.

    Until the journal has `snapshot_interval_events` more events than the snapshot that the venue
    began with, there is no process.
    """

    def __init__(self, settings: Settings, begun_at: int) -> None:
        arguments = [
            "follow",
            "--data",
            str(settings.data),
            "--interval-events",
            str(settings.snapshot_interval_events),
            "--keep",
            str(settings.snapshots_kept),
            "--parent",
            str(os.getpid()),
        ]
        environment = dict[str, str]()
        if settings.journal_retention and not settings.migration_target:
            arguments += ["--remove-segments"]
            environment[STORE_VARIABLE] = settings.event_store
        super().__init__(
            "quantumcore.server.snapshots",
            arguments,
            environment=environment,
            final=frozenset({EXIT_DIVERGED}),
        )
        self._first = begun_at + settings.snapshot_interval_events
        self._is_wanted = settings.snapshots

    def look(self, sequence: int) -> None:
        """Start it where there is something to take."""
        if sequence >= self._first and self._is_wanted and not self.is_started:
            self.start()

    def take(self) -> bool:
        """Have one taken now, however few events are new; return whether anything takes them."""
        if not self._is_wanted:
            return False
        if not self.is_started:
            self.start()
        else:
            self.signal(TAKE_SIGNAL)
        return True
