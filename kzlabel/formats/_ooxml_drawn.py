"""What can be read in a DrawingML shape: its plate, its words, and how they look.

A shape's own fill is what lies behind its words; without one it is what lies behind the shape. What
a list style, a placeholder or an effect decides is undetermined where it is not looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

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
    themed,
    worst,
)
from kzlabel.formats._ooxml_office import local
from kzlabel.formats._ooxml_plain import is_plain_paragraph, is_plain_run, is_plain_shape
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from kzlabel.formats._xml_splice import Element

_PERCENT = 100_000
_OPAQUE = 0.9
_MOST_INSET = 0.8
"""Of a shape's side; an inset counts as far outwards as inwards."""


@dataclass(frozen=True)
class Scheme:
    """What a shape inherits: theme colours, the colour and size of words that do not say."""

    theme: Mapping[str, Colour] = field(default_factory=dict)
    ink: Colour | None = None
    points: float = 18.0
    names: Mapping[str, str] = field(default_factory=dict)
    """A slide master's map of colour names: `tx1` is `dk1`, or `lt1`."""
    styles: tuple[Element | None, ...] = ()
    """The list styles that its paragraphs take after, the nearest first."""

    def colour(self, holder: Element | None) -> tuple[Colour | None, float]:
        """Return the colour in a `solidFill`, and how opaque (0 to 1) it is."""
        kind = next(holder.children, None) if holder is not None else None
        if kind is None:
            return None, 1.0
        said = kind.attributes
        name = self.names.get(said.get("val", ""), said.get("val", ""))
        match local(kind.name):
            case "srgbClr":
                found = colour_of(said.get("val", ""))
            case "sysClr":
                found = colour_of(said.get("lastClr", ""))
            case "schemeClr":
                found = themed(self.theme, name)
            case _:
                found = {"black": BLACK, "white": WHITE}.get(said.get("val", ""))
        return _changed(found, kind)


def _changed(colour: Colour | None, kind: Element) -> tuple[Colour | None, float]:
    opaque = 1.0
    scaled = 1.0
    raised = 0.0
    for change in kind.children:
        share = share_of(change.attributes.get("val", ""))
        match local(change.name):
            case "alpha":
                opaque = share
            case "lumMod" | "shade":
                scaled *= share
            case "lumOff":
                raised += share
            case "tint":
                raised = 1 - share
            case _:
                return None, opaque
    if colour is None:
        return None, opaque
    return mixed(WHITE, mixed(colour, BLACK, scaled), raised), opaque


def share_of(text: str) -> float:
    """Return a share of one: thousandths of a percent, or `50%`."""
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else int(text) / _PERCENT
    except ValueError:
        return 0.0


def part(element: Element | None, *path: str) -> Element | None:
    """Return the first child of that local name, of whatever namespace, and so on."""
    for name in path:
        if element is None:
            return None
        element = next((e for e in element.children if local(e.name) == name), None)
    return element


def name_of(shape: Element) -> Mapping[str, str]:
    """Return the attributes of a shape's `cNvPr`: id, name, hidden."""
    for inner in shape.children:
        found = part(inner, "cNvPr") if local(inner.name).startswith("nv") else None
        if found is not None:
            return found.attributes
    return {}


def fills(shape: Element, scheme: Scheme) -> bool:
    """Whether what lies behind a shape is hidden by it, or might be."""
    if local(shape.name) != "sp":
        return local(shape.name) != "cxnSp"
    held = part(shape, "spPr")
    if part(held, "noFill") is not None:
        return False
    solid = part(held, "solidFill")
    if solid is not None:
        return scheme.colour(solid)[1] > 1 - _OPAQUE
    inherits = part(shape, "style", "fillRef") is not None
    others = ("gradFill", "blipFill", "pattFill", "grpFill")
    return inherits or any(part(held, name) is not None for name in others)


def ground_of(shape: Element, scheme: Scheme, behind: Colour | None) -> Colour | None:
    """Return the colour behind a shape's words; None where it cannot be told."""
    held = part(shape, "spPr")
    solid = part(held, "solidFill")
    if solid is not None:
        colour, opaque = scheme.colour(solid)
        return colour if opaque >= _OPAQUE else None
    clear = part(held, "noFill") is not None or not fills(shape, scheme)
    return behind if clear else None


def runs_of(shape: Element, scheme: Scheme, behind: Colour | None, code: str) -> Iterator[Run]:
    """Return a shape's words, each with what a notice in it is judged as; `code` at best."""
    body = part(shape, "txBody")
    if body is None:
        return
    code = worst(code, _body(shape, body))
    if name_of(shape).get("hidden", "0") in ("1", "true"):
        code = HIDDEN
    ground = ground_of(shape, scheme, behind)
    styles = (part(body, "lstStyle"), *scheme.styles)
    plain = is_plain_shape(part(shape, "spPr"), part(body, "bodyPr"))
    fitted = part(body, "bodyPr", "normAutofit")
    scale = share_of(fitted.attributes.get("fontScale", "100%")) if fitted is not None else 1.0
    found: list[Run] = []
    for paragraph in body.children:
        if local(paragraph.name) != "p":
            continue
        for item in paragraph.children:
            kind = local(item.name)
            if kind == "br":
                found.append(Run("\n", code))
            elif kind in ("r", "fld"):
                run = _run(item, (body, paragraph), scheme, ground, (code, scale))
                points = run.measures["em_points"] / (scale or 1)
                found.append(run)
                plain &= _is_plain(item, paragraph, styles, points)
            elif kind not in ("pPr", "endParaRPr"):
                plain = False
        found.append(Run("\n", code))
    for run in found:
        yield run if plain else replace(run, code=worst(run.code, UNDETERMINED))


def _is_plain(
    item: Element, paragraph: Element, styles: tuple[Element | None, ...], points: float
) -> bool:
    level = int(part_attribute(paragraph, "pPr", "lvl") or 0) + 1
    layers = [part(paragraph, "pPr"), *(part(style, f"lvl{level}pPr") for style in styles)]
    letters = [part(item, "rPr"), *(part(layer, "defRPr") for layer in layers[1:])]
    return is_plain_paragraph(layers, points) and is_plain_run(letters)


def _run(
    item: Element, within: tuple[Element, Element], scheme: Scheme, ground: Colour | None,
    held: tuple[str, float],
) -> Run:  # fmt: skip
    code, scale = held
    body, paragraph = within
    level = int(part_attribute(paragraph, "pPr", "lvl") or 0) + 1
    layers = [part(item, "rPr"), part(body, "lstStyle", f"lvl{level}pPr", "defRPr")]
    text = part(item, "t")
    size = next(
        (size for layer in layers if layer is not None and (size := layer.attributes.get("sz"))), ""
    )
    points = (int(size) / 100 if size.isascii() and size.isdigit() else scheme.points) * scale
    own = layers[0]
    if own is not None and own.attributes.get("baseline", "0") not in ("0", "0%"):
        points *= 0.6
    inner = worst(code, sized(points), _ink(layers, scheme, ground), _effects(own))
    return Run(text.text if text is not None else "", inner, measures={"em_points": points})


def part_attribute(element: Element, name: str, attribute: str) -> str:
    """Return a digit that an attribute of a child says; "" for anything else."""
    held = part(element, name)
    text = held.attributes.get(attribute, "") if held is not None else ""
    return text if len(text) == 1 and text in "012345678" else ""


def _ink(layers: list[Element | None], scheme: Scheme, ground: Colour | None) -> str:
    for layer in layers:
        if layer is None:
            continue
        if part(layer, "noFill") is not None:
            return HIDDEN
        solid = part(layer, "solidFill")
        if solid is not None:
            colour, opaque = scheme.colour(solid)
            if colour is not None and ground is not None:
                return inked(mixed(colour, ground, opaque), ground)
            return UNDETERMINED
        if any(part(layer, name) is not None for name in ("gradFill", "blipFill", "pattFill")):
            return UNDETERMINED
    return inked(scheme.ink, ground)


def _effects(own: Element | None) -> str:
    """Judge what a run does to its letters: struck through, pushed together."""
    if own is None:
        return PERCEIVABLE
    struck = own.attributes.get("strike", "noStrike") != "noStrike"
    spacing = own.attributes.get("spc", "0")
    narrow = spacing.startswith("-") and len(spacing) > 3  # noqa: PLR2004  by more than a point
    font = part(own, "latin")
    named = font.attributes.get("typeface", "").lower() if font is not None else ""
    odd = named.startswith(("wingdings", "webdings", "symbol", "marlett"))
    return UNDETERMINED if struck or narrow or odd else PERCEIVABLE


def _body(shape: Element, body: Element) -> str:
    """Judge how a shape holds its words: turned, or with no place left for them."""
    held = part(body, "bodyPr")
    said = held.attributes if held is not None else {}
    placed = part(shape, "spPr", "xfrm")
    moved = placed.attributes if placed is not None else {}
    turned = moved.get("rot", "0") != "0" or moved.get("flipV", "0") in ("1", "true")
    return UNDETERMINED if turned or _squeezed(said, part(placed, "ext")) else PERCEIVABLE


def _squeezed(said: Mapping[str, str], extent: Element | None) -> bool:
    """Whether a shape's insets leave its words no place inside it."""
    for sides, length in (("lr", "cx"), ("tb", "cy")):
        inset = sum(_length(said.get(f"{side}Ins", "0")) for side in sides)
        if extent is not None and inset > _MOST_INSET * _length(extent.attributes.get(length, "")):
            return True
    return False


def _length(text: str) -> int:
    digits = text.removeprefix("-")
    return abs(int(text)) if digits.isascii() and digits.isdigit() and len(digits) < 12 else 0  # noqa: PLR2004  EMU
