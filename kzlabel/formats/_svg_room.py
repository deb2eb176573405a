"""SVG pictures (https://www.w3.org/TR/SVG2/): tags and notice are spliced into the text.

XMP lies in `<metadata>`; the notice is a group at the end of the root, drawn over all else. Whether
people see it is judged on a rendering by resvg.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError, UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._raster import check_pixels, decoding, judge_frames, place_on
from kzlabel.formats._svg_edit import (
    ROOT_ATTRIBUTES,
    alone,
    band,
    insert_group,
    insert_packet,
    stripped,
)
from kzlabel.formats._svg_group import ends_with_ours, group
from kzlabel.formats._svg_render import renderable
from kzlabel.formats._svg_scan import WRITABLE, Document, read_document
from kzlabel.formats._svg_size import Canvas, canvas_of
from kzlabel.formats._xmp import merge_packet
from kzlabel.formats._xmp_packets import read_packets
from kzlabel.model import (
    Carrier,
    CarrierKind,
    Notice,
    NoticeReport,
    NoticeStyle,
    Placement,
    Tags,
)
from kzlabel.notices._text import Face
from kzlabel.notices.reasons import reason_of
from kzlabel.notices.visible import place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL.Image import Image

_UNDETERMINED = "kz.notice.undetermined"


class SvgRoom:
    """What the SVG room does."""

    def manifest_carrier(self, path: Path) -> Carrier:
        read_document(path)
        return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.svg")

    def read_tags(self, path: Path) -> Tags:
        document = read_document(path)
        spans = (span for span in (document.packet, document.rdf) if span)
        found = read_packets(document.content[start:end] for start, end in spans)
        return {"xmp": found} if found else {}

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        document = read_document(src)
        if not _is_writable(document):
            raise UnsupportedTagsError(
                "kz.error.svg-encoding", path=src, encoding=document.encoding
            )
        span = document.packet
        old = document.content[span[0] : span[1]] if span else None
        dst.write_bytes(insert_packet(document, merge_packet(old, tags.get("xmp", {}))))

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        document = read_document(src)
        if not _is_writable(document):
            raise RefusedError("kz.error.svg-encoding", path=src, encoding=document.encoding)
        document = stripped(document)
        if document.doubts.reasons:
            detail = ", ".join(document.doubts.reasons)
            raise RefusedError("kz.error.svg-hides", path=src, detail=detail)
        canvas = _canvas(document)
        placement = _place(document, canvas, notice)
        former = "|".join(document.root_attributes.get(name, "") for name in ROOT_ATTRIBUTES)
        if placement.style is NoticeStyle.STRIP:
            document, canvas = band(document, canvas, placement)
        else:
            former = ""
        text = group(placement, canvas, _outline, former)
        dst.write_bytes(insert_group(document, text.encode()))
        for report in self.find_notices(dst, (placement,), search=False):
            if report.perceivable is not True:
                dst.unlink()
                raise RefusedError("kz.error.svg-hides", path=src, detail=reason_of(report))
        return placement

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        document = read_document(path)
        if not hints and not search:
            return ()
        picture = _render(document)
        reports = judge_frames([picture], hints, search=search)
        if not any(report.perceivable for report in reports):
            return reports
        if document.doubts.reasons or not _is_writable(document):
            return tuple(_doubted(report) for report in reports)
        if not document.doubts.sheltered:
            return reports
        return _alone_too(document, picture, reports, hints, search=search)


def _alone_too(
    document: Document,
    picture: Image,
    reports: Sequence[NoticeReport],
    hints: Sequence[Placement],
    *,
    search: bool,
) -> tuple[NoticeReport, ...]:
    """Doubt the notices that are not drawn last, by a group of ours that shows them alone."""
    start = document.notices[-1][0].start if document.notices else len(document.content)
    if not ends_with_ours(document.content[start:].decode("utf-8", "replace")):
        return tuple(_doubted(report) for report in reports)
    frames = [picture, _render(alone(document, start))]
    both = judge_frames(frames, hints, search=search)
    return tuple(
        report if whole.perceivable else _doubted(report)
        for report, whole in zip(reports, both, strict=True)
    )


def _doubted(report: NoticeReport) -> NoticeReport:
    import msgspec

    if report.perceivable is not True:
        return report
    return msgspec.structs.replace(report, perceivable=None, code=_UNDETERMINED)


def _is_writable(document: Document) -> bool:
    utf16 = document.content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in document.content[:4]
    return document.encoding in WRITABLE and not utf16


def _canvas(document: Document) -> Canvas:
    canvas = canvas_of(document.root_attributes)
    if canvas is None:
        detail = " ".join(
            f"{name}={document.root_attributes.get(name)}" for name in ROOT_ATTRIBUTES
        )
        raise RefusedError("kz.error.svg-size", path=document.path, detail=detail)
    check_pixels(document.path, canvas.width, canvas.height)
    return canvas


def _place(document: Document, canvas: Canvas, notice: Notice) -> Placement:
    if notice.corner is not None or notice.style is NoticeStyle.STRIP:
        return place(notice, canvas.width, canvas.height)
    picture = _render(document).resize((canvas.width, canvas.height))
    return place_on(picture, notice)


def rendered(path: Path) -> Image:
    """Return the document at `path` as people see it, its shorter side bounded."""
    return _render(read_document(path))


def _render(document: Document) -> Image:
    import resvg_py
    from PIL import Image

    try:
        png = resvg_py.svg_to_bytes(svg_string=renderable(document), skip_system_fonts=True)
    except ValueError as exc:
        raise UnreadableAssetError("kz.error.svg-damaged", path=document.path, detail=exc) from exc
    with decoding(document.path):
        image = Image.open(io.BytesIO(png), formats=("PNG",))
        image.load()
    return image


# --- Outlines -------------------------------------------------------------------------------------

Commands = list[tuple[str, list[tuple[float, float]]]]


def _outline(character: str, em: float) -> Commands:
    """Return the outline of a character of Open Sans SemiBold, y downwards from the baseline."""
    commands, units = _glyph(character)
    scale = em / units
    return [(name, [(x * scale, -y * scale) for x, y in points]) for name, points in commands]


@cache
def _glyph(character: str) -> tuple[Commands, int]:
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.ttLib import TTFont

    with TTFont(Face(16).font.path, lazy=True) as font:
        glyphs = font.getGlyphSet()
        name = font.getBestCmap().get(ord(character), ".notdef")
        pen = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(pen)
        return _commands(pen.value), font["head"].unitsPerEm


def _commands(recorded: list[tuple[str, tuple[tuple[float, float], ...]]]) -> Commands:
    found: Commands = []
    for name, points in recorded:
        if name == "qCurveTo":
            found += _quadratic(list(points))
        else:
            letter = {"moveTo": "M", "lineTo": "L", "curveTo": "C"}.get(name, "Z")
            found.append((letter, list(points)))
    return found


def _quadratic(points: list[tuple[float, float]]) -> Commands:
    """Return TrueType's run of control points with the points on the curve between them."""
    found: Commands = []
    for at, control in enumerate(points[:-2]):
        after = points[at + 1]
        found.append(("Q", [control, ((control[0] + after[0]) / 2, (control[1] + after[1]) / 2)]))
    found.append(("Q", [points[-2], points[-1]]))
    return found
