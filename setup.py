"""Build what the source tree leaves out: protobuf stubs and the C form of `*_cy.py`.

Environment:
    QC_PURE_PYTHON  compile nothing; the same sources run as plain Python.
    QC_REQUIRE_EXT  a module that cannot be compiled fails the build.
    QC_NATIVE       optimise for this machine's processor; the result is not portable.
    QC_ANNOTATE     write Cython's annotated HTML beside the C files in build/cython.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

ROOTS = [root for root in ("server", "gateway_fix", "gateway_web") if Path(root).is_dir()]
SHARED = "quantumcore.server._memoryviews"  # what every extension needs of memoryviews, once
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "initializedcheck": False,
    "cdivision": True,
}


def in_place_path(name: str) -> Path:
    """Return where the extension `name` lies: beside its source."""
    relative = Path(*name.split("."))
    root = next(Path(r) for r in ROOTS if (r / relative.parent).is_dir())
    return root / (str(relative) + sysconfig.get_config_var("EXT_SUFFIX"))


class BuildExtensions(build_ext):
    """Compile on both cores, and never leave an old extension to shadow newer source."""

    def initialize_options(self) -> None:
        """Set the number of compilers that run at once."""
        super().initialize_options()
        self.parallel = min(2, os.cpu_count() or 1)

    def build_extension(self, ext: Extension) -> None:
        """Build one extension; on failure remove what an earlier build left of it."""
        try:
            super().build_extension(ext)
        except Exception:
            Path(self.get_ext_fullpath(ext.name)).unlink(missing_ok=True)
            in_place_path(ext.name).unlink(missing_ok=True)
            raise


class BuildStubs(build_py):
    """Generate the protobuf stubs before the Python modules are collected."""

    def run(self) -> None:
        """Run the contract's generator, then build as usual."""
        subprocess.run([sys.executable, "proto/build.py"], check=True)
        super().run()


def declarations_changed() -> bool:
    """Tell whether a .pxd is newer than a C file: cythonize() overlooks `cython.cimports`."""
    declared = [path.stat().st_mtime for root in ROOTS for path in Path(root).rglob("*.pxd")]
    written = [path.stat().st_mtime for path in Path("build/cython").rglob("*.c")]
    return bool(declared and written) and max(declared) > min(written)


def extensions() -> list[Extension]:
    """Return the extensions; each falls back to its Python source unless required."""
    if os.environ.get("QC_PURE_PYTHON"):
        return []
    from Cython.Build import cythonize

    flags = ["-O3", "-g0", *(["-march=native"] if os.environ.get("QC_NATIVE") else [])]
    hot = [
        Extension(
            ".".join(source.relative_to(root).with_suffix("").parts),
            [str(source)],
            extra_compile_args=flags,
        )
        for root in ROOTS
        for source in sorted(Path(root).rglob("*_cy.py"))
    ]
    built = cythonize(
        [Extension(SHARED, ["_memoryviews.c"], extra_compile_args=flags), *hot],
        include_path=ROOTS,
        shared_utility_qualified_name=SHARED,
        build_dir="build/cython",
        annotate=bool(os.environ.get("QC_ANNOTATE")),
        force=declarations_changed(),
        nthreads=min(2, os.cpu_count() or 1),
        compiler_directives=DIRECTIVES,
    )
    for extension in built:  # cythonize() drops `optional` from its input
        extension.optional = not os.environ.get("QC_REQUIRE_EXT")
    return built


if __name__ == "__main__":
    setup(
        ext_modules=extensions(),
        cmdclass={"build_ext": BuildExtensions, "build_py": BuildStubs},
    )
