"""URLs of stores: what is refused at start, and what is never shown of them."""

import pytest
from pydantic import ValidationError

from quantumcore.server.main import EXIT_SETTINGS, main
from quantumcore.server.settings import RetentionSettings, Settings
from quantumcore.server.store.opening import named

UNKNOWN = "mysql://u:HIDDEN-WORD@h/db"


@pytest.mark.parametrize("url", [UNKNOWN, "sqlite+no_driver:///x", "no url", "postgresql://h:x/y"])
@pytest.mark.parametrize("field", ["event_store", "migration_target", "retention.store"])
def test_a_store_of_an_unknown_kind_is_refused_by_name(field: str, url: str) -> None:
    retention = RetentionSettings(store=url if field == "retention.store" else "")
    others = {"event_store": "sqlite:///x.db"} | ({field: url} if "." not in field else {})
    with pytest.raises(ValidationError, match=f"{field}: ") as refused:
        Settings(dev=True, retention=retention, **others)  # type: ignore[arg-type]
    said = [str(error["msg"]) for error in refused.value.errors()]
    assert "HIDDEN-WORD" not in "".join(said)


def test_the_server_does_not_start_with_a_store_of_an_unknown_kind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QC_EVENT_STORE", UNKNOWN)
    assert main(["--dev"]) == EXIT_SETTINGS
    said = capsys.readouterr().err
    assert "event_store: mysql://u:***@h/db" in said
    assert "HIDDEN-WORD" not in said


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:HIDDEN@h/db", "postgresql://u:***@h/db"),
        ("postgresql://h/db?user=u&password=HIDDEN", "postgresql://h/db?password=***&user=u"),
        ("legacy+postgresql://h/db?password=HIDDEN", "legacy+postgresql://h/db?password=***"),
        ("postgresql://h:HIDDEN/x", "(not a URL)"),
    ],
)
def test_a_password_is_never_shown(url: str, shown: str) -> None:
    def in_order(text: str) -> list[str]:
        return sorted(text.replace("?", "&").split("&"))

    assert in_order(named(url)) == in_order(shown)
