"""Settings: defaults, sources, and refusals."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from quantumcore.server.api.auth import Identities, permitted_bytes
from quantumcore.server.settings import IdentitySettings, Settings, is_loopback, unknown_variables

TOKEN = "sixteen-characters-at-least"


def identity(**changed: Any) -> dict[str, Any]:
    return {"name": "one", "number": 1, "token": TOKEN} | changed


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QC_CONFIG", raising=False)


def test_development_listens_on_loopback_only() -> None:
    with pytest.raises(ValidationError, match="loopback only"):
        Settings(dev=True, listen="0.0.0.0:50051")


def test_another_address_needs_tls() -> None:
    with pytest.raises(ValidationError, match="needs tls"):
        Settings(listen="10.0.0.1:50051", identities=(IdentitySettings(**identity()),))


def test_somebody_must_be_able_to_call() -> None:
    with pytest.raises(ValidationError, match="no identities"):
        Settings()


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError):
        Settings(dev=True, lissten="x")  # type: ignore[call-arg]


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QC_DEV", "true")
    monkeypatch.setenv("QC_STREAMS__HEARTBEAT_INTERVAL_S", "2.5")
    assert Settings().streams.heartbeat_interval_s == 2.5


def test_a_file_is_read_beneath_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "venue.toml"
    path.write_text(
        'durability = "disk"\nlisten = "127.0.0.1:7"\n'
        f'[[identities]]\nname = "a"\nnumber = 3\ntoken = "{TOKEN}"\naccounts = [1, 4]\n'
    )
    monkeypatch.setenv("QC_CONFIG", str(path))
    monkeypatch.setenv("QC_LISTEN", "127.0.0.1:8")
    settings = Settings()
    assert (settings.durability, settings.port) == ("disk", 8)
    assert settings.identities[0].accounts == (1, 4)


def test_unknown_variables_are_found() -> None:
    environment = {"QC_DATTA": "x", "QC_DATA": "x", "QC_STREAMS__MAX_STREAMS": "1", "HOME": "x"}
    assert unknown_variables(environment) == ["QC_DATTA"]


@pytest.mark.parametrize("second", [{"name": "two"}, {"number": 2}])
def test_two_identities_share_nothing(second: dict[str, Any]) -> None:
    first = IdentitySettings(**identity())
    other = IdentitySettings(**identity(token=TOKEN + "x") | second)
    with pytest.raises(ValidationError, match="two identities have the same"):
        Settings(identities=(first, other))


@pytest.mark.parametrize("changed", [{"token": None}, {"token_sha256": "0" * 64}, {"token": "x"}])
def test_an_identity_has_one_token_that_is_long_enough(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        IdentitySettings(**identity(**changed))


def test_a_token_never_shows_in_its_settings() -> None:
    assert TOKEN not in repr(IdentitySettings(**identity()))


def test_loopback_is_recognised() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "::1", "localhost", "127.8.8.8")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "example.org", "10.0.0.1", "")))


def test_permissions_are_a_byte_for_each_account() -> None:
    assert permitted_bytes([1, 3]) == b"\x00\x01\x00\x01"
    assert permitted_bytes([]) == b"\x00"
    assert permitted_bytes(None) == b""


def test_tokens_are_kept_as_hashes_only() -> None:
    identities = Identities([IdentitySettings(**identity())])
    assert TOKEN not in repr(vars(identities))
