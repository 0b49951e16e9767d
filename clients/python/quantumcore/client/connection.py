"""Find the venue and prove who is calling: address, TLS, bearer token."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import grpc

ADDRESS_VARIABLE = "QC_ADDRESS"
TOKEN_VARIABLE = "QC_TOKEN"  # noqa: S105 - the variable's name
TOKEN_FILE_VARIABLE = "QC_TOKEN_FILE"  # noqa: S105 - the variable's name
DEFAULT_ADDRESS = "127.0.0.1:50051"
DEFAULT_TOKEN_FILE = Path("data", "token")

_MAX_MESSAGE_BYTES = 64 * 1024 * 1024
CHANNEL_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)

Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How to trust the venue, and to be trusted by it."""

    authorities: Path | None = None
    """PEM file of those who may have signed the venue's certificate; None: the system's."""
    certificate: Path | None = None
    """PEM file with the client's certificate chain, where the venue asks for one."""
    private_key: Path | None = None
    """PEM file with the client's key."""

    def credentials(self) -> grpc.ChannelCredentials:
        """Read the files; raise OSError naming the one that cannot be read."""
        return grpc.ssl_channel_credentials(
            root_certificates=_read(self.authorities),
            private_key=_read(self.private_key),
            certificate_chain=_read(self.certificate),
        )


def find_address(address: str | None, environment: Mapping[str, str] | None = None) -> str:
    """Take the address given, else QC_ADDRESS, else the default."""
    variables = os.environ if environment is None else environment
    return address or variables.get(ADDRESS_VARIABLE) or DEFAULT_ADDRESS


def find_token(token: str | None, environment: Mapping[str, str] | None = None) -> str | None:
    """Take the token given, else QC_TOKEN, else the file that a development server writes.

    The file is the one that QC_TOKEN_FILE names, else `data/token` where that exists. None
    where there is no token. Raises OSError where QC_TOKEN_FILE names no readable file.
    """
    variables = os.environ if environment is None else environment
    if token or variables.get(TOKEN_VARIABLE):
        return token or variables[TOKEN_VARIABLE]
    if file := variables.get(TOKEN_FILE_VARIABLE):
        return Path(file).read_text(encoding="ascii").strip()
    if DEFAULT_TOKEN_FILE.is_file():
        return DEFAULT_TOKEN_FILE.read_text(encoding="ascii").strip()
    return None


def authorization(token: str | None) -> Metadata:
    """Make the metadata that proves who is calling."""
    return () if token is None else (("authorization", f"Bearer {token}"),)


def _read(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()
