"""NovelAI: PNG texts, EXIF, and the same hidden in the lowest bits of the alpha channel.

    Software     NovelAI
    Source       NovelAI Diffusion V4 37442FCA        (before: Stable Diffusion 1D44365E)
    Description  PROMPT
    Comment      {"prompt": PROMPT, "steps": 28, "sampler": "k_euler", "uc": PROMPT, …}

In WebP these are one JSON object in EXIF `UserComment`, in the hidden form likewise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._json import object_in, texts_in
from kzlabel.markers._texts import COMMENTS, first, name_of, personal, said
from kzlabel.model import Evidence, Finding, FindingOutcome, LabelKind, Marker, Origin, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kzlabel.model import Tags

_NAMES = ("Software", "Source", "Description", "Comment")
_SETTINGS = frozenset({"steps", "sampler", "scale", "uc", "n_samples", "signed_hash"})
_SETTINGS_NEEDED = 2


class NovelAiMarker:
    """Its own name beside settings, or beside the name of its model."""

    scheme: ClassVar[str] = "novelai"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark; a finding says where it is hidden in the pixels."""
        for where, held in _objects(tags):
            settings = object_in(held.get("Comment")) or {}
            if not _is_novelai(held, settings):
                continue
            prompts = (*texts_in(held, "Description"), *texts_in(settings, "prompt"), "")
            return Marker(
                scheme=self.scheme, origin=Origin.AI_GENERATED, tag=where,
                evidence=Evidence.RESIDUE, provider="NovelAI",
                system=name_of(*texts_in(held, "Source")) or "NovelAI",
                personal=personal(prompt=prompts[0], negative_prompt=settings.get("uc")),
                findings=_hidden(where),
            )  # fmt: skip
        return None


def _objects(tags: Tags) -> Iterator[tuple[str, Mapping[str, object]]]:
    texts = {name: first(tags, ("png-text", name)) for name in _NAMES}
    yield "png-text: Comment" if texts["Comment"] else "png-text: Source", texts
    for where, text in said(tags, COMMENTS):
        held = object_in(text, '"Software"', "NovelAI") if "NovelAI" in text else None
        if held:
            yield where, held


def _is_novelai(held: Mapping[str, object], settings: Mapping[str, object]) -> bool:
    source = str(held.get("Source") or "")
    own_model = source.startswith("NovelAI Diffusion ")
    enough = len(_SETTINGS & settings.keys()) >= _SETTINGS_NEEDED
    if held.get("Software") == "NovelAI":
        return enough or own_model or source.startswith("Stable Diffusion ")
    return own_model and enough


def _hidden(where: str) -> tuple[Finding, ...]:
    if not where.startswith("stealth"):
        return ()
    return (finding("kz.marker.hidden", FindingOutcome.INFORMATIONAL, LabelKind.MARKER),)
