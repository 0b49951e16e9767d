from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

from tests.proto.contract import FILES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "interfaces" / "contract.md").read_text()


def test_the_page_names_every_service() -> None:
    services = {service.name for file in FILES for service in file.service}
    assert {name for name in services if f"| `{name}` |" not in PAGE} == set()


def test_the_worked_example_of_the_book_checksum_is_right() -> None:
    example = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    stated = re.search(r"`(0x[0-9a-f]{8})`", PAGE)
    assert example is not None
    assert stated is not None
    *assignments, expression = example.group(1).strip().splitlines()
    names = {"struct": struct, "zlib": zlib}
    exec("\n".join(assignments), names)
    assert eval(expression, names) == int(stated.group(1), 16)
