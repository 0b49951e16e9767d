from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import quantumcore.client


@pytest.mark.parametrize("name", quantumcore.client.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(quantumcore.client, name).__name__ == name


def test_a_name_that_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = quantumcore.client.nonsense


def test_the_command_starts_without_loading_grpc_or_the_server() -> None:
    program = (
        "import sys, quantumcore.client.cli.main;"
        "print([name for name in sys.modules if name in {'grpc', 'rich.live', 'asyncio'}"
        " or name.startswith('quantumcore.server')])"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert finished.stdout.strip() == "[]"


def public_methods(kind: type) -> dict[str, list[str]]:
    """List the public methods of a class with the names of their parameters."""
    return {
        name: list(inspect.signature(method).parameters)
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


def test_both_clients_have_the_same_methods_with_the_same_parameters() -> None:
    synchronous = public_methods(quantumcore.client.Client)
    assert synchronous == public_methods(quantumcore.client.AsyncClient)
    assert {"auction", "bust_trade", "publish_quotes", "stream_book_by_order"} <= set(synchronous)
    assert {"deposit", "margin", "positions", "set_limits"} <= set(synchronous)
    assert {"spread", "submit_multi_leg", "multi_leg_orders"} <= set(synchronous)
