"""Databases to test on: SQLite in a file, and a PostgreSQL cluster of our own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if os.name == "posix" else []
REQUIRED = bool(os.environ.get("QC_TEST_REQUIRE_SERVICES"))
OWNER = "postgres"


class Cluster:
    """A PostgreSQL server that listens on a socket in its own directory only."""

    def __init__(self, binaries: Path, directory: Path, *, durable: bool = False) -> None:
        self.binaries, self.directory, self.durable = binaries, directory, durable
        self.data = directory / "data"
        self.schemas = 0

    def url(self, schema: str, user: str = OWNER) -> str:
        """Return the URL of a schema, which is as good as a database of its own."""
        return f"{self.database_url(OWNER, user)}&options=-csearch_path%3D{schema}"

    def database_url(self, database: str, user: str = OWNER) -> str:
        """Return the URL of a database."""
        return f"postgresql://{user}@/{database}?host={self.directory}"

    def new_schema(self) -> str:
        """Make an empty schema; return its name. A database would cost a second and 7 MB."""
        self.schemas += 1
        name = f"store{self.schemas}"
        self.execute(f"CREATE SCHEMA {name}")
        return name

    def execute(self, statement: str, database: str = OWNER) -> None:
        """Execute one statement as the cluster's owner."""
        self._run(
            "psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(self.directory), "-c", statement,
            database,
        )  # fmt: skip

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        syncs = "on" if self.durable else "off"
        options = f"-k {self.directory} -c listen_addresses= -c fsync={syncs}"
        log = self.directory / "log"
        self._run("pg_ctl", "-D", str(self.data), "-l", str(log), "-o", options, "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` is as a crash."""
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def initialise(self) -> None:
        """Make an empty cluster."""
        self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", OWNER, "-N", "-E", "UTF8")

    def _run(self, program: str, *arguments: str) -> None:
        user = OWNER if os.geteuid() == 0 else None  # it refuses to run as root
        done = subprocess.run(
            [str(self.binaries / program), *arguments],
            check=False,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            env={"PATH": os.environ["PATH"], "PGUSER": OWNER, "LC_ALL": "C.UTF-8"},
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{program} {arguments}: {done.stderr}")


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[Cluster]:
    """Run a cluster; skip the test where there is none and none is required.

    Only a `durable` one survives a loss of power, which no test brings about.
    """
    if not BINARIES:
        if REQUIRED:
            pytest.fail("PostgreSQL is required and not installed")
        pytest.skip("PostgreSQL is not installed")
    directory = Path(tempfile.mkdtemp(prefix="qc-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(directory, OWNER, OWNER)
        cluster = Cluster(BINARIES[-1], directory, durable=durable)
        cluster.initialise()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
