"""What the documentation tells people to type exists, and what it points to is there."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(?:console|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
TARGET = re.compile(r"^([a-z][a-z-]*):.*## ", re.MULTILINE)


def pages() -> list[Path]:
    """List the pages that a reader meets."""
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def commands(text: str) -> Iterator[list[str]]:
    """Yield the commands of the console blocks, split as a shell would, with continuations."""
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                yield shlex.split(line[2:], comments=True)


def documented(program: str) -> list[tuple[str, list[str]]]:
    """Return page and arguments of every documented use of a program."""
    return [
        (str(page.relative_to(ROOT)), command[1:])
        for page in pages()
        for command in commands(page.read_text())
        if command and command[0] == program
    ]


@cache
def commands_of(app: typer.Typer) -> TyperCommand | TyperGroup:
    """Build the tree of commands, which takes a fifth of a second."""
    command = typer.main.get_command(app)
    assert isinstance(command, TyperCommand | TyperGroup)
    return command


def command_of(app: typer.Typer, arguments: list[str]) -> TyperCommand | TyperGroup:
    """Follow the subcommands; return the last one named."""
    command: object = commands_of(app)
    while isinstance(command, TyperGroup) and arguments and not arguments[0].startswith("-"):
        name, *arguments = arguments
        assert name in command.commands, f"no command {name!r} in {sorted(command.commands)}"
        command = command.commands[name]
    assert isinstance(command, TyperCommand | TyperGroup)
    return command


def unknown_options(command: TyperCommand | TyperGroup, arguments: list[str]) -> list[str]:
    """Return the options that the command does not have."""
    known = {"--help", *(text for parameter in command.params for text in parameter.opts)}
    given = [text.partition("=")[0] for text in arguments if text.startswith("--")]
    return [option for option in given if option not in known]


def test_commands_are_found_in_console_blocks_only() -> None:
    text = "`$ no`\n```console\n$ make a \\\n  b\noutput\n$ c  # why\n```\n```python\n$ no\n```\n"
    assert list(commands(text)) == [["make", "a", "b"], ["c"]]


def test_every_documented_make_target_exists() -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text()))
    used = documented("make")
    assert used
    missing = [
        (page, word)
        for page, words in used
        for word in words
        if "=" not in word and word not in targets and not word.startswith("bench-")
    ]
    assert missing == []


def test_every_target_documents_itself() -> None:
    printed = subprocess.run(
        ["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    names = set(TARGET.findall((ROOT / "Makefile").read_text()))
    assert [name for name in names if name not in printed] == []
    assert {"run", "test", "lint", "build", "proto", "bench", "demo", "clean"} <= names


def test_every_documented_quantumcore_command_exists() -> None:
    entry = next(iter(metadata.entry_points(group="console_scripts", name="quantumcore")))
    try:
        module = __import__(entry.module, fromlist=["app"])
    except ModuleNotFoundError as missing:
        if missing.name and entry.module.startswith(missing.name):
            pytest.skip("the command line is not part of this build")
        raise
    wrong = [
        (page, arguments, unknown)
        for page, arguments in documented("quantumcore")
        if (unknown := unknown_options(command_of(module.app, arguments), arguments))
    ]
    assert wrong == []


def test_every_relative_link_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages()
        for target in LINK.findall(page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_decision_states_context_decision_and_consequence() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("[0-9][0-9][0-9]-*.md"))
    assert len(decisions) >= 5
    headings = ["## Context", "## Decision", "## Consequence"]
    incomplete = [
        path.name
        for path in decisions
        if re.findall(r"^## \w+$", path.read_text(), re.MULTILINE)[:3] != headings
    ]
    assert incomplete == []
    numbers = [path.name[:3] for path in decisions]
    assert len(set(numbers)) == len(numbers)
