"""`ai-disclosure` in HTML: what a page, or a part of it, says of itself.

W3C community group "AI Content Disclosure" (WICG proposals, issue 261): `<meta name="ai-disclosure"
content="…">`, an attribute of the same name with `ai-model` and `ai-provider`, and `aiDisclosure`
in JSON-LD, a word or an object of `level`, `tool` and `provider`. On `html` and `body` the
attribute is the page's; any other element's is a part's, and AI in a part makes the page
`ai-modified`. Its absence says nothing; `none` is an unsigned `not-ai`, which counts for no more
than a conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._tag_names import Tag, shown, unrepeated
from kzlabel.markers._web import is_our_label, most_ai_tag, of_a_part
from kzlabel.model import Evidence, Finding, FindingOutcome, LabelKind, Marker, Origin, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.model import Tags

_LEVELS = {
    "none": Origin.NOT_AI,
    "ai-assisted": Origin.AI_MODIFIED,
    "ai-generated": Origin.AI_GENERATED,
    "autonomous": Origin.AI_GENERATED,
    "mixed": Origin.AI_MODIFIED,
}
_WHOLE = {
    "html-meta": "ai-disclosure",
    "html-attr": "root:ai-disclosure",
    "json-ld": "aiDisclosure",
    "front-matter": "ai-disclosure",
    "json": "aiDisclosure",
}
"""Family -> the name under which the whole document is declared."""
_PARTS = {"html-attr": "ai-disclosure", "json-ld": "aiDisclosure"}
"""Family -> the name, or the end of the path, under which a part of it is."""
_SYSTEM = {"html-attr": "ai-model", "json-ld": "aiDisclosure.tool", "json": "aiDisclosure.tool"}
_PROVIDER = {
    "html-attr": "ai-provider", "json-ld": "aiDisclosure.provider",
    "json": "aiDisclosure.provider",
}  # fmt: skip


class HtmlDisclosureMarker:
    """The disclosure of a page."""

    scheme: ClassVar[str] = "ai-disclosure"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the most AI level declared; none where a label of ours wrote it."""
        declared = list(_declared(tags))
        found = most_ai_tag(declared)
        if found is None or is_our_label(tags, found[0]):
            return None
        origin, tag = found
        held = tags[tag.family]
        return Marker(
            scheme=self.scheme,
            origin=origin,
            tag=tag.where,
            evidence=Evidence.STANDARD,
            system=shown(held.get(_SYSTEM.get(tag.family, ""), "")) or None,
            provider=shown(held.get(_PROVIDER.get(tag.family, ""), "")) or None,
            findings=_contrary(origin, tag, declared),
        )


def _contrary(
    origin: Origin, tag: Tag, declared: Sequence[tuple[Origin, Tag]]
) -> tuple[Finding, ...]:
    """Return the finding where one place says none, and this one AI."""
    none = next((other for said, other in declared if said is Origin.NOT_AI), None)
    if none is None or origin is Origin.NOT_AI:
        return ()
    values = {"where": tag.where, "value": shown(tag.value), "none": none.where}
    code = "kz.marker.disclosure.contrary"
    return (finding(code, FindingOutcome.WARNING, LabelKind.MARKER, **values),)


def _declared(tags: Tags) -> Iterator[tuple[Origin, Tag]]:
    for family, whole in _WHOLE.items():
        for name, value in tags.get(family, {}).items():
            level = _LEVELS.get(value[:20].strip().casefold(), Origin.UNDECLARED)
            first = unrepeated(name)
            if first.casefold() == whole.casefold():
                yield level, Tag(family, name, value)
            elif family in _PARTS and first.rpartition(".")[2] == _PARTS[family]:
                yield of_a_part(level), Tag(family, name, value)
