"""Run the codec's tests on both of its builds."""

import importlib.util
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from quantumcore.server.api.wire import order_wire_cy
from quantumcore.server.core.exchange_cy import Exchange


def _uncompiled() -> ModuleType:
    name = order_wire_cy.__name__
    path = Path(str(order_wire_cy.__file__)).with_name("order_wire_cy.py")
    loader = SourceFileLoader(name, str(path))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


UNCOMPILED = _uncompiled()


@pytest.fixture(scope="session", params=["compiled", "python"])
def wire(request: pytest.FixtureRequest) -> ModuleType:
    """The codec, compiled and not."""
    if request.param == "python":
        return UNCOMPILED
    if not order_wire_cy.is_compiled():
        pytest.skip("no C extension in this build")
    return order_wire_cy


@pytest.fixture(scope="session")
def exchange() -> Exchange:
    """An exchange without instruments: it records every command and refuses it."""
    return Exchange(order_capacity=1 << 17, live_order_capacity=1 << 10, level_capacity=1 << 10)
