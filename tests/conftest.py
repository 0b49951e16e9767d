"""Choose which build of the core this process tests, before anything imports it."""

import os

import pytest
from hypothesis import settings

from tests import uncompiled

if os.environ.get("QC_TWIN") == "python":
    uncompiled.install()

settings.register_profile("gate", deadline=None, print_blob=True)
settings.register_profile("long", parent=settings.get_profile("gate"), max_examples=5_000)
settings.load_profile("gate")


def pytest_report_header(config: pytest.Config) -> str:
    """Name the build under test."""
    build = "python" if os.environ.get("QC_TWIN") == "python" else "compiled where it was built"
    return f"core: {build}"
