"""What mypy makes of the types of compiled modules."""

import re
from pathlib import Path

from mypy import api

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = f"""
[mypy]
strict = true
plugins = {ROOT}/typings/cython_memoryviews.py
mypy_path = {ROOT}/typings
disable_error_code = valid-type
"""
MEANINGS = {
    "cython.longlong": "int",
    "cython.int": "int",
    "cython.double": "float",
    "cython.longlong[::1]": "memoryview[int]",
    "cython.int[::1]": "memoryview[int]",
    "cython.double[::1]": "memoryview[float]",
}


def test_c_types_are_checked_as_their_python_counterparts(tmp_path: Path) -> None:
    configuration, source = tmp_path / "mypy.ini", tmp_path / "probe.py"
    configuration.write_text(CONFIGURATION)
    probes = [
        f"def probe_{at}(it: {annotation}) -> None:\n    reveal_type(it)\n"
        for at, annotation in enumerate(MEANINGS)
    ]
    source.write_text("\n".join(["import cython\n", *probes]))
    output, errors, _ = api.run(
        ["--config-file", str(configuration), "--cache-dir", str(tmp_path), str(source)]
    )
    revealed = re.findall(r'Revealed type is "(.*)"', output.replace("builtins.", ""))
    assert dict(zip(MEANINGS, revealed, strict=True)) == MEANINGS, output + errors
