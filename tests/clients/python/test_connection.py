from __future__ import annotations

from pathlib import Path

import pytest

from quantumcore.client.connection import Tls, authorization, find_address, find_token


@pytest.fixture
def empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_address_given_wins_over_the_environment() -> None:
    environment = {"QC_ADDRESS": "there:2"}
    assert find_address("here:1", environment) == "here:1"
    assert find_address(None, environment) == "there:2"
    assert find_address(None, {}) == "127.0.0.1:50051"


def test_the_token_given_wins_over_environment_and_files(empty_directory: Path) -> None:
    named = empty_directory / "mine"
    named.write_text("from-named-file\n")
    default = empty_directory / "data" / "token"
    default.parent.mkdir()
    default.write_text("from-data\n")
    both = {"QC_TOKEN": "from-variable", "QC_TOKEN_FILE": str(named)}
    assert find_token("given", both) == "given"
    assert find_token(None, both) == "from-variable"
    assert find_token(None, {"QC_TOKEN_FILE": str(named)}) == "from-named-file"
    assert find_token(None, {}) == "from-data"


def test_there_may_be_no_token(empty_directory: Path) -> None:
    assert find_token(None, {}) is None
    assert authorization(None) == ()


def test_a_named_token_file_must_exist(empty_directory: Path) -> None:
    with pytest.raises(FileNotFoundError):
        find_token(None, {"QC_TOKEN_FILE": str(empty_directory / "missing")})


def test_a_missing_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="authority"):
        Tls(authorities=tmp_path / "authority.pem").credentials()
