"""Every command of the command line keeps what all of them promise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from quantumcore.client.cli.main import app

WITHOUT_JSON = {"serve"}  # it becomes the server


def leaves(
    command: object = None, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, TyperCommand]]:
    """Yield every command with its words."""
    command = typer.main.get_command(app) if command is None else command
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(command, TyperCommand):
        yield " ".join(path), command


COMMANDS = dict(leaves())


def test_the_commands_are_those_of_the_venue() -> None:
    assert {
        "order buy",
        "order replace",
        "order spread",
        "order spread-cancel",
        "order spread-replace",
        "order spread-show",
        "order spreads",
        "instrument update",
        "instrument auction",
        "account update",
        "group limits",
        "kill-switch on",
        "margin credit",
        "migration advance",
        "session list",
        "trade bust",
        "quote publish",
        "watch status",
        "book",
    } <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT_JSON))
def test_every_command_prints_json_on_demand(name: str) -> None:
    assert "--json" in {word for one in COMMANDS[name].params for word in one.opts}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_says_what_it_is_for(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    silent = [
        one.name
        for one in command.params
        if one.name != "help" and not str(getattr(one, "help", "") or "").endswith(".")
    ]
    assert silent == []
