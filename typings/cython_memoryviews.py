"""Teach mypy Cython's typed memoryviews: `cython.longlong[::1]` is a `memoryview[int]`.

mypy refuses the slice where it parses it (error code `valid-type`, switched off for the modules
that use it) and asks here for the meaning of the rest.
"""

from collections.abc import Callable

from mypy.plugin import AnalyzeTypeContext, Plugin
from mypy.types import Type

INTEGERS = (
    *("char", "uchar", "short", "int", "uint", "long", "longlong", "ulonglong", "Py_ssize_t"),
    "const_longlong",
)
CONSTANT_INTEGERS = ("const_uchar", "const_int", "const_longlong")
ELEMENTS = {f"cython.{name}": "builtins.int" for name in (*INTEGERS, *CONSTANT_INTEGERS)} | {
    "cython.double": "builtins.float"
}


class CythonMemoryviews(Plugin):
    """Read a C number followed by a slice as a buffer of such numbers."""

    def get_type_analyze_hook(self, fullname: str) -> Callable[[AnalyzeTypeContext], Type] | None:
        """Claim the C numbers of the `cython` module."""
        if fullname not in ELEMENTS:
            return None
        return lambda context: _meaning(context, ELEMENTS[fullname])


def _meaning(context: AnalyzeTypeContext, element: str) -> Type:
    item = context.api.named_type(element, [])
    if not context.type.args:
        return item
    return context.api.named_type("builtins.memoryview", [item])


def plugin(_version: str) -> type[Plugin]:
    """Return the plugin class; mypy calls this once."""
    return CythonMemoryviews
