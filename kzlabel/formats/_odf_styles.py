"""Styles of OpenDocument 1.3, part 3, 16 and 20: what a text looks like after inheritance.

https://docs.oasis-open.org/office/OpenDocument/v1.3/os/part3-schema/. A style is found by family
and name: first among the automatic styles of its own part (content.xml or styles.xml), then among
the common ones of styles.xml; what it leaves out its parents say, and at last the default style of
its family. A level here is the properties of one style; levels stand most specific first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kzlabel.formats._odf_names import attribute, attributes, every, full, short
from kzlabel.formats._odf_names import first as first_in

if TYPE_CHECKING:
    from kzlabel.formats._xml_splice import Element

STANDARD = "Standard"
"""What LibreOffice takes for the parent of a paragraph style that names none."""
MAX_CHAIN = 64
"""Styles a style may inherit from, one through another."""
_LENGTH = re.compile(r"(-?[0-9]{0,9}(?:\.[0-9]{0,9})?)(cm|mm|in|pt|pc|px|inch)")
_POINTS = {"cm": 72 / 2.54, "mm": 72 / 25.4, "in": 72, "inch": 72, "pt": 1, "pc": 12, "px": 0.75}
_PERCENT = re.compile(r"(-?[0-9]{1,9}(?:\.[0-9]{0,9})?)%")
_COLOUR = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
BACKGROUND_IMAGE = "style:background-image"
"""Stands among the properties of what has a picture behind it."""
_SYMBOL_FONTS = ("symbol", "opensymbol", "starsymbol", "wingdings", "webdings", "zapf dingbats")

LAYOUT = "page-layout"
"""Stands for a family, which page layouts have none of."""

Level = Mapping[str, str]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Style:
    """One style, as it stands."""

    name: str = ""
    family: str = ""
    parent: str = ""
    attributes: Level = field(default_factory=dict)
    properties: Mapping[str, Level] = field(default_factory=dict)
    """Kind (`text`, `paragraph`, `graphic`, `table-cell`, …) -> property -> value."""
    conditional: bool = False
    """Another style applies where a condition holds (`style:map`)."""


_Key = tuple[str, str]


@dataclass(frozen=True)
class Styles:
    """What the styles of one part come to."""

    automatic: Mapping[_Key, Style]
    common: Mapping[_Key, Style]
    defaults: Mapping[str, Style]
    symbols: frozenset[str] = frozenset()
    """Fonts whose letters are pictures."""
    lists: Mapping[str, Element] = field(default_factory=dict)
    """Styles of lists by name, as they stand."""
    _chains: dict[_Key, tuple[Style, ...]] = field(default_factory=dict, compare=False)

    def chain(self, family: str, name: str) -> tuple[Style, ...]:
        """Return the style, those it inherits from, and the default of its family."""
        key = (family, name)
        if key not in self._chains:
            self._chains[key] = self._chain(family, name)
        return self._chains[key]

    def _chain(self, family: str, name: str) -> tuple[Style, ...]:
        found: list[Style] = []
        style = self.automatic.get((family, name)) or self.common.get((family, name))
        while style is not None and len(found) < MAX_CHAIN:
            found.append(style)
            style = self.common.get((family, style.parent))
        standard = self.common.get((family, STANDARD))
        if standard is not None and standard not in found and family == "paragraph":
            found.append(standard)
        default = self.defaults.get(family)
        return (*found, default) if default else tuple(found)

    def levels(self, family: str, name: str, kind: str) -> tuple[Level, ...]:
        """Return the properties of one kind along the chain."""
        styles = self.chain(family, name)
        return tuple(style.properties[kind] for style in styles if kind in style.properties)

    def own(self, family: str, name: str, kind: str) -> tuple[Level, ...]:
        """Return the same, but without the default of the family."""
        default = self.defaults.get(family)
        styles = [style for style in self.chain(family, name) if style is not default]
        return tuple(style.properties[kind] for style in styles if kind in style.properties)

    def is_conditional(self, family: str, name: str) -> bool:
        """Whether a condition may put another style in its place."""
        return any(style.conditional for style in self.chain(family, name))

    def attribute(self, family: str, name: str, attribute: str) -> str:
        """Return what the style, or one it inherits from, has for an attribute of its own."""
        return first((style.attributes for style in self.chain(family, name)), attribute)


def styles_of(part: Element, common: Element) -> Styles:
    """Return the styles that hold in `part` (a root), over those of `common` (styles.xml)."""
    own = {(s.family, s.name): s for s in _styles_in(part, "office:automatic-styles")}
    named: dict[_Key, Style] = {}
    defaults: dict[str, Style] = {}
    for style in _styles_in(common, "office:styles"):
        if style.name:
            named.setdefault((style.family, style.name), style)
        else:
            defaults.setdefault(style.family, style)
    lists = _lists(common, "office:styles") | _lists(part, "office:automatic-styles")
    return Styles(own, named, defaults, _symbols(part) | _symbols(common), lists)


def _lists(root: Element, holder: str) -> dict[str, Element]:
    found = (style for group in every(root, holder) for style in every(group, "text:list-style"))
    return {attribute(style, "style:name"): style for style in found}


def _styles_in(root: Element, holder: str) -> Iterator[Style]:
    for group in every(root, holder):
        for element in every(group, "style:style", "style:default-style", "style:page-layout"):
            yield _style(element)


def _style(element: Element) -> Style:
    said = attributes(element)
    properties: dict[str, Level] = {}
    for child in element.children:
        kind, holder = _kind(child)
        if holder is not None:
            properties[kind] = {**properties.get(kind, {}), **_with_children(holder)}
    return Style(
        name=said.get("style:name", ""),
        family=said.get("style:family", LAYOUT),
        parent=said.get("style:parent-style-name", ""),
        attributes=said,
        properties=properties,
        conditional=any(every(element, "style:map")),
    )


def _kind(element: Element) -> tuple[str, Element | None]:
    """Return what the properties are of, and the element that has them."""
    name = short(element.name).partition(":")[2]
    if name in ("header-style", "footer-style"):
        return name.removesuffix("-style"), first_in(element, "style:header-footer-properties")
    return name.removesuffix("-properties"), element if name.endswith("-properties") else None


def _with_children(element: Element) -> Level:
    """Return an element's attributes, those of its columns, and whether it has a picture."""
    said = attributes(element)
    for columns in every(element, "style:columns"):
        said |= attributes(columns)
    for image in every(element, BACKGROUND_IMAGE):
        if image.attributes.get(full("xlink:href")) or any(image.children):
            said[BACKGROUND_IMAGE] = "yes"
    return said


def _symbols(root: Element) -> frozenset[str]:
    faces = [face for group in every(root, "office:font-face-decls") for face in group.children]
    return frozenset(attribute(f, "style:name") for f in faces if is_symbol(attributes(f)))


def is_symbol(face: Level) -> bool:
    """Whether a font's letters are pictures."""
    family = face.get("svg:font-family", face.get("fo:font-family", "")).strip("' ").lower()
    return face.get("style:font-charset") == "x-symbol" or family.startswith(_SYMBOL_FONTS)


# --- Values ---------------------------------------------------------------------------------------


def first(levels: Iterable[Level], name: str) -> str:
    """Return what the most specific level says; empty where none does."""
    return next((level[name] for level in levels if name in level), "")


def points(value: str) -> float | None:
    """Return a length in points (1/72 inch); None where it is none, or relative."""
    match = _LENGTH.fullmatch(value.strip())
    if match is None or match[1] in ("", "-", ".", "-."):
        return None
    return float(match[1]) * _POINTS[match[2]]


def percent(value: str) -> float | None:
    """Return a percentage as a fraction; None where it is none."""
    match = _PERCENT.fullmatch(value.strip())
    return float(match[1]) / 100 if match else None


def colour(value: str) -> Colour | None:
    """Return `#rrggbb` as numbers; None where it is none."""
    match = _COLOUR.fullmatch(value.strip())
    return (int(match[1], 16), int(match[2], 16), int(match[3], 16)) if match else None
