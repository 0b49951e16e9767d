from __future__ import annotations

import pytest

from .pages import Command, Program, differs, steps

PAGE = """
Text, `$ no`.

```console
$ quantumcore order buy AAPL 10 100.25 \\
    --account alice
order … mine: NEW
$ quantumcore status  # exit status 7
$ quantumcore order buy AAPL 1 0.001  # refused
it was refused
```

```python
print(1)
```

```text
1
```

```python
pass
```

```text
1
```

```toml
no = 1
```
"""


def test_commands_and_programs_come_in_order_with_what_is_shown() -> None:
    buy, status, refused, printing, silent = steps(PAGE)
    assert isinstance(buy, Command)
    assert buy.words == ["order", "buy", "AAPL", "10", "100.25", "--account", "alice"]
    assert (buy.status, buy.shown) == (0, ("order … mine: NEW",))
    assert isinstance(status, Command)
    assert (status.words, status.status, status.shown) == (["status"], 7, ())
    assert isinstance(refused, Command)
    assert (refused.status, refused.shown) == (1, ("it was refused",))
    assert printing == Program("print(1)\n", ("1",))
    assert silent == Program("pass\n", ("1",))


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (("order … mine: NEW",), "order 5 mine: NEW\n"),
        (("a   b",), "  a b \n"),
        (("first", "…", "last"), "first\n1\n2\nlast\n"),
        (("first", "…", "last"), "first\nlast\n"),
        (("price (1) *",), "price (1) *\n"),
        ((), ""),
    ],
)
def test_what_is_shown_stands_for_what_is_printed(shown: tuple[str, ...], printed: str) -> None:
    assert differs(shown, printed) is None


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (("order … mine: NEW",), "order 5 mine: FILLED\n"),
        (("first",), "first\nsecond\n"),
        (("first", "second"), "first\n"),
        (("a.b",), "axb\n"),
        (("order … NEW",), "order 5\nNEW\n"),
        ((), "more\n"),
    ],
)
def test_a_difference_is_told(shown: tuple[str, ...], printed: str) -> None:
    told = differs(shown, printed)
    assert told is not None
    assert printed.split(maxsplit=1)[0] in told
