"""Choose which build of the core this process tests, before anything imports it."""

import os

import pytest
from hypothesis import settings

from tests import uncompiled

if os.environ.get("QC_TWIN") == "python":
    uncompiled.install()

# The gate draws the same examples each time; `--hypothesis-profile=long` draws many others.
settings.register_profile("gate", deadline=None, print_blob=True, derandomize=True)
settings.register_profile(
    "long", deadline=None, print_blob=True, derandomize=False, max_examples=5_000
)
settings.load_profile("gate")


def pytest_report_header(config: pytest.Config) -> str:
    """Name the build under test."""
    build = "python" if os.environ.get("QC_TWIN") == "python" else "compiled where it was built"
    return f"core: {build}"
