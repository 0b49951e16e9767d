import gzip
import lzma
from pathlib import Path

import pytest

from quantumcore.client.flow.recording import open_recording, parse_fixed


@pytest.mark.parametrize(
    ("text", "decimals", "value"),
    [
        ("236.47", 9, 236_470_000_000),
        ("0.00000001", 9, 10),
        ("34200.017459617", 9, 34_200_017_459_617),
        ("7", 2, 700),
        ("1.500", 1, 15),
        ("-0.25", 2, -25),
    ],
)
def test_decimal_text_becomes_an_exact_integer(text: str, decimals: int, value: int) -> None:
    assert parse_fixed(text, decimals) == value


@pytest.mark.parametrize("text", ["", ".5", "1.2.3", "1e3", "nan", "1.25", " 1", "--1"])
def test_what_is_no_decimal_of_that_precision_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        parse_fixed(text, 1)


def test_recordings_open_plain_and_compressed(tmp_path: Path) -> None:
    plain, packed, zipped = (tmp_path / name for name in ("a.csv", "a.csv.xz", "a.csv.gz"))
    plain.write_text("1\n2\n")
    packed.write_bytes(lzma.compress(b"1\n2\n"))
    zipped.write_bytes(gzip.compress(b"1\n2\n"))
    for path in (plain, packed, zipped):
        with open_recording(path) as lines:
            assert list(lines) == ["1\n", "2\n"]
