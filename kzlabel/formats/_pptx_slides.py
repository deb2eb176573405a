"""A presentation's slides, and where their shapes lie (ECMA-376 part 1, 19.3).

A slide takes what it does not say from its layout, and that from its master: the background, the
colours behind their names, and for a placeholder its place and the looks of its words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._ooxml_drawn import Scheme, fills, part
from kzlabel.formats._ooxml_ink import Colour, theme_colours, themed
from kzlabel.formats._ooxml_office import local, related_id

if TYPE_CHECKING:
    from kzlabel.formats._free_place import Place
    from kzlabel.formats._ooxml_office import Office
    from kzlabel.formats._xml_splice import Element, Xml

MAX_SLIDES = 2_000
ENOUGH = 60_000
"""Elements of a slide that are read."""
MAX_SHAPES = 400
"""Of a slide, weighed against one another; a slide of more is not judged."""
SHAPES = ("sp", "pic", "graphicFrame", "grpSp", "cxnSp", "AlternateContent", "contentPart")
_TITLES = ("title", "ctrTitle")
_LINE, _LETTER = 1.3, 0.55
"""Height of a line and width of a letter by the type's size."""
_EMU_OF_POINT = 12_700


@dataclass(frozen=True)
class Deck:
    """The slides that are shown, in order, and their size in EMU."""

    slides: tuple[str, ...]
    width: int
    height: int


@dataclass(frozen=True)
class Slide:
    """One slide with what it inherits."""

    xml: Xml
    layers: tuple[Xml, ...]
    """Its layout and master, as far as they are there."""
    scheme: Scheme
    ground: Colour | None
    """Of its background; None where that is a picture, or cannot be told."""

    @property
    def shapes(self) -> list[Element]:
        """Return its own shapes, the undermost first."""
        return shapes_of(self.xml)

    def place(self, shape: Element) -> Place | None:
        """Return where a shape lies; None where nothing says so."""
        for one in (shape, *self.inherited(shape)):
            frame = part(one, "xfrm") or part(one, "spPr", "xfrm") or part(one, "grpSpPr", "xfrm")
            at, size = part(frame, "off"), part(frame, "ext")
            if at is not None and size is not None:
                said = [(at, "x"), (at, "y"), (size, "cx"), (size, "cy")]
                x, y, wide, high = (_emu(e.attributes.get(name, "")) for e, name in said)
                return x, y, wide, high
        return None

    def inherited(self, shape: Element) -> Iterator[Element]:
        """Return the placeholders of layout and master that a placeholder takes after."""
        mine = _placeholder(shape)
        if mine is None:
            return
        kind, index = mine.get("type", "obj"), mine.get("idx", "0")
        for layer in self.layers:
            listed = [(s, held) for s in shapes_of(layer) if (held := _placeholder(s)) is not None]
            same = [s for s, held in listed if held.get("idx", "0") == index and "idx" in mine]
            alike = [s for s, held in listed if _family(held.get("type", "obj")) == _family(kind)]
            yield from (same or alike)[:1]

    def scheme_of(self, shape: Element) -> Scheme:
        """Return what a shape's words look like where they do not say."""
        styles = [part(one, "txBody", "lstStyle") for one in self.inherited(shape)]
        held = _placeholder(shape)
        if held is not None and len(self.layers) > 1:
            family = _family(held.get("type", "obj"))
            name = {"title": "titleStyle", "obj": "bodyStyle"}.get(family, "otherStyle")
            styles.append(part(self.layers[1].root, "txStyles", name))
        ink, points = self.scheme.ink, self.scheme.points
        for style in reversed(styles):
            said = part(style, "lvl1pPr", "defRPr")
            solid = part(said, "solidFill")
            ink = self.scheme.colour(solid)[0] if solid is not None else ink
            size = said.attributes.get("sz", "") if said is not None else ""
            points = int(size) / 100 if size.isascii() and size.isdigit() else points
        return replace(self.scheme, ink=ink, points=points, styles=(*styles, *self.scheme.styles))


def shapes_of(xml: Xml) -> list[Element]:
    """Return the shapes of a slide, layout or master, the undermost first."""
    tree = part(xml.root, "cSld", "spTree")
    found = [e for e in tree.children if local(e.name) in SHAPES] if tree is not None else []
    return found[: MAX_SHAPES + 1]


def seen_place(slide: Slide, shape: Element) -> Place | None:
    """Return where a shape's words lie, about; of pictures, tables and groups all of it.

    Words that are too many for it run over its edge. None where there are none: a placeholder that
    is empty is not shown.
    """
    place = slide.place(shape)
    if place is None or local(shape.name) != "sp":
        return place
    body = part(shape, "txBody")
    rows = (
        [e.text.strip() for e in body.children if local(e.name) == "p"] if body is not None else []
    )
    if not any(rows):
        return None
    sizes = [int(e.attributes["sz"]) / 100 for e in shape.walk()
             if local(e.name) == "rPr" and e.attributes.get("sz", "").isdecimal()]  # fmt: skip
    points = min(max(sizes, default=slide.scheme_of(shape).points), 400) * _EMU_OF_POINT
    across = max(place[2] / (points * _LETTER), 1.0)
    high = sum(1 + len(row) // across for row in rows) * points * _LINE
    said = [part(one, "txBody", "bodyPr") for one in (shape, *slide.inherited(shape))]
    anchors = [e.attributes["anchor"] for e in said if e is not None and "anchor" in e.attributes]
    free = place[3] - high
    down = {"ctr": free / 2, "b": free}.get(anchors[0] if anchors else "t", 0.0)
    return place[0], place[1] + down, place[2], high


def _placeholder(shape: Element) -> Mapping[str, str] | None:
    for inner in shape.children:
        if local(inner.name).startswith("nv"):
            found = part(inner, "nvPr", "ph")
            return found.attributes if found is not None else None
    return None


def _family(kind: str) -> str:
    if kind in _TITLES:
        return "title"
    return "obj" if kind in ("obj", "body", "subTitle") else kind


def _emu(text: str) -> float:
    digits = text.removeprefix("-")
    return float(text) if digits.isascii() and digits.isdigit() and len(digits) < 12 else 0.0  # noqa: PLR2004  a slide has 51,206,400 at most


def deck_of(office: Office) -> Deck:
    """Read which slides are shown; raises `UnreadableAssetError` without a size."""
    main = office.main
    root = office.xml(main).root
    targets = {relation.id: relation.target for relation in office.related(main, "slide")}
    size, listed = part(root, "sldSz"), part(root, "sldIdLst")
    width, height = (
        int(_emu(size.attributes.get(name, ""))) if size is not None else 0 for name in ("cx", "cy")
    )
    if width <= 0 or height <= 0:
        raise UnreadableAssetError("kz.error.package-damaged", path=office.path, detail="sldSz")
    parts = [
        targets.get(related_id(e), "") for e in (listed.children if listed is not None else ())
    ]
    shown = tuple(name for name in parts[:MAX_SLIDES] if name and _is_shown(office, name))
    return Deck(shown, width, height)


def _is_shown(office: Office, name: str) -> bool:
    root = office.xml(name, enough=1).root
    return root.attributes.get("show", "1") not in ("0", "false")


def slide_of(office: Office, name: str) -> Slide:
    """Read a slide, its layout and its master."""
    xml = office.xml(name, enough=ENOUGH)
    layout = office.related(name, "slideLayout")
    master = office.related(layout[0].target, "slideMaster") if layout else []
    theme = office.related(master[0].target, "theme") if master else []
    layers = tuple(office.shared(found[0].target, ENOUGH) for found in (layout, master) if found)
    colours = theme_colours(office.shared(theme[0].target, ENOUGH)) if theme else {}
    names = _names(xml, layers)
    ink = themed(colours, names.get("tx1", "tx1"))
    default = part(office.shared(office.main, ENOUGH).root, "defaultTextStyle")
    scheme = Scheme(colours, ink, 18.0, names, (default,))
    return Slide(xml, layers, scheme, _ground((xml, *layers), scheme))


def _names(slide: Xml, layers: tuple[Xml, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    for layer in reversed((slide, *layers)):
        own = part(layer.root, "clrMapOvr", "overrideClrMapping")
        held = own if own is not None else part(layer.root, "clrMap")
        names |= held.attributes if held is not None else {}
    return names


def _ground(layers: tuple[Xml, ...], scheme: Scheme) -> Colour | None:
    """Return the colour behind the slide's shapes; shapes of layout and master are behind too."""
    painted = (
        fills(shape, scheme)
        for layer in layers[1:]
        for shape in shapes_of(layer)
        if _placeholder(shape) is None
    )
    if any(painted):
        return None
    for layer in layers:
        background = part(layer.root, "cSld", "bg")
        if background is not None:
            own, listed = part(background, "bgPr", "solidFill"), part(background, "bgRef")
            plain = listed is not None and listed.attributes.get("idx") == "1001"
            return scheme.colour(own if own is not None else listed if plain else None)[0]
    return None
