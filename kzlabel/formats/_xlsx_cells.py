"""How a cell of a worksheet looks (ECMA-376 part 1, 18.8): its font, fill and number format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.formats._ooxml_drawn import part
from kzlabel.formats._ooxml_ink import (
    BLACK,
    HIDDEN,
    PERCEIVABLE,
    UNDETERMINED,
    WHITE,
    Colour,
    colour_of,
    inked,
    mixed,
    sized,
    theme_colours,
    worst,
)
from kzlabel.formats._ooxml_office import local
from kzlabel.formats._xlsx_book import real, whole
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from kzlabel.formats._ooxml_office import Office
    from kzlabel.formats._xml_splice import Element

_THEME = ("lt1", "dk1", "lt2", "dk2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
_INDEXED = (
    "000000", "FFFFFF", "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF",
)  # fmt: skip
_SYSTEM_INK, _SYSTEM_GROUND = 64, 65
_MAX_INDENT, _MAX_POINTS = 5, 96
_TEXT_SECTION = 3
"""Of a number format's sections, the one that text is shown by."""
_CONTRADICTION = "["
"""In place of two formats of one number: in a form that is not plain."""
MAX_STRINGS = 50_000
"""Shared strings that are read: a first screen refers to the first ones, as programs write them."""


@dataclass(frozen=True)
class Looks:
    """The workbook's fonts, fills, formats and shared strings."""

    fonts: Sequence[Element]
    fills: Sequence[Element]
    formats: Mapping[str, str]
    cells: Sequence[Element]
    theme: Mapping[str, Colour]
    strings: Sequence[Element]

    def runs(self, item: Element) -> list[Run]:
        """Return a cell's words, each with what a notice in it is judged as."""
        number = whole(item.attributes.get("s", "0"))
        format_ = self.cells[number] if number < len(self.cells) else None
        said = format_.attributes if format_ is not None else {}
        font = self._of(self.fonts, said.get("fontId", "0"))
        ground = self._ground(self._of(self.fills, said.get("fillId", "0")))
        code = _shown(self.formats.get(said.get("numFmtId", "0"), ""))
        if not _layout(format_).plain:
            code = worst(code, UNDETERMINED)
        if part(item, "f") is not None:
            code = worst(code, UNDETERMINED)  # a program works it out again
        held = [(text, own if own is not None else font) for text, own in self.texts(item)]
        return [
            Run(text, worst(code, self._font(own, ground)), measures={"em_points": _points(own)})
            for text, own in held
        ]

    def layout(self, item: Element) -> Layout:
        """Return how a cell sets its words."""
        number = whole(item.attributes.get("s", "0"))
        return _layout(self.cells[number] if number < len(self.cells) else None)

    def texts(self, item: Element) -> list[tuple[str, Element | None]]:
        """Return a cell's texts, each with the font of its own where it has one."""
        kind = item.attributes.get("t", "n")
        held = part(item, "is") if kind == "inlineStr" else None
        value = part(item, "v")
        if kind == "s" and value is not None:
            held = self._of(self.strings, value.text.strip())
        if held is None:
            return [(value.text, None)] if value is not None else []
        rich = [e for e in held.children if local(e.name) == "r"]
        plain = part(held, "t")
        found: list[tuple[str, Element | None]] = [(plain.text, None)] if plain is not None else []
        return found + [(t.text, part(e, "rPr")) for e in rich if (t := part(e, "t")) is not None]

    def _of(self, listed: Sequence[Element], index: str) -> Element | None:
        number = whole(index)
        return listed[number] if number < len(listed) else None

    def _font(self, font: Element | None, ground: Colour | None) -> str:
        colour, points = part(font, "color"), _points(font)
        align, struck = part(font, "vertAlign"), part(font, "strike")
        raised = align is not None and align.attributes.get("val") != "baseline"
        crossed = struck is not None and struck.attributes.get("val", "1") in ("1", "true")
        ink = self._colour(colour) if colour is not None else BLACK
        name = part(font, "name") or part(font, "rFont")
        named = name.attributes.get("val", "").lower() if name is not None else ""
        on = ("outline", "shadow", "condense", "extend")
        shaped = any(local(e.name) in on for e in (font.children if font is not None else ()))
        odd = (
            crossed
            or shaped
            or points > _MAX_POINTS
            or named.startswith(("wingdings", "webdings", "symbol", "marlett"))
        )
        codes = (sized(points * (0.6 if raised else 1)), inked(ink, ground))
        return worst(*codes, UNDETERMINED if odd else PERCEIVABLE)

    def _ground(self, fill: Element | None) -> Colour | None:
        pattern = part(fill, "patternFill")
        if pattern is None:
            return WHITE if fill is None else None
        kind = pattern.attributes.get("patternType", "none")
        if kind == "none":
            return WHITE
        colour = part(pattern, "fgColor")
        return self._colour(colour) if kind == "solid" and colour is not None else None

    def _colour(self, element: Element) -> Colour | None:
        said = element.attributes
        found = None
        if said.get("auto") in ("1", "true"):
            found = BLACK
        elif "rgb" in said:
            found = colour_of(said["rgb"])
        elif "theme" in said:
            index = whole(said["theme"])
            found = self.theme.get(_THEME[index]) if index < len(_THEME) else None
        elif "indexed" in said:
            found = _indexed(whole(said["indexed"]))
        return _tinted(found, said.get("tint", "0"))


def _points(font: Element | None) -> float:
    size = part(font, "sz")
    return real(size.attributes.get("val", ""), 0.0) if size is not None else 11.0


def _indexed(index: int) -> Colour | None:
    if index in (_SYSTEM_INK, _SYSTEM_GROUND):
        return BLACK if index == _SYSTEM_INK else WHITE
    return colour_of(_INDEXED[index % 8]) if index < 2 * len(_INDEXED) else None


def _tinted(colour: Colour | None, tint: str) -> Colour | None:
    try:
        share = float(tint)
    except ValueError:
        return None
    if colour is None or not -1 <= share <= 1:
        return None
    return mixed(WHITE if share > 0 else BLACK, colour, abs(share))


def _shown(code: str) -> str:
    """Judge a number format by the section that text is shown by: `;;;` shows none."""
    sections = [section.strip() for section in code.split(";")]
    if "[" in code or len(sections) > _TEXT_SECTION + 1:
        return UNDETERMINED  # colours and conditions
    text = sections[_TEXT_SECTION] if len(sections) > _TEXT_SECTION else sections[-1]
    if len(sections) <= _TEXT_SECTION:
        return PERCEIVABLE if text == "@" or "@" not in code else UNDETERMINED
    return PERCEIVABLE if text in ("@", "General") else UNDETERMINED if text else HIDDEN


@dataclass(frozen=True)
class Layout:
    """How a cell sets its words."""

    plain: bool = True
    left: bool = True
    """Text begins at the left edge, and runs over into empty cells."""
    wraps: bool = False


def _layout(format_: Element | None) -> Layout:
    held = part(format_, "alignment")
    said = held.attributes if held is not None else {}
    plain = all(
        said.get(name, "0") in ("0", "false")
        for name in ("textRotation", "shrinkToFit", "readingOrder", "justifyLastLine",
                     "relativeIndent")
    )  # fmt: skip
    plain &= said.get("indent", "0").isdecimal() and whole(said.get("indent", "0")) <= _MAX_INDENT
    left = said.get("horizontal", "general") in ("general", "left")
    return Layout(plain, left, said.get("wrapText", "0") in ("1", "true"))


def looks_of(office: Office) -> Looks:
    """Read the workbook's styles, theme and shared strings."""
    main = office.main
    styles = office.other(main, "styles")
    root = styles.root if styles else None
    strings = office.related(main, "sharedStrings")
    shared = office.xml(strings[0].target, enough=4 * MAX_STRINGS).root if strings else None
    formats: dict[str, str] = {}
    for e in _listed(part(root, "numFmts")):
        code, number = e.attributes.get("formatCode", ""), e.attributes.get("numFmtId", "")
        formats[number] = code if formats.get(number, code) == code else _CONTRADICTION
    return Looks(
        _listed(part(root, "fonts")), _listed(part(root, "fills")), formats,
        _listed(part(root, "cellXfs")), theme_colours(office.other(main, "theme")),
        [e for e in _listed(shared) if local(e.name) == "si"],
    )  # fmt: skip


def _listed(element: Element | None) -> list[Element]:
    return list(element.children) if element is not None else []
