"""What is plain in DrawingML text: properties, and values of them, that hide and move no words.

A list of what is known, not of tricks (ECMA-376 part 1, 21.1.2): with anything else a shape's words
are undetermined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

from kzlabel.formats._ooxml_office import local

if TYPE_CHECKING:
    from kzlabel.formats._xml_splice import Element
    from kzlabel.notices.prose import Run

EMU_OF_POINT = 12_700
THICK = 3 * EMU_OF_POINT
"""A line that hides letters."""
_LETTER, _LINE, _POINTS = 0.6, 1.25, 18.0
"""Of the type's size: a letter's width, a line's height."""
_SPACE, _FEW = 10 * EMU_OF_POINT, 2
"""Between paragraphs, where they are more than a few."""
_INCH = 914_400
_Check = Callable[[str], bool]


def whole(text: str) -> int | None:
    """Return a whole number; None for anything else."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 12 else None  # noqa: PLR2004  EMU


def _range(low: float, high: float) -> _Check:
    return lambda text: (number := whole(text)) is not None and low <= number <= high


def _any(_: str) -> bool:
    return True


def _no(text: str) -> bool:
    return text in ("0", "false")


_BODY: dict[str, _Check] = dict.fromkeys(
    ("forceAA", "compatLnSpc", "spcFirstLastPara", "anchor", "spcCol"), _any
) | dict.fromkeys(("lIns", "tIns", "rIns", "bIns"), _range(0, _INCH)) | dict.fromkeys(
    ("rot", "anchorCtr", "rtlCol", "fromWordArt", "upright"), _no
) | dict.fromkeys(("vertOverflow", "horzOverflow"), lambda text: text == "overflow") | {
    "vert": lambda text: text == "horz", "wrap": lambda text: text in ("square", "none"),
    "numCol": lambda text: text == "1",
}  # fmt: skip
_FITS = {"noAutofit", "spAutoFit", "normAutofit", "extLst"}
_SHAPE = {"xfrm", "prstGeom", "solidFill", "noFill", "ln", "effectLst", "extLst", "gradFill",
          "blipFill", "pattFill", "grpFill"}  # fmt: skip
_PARAGRAPH: dict[str, _Check] = dict.fromkeys(
    ("lvl", "algn", "defTabSz", "fontAlgn", "eaLnBrk", "latinLnBrk", "hangingPunct"), _any
) | {"marL": _range(0, 2 * _INCH), "marR": _range(0, _INCH), "indent": _range(-_INCH, _INCH),
     "rtl": _no}  # fmt: skip
_IN_PARAGRAPH = {"buNone", "buFont", "buChar", "buAutoNum", "buClr", "buClrTx", "buFontTx",
                 "buSzTx", "tabLst", "defRPr", "extLst"}  # fmt: skip
_RUN: dict[str, _Check] = dict.fromkeys((
    "lang", "altLang", "sz", "b", "i", "u", "strike", "cap", "baseline", "noProof", "dirty", "err",
    "smtClean", "smtId", "bmk", "kumimoji",
), _any) | {"kern": _range(0, 400_000), "spc": _range(-400_000, 2_000),
            "normalizeH": _no}  # fmt: skip
_IN_RUN = {"ln", "solidFill", "noFill", "gradFill", "blipFill", "pattFill", "effectLst", "latin",
           "ea", "cs", "sym", "extLst"}  # fmt: skip


def _said(attributes: Mapping[str, str], table: Mapping[str, _Check]) -> bool:
    return all(
        (check := table.get(name)) is not None and check(text)
        for name, text in attributes.items()
        if not name.startswith("{")
    )


def is_plain_shape(properties: Element | None, body: Element | None) -> bool:
    """Whether a shape's `spPr` and `bodyPr` leave its words where its box is."""
    held = {local(e.name): e for e in (properties.children if properties is not None else ())}
    fits = list(body.children) if body is not None else []
    plain = set(held) <= _SHAPE and {local(e.name) for e in fits} <= _FITS
    plain &= body is None or _said(body.attributes, _BODY)
    if "prstGeom" in held:
        plain &= held["prstGeom"].attributes.get("prst") in ("rect", "roundRect")
    plain &= "effectLst" not in held or not any(held["effectLst"].children)
    plain &= all(_range(0, 20_000)(e.attributes.get("lnSpcReduction", "0")) for e in fits)
    return plain and line_width(properties) <= THICK


def line_width(properties: Element | None) -> int:
    """Return how wide a shape's outline is, in EMU."""
    lines = [e for e in (properties.children if properties is not None else ())
             if local(e.name) == "ln"]  # fmt: skip
    if not lines or any(local(e.name) == "noFill" for e in lines[0].children):
        return 0
    width = whole(lines[0].attributes.get("w", "9525"))
    return 100 * THICK if width is None else abs(width)


def _merged(layers: Iterable[Element | None]) -> tuple[dict[str, str], dict[str, Element]]:
    attributes: dict[str, str] = {}
    inner: dict[str, Element] = {}
    for layer in layers:
        attributes = dict(layer.attributes if layer is not None else {}) | attributes
        for element in layer.children if layer is not None else ():
            inner.setdefault(local(element.name), element)
    return attributes, inner


def is_plain_paragraph(layers: Sequence[Element | None], points: float) -> bool:
    """Whether a paragraph of that size of type is set plainly; `layers` the nearest first."""
    attributes, inner = _merged(layers)
    spaces = {name: inner.pop(name) for name in ("lnSpc", "spcBef", "spcAft") if name in inner}
    scale = inner.pop("buSzPct", None)
    small = scale is None or _range(25_000, 150_000)(scale.attributes.get("val", ""))
    plain = _said(attributes, _PARAGRAPH) and set(inner) <= _IN_PARAGRAPH and small
    return plain and all(_spaced(name, e, points) for name, e in spaces.items())


def _spaced(name: str, element: Element, points: float) -> bool:
    for kind in element.children:
        said = kind.attributes.get("val", "")
        line = name == "lnSpc"
        if local(kind.name) == "spcPct":
            most = _range(80_000, 200_000) if line else _range(0, 100_000)
        else:
            most = _range(90 * points, 200 * points) if line else _range(0, 1_000)
        if not most(said):
            return False
    return True


def is_plain_run(layers: Sequence[Element | None]) -> bool:
    """Whether a run's letters are set plainly; `layers` of properties, the nearest first."""
    attributes, inner = _merged(layers)
    line, effects = inner.get("ln"), inner.get("effectLst")
    outlined = line is not None and [local(e.name) for e in line.children] != ["noFill"]
    plain = _said(attributes, _RUN) and set(inner) <= _IN_RUN
    return plain and not outlined and (effects is None or not any(effects.children))


def extent_of(runs: Iterable[Run], across: float, *, wraps: bool) -> tuple[float, float]:
    """Return how wide and high words are, in EMU, that stand in a box `across` wide."""
    widest = high = wide = 0.0
    points, tallest = _POINTS, 0.0
    ends = 0
    for run in runs:
        points = run.measures.get("em_points", points)
        tallest = max(tallest, points)
        wide += len(run.text.rstrip("\n")) * points * _LETTER * EMU_OF_POINT
        if run.text.endswith("\n"):
            lines = ceil(wide / max(across, 1.0)) if wraps else 1
            ends += 1
            high += max(lines, 1) * tallest * _LINE * EMU_OF_POINT + _SPACE * (ends > _FEW)
            widest, wide, tallest = max(widest, wide), 0.0, 0.0
    return min(widest, across) if wraps else widest, high
