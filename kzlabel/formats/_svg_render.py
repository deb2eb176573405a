"""A copy of an SVG that is safe to render: nothing from outside, a size of our choice.

resvg 0.5 opens the files that `href` names, absolute paths included, even without a resources
directory; so the document is written out again without such references, and without a doctype.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from kzlabel._markup import escape, quoteattr
from kzlabel.formats._svg_size import REFERENCE_SIDE, canvas_of

if TYPE_CHECKING:
    from kzlabel.formats._svg_scan import Document

MAX_RENDERED_SIDE = 6000
"""Longer side of the rendering in pixels."""
_WINDOW = (800, 600)
"""Where the document says no size at all."""


def rendered_size(document: Document) -> tuple[int, int]:
    """Return the size in pixels in which the document is judged: the shorter side bounded."""
    canvas = canvas_of(document.root_attributes)
    width, height = (canvas.width, canvas.height) if canvas else _WINDOW
    scale = min(1.0, REFERENCE_SIDE / min(width, height), MAX_RENDERED_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def renderable(document: Document) -> str:
    """Return the document as text, `href` kept only inside it, its root sized for rendering."""
    width, height = rendered_size(document)
    sized = {"width": str(width), "height": str(height)}
    canvas = canvas_of(document.root_attributes)
    if canvas and not canvas.has_view_box:
        sized["viewBox"] = f"0 0 {canvas.across:.10g} {canvas.down:.10g}"
        sized["preserveAspectRatio"] = "none"
    writer = _Writer(sized)
    writer.parser.Parse(document.content, True)
    return "".join(writer.parts)


class _Writer:
    """Writes what expat reads."""

    def __init__(self, root: dict[str, str]) -> None:
        self.parts: list[str] = []
        self._root: dict[str, str] | None = root
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._root is not None:
            attributes, self._root = {**attributes, **self._root}, None
        kept = "".join(
            f" {key}={quoteattr(value)}" for key, value in attributes.items() if _inside(key, value)
        )
        self.parts.append(f"<{name}{kept}>")

    def _end(self, name: str) -> None:
        self.parts.append(f"</{name}>")

    def _text(self, text: str) -> None:
        self.parts.append(escape(text))


def _inside(key: str, value: str) -> bool:
    if key.rpartition(":")[2].lower() != "href":
        return True
    return value.startswith("#") or value.lower().startswith("data:image/")
