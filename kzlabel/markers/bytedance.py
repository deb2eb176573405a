"""ByteDance's own export record, beside or instead of the label of GB 45438.

    {"aigc_info": {"aigc_label_type": 1, …}, "data": {"product": "dreamina", "exportType":
     "generation", …}, …}

EXIF `UserComment` or `ImageDescription`, the metadata of films, in one object or one a tag. A
disclosure (`aigc_label_type` 1 or 2, `aigc_type` 1) counts, and so does an export of a generation
by Dreamina, whose label type is often 0. The names of products alone do not: CapCut and Douyin
export photographs too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._json import mapping
from kzlabel.markers._json_text import json_object
from kzlabel.markers._texts import COMMENTS, name_of, place, said
from kzlabel.model import Evidence, Marker, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kzlabel.model import Tags

_PRODUCTS = {"dreamina": "Dreamina", "dreamina_oversea": "Dreamina", "doubao": "Doubao",
             "xinghui": "Xinghui"}  # fmt: skip
_GENERATORS = frozenset({"dreamina", "dreamina_oversea"})
_DISCLOSED = {"aigc_label_type": ("1", "2"), "aigc_type": ("1",)}
_NEEDLES = ("aigc_label_type", "aigc_type", "exportType")
_MAX_INNER = 50


class ByteDanceMarker:
    """An explicit disclosure, or the export of a generation."""

    scheme: ClassVar[str] = "bytedance"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark with the product that is named."""
        for where, text in _candidates(tags):
            held = json_object(text) if any(needle in text for needle in _NEEDLES) else {}
            values = dict(_flat(held))
            product = values.get("product", "").lower()
            generation = product in _GENERATORS and values.get("exportType") == "generation"
            if generation or any(values.get(key) in known for key, known in _DISCLOSED.items()):
                return Marker(
                    scheme=self.scheme, origin=Origin.AI_GENERATED, tag=where,
                    evidence=Evidence.VENDOR, system=name_of(_PRODUCTS.get(product)),
                    provider="ByteDance",
                )  # fmt: skip
        return None


def _candidates(tags: Tags) -> Iterator[tuple[str, str]]:
    yield from said(tags, COMMENTS)
    for name, text in tags.get("mp4", {}).items():
        if text.startswith("{"):
            yield place("mp4", name), text


def _flat(held: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the texts and whole numbers of an object, and of the objects and JSON texts in it."""
    inner = list(held.values())[:_MAX_INNER]
    texts = (json_object(one) for one in inner if isinstance(one, str) and one.startswith("{"))
    for one in (held, *(mapping(value) or {} for value in inner), *texts):
        yield from ((key, str(value)) for key, value in one.items() if type(value) in (str, int))
