"""Read what a page shows people to type, and what it says that they will see."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
ANYTHING = "…"
PROMPT = "$ quantumcore "
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_STATUS = re.compile(r"# exit status (\d+)")
REFUSED = "# refused"


@dataclass(frozen=True, slots=True)
class Command:
    """A line for the shell, its exit status, and the lines shown under it."""

    line: str
    shown: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line.removeprefix(PROMPT), comments=True)

    @property
    def status(self) -> int:
        if found := _STATUS.search(self.line):
            return int(found[1])
        return 1 if REFUSED in self.line else 0


@dataclass(frozen=True, slots=True)
class Program:
    """A Python block, and the lines of the text block right behind it: what it prints."""

    source: str
    shown: tuple[str, ...] | None


Step = Command | Program


def steps(text: str) -> list[Step]:
    """List what a page shows, in its order."""
    found: list[Step] = []
    for kind, body in _BLOCK.findall(text):
        match kind:
            case "console":
                found += commands(body)
            case "python":
                found.append(Program(body, None))
            case "text" if found and isinstance(last := found[-1], Program) and not last.shown:
                found[-1] = Program(last.source, tuple(body.splitlines()))
    return found


def commands(block: str) -> list[Command]:
    """List the commands of a console block, each with the lines under it."""
    parts = re.split(r"^(?=\$ )", block, flags=re.MULTILINE)
    lines = [part.replace("\\\n", " ").splitlines() for part in parts if part.startswith("$ ")]
    return [Command(first, tuple(rest)) for first, *rest in lines]


def differs(shown: tuple[str, ...], printed: str) -> str | None:
    """Compare line by line, spaces aside; `…` stands for anything, on a line or as lines.

    Return what to tell a person where they differ, None where they do not.
    """
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line.strip() == ANYTHING else _pattern(line) + r"\n" for line in shown
    )
    text = "".join(f"{' '.join(line.split())}\n" for line in printed.splitlines())
    if re.fullmatch(pattern, text):
        return None
    return "the page shows\n" + "\n".join(shown) + f"\nand this was printed\n{text}"


def _pattern(line: str) -> str:
    return r"[^\n]*?".join(map(re.escape, " ".join(line.split()).split(ANYTHING)))
