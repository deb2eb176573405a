"""SVG pictures: the room; its workings are in `_svg_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._svg_sniff import is_svg
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Svg(Deferred):
    """The SVG room."""

    spec = FormatSpec(
        name="SVG",
        medium=Medium.IMAGE,
        media_types=("image/svg+xml",),
        suffixes=(".svg",),
        tags=("xmp",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return is_svg(head, path)

    def workings(self) -> Workings:
        from kzlabel.formats._svg_room import SvgRoom

        return SvgRoom()
