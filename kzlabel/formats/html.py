"""HTML pages: the room; its workings are in `_html_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._html_sniff import is_html
from kzlabel.model import Enclosure, FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Html(Deferred):
    """The HTML room."""

    spec = FormatSpec(
        name="HTML",
        medium=Medium.TEXT,
        media_types=("text/html", "application/xhtml+xml"),
        suffixes=(".html", ".htm", ".xhtml"),
        tags=("html-meta",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return is_html(head, path)

    def enclosure(self, path: Path) -> Enclosure | None:  # noqa: ARG002  all pages alike
        from kzlabel.formats._enclose_html import HtmlEnclosure

        return HtmlEnclosure()

    def workings(self) -> Workings:
        from kzlabel.formats._html_room import HtmlRoom

        return HtmlRoom()
