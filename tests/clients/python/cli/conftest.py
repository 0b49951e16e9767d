from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from quantumcore.client.cli import options
from quantumcore.client.cli.main import main


@dataclass
class FakeClient:
    """Answers what it was told to, and keeps what it was asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            self.calls.append((name, args, named))
            return self.answers[name]

        return call


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    client = FakeClient()

    @contextmanager
    def connection(*_: object) -> Iterator[FakeClient]:
        yield client

    monkeypatch.setattr(options, "connection", connection)
    return client


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(line: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["quantumcore", *line.split()])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), output.out, output.err)

    return command
