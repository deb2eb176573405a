"""What the marks of web pages share: parts of a page, and our own label in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel import _ai_properties as names
from kzlabel._origins import WORTH, Voice
from kzlabel._source_types import most_ai, origin_of
from kzlabel.model import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kzlabel.markers._tag_names import Tag
    from kzlabel.model import Tags

_FAMILY = "html-meta"


def of_a_part(origin: Origin) -> Origin:
    """Return what a part's origin makes of the page: AI in it alters the whole (DESIGN 1).

    That one picture is not AI's says nothing about the page.
    """
    return WORTH[Voice.PART][origin]


def most_ai_tag(declared: Iterable[tuple[Origin, Tag]]) -> tuple[Origin, Tag] | None:
    """Return the most AI declaration of those that declare anything, the first of equals."""
    there = [one for one in declared if one[0] is not Origin.UNDECLARED]
    most = most_ai(*(origin for origin, _ in there))
    return next((one for one in there if one[0] is most), None)


def is_our_label(tags: Tags, origin: Origin) -> bool:
    """Whether a label of ours in the page says the same, and so wrote this beside it."""
    said = names.read_from(tags, _FAMILY)
    return names.is_ours(said) and origin_of(said[names.SOURCE_TYPE]) is origin
