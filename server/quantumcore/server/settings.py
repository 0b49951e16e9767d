"""What an operator can set about the server.

Values come from, in order of precedence: command line, environment (`QC_` and the upper-case key;
`__` between a section and its key), a TOML file, the defaults here. Unknown keys are refused.
"""

import ipaddress
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from quantumcore.server.store.opening import check_url

ENVIRONMENT_PREFIX = "QC_"
CONFIG_VARIABLE = "QC_CONFIG"
OTHER_PROCESSES = frozenset(
    {"PURE_PYTHON", "REQUIRE_EXT", "NATIVE", "ANNOTATE", "CONFIG", "STORE_URL", "TARGET_URL"}
)
OTHER_PREFIXES = ("BENCH_", "CLIENT_", "FIX_", "WEB_", "TEST_", "TWIN", "TOKEN", "ADDRESS")
SEVEN_YEARS_DAYS = 7 * 366
MAX_BATCH_BYTES = 4 * 1024 * 1024

Port = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    """A group of settings; frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class IdentitySettings(Section):
    """Who may do what, named by a bearer token."""

    name: str = Field(min_length=1, max_length=64)
    """Name in logs. Unique."""
    number: int = Field(ge=1, le=2**31 - 1)
    """Stored with every command as its actor. Unique, never used again for another."""
    token: SecretStr | None = None
    """The bearer token, at least 16 characters; kept in memory as a hash only."""
    token_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """Hexadecimal SHA-256 of the token, in its place."""
    accounts: tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...] | Literal["all"] = ()
    """Account ids that it may act for and read, or "all"."""
    admin: bool = False
    """May list instruments, set phases and create accounts."""

    @model_validator(mode="after")
    def _check_token(self) -> Self:
        if (self.token is None) == (self.token_sha256 is None):
            raise ValueError("set exactly one of token and token_sha256")
        if self.token is not None and len(self.token.get_secret_value()) < 16:
            raise ValueError("a token has at least 16 characters")
        return self

    @property
    def token_digest(self) -> bytes:
        """Return the SHA-256 of the token."""
        if self.token is not None:
            return sha256(self.token.get_secret_value().encode()).digest()
        return bytes.fromhex(self.token_sha256 or "")


class TlsSettings(Section):
    """The server's certificate, and who signs its clients'."""

    certificate: Path
    """PEM file with the certificate chain."""
    private_key: Path
    """PEM file with the key."""
    client_authorities: Path | None = None
    """PEM file; when set, clients must present a certificate signed by one of these."""


class RetentionSettings(Section):
    """How long events are kept in the event store, and how they leave it."""

    orders_days: int = Field(default=SEVEN_YEARS_DAYS, ge=1, le=36_600)
    """Events of orders and multi-leg orders; days from the event on."""
    ledger_days: int = Field(default=SEVEN_YEARS_DAYS, ge=1, le=36_600)
    """Events of positions, margin and cash; days."""
    instruments_days: int = Field(default=SEVEN_YEARS_DAYS, ge=1, le=36_600)
    """Events of instruments; days."""
    administration_days: int = Field(default=SEVEN_YEARS_DAYS, ge=1, le=36_600)
    """Events of accounts, principals and the venue itself; days."""
    archive: Path | None = None
    """Directory that events are archived to before they are removed; none: `archive/` in `data`."""
    store: str = ""
    """URL of the event store as a role that may remove events; empty: `event_store` itself."""


class StreamSettings(Section):
    """Bounds of streams."""

    heartbeat_interval_s: float = Field(default=5.0, ge=0.05, le=3600)
    """An idle stream is sent a heartbeat this often."""
    max_waiting_bytes: int = Field(default=4 * 1024 * 1024, ge=4096, le=1 << 30)
    """What may wait for one slow stream before it is ended, or its book sent anew; bytes."""
    pause_reading_bytes: int = Field(default=1024 * 1024, ge=1024, le=1 << 30)
    """Answers that may wait on a Trade stream before no more commands are read from it; bytes."""
    stalled_after_s: float = Field(default=30.0, ge=0.05, le=3600)
    """A stream whose client takes nothing that waits for it is ended after this."""
    max_streams: int = Field(default=4096, ge=1, le=100_000)
    """Open streams of all clients together."""


class Settings(BaseSettings):
    """Everything that can be set about one server process."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    listen: str = Field(default="127.0.0.1:50051", pattern=r"^(\[[0-9a-fA-F:]+\]|[^:]+):\d{1,5}$")
    """Address and port of gRPC; port 0 lets the system choose one."""
    data: Path = Path("data")
    """Directory of all state; the journal is in `journal/` under it."""
    durability: Literal["process", "disk"] = "process"
    """When a command is acknowledged: stored by the operating system, or synced to disk."""
    dev: bool = False
    """Development: generated token with all permissions, reflection and channelz, loopback only."""
    demo: bool = False
    """List demonstration instruments and accounts on an empty journal; implies `dev`."""
    identities: tuple[IdentitySettings, ...] = ()
    """Who may call. Without any, and without `dev`, the server does not start."""
    tls: TlsSettings | None = None
    """Required on any address that is not loopback."""
    streams: StreamSettings = StreamSettings()
    """Bounds of streams."""
    event_store: str = ""
    """URL of the event store that EventStoreService reads: sqlite:///FILE or postgresql://HOST/NAME;
    empty: none. A feeder process is started beside the venue."""
    migration_target: str = ""
    """URL of the event store that `event_store` is moved to while the venue trades; empty: no move.
    The source may be a legacy store: legacy+sqlite:///FILE or legacy+postgresql://HOST/NAME."""
    event_store_max_lag_s: float = Field(default=60.0, gt=0, le=86_400)
    """Age of the oldest event that the store or a projection lacks, from which on GetStatus and the
    log name it as standing still. Orders never wait for it."""
    retention: RetentionSettings = RetentionSettings()
    """How long the events of the event store are kept."""
    snapshots: bool = True
    """Take snapshots beside the venue, so that it starts without replaying the whole journal."""
    snapshot_interval_events: int = Field(default=1000, ge=1, le=10**12)
    """The next snapshot is due when the journal has so many events more."""
    snapshots_kept: int = Field(default=3, ge=1, le=1000)
    """So many of the newest are kept, and what they rest upon."""
    journal_retention: bool = False
    """Remove segments of the journal that neither a snapshot nor the event store needs."""
    segment_bytes: int = Field(default=256 * 1024 * 1024, ge=4096, le=4 * 1024**3)
    """Size at which the journal begins a new file; bytes."""
    commit_window_ms: float = Field(default=1.0, ge=0, le=1000)
    """Least pause between two syncs with `disk`; ms."""
    max_unsynced_bytes: int = Field(default=64 * 1024 * 1024, ge=4096, le=1 << 40)
    """Journal that may wait for the disk before commands are refused with JOURNAL_BEHIND; bytes.
    With `disk` about three times as much memory is held until then."""
    max_turn_bytes: int = Field(default=1024 * 1024, ge=4096, le=64 * 1024 * 1024)
    """A turn that grows beyond this is stored before the event loop's turn ends; bytes."""
    order_capacity: int = Field(default=1 << 20, ge=1024, lt=1 << 28)
    """Orders that the venue can remember, ended ones included; what a journal began with stays."""
    prefault: bool = False
    """Commit all memory of the exchange at start, in huge pages where offered: 0.6 GB at the
    default capacity, for orders that never wait for a page."""
    read_timeout_s: float = Field(default=10.0, ge=0.01, le=3600)
    """How long `min_sequence` is waited for where the caller sets no deadline."""
    drain_timeout_s: float = Field(default=5.0, ge=0, le=600)
    """How long open calls may take to end when the server shuts down."""
    log_format: Literal["console", "json"] = "console"
    """How log lines look on standard error."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is logged."""

    @model_validator(mode="after")
    def _check_door(self) -> Self:
        numbers = [identity.number for identity in self.identities]
        names = [identity.name for identity in self.identities]
        digests = [identity.token_digest for identity in self.identities]
        for what, values in (("number", numbers), ("name", names), ("token", digests)):
            if len(set(values)) != len(values):
                raise ValueError(f"two identities have the same {what}")
        loopback = is_loopback(self.host)
        if self.development and not loopback:
            raise ValueError(f"development mode listens on loopback only, not on {self.host}")
        if not loopback and self.tls is None:
            raise ValueError(f"listening on {self.host} needs tls: tokens would be readable")
        if self.migration_target and not self.event_store:
            raise ValueError("migration_target needs event_store, the store that is moved")
        self._check_stores()
        if not self.identities and not self.development:
            raise ValueError("no identities are set; set identities, or dev for a generated token")
        return self

    def _check_stores(self) -> None:
        stores = {
            "event_store": self.event_store,
            "migration_target": self.migration_target,
            "retention.store": self.retention.store,
        }
        for field, url in stores.items():
            try:
                if url:
                    check_url(url)
            except ValueError as problem:
                raise ValueError(f"{field}: {problem}") from problem

    @property
    def host(self) -> str:
        """Return the address part of `listen`, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """Return the port part of `listen`."""
        return int(self.listen.rpartition(":")[2])

    @property
    def development(self) -> bool:
        """Tell whether development conveniences are on."""
        return self.dev or self.demo

    @property
    def journal_directory(self) -> Path:
        """Return where the journal lies."""
        return self.data / "journal"

    @property
    def archive_directory(self) -> Path:
        """Return where events are archived to before retention removes them."""
        return self.retention.archive or self.data / "archive"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - named by the base class
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the TOML file that `QC_CONFIG` names, beneath the environment."""
        path = os.environ.get(CONFIG_VARIABLE)
        sources = (init_settings, env_settings)
        return (*sources, TomlConfigSettingsSource(settings_cls, Path(path))) if path else sources


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """List variables with the product's prefix that name no setting of any of its processes."""
    known = {name.upper() for name in Settings.model_fields}
    unknown = []
    for variable in environment:
        key = variable.removeprefix(ENVIRONMENT_PREFIX)
        if key == variable or key in OTHER_PROCESSES or key.startswith(OTHER_PREFIXES):
            continue
        if key.partition("__")[0] not in known:
            unknown.append(variable)
    return sorted(unknown)
