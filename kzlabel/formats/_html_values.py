"""CSS values: lengths, colours, parts of shorthands; None for what is not known for certain."""

from __future__ import annotations

import re
from typing import NamedTuple

UNKNOWN = "?"
"""Stands for a value that only a browser can tell."""
MEDIUM = 16.0
"""Of `font-size: medium` in every browser, unless its user has chosen otherwise."""
NARROW, LOW = 320.0, 480.0
"""The least screen that is thought of, in CSS pixels: an old phone's."""

_PIXELS = {"px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4,
           "q": 96 / 101.6}  # fmt: skip
_SCREEN = {"vw": NARROW, "svw": NARROW, "lvw": NARROW, "dvw": NARROW, "vi": NARROW, "vh": LOW,
           "svh": LOW, "lvh": LOW, "dvh": LOW, "vb": LOW, "vmin": NARROW, "vmax": LOW}  # fmt: skip
_LENGTH = re.compile(r"([+-]?(?:\d{1,12}(?:\.\d{1,12})?|\.\d{1,12})(?:e[+-]?\d{1,2})?)([a-z]+|%)?")
_KEYWORDS = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0,
    "x-large": 24.0, "xx-large": 32.0, "xxx-large": 48.0,
}  # fmt: skip
_CLAMP = re.compile(r"clamp\(([^,()]+),([^,()]+),([^,()]+)\)")


class Colour(NamedTuple):
    """sRGB, each part from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, ground: Colour) -> Colour:
        """Return what is seen of this colour on an opaque ground."""
        mixed = (
            self.alpha * one + (1 - self.alpha) * other
            for one, other in zip(self[:3], ground[:3], strict=True)
        )
        return Colour(*mixed)

    def fainter(self, opacity: float) -> Colour:
        """Return the colour with less alpha."""
        return self._replace(alpha=self.alpha * opacity)

    @property
    def levels(self) -> tuple[int, int, int]:
        """The colour as three levels of 0 to 255."""
        red, green, blue = (round(255 * min(1.0, max(0.0, part))) for part in self[:3])
        return red, green, blue


BLACK, WHITE, CLEAR = Colour(0, 0, 0), Colour(1, 1, 1), Colour(0, 0, 0, 0)
LINK, YELLOW = Colour(0, 0, 238 / 255), Colour(1, 1, 0)


def colour_of(text: str) -> Colour | None:
    """Return a colour; None for what is none, or depends (`currentcolor`, `color-mix()`)."""
    import tinycss2.color3

    try:
        found = tinycss2.color3.parse_color(text)
    except (ValueError, RecursionError):
        return None
    if found is None or isinstance(found, str):
        return None
    return Colour(*(float(part) for part in found))


def pixels(text: str, *, em: float | None = MEDIUM, root: float | None = MEDIUM) -> float | None:
    """Return a length in CSS pixels; None for a percentage, a keyword, or a sum."""
    found = _LENGTH.fullmatch(text)
    if not found:
        return None
    number, unit = float(found[1]), found[2] or ""
    if unit in _PIXELS:
        return number * _PIXELS[unit]
    if unit in _SCREEN:
        return number * _SCREEN[unit] / 100
    if unit in ("em", "ex", "ch"):
        return None if em is None else number * em * (1.0 if unit == "em" else 0.5)
    if unit == "rem":
        return None if root is None else number * root
    return 0.0 if not unit and number == 0 else None


def percent(text: str) -> float | None:
    """Return a percentage, 100 for the whole."""
    found = _LENGTH.fullmatch(text)
    return float(found[1]) if found and found[2] == "%" else None


def legacy_colour(text: str) -> Colour | None:
    """Return the colour of a presentational attribute (HTML 2.4.6), where it is written plainly."""
    text = text.strip().lower()
    return colour_of(text) if re.fullmatch(r"#[0-9a-f]{3}|#[0-9a-f]{6}|[a-z]+", text) else None


def number(text: str) -> float | None:
    """Return a plain number."""
    found = _LENGTH.fullmatch(text)
    return float(found[1]) if found and not found[2] else None


def font_size(text: str, parent: float | None, root: float | None) -> float | None:
    """Return a font size in pixels, the least where it depends on the screen."""
    if text in _KEYWORDS:
        return _KEYWORDS[text]
    if found := _CLAMP.fullmatch(text):
        sizes = [font_size(part.strip(), parent, root) for part in found.groups()]
        return None if None in sizes else sizes[0]
    if text in ("smaller", "larger"):
        return None if parent is None else parent * (1.2 if text == "larger" else 1 / 1.2)
    share = percent(text)
    if share is not None:
        return None if parent is None else parent * share / 100
    size = pixels(text, em=parent, root=root)
    return size if size is not None and size >= 0 else None


# --- Shorthands -----------------------------------------------------------------------------------

_FACE = r"(?:\"[^\"]*\"|'[^']*'|[a-z_-][\w-]*(?: [a-z_-][\w-]*)*)"
_FONT = re.compile(
    r"(?:(?:italic|oblique|normal)\s+)?(?:(?:bold|bolder|lighter|normal|[1-9]00)\s+)?"
    r"([\w.%+-]+|clamp\([^;]*?\))(?:\s*/\s*([\w.%+-]+))?\s+"
    rf"((?!initial|inherit|unset|revert|default){_FACE}(?:\s*,\s*{_FACE})*)"
)
"""The plain form; a browser drops what is none, and takes some that this does not."""
_SPLIT = re.compile(r"\s+(?![^(]*\))")
_IMAGE = re.compile(r"url\(|gradient\(|image\(|image-set\(|element\(|paint\(|cross-fade\(")


def part_of(name: str, value: str, via: str) -> str:
    """Return what a shorthand says of one of its properties, in lower case."""
    value = value.strip().lower()
    if via == name or value in ("initial", "inherit", "unset", "revert", "revert-layer"):
        return value
    base = via.removeprefix("-webkit-")
    if base in ("rotate", "scale", "translate"):
        return "none" if value == "none" else f"{base}({value})"
    if base == "background":
        return _of_background(name, value)
    if base == "font":
        found = _FONT.fullmatch(value)
        parts = (
            dict(zip(("font-size", "line-height", "font-family"), found.groups(), strict=True))
            if found
            else {}
        )
        return (parts.get(name) or "normal") if found else UNKNOWN
    return _of_sides(name, value, base)


def _of_background(name: str, value: str) -> str:
    if name == "background-image":
        return "image" if _IMAGE.search(value) else "none"
    if name == "background-clip":
        return "text" if re.search(r"\btext\b", value) else "border-box"
    words = _SPLIT.split(value)
    colours = [word for word in words if word == "currentcolor" or colour_of(word)]
    rest = " ".join(word for word in words if word not in colours)
    if len(colours) > 1 or not _GROUND.fullmatch(rest):
        return UNKNOWN
    return colours[0] if colours else "transparent"


_GROUND = re.compile(
    r"(?:none)? ?(?:repeat|no-repeat|repeat-x|repeat-y)? ?(?:scroll|fixed|local)? ?"
    r"(?:(?:0|0%|left|center|right) (?:0|0%|top|center|bottom))?"
)
"""What else `background` says of no picture, in its plain order."""


def _of_sides(name: str, value: str, base: str) -> str:  # noqa: PLR0911  one for each kind
    """Return one of the sides of `margin`, `inset`, `overflow` and the like."""
    words = _SPLIT.split(value)
    if base in ("margin", "padding", "inset") and any(
        word != "auto" and pixels(word) is None and percent(word) is None for word in words
    ):
        return UNKNOWN if len(words) > 1 else value
    if base in ("margin", "padding", "inset"):
        order = ("top", "right", "bottom", "left")
        side = order.index(name.rpartition("-")[2])
        if not 1 <= len(words) <= len(order):
            return UNKNOWN
        return (words * 4)[side] if len(words) != 3 else (*words, words[1])[side]  # noqa: PLR2004
    if base in ("overflow", "margin-inline", "margin-block", "inset-inline", "inset-block",
                "padding-inline", "padding-block", "place-content"):  # fmt: skip
        if len(words) > 2:  # noqa: PLR2004  its two sides
            return UNKNOWN
        second = name in ("overflow-y", "justify-content") or name.endswith(("right", "bottom"))
        return words[-1] if second else words[0]
    if base == "place-items":
        return words[0]
    return value
