"""Where makers write, over all containers, and what stands there: shared by the rooms of vendors.

A maker's words are read in exact places and known by their grammar; a weak key alone (`prompt`,
`Comment`) is never enough. What is read may be hostile: every test here is linear in the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kzlabel.errors import printable
from kzlabel.markers._tag_names import LONGEST_PERSONAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.model import Tags

Place = tuple[str, str]
"""A family of tags, and the name in it; a name that ends with a colon is any that begins so,
or is without its description."""

MAX_REPEAT = 8
"""Repeats of a name that the rooms keep (`NAME#2` …)."""
MAX_NAME = 100
"""Characters of the name of a system, and of a tag's."""

COMMENTS: Sequence[Place] = (
    ("exif", "UserComment"),
    ("exif", "ImageDescription"),
    ("comment", "COM"),
    ("png-text", "Comment"),
    ("png-text", "Description"),
    ("xmp", "exif:UserComment"),
    ("xmp", "dc:description"),
    ("stealth", "stealth_pnginfo"),
    ("stealth", "stealth_pngcomp"),
    ("mp4", "©cmt"),
    ("mp4", "desc"),
    ("mp4", "mdta:comment"),
    ("mp4", "mdta:description"),
    ("mp4", "mdta:com.apple.quicktime.comment"),
    ("mp4", "mdta:com.apple.quicktime.description"),
    ("matroska", "COMMENT"),
    ("matroska", "DESCRIPTION"),
    ("vorbis", "COMMENT"),
    ("vorbis", "DESCRIPTION"),
    ("id3", "COMM:"),
    ("id3", "TXXX:comment"),
    ("id3", "TXXX:description"),
    ("riff-info", "ICMT"),
    ("riff", "ANNO"),
    ("riff", "COMT"),
)
"""Where a free text about the whole asset stands."""


def named(*names: str) -> tuple[Place, ...]:
    """Return the places of free fields of these names in every container that has free fields."""
    return tuple(
        place
        for name in names
        for place in (
            ("png-text", name),
            ("mp4", f"mdta:{name}"),
            ("mp4", f"----:com.apple.iTunes:{name}"),
            ("matroska", name.upper()),
            ("vorbis", name.upper()),
            ("id3", f"TXXX:{name}"),
        )
    )


def said(tags: Tags, places: Sequence[Place]) -> Iterator[tuple[str, str]]:
    """Yield what stands in these places, repeats too, each with where it was read."""
    for family, name in places:
        held = tags.get(family)
        if not held:
            continue
        if name.endswith(":"):
            begins = (name, f"{name[:-1]}#")
            keys = (key for key in held if key.startswith(begins) or key == name[:-1])
            yield from ((place(family, key), held[key]) for key in keys)
        elif name in held:
            yield f"{family}: {name}", held[name]
            repeats = (f"{name}#{count}" for count in range(2, MAX_REPEAT + 1))
            yield from ((f"{family}: {key}", held[key]) for key in repeats if key in held)


def place(family: str, name: str) -> str:
    """Return how a report says where a tag stands whose name the file's author chose."""
    return f"{family}: {printable(name[:MAX_NAME])}"


def first(tags: Tags, *places: Place) -> str:
    """Return the first thing said in these places, without the spaces around it; or nothing."""
    return next((text.strip() for _, text in said(tags, places)), "")


def is_uuid(text: str) -> bool:
    """Whether this is a UUID as it is usually written, and nothing else."""
    return bool(re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text))


def name_of(*parts: object) -> str | None:
    """Return the name of a system from those parts that are words, on one line and shortened.

    What does not print is escaped: it steers no terminal, and is seen to be there.
    """
    words = " ".join(part[:MAX_NAME] for part in parts if isinstance(part, str))
    return printable(" ".join(words.split()))[:MAX_NAME].strip() or None


def personal(**said_by_people: object) -> dict[str, str]:
    """Return what people wrote, by what it is; empty ones and what is no text are left out."""
    texts = {name: value for name, value in said_by_people.items() if isinstance(value, str)}
    return {name.replace("_", " "): _cut(text) for name, text in texts.items() if text.strip()}


def _cut(text: str) -> str:
    text = text[: LONGEST_PERSONAL + 1].strip().encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= LONGEST_PERSONAL else text[:LONGEST_PERSONAL] + "…"
