"""What a tag is called, whatever container it lies in.

The same field is `Iptc4xmpExt:DigitalSourceType` in XMP, `TXXX:DIGITALSOURCETYPE` in ID3,
`----:com.apple.iTunes:DigitalSourceType` in MP4 and `mdta:org.example.digital-source-type` beside
it: the last step of the name is what tells it, its letters alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.model import Tags

LONGEST_PERSONAL = 20_000
"""Characters of a prompt that are shown on request."""
LONGEST_NAME = 200
"""Characters of a name that is looked at; no vocabulary has a longer one."""
LONGEST_SHOWN = 300
"""Characters of a value from a file that a report repeats."""
_FOLDED = str.maketrans("", "", "-_ ")
_NOT_FIELDS = frozenset({"c2pa", "json-ld", "html-attr", "stealth"})
"""Families that hold something else than a container's fields."""


class Tag(NamedTuple):
    """One tag of one family."""

    family: str
    name: str
    value: str

    @property
    def where(self) -> str:
        """Where it was read, as reports say it."""
        return printable(f"{self.family}: {self.name}")


def fields(tags: Tags) -> Iterator[tuple[str, Tag]]:
    """Give every field of a container, and its own name."""
    for family, held in tags.items():
        if family not in _NOT_FIELDS:
            for name, value in held.items():
                if len(name) <= LONGEST_NAME:
                    yield own_name(name), Tag(family, name, value)


@lru_cache(maxsize=1024)
def own_name(name: str) -> str:
    """Return the last step of a tag's name, folded: `TXXX:AI-System Used#2` -> `aisystemused`."""
    first = unrepeated(name)
    return first.rpartition(":")[2].rpartition(".")[2].translate(_FOLDED).casefold()


def unrepeated(name: str) -> str:
    """Return the name without the number of its repeat: `AIGC#2` -> `AIGC`."""
    whole, repeat, number = name.rpartition("#")
    return whole if repeat and number.isdecimal() else name


def shown(text: str) -> str:
    """Return text from a file as a report repeats it: one line of a bounded length."""
    return printable(" ".join(text[:LONGEST_SHOWN].split()))


def people_wrote(text: str) -> str:
    """Return what people wrote as it is shown on request: their lines kept, its length bounded."""
    return text[:LONGEST_PERSONAL].encode("utf-8", "replace").decode()
