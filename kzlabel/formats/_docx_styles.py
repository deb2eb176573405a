"""How a run of a Word document looks: direct properties over styles over defaults (17.7.2).

A property is taken from the run, its character style, its paragraph's style, the table's style and
the document's defaults, in that order; styles from those they are based on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kzlabel.formats._docx_sections import W_STRICT, W, child, is_on, value
from kzlabel.formats._ooxml_ink import (
    BLACK,
    FAINT,
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
    themed,
    worst,
)
from kzlabel.formats._ooxml_office import local

if TYPE_CHECKING:
    from kzlabel.formats._ooxml_office import Office
    from kzlabel.formats._xml_splice import Element

MAX_CHAIN = 20
"""Styles based on one another; Word itself allows 10 or so."""
DEFAULT_POINTS = 10.0
_MIN_SCALE, _SCRIPT = 60, 0.6
"""Percent of the width; what is left of the size in super- and subscript."""
_PICTURES = ("wingdings", "webdings", "symbol", "marlett")
_DOUBTFUL = ("textFill", "textOutline", "emboss", "imprint", "outline", "fitText", "webHidden",
             "strike", "dstrike", "eastAsianLayout", "cs", "rtl")  # fmt: skip
_SHALLOW = {
    namespace + name for namespace in (W, W_STRICT) for name in ("latentStyles", "tblStylePr")
}
"""Most of what styles hold: nothing of it is looked up."""
_HIGHLIGHTS = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "darkBlue": "000080",
    "darkCyan": "008080", "darkGray": "808080", "darkGreen": "008000", "darkMagenta": "800080",
    "darkRed": "800000", "darkYellow": "808000", "green": "00FF00", "lightGray": "C0C0C0",
    "magenta": "FF00FF", "red": "FF0000", "white": "FFFFFF", "yellow": "FFFF00",
}  # fmt: skip


@dataclass
class Styles:
    """The document's styles, theme and fonts, as far as they decide what is seen."""

    styles: Mapping[str, Element] = field(default_factory=dict)
    defaults: tuple[Element, ...] = ()
    """The run's default properties, and those of the default styles, the nearest first."""
    paragraphs: tuple[Element, ...] = ()
    """The paragraph's, likewise."""
    unsure: frozenset[str] = frozenset()
    """Styles that are there twice, by identity or name: programs differ in which one they take.
    With "" among them, a default style is."""
    theme: Mapping[str, Colour] = field(default_factory=dict)
    embedded: frozenset[str] = frozenset()
    """Fonts that the document brings along: their letters may look like anything."""
    ground: Colour | None = WHITE
    """Of the page."""

    def chain(self, identity: str) -> Iterator[Element]:
        """Return a style, and those it is based on."""
        for _ in range(MAX_CHAIN):
            style = self.styles.get(identity)
            if style is None:
                return
            yield style
            identity = value(child(style, "basedOn"))

    def layers(
        self, run: Element | None, paragraph: Element | None, tables: tuple[Element, ...]
    ) -> list[Element]:
        """Return the run properties that hold, the nearest first; `tables` have styles too."""
        found = [run] if run is not None else []
        styles = [*self.chain(value(child(run, "rStyle"))), *self._styles(paragraph, tables)]
        found += [props for style in styles if (props := child(style, "rPr")) is not None]
        return [*found, *self.defaults]

    def paragraph_layers(
        self, paragraph: Element | None, tables: tuple[Element, ...]
    ) -> list[Element]:
        """Return the paragraph properties that hold, the nearest first."""
        found = [paragraph] if paragraph is not None else []
        styles = self._styles(paragraph, tables)
        found += [props for style in styles if (props := child(style, "pPr")) is not None]
        return [*found, *self.paragraphs]

    def _styles(self, paragraph: Element | None, tables: tuple[Element, ...]) -> Iterator[Element]:
        yield from self.chain(value(child(paragraph, "pStyle")))
        for table in tables:
            yield from self.table(table)

    def table(self, table: Element) -> Iterator[Element]:
        """Return a table's style, and those it is based on."""
        return self.chain(value(child(table, "tblPr", "tblStyle")))

    def are_sure(self, *holders: Element | None) -> bool:
        """Whether the styles that these properties name are there once."""
        named = (
            value(child(h, name)) for h in holders for name in ("rStyle", "pStyle", "tblStyle")
        )
        chained = (value(s, name="styleId") for identity in named for s in self.chain(identity))
        return self.unsure.isdisjoint(("", *chained))


def nearest(layers: list[Element], name: str) -> Element | None:
    """Return the property from the first layer that has it."""
    return next((found for layer in layers if (found := child(layer, name)) is not None), None)


def styles_of(office: Office) -> Styles:
    """Read styles, theme and fonts of a document."""
    main = office.main
    styles, theme = office.other(main, "styles", shallow=_SHALLOW), office.other(main, "theme")
    fonts = office.other(main, "fontTable")
    listed = list(styles.root.children) if styles else []
    found: dict[str, Element] = {}
    for style in listed:
        if local(style.name) == "style":
            found.setdefault(value(style, name="styleId"), style)
    embedded = frozenset(
        value(font, name="name").casefold()
        for font in (fonts.root.children if fonts else ())
        if any(local(part.name).startswith("embed") for part in font.children)
    )
    return Styles(
        found, _defaults(listed, "rPr"), _defaults(listed, "pPr"), _twice(listed),
        theme_colours(theme), embedded,
    )  # fmt: skip


def _defaults(listed: list[Element], kind: str) -> tuple[Element, ...]:
    """Return the properties of the default styles, and the document's own, the nearest first."""
    styles = [
        s for s in listed if local(s.name) == "style" and value(s, name="default") in ("1", "true")
    ]
    whole = [s for s in listed if local(s.name) == "docDefaults"]
    holders = [*reversed(styles), *(child(s, f"{kind}Default") for s in reversed(whole))]
    return tuple(props for s in holders if (props := child(s, kind)) is not None)


def _twice(listed: list[Element]) -> frozenset[str]:
    styles = [s for s in listed if local(s.name) == "style"]
    identities = [value(s, name="styleId") for s in styles]
    names = [value(child(s, "name"), f"#{at}").casefold() for at, s in enumerate(styles)]
    often = (Counter(identities), Counter(names))
    unsure = {
        identity for identity, name in zip(identities, names, strict=True)
        if often[0][identity] > 1 or often[1][name] > 1
    }  # fmt: skip
    kinds = [value(s, name="type") for s in styles if value(s, name="default") in ("1", "true")]
    return frozenset(unsure | ({""} if len(kinds) > len(set(kinds)) else set()))


# --- What a run looks like ------------------------------------------------------------------------


def points_of(layers: list[Element]) -> float:
    """Return the size of the type, in points, as it is seen."""
    said = value(nearest(layers, "sz"))
    points = int(said) / 2 if said.isascii() and said.isdigit() else DEFAULT_POINTS
    raised = value(nearest(layers, "vertAlign"), "baseline") != "baseline"
    return points * _SCRIPT if raised else points


def look(styles: Styles, layers: list[Element], ground: Colour | None) -> str:
    """Judge a run by its properties, on the ground that its paragraph gives it."""
    if any(is_on(nearest(layers, name)) for name in ("vanish", "specVanish")):
        return HIDDEN
    codes = [sized(points_of(layers)), _ink(styles, layers, ground)]
    scale = value(nearest(layers, "w"), "100").removesuffix("%")
    narrow = not scale.isdigit() or int(scale) < _MIN_SCALE
    if _is_doubtful(layers) or narrow or _is_moved(layers) or _has_odd_font(styles, layers):
        codes.append(UNDETERMINED)
    return worst(*codes)


def _is_doubtful(layers: list[Element]) -> bool:
    """Whether an effect is on of which nobody can say what it leaves to be read."""
    held: dict[str, Element] = {}
    for layer in layers:
        for found in layer.children:
            held.setdefault(local(found.name), found)  # effects of Word 2010 have another namespace
    return any(is_on(held[name]) for name in _DOUBTFUL if name in held)


def _is_moved(layers: list[Element]) -> bool:
    """Whether letters are pushed together, or up and down, by more than a third of their size."""
    most = points_of(layers) / 3
    spacing, raised = (value(nearest(layers, name), "0") for name in ("spacing", "position"))
    return not (_number(spacing) / 20 > -most and abs(_number(raised) / 2) < most)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _has_odd_font(styles: Styles, layers: list[Element]) -> bool:
    fonts = nearest(layers, "rFonts")
    named = [name.casefold() for name in fonts.attributes.values()] if fonts is not None else []
    return any(name.startswith(_PICTURES) or name in styles.embedded for name in named)


def _ink(styles: Styles, layers: list[Element], ground: Colour | None) -> str:
    shade = nearest(layers, "shd")
    if shade is not None:
        ground = shaded(styles, shade, ground)
    mark = value(nearest(layers, "highlight"), "none")
    if mark != "none":
        ground = colour_of(_HIGHLIGHTS.get(mark, ""))
    colour = nearest(layers, "color")
    inks = list(_colours(styles, colour)) if colour is not None else ["auto"]
    judged = [_auto(ground) if ink == "auto" else inked(_rgb(ink), ground) for ink in inks]
    # Programs differ in which of the two they show: the colour, or the theme's.
    return judged[0] if len(set(judged)) == 1 else worst(UNDETERMINED, *set(judged) - {FAINT})


def _rgb(ink: Colour | str | None) -> Colour | None:
    return ink if isinstance(ink, tuple) else None


def _auto(ground: Colour | None) -> str:
    return PERCEIVABLE if ground is not None else UNDETERMINED  # black or white, as fits


def _colours(styles: Styles, element: Element) -> Iterator[Colour | str | None]:
    said = value(element)
    if said:
        yield "auto" if said == "auto" else colour_of(said)
    named = value(element, name="themeColor")
    if named and named != "none":
        yield _theme_colour(styles, element, named, "theme")
    elif not said:
        yield None


def _theme_colour(styles: Styles, element: Element, named: str, prefix: str) -> Colour | None:
    colour = themed(styles.theme, named)
    for name, other in ((f"{prefix}Tint", WHITE), (f"{prefix}Shade", BLACK)):
        share = value(element, name=name)
        if share and colour:
            colour = mixed(colour, other, _hex(share) / 255)
    return colour


def _hex(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return 255


def shaded(styles: Styles, shade: Element, ground: Colour | None) -> Colour | None:
    """Return the ground that a shading makes of the one behind it; None for a pattern."""
    if value(shade, "clear") not in ("clear", "nil"):
        return None
    named = value(shade, name="themeFill")
    if named and named != "none":
        return _theme_colour(styles, shade, named, "themeFill")
    fill = value(shade, "auto", "fill")
    return ground if fill == "auto" else colour_of(fill)
