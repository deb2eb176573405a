"""The implicit label of GB 45438-2025, `AIGC`: the law of China for what its services generate.

A JSON object in the metadata (clause 6, annexes E and F), by the practice guides of TC260
(https://www.tc260.org.cn) in XMP as `TC260:AIGC`, in every other container under its plain name::

    {"AIGC": {"Label": "1", "ContentProducer": "001191110102MACQD9K64010000",
     "ProduceID": "…", "ReservedCode1": "…", "ContentPropagator": "…", "PropagateID": "…",
     "ReservedCode2": "…"}}

`Label` says "1" that it is synthetic, "2" that it may be, "3" that it is suspected. It has no value
for what is not: whatever else stands there ("0", "4", nothing) is read as possibly AI, and said.
There must be one label a file (6.1 c), of characters from 0x21 to 0x7E, with nothing empty. Files
in the wild are less strict; what they lack is a warning. The reserved codes hold signatures and are
not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from kzlabel._source_types import most_ai
from kzlabel.markers._json_text import json_object
from kzlabel.markers._tag_names import Tag, fields, own_name, shown, unrepeated
from kzlabel.model import Evidence, Finding, FindingOutcome, LabelKind, Marker, Origin, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kzlabel.model import Tags

_KEY = "aigc"
_MEMBERS = {
    name.casefold(): name
    for name in ("ContentProducer", "ProduceID", "ContentPropagator", "PropagateID")
}
_RESERVED = frozenset({"reservedcode1", "reservedcode2"})
_ORIGINS = {
    "1": Origin.AI_GENERATED,
    "2": Origin.POSSIBLY_AI,
    "3": Origin.POSSIBLY_AI,
}
_WILD = {"aigc": Origin.AI_GENERATED}
"""MiniMax writes the label's name for its value."""
_PROPERTY = "TC260:AIGC"
"""The standard's own place: nothing else is called so."""
_QUOTED = 4
"""Characters of an unknown value that a report repeats: it may be anything, a person's name too."""
_CHARACTERS = range(0x21, 0x7F)
_HEAD = 4096
"""Characters of a value in which a word of the label is looked for."""


class _Label(NamedTuple):
    """One label, its members' names folded."""

    tag: Tag
    origin: Origin
    value: str
    """Of `Label`."""
    exact: bool
    """A value of the standard, written as text."""
    members: Mapping[str, str]


class Gb45438Marker:
    """The implicit label of Chinese services."""

    scheme: ClassVar[str] = "gb45438"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the label; of several, which the standard forbids, the most AI one."""
        labels = [label for tag in _candidates(tags) if (label := _label(tag))]
        if not labels:
            return None
        origin = most_ai(*(label.origin for label in labels))
        label = next(label for label in labels if label.origin is origin)
        return Marker(
            scheme=self.scheme,
            origin=origin,
            tag=label.tag.where,
            evidence=Evidence.STANDARD,
            provider=shown(label.members.get("contentproducer", "")) or None,
            label_id=shown(label.members.get("produceid", "")) or None,
            findings=tuple(_findings(label, labels)),
        )


def _candidates(tags: Tags) -> Iterator[Tag]:
    """Give the tags that may hold a label: by their name, or by a word in a field for anything."""
    for own, tag in fields(tags):
        head = tag.value[:_HEAD]
        if own == _KEY or "AIGC" in head or "ContentProducer" in head:
            yield tag


def _label(tag: Tag) -> _Label | None:
    """Return the label in a tag; None where its text is something else."""
    outer = json_object(_without_key(tag.value))
    inner = outer.get("AIGC", outer)
    held = json_object(inner) if isinstance(inner, str) else inner
    if not isinstance(held, dict):
        return None
    members = {str(name).casefold(): value for name, value in held.items()}
    named = members.keys() & (_MEMBERS.keys() | _RESERVED)
    value = members.get("label")
    told = str(value).strip() if isinstance(value, (str, int)) else ""
    keyed = inner is not outer or own_name(tag.name) == _KEY
    bare = _known(told) or told.isdecimal() or unrepeated(tag.name) == _PROPERTY
    if "label" not in members or not (named or (keyed and bare)):
        return None
    origin = _known(told) or Origin.POSSIBLY_AI
    texts = {name: str(members[name]) for name in named if isinstance(members[name], (str, int))}
    return _Label(tag, origin, told, isinstance(value, str) and value in _ORIGINS, texts)


def _known(value: str) -> Origin | None:
    """Return what a value of `Label` says; None for one that nobody has given a meaning."""
    return _ORIGINS.get(value) or _WILD.get(value.casefold())


def _without_key(text: str) -> str:
    """Return the object in `AIGC{…}` and in `AIGC: {…}`."""
    bare = text.lstrip(" \t\r\n\0")
    return bare.removeprefix("AIGC").lstrip(" \t\r\n\0:=") if bare.startswith("AIGC") else bare


# --- What the standard asks of it -----------------------------------------------------------------


def _findings(label: _Label, labels: Sequence[_Label]) -> Iterator[Finding]:
    if len(labels) > 1:
        where = ", ".join(one.tag.where for one in labels)
        yield _warning("several", count=len(labels), where=where)
    if not _known(label.value):
        short = len(label.value) <= _QUOTED and (label.value + "0").isalnum()
        value = label.value if short else "…"
        yield _warning("unknown", value=value, length=len(label.value))
    elif not label.exact:
        yield _warning("label", value=label.value)
    empty = [name for key, name in _MEMBERS.items() if not label.members.get(key, "").strip()]
    if empty:
        yield _warning("empty", names=", ".join(empty))
    odd = [name for key, name in _MEMBERS.items() if _is_odd(label.members.get(key, ""))]
    if odd:
        yield _warning("characters", names=", ".join(odd))


def _is_odd(value: str) -> bool:
    return any(ord(character) not in _CHARACTERS for character in value[:_HEAD].strip())


def _warning(rule: str, **values: object) -> Finding:
    code = f"kz.marker.gb45438.{rule}"
    return finding(code, FindingOutcome.WARNING, LabelKind.MARKER, **values)
