"""InvokeAI: JSON under its own names since version 2, a command line under `Dream` before.

    invokeai_metadata  {"app_version": "4.2.0", "generation_mode": "txt2img", "model": {…}, …}
    invokeai_graph, invokeai_workflow  {"nodes": …, "edges": […]}
    sd-metadata        {"app_id": "invoke-ai/InvokeAI", "app_version": "2.2.4", "image": {…}, …}
    Dream              "PROMPT" -s 50 -S 1234 -W 512 -H 512 -C 7.5 -A k_lms

https://github.com/invoke-ai/InvokeAI
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from msgspec import structs

from kzlabel.markers._json import mapping, object_in
from kzlabel.markers._texts import name_of, named, personal, said
from kzlabel.model import Evidence, Marker, Origin

if TYPE_CHECKING:
    from kzlabel.model import Tags

_METADATA = named("invokeai_metadata")
_GRAPHS = named("invokeai_graph", "invokeai_workflow")
_METADATA_KEYS = ("app_version", "generation_mode", "positive_prompt")
_INPAINTED = ("inpaint", "outpaint")
"""Ends of `generation_mode` where the rest of the picture is another's."""
_LEGACY = named("sd-metadata")
_DREAM = named("Dream")
_MAX_OPTIONS = 500


class InvokeAiMarker:
    """What InvokeAI keeps beside its pictures and films."""

    scheme: ClassVar[str] = "invokeai"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark, from the newest form to the oldest."""
        return self._metadata(tags) or self._legacy(tags) or self._graph(tags) or self._dream(tags)

    def _metadata(self, tags: Tags) -> Marker | None:
        for where, text in said(tags, _METADATA):
            held = object_in(text)
            if held and any(key in held for key in _METADATA_KEYS):
                model = mapping(held.get("model")) or {}
                mark = self._mark(
                    where, held.get("app_version"), model.get("name") or model.get("model_name"),
                    personal(
                        prompt=held.get("positive_prompt"),
                        negative_prompt=held.get("negative_prompt"),
                    ),
                )  # fmt: skip
                painted = str(held.get("generation_mode")).endswith(_INPAINTED)
                return structs.replace(mark, origin=Origin.AI_MODIFIED) if painted else mark
        return None

    def _legacy(self, tags: Tags) -> Marker | None:
        for where, text in said(tags, _LEGACY):
            held = object_in(text, '"image"')
            image = mapping(held.get("image")) if held else None
            if held and image and ("app_id" in held or "model_weights" in held):
                prompt = image.get("prompt")
                if isinstance(prompt, list) and prompt:
                    prompt = (mapping(prompt[0]) or {}).get("prompt")
                version, model = held.get("app_version"), held.get("model_weights")
                return self._mark(where, version, model, personal(prompt=prompt))
        return None

    def _graph(self, tags: Tags) -> Marker | None:
        for where, text in said(tags, _GRAPHS):
            held = object_in(text, '"nodes"')
            if held and held.get("nodes") and "edges" in held:
                return self._mark(where, None, None, {})
        return None

    def _dream(self, tags: Tags) -> Marker | None:
        for where, text in said(tags, _DREAM):
            prompt, quote, options = text.rpartition('"')
            given = set(re.findall(r"(?:^| )-([a-zA-Z]) ?-?\d", options[:_MAX_OPTIONS]))
            if quote and prompt.startswith('"') and given >= {"s", "S", "C"}:
                return self._mark(where, None, None, personal(prompt=prompt[1:]))
        return None

    def _mark(self, where: str, version: object, model: object, said_: dict[str, str]) -> Marker:
        shown = f"({model})" if isinstance(model, str) and model else ""
        return Marker(
            scheme=self.scheme, origin=Origin.AI_GENERATED, tag=where,
            evidence=Evidence.RESIDUE, system=name_of("InvokeAI", version, shown), personal=said_,
        )  # fmt: skip
