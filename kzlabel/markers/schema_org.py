"""JSON-LD of schema.org: `digitalSourceType` of a page or of something on it.

https://schema.org/digitalSourceType, a property of CreativeWork; https://www.w3.org/TR/json-ld11/.
The page's own declares the page. That of a picture on it, or of any other part, makes the page
`ai-modified` where it says AI, as a component does (DESIGN 1), and nothing where it does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._schema_org_terms import any_source_type
from kzlabel.markers._tag_names import Tag, shown, unrepeated
from kzlabel.markers._web import is_our_label, most_ai_tag, of_a_part
from kzlabel.model import Evidence, FindingOutcome, LabelKind, Marker, Origin, finding

if TYPE_CHECKING:
    from kzlabel._source_types import SourceType
    from kzlabel.model import Tags

FAMILY = "json-ld"
_OWN = "digitalSourceType"


class SchemaOrgMarker:
    """The source type in structured data; the page's or a part's."""

    scheme: ClassVar[str] = "schema.org"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the most AI declaration of the page; none where a label of ours wrote it."""
        held = (Tag(FAMILY, name, value) for name, value in tags.get(FAMILY, {}).items())
        typed = [(tag, known) for tag in held if (known := _type(tag))]
        found = most_ai_tag((_origin(tag, known), tag) for tag, known in typed)
        if found is None or is_our_label(tags, found[0]):
            return None
        origin, tag = found
        known = next(known for held, known in typed if held == tag)
        weak = finding(
            "kz.marker.bare-code", FindingOutcome.WARNING, LabelKind.MARKER, value=shown(tag.value)
        )
        return Marker(
            scheme=self.scheme,
            origin=origin,
            tag=tag.where,
            evidence=Evidence.STANDARD,
            findings=() if known.exact else (weak,),
        )


def _type(tag: Tag) -> SourceType | None:
    """Return the source type that the tag gives; its name is a path of keys."""
    last = unrepeated(tag.name).rpartition(".")[2]
    return any_source_type(tag.value) if last == _OWN else None


def _origin(tag: Tag, known: SourceType) -> Origin:
    return known.origin if unrepeated(tag.name) == _OWN else of_a_part(known.origin)
