"""Easy Diffusion: each setting a PNG text, or all of them one JSON object in EXIF `UserComment`.

In the names of its interface or in those of its requests
(https://github.com/easydiffusion/easydiffusion, `ui/easydiffusion/utils/save_utils.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._json import object_in
from kzlabel.markers._texts import name_of, personal
from kzlabel.model import Evidence, Marker, Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kzlabel.model import Tags

_FORMS = (
    ("use_stable_diffusion_model", "seed", "prompt", "negative_prompt", "num_inference_steps"),
    ("Stable Diffusion model", "Seed", "Prompt", "Negative Prompt", "Steps"),
)
"""Model, seed, prompt, negative prompt, steps."""


class EasyDiffusionMarker:
    """A model, a seed, steps and a prompt, under its own names for them."""

    scheme: ClassVar[str] = "easy-diffusion"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark with its model."""
        comment = tags.get("exif", {}).get("UserComment", "")
        held: tuple[tuple[str, Mapping[str, object]], ...] = (
            ("png-text", tags.get("png-text", {})),
            ("exif: UserComment", object_in(comment) or {} if "iffusion" in comment else {}),
        )
        for where, settings in held:
            for model, seed, prompt, negative, steps in _FORMS:
                if not settings.keys() >= {model, seed, prompt, steps}:
                    continue
                return Marker(
                    scheme=self.scheme, origin=Origin.AI_GENERATED,
                    tag=f"{where}: {model}" if where == "png-text" else where,
                    evidence=Evidence.RESIDUE,
                    system=name_of("Easy Diffusion", f"({settings[model]})"),
                    personal=personal(
                        prompt=settings[prompt], negative_prompt=settings.get(negative)
                    ),
                )  # fmt: skip
        return None
