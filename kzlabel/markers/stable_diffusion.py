"""Stable Diffusion web UIs: AUTOMATIC1111, Forge, SD.Next and all who write their settings line.

PNG `parameters`, EXIF `UserComment` of JPEG and WebP, the comment of GIF; and the hidden form in
the alpha channel. `postprocessing` of PNG is what the tab "Extras" leaves, which enlarges pictures:
most of its enlargers are AI, not all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._settings import settings_in
from kzlabel.markers._texts import COMMENTS, name_of, named, personal, said
from kzlabel.model import Evidence, FindingOutcome, LabelKind, Marker, Origin, finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kzlabel.model import Tags

_PLACES = (*named("parameters"), *COMMENTS)
_EXTRAS = named("postprocessing", "extras")
_INPAINTED = frozenset({"Mask blur", "Inpaint area", "Masked area padding"})
"""Settings of the tab "Inpaint": what is outside the mask is another's picture."""
_VERSIONS = {
    r"(?i)fooocus\b.*": "{}",
    r"(?i)comfyui\b.*": "{}",
    r"f\d.*": "Stable Diffusion WebUI Forge {}",
    r"neo\b.*": "Stable Diffusion WebUI Forge {}",
    r"v?\d[\w.+-]*": "Stable Diffusion web UI {}",
}
"""What stands after `Version:`, and which tool writes it so."""


class StableDiffusionMarker:
    """The settings line: residue of the tool, with the prompt before it."""

    scheme: ClassVar[str] = "stable-diffusion"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark of a generated picture; of an enlarged one, that it may be AI."""
        for where, text in said(tags, _PLACES):
            settings = settings_in(text)
            if settings is not None:
                return Marker(
                    scheme=self.scheme, origin=_origin(settings.named), tag=where,
                    evidence=Evidence.RESIDUE, system=_system(settings.named),
                    personal=personal(prompt=settings.prompt, negative_prompt=settings.negative),
                )  # fmt: skip
        return self._enlarged(tags)

    def _enlarged(self, tags: Tags) -> Marker | None:
        for where, text in said(tags, _EXTRAS):
            if text.startswith("Postprocess upscale ") and "Postprocess upscaler: " in text:
                code, outcome = "kz.marker.enlarged", FindingOutcome.INFORMATIONAL
                return Marker(
                    scheme=self.scheme, origin=Origin.POSSIBLY_AI, tag=where,
                    evidence=Evidence.RESIDUE, system="Stable Diffusion web UI",
                    findings=(finding(code, outcome, LabelKind.MARKER, tag=where),),
                )  # fmt: skip
        return None


def _origin(settings: Mapping[str, str]) -> Origin:
    return Origin.AI_GENERATED if _INPAINTED.isdisjoint(settings) else Origin.AI_MODIFIED


def _system(settings: Mapping[str, str]) -> str | None:
    version = settings.get("Version", "")[:60]
    app = settings.get("App", "")
    if app == "SD.Next":
        tool = f"{app} {version}"
    else:
        known = (name.format(version) for form, name in _VERSIONS.items() if _is(form, version))
        tool = next(known, "Stable Diffusion")
    model = settings.get("Model", "").strip('"')
    return name_of(tool, f"({model})" if model else "")


def _is(form: str, version: str) -> bool:
    return re.fullmatch(form, version) is not None
