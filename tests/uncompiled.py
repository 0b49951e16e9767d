"""Import `*_cy` modules from their Python source, also where their compiled form exists.

One source has two builds, and both are tested: `QC_TWIN=python pytest tests/server/core` runs the
core on the uncompiled one. Since compiled modules import one another, the choice holds for a
whole process.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType


class UncompiledFinder:
    """Find the `.py` source of every module whose name ends in `_cy`."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the source's spec, or None where the usual finders should decide."""
        if path is None or not fullname.endswith("_cy"):
            return None
        for folder in path:
            source = Path(folder, fullname.rpartition(".")[2] + ".py")
            if source.is_file():
                loader = SourceFileLoader(fullname, str(source))
                return spec_from_file_location(fullname, source, loader=loader)
        return None


def install() -> None:
    """Put the finder first; modules that were imported before keep their build."""
    if UncompiledFinder not in sys.meta_path:
        sys.meta_path.insert(0, UncompiledFinder)
