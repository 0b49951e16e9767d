from collections.abc import Callable
from pathlib import Path

import pytest

_DATA = Path(__file__).parents[4].parent / "shared" / "data"


@pytest.fixture
def recorded() -> Callable[[str], Path]:
    """Return a function that finds a recording beside the checkout, or skips the test."""

    def find(pattern: str) -> Path:
        paths = sorted(_DATA.glob(pattern))
        if not paths:
            pytest.skip(f"no recording ../shared/data/{pattern} beside the checkout")
        return paths[0]

    return find
