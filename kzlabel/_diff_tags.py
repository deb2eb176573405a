"""What became of tags: those that say something of AI one by one, the others counted.

A copy may be of another container, which calls the same field otherwise. What IPTC and we define is
told with its value; a prompt, and whatever else a mark rests on, is only compared.
"""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from kzlabel import _ai_properties as names
from kzlabel._changes import Fate, Field, FieldChange, Others
from kzlabel._pairing import paired
from kzlabel._source_types import RANK
from kzlabel.errors import printable
from kzlabel.markers._schema_org_terms import any_source_type
from kzlabel.markers._tag_names import own_name, unrepeated
from kzlabel.model import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kzlabel.model import AssetReport, Tags

MOST_FIELDS = 500
"""Tags of one copy that are told one by one; more are counted among the others."""
LONGEST_TOLD = 300
"""Characters of a value that is told."""
_TOLD = frozenset(
    {names.SOURCE_TYPE, names.SYSTEM, names.SYSTEM_VERSION, names.PROVIDER, names.LABEL_ID}
)
_NOT_TAGS = frozenset({"c2pa", "unread"})
"""What a manifest says, which is its label's row, and what was not read, which is a finding."""

Place = tuple[str, str]
"""A family of tags, and a name in it."""


def travelling(tags: Tags) -> Tags:
    """Return the tags as they leave the process that read them: in full only what may be told.

    Any other value is a digest: it can be compared, and is short, and prints.
    """
    return {
        family: {printable(name): _outward(family, name, value) for name, value in held.items()}
        for family, held in tags.items()
        if family not in _NOT_TAGS
    }


def _outward(family: str, name: str, value: str) -> str:
    if _concept(family, name) in _TOLD:
        return printable(value[:LONGEST_TOLD])
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _concept(family: str, name: str) -> str | None:
    own = _CONCEPTS.get((family, unrepeated(name)))
    return own or names.OWN_NAMES.get(own_name(name))


_CONCEPTS: Mapping[Place, str] = {
    (family, name): concept
    for family, concepts in names.FAMILIES.items()
    for concept, name in concepts.items()
}


class _Tag(NamedTuple):
    """One tag, and the concept it stands for where it has one."""

    family: str
    name: str
    value: str
    concept: str | None

    def shown(self) -> Field:
        told = self.value if self.concept in _TOLD else None
        return Field(family=self.family, name=self.name, value=told)


def marked_in(row: AssetReport) -> frozenset[Place]:
    """Return the places of the tags that labels and marks rest on: `family: name`."""
    found = ((label.where or "").partition(": ") for label in row.labels)
    return frozenset((family, name) for family, colon, name in found if colon)


def fields_between(before: Tags, after: Tags, marked: frozenset[Place]) -> Iterator[FieldChange]:
    """Give what became of each tag that says something of AI, or that a mark rests on."""
    pairs = paired(
        _ai_tags(before, marked),
        _ai_tags(after, marked),
        lambda tag: tag[:3],
        lambda tag: tag[:2],
        lambda tag: tag.concept and (tag.concept, tag.value),
        lambda tag: tag.concept,
        lambda tag: None if tag.concept else tag.value,
    )
    for old, new in pairs:
        yield FieldChange(
            fate=_fate(old, new),
            lost=old is not None and (new is None or _says_less(old, new)),
            before=old.shown() if old else None,
            after=new.shown() if new else None,
        )


def _ai_tags(tags: Tags, marked: frozenset[Place]) -> Sequence[_Tag]:
    found = (tag for tag in _all(tags) if tag.concept or (tag.family, tag.name) in marked)
    return list(islice(found, MOST_FIELDS))


def _all(tags: Tags) -> Iterator[_Tag]:
    for family, held in tags.items():
        for name, value in held.items() if family not in _NOT_TAGS else ():
            yield _Tag(family, name, value, _concept(family, name))


def _fate(old: _Tag | None, new: _Tag | None) -> Fate:
    if old is None or new is None:
        return Fate.APPEARED if old is None else Fate.VANISHED
    return Fate.SURVIVED if old.value == new.value else Fate.CHANGED


def _says_less(old: _Tag, new: _Tag) -> bool:
    """Whether another value is a loss: of source types, the one that says less of AI."""
    if old.concept != names.SOURCE_TYPE:
        return old.value != new.value
    return _rank(new.value) > _rank(old.value)


def _rank(value: str) -> int:
    known = any_source_type(value)
    return RANK[known.origin if known else Origin.UNDECLARED]


def others_between(before: Tags, after: Tags, marked: frozenset[Place]) -> Iterator[Others]:
    """Give the counts of the other tags, by family."""
    old, new = _plain(before, marked), _plain(after, marked)
    for family in sorted(old.keys() | new.keys()):
        first, second = old.get(family, {}), new.get(family, {})
        both = first.keys() & second.keys()
        kept = sum(first[name] == second[name] for name in both)
        yield Others(
            family=family, before=len(first), after=len(second),
            kept=kept, changed=len(both) - kept,
        )  # fmt: skip


def _plain(tags: Tags, marked: frozenset[Place]) -> dict[str, dict[str, str]]:
    told = {(tag.family, tag.name) for tag in _ai_tags(tags, marked)}
    plain: dict[str, dict[str, str]] = {}
    for tag in _all(tags):
        if (tag.family, tag.name) not in told:
            plain.setdefault(tag.family, {})[tag.name] = tag.value
    return plain
