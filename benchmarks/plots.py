"""Draw the plots that the documentation shows; all in one form."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import ROOT

FOLDER = ROOT / "docs" / "performance"
Line = tuple[Sequence[float], Sequence[float]]


def panel(axes: Any, title: str, across: str, up: str, lines: Mapping[str, Line]) -> None:
    """Draw lines by name over a logarithmic axis; the other begins at zero."""
    for name, (places, values) in lines.items():
        axes.plot(places, values, marker="o", markersize=4, label=name)
    axes.set(title=title, xlabel=across, ylabel=up, xscale="log")
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=8)


def figure(columns: int, height: float = 4.2) -> tuple[Any, Any]:
    """Return a figure with so many panels side by side, and the panels."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    return plt.subplots(1, columns, figsize=(5.2 * columns, height), layout="constrained")


def save(drawn: Any, name: str, folder: Path = FOLDER) -> Path:
    """Write a figure as docs/performance/NAME.png; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    drawn.savefig(path, dpi=110, metadata={"Software": None})
    return path
