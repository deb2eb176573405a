"""IPTC: the digital source type, and the AI properties of Photo Metadata 2025.1.

In XMP as `Iptc4xmpExt:DigitalSourceType` and so on, under the same names in other containers' tags;
https://www.iptc.org/std/photometadata/specification/, values from
https://cv.iptc.org/newscodes/digitalsourcetype/.

`AISystemUsed` is "the AI engine and/or model name used to generate this image"; a prompt, what that
was given. Either alone says that AI took part and not in what: `possibly-ai`. What people typed and
who they are is personal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from kzlabel import _ai_properties as names
from kzlabel._source_types import SourceType, most_ai
from kzlabel.markers._schema_org_terms import any_source_type
from kzlabel.markers._tag_names import Tag, fields, people_wrote, shown
from kzlabel.model import Evidence, Finding, FindingOutcome, LabelKind, Marker, Origin, finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kzlabel.model import Tags

_CONCEPTS = {
    **names.OWN_NAMES,
    "digitalsourcefiletype": names.SOURCE_TYPE,  # its name until IPTC Extension 1.1
}
_JOINT = "; "
"""Between the items of a bag of XMP, which some write for the one value."""
_LONGEST_LIST = 2000
_PERSONAL = {names.PROMPT: "prompt", names.PROMPT_WRITER: "prompt_writer"}
_USED = (names.SYSTEM, names.PROMPT)
"""What nobody states of a work that no AI system took part in."""
_NOTHING = frozenset({"", "-", "0", "false", "n/a", "na", "no", "none", "not applicable", "null"})


class _Typed(NamedTuple):
    """A source type, and where it was read."""

    tag: Tag
    type: SourceType


class IptcMarker:
    """Other people's properties; ours, known by their label id, are the metadata label's."""

    scheme: ClassVar[str] = "iptc"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark: of several source types the most AI one counts."""
        said = _said(tags)
        types = [
            _Typed(tag, known)
            for concept, tag in said
            if concept == names.SOURCE_TYPE
            for part in tag.value[:_LONGEST_LIST].split(_JOINT)
            if (known := any_source_type(part))
        ]
        most = most_ai(*(one.type.origin for one in types))
        best = next((one for one in types if one.type.origin is most), None)
        told = best is not None and best.type.origin is not Origin.NOT_AI
        used = None if told else next((tag for concept, tag in said if concept in _USED), None)
        first = used or (best.tag if best else None)
        if first is None:
            return None
        held = _nearest(said, first.family)
        return Marker(
            scheme=self.scheme,
            origin=Origin.POSSIBLY_AI if used or best is None else best.type.origin,
            tag=first.where,
            evidence=Evidence.STANDARD,
            system=_system(held),
            personal={
                called: people_wrote(held[concept])
                for concept, called in _PERSONAL.items()
                if concept in held
            },
            findings=tuple(_findings(best, types, used=used)),
        )


def _said(tags: Tags) -> list[tuple[str, Tag]]:
    """Return what others say, by concept; fields of our own labels are left out."""
    known = names.FAMILIES.keys() & tags.keys()
    ours = {family for family in known if names.is_ours(names.read_from(tags, family))}
    return [
        (_CONCEPTS[own], tag)
        for own, tag in fields(tags)
        if own in _CONCEPTS
        and not (tag.family in ours and tag.name in names.FAMILIES[tag.family].values())
        and tag.value.strip().casefold() not in _NOTHING
    ]


def _nearest(said: Sequence[tuple[str, Tag]], family: str) -> dict[str, str]:
    """Return the concepts' values, those of one family before those of others."""
    ordered = sorted(said, key=lambda pair: pair[1].family != family)
    return {concept: tag.value for concept, tag in reversed(ordered)}


def _system(held: Mapping[str, str]) -> str | None:
    """Return the system's name, with its version: a version alone names nothing."""
    return shown(names.system_in(held) or "") or None if names.SYSTEM in held else None


def _findings(best: _Typed | None, types: Sequence[_Typed], *, used: Tag | None) -> list[Finding]:
    found = []
    if best and not best.type.exact:
        found.append(_warning("kz.marker.bare-code", value=shown(best.tag.value)))
    if best and len({one.type.code for one in types}) > 1:
        told = ", ".join(dict.fromkeys(one.type.code for one in types))
        found.append(_warning("kz.marker.iptc.several", values=told, value=best.type.code))
    if used and best:
        found.append(_warning("kz.marker.iptc.contrary", value=best.type.code))
    elif used:
        code = "kz.marker.iptc.no-type"
        found.append(finding(code, FindingOutcome.INFORMATIONAL, LabelKind.MARKER))
    return found


def _warning(code: str, **values: str) -> Finding:
    return finding(code, FindingOutcome.WARNING, LabelKind.MARKER, **values)
