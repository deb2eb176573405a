"""A copy of an SVG that is safe to render: nothing from outside, a size of our choice.

resvg 0.5 opens the files that `href` names, absolute paths included, even without a resources
directory; so the document is written out again without such references, and without a doctype.
What would take too long is refused.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from kzlabel._markup import escape, quoteattr
from kzlabel.errors import LimitError
from kzlabel.formats._raster_limits import DAMAGE
from kzlabel.formats._svg_effort import MAX_EFFORT, UNIT_PIXELS, Effort
from kzlabel.formats._svg_size import REFERENCE_SIDE, canvas_of

if TYPE_CHECKING:
    from kzlabel.formats._svg_scan import Document

MAX_RENDERED_SIDE = 6000
"""Longer side of the rendering in pixels."""
MAX_EMBEDDED_PIXELS = 24_000_000
"""Of one embedded picture; a larger one is not drawn."""
_EMBEDDED = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,")
_SMALL = 0.1
_WINDOW = (800, 600)
"""Where the document says no size at all."""


def rendered_size(document: Document) -> tuple[int, int]:
    """Return the size in pixels in which the document is judged: the shorter side bounded."""
    canvas = canvas_of(document.root_attributes)
    width, height = (canvas.width, canvas.height) if canvas else _WINDOW
    scale = min(1.0, REFERENCE_SIDE / min(width, height), MAX_RENDERED_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def renderable(document: Document) -> str:
    """Return the document as text, `href` kept only inside it, its root sized for rendering.

    Raises `LimitError` where the rendering would take too long.
    """
    width, height = rendered_size(document)
    sized = {"width": str(width), "height": str(height)}
    canvas = canvas_of(document.root_attributes)
    if canvas and not canvas.has_view_box:
        sized["viewBox"] = f"0 0 {canvas.across:.10g} {canvas.down:.10g}"
        sized["preserveAspectRatio"] = "none"
    writer = _Writer(sized)
    writer.parser.Parse(document.content, True)
    effort = writer.effort.total() * max(_SMALL, width * height / UNIT_PIXELS)
    if not effort <= MAX_EFFORT:  # not a number either
        raise LimitError("kz.error.svg-limit", path=document.path, what="effort", limit=MAX_EFFORT)
    return "".join(writer.parts)


class _Writer:
    """Writes what expat reads."""

    def __init__(self, root: dict[str, str]) -> None:
        self.parts: list[str] = []
        self.effort = Effort()
        self._sheet: list[str] | None = None
        self._root: dict[str, str] | None = root
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._root is not None:
            attributes, self._root = {**attributes, **self._root}, None
        pixels = 0
        for key in [key for key in attributes if _is_reference(key)]:
            value = attributes[key]
            size = 0 if value.startswith("#") else _embedded(value)
            if size is None:
                del attributes[key]
            else:
                pixels += size
        local = name.rpartition(":")[2]
        self.effort.start(local, attributes, pixels)
        self._sheet = [] if local == "style" else self._sheet
        kept = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
        self.parts.append(f"<{name}{kept}>")

    def _end(self, name: str) -> None:
        self.parts.append(f"</{name}>")
        self.effort.end()
        if self._sheet is not None and name.rpartition(":")[2] == "style":
            self.effort.sheet("".join(self._sheet))
            self._sheet = None

    def _text(self, text: str) -> None:
        self.parts.append(escape(text))
        if self._sheet is not None:
            self._sheet.append(text)


def _is_reference(key: str) -> bool:
    return key.rpartition(":")[2].lower() == "href"


def _embedded(value: str) -> int | None:
    """Return the pixels of a picture in a `data:` URL; None for all that is not drawn."""
    found = _EMBEDDED.match(value)
    if not found:
        return None
    from PIL import Image

    try:
        content = base64.b64decode(value[found.end() :])
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
            pixels = picture.width * picture.height
    except (OSError, binascii.Error, *DAMAGE):
        return None
    return pixels if pixels <= MAX_EMBEDDED_PIXELS else None
