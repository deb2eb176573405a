"""What the reading of tags passes over because it is beyond a limit: told, never silent.

Limits are met deep inside rooms, in helpers that give nothing but texts. There `cut` notes it, for
the one reading that `read_noting` has begun; elsewhere, as in writing, nobody asks.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kzlabel.model import Tags

FAMILY = "unread"
_CUTS: ContextVar[dict[str, int] | None] = ContextVar("cuts", default=None)


def cut(family: str) -> None:
    """Note that something of a family of tags is there, and is not read."""
    cuts = _CUTS.get()
    if cuts is not None:
        cuts[family] = cuts.get(family, 0) + 1


def read_noting(read: Callable[[Path], Tags], path: Path) -> Tags:
    """Return the tags, and in the family `unread` how often each family was cut, if any was."""
    cuts: dict[str, int] = {}
    token = _CUTS.set(cuts)
    try:
        tags = read(path)
    finally:
        _CUTS.reset(token)
    if not cuts:
        return tags
    return {**tags, FAMILY: {family: str(count) for family, count in sorted(cuts.items())}}
