from __future__ import annotations

import re

from .pages import DOCS

LINK = re.compile(r"\]\(([^)#\s]+)")


def test_every_page_is_in_the_index() -> None:
    index = DOCS / "README.md"
    linked = {(DOCS / target).resolve() for target in LINK.findall(index.read_text())}
    missing = [
        str(page.relative_to(DOCS))
        for page in sorted(DOCS.rglob("*.md"))
        if page != index and page not in linked and page.parent not in linked
    ]
    assert missing == []
