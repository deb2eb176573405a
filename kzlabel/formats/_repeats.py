"""Names that stand more than once in one family of `Tags`: `NAME`, `NAME#2` … up to eight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_REPEATS = 8
"""Of one name. No writer we know says anything nine times; beyond it nothing new is learnt."""
MAX_TAGS = 4096
"""Of one family: more than any tool writes, and few enough for every marker to look at."""


def gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the pairs as one family, in their order; a name's repeats as `NAME#2` up to `#8`.

    Equal values are repeats too. Empty names and values say nothing and are left out; so is what
    goes beyond a limit.
    """
    found: dict[str, str] = {}
    counts: dict[str, int] = {}
    for name, value in pairs:
        if not name or not value:
            continue
        if len(found) >= MAX_TAGS:
            cut("tags")
            break
        count = counts[name] = counts.get(name, 0) + 1
        if count <= MAX_REPEATS:
            found.setdefault(name if count == 1 else f"{name}#{count}", value)
    return found


def add_said(found: dict[str, str], name: str, value: str) -> None:
    """Add what a name says, under its next free number, unless it has said just that before."""
    if len(found) >= MAX_TAGS and name not in found:
        cut("tags")
        return
    count = 1
    key = name
    while found.setdefault(key, value) != value and count < MAX_REPEATS:
        count += 1
        key = f"{name}#{count}"
