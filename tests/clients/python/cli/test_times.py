from __future__ import annotations

import pytest

from quantumcore.client.cli.times import duration_ns, moment_ns


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        ("0s", 0),
        ("250ms", 250_000_000),
        ("1.5s", 1_500_000_000),
        ("0.1us", 100),
        ("2m", 120_000_000_000),
        ("1h", 3_600_000_000_000),
        ("1d", 86_400_000_000_000),
        ("7ns", 7),
    ],
)
def test_a_duration_is_exact(text: str, expected_ns: int) -> None:
    assert duration_ns(text, name="length") == expected_ns


@pytest.mark.parametrize("text", ["", "5", "s", "-1s", "1 s", "1w", "1e3s", "+1s"])
def test_what_is_no_duration_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"^length: .* is not a number and a unit"):
        duration_ns(text, name="length")


def test_a_duration_is_never_rounded() -> None:
    with pytest.raises(ValueError, match="finer than a nanosecond"):
        duration_ns("0.5ns", name="length")


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1970-01-02 00:00:00.5Z", 86_400_500_000_000),
        ("1970-01-01T01:00:00+01:00", 0),
        ("2030-01-31T16:00:00Z", 1_896_105_600_000_000_000),
        ("+1.5s", 1_500_000_042),
    ],
)
def test_a_moment_is_exact_to_the_nanosecond(text: str, expected_ns: int) -> None:
    assert moment_ns(text, name="expires", now_ns=42) == expected_ns


@pytest.mark.parametrize(
    "text",
    ["tomorrow", "2030-01-31", "2030-01-31T16:00:00", "2030-13-31T16:00:00Z", "2030-01-31T16:00Z"],
)
def test_what_is_no_moment_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expires: .* is not ISO 8601 with a zone"):
        moment_ns(text, name="expires")
