"""Run a venue on this machine as a child process: start it, wait for it, stop it, kill it."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from quantumcore.client.connection import TOKEN_VARIABLE
from quantumcore.client.errors import QuantumCoreError

SERVER_MODULE = "quantumcore.server.main"
IDENTITY_NUMBER = 2
TOKEN_BYTES = 24
READY_PREFIX = b"listening on "


class VenueExited(QuantumCoreError):
    """The server process ended before it could be used."""

    def __init__(self, status: int, log: Path | None) -> None:
        self.status = status
        where = "" if log is None else f"; its last lines are in {log}"
        super().__init__(f"the server ended with status {status}{where}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings:
    """What to start, and where.

    Without `token` a new one is made. `log` takes the server's standard error; None: ours.
    `arguments` and `environment` are added to the server's own.
    """

    data: Path
    address: str
    token: str
    demo: bool = False
    durability: str | None = None
    log: Path | None = None
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] | None = None

    def command(self) -> list[str]:
        """Build the command line of the server."""
        words = [sys.executable, "-m", SERVER_MODULE]
        words += ["--listen", self.address, "--data", str(self.data)]
        words.append("--demo" if self.demo else "--dev")
        if self.durability is not None:
            words += ["--durability", self.durability]
        return [*words, *self.arguments]

    def variables(self) -> dict[str, str]:
        """Build the environment of the server: ours, and who may call it."""
        identity = {
            "name": "local",
            "number": IDENTITY_NUMBER,
            "token": self.token,
            "accounts": "all",
            "admin": True,
        }
        added = {"QC_IDENTITIES": json.dumps([identity]), **(self.environment or {})}
        kept = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
        return kept | added


class LocalVenue:
    """A server process of this machine. In a `with` statement it is stopped at the end."""

    def __init__(self, settings: LocalSettings) -> None:
        self.settings = settings
        self.address = settings.address
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process_id(self) -> int:
        """Tell the id of the process; it must have been started."""
        return self._running().pid

    def start(self) -> Self:
        """Start the process; it serves when `wait_until_ready` returns."""
        self.settings.data.mkdir(parents=True, exist_ok=True)
        log = None if self.settings.log is None else self.settings.log.open("ab")
        try:
            self._process = self._spawn(log)
        finally:
            if log is not None:
                log.close()
        return self

    def _spawn(self, log: IO[bytes] | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            self.settings.command(),
            env=self.settings.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )

    def wait_until_ready(self) -> Self:
        """Wait until it serves, recovery and demonstration listing included.

        Raises VenueExited where it ends before that.
        """
        output = self._running().stdout
        assert output is not None, "the output of the server is a pipe"
        for line in output:
            if line.startswith(READY_PREFIX):
                self.address = line.removeprefix(READY_PREFIX).decode("ascii").strip()
                return self
        raise VenueExited(self.wait(), self.settings.log)

    def wait(self) -> int:
        """Wait until the process ends; return its exit status."""
        with self._running() as process:
            return process.wait()

    def interrupt(self) -> None:
        """Ask it to drain and end, without waiting for it."""
        self._running().send_signal(signal.SIGTERM)

    def stop(self, timeout_s: float = 30.0) -> int:
        """Let it drain and end; return its exit status. Kill it where that takes too long."""
        process = self._running()
        self.interrupt()
        try:
            process.wait(timeout_s)
            return self.wait()
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """End it with SIGKILL: nothing of it runs any more; return its exit status."""
        self._running().kill()
        return self.wait()

    def __enter__(self) -> Self:
        return self.start().wait_until_ready()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server was not started"
        return self._process


def new_token() -> str:
    """Draw a bearer token."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def free_address(host: str = "127.0.0.1") -> str:
    """Find an address of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return f"{host}:{probe.getsockname()[1]}"
