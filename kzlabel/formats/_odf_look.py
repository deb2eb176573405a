"""What a text of OpenDocument looks like: size and ink against what it stands on.

Judged from styles, without a rendering: what only a layout could tell is `undetermined`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kzlabel.formats._odf_styles import (
    BACKGROUND_IMAGE,
    Colour,
    Level,
    colour,
    first,
    is_symbol,
    percent,
    points,
)
from kzlabel.notices.contrast import MIN_CONTRAST, contrast, luminance

PERCEIVABLE, UNDETERMINED = "kz.notice.perceivable", "kz.notice.undetermined"
HIDDEN, COVERED = "kz.notice.hidden", "kz.notice.covered"
FAINT, SMALL, BURIED = "kz.notice.faint", "kz.notice.small", "kz.notice.buried"
_RANKS = {code: at for at, code in enumerate((HIDDEN, COVERED, SMALL, FAINT, BURIED, UNDETERMINED))}

_HUGE, _VAST = 150.0, 1e6
"""Points: letters so large may not fit on a page; no program draws larger ones than the second."""
MIN_POINTS = 8.0
"""Of the em: smaller print is not read in passing."""
DEFAULT_POINTS = 12.0
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
_RAISED = 0.58
"""What LibreOffice makes of raised text that names no size."""
_OPAQUE = 0.9
_NARROW, _TIGHT = 0.6, -0.25
"""Scale of a letter's width; space taken from between letters, by the em."""
_CLIPPED, _CROWDED = 0.5, 0.85
"""A line's height by the em, below which letters are cut off, or may be."""
_FAR_POINTS, _OUT_POINTS = 280.0, -40.0
"""Indents (10 cm, and 1.4 cm outwards) beyond which text may leave the page."""
_INDENTS = ("fo:margin-left", "fo:margin-right", "fo:text-indent")


@dataclass(frozen=True)
class Ground:
    """What a text stands on, and what is true of all that stands there."""

    colour: Colour | None = WHITE
    """None: a picture, a gradient, or what cannot be told."""
    code: str = PERCEIVABLE
    least: float = MIN_POINTS

    def but(self, code: str) -> Ground:
        """Return the ground with `code` where that is worse."""
        return replace(self, code=worst(self.code, code))

    def under(self, levels: Sequence[Level]) -> Ground:
        """Return the ground inside what these levels paint, if they paint."""
        fill = first(levels, "draw:fill")
        if fill in ("gradient", "bitmap", "hatch") or first(levels, BACKGROUND_IMAGE):
            return replace(self, colour=None)
        painted = first(levels, "fo:background-color")
        if fill == "solid":
            painted = first(levels, "draw:fill-color") or painted
        if painted in ("", "transparent") or fill == "none":
            return self
        opacity = percent(first(levels, "draw:opacity") or "100%")
        plain = opacity is not None and opacity >= _OPAQUE
        return replace(self, colour=colour(painted) if plain else None)


def worst(*codes: str) -> str:
    """Return the code that weighs most: what is surely hidden before what is in doubt."""
    return min(codes, key=lambda code: _RANKS.get(code, len(_RANKS)))


def look(
    text: Sequence[Level], paragraph: Sequence[Level], ground: Ground, symbols: frozenset[str]
) -> tuple[str, Mapping[str, float]]:
    """Return as what a notice in such a text would be judged, and `em_points`, `contrast`."""
    size = size_of(text)
    measures = {"em_points": round(size, 2)}
    ratio = _contrast(text, ground.under(text).colour)
    if ratio is not None:
        measures["contrast"] = round(ratio, 2)
    codes = [ground.code, _shown(text), _sized(size, text, ground.least), _lined(paragraph, size)]
    codes.append(_inked(ratio))
    if _is_pictures(text, symbols):
        codes.append(UNDETERMINED)
    if first(text, "style:text-line-through-style") not in ("", "none"):
        codes.append(UNDETERMINED)  # words that were struck out say the opposite
    return worst(*codes), measures


def _is_pictures(text: Sequence[Level], symbols: frozenset[str]) -> bool:
    for level in text:
        family, named = level.get("fo:font-family"), level.get("style:font-name")
        if family or named:
            return named in symbols or is_symbol({"fo:font-family": family or named or ""})
    return False


def size_of(levels: Sequence[Level]) -> float:
    """Return the em in points, raised and lowered text as small as it is drawn."""
    factor, size = 1.0, DEFAULT_POINTS
    for level in levels:
        said = level.get("fo:font-size", "")
        part = percent(said)
        if part is not None:
            factor = min(factor * part, _VAST)
        elif points(said) is not None:
            size = points(said) or 0.0
            break
    return min(size * factor * _raised(first(levels, "style:text-position")), _VAST)


def _raised(position: str) -> float:
    where, _, scale = position.partition(" ")
    if where in ("", "0%") and not scale:
        return 1.0
    part = percent(scale)
    return _RAISED if part is None else part


def _shown(text: Sequence[Level]) -> str:
    display = first(text, "text:display")
    if display in ("", "true"):
        return PERCEIVABLE
    return HIDDEN if display == "none" else UNDETERMINED


def _sized(size: float, text: Sequence[Level], least: float) -> str:
    if size < least:
        return SMALL
    scale = percent(first(text, "style:text-scale") or "100%")
    spacing = points(first(text, "fo:letter-spacing")) or 0.0
    doubt = scale is None or scale < _NARROW or spacing < _TIGHT * size or size > _HUGE
    return UNDETERMINED if doubt else PERCEIVABLE


def _lined(paragraph: Sequence[Level], size: float) -> str:
    """Say whether a fixed height of line cuts letters off, or indents take them off the page."""
    height = first(paragraph, "fo:line-height")
    part, fixed = percent(height), points(height)
    em = part if part is not None else (fixed / size if fixed is not None and size > 0 else 1.0)
    if em < _CLIPPED:
        return HIDDEN
    indents = [points(first(paragraph, name)) or 0.0 for name in _INDENTS]
    away = max(indents) > _FAR_POINTS or min(indents) < _OUT_POINTS
    relative = any((percent(first(paragraph, name)) or 0.0) > 1.0 for name in _INDENTS)
    return UNDETERMINED if em < _CROWDED or away or relative else PERCEIVABLE


def _inked(ratio: float | None) -> str:
    if ratio is None:
        return UNDETERMINED
    return PERCEIVABLE if ratio >= MIN_CONTRAST else FAINT


def _contrast(text: Sequence[Level], ground: Colour | None) -> float | None:
    """Return the WCAG contrast of ink and ground; None where either cannot be told."""
    if ground is None:
        return None
    ink = _ink(text, ground)
    return contrast(luminance(ink), luminance(ground)) if ink is not None else None


def _ink(text: Sequence[Level], ground: Colour) -> Colour | None:
    """Return the ink of the most specific level that names one.

    Automatic ink is dark on a light ground; on a dark one programs differ. The opacity of a level
    below it is that of automatic ink in LibreOffice's files (`loext:opacity="0%"`), not of this.
    """
    opacity = ""
    for level in text:
        opacity = opacity or level.get("loext:opacity", "")
        automatic = level.get("style:use-window-font-color") == "true"
        named = level.get("fo:color", "")
        if not automatic and not named:
            continue
        if automatic:
            return _automatic(ground) if colour(named) in (None, BLACK) else None
        part = percent(opacity or "100%")
        if part is None:
            return None
        return colour(named) if part >= _OPAQUE else _blended(colour(named), ground, part)
    return _automatic(ground)


def _automatic(ground: Colour) -> Colour | None:
    dark = contrast(luminance(BLACK), luminance(ground))
    return BLACK if dark >= MIN_CONTRAST else None


def _blended(ink: Colour | None, ground: Colour, part: float) -> Colour | None:
    if ink is None:
        return None
    red, green, blue = (
        round(g + (i - g) * max(0.0, part)) for i, g in zip(ink, ground, strict=True)
    )
    return red, green, blue
