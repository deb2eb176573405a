"""An asset's thumbnail, with the places of its notices drawn over it; a drawn sign where none is.

No style is set in place (the page's policy allows none): SVG says places in attributes of its own.
"""

from __future__ import annotations

from base64 import b64encode
from math import isfinite
from typing import TYPE_CHECKING

from kzlabel.locale import sentence
from kzlabel.model import Thumbnail
from kzlabel.reports._html_markup import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzlabel.model import AssetReport, NoticeReport, Region

SHOWN_TYPES = ("image/avif", "image/jpeg", "image/png", "image/webp")
"""What may be a thumbnail: raster pictures only, as an SVG has a life of its own."""
TEXT_TYPES = ("application/json", "application/x-subrip", "application/xhtml+xml")
"""Texts whose media type does not begin so."""
MOST_BYTES = 256 * 1024
MOST_SIDE = 4096
MOST_OUTLINES = 16
GAP = 3
"""Pixels of the thumbnail between a notice and its outline."""
_SIGNS = {
    "image": "M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5M16 9h.01",
    "audio": "M4 10v4M8 6v12M12 3v18M16 7v10M20 10v4",
    "video": "M3 5h18v14H3zM10 9l5 3-5 3z",
    "text": "M4 6h16M4 10h16M4 14h16M4 18h10",
    "document": "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
    "file": "M6 3h8l4 4v14H6zM14 3v4h4",
}


def picture(asset: AssetReport, language: str) -> Markup:
    """Return the thumbnail with its outlines, or the sign of what the asset is."""
    thumbnail = _shown(asset.thumbnail)
    if thumbnail is None:
        return _sign(_medium(asset.media_type), language)
    outlines = _outlines(asset.notices, thumbnail)
    kind = "thumbnail.outlined" if outlines else "thumbnail"
    source = f"data:{thumbnail.media_type};base64,{b64encode(thumbnail.content).decode()}"
    image = tag(
        "img", src=source, width=thumbnail.width, height=thumbnail.height,
        alt=sentence(f"kz.report.page.{kind}", language), loading="lazy", decoding="async",
    )  # fmt: skip
    return tag("div", tag("span", image, outlines, class_="frame"), class_="picture")


def signs() -> Markup:
    """Return the signs of the media, drawn once and used by every asset without a thumbnail."""
    symbols = (
        tag("symbol", tag("path", d=path), id=f"sign-{medium}", viewBox="0 0 24 24")
        for medium, path in _SIGNS.items()
    )
    return tag("svg", *symbols, class_="signs", aria_hidden="true")


def is_in_thumbnail(notice: NoticeReport) -> bool:
    """Whether a notice has a place, and that on what a thumbnail shows: of pages, the first."""
    return notice.where is not None and notice.measures.get("page", 1) == 1


def _shown(thumbnail: object) -> Thumbnail | None:
    """Return a thumbnail that may be shown: results come from files, too."""
    if not isinstance(thumbnail, Thumbnail):
        return None
    is_fit = 0 < thumbnail.width <= MOST_SIDE and 0 < thumbnail.height <= MOST_SIDE
    is_small = 0 < len(thumbnail.content) <= MOST_BYTES
    return thumbnail if is_fit and is_small and thumbnail.media_type in SHOWN_TYPES else None


def _sign(medium: str, language: str) -> Markup:
    use = tag("use", href=f"#sign-{medium}")
    word = sentence(f"kz.report.page.medium.{medium}", language)
    drawn = tag("svg", use, class_="sign", viewBox="0 0 24 24", aria_hidden="true")
    return tag("div", drawn, tag("span", word), class_="picture none")


def _medium(media_type: str | None) -> str:
    if media_type is None:
        return "file"
    if media_type in TEXT_TYPES:
        return "text"
    family = media_type.partition("/")[0]
    return family if family in _SIGNS else "document"


def _outlines(notices: Sequence[NoticeReport], thumbnail: Thumbnail) -> Markup | None:
    places = [
        (_inside(notice.where), "seen" if notice.perceivable else "unseen")
        for notice in notices
        if notice.where is not None and is_in_thumbnail(notice)
    ]
    wide, high = thumbnail.width, thumbnail.height
    rectangles = [
        tag(
            "rect", class_=f"{layer} {kind}",
            x=f"{x * wide - GAP:.0f}", y=f"{y * high - GAP:.0f}",
            width=f"{w * wide + 2 * GAP:.0f}", height=f"{h * high + 2 * GAP:.0f}",
        )
        for (x, y, w, h), kind in places[:MOST_OUTLINES]
        for layer in ("halo", "line")
    ]  # fmt: skip
    if not rectangles:
        return None
    return tag("svg", *rectangles, viewBox=f"0 0 {wide} {high}", aria_hidden="true")


def _inside(where: Region) -> tuple[float, float, float, float]:
    """Return a region as far as it lies in the picture: it is told by a label, so anything."""
    left, top = _part(where.x), _part(where.y)
    right, bottom = _part(where.x + where.w), _part(where.y + where.h)
    return left, top, max(0.0, right - left), max(0.0, bottom - top)


def _part(value: float) -> float:
    return min(1.0, max(0.0, value)) if isfinite(value) else 0.0
