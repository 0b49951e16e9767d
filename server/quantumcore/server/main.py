"""Start one server process: read settings, open the venue, serve until told to stop."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from secrets import token_urlsafe
from time import time_ns
from typing import Any

import structlog
import uvloop
from pydantic import SecretStr, ValidationError

from quantumcore.server.core.errors import ReplayDiverged
from quantumcore.server.demonstration import furnish
from quantumcore.server.journal.errors import JournalError
from quantumcore.server.settings import (
    CONFIG_VARIABLE,
    IdentitySettings,
    Settings,
    unknown_variables,
)
from quantumcore.server.store.errors import StoreError
from quantumcore.server.venue import Venue

DEVELOPER = "developer"
DEVELOPER_NUMBER = 1
EXIT_SETTINGS = 2
EXIT_START = 3
EXIT_JOURNAL = 4

log = structlog.get_logger("quantumcore.main")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server; return its exit code.

    0: drained after SIGTERM or SIGINT. 2: wrong settings. 3: the address, a certificate or the
    data directory cannot be used. 4: the journal is corrupt, locked, or failed while serving.
    """
    given = _parser().parse_args(arguments)
    if given.config is not None:
        os.environ[CONFIG_VARIABLE] = str(given.config)
    try:
        settings, token = development_token(read_settings(given))
    except (ValidationError, ValueError, OSError) as error:
        sys.stderr.write(f"settings: {_sentence(error)}\n")
        return EXIT_SETTINGS
    configure_logs(settings)
    try:
        return uvloop.run(serve(settings, token))
    except (JournalError, ReplayDiverged) as error:
        log.critical("cannot recover", error=str(error))
        return EXIT_JOURNAL
    except (OSError, StoreError) as error:
        log.critical("cannot start", error=str(error))
        return EXIT_START


async def serve(settings: Settings, token: str = "") -> int:
    """Serve until SIGTERM or SIGINT, then drain; return the exit code."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    venue = Venue(settings)
    await venue.start()
    if settings.demo:
        await furnish(venue.port, token, time_ns())
    if token:
        sys.stdout.write(f"listening on {settings.host}:{venue.port}\ntoken {token}\n")
        sys.stdout.flush()
    await stop.wait()
    await venue.drain()
    return EXIT_JOURNAL if venue.writer.failed else 0


def read_settings(given: argparse.Namespace) -> Settings:
    """Combine command line, environment and file; raise ValueError for what is unknown."""
    unknown = unknown_variables(os.environ)
    if unknown:
        raise ValueError(f"unknown environment variables: {', '.join(unknown)}")
    named = {"listen", "data", "durability", "dev", "demo"}
    chosen: dict[str, Any] = {
        key: value for key, value in vars(given).items() if key in named and value is not None
    }
    return Settings(**chosen)


def development_token(settings: Settings) -> tuple[Settings, str]:
    """Add an identity that may do everything, in development mode; return its token too."""
    if not settings.development:
        return settings, ""
    token = token_urlsafe(24)
    developer = IdentitySettings(
        name=DEVELOPER,
        number=DEVELOPER_NUMBER,
        token=SecretStr(token),
        accounts="all",
        admin=True,
    )
    identities = (*settings.identities, developer)
    return settings.model_copy(update={"identities": identities}), token


def configure_logs(settings: Settings) -> None:
    """Send structured log lines to standard error."""
    last: Any = structlog.processors.JSONRenderer()
    if settings.log_format == "console":
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m quantumcore.server.main", description=__doc__)
    parser.add_argument("--listen", help="address:port of gRPC (default 127.0.0.1:50051)")
    parser.add_argument("--data", type=Path, help="directory of all state (default ./data)")
    parser.add_argument("--durability", choices=("process", "disk"), help="when to acknowledge")
    parser.add_argument("--config", type=Path, help="TOML file with settings")
    parser.add_argument("--dev", action="store_true", default=None, help="generated token")
    parser.add_argument("--demo", action="store_true", default=None, help="demonstration listing")
    return parser


def _sentence(error: Exception) -> str:
    """Say what is wrong with the settings, without the values, which may be secret."""
    if isinstance(error, ValidationError):
        return "; ".join(
            ".".join(map(str, one["loc"])) + (": " if one["loc"] else "") + one["msg"]
            for one in error.errors(include_input=False, include_url=False)
        )
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
