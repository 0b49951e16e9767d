"""Collect, print and store the figures of one benchmark.

A benchmark runs as a module from the repository root (`python -m benchmarks.NAME`), so that its
own file name never shadows an installed package, and ends with `Report.write()`, which prints a
table and leaves `build/bench/NAME.json`.
"""

import json
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "build" / "bench"


class Report:
    """Gather figures, their baselines and ratios under fixed keys; units are part of the key."""

    def __init__(self, name: str, *, build: dict[str, str] | None = None) -> None:
        self.name = name
        self.figures: dict[str, float] = {}
        self.baselines: dict[str, float] = {}
        self.ratios: dict[str, float] = {}
        self._build = build or {}

    def figure(self, key: str, value: float) -> Self:
        """Record what was measured."""
        self.figures[key] = value
        return self

    def baseline(self, key: str, value: float) -> Self:
        """Record what the figure stands against, measured in the same run."""
        self.baselines[key] = value
        return self

    def ratio(self, key: str, figure: float, baseline: float) -> Self:
        """Record `figure / baseline`; a baseline of zero gives no ratio."""
        if baseline:
            self.ratios[key] = figure / baseline
        return self

    def write(self, directory: Path = OUTPUT) -> Path:
        """Print the table, write `<directory>/<name>.json` and return its path."""
        print(self.table())
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"{self.name}.json"
        path.write_text(json.dumps(self.as_dict(), indent=2) + "\n")
        return path

    def as_dict(self) -> dict[str, object]:
        """Return what is stored, as plain values."""
        return {
            "name": self.name,
            "machine": machine(),
            "build": build() | self._build,
            "figures": self.figures,
            "baseline": self.baselines,
            "ratios": self.ratios,
        }

    def table(self) -> str:
        """Lay out machine, build and every number as text, one per line."""
        lines = [f"benchmark {self.name}"]
        lines += [f"  {key}: {value}" for key, value in machine().items()]
        lines += [f"  {key}: {value}" for key, value in (build() | self._build).items()]
        sections = {"figures": self.figures, "baseline": self.baselines, "ratios": self.ratios}
        for title, rows in sections.items():
            lines += _section(title, rows)
        return "\n".join(lines)


def _section(title: str, rows: dict[str, float]) -> list[str]:
    if not rows:
        return []
    width = max(len(key) for key in rows)
    return [title, *(f"  {key:<{width}}  {_number(value):>16}" for key, value in rows.items())]


def _number(value: float) -> str:
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.3f}"


def machine() -> dict[str, str]:
    """Describe the processor, memory and kernel the figures were taken on."""
    return {
        "cpu": _first_value("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": str(os.cpu_count()),
        "memory": _first_value("/proc/meminfo", "MemTotal") or "unknown",
        "kernel": f"{platform.system()} {platform.release()}",
    }


def build() -> dict[str, str]:
    """Describe the interpreter, the commit and the compiler of the code measured."""
    return {
        "python": f"{platform.python_implementation()} {sys.version.split()[0]}",
        "cython": _version("cython"),
        "commit": _commit(),
    }


def _first_value(path: str, key: str) -> str | None:
    source = Path(path)
    if not source.exists():
        return None
    with source.open() as lines:
        for line in lines:
            if line.startswith(key):
                return line.partition(":")[2].strip()
    return None


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return found.stdout.strip() or "unknown"
