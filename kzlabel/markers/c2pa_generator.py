"""C2PA manifests that say AI in words, and give no digital source type for it.

What an action says of itself (C2PA 18.15), the assertion `c2pa.ai_generated_content` of Black
Forest Labs, and the software that created. Only words that their makers use for nothing else are
rules: Google, Samsung and Adobe sign photographs and edits under the same names, so a signer's or
claim generator's name alone is none. Where the source types say as much, there is nothing to add.

SynthID is put only into what Google's models made or altered; which of these, its action does not
say: `possibly-ai`. AI in a parent is inherited, AI in a part alters the whole (DESIGN 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from kzlabel._origins import WORTH, Voice
from kzlabel._source_types import most_ai
from kzlabel.markers._c2pa_marks import FAMILY, PLACES, evidence_of, placed
from kzlabel.markers._tag_names import people_wrote, shown
from kzlabel.model import FindingOutcome, LabelKind, Marker, Origin, finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from kzlabel.model import Tags

_GENERATED = "c2pa.ai_generated_content"
_VOICES = dict(zip(PLACES, (Voice.SIGNED, Voice.PARENT, Voice.PART), strict=True))
"""Where a manifest stands -> what it speaks as; none of the rules says `not-ai`."""
_ORIGINS = frozenset(Origin)
_MICROSOFT = ("Microsoft_Responsible_AI", "Microsoft Responsible AI")


class Rule(NamedTuple):
    """Exact words in an exact place, and what they say."""

    name: str
    words: frozenset[str]
    origin: Origin = Origin.AI_GENERATED
    generators: tuple[str, ...] = ()
    """What the claim generator's name must begin with; none: whoever's."""
    system: str | None = None
    """None: the software that created, or the claim generator."""


RULES = (
    Rule("c2pa.created.description", frozenset({"AI Generated Image"}), generators=_MICROSOFT),
    Rule(
        "c2pa.created.softwareAgent",
        frozenset({"Bing Image Creator", "Image Creator from Designer", "Image Creator"}),
        generators=_MICROSOFT,
    ),
    Rule(
        "c2pa.created.softwareAgent",
        frozenset({"DALL·E", "DALL-E", "Adobe Firefly", "Adobe Firefly Pipeline"}),
    ),
    Rule(
        "c2pa.created.description",
        frozenset({"Created by Google Generative AI.", "Created by Google Generative AI"}),
        system="Google Generative AI",
    ),
    Rule(f"{_GENERATED}.ai_generated", frozenset({"true"})),
    Rule(
        "c2pa.edited.description",
        frozenset({"Applied imperceptible SynthID watermark."}),
        origin=Origin.POSSIBLY_AI,
        system="SynthID",
    ),
)

_WORDS = frozenset().union(*(rule.words for rule in RULES))


class _Said(NamedTuple):
    """A rule that applies."""

    rule: Rule
    place: str
    name: str
    origin: Origin


class C2paGeneratorMarker:
    """What a manifest says of AI in its maker's words."""

    scheme: ClassVar[str] = "c2pa-generator"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the most AI rule that applies, where the source types say less."""
        held = tags.get(FAMILY, {})
        declared = Origin(held["declared"]) if held.get("declared", "") in _ORIGINS else None
        found = list(_applied(held))
        most = most_ai(*(said.origin for said in found))
        if not found or most_ai(declared or Origin.UNDECLARED, most) is declared:
            return None
        said = next(said for said in found if said.origin is most)
        value = held[said.name]
        return Marker(
            scheme=self.scheme,
            origin=most,
            tag=f"{FAMILY}: {said.name}",
            evidence=evidence_of(held),
            system=_system(said, held),
            personal=_personal(held),
            findings=(
                finding(
                    "kz.marker.c2pa.generator", FindingOutcome.INFORMATIONAL, LabelKind.MARKER,
                    value=value if value != "true" else _GENERATED,
                ),
            ),
        )  # fmt: skip


def _applied(held: Mapping[str, str]) -> Iterator[_Said]:
    """Give every rule that applies, in the order of the table."""
    said = [(*placed(name), name, value) for name, value in held.items() if value in _WORDS]
    if not said:
        return
    named = ((*placed(name), value) for name, value in held.items())
    makers = {(place, value) for place, bare, value in named if bare == "generator"}
    for rule in RULES:
        for place, bare, name, value in said:
            if bare == rule.name and value in rule.words and _is_by(rule, place, makers):
                yield _Said(rule, place, name, WORTH[_VOICES[place]][rule.origin])


def _is_by(rule: Rule, place: str, makers: Collection[tuple[str, str]]) -> bool:
    """Whether the rule asks for no maker, or for one of those that stand in the same place."""
    if not rule.generators:
        return True
    return any(where == place and name.startswith(rule.generators) for where, name in makers)


def _system(said: _Said, held: Mapping[str, str]) -> str | None:
    agent = held.get(f"{said.place}c2pa.created.softwareAgent")
    return shown(said.rule.system or agent or held.get(f"{said.place}generator", "")) or None


def _personal(held: Mapping[str, str]) -> dict[str, str]:
    prompts = (held.get(f"{place}{_GENERATED}.prompt") for place in PLACES)
    prompt = next(filter(None, prompts), None)
    return {"prompt": people_wrote(prompt)} if prompt else {}
